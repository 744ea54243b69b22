//! All that passes between signaling and the SFU, and so all that the SFU ever learns: calls, legs,
//! SDP and which legs may hear each other. It learns no person, no role, no key.
//!
//! The link is a stream socket; each message is a frame of four length bytes, big-endian, and that
//! many bytes of JSON. Signaling speaks first. The SFU outlives signaling: when a new signaling
//! process connects, the SFU tells what it has, and signaling sets each call as it should be.

mod frame;
mod from_sfu;
mod to_sfu;

pub use frame::{FRAME_BYTES, FrameError, decode, encode, read_frame, write_frame};
pub use from_sfu::{Binding, Flow, FromSfu, LegState, OfferRefusal, SfuStats, Talk};
pub use to_sfu::{CallPlan, ToSfu, Watched};

/// The version of the control messages. Both sides must speak the same; signaling replaces an SFU
/// process that speaks another.
pub const CONTROL_VERSION: u16 = 6;
