//! What one receiver was sent again: how often, how lately, how much.

use std::time::Duration;

use crate::Moment;
use crate::limits::{RESENT_ADVANCE, RESENT_BURST, RESENT_PACKETS, RESENT_SHARE, RESENT_TIMES};

/// Decides whether a packet is sent again to one receiver.
///
/// A request that is repeated within a round trip is answered once: the first answer may be on its way. An answer that
/// waits to leave is on its way too, and the round trip counts from when it left. All answers together take at most one octet for each [`RESENT_SHARE`] of the stream, beside a burst.
#[derive(Debug)]
pub struct Resent {
    /// At the number modulo [`RESENT_PACKETS`]. Empty before the first answer.
    entries: Box<[Entry]>,
    /// Octets that were sent and not yet counted as allowance, and the allowance.
    remainder: u64,
    allowance: u64,
}

/// Sixteen octets: the first loss takes a place for each packet.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    at: Moment,
    /// The low bits of the number. Half of them are months of packets.
    sequence: u32,
    /// Zero for a place that no packet took.
    times: u8,
    /// It has not left yet.
    waits: bool,
}

/// Why a packet is not sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// It was, within the round trip, or waits to be.
    #[error("it was sent again a moment ago, or is about to be")]
    JustNow,
    /// It was, [`RESENT_TIMES`] times.
    #[error("it was sent again too often")]
    TooOften,
    /// The retransmissions are too much of the stream.
    #[error("too much of the stream is sent again")]
    Budget,
}

impl Default for Resent {
    fn default() -> Self {
        Self {
            entries: Box::default(),
            remainder: 0,
            allowance: RESENT_ADVANCE,
        }
    }
}

impl Resent {
    /// Takes note of octets of the stream that were sent for the first time.
    pub fn sent(&mut self, octets: usize) {
        let octets = self.remainder.saturating_add(octets as u64);
        self.remainder = octets % RESENT_SHARE;
        let allowance = self.allowance.saturating_add(octets / RESENT_SHARE);
        self.allowance = allowance.min(RESENT_BURST);
    }

    /// Whether a packet is sent again, by its extended number toward this receiver; if so, it counts as sent now.
    ///
    /// # Errors
    /// Why it is not.
    pub fn allow(
        &mut self,
        now: Moment,
        sequence: u64,
        octets: usize,
        round_trip: Duration,
    ) -> Result<(), Refusal> {
        self.check(now, sequence, octets, round_trip)?;
        self.take(now, sequence, octets, false);
        Ok(())
    }

    /// Whether a packet may be sent again. Nothing is counted before [`Self::take`].
    ///
    /// # Errors
    /// Why it may not.
    pub fn check(
        &self,
        now: Moment,
        sequence: u64,
        octets: usize,
        round_trip: Duration,
    ) -> Result<(), Refusal> {
        let before = self.before(sequence);
        let on_its_way = |entry: Entry| entry.waits || now.since(entry.at) < round_trip;
        if before.is_some_and(on_its_way) {
            return Err(Refusal::JustNow);
        }
        if before.is_some_and(|entry| entry.times >= RESENT_TIMES) {
            return Err(Refusal::TooOften);
        }
        if self.allowance < octets as u64 {
            return Err(Refusal::Budget);
        }
        Ok(())
    }

    /// A packet that may be sent again is: now, or it waits until [`Self::leave`].
    pub fn take(&mut self, now: Moment, sequence: u64, octets: usize, waits: bool) {
        let times = self.before(sequence).map_or(0, |entry| entry.times);
        self.allowance = self.allowance.saturating_sub(octets as u64);
        let entry = Entry {
            at: now,
            sequence: low(sequence),
            times: times.saturating_add(1),
            waits,
        };
        self.note(sequence, entry);
    }

    /// A packet that waited leaves.
    pub fn leave(&mut self, now: Moment, sequence: u64) {
        if let Some(entry) = self.before(sequence) {
            let entry = Entry {
                at: now,
                waits: false,
                ..entry
            };
            self.note(sequence, entry);
        }
    }

    fn before(&self, sequence: u64) -> Option<Entry> {
        let entry = self.entries.get(slot(sequence)).copied()?;
        (entry.times > 0 && entry.sequence == low(sequence)).then_some(entry)
    }

