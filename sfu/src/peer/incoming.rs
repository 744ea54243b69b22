//! What comes from a client: which stream a packet is on, and what repairs what.

use std::time::Duration;

use vestibule_congestion::Told;
use vestibule_forwarding::limits::LAYERS;
use vestibule_forwarding::{Moment, SenderReport, Source, vp8};
use vestibule_handshake::Unheard;
use vestibule_rtp::ntp::Ntp;
use vestibule_rtp::rtcp::{Compound, Malformed, ReportBlock};
use vestibule_rtp::{Arrivals, DoesNotFit, FeedbackBuilder, Stale, Via, rtx};
use vestibule_srtp::{Inbound, Refusal, Rtp};

use super::allowance::Allowance;
use super::packet::Packet;
use super::wishes::Wishes;
use crate::limits::{DARK_AFTER, PAYLOAD_BYTES, SOUND_PER_SECOND, STREAMS_PER_PEER};
use crate::offer::{Codecs, Extensions, Offer};

pub(super) struct Incoming {
    srtp: Inbound,
    extensions: Extensions,
    codecs: Codecs,
    streams: Vec<Stream>,
    /// The streams that the offer announced.
    announced: Vec<(u32, Role)>,
    /// The mids of the client's tracks.
    mids: Vec<(Source, String)>,
    /// The RIDs of the camera's layers, the smallest first; none where it is one stream.
    rids: Vec<String>,
    /// The highest layer of the camera that somebody is to get; none while nobody is to get any.
    highest: Option<u8>,
    /// What the client may send of sound.
    sound: Allowance,
    feedback: FeedbackBuilder,
    pub(super) wishes: Wishes,
    /// When something authentic came last.
    heard: Option<Moment>,
    /// See [`Incoming::soonest`].
    soonest: Option<Moment>,
}

/// Ticks of the RTP timestamp in a second, of sound (RFC 7587) and of pictures (RFC 7741).
const SOUND_RATE: u32 = 48_000;
const PICTURE_RATE: u32 = 90_000;

/// Streams that one report tells of: microphone, screen and the layers of the camera, and for each one that was there
/// before it. What repairs them is not reported on.
const REPORTED: usize = 2 * (2 + LAYERS);

/// A stream that came. What is looked at first lies beside what is looked at next.
#[repr(C)]
struct Stream {
    ssrc: u32,
    role: Role,
    arrivals: Arrivals,
}

/// What a stream is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Role {
    source: Source,
    layer: u8,
    /// It carries retransmissions of the source's stream.
    repairs: bool,
}

/// What the header extensions of a packet say.
#[derive(Clone, Copy, Default)]
struct Said<'a> {
    mid: Option<&'a [u8]>,
    rid: Option<&'a [u8]>,
    repaired: Option<&'a [u8]>,
    transport: Option<u16>,
    orientation: Option<u8>,
}

/// Why a packet is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dropped {
    /// SRTP refused it.
    Srtp(Refusal),
    /// No track is known that it could be on.
    UnknownStream,
    /// There were too many streams already.
    TooManyStreams,
    /// Its payload is larger than what is forwarded.
    TooLarge,
    /// So much sound is nobody's voice.
    TooMuchSound,
    /// A retransmission of nothing: what browsers probe the line with.
    Padding,
    /// It came before, or is too old to know.
    Stale(Stale),
    /// It is media, and the handshakes are not through.
    BeforeUp,
    /// It is nothing that is spoken here.
    UnknownProtocol,
    /// The handshakes had no use for it.
    Unheard(Unheard),
    /// A part of its reports cannot be read; the parts before it were.
    Report(Malformed),
}

impl Dropped {
    /// Nothing new that the client sends would be taken on this connection any more: only another one helps.
    pub(super) fn is_of_too_many_streams(&self) -> bool {
        matches!(
            self,
            Self::TooManyStreams | Self::Srtp(Refusal::TooManyStreams)
        )
    }
}

