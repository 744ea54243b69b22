//! A packet that a receiver asks for again: whose it was, and what it is to look like the second time.

use crate::subscription::{Skip, Traced};
use crate::track::is_video;
use crate::{Call, Moment, Seat, Slot, Source, vp8};

/// A packet that went through a slot, as it came from its publisher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resend {
    /// Who published it.
    pub from: Seat,
    /// On which track.
    pub source: Source,
    /// On which stream.
    pub ssrc: u32,
    /// The extended sequence number that it came with.
    pub sequence: u64,
    traced: Traced,
}

impl Resend {
    /// The timestamp and the picture numbers that it was sent with, of what it came with.
    #[must_use]
    pub fn numbers(&self, timestamp: u32, payload: &[u8]) -> (u32, Option<vp8::Rewrite>) {
        let frame = is_video(self.source).then(|| vp8::Descriptor::parse(payload));
        let numbers = self.traced.numbers(timestamp, frame.flatten().as_ref());
        (numbers.timestamp, numbers.vp8)
    }
}

impl Call {
    /// What to send through a paused slot instead of what a receiver asks for again, if anything: a packet without payload, with
    /// which it forgets what it lacks.
    pub fn skip(&mut self, now: Moment, by: Seat, slot: Slot) -> Option<Skip> {
        let link = self.leg_mut(by)?.link.as_mut()?;
        link.subscription(slot)?.skip(now)
    }

    /// What went through a slot under this extended sequence number; `None` when nothing did, or its stream is
    /// gone.
    #[must_use]
    pub fn resend(&self, by: Seat, slot: Slot, sequence: u64) -> Option<Resend> {
        let link = self.leg(by)?.link.as_ref()?;
        let traced = link.subscribed(slot)?.trace(sequence)?;
        let (from, source, ssrc) = Seat::ALL.into_iter().find_map(|seat| {
            let link = self.leg(seat)?.link.as_ref()?;
            let (source, ssrc) = link.track_of(traced.stream)?;
            Some((seat, source, ssrc))
        })?;
        Some(Resend {
            from,
            source,
            ssrc,
            sequence: traced.sequence,
            traced,
        })
    }
}
