//! What the server's processes took.

use std::io;

use crate::machine;

/// What a process of the server took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Used {
    /// Processor time until the measured part, in nanoseconds.
    pub(crate) joining: u64,
    /// Processor time in the measured part, in nanoseconds.
    pub(crate) time: u64,
    /// What its memory grew by until the end of the measured part, in KiB.
    pub(crate) grown: u64,
}

/// What a process had taken at one moment.
#[derive(Clone, Copy)]
pub(super) struct Taken {
    /// Its processor time, in nanoseconds.
    time: u64,
    /// Its memory, in KiB.
    resident: u64,
}

impl Taken {
    /// Memory comes last: of a process that has ended it cannot be read, whatever is left of its time.
    fn by(pid: u32) -> io::Result<Self> {
        Ok(Self {
            time: machine::process_time(pid)?,
            resident: machine::resident(pid)?,
        })
    }
}

/// A process of the server, as it was before anybody joined.
#[derive(Clone, Copy)]
pub(super) struct Watched {
    pid: u32,
    before: Taken,
}

impl Watched {
    pub(super) fn begin(pid: u32) -> io::Result<Self> {
        let before = Taken::by(pid)?;
        Ok(Self { pid, before })
    }

    /// From the beginning of the measured part to its end.
    pub(super) fn used(self, begin: Taken, end: Taken) -> Used {
        Used {
            joining: begin.time.saturating_sub(self.before.time),
            time: end.time.saturating_sub(begin.time),
            grown: end.resident.saturating_sub(self.before.resident),
        }
    }
}

/// The server's processes: the one that forwards, and the one beside it, if there is one.
pub(super) type Processes = (Watched, Option<Watched>);

/// What they had taken at one moment.
pub(super) type TakenByAll = (Taken, Option<Taken>);

/// What all of them have taken by now.
pub(super) fn taken((forwarding, signaling): Processes) -> io::Result<TakenByAll> {
    let by = |process: Watched| Taken::by(process.pid);
    Ok((by(forwarding)?, signaling.map(by).transpose()?))
}
