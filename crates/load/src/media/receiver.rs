//! What a client receives: its streams, and what it says of them.

use vestibule_rtp::ntp::Ntp;
use vestibule_rtp::rtcp::{Compound, ReportBlock};
use vestibule_rtp::{Arrivals, DoesNotFit, FeedbackBuilder, Moment, Via, rtx};
use vestibule_srtp::Rtp;

use super::client::Numbers;
use super::payload::{Picture, Stamp};
use super::sender::{PICTURE_RATE, SOUND_RATE};
use crate::clock::moment;
use crate::limits::STREAMS;

pub(super) struct Receiver {
    numbers: Numbers,
    /// Streams and those that repair them, as they were signalled.
    repairs: Vec<(u32, u32)>,
    streams: Vec<Stream>,
    feedback: FeedbackBuilder,
    nack: bool,
}

struct Stream {
    ssrc: u32,
    /// What a client sent came on it, and not padding alone.
    heard: bool,
    arrivals: Arrivals,
}

/// A packet of a stream, in whichever way it came.
struct Packet {
    ssrc: u32,
    video: bool,
    sequence: u16,
    timestamp: u32,
    via: Via,
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Received {
    /// It is new.
    New(Stamp, Via),
    /// It came before, or too late.
    Again,
    /// There is nothing in it: it probes the line, or says that the numbers before it are not coming.
    Padding,
    /// It is none that a client sent.
    Strange,
}

impl Receiver {
    pub(super) fn new(numbers: Numbers, repairs: Vec<(u32, u32)>, nack: bool) -> Self {
        Self {
            numbers,
            repairs,
            streams: Vec::new(),
            feedback: FeedbackBuilder::default(),
            nack,
        }
    }

    /// How many streams were heard.
    pub(super) fn heard(&self) -> usize {
        self.streams.iter().filter(|stream| stream.heard).count()
    }

    /// Takes an opened packet that arrived then.
    pub(super) fn take(&mut self, rtp: &Rtp, datagram: &[u8], arrived: u64) -> Received {
        self.number(rtp, datagram, moment(arrived));
        let payload = datagram.get(rtp.payload.clone()).unwrap_or_default();
        if rtp.payload_type == self.numbers.rtx {
            let repaired = self.repairs.iter().find(|(_, repair)| *repair == rtp.ssrc);
            return match (repaired, rtx::unwrap(payload)) {
                (Some((media, _)), Some((sequence, payload))) => {
                    let packet = Packet {
                        ssrc: *media,
                        video: true,
                        sequence,
                        timestamp: rtp.timestamp,
                        via: Via::Retransmission,
                    };
                    self.note(&packet, payload, arrived)
                }
                (Some(_), None) if payload.is_empty() => Received::Padding,
                (Some(_), None) | (None, _) => Received::Strange,
            };
        }
        let packet = Packet {
            ssrc: rtp.ssrc,
            video: rtp.payload_type == self.numbers.vp8,
            sequence: rtp.sequence,
            timestamp: rtp.timestamp,
            via: Via::Stream,
        };
        self.note(&packet, payload, arrived)
    }

    /// A sender report came.
    pub(super) fn sender_report(&mut self, now: u64, ssrc: u32, ntp: Ntp) {
        let mut streams = self.streams.iter_mut();
        if let Some(stream) = streams.find(|stream| stream.ssrc == ssrc) {
            stream.arrivals.sender_report(moment(now), ntp);
        }
    }

    /// What is reported on the streams: how many blocks were filled.
    pub(super) fn reports(&mut self, now: u64, blocks: &mut [ReportBlock]) -> usize {
        let streams = self.streams.iter_mut();
        let reports = streams.filter_map(|stream| stream.arrivals.report(moment(now), stream.ssrc));
        let mut filled = 0;
        for (place, block) in blocks.iter_mut().zip(reports) {
            *place = block;
            filled += 1;
        }
        filled
    }

    /// Appends what is asked for again, and key frames where nothing else helps: how many packets were asked for.
    pub(super) fn write_requests(
        &mut self,
        now: u64,
        reporter: u32,
        compound: &mut Compound<'_>,
    ) -> Result<usize, DoesNotFit> {
        let mut asked = 0;
        if !self.nack {
            return Ok(asked);
        }
        for stream in &mut self.streams {
            let due = stream.arrivals.next_timeout();
            if due.is_some_and(|due| due <= moment(now)) {
                let wanted = stream.arrivals.requests(moment(now));
                compound.nack(reporter, stream.ssrc, wanted.iter().copied())?;
                asked += wanted.len();
            }
            if stream.arrivals.poll_key_frame() {
                compound.picture_loss(reporter, stream.ssrc)?;
            }
        }
        Ok(asked)
    }

    /// Writes transport-wide feedback if it is due: its length.
    pub(super) fn write_feedback(
        &mut self,
        now: u64,
        reporter: u32,
        buffer: &mut [u8],
    ) -> Option<usize> {
        let (now, media) = (moment(now), self.streams.first()?.ssrc);
        let due = self.feedback.next_timeout().is_some_and(|due| due <= now);
        due.then(|| self.feedback.build(now, reporter, media, buffer))?
    }

    fn number(&mut self, rtp: &Rtp, datagram: &[u8], arrived: Moment) {
        let (Some(extension), Some(id)) = (&rtp.extension, self.numbers.transport_cc) else {
            return;
        };
        let mut elements = extension.elements(datagram);
        let number = elements.find(|(number, _)| *number == id);
        if let Some(octets) = number.and_then(|(_, value)| value.first_chunk()) {
            self.feedback.note(u16::from_be_bytes(*octets), arrived);
        }
    }

    /// Whatever is in a packet, its stream has gone on to it: what is missing, and what browsers would forget, is told by
    /// numbers alone.
    fn note(&mut self, packet: &Packet, payload: &[u8], arrived: u64) -> Received {
        let Some(stream) = self.stream(packet) else {
            return Received::Strange;
        };
        let (sequence, timestamp) = (packet.sequence, packet.timestamp);
        let noted = stream
            .arrivals
            .note(moment(arrived), sequence, timestamp, packet.via);
        let at = if packet.video { Picture::BYTES } else { 0 };
        let stamp = payload.get(at..).and_then(Stamp::read);
        match (noted, stamp) {
            (_, None) if payload.is_empty() => Received::Padding,
            (_, None) => Received::Strange,
            (Err(_), Some(_)) => Received::Again,
            (Ok(_), Some(stamp)) => {
                stream.heard = true;
                Received::New(stamp, packet.via)
            }
        }
    }

    /// The stream of a packet; it may begin with it.
    fn stream(&mut self, packet: &Packet) -> Option<&mut Stream> {
        let known = self
            .streams
            .iter()
            .position(|stream| stream.ssrc == packet.ssrc);
        let place = match known {
            Some(place) => place,
            None if self.streams.len() < STREAMS => {
                self.streams.push(Stream {
                    ssrc: packet.ssrc,
                    heard: false,
                    arrivals: match (packet.video, self.nack) {
                        (true, true) => Arrivals::asking(PICTURE_RATE),
                        (true, false) => Arrivals::reporting(PICTURE_RATE),
                        (false, _) => Arrivals::reporting(SOUND_RATE),
                    },
                });
                self.streams.len() - 1
            }
            None => return None,
        };
        self.streams.get_mut(place)
    }
}
