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
mod catch_up;
mod clinic;
mod consultation;
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

pub use catch_up::Missed;
pub use clinic::Clinic;
pub use consultation::{Consultation, ConsultationEnd, Ended};
pub use input::Input;
pub use output::{Changed, Outputs, Record};
pub use policy::Policy;
pub use refusal::Refusal;
pub use restore::{RestoreError, State};
pub use view::{VisitView, WaitingView, Warm};
pub use visit::{Arrival, DeclineReason, Event, Outcome, Visit, VisitState};
