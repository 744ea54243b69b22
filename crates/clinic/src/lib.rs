//! Sans-IO waiting rooms: the rules of one clinic's service with a walk-in queue.
//!
//! [`Clinic`] holds the active state in memory and decides. It opens no socket, reads no clock and
//! draws no random number: time and new ids come in with each [`Input`], and [`Outputs`] say what
//! to store ([`Record`]), what to answer, and whose picture of the clinic changed ([`Changed`]).
//! The shell stores a batch first and tells people only then.
//!
//! ```
//! use vestibule_clinic::{Clinic, Input, Policy};
//! use vestibule_vocab::{PatientId, Redacted, Timestamp, VisitId};
//!
//! let mut clinic = Clinic::new(Policy::default());
//! let outputs = clinic.handle(
//!     Timestamp(0),
//!     Input::Arrive {
//!         patient: PatientId::from_random(1),
//!         visit: VisitId::from_random(2),
//!         name: Redacted::new("Ada".to_owned()),
//!         reason: Redacted::default(),
//!     },
//! );
//! assert_eq!(outputs.answer, Ok(()));
//! assert_eq!(clinic.place(VisitId::from_random(2)), Some(1));
//! ```

mod absence;
mod clinic;
mod code;
mod companion;
mod consent;
mod consultation;
mod form;
mod gate;
mod input;
pub mod limits;
mod output;
mod policy;
mod practitioners;
mod queue;
mod refusal;
mod restore;
mod rules;
mod text;
mod view;
mod visit;

pub use clinic::Clinic;
pub use code::{Code, InvalidCode};
pub use companion::{
    CompanionChange, CompanionRefusal, CompanionRole, Companions, Invitation, InvitationState,
};
pub use consent::{Consent, ConsentAct, ConsentChange, ConsentEntry, ConsentRefusal};
pub use consultation::{Consultation, ConsultationEnd, Ended};
pub use form::{
    AnswerError, AnswerFault, AnswerIs, Answers, Condition, Form, FormAnswer, FormDraft, FormError,
    FormFault, PageLanguage, Question, QuestionKind, QuestionOption, SummaryAnswer, SummaryLine,
    Texts,
};
pub use gate::{
    AfterWait, AnsweredBy, EMERGENCY_NUMBER, Emergency, Evidence, FormRefusal, Gate, GateChange,
    GateException, GateKind, GateReason, GateRefusal, GateRule, GateRuleError, GateRuleFault,
    GateRules, GateState, Gates, IdentityLevel, MissingGate, OpenedBy, Relation, Requirement,
    Screening, WhyMissing,
};
pub use input::Input;
pub use output::{Changed, Outputs, Record};
pub use policy::Policy;
pub use refusal::Refusal;
pub use restore::{RestoreError, State};
pub use view::{VisitView, WaitingView, Warm};
pub use visit::{Arrival, DeclineReason, Event, Outcome, Visit, VisitState};
