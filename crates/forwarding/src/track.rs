//! One published track: which stream each of its layers is on, what came of it, and the wish for a key frame.

use crate::clock::{SenderClock, SenderReport};
use crate::forward::{Packet, Unforwarded};
use crate::key_frames::KeyFrames;
use crate::layers::{Layers, TOP};
use crate::limits::LAYERS;
use crate::meter::Meter;
use crate::window::{Age, Window};
use crate::{Moment, Source, vp8};

/// One run of sequence numbers: a publisher's connection and SSRC. Never used twice in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StreamId(pub(crate) u64);

/// A packet that was taken, as the subscriptions need it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) stream: StreamId,
    pub(crate) layer: u8,
    /// The layers of the track that come now.
    pub(crate) flowing: Layers,
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
    /// The stream of the smallest layer: the only one of most tracks.
    first: Option<Stream>,
    /// The streams of the layers above it, once there was a packet of one.
    above: Option<Box<[Option<Stream>; LAYERS - 1]>>,
    /// The layers that there ever was a packet of: most tracks have one, and the others' places are far from it.
    known: Layers,
    /// The last of each stream.
    reports: [Option<SenderReport>; LAYERS],
    pub(crate) key_frames: KeyFrames,
}

#[derive(Debug)]
#[repr(C)]
struct Stream {
    id: StreamId,
    ssrc: u32,
    meter: Meter,
    /// Last, as hardly a packet looks at the most of it.
    window: Window,
}

impl Track {
    /// Takes note of a packet; an error when it is not to be forwarded: it came before, or is malformed.
    pub(crate) fn admit(
        &mut self,
        now: Moment,
        source: Source,
        packet: &Packet<'_>,
        clock: &SenderClock,
        streams: &mut u64,
    ) -> Result<Arrival, Unforwarded> {
        let video = is_video(source);
        let frame = match (video, packet.payload.is_empty()) {
            (true, false) => {
                let parsed = vp8::Descriptor::parse(packet.payload);
                Some(parsed.ok_or(Unforwarded::Malformed)?)
            }
            (false, _) | (true, true) => None,
        };
        let noted = self.note(now, packet, streams);
        let (stream, age) = noted.ok_or(Unforwarded::CameBefore)?;
        if frame.is_some_and(|frame| frame.key_frame_start()) {
            self.key_frames.came(packet.layer);
        }
        let rate = clock_rate(source);
        Ok(Arrival {
            stream,
            layer: packet.layer,
            flowing: self.flowing(now),
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
        let mut streams = self.streams();
        streams.find(|it| it.id == stream).map(|it| it.ssrc)
    }

    /// The layers that come now.
    pub(crate) fn flowing(&self, now: Moment) -> Layers {
        let flows = |layer: &u8| {
            let stream = self.stream(usize::from(*layer));
            stream.is_some_and(|stream| stream.meter.flows(now))
        };
        self.known.iter().filter(flows).collect()
    }

    /// Bits in a second of each layer that comes now.
    pub(crate) fn bitrates(&self, now: Moment) -> [Option<u64>; LAYERS] {
        std::array::from_fn(|layer| {
            let meter = self.stream(layer).map(|stream| &stream.meter);
            meter.filter(|it| it.flows(now)).map(|it| it.bitrate(now))
        })
    }

    /// Wishes for a key frame of a layer, or of what comes instead of it.
    pub(crate) fn request_key_frame(&mut self, now: Moment, layer: u8) {
        let layer = self.flowing(now).best_within(layer);
        let layer = layer.or_else(|| self.known.best_within(TOP));
        self.key_frames.request(now, layer.unwrap_or(0));
    }

    /// Takes note of a sender report: in the place of the last of its stream, or of a stream that is gone.
    pub(crate) fn report(&mut self, report: SenderReport) {
        let same = |known: &Option<SenderReport>| known.is_some_and(|it| it.ssrc == report.ssrc);
        let current = |known: &Option<SenderReport>| {
            let mut streams = self.streams();
            known.is_some_and(|known| streams.any(|it| it.ssrc == known.ssrc))
        };
        let place = self.reports.iter().position(same);
        let place = place.or_else(|| self.reports.iter().position(|known| !current(known)));
        if let Some(place) = self.reports.get_mut(place.unwrap_or(0)) {
            *place = Some(report);
        }
    }

    /// The report that tells how to read a packet's timestamp.
    fn report_of(&self, packet: &Packet<'_>) -> Option<SenderReport> {
        let mut reports = self.reports.iter().flatten();
        reports.find(|report| report.ssrc == packet.ssrc).copied()
    }

    /// There ever was a packet.
    pub(crate) fn came(&self) -> bool {
        !self.known.is_empty()
    }

    /// The stream of a layer.
    fn stream(&self, layer: usize) -> Option<&Stream> {
        match layer.checked_sub(1) {
            None => self.first.as_ref(),
            Some(layer) => self.above.as_ref()?.get(layer)?.as_ref(),
        }
    }

    fn streams(&self) -> impl Iterator<Item = &Stream> {
        let above = self.above.iter().flat_map(|above| above.iter());
        self.first.iter().chain(above.flatten())
    }

    fn note(
        &mut self,
        now: Moment,
        packet: &Packet<'_>,
        streams: &mut u64,
    ) -> Option<(StreamId, Age)> {
        let place = match usize::from(packet.layer).checked_sub(1) {
            None => &mut self.first,
            Some(layer) => {
                if self.above.is_none() {
                    self.above = Some(make_above());
                }
                self.above.as_mut()?.get_mut(layer)?
            }
        };
        let (stream, age) = match place {
            Some(stream) if stream.ssrc == packet.ssrc => {
                let age = stream.window.insert(packet.sequence)?;
                (stream, age)
            }
            // A stream of another SSRC begins: the browser replaced its encoder, or this is the first one.
            Some(_) | None => {
                self.known.insert(packet.layer);
                (place.insert(begin(now, packet, streams)), Age::Newest)
            }
        };
        // Padding is no picture: what only probes the line does not flow.
        if !packet.payload.is_empty() {
            stream.meter.note(now, packet.payload.len());
        }
        Some((stream.id, age))
    }
}

#[cold]
fn make_above() -> Box<[Option<Stream>; LAYERS - 1]> {
    Box::default()
}

fn begin(now: Moment, packet: &Packet<'_>, streams: &mut u64) -> Stream {
    *streams += 1;
    Stream {
        id: StreamId(*streams),
        ssrc: packet.ssrc,
        window: Window::starting_with(packet.sequence),
        meter: Meter::starting(now),
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
