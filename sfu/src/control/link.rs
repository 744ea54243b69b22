//! One connection of a signaling process.

use std::time::Duration;

use tokio::io::{AsyncWriteExt, BufWriter};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::timeout;
use vestibule_control::{FromSfu, ToSfu, read_frame, write_frame};

use crate::limits::OUTBOX;

/// How long a new connection may take to say hello, and how long one message may take to be written.
const PATIENCE: Duration = Duration::from_secs(5);

/// What connections bring, each with the number of its link.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A signaling process said hello.
    Opened(Link),
    /// It says something.
    Message(u64, ToSfu),
    /// It is gone, or said what is no message.
    Ended(u64),
}

/// A linked signaling process. The connection is closed when this is dropped.
#[derive(Debug)]
pub(super) struct Link {
    number: u64,
    version: u16,
    outbox: Sender<FromSfu>,
}

impl Link {
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The version of the control messages that it speaks.
    pub(super) fn version(&self) -> u16 {
        self.version
    }

    /// Tells it something; false when it has too much to read already.
    pub(super) fn tell(&self, message: FromSfu) -> bool {
        self.outbox.try_send(message).is_ok()
    }
}

/// Hears a new connection out. It becomes a link with its first message, which must be a hello.
pub(super) fn greet(number: u64, stream: UnixStream, inbox: Sender<Incoming>) {
    tokio::spawn(async move {
        let (mut reader, writer) = stream.into_split();
        let hello = timeout(PATIENCE, read_frame::<ToSfu>(&mut reader)).await;
        let Ok(Ok(ToSfu::Hello { version })) = hello else {
            return;
        };
        let (outbox, waiting) = channel(OUTBOX);
        let link = Link {
            number,
            version,
            outbox,
        };
        if inbox.send(Incoming::Opened(link)).await.is_err() {
            return;
        }
        // Whichever side ends first ends the connection.
        tokio::select! {
            () = read(number, &mut reader, &inbox) => {}
            () = write(writer, waiting) => {}
        }
        let _ = inbox.send(Incoming::Ended(number)).await;
    });
}

async fn read(number: u64, reader: &mut OwnedReadHalf, inbox: &Sender<Incoming>) {
    loop {
        match read_frame(reader).await {
            Ok(message) => {
                if inbox
                    .send(Incoming::Message(number, message))
                    .await
                    .is_err()
                {
                    return;
                }
            }
            Err(error) => {
                tracing::info!(%error, "the control link ends");
                return;
            }
        }
    }
}

async fn write(writer: OwnedWriteHalf, mut waiting: Receiver<FromSfu>) {
    let mut writer = BufWriter::new(writer);
    while let Some(message) = waiting.recv().await {
        let written = timeout(PATIENCE, write_frame(&mut writer, &message)).await;
        if !matches!(written, Ok(Ok(()))) {
            return;
        }
    }
    let _ = writer.shutdown().await;
}
