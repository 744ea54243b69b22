//! The streams that a client sends on, and which track each is of.

use vestibule_forwarding::Source;
use vestibule_rtp::Arrivals;
use vestibule_srtp::Rtp;

use super::Dropped;
use super::open::Said;
use crate::limits::STREAMS_PER_PEER;
use crate::offer::Offer;

/// Ticks of the RTP timestamp in a second, of sound (RFC 7587) and of pictures (RFC 7741).
const SOUND_RATE: u32 = 48_000;
const PICTURE_RATE: u32 = 90_000;

/// The streams that came, and what tells what a new one is for.
pub(super) struct Streams {
    came: Vec<Stream>,
    /// The streams that the offer announced.
    announced: Vec<(u32, Role)>,
    /// The mids of the client's tracks.
    mids: Vec<(Source, String)>,
    /// The RIDs of the camera's layers, the smallest first; none where it is one stream.
    rids: Vec<String>,
    /// The payload type of retransmissions.
    rtx: u8,
}

/// A stream that came. What is looked at first lies beside what is looked at next.
#[repr(C)]
pub(super) struct Stream {
    pub(super) ssrc: u32,
    pub(super) role: Role,
    pub(super) arrivals: Arrivals,
}

/// What a stream is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) source: Source,
    pub(super) layer: u8,
    /// It carries retransmissions of the source's stream.
    pub(super) repairs: bool,
}

impl Role {
    /// That of what carries a layer of a source itself.
    pub(super) fn of(source: Source, layer: u8) -> Self {
        Self {
            source,
            layer,
            repairs: false,
        }
    }

    pub(super) fn is_video(self) -> bool {
        self.source != Source::Microphone
    }
}

impl Streams {
    pub(super) fn of(offer: &Offer) -> Self {
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
            came: Vec::new(),
            announced: announced.flatten().collect(),
            mids: offer
                .sending()
                .map(|track| (track.source, track.mid.to_owned()))
                .collect(),
            rids: offer
                .sending()
                .flat_map(|track| track.layers.to_vec())
                .collect(),
            rtx: offer.codecs.rtx,
        }
    }

    /// The place of a packet's stream, and what it is for; it may begin with the packet.
    #[inline]
    pub(super) fn find_or_begin(
        &mut self,
        rtp: &Rtp,
        said: &Said<'_>,
    ) -> Result<(usize, Role), Dropped> {
        let mut streams = self.came.iter().enumerate();
        match streams.find(|(_, it)| it.ssrc == rtp.ssrc) {
            Some((place, stream)) => Ok((place, stream.role)),
            None => self.begin(rtp, said),
        }
    }

    #[cold]
    fn begin(&mut self, rtp: &Rtp, said: &Said<'_>) -> Result<(usize, Role), Dropped> {
        let role = self
            .role(rtp.ssrc, rtp.payload_type, said)
            .ok_or(Dropped::UnknownStream)?;
        if self.came.len() == STREAMS_PER_PEER {
            return Err(Dropped::TooManyStreams);
        }
        // Streams are few and stay: there is a place for each, and none for others.
        self.came.reserve_exact(1);
        self.came.push(Stream {
            ssrc: rtp.ssrc,
            role,
            arrivals: if role.is_video() {
                Arrivals::asking(PICTURE_RATE)
            } else {
                Arrivals::reporting(SOUND_RATE)
            },
        });
        Ok((self.came.len() - 1, role))
    }

    /// The stream of a packet itself, or that which it repairs: its layer's last.
    #[inline]
    pub(super) fn carrying(&mut self, place: usize, role: Role) -> Option<&mut Stream> {
        if role.repairs {
            self.last_of(Role::of(role.source, role.layer))
        } else {
            self.came.get_mut(place)
        }
    }

    /// The last stream that came for this.
    pub(super) fn last_of(&mut self, role: Role) -> Option<&mut Stream> {
        let mut streams = self.came.iter_mut().rev();
        streams.find(|it| it.role == role)
    }

    /// All that came, the first one first.
    pub(super) fn iter(&self) -> std::slice::Iter<'_, Stream> {
        self.came.iter()
    }

    pub(super) fn iter_mut(&mut self) -> std::slice::IterMut<'_, Stream> {
        self.came.iter_mut()
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
            repairs: payload_type == self.rtx,
        })
    }

    /// The layer that a packet is of, or repairs.
    fn layer(&self, said: &Said<'_>) -> Option<u8> {
        let said = said.repaired.or(said.rid)?;
        let place = self.rids.iter().position(|rid| rid.as_bytes() == said)?;
        u8::try_from(place).ok()
    }
}
