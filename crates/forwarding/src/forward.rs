//! THE HOT PATH: one packet in, one for each leg that gets it out. Nothing here allocates.

use crate::subscription::{Going, Next, Subscription};
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

/// Why a packet goes to nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unforwarded {
    /// The call is closed, or the leg is not connected to it.
    Closed,
    /// It is a picture's, and not VP8 (RFC 7741 section 4.2).
    Malformed,
    /// It came before, or so late that this cannot be told.
    CameBefore,
    /// It is of a screen, and another's is shown.
    AnotherPresents,
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    /// Why it goes to nobody.
    pub unforwarded: Option<Unforwarded>,
    /// How many get it not, as it is of the time before they joined its stream.
    pub before_joining: u8,
    /// How many get it not, as they wait for a key frame.
    pub no_key_frame: u8,
}

impl Call {
    /// Takes a packet of a leg's track and names each leg that gets it, and tells whom it is kept from. Nobody gets it while
    /// the call is closed, and a packet that came before goes nowhere. A layer that a leg does not want is kept from
    /// nobody. `send` tells whether it sends the packet, now or later: numbers of what is not sent are given to what
    /// comes next.
    pub fn forward(
        &mut self,
        now: Moment,
        from: Seat,
        source: Source,
        packet: &Packet<'_>,
        mut send: impl FnMut(Forwarded) -> bool,
    ) -> Fate {
        let mut fate = Fate::default();
        let arrival = match self.admit_open(now, from, source, packet) {
            Ok(arrival) => arrival,
            Err(why) => {
                fate.unforwarded = Some(why);
                return fate;
            }
        };
        for seat in Seat::ALL.into_iter().filter(|seat| *seat != from) {
            match self.offer(seat, from, source, &arrival) {
                Some((_, Next::NeedsKeyFrame)) => fate.no_key_frame += 1,
                Some((slot, Next::Send(going))) => {
                    if send(forwarded(seat, slot, &arrival, &going)) {
                        self.sent(seat, slot, &arrival, &going);
                    }
                }
                Some((_, Next::Late)) => fate.before_joining += 1,
                Some((_, Next::Passed)) | None => {}
            }
        }
        if fate.no_key_frame > 0 {
            self.request_from(now, from, source, packet.layer);
        }
        fate
    }

    fn admit_open(
        &mut self,
        now: Moment,
        from: Seat,
        source: Source,
        packet: &Packet<'_>,
    ) -> Result<Arrival, Unforwarded> {
        let arrival = self.admit(now, from, source, packet)?;
        if !self.is_open() {
            return Err(Unforwarded::Closed);
        }
        if source == Source::Screen && !self.may_present(now, from) {
            return Err(Unforwarded::AnotherPresents);
        }
        Ok(arrival)
    }

    /// What becomes of a packet at one leg; `None` when nothing can be sent there.
    fn offer(
        &self,
        to: Seat,
        from: Seat,
        source: Source,
        arrival: &Arrival,
    ) -> Option<(Slot, Next)> {
        let leg = self.leg(to)?;
        let slot = leg.slot_of(from, source)?;
        let link = leg.link.as_ref().filter(|link| link.is_up())?;
        let next = match link.subscribed(slot) {
            Some(subscription) => subscription.next(arrival),
            None => Subscription::default().next(arrival),
        };
        Some((slot, next))
    }

    /// A packet was sent through a slot.
    fn sent(&mut self, to: Seat, slot: Slot, arrival: &Arrival, going: &Going) {
        let link = self.leg_mut(to).and_then(|leg| leg.link.as_mut());
        if let Some(subscription) = link.and_then(|link| link.subscription(slot)) {
            subscription.sent(arrival, going);
        }
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

fn forwarded(seat: Seat, slot: Slot, arrival: &Arrival, going: &Going) -> Forwarded {
    let numbers = going.numbers;
    Forwarded {
        seat,
        slot,
        sequence: numbers.sequence,
        timestamp: numbers.timestamp,
        captured: arrival.captured,
        vp8: numbers.vp8,
    }
}
