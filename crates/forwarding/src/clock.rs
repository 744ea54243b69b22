//! A publisher's clock seen from here, learnt from its RTCP sender reports.
//!
//! All tracks of a publisher are stamped by one clock. A receiver shows sound and picture together by
//! the reports that it gets, and these are written anew for each subscription: so each packet is given the
//! moment of its capture on our clock, by one offset per publisher.

use std::time::Duration;

use crate::Moment;
use crate::limits::CAPTURE_DELAY;

/// What an RTCP sender report says about its stream (RFC 3550 section 6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderReport {
    /// The stream.
    pub ssrc: u32,
    /// The sender's wallclock in microseconds, from any origin that its tracks have in common.
    pub wallclock_micros: u64,
    /// The RTP timestamp of the same moment.
    pub timestamp: u32,
}

/// How a publisher's wallclock stands to ours.
#[derive(Debug, Default)]
pub(crate) struct SenderClock {
    /// Ours minus theirs in microseconds, by the report that was least delayed.
    offset: Option<i64>,
}

/// The offset follows upward by this part of the difference, as clocks drift and paths change.
const DRIFT_DIVISOR: i64 = 64;

impl SenderClock {
    /// Learns from a report that arrived now.
    pub(crate) fn learn(&mut self, now: Moment, report: SenderReport) {
        let seen = signed(now.as_micros()).saturating_sub(signed(report.wallclock_micros));
        self.offset = Some(match self.offset {
            Some(known) if plausible_drift(known, seen) => known + (seen - known) / DRIFT_DIVISOR,
            // A faster packet, or a clock that was set.
            Some(_) | None => seen,
        });
    }

    /// When a packet was captured, by our clock: never after `now`, and `now` when nothing better is known.
    pub(crate) fn captured(
        &self,
        now: Moment,
        report: Option<SenderReport>,
        timestamp: u32,
        rate: u32,
    ) -> Moment {
        let Some((offset, report)) = self.offset.zip(report) else {
            return now;
        };
        let ticks = i64::from(timestamp.wrapping_sub(report.timestamp).cast_signed());
        let captured = signed(report.wallclock_micros)
            .saturating_add(offset)
            .saturating_add(ticks * 1_000_000 / i64::from(rate));
        let captured = Moment::from_micros(u64::try_from(captured).unwrap_or(0)).min(now);
        if now.since(captured) > CAPTURE_DELAY {
            return now;
        }
        captured
    }
}

/// Later than what is known, by no more than a path may change.
fn plausible_drift(known: i64, seen: i64) -> bool {
    let step = Duration::from_secs(1).as_micros() as i64;
    seen >= known && seen.saturating_sub(known) < step
}

fn signed(micros: u64) -> i64 {
    i64::try_from(micros).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{SenderClock, SenderReport};
    use crate::Moment;

    const SECOND: u64 = 1_000_000;

    fn report(wallclock_micros: u64, timestamp: u32) -> SenderReport {
        SenderReport {
            ssrc: 1,
            wallclock_micros,
            timestamp,
        }
    }

    #[test]
    fn without_a_report_a_packet_counts_as_captured_when_it_came() {
        let clock = SenderClock::default();
        let now = Moment::from_micros(5 * SECOND);
        assert_eq!(clock.captured(now, None, 7, 90_000), now);
    }

    /// Sound comes 20 ms and picture 80 ms after capture: what was captured together gets one moment.
    #[test]
    fn sound_and_picture_captured_together_get_the_same_moment() {
        let mut clock = SenderClock::default();
        let wallclock = 1_700_000_000 * SECOND;
        let (sound, picture) = (
            report(wallclock, 48_000),
            report(wallclock + 500, 3_000_000_000),
        );
        clock.learn(Moment::from_micros(10 * SECOND), sound);
        clock.learn(Moment::from_micros(10 * SECOND + 60_500), picture);
        let heard = Moment::from_micros(11 * SECOND + 20_000);
        let seen = Moment::from_micros(11 * SECOND + 80_000);
        let second_later = clock.captured(heard, Some(sound), 96_000, 48_000);
        let picture_ticks = 3_000_000_000 + 90_000 - 45;
        assert_eq!(
            clock.captured(seen, Some(picture), picture_ticks, 90_000),
            second_later
        );
    }

    #[test]
    fn no_capture_lies_ahead_or_is_absurdly_old() {
        let mut clock = SenderClock::default();
        let told = report(0, 0);
        clock.learn(Moment::from_micros(SECOND), told);
        let now = Moment::from_micros(2 * SECOND);
        assert_eq!(clock.captured(now, Some(told), 90_000 * 60, 90_000), now);
        let later = Moment::from_micros(60 * SECOND);
        assert_eq!(clock.captured(later, Some(told), 0, 90_000), later);
        clock.learn(now, report(u64::MAX, u32::MAX));
        assert!(clock.captured(now, Some(report(u64::MAX, u32::MAX)), 0, 48_000) <= now);
    }
}
