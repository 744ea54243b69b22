//! RTP, RTCP and retransmission on the wire, and what a stream's arrivals tell.
//!
//! All of it works on bytes and moments that are passed in: there is no socket, no clock and no randomness in
//! here. Nothing allocates per packet. Whatever bytes come in, reading them ends, and it ends without a
//! panic: what is malformed has a reason that can be counted.
//!
//! - [`demux`] tells what shares the port apart; [`header`] writes RTP, which is read where it is opened; [`rtx`] reads
//!   and writes what retransmissions carry; [`rtcp`] reads and writes compound packets; [`ntp`] has the time of sender
//!   reports.
//! - Of a stream that is received: [`Arrivals`] asks for what is missing and keeps the numbers of its
//!   reports. Of a connection that is received: [`FeedbackBuilder`] says what arrived when.
//! - Of a track that is sent on: one [`History`], however many receivers. Of each receiver: a [`Resent`]
//!   guard.

mod arrivals;
pub mod demux;
mod feedback;
pub mod header;
mod history;
pub mod limits;
pub mod ntp;
mod octets;
pub mod rtcp;
pub mod rtx;
mod sequence;

pub use arrivals::{Arrivals, Stale, Via};
pub use feedback::{FeedbackBuilder, Told};
pub use history::{Facts, History, Refusal, Resent, Stored};
pub use octets::DoesNotFit;
pub use sequence::extend;
pub use vestibule_vocab::Moment;
