//! When queued packets leave.
//!
//! Sound never waits. Picture leaves at once as long as it fits into what the line takes in a few
//! milliseconds, so that on a good line a frame goes out in the wake-up that it came in, in one batch and
//! without a timer. Only what is more, as a key frame, is spread over time. Retransmissions go before
//! picture: their receivers already wait.
//!
//! The pacer holds no packets, only tickets that its caller understands.

use std::time::Duration;

use crate::limits::{
    PACED_BURST, PACED_TIME, PACING_FACTOR, PACING_WAKE, PASSING_BURST, PASSING_HEADROOM,
};
use crate::ring::Ring;
use crate::{Bitrate, Moment};

/// What waits or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Sent again because a receiver missed it: before all picture.
    Retransmission,
    /// Picture, in its order.
    Video,
}

/// What is to become of a packet.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<T> {
    /// It leaves now; the pacer has counted it.
    Now(T),
    /// It waits: [`Pacer::poll`] gives the ticket back when it is its turn.
    Waits,
    /// There is no more place. The caller drops the packet, or sends less from now on.
    Full(T),
}

#[derive(Clone, Copy, Debug, Default)]
struct Waiting<T> {
    ticket: T,
    size: u16,
    /// The low bits of the milliseconds when it came.
    since: u16,
}

/// The packets to one receiver that wait, at most `N` of each [`Kind`].
#[derive(Debug)]
pub struct Pacer<T, const N: usize> {
    retransmissions: Ring<Waiting<T>, N>,
    video: Ring<Waiting<T>, N>,
    waiting_bytes: u64,
    rate: Bitrate,
    burst: Duration,
    /// When the line is done with what has left.
    free_at: Moment,
}

impl<T: Copy + Default, const N: usize> Pacer<T, N> {
    /// A pacer for a line with this target.
    #[must_use]
    pub fn new(target: Bitrate) -> Self {
        Self {
            retransmissions: Ring::new(),
            video: Ring::new(),
            waiting_bytes: 0,
            rate: target.times(PACING_FACTOR),
            burst: PACED_BURST,
            free_at: Moment::default(),
        }
    }

    /// The line's target, and what is sent in a second on average. A line with much room lets whole
    /// frames pass.
    pub fn set_target(&mut self, target: Bitrate, sending: Bitrate) {
        self.rate = target.times(PACING_FACTOR);
        self.burst = if target >= sending.times(PASSING_HEADROOM) {
            PASSING_BURST
        } else {
            PACED_BURST
        };
    }

    /// Something leaves that never waits: sound, padding. Its bytes count.
    pub fn on_sent_beside(&mut self, now: Moment, size: u16) {
        self.spend(now, size);
    }

    /// A packet is to leave: its bytes with all headers.
    pub fn submit(&mut self, now: Moment, kind: Kind, size: u16, ticket: T) -> Verdict<T> {
        if self.is_empty() && self.is_free(now) {
            self.spend(now, size);
            return Verdict::Now(ticket);
        }
        let waiting = Waiting {
            ticket,
            size,
            since: millis(now),
        };
        let queue = match kind {
            Kind::Retransmission => &mut self.retransmissions,
            Kind::Video => &mut self.video,
        };
        if !queue.push(waiting) {
            return Verdict::Full(ticket);
        }
        self.waiting_bytes += u64::from(size);
        Verdict::Waits
    }

    /// The next packet that may leave now, if any: ask until there is none.
    #[must_use]
    pub fn poll(&mut self, now: Moment) -> Option<T> {
        if !self.is_free(now) {
            return None;
        }
        let next = self.retransmissions.pop().or_else(|| self.video.pop())?;
        self.spend(now, next.size);
        self.waiting_bytes = self.waiting_bytes.saturating_sub(next.size.into());
        Some(next.ticket)
    }

    /// When [`Self::poll`] is to be asked next; `None` while nothing waits. A little late by intention, so that
    /// a wake-up sends several packets.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Moment> {
        (!self.is_empty()).then(|| self.free_at.plus(PACING_WAKE))
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.retransmissions.len() + self.video.len()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.retransmissions.is_empty() && self.video.is_empty()
    }

    /// How long what waits will take.
    #[must_use]
    pub fn queue_time(&self) -> Duration {
        self.rate.time_for(self.waiting_bytes)
    }

    /// Whether too much waits: the caller is to send a lower layer, or nothing until a key frame.
    #[must_use]
    pub fn is_too_long(&self, now: Moment) -> bool {
        self.oldest(now) > PACED_TIME || self.queue_time() > PACED_TIME
    }

    fn is_free(&self, now: Moment) -> bool {
        self.free_at <= now
    }

    /// A line that was idle takes a burst at once: time before that is not saved up. Nor is what left beside paid for longer
    /// than anything may wait: much sound makes pictures slow, and does not end them.
    fn spend(&mut self, now: Moment, size: u16) {
        let saved = now.as_micros().saturating_sub(micros(self.burst));
        let from = self.free_at.max(Moment::from_micros(saved));
        let paid = from.plus(self.pace().time_for(size.into()));
        self.free_at = paid.min(now.plus(PACED_TIME));
    }

    /// The rate, or what it takes to send all that waits in time: what is later than that is of no use.
    fn pace(&self) -> Bitrate {
        self.rate.max(Bitrate::of(self.waiting_bytes, PACED_TIME))
    }

    /// How long the oldest packet has waited.
    fn oldest(&self, now: Moment) -> Duration {
        let fronts = self
            .retransmissions
            .front()
            .into_iter()
            .chain(self.video.front());
        fronts
            .map(|waiting| millis(now).wrapping_sub(waiting.since))
            .max()
            .map_or(Duration::ZERO, |waited| {
                Duration::from_millis(waited.into())
            })
    }
}

/// The low bits of the milliseconds: nothing waits for the minute in which they wrap.
fn millis(moment: Moment) -> u16 {
    (moment.as_micros() / 1000) as u16
}

fn micros(length: Duration) -> u64 {
    u64::try_from(length.as_micros()).unwrap_or(u64::MAX)
}
