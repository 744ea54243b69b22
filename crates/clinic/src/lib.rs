//! Sans-IO waiting rooms: the rules of one clinic, its services, practitioners, visits and consultations.
//!
//! [`Clinic`] holds the active state in memory and decides. It opens no socket, reads no clock and
//! draws no random number: time and new ids come in with each [`Input`], and [`Outputs`] say what
//! to store ([`Record`]), what to answer, and whose picture of the clinic changed ([`Changed`]).
//! The shell stores a batch first and tells people only then. How long somebody will wait is
//! estimated beside it, in [`estimate`].
//!
//! ```
//! use vestibule_clinic::quota::Had;
//! use vestibule_clinic::{Arriving, Choice, Clinic, Input, Policy, Practitioner, Service};
//! use vestibule_vocab::{PatientId, PractitionerId, Redacted, ServiceId, Timestamp, VisitId};
//!
//! let mut clinic = Clinic::new(Policy::default());
//! let service = ServiceId::from_random(1);
//! let set = Input::SetService {
//!     service: Box::new(Service::named(service, "General practice")),
//! };
//! assert_eq!(clinic.handle(Timestamp(0), set).answer, Ok(()));
//! // A service that nobody practises takes nobody in.
//! let doctor = PractitionerId::from_random(3);
//! let set = Input::SetPractitioner {
//!     practitioner: Box::new(Practitioner::named(doctor, "Dr Martin", [service])),
//! };
//! assert_eq!(clinic.handle(Timestamp(0), set).answer, Ok(()));
//! let outputs = clinic.handle(
//!     Timestamp(0),
//!     Input::Arrive(Box::new(Arriving {
//!         patient: PatientId::from_random(1),
//!         visit: VisitId::from_random(2),
//!         service,
//!         choice: Choice::Next,
//!         language: None,
//!         name: Redacted::new("Ada".to_owned()),
//!         reason: Redacted::default(),
//!         had: Had::default(),
//!     })),
//! );
//! assert_eq!(outputs.answer, Ok(()));
//! assert_eq!(clinic.place(VisitId::from_random(2)), Some(1));
//! ```

mod absence;
mod absentees;
mod appointment;
mod appointments;
pub mod audit;
pub mod calendar;
mod cap;
mod catch_up;
mod choice;
mod clinic;
mod closed;
mod code;
mod companion;
mod consent;
mod consultation;
pub mod estimate;
mod form;
mod gate;
mod input;
mod language;
pub mod limits;
mod order;
mod output;
mod patients;
mod policy;
mod practitioner;
mod practitioners;
mod queue;
pub mod quota;
mod refusal;
mod restore;
mod rules;
mod service;
pub mod shield;
mod stand;
pub mod text;
mod view;
mod visit;
mod visits;
mod waiting_room;
mod warm;

pub use appointment::{Appointment, Extension};
pub use cap::{Cap, InvalidCap};
pub use catch_up::Missed;
pub use choice::{Answer, Choice};
pub use clinic::Clinic;
pub use closed::{Closed, ClosedReason};
pub use code::{Code, InvalidCode};
pub use companion::{
    Colleague, CompanionChange, CompanionRefusal, CompanionRole, Companions, Invitation,
    InvitationState, Seat,
};
pub use consent::{Consent, ConsentAct, ConsentChange, ConsentEntry, ConsentRefusal};
pub use consultation::{Conclusion, Consultation, ConsultationEnd, Ended};
pub use form::{
    AnswerError, AnswerFault, AnswerIs, Answers, Condition, Form, FormAnswer, FormDraft, FormError,
    FormFault, PageLanguage, Question, QuestionKind, QuestionOption, SummaryAnswer, SummaryLine,
    Texts,
};
pub use gate::{
    AfterWait, AnsweredBy, EMERGENCY_NUMBER, Emergency, Evidence, FormRefusal, Gate, GateChange,
    GateException, GateKind, GateReason, GateRefusal, GateRule, GateRuleError, GateRuleFault,
    GateRules, GateState, Gates, IdentityLevel, Known, MissingGate, OpenedBy, Relation,
    Requirement, Screening, WhyMissing,
};
pub use input::{
    Accepting, Arriving, Booking, Decision, Declining, GateAnswer, Host, Input, Inviting,
    Knowledge, Learning, Teller, Withdrawing,
};
pub use language::{InvalidLanguage, Language};
pub use order::{Order, Overtake, Rank, Turn, Urgency};
pub use output::{Changed, Outputs, Record};
pub use policy::Policy;
pub use practitioner::{Duty, Practitioner};
pub use refusal::Refusal;
pub use restore::{RestoreError, State};
pub use service::{Service, ShiftPromise};
pub use view::{CompanionView, VisitView, WaitingView, Warm};
pub use visit::{Arrival, DeclineReason, Event, Outcome, Visit, VisitState};
pub use waiting_room::WaitingRoom;
