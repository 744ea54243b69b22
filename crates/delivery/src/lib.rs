//! Sans-IO MLS delivery service: carries, orders and acknowledges what it cannot read.
//!
//! Of an `MLSMessage` (RFC 9420 section 6) it reads the version, the wire format, the group, the
//! epoch and the content type, and no more ([`framing`]). It puts commits and messages of a
//! consultation into one log, takes one commit per epoch and refuses the rest as stale, keeps key
//! packages on a shelf, and says what to store and whom to send it to. It opens no socket, reads no
//! clock and draws no random number.
//!
//! An MLS group is named by the consultation's id and a *generation*: it grows when a
//! practitioner's page, after a reload, begins anew with a new group. Generations count from 1: a
//! commit for epoch 0 of the present generation plus one begins it (plus one of none is 1), and the
//! page that sent it is the group's only committer. The log goes on across generations.

mod answer;
mod catch_up;
mod consultation;
mod delivery;
pub mod framing;
mod group;
pub mod limits;
mod log;
mod message;
mod pages;
mod refusal;
mod restore;

pub use answer::{Accepted, Acknowledged, Caller, ClaimedKeyPackage, Page};
pub use delivery::Delivery;
pub use group::Group;
pub use message::{LogEntry, LogKind, Message};
pub use refusal::Refusal;
pub use restore::{RestoreError, StoredConsultation};
