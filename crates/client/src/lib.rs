//! A native participant of a consultation: it joins by a link, waits, is admitted, and sees, hears and writes
//! with end-to-end encryption, as a browser does.
//!
//! It stands on another stack than the browser's and the SFU's: the crate `webrtc` for ICE, DTLS and SRTP,
//! OpenMLS (RFC 9420) and `sframe` (RFC 9605) with aws-lc under both. What it sends are recordings; what it
//! receives are encoded frames: it has no codec.
//!
//! It is not on crates.io; depend on it in the repository:
//!
//! ```toml
//! [dependencies]
//! vestibule-client = { path = "../vestibule/crates/client" }
//! tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
//! ```
//!
//! with the address of the repository that you have, or `path = "../vestibule/crates/client"`. All that its
//! functions and events speak of is in [`types`] and at the top.
//!
//! Wait for [`Encryption::Ready`] before [`Participant::say`]: without a consultation that has keys, a line is not
//! sent. What became of it comes as [`Told::Said`].
//!
//! ```no_run
//! use std::sync::Arc;
//! use vestibule_client::types::VisitState;
//! use vestibule_client::{Device, Error, Event, Link, Participant};
//!
//! # async fn visit() -> Result<(), Error> {
//! let link = Link::parse("http://127.0.0.1:8080/visit#w=...")?;
//! let device = Arc::new(Device::by_link(&link).await?);
//! let (participant, mut heard) = Participant::open(device, None, None)?;
//! participant.arrive("Ada Peeters", "A cough").await?;
//! while let Some(event) = heard.events.recv().await {
//!     if let Event::Patient(seen) = event
//!         && let Some(visit) = seen.visit
//!     {
//!         match visit.state {
//!             VisitState::Waiting { place } => println!("number {place}"),
//!             VisitState::InConsultation { .. } => println!("in consultation"),
//!             VisitState::OnHold { .. } => println!("on hold"),
//!             VisitState::Ended { outcome, .. } => println!("ended: {outcome:?}"),
//!             VisitState::Expected | VisitState::Called => {}
//!         }
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod device;
mod error;
mod group;
mod http;
mod limits;
mod link;
mod media;
mod mls;
mod participant;
mod socket;

pub use device::Device;
pub use error::Error;
pub use group::{ChatLine, Encryption, SafetyCode, Told};
pub use link::Link;
pub use media::{Clip, ReceivedFrame};
pub use participant::{Event, Heard, Participant, Stop};

/// What events and functions speak of: the protocol's own types.
pub mod types {
    pub use vestibule_protocol::ErrorCode;
    pub use vestibule_protocol::client::DeclineReason;
    pub use vestibule_protocol::desk::OvertakeReason;
    pub use vestibule_protocol::server::{
        ClinicCard, ConsultationView, EndedConsultation, GroupView, Leg, Outcome, ParticipantView,
        PatientSnapshot, PatientVisit, PractitionerSnapshot, VisitState, WaitingEntry,
    };
    pub use vestibule_vocab::{
        CallId, ConsultationId, InstanceId, LegId, ParticipantId, Redacted, Role, Source,
        Timestamp, VisitId,
    };
}