impl Incoming {
    pub(super) fn new(srtp: Inbound, offer: &Offer) -> Self {
        let announced = offer
            .sending()
            .filter_map(|track| Some((track.source, track.stream?)));
        let announced = announced.flat_map(|(source, (media, repair))| {
            let role = |repairs| Role {
                source,
                layer: 0,
                repairs,
            };
            [
                Some((media, role(false))),
                repair.map(|it| (it, role(true))),
            ]
        });
        Self {
            srtp,
            extensions: offer.extensions,
            codecs: offer.codecs,
            streams: Vec::new(),
            announced: announced.flatten().collect(),
            mids: offer
                .sending()
                .map(|track| (track.source, track.mid.to_owned()))
                .collect(),
            rids: offer
                .sending()
                .flat_map(|track| track.layers.to_vec())
                .collect(),
            highest: Some(LAYERS as u8 - 1),
            sound: Allowance::new(SOUND_PER_SECOND, SOUND_PER_SECOND),
            feedback: FeedbackBuilder::default(),
            wishes: Wishes::default(),
            heard: None,
            soonest: None,
        }
    }

    /// Opens a packet where it lies, and finds the track that it is on.
    pub(super) fn open<'d>(
        &mut self,
        now: Moment,
        datagram: &'d mut [u8],
    ) -> Result<(Source, Packet<'d>), Dropped> {
        let rtp = self.srtp.open_rtp(datagram).map_err(Dropped::Srtp)?.packet;
        self.hear(now);
        let datagram = &*datagram;
        let said = self.read_extensions(&rtp, datagram);
        if let Some(number) = said.transport {
            self.feedback.note(number, now);
        }
        self.soonest = self.feedback.next_timeout();
        let (place, role) = self.find_stream(&rtp, &said)?;
        if !is_video(role.source) && !self.sound.take(now, datagram.len()) {
            return Err(Dropped::TooMuchSound);
        }
        if let Some(number) = said
            .transport
            .filter(|_| is_video(role.source) && !role.repairs)
        {
            self.feedback.is_picture(number, now);
        }
        let redundancy = self.redundancy(role, rtp.payload_type);
        let payload = datagram.get(rtp.payload.clone()).unwrap_or_default();
        let (sequence, payload, via) = if role.repairs {
            let (sequence, payload) = rtx::unwrap(payload).ok_or(Dropped::Padding)?;
            (sequence, payload, Via::Retransmission)
        } else {
            (rtp.sequence, payload, Via::Stream)
        };
        if payload.is_empty() && role.repairs {
            return Err(Dropped::Padding);
        }
        let media = if role.repairs {
            self.repaired_by(role)
        } else {
            self.streams.get_mut(place)
        };
        let media = media.ok_or(Dropped::UnknownStream)?;
        let noted = media.arrivals.note(now, sequence, rtp.timestamp, via);
        let sequence = noted.map_err(Dropped::Stale)?;
        if payload.len() > PAYLOAD_BYTES {
            return Err(Dropped::TooLarge);
        }
        let begins = is_video(role.source) && begins_key_frame(payload);
        if begins {
            media.arrivals.key_frame(sequence);
        }
        let packet = Packet {
            ssrc: media.ssrc,
            layer: role.layer,
            sequence,
            timestamp: rtp.timestamp,
            marker: rtp.marker,
            orientation: said.orientation,
            redundancy,
            payload,
        };
        let requests = media.arrivals.next_timeout();
        self.soonest = requests.into_iter().chain(self.soonest).min();
        if begins {
            self.wishes.came(role.source, role.layer);
        }
        Ok((role.source, packet))
    }

    /// Sets the highest layer of the camera that somebody is to get. What is lost of higher ones is not asked for any more:
    /// a line that became narrow would be full of it.
    pub(super) fn set_highest(&mut self, highest: Option<u8>) {
        self.highest = highest;
    }

    /// When there is something to write next, as far as the last packet matters.
    pub(super) fn soonest(&self) -> Option<Moment> {
        self.soonest
    }

    /// Opens an RTCP packet where it lies: its plain bytes.
    pub(super) fn open_rtcp<'d>(
        &mut self,
        now: Moment,
        datagram: &'d mut [u8],
    ) -> Result<&'d [u8], Dropped> {
        let length = self.srtp.open_rtcp(datagram).map_err(Dropped::Srtp)?;
        self.hear(now);
        Ok(datagram.get(..length).unwrap_or_default())
    }

    /// Takes a sender report: the track that it is of, if its stream carries one.
    pub(super) fn take_report(
        &mut self,
        now: Moment,
        ntp: Ntp,
        report: &SenderReport,
    ) -> Option<Source> {
        let mut streams = self.streams.iter_mut();
        let stream = streams.find(|it| it.ssrc == report.ssrc && !it.role.repairs)?;
        stream.arrivals.sender_report(now, ntp);
        Some(stream.role.source)
    }

    /// So many packets of a layer's present stream were lost on their way to who receives it.
    pub(super) fn lost_beyond(&mut self, source: Source, layer: u8, packets: u64) {
        let role = Role {
            source,
            layer,
            repairs: false,
        };
        let mut streams = self.streams.iter_mut().rev();
        if let Some(stream) = streams.find(|it| it.role == role) {
            stream.arrivals.lost_beyond(packets);
        }
    }

    /// How long it takes until a packet that was asked for can be there.
    pub(super) fn set_round_trip(&mut self, round_trip: Duration) {
        for stream in &mut self.streams {
            stream.arrivals.set_round_trip(round_trip);
        }
    }

    /// When there is something to write next.
    pub(super) fn next_timeout(&self) -> Option<Moment> {
        let streams = self.streams.iter();
        let requests = streams.filter_map(|it| it.arrivals.next_timeout());
        let told = self.feedback.next_timeout().into_iter();
        requests.chain(told).chain(self.wishes.next_timeout()).min()
    }

    /// Appends what is asked for again, or does as if when nothing may be asked. Tells the tracks that only a key frame
    /// mends.
    pub(super) fn write_requests(
        &mut self,
        now: Moment,
        reporter: u32,
        may_ask: bool,
        compound: &mut Compound<'_>,
        mut broken: impl FnMut(Source, u8),
    ) -> Result<(), DoesNotFit> {
        let highest = self.highest;
        for stream in self.streams.iter_mut().filter(|it| !it.role.repairs) {
            let Role { source, layer, .. } = stream.role;
            let of_use =
                source != Source::Camera || highest.is_some_and(|highest| layer <= highest);
            if stream.arrivals.next_timeout().is_some_and(|due| due <= now) {
                // What is told counts as asked for: it is left for the next report. An empty one has room for all.
                if !compound.is_empty() && !compound.has_room_to_ask(stream.arrivals.missing()) {
                    return Ok(());
                }
                let wanted = stream.arrivals.requests(now);
                let asked = wanted.iter().copied().filter(|_| may_ask && of_use);
                compound.nack(reporter, stream.ssrc, asked)?;
            }
            if stream.arrivals.poll_key_frame() && of_use {
                broken(stream.role.source, stream.role.layer);
            }
        }
        Ok(())
    }

    /// Appends what is reported on each track's stream.
    pub(super) fn write_reports(
        &mut self,
        now: Moment,
        reporter: u32,
        compound: &mut Compound<'_>,
    ) -> Result<(), DoesNotFit> {
        let mut blocks = [ReportBlock::default(); REPORTED];
        let mut count = 0;
        let streams = self.streams.iter_mut().rev();
        let reports = streams.filter_map(|it| it.arrivals.report(now, it.ssrc));
        for (place, block) in blocks.iter_mut().zip(reports) {
            *place = block;
            count += 1;
        }
        compound.receiver_report(reporter, blocks.get(..count).unwrap_or_default())?;
        Ok(())
    }

    /// Writes feedback on what arrived when, if it is due: its length.
    pub(super) fn write_feedback(
        &mut self,
        now: Moment,
        reporter: u32,
        buffer: &mut [u8],
    ) -> Option<(usize, Told)> {
        // What is of no track arrived all the same, and has to be told, or it would be due for ever.
        let media = self.streams.first().map_or(0, |stream| stream.ssrc);
        self.feedback.next_timeout().filter(|due| *due <= now)?;
        let length = self.feedback.build(now, reporter, media, buffer)?;
        let vestibule_rtp::Told { arrived, missing } = self.feedback.last();
        Some((length, Told { arrived, missing }))
    }

    /// The stream that a layer of a source is on now.
    pub(super) fn stream_of(&self, source: Source, layer: u8) -> Option<u32> {
        let role = Role {
            source,
            layer,
            repairs: false,
        };
        let mut streams = self.streams.iter().rev();
        streams.find(|it| it.role == role).map(|it| it.ssrc)
    }

    /// A stream of pictures, if any came.
    pub(super) fn pictures(&self) -> Option<u32> {
        let mut streams = self.streams.iter().rev();
        streams
            .find(|it| is_video(it.role.source) && !it.role.repairs)
            .map(|it| it.ssrc)
    }

    /// Takes note that something authentic came, and whether it ends a darkness.
    fn hear(&mut self, now: Moment) {
        let before = self.heard.replace(now);
        if before.is_some_and(|before| now >= before.plus(DARK_AFTER)) {
            let streams = self.streams.iter_mut();
            streams.for_each(|stream| stream.arrivals.line_was_dark());
        }
    }

    fn read_extensions<'d>(&self, rtp: &Rtp, datagram: &'d [u8]) -> Said<'d> {
        let mut said = Said::default();
        let Some(extension) = &rtp.extension else {
            return said;
        };
        for (id, value) in extension.elements(datagram) {
            let id = Some(id);
            if id == self.extensions.transport_cc {
                said.transport = value.first_chunk().map(|it| u16::from_be_bytes(*it));
            } else if id == self.extensions.video_orientation {
                said.orientation = value.first().copied();
            } else if id == self.extensions.mid {
                said.mid = Some(value);
            } else if id == self.extensions.rid {
                said.rid = Some(value);
            } else if id == self.extensions.repaired_rid {
                said.repaired = Some(value);
            }
        }
        said
    }

    /// The place of a packet's stream, and what it is for; it may begin with the packet.
    fn find_stream(&mut self, rtp: &Rtp, said: &Said<'_>) -> Result<(usize, Role), Dropped> {
        let mut streams = self.streams.iter().enumerate();
        if let Some((place, stream)) = streams.find(|(_, it)| it.ssrc == rtp.ssrc) {
            return Ok((place, stream.role));
        }
        let role = self
            .role(rtp.ssrc, rtp.payload_type, said)
            .ok_or(Dropped::UnknownStream)?;
        if self.streams.len() == STREAMS_PER_PEER {
            return Err(Dropped::TooManyStreams);
        }
        // Streams are few and stay: there is a place for each, and none for others.
        self.streams.reserve_exact(1);
        self.streams.push(Stream {
            ssrc: rtp.ssrc,
            role,
            arrivals: if is_video(role.source) {
                Arrivals::asking(PICTURE_RATE)
            } else {
                Arrivals::reporting(SOUND_RATE)
            },
        });
        Ok((self.streams.len() - 1, role))
    }

    /// What the blocks of a packet name Opus by, if it is sound with redundancy.
    fn redundancy(&self, role: Role, payload_type: u8) -> Option<u8> {
        let redundant = !is_video(role.source) && self.codecs.red == Some(payload_type);
        self.codecs.redundancy().filter(|_| redundant)
    }

    /// The stream that a stream of retransmissions repairs: its layer's last.
    fn repaired_by(&mut self, role: Role) -> Option<&mut Stream> {
        let repaired = Role {
            repairs: false,
            ..role
        };
        let mut streams = self.streams.iter_mut().rev();
        streams.find(|it| it.role == repaired)
    }

    /// What a new stream is for: by the offer, or by the mid that it carries, and the RID of a layer. A browser says
    /// both until it hears a report on the stream.
    fn role(&self, ssrc: u32, payload_type: u8, said: &Said<'_>) -> Option<Role> {
        let announced = self.announced.iter().find(|(known, _)| *known == ssrc);
        if let Some((_, role)) = announced {
            return Some(*role);
        }
        let mid = said.mid?;
        let (source, _) = self.mids.iter().find(|(_, it)| it.as_bytes() == mid)?;
        let layered = *source == Source::Camera && !self.rids.is_empty();
        Some(Role {
            source: *source,
            layer: if layered { self.layer(said)? } else { 0 },
            repairs: payload_type == self.codecs.rtx,
        })
    }

    /// The layer that a packet is of, or repairs.
    fn layer(&self, said: &Said<'_>) -> Option<u8> {
        let said = said.repaired.or(said.rid)?;
        let place = self.rids.iter().position(|rid| rid.as_bytes() == said)?;
        u8::try_from(place).ok()
    }
}

fn is_video(source: Source) -> bool {
    source != Source::Microphone
}

fn begins_key_frame(payload: &[u8]) -> bool {
    vp8::Descriptor::parse(payload).is_some_and(|frame| frame.key_frame_start())
}
