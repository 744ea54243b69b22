//! One published track: which stream it is on, what came of it, and the wish for a key frame.

use crate::clock::{SenderClock, SenderReport};
use crate::forward::Packet;
use crate::key_frames::KeyFrames;
use crate::window::{Age, Window};
use crate::{Moment, Source, vp8};

/// One run of sequence numbers: a publisher's connection and SSRC. Never used twice in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StreamId(pub(crate) u64);

/// A packet that was taken, as the subscriptions need it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) stream: StreamId,
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
    pub(crate) captured: Moment,
    pub(crate) rate: u32,
    pub(crate) video: bool,
    /// The VP8 descriptor; none on sound and on padding.
    pub(crate) frame: Option<vp8::Descriptor>,
    /// Nothing newer came before.
    pub(crate) newest: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Track {
    stream: Option<Stream>,
    report: Option<SenderReport>,
    pub(crate) key_frames: KeyFrames,
}

#[derive(Debug)]
struct Stream {
    id: StreamId,
    ssrc: u32,
    window: Window,
}

impl Track {
    /// Takes note of a packet; `None` when it is not to be forwarded: it came before, or is malformed.
    pub(crate) fn admit(
        &mut self,
        now: Moment,
        source: Source,
        packet: &Packet<'_>,
        clock: &SenderClock,
        streams: &mut u64,
    ) -> Option<Arrival> {
        let video = is_video(source);
        let frame = match (video, packet.payload.is_empty()) {
            (true, false) => Some(vp8::Descriptor::parse(packet.payload)?),
            (false, _) | (true, true) => None,
        };
        let (stream, age) = self.note(packet, streams)?;
        let rate = clock_rate(source);
        Some(Arrival {
            stream,
            sequence: packet.sequence,
            timestamp: packet.timestamp,
            captured: clock.captured(now, self.report_of(packet), packet.timestamp, rate),
            rate,
            video,
            frame,
            newest: age == Age::Newest,
        })
    }

    /// The SSRC of a stream, if the track is on it.
    pub(crate) fn ssrc_of(&self, stream: StreamId) -> Option<u32> {
        let current = self.stream.as_ref()?;
        (current.id == stream).then_some(current.ssrc)
    }

    /// Takes note of a sender report.
    pub(crate) fn report(&mut self, report: SenderReport) {
        self.report = Some(report);
    }

    /// The report that tells how to read a packet's timestamp.
    fn report_of(&self, packet: &Packet<'_>) -> Option<SenderReport> {
        self.report.filter(|report| report.ssrc == packet.ssrc)
    }

    fn note(&mut self, packet: &Packet<'_>, streams: &mut u64) -> Option<(StreamId, Age)> {
        match &mut self.stream {
            Some(stream) if stream.ssrc == packet.ssrc => {
                let age = stream.window.insert(packet.sequence)?;
                Some((stream.id, age))
            }
            Some(_) | None => Some((self.begin(packet, streams), Age::Newest)),
        }
    }

    /// A stream of another SSRC begins: the browser replaced its encoder, or this is the first one.
    fn begin(&mut self, packet: &Packet<'_>, streams: &mut u64) -> StreamId {
        *streams += 1;
        let id = StreamId(*streams);
        self.stream = Some(Stream {
            id,
            ssrc: packet.ssrc,
            window: Window::starting_with(packet.sequence),
        });
        id
    }
}

/// Whether a source's packets are VP8.
pub(crate) fn is_video(source: Source) -> bool {
    match source {
        Source::Microphone => false,
        Source::Camera | Source::Screen => true,
    }
}

/// Ticks of the RTP timestamp in a second: Opus (RFC 7587) and VP8 (RFC 7741) have one rate each.
fn clock_rate(source: Source) -> u32 {
    if is_video(source) { 90_000 } else { 48_000 }
}
