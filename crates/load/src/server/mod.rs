//! The servers that are put under load: how they are started, and how people join them.

mod link;
mod process;
mod sfu;

use crate::media::Spec;
pub(crate) use process::Process;
pub(crate) use sfu::{Sfu, SfuSettings};

/// A server that runs.
pub(crate) trait Server: Send {
    /// Its name in reports.
    fn name(&self) -> &'static str;

    /// Its process.
    fn pid(&self) -> u32;

    /// Has all people of a room join, and hands over each of their connections as soon as it can begin.
    fn join(&mut self, room: u32, people: u32, connect: &mut dyn FnMut(Spec))
    -> anyhow::Result<()>;

    /// Takes what the server tells while nobody joins; waits for it no longer than a moment.
    fn listen(&mut self) -> anyhow::Result<()>;
}
