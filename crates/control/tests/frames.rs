//! Frames over a stream: whole ones are read one after the other, anything else ends the link.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use tokio::io::AsyncWriteExt;
use vestibule_control::{FRAME_BYTES, FrameError, ToSfu, encode, read_frame, write_frame};

async fn read_all(bytes: &[u8]) -> (Vec<ToSfu>, FrameError) {
    let mut stream = bytes;
    let mut messages = Vec::new();
    loop {
        match read_frame(&mut stream).await {
            Ok(message) => messages.push(message),
            Err(error) => return (messages, error),
        }
    }
}

#[tokio::test]
async fn messages_arrive_one_after_the_other() {
    let (mut here, there) = tokio::io::duplex(16);
    let sent = [ToSfu::Hello { version: 1 }, ToSfu::Shutdown];
    let messages = sent.clone();
    let writing = tokio::spawn(async move {
        for message in &messages {
            write_frame(&mut here, message).await.unwrap();
        }
    });
    let (mut reader, mut received) = (there, Vec::new());
    while let Ok(message) = read_frame::<ToSfu>(&mut reader).await {
        received.push(message);
    }
    writing.await.unwrap();
    assert_eq!(received, sent);
}

#[tokio::test]
async fn the_end_of_the_stream_is_told_from_a_cut_frame() {
    let whole = encode(&ToSfu::Shutdown).unwrap();
    let (messages, error) = read_all(&whole).await;
    assert_eq!(messages, [ToSfu::Shutdown]);
    assert!(matches!(error, FrameError::Closed), "{error}");
    let (messages, error) = read_all(&whole[..whole.len() - 1]).await;
    assert!(messages.is_empty());
    assert!(matches!(error, FrameError::Io(_)), "{error}");
}

#[tokio::test]
async fn a_frame_over_the_limit_is_refused_before_it_is_read() {
    let length = u32::try_from(FRAME_BYTES).unwrap() + 1;
    let (_, error) = read_all(&length.to_be_bytes()).await;
    assert!(matches!(error, FrameError::TooLarge(_)), "{error}");
    let (mut writer, _reader) = tokio::io::duplex(64);
    writer.write_all(b"").await.unwrap();
    let sdp = "a".repeat(FRAME_BYTES);
    let error = write_frame(&mut writer, &sdp).await.unwrap_err();
    assert!(matches!(error, FrameError::TooLarge(_)), "{error}");
}

#[tokio::test]
async fn what_is_no_message_is_malformed() {
    let garbage = encode(&"not a message").unwrap();
    let (_, error) = read_all(&garbage).await;
    assert!(matches!(error, FrameError::Malformed(_)), "{error}");
}
