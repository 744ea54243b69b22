//! What can happen to a clinic.

use vestibule_vocab::{ConsultationId, PatientId, PractitionerId, Redacted, VisitId};

use crate::DeclineReason;

/// One thing that happened, or that somebody asked for. Who may ask for what by their role is
/// settled before: a request's `patient` or `practitioner` is the session's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A patient has a socket open again. Means nothing before they arrive.
    PatientConnected {
        /// Who.
        patient: PatientId,
    },
    /// A patient has no socket open any more.
    PatientDisconnected {
        /// Who.
        patient: PatientId,
    },
    /// A practitioner has a socket open.
    PractitionerConnected {
        /// Who.
        practitioner: PractitionerId,
    },
    /// A practitioner has no socket open any more.
    PractitionerDisconnected {
        /// Who.
        practitioner: PractitionerId,
    },
    /// A patient enters the waiting room, and is connected. Repeating it while waiting changes
    /// nothing.
    Arrive {
        /// Who: the subject of the join token.
        patient: PatientId,
        /// The one visit that the join token stands for.
        visit: VisitId,
        /// Trimmed here; see [`limits`](crate::limits).
        name: Redacted<String>,
        /// Trimmed here; may be empty.
        reason: Redacted<String>,
    },
    /// A patient gives up the place, or leaves the consultation and so ends it.
    Leave {
        /// Who.
        patient: PatientId,
        /// Their visit.
        visit: VisitId,
    },
    /// A practitioner begins a consultation with a waiting patient.
    Admit {
        /// Who asks.
        practitioner: PractitionerId,
        /// Whom.
        visit: VisitId,
        /// The new consultation's id, random and never used before.
        consultation: ConsultationId,
    },
    /// A practitioner turns a waiting patient away.
    Decline {
        /// Who asks.
        practitioner: PractitionerId,
        /// Whom.
        visit: VisitId,
        /// Why.
        reason: DeclineReason,
        /// The practitioner's own words; trimmed here, may be empty.
        message: Redacted<String>,
    },
    /// A practitioner ends their consultation.
    End {
        /// Who asks.
        practitioner: PractitionerId,
        /// Which.
        consultation: ConsultationId,
    },
    /// The time of [`Clinic::next_timeout`](crate::Clinic::next_timeout) has come. Coming early or
    /// late does no harm.
    Timeout,
}
