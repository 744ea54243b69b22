//! Packets as lines of JSON.

use std::fs::File;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use vestibule_sfu::{CallId, Forwarded, Packet, Seat, Source, Tap};

/// What is written: a consultation of some minutes makes less. After that the file stays as it is.
const BYTES: u64 = 256 * 1024 * 1024;

/// Writes packets to a file.
pub(crate) struct Recorder(Mutex<Output>);

struct Output {
    file: File,
    left: u64,
}

/// One packet.
#[derive(Serialize)]
struct Line {
    direction: &'static str,
    medium: &'static str,
    /// Tells the streams of one direction apart.
    stream: String,
    sequence: u64,
    timestamp: u32,
    marker: bool,
    /// The RTP payload, in padded standard base64.
    payload: String,
}

impl Recorder {
    pub(crate) fn new(file: File) -> Self {
        let left = BYTES;
        Self(Mutex::new(Output { file, left }))
    }

    fn write(&self, line: &Line) {
        let Ok(mut text) = serde_json::to_vec(line) else {
            return;
        };
        text.push(b'\n');
        let mut output = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(left) = output.left.checked_sub(text.len() as u64) else {
            return;
        };
        output.left = left;
        // A disk that is full shows in the test, which then finds too little.
        let _ = output.file.write_all(&text);
    }
}

impl Tap for Recorder {
    fn received(
        &self,
        call: CallId,
        (seat, source): (Seat, Source),
        packet: &Packet<'_>,
        marker: bool,
    ) {
        self.write(&Line {
            direction: "received",
            medium: medium(source != Source::Microphone),
            stream: format!("{call:?} {seat:?} {}", packet.ssrc),
            sequence: packet.sequence,
            timestamp: packet.timestamp,
            marker,
            payload: BASE64_STANDARD.encode(packet.payload),
        });
    }

    fn sent(&self, call: CallId, forwarded: &Forwarded, packet: &Packet<'_>, marker: bool) {
        self.write(&Line {
            direction: "sent",
            medium: medium(forwarded.slot.is_video()),
            stream: format!("{call:?} {:?} {:?}", forwarded.seat, forwarded.slot),
            sequence: forwarded.sequence,
            timestamp: forwarded.timestamp,
            marker,
            payload: BASE64_STANDARD.encode(packet.payload),
        });
    }
}

fn medium(is_video: bool) -> &'static str {
    if is_video { "picture" } else { "sound" }
}
