//! The control link: one connection to one SFU process.

use std::path::Path;
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::timeout;
use vestibule_control::{CONTROL_VERSION, FrameError, FromSfu, ToSfu, read_frame, write_frame};
use vestibule_vocab::CallId;

use crate::clinic_task::Event;
use crate::limits;

/// One link among all that this process ever had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LinkId(u64);

impl LinkId {
    pub(super) fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub(super) enum LinkError {
    #[error("nobody answers at the control socket: {0}")]
    NoAnswer(#[from] std::io::Error),
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("the SFU did not answer in time")]
    Late,
    #[error("the SFU said something else than hello")]
    Impolite,
    #[error("the SFU speaks version {0} of the control messages")]
    OtherVersion(u16),
}

/// A link on which both sides have said hello.
pub(super) struct Link {
    pub(super) pid: u32,
    pub(super) calls: Vec<CallId>,
    reader: OwnedReadHalf,
    writer: OwnedWriteHalf,
}

impl Link {
    /// Connects to whoever listens at the path.
    pub(super) async fn connect(path: &Path, patience: Duration) -> Result<Self, LinkError> {
        let stream = UnixStream::connect(path).await?;
        let (mut reader, mut writer) = stream.into_split();
        let hello = ToSfu::Hello {
            version: CONTROL_VERSION,
        };
        write(&mut writer, &hello).await?;
        let answer = timeout(patience, read_frame(&mut reader)).await;
        match answer.map_err(|_| LinkError::Late)?? {
            FromSfu::Hello {
                version: CONTROL_VERSION,
                pid,
                calls,
            } => Ok(Self {
                pid,
                calls,
                reader,
                writer,
            }),
            FromSfu::Hello { version, .. } => {
                dismiss(reader, writer).await;
                Err(LinkError::OtherVersion(version))
            }
            FromSfu::Answer { .. }
            | FromSfu::Refused { .. }
            | FromSfu::Leg { .. }
            | FromSfu::Failed { .. }
            | FromSfu::Slots { .. }
            | FromSfu::Layers { .. }
            | FromSfu::Redundancy { .. }
            | FromSfu::Talk { .. }
            | FromSfu::Flow { .. }
            | FromSfu::Stats(_) => Err(LinkError::Impolite),
        }
    }

    /// Cuts the link into what reads and what writes. Reading is not cancel-safe, and so it is a
    /// task of its own.
    pub(super) fn split(self) -> (Reader, OwnedWriteHalf) {
        (Reader(self.reader), self.writer)
    }
}

/// Tells an SFU that we cannot work with to stop, and waits until it has.
async fn dismiss(mut reader: OwnedReadHalf, mut writer: OwnedWriteHalf) {
    if write(&mut writer, &ToSfu::Shutdown).await.is_ok() {
        let end = async { while read_frame::<FromSfu>(&mut reader).await.is_ok() {} };
        let _ = timeout(limits::SFU_STOP, end).await;
    }
}

/// The reading half.
pub(super) struct Reader(OwnedReadHalf);

impl Reader {
    /// Passes everything on until the link ends.
    pub(super) async fn run(mut self, inbox: mpsc::Sender<Event>) -> FrameError {
        loop {
            match read_frame(&mut self.0).await {
                Ok(message) => {
                    // The clinic task ends after the links do.
                    let _ = inbox.send(Event::Sfu(Box::new(message))).await;
                }
                Err(error) => return error,
            }
        }
    }
}

/// Writes one message, within a time: an SFU that does not read is as good as gone.
pub(super) async fn write(writer: &mut OwnedWriteHalf, message: &ToSfu) -> Result<(), LinkError> {
    let written = timeout(limits::SFU_WRITE, write_frame(writer, message)).await;
    Ok(written.map_err(|_| LinkError::Late)??)
}
