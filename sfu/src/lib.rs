//! The selective forwarding unit: a process of its own that relays encrypted media between the legs
//! of a call. It holds no media key, opens no file for writing and learns nobody's name.
//!
//! Signaling steers it over one Unix stream socket (see `vestibule-control`). It outlives signaling:
//! while the link is down the calls go on, and the next signaling process finds them as they were.

mod addresses;
mod config;
mod control;
mod counters;
mod kernel;
mod limits;
mod metrics;
mod offer;
mod panics;
pub mod parts;
mod peer;
mod process;
mod tap;
mod time;
#[doc(hidden)]
pub mod trial;
mod worker;

pub use config::{ConfigError, SfuConfig};
pub use kernel::kernel_drops;
pub use process::{RunError, command, complete, inherited_listener, run, run_tapped};
pub use tap::Tap;
pub use vestibule_forwarding::{Forwarded, Packet, Seat};
pub use vestibule_vocab::{CallId, Source};
