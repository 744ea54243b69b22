//! What a run showed.

use std::time::Duration;

use super::Plan;
use super::used::Used;
use crate::drops::Drops;
use crate::machine::CoreTime;
use crate::media::{Course, Loopback, Tally};

/// What a run showed.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) server: &'static str,
    pub(crate) plan: Plan,
    pub(crate) tally: Tally,
    /// The machine's own way from socket to socket.
    pub(crate) loopback: Loopback,
    /// How far the clients were when the measured part began.
    pub(crate) course: Course,
    pub(crate) length: Duration,
    /// What the process that forwards took.
    pub(crate) forwarding: Used,
    /// What the one beside it took, if there is one.
    pub(crate) signaling: Option<Used>,
    /// Processor time of the load tool in the measured part, in nanoseconds.
    pub(crate) own_time: u64,
    /// Of the cores that both run on, or of all.
    pub(crate) cores: CoreTime,
    /// How many cores that are.
    pub(crate) core_count: usize,
    /// Datagrams that the kernel dropped on the clients' sockets, and on the server's.
    pub(crate) dropped: (u64, u64),
    /// What the server dropped by its own count.
    pub(crate) drops: Told,
    /// Why it is not measured to the end: the server was gone before.
    pub(crate) broken_off: Option<String>,
}

/// What a server says that it dropped, or why that is not known; `None` when it does not count it.
pub(crate) type Told = Result<Option<Drops>, String>;
