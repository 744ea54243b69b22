//! What comes from a client: which stream a packet is on, and what repairs what.

use vestibule_forwarding::{Moment, SenderReport, Source};
use vestibule_rtp::{extend, rtx};
use vestibule_srtp::{Inbound, Refusal, Rtp};

use super::packet::Packet;
use crate::limits::{PAYLOAD_BYTES, STREAMS_PER_PEER};
use crate::offer::{Extensions, Offer};

pub(super) struct Incoming {
    srtp: Inbound,
    extensions: Extensions,
    /// The payload type of retransmissions.
    rtx: u8,
    streams: Vec<Stream>,
    /// The streams that the offer announced.
    announced: Vec<(u32, Role)>,
    /// The mids of the client's tracks.
    mids: Vec<(Source, String)>,
}

/// A stream that came.
struct Stream {
    ssrc: u32,
    role: Role,
    /// The furthest packet.
    newest: u64,
}

/// What a stream is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Role {
    source: Source,
    /// It carries retransmissions of the source's stream.
    repairs: bool,
}

/// What the header extensions of a packet say.
#[derive(Clone, Copy, Default)]
struct Said<'a> {
    mid: Option<&'a [u8]>,
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
    /// A retransmission of nothing: what browsers probe the line with.
    Padding,
}

impl Incoming {
    pub(super) fn new(srtp: Inbound, offer: &Offer) -> Self {
        let announced = offer
            .sending()
            .filter_map(|track| Some((track.source, track.stream?)));
        let announced = announced.flat_map(|(source, (media, repair))| {
            let role = |repairs| Role { source, repairs };
            [
                Some((media, role(false))),
                repair.map(|it| (it, role(true))),
            ]
        });
        Self {
            srtp,
            extensions: offer.extensions,
            rtx: offer.codecs.rtx,
            streams: Vec::new(),
            announced: announced.flatten().collect(),
            mids: offer
                .sending()
                .map(|track| (track.source, track.mid.to_owned()))
                .collect(),
        }
    }

    /// Opens a packet where it lies, and finds the track that it is on.
    pub(super) fn open<'d>(
        &mut self,
        _now: Moment,
        datagram: &'d mut [u8],
    ) -> Result<(Source, Packet<'d>), Dropped> {
        let opened = self.srtp.open_rtp(datagram).map_err(Dropped::Srtp)?;
        let (index, rtp, datagram) = (opened.index, opened.packet, &*datagram);
        let said = self.read_extensions(&rtp, datagram);
        let place = self.stream(rtp.ssrc, rtp.payload_type, &said)?;
        let stream = self.streams.get_mut(place).ok_or(Dropped::UnknownStream)?;
        let payload = datagram.get(rtp.payload.clone()).unwrap_or_default();
        stream.newest = stream.newest.max(index);
        let packet = Packet {
            ssrc: rtp.ssrc,
            sequence: index,
            timestamp: rtp.timestamp,
            marker: rtp.marker,
            orientation: said.orientation,
            payload,
        };
        let Role { source, repairs } = stream.role;
        let packet = if repairs {
            self.repaired(source, packet)?
        } else {
            packet
        };
        if packet.payload.len() > PAYLOAD_BYTES {
            return Err(Dropped::TooLarge);
        }
        Ok((source, packet))
    }

    /// Opens an RTCP packet where it lies: its plain bytes.
    pub(super) fn open_rtcp<'d>(&mut self, datagram: &'d mut [u8]) -> Result<&'d [u8], Dropped> {
        let length = self.srtp.open_rtcp(datagram).map_err(Dropped::Srtp)?;
        Ok(datagram.get(..length).unwrap_or_default())
    }

    /// The track of a sender report, which must be of a stream that carries it.
    pub(super) fn reported(&self, report: &SenderReport) -> Option<Source> {
        let stream = self.streams.iter().find(|it| it.ssrc == report.ssrc)?;
        (!stream.role.repairs).then_some(stream.role.source)
    }

    /// The stream that a source is on now.
    pub(super) fn stream_of(&self, source: Source) -> Option<u32> {
        let role = Role {
            source,
            repairs: false,
        };
        let mut streams = self.streams.iter().rev();
        streams.find(|it| it.role == role).map(|it| it.ssrc)
    }

    /// The packet that a retransmission carries, as it was lost.
    fn repaired<'d>(&self, source: Source, packet: Packet<'d>) -> Result<Packet<'d>, Dropped> {
        let (sequence, payload) = rtx::unwrap(packet.payload).ok_or(Dropped::Padding)?;
        if payload.is_empty() {
            return Err(Dropped::Padding);
        }
        let role = Role {
            source,
            repairs: false,
        };
        let mut streams = self.streams.iter().rev();
        let media = streams
            .find(|it| it.role == role)
            .ok_or(Dropped::UnknownStream)?;
        let sequence = extend(media.newest, sequence).ok_or(Dropped::Padding)?;
        Ok(Packet {
            ssrc: media.ssrc,
            sequence,
            payload,
            ..packet
        })
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
            }
        }
        said
    }

    /// The place of a packet's stream, which may begin with it.
    fn stream(&mut self, ssrc: u32, payload_type: u8, said: &Said<'_>) -> Result<usize, Dropped> {
        if let Some(place) = self.streams.iter().position(|it| it.ssrc == ssrc) {
            return Ok(place);
        }
        let role = self
            .role(ssrc, payload_type, said)
            .ok_or(Dropped::UnknownStream)?;
        if self.streams.len() == STREAMS_PER_PEER {
            return Err(Dropped::TooManyStreams);
        }
        self.streams.push(Stream {
            ssrc,
            role,
            newest: 0,
        });
        Ok(self.streams.len() - 1)
    }

    /// What a new stream is for: by the offer, or by the mid that it carries.
    fn role(&self, ssrc: u32, payload_type: u8, said: &Said<'_>) -> Option<Role> {
        let announced = self.announced.iter().find(|(known, _)| *known == ssrc);
        if let Some((_, role)) = announced {
            return Some(*role);
        }
        let mid = said.mid?;
        let (source, _) = self.mids.iter().find(|(_, it)| it.as_bytes() == mid)?;
        Some(Role {
            source: *source,
            repairs: payload_type == self.rtx,
        })
    }
}
