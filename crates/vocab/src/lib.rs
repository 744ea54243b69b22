//! The words that every crate shares: ids, roles, time and redaction. There is no logic here.

mod id;
mod moment;
mod redacted;
mod role;
mod time;

pub use id::{
    ApiKeyId, CallId, ClinicId, ConsultationId, InstanceId, InvitationId, LegId, Loggable,
    ParticipantId, PatientId, PractitionerId, ServiceId, SessionId, VisitId,
};
pub use moment::Moment;
pub use redacted::Redacted;
pub use role::{Role, Source};
pub use time::{Millis, Timestamp};
