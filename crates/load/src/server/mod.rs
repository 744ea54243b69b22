//! The servers that are put under load: how they are started, and how people join them.

mod janus;
mod link;
mod process;
mod sfu;

use std::io;
use std::net::{IpAddr, UdpSocket};

use crate::media::{Spec, Streams};
pub(crate) use janus::Janus;
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

/// The streams of a person, none of which is another's; the first two sections of all our offers are theirs.
fn streams(person: u32) -> Streams {
    let first = 1000 + 4 * person;
    Streams {
        audio: first,
        video: first + 1,
        repair: first + 2,
        audio_mid: "0".to_owned(),
        video_mid: "1".to_owned(),
    }
}

/// A socket for a connection that is to be signalled.
fn bind(address: IpAddr) -> io::Result<UdpSocket> {
    UdpSocket::bind((address, 0))
}
