//! Frames on the control link.

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The largest frame: an SDP of 64 KiB whose line ends are escaped, and room for a `hello` that lists
/// a thousand calls.
pub const FRAME_BYTES: usize = 128 * 1024;

/// Why a frame could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The other side is gone.
    #[error("the control link closed")]
    Closed,
    /// Reading or writing failed.
    #[error("the control link failed: {0}")]
    Io(#[from] io::Error),
    /// A frame of more than [`FRAME_BYTES`].
    #[error("a control frame of {0} bytes is over the limit")]
    TooLarge(usize),
    /// Not a message of this version.
    #[error("a control frame could not be read: {0}")]
    Malformed(#[from] serde_json::Error),
}

/// The message as a frame.
///
/// # Errors
/// [`FrameError::TooLarge`] when it does not fit.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, FrameError> {
    let body = serde_json::to_vec(message)?;
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    if body.len() > FRAME_BYTES {
        return Err(FrameError::TooLarge(body.len()));
    }
    let mut frame = Vec::with_capacity(body.len().saturating_add(4));
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(&body);
    Ok(frame)
}

/// Reads a frame's body as a message.
///
/// # Errors
/// [`FrameError::Malformed`] when it is not one.
pub fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, FrameError> {
    Ok(serde_json::from_slice(body)?)
}

/// Reads the next message. Not cancel-safe: give it a task of its own.
///
/// # Errors
/// [`FrameError::Closed`] at the end of the stream, else what went wrong.
pub async fn read_frame<T: DeserializeOwned>(
    reader: &mut (impl AsyncRead + Unpin),
) -> Result<T, FrameError> {
    let length = match reader.read_u32().await {
        Ok(length) => usize::try_from(length).unwrap_or(usize::MAX),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Err(FrameError::Closed);
        }
        Err(error) => return Err(FrameError::Io(error)),
    };
    if length > FRAME_BYTES {
        return Err(FrameError::TooLarge(length));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await?;
    decode(&body)
}

/// Writes one message.
///
/// # Errors
/// What went wrong.
pub async fn write_frame<T: Serialize>(
    writer: &mut (impl AsyncWrite + Unpin),
    message: &T,
) -> Result<(), FrameError> {
    writer.write_all(&encode(message)?).await?;
    Ok(writer.flush().await?)
}
