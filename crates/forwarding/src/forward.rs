//! THE HOT PATH: one packet in, one for each leg that gets it out. Nothing here allocates.

use crate::subscription::Next;
use crate::track::{Arrival, is_video};
use crate::{Call, Moment, Seat, Slot, Source, vp8};

/// An RTP packet as it came from a publisher, decrypted by SRTP; the payload is sealed end to end.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// Its stream.
    pub ssrc: u32,
    /// The layer that the stream carries, the smallest first; 0 where there is but one.
    pub layer: u8,
    /// Its extended sequence number.
    pub sequence: u64,
    /// Its timestamp.
    pub timestamp: u32,
    /// All behind the header and its extensions, without padding.
    pub payload: &'a [u8],
}

/// A packet's way to one leg, with the numbers that it gets there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forwarded {
    /// To whom.
    pub seat: Seat,
    /// Through which slot.
    pub slot: Slot,
    /// The extended sequence number. The first of a slot lies below 65,536.
    pub sequence: u64,
    /// The timestamp.
    pub timestamp: u32,
    /// When it was captured: never after the moment of the call, for the sender reports of this slot.
    pub captured: Moment,
    /// The new picture numbers, when they differ.
    pub vp8: Option<vp8::Rewrite>,
}

impl Call {
    /// Takes a packet of a leg's track and names each leg that gets it. Nobody does while the call is
    /// closed, and a packet that came before goes nowhere.
    pub fn forward(
        &mut self,
        now: Moment,
        from: Seat,
        source: Source,
        packet: &Packet<'_>,
        mut send: impl FnMut(Forwarded),
    ) {
        let Some(arrival) = self.admit(now, from, source, packet) else {
            return;
        };
        if !self.is_open() || (source == Source::Screen && !self.may_present(now, from)) {
            return;
        }
        let mut needs_key_frame = false;
        for seat in Seat::ALL.into_iter().filter(|seat| *seat != from) {
            match self.offer(seat, from, source, &arrival) {
                Some((_, Next::NeedsKeyFrame)) => needs_key_frame = true,
                Some((slot, Next::Send(numbers))) => send(Forwarded {
                    seat,
                    slot,
                    sequence: numbers.sequence,
                    timestamp: numbers.timestamp,
                    captured: arrival.captured,
                    vp8: numbers.vp8,
                }),
                Some((_, Next::Late | Next::Passed)) | None => {}
            }
        }
        if needs_key_frame {
            self.request_from(now, from, source, packet.layer);
        }
    }

    /// What becomes of a packet at one leg; `None` when nothing can be sent there.
    fn offer(
        &mut self,
        to: Seat,
        from: Seat,
        source: Source,
        arrival: &Arrival,
    ) -> Option<(Slot, Next)> {
        let leg = self.leg_mut(to)?;
        let slot = leg.slot_of(from, source)?;
        let link = leg.link.as_mut().filter(|link| link.is_up())?;
        Some((slot, link.subscription(slot)?.next(arrival)))
    }

    /// Asks a publisher for a key frame of a layer, or of what there is instead of it.
    pub(crate) fn request_from(&mut self, now: Moment, from: Seat, source: Source, layer: u8) {
        let link = self.leg_mut(from).and_then(|leg| leg.link.as_mut());
        if let Some(link) = link.filter(|_| is_video(source)) {
            link.track(source).request_key_frame(now, layer);
            self.stir();
        }
    }
}
