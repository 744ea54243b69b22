//! What the line to one receiver can take, from what the receiver says has arrived.
//!
//! A [`Line`] is told of each packet that leaves ([`Line::on_sent`]) and of each transport-wide feedback
//! that comes back ([`Line::on_feedback`]), and says at any time what to send at most
//! ([`Line::target`]). It follows Google Congestion Control (draft-ietf-rmcat-gcc-02 and what browsers do
//! today): growing delay lowers the target, and so does loss that goes away when less is sent. Loss that
//! stays whatever is sent is the radio's, and is lived with. Probes find out what more there is.
//!
//! A [`Pacer`] says when queued packets leave, an [`Allocation`] which layer of each track a receiver gets,
//! and [`aim`] what their publishers are to send.
//!
//! There is no socket, no clock and no randomness in here: time is the [`Moment`] that is passed in.
//! Nothing allocates after it was made.

mod acked;
mod aim;
mod allocate;
mod bitrate;
mod delay;
mod groups;
pub mod limits;
mod line;
mod loss;
mod pacer;
mod plan;
mod probe;
mod rate;
mod relief;
mod ring;
mod sent;
mod shrink;
mod silence;
mod trend;
mod uplink;

pub use aim::{Aim, Demand, aim};
pub use allocate::{Allocation, Layers, Wish, Wishes, wanted};
pub use bitrate::Bitrate;
pub use line::{Known, Line, Report, Settings};
pub use pacer::{Kind, Pacer, Verdict};
pub use probe::Padding;
pub use relief::{Pictures, Relief};
pub use shrink::Shrink;
pub use uplink::{Told, Uplink};
pub use vestibule_vocab::Moment;