    fn note(&mut self, sequence: u64, entry: Entry) {
        if self.entries.is_empty() {
            self.entries = vec![Entry::default(); RESENT_PACKETS].into_boxed_slice();
        }
        if let Some(place) = self.entries.get_mut(slot(sequence)) {
            *place = entry;
        }
    }
}

fn low(sequence: u64) -> u32 {
    (sequence & u64::from(u32::MAX)) as u32
}

fn slot(sequence: u64) -> usize {
    (sequence % RESENT_PACKETS as u64) as usize
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{Refusal, Resent};
    use crate::Moment;
    use crate::limits::{RESENT_ADVANCE, RESENT_BURST, RESENT_PACKETS, RESENT_SHARE, RESENT_TIMES};

    const ROUND_TRIP: Duration = Duration::from_millis(50);

    fn at(millis: u64) -> Moment {
        Moment::from_micros(millis * 1000)
    }

    #[test]
    fn a_request_repeated_within_a_round_trip_is_answered_once() {
        let mut resent = Resent::default();
        assert_eq!(resent.allow(at(0), 7, 100, ROUND_TRIP), Ok(()));
        let again = resent.allow(at(49), 7, 100, ROUND_TRIP);
        assert_eq!(again, Err(Refusal::JustNow));
        assert_eq!(resent.allow(at(49), 8, 100, ROUND_TRIP), Ok(()));
        assert_eq!(resent.allow(at(50), 7, 100, ROUND_TRIP), Ok(()));
    }

    #[test]
    fn what_waits_is_not_sent_twice_and_the_round_trip_counts_from_when_it_left() {
        let mut resent = Resent::default();
        resent.take(at(0), 7, 100, true);
        let check = |resent: &Resent, millis| resent.check(at(millis), 7, 100, ROUND_TRIP);
        assert_eq!(check(&resent, 1_000), Err(Refusal::JustNow));
        resent.leave(at(1_000), 7);
        assert_eq!(check(&resent, 1_049), Err(Refusal::JustNow));
        assert_eq!(check(&resent, 1_050), Ok(()));
        // Another has its place meanwhile, and what is known of that one stays.
        resent.take(at(2_000), 7 + RESENT_PACKETS as u64, 100, true);
        resent.leave(at(2_000), 7);
        let other = resent.check(at(9_000), 7 + RESENT_PACKETS as u64, 100, ROUND_TRIP);
        assert_eq!(other, Err(Refusal::JustNow));
    }

    #[test]
    fn nothing_is_counted_before_it_is_taken() {
        let resent = Resent::default();
        for _ in 0..100 {
            assert_eq!(resent.check(at(0), 7, 1200, ROUND_TRIP), Ok(()));
        }
    }

    #[test]
    fn a_packet_that_never_arrives_is_given_up() {
        let mut resent = Resent::default();
        for time in 0..u64::from(RESENT_TIMES) {
            assert_eq!(resent.allow(at(100 * time), 7, 100, ROUND_TRIP), Ok(()));
        }
        let again = resent.allow(at(9000), 7, 100, ROUND_TRIP);
        assert_eq!(again, Err(Refusal::TooOften));
    }

    #[test]
    fn a_round_of_numbers_later_nothing_is_known() {
        let mut resent = Resent::default();
        assert_eq!(resent.allow(at(0), 7, 100, ROUND_TRIP), Ok(()));
        assert_eq!(resent.allow(at(1), 7 + 65_536, 100, ROUND_TRIP), Ok(()));
    }

    proptest! {
        #[test]
        fn retransmissions_are_a_share_of_the_stream(
            steps in prop::collection::vec((0_usize..1500, 0_usize..20), 1..300),
        ) {
            let mut resent = Resent::default();
            let (mut first, mut again, mut sequence) = (0, 0, 0);
            for (octets, requests) in steps {
                resent.sent(octets);
                first += octets as u64;
                for _ in 0..requests {
                    sequence += 1;
                    if resent.allow(at(sequence), sequence, 1200, ROUND_TRIP).is_ok() {
                        again += 1200;
                    }
                }
                prop_assert!(again <= first / RESENT_SHARE + RESENT_ADVANCE);
                prop_assert!(resent.allowance <= RESENT_BURST);
            }
        }
    }
}
