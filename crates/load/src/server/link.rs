//! The control link to the SFU, from signaling's side.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use vestibule_control::{FRAME_BYTES, FromSfu, ToSfu, decode, encode};

use crate::limits::SERVER;

pub(super) struct Link {
    stream: UnixStream,
    buffer: Vec<u8>,
}

/// How long one look at the link takes while there is nothing.
const LOOK: Duration = Duration::from_millis(50);

impl Link {
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let stream = UnixStream::connect(path)
            .context("the SFU takes no link: is the program of --sfu one that has `sfu`?")?;
        stream.set_read_timeout(Some(LOOK))?;
        stream.set_write_timeout(Some(SERVER))?;
        Ok(Self {
            stream,
            buffer: Vec::new(),
        })
    }

    pub(super) fn tell(&mut self, message: &ToSfu) -> anyhow::Result<()> {
        let frame = encode(message)?;
        self.stream
            .write_all(&frame)
            .context("the SFU does not listen")
    }

    /// Waits for the message that is asked for; others are dropped.
    pub(super) fn wait<T>(
        &mut self,
        what: &str,
        mut wanted: impl FnMut(FromSfu) -> Option<T>,
    ) -> anyhow::Result<T> {
        let end = Instant::now() + SERVER;
        while Instant::now() < end {
            if let Some(found) = self.next()?.and_then(&mut wanted) {
                return Ok(found);
            }
        }
        anyhow::bail!("the SFU did not {what}: what it said stands above; try fewer --rooms")
    }

    /// The next message, if there is one soon.
    pub(super) fn next(&mut self) -> anyhow::Result<Option<FromSfu>> {
        if let Some(message) = self.buffered()? {
            return Ok(Some(message));
        }
        let mut chunk = [0; 16 * 1024];
        match self.stream.read(&mut chunk) {
            Ok(0) => {
                anyhow::bail!("the SFU closed the link and has ended: what it said stands above")
            }
            Ok(length) => self
                .buffer
                .extend_from_slice(chunk.get(..length).unwrap_or_default()),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => return Err(error).context("the link to the SFU failed"),
        }
        self.buffered()
    }

    fn buffered(&mut self) -> anyhow::Result<Option<FromSfu>> {
        let Some((length, rest)) = self.buffer.split_first_chunk() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes(*length) as usize;
        anyhow::ensure!(length <= FRAME_BYTES, "the SFU sent too large a message");
        let Some(body) = rest.get(..length) else {
            return Ok(None);
        };
        let message = decode(body)?;
        self.buffer.drain(..length + 4);
        Ok(Some(message))
    }
}
