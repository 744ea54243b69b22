//! What is done with every packet that comes: SRTP is taken off where it lies, its stream is found, and it is noted that it
//! came.

use vestibule_forwarding::{Moment, Source, vp8};
use vestibule_rtp::{Via, rtx};
use vestibule_srtp::Rtp;

use super::streams::Role;
use super::{Dropped, Incoming};
use crate::limits::PAYLOAD_BYTES;
use crate::offer::Extensions;
use crate::peer::Packet;

/// What the header extensions of a packet say.
#[derive(Clone, Copy, Default)]
pub(super) struct Said<'a> {
    pub(super) mid: Option<&'a [u8]>,
    pub(super) rid: Option<&'a [u8]>,
    pub(super) repaired: Option<&'a [u8]>,
    transport: Option<u16>,
    orientation: Option<u8>,
}

/// A packet with its number in the stream that it belongs to.
struct Contents<'a> {
    sequence: u16,
    payload: &'a [u8],
    via: Via,
}

impl Incoming {
    /// Opens a packet where it lies, and finds the track that it is on.
    pub(in crate::peer) fn open<'d>(
        &mut self,
        now: Moment,
        datagram: &'d mut [u8],
    ) -> Result<(Source, Packet<'d>), Dropped> {
        let rtp = self.srtp.open_rtp(datagram).map_err(Dropped::Srtp)?.packet;
        self.hear(now);
        let datagram = &*datagram;
        let said = Said::read(&rtp, &self.extensions, datagram);
        if let Some(number) = said.transport {
            self.feedback.note(number, now);
        }
        self.soonest = self.feedback.next_timeout();
        let (place, role) = self.streams.find_or_begin(&rtp, &said)?;
        if !role.is_video() && !self.sound.take(now, datagram.len()) {
            return Err(Dropped::TooMuchSound);
        }
        if let Some(number) = said.transport.filter(|_| role.is_video() && !role.repairs) {
            self.feedback.is_picture(number, now);
        }
        let redundancy = self.redundancy(role, rtp.payload_type);
        let contents = Contents::read(&rtp, role, datagram)?;
        let payload = contents.payload;
        let stream = self.streams.carrying(place, role);
        let stream = stream.ok_or(Dropped::UnknownStream)?;
        let arrivals = &mut stream.arrivals;
        let noted = arrivals.note(now, contents.sequence, rtp.timestamp, contents.via);
        let sequence = noted.map_err(Dropped::Stale)?;
        if payload.len() > PAYLOAD_BYTES {
            return Err(Dropped::TooLarge);
        }
        let begins = role.is_video() && begins_key_frame(payload);
        if begins {
            arrivals.key_frame(sequence);
        }
        let requests = arrivals.next_timeout();
        self.soonest = requests.into_iter().chain(self.soonest).min();
        if begins {
            self.wishes.came(role.source, role.layer);
        }
        let packet = Packet {
            ssrc: stream.ssrc,
            layer: role.layer,
            sequence,
            timestamp: rtp.timestamp,
            marker: rtp.marker,
            orientation: said.orientation,
            redundancy,
            payload,
        };
        Ok((role.source, packet))
    }

    /// What the blocks of a packet name Opus by, if it is sound with redundancy.
    fn redundancy(&self, role: Role, payload_type: u8) -> Option<u8> {
        let redundant = !role.is_video() && self.codecs.red == Some(payload_type);
        self.codecs.redundancy().filter(|_| redundant)
    }
}

impl<'a> Said<'a> {
    #[inline]
    fn read(rtp: &Rtp, agreed: &Extensions, datagram: &'a [u8]) -> Self {
        let mut said = Self::default();
        let Some(extension) = &rtp.extension else {
            return said;
        };
        for (id, value) in extension.elements(datagram) {
            let id = Some(id);
            if id == agreed.transport_cc {
                said.transport = value.first_chunk().map(|it| u16::from_be_bytes(*it));
            } else if id == agreed.video_orientation {
                said.orientation = value.first().copied();
            } else if id == agreed.mid {
                said.mid = Some(value);
            } else if id == agreed.rid {
                said.rid = Some(value);
            } else if id == agreed.repaired_rid {
                said.repaired = Some(value);
            }
        }
        said
    }
}

impl<'a> Contents<'a> {
    #[inline]
    fn read(rtp: &Rtp, role: Role, datagram: &'a [u8]) -> Result<Self, Dropped> {
        let payload = datagram.get(rtp.payload.clone()).unwrap_or_default();
        if !role.repairs {
            return Ok(Self {
                sequence: rtp.sequence,
                payload,
                via: Via::Stream,
            });
        }
        let (sequence, payload) = rtx::unwrap(payload).ok_or(Dropped::Padding)?;
        if payload.is_empty() {
            return Err(Dropped::Padding);
        }
        Ok(Self {
            sequence,
            payload,
            via: Via::Retransmission,
        })
    }
}

fn begins_key_frame(payload: &[u8]) -> bool {
    vp8::Descriptor::parse(payload).is_some_and(|frame| frame.key_frame_start())
}
