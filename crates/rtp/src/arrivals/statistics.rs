//! The numbers of report blocks (RFC 3550 section 6.4.1 and appendices A.3 and A.8).

use std::time::Duration;

use crate::Moment;
use crate::ntp::{self, Ntp};
use crate::rtcp::ReportBlock;

const MICROS: u64 = 1_000_000;

/// A difference of transit times that is no jitter: the sender's clock was set.
const CLOCK_STEP: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct Statistics {
    clock_rate: u32,
    /// The first and the highest extended number; none before the first packet.
    span: Option<(u64, u64)>,
    received: u64,
    /// Of these, packets that were lost later on their way.
    lost_beyond: u64,
    /// What was expected and arrived at the last report.
    reported: (u64, u64),
    transit: Option<u32>,
    /// In sixteenths of a tick.
    jitter: u32,
    /// Which sender report came last, and when.
    heard: Option<(Ntp, Moment)>,
}

impl Statistics {
    pub(super) fn new(clock_rate: u32) -> Self {
        Self {
            clock_rate,
            span: None,
            received: 0,
            lost_beyond: 0,
            reported: (0, 0),
            transit: None,
            jitter: 0,
            heard: None,
        }
    }

    /// The stream begins, or begins anew.
    pub(super) fn begin(&mut self, sequence: u64) {
        self.span = Some((sequence, sequence));
        self.received = 0;
        self.lost_beyond = 0;
        self.reported = (0, 0);
        self.transit = None;
    }

    /// Takes note of a packet of the stream, repeated ones included (appendix A.3).
    pub(super) fn note(&mut self, now: Moment, sequence: u64, timestamp: u32) {
        if let Some((_, highest)) = &mut self.span {
            *highest = sequence.max(*highest);
        }
        self.received = self.received.saturating_add(1);
        self.note_transit(self.ticks(now).wrapping_sub(timestamp));
    }

    pub(super) fn lost_beyond(&mut self, packets: u64) {
        let lost = self.lost_beyond.saturating_add(packets);
        self.lost_beyond = lost.min(self.received);
    }

    pub(super) fn sender_report(&mut self, now: Moment, ntp: Ntp) {
        self.heard = Some((ntp, now));
    }

    pub(super) fn report(&mut self, now: Moment, ssrc: u32) -> Option<ReportBlock> {
        let (first, highest) = self.span?;
        let expected = highest - first + 1;
        let arrived = self.received - self.lost_beyond;
        let fraction_lost = self.fraction_lost(expected, arrived);
        self.reported = (expected, arrived);
        let heard = self.heard;
        Some(ReportBlock {
            ssrc,
            fraction_lost,
            cumulative_lost: difference(expected, arrived),
            // The numbers begin a round up, which reports do not count.
            highest: (highest.wrapping_sub(1 << 16) & u64::from(u32::MAX)) as u32,
            jitter: self.jitter >> 4,
            last_report: heard.map_or(0, |(ntp, _)| ntp.middle()),
            delay: heard.map_or(0, |(_, at)| ntp::short(now.since(at))),
        })
    }

    /// The part lost since the last report, in 1/256; zero when repeated packets hide it.
    fn fraction_lost(&self, expected: u64, arrived: u64) -> u8 {
        let (expected_before, arrived_before) = self.reported;
        let expected = expected - expected_before;
        let lost = expected.saturating_sub(arrived.saturating_sub(arrived_before));
        let fraction = (lost << 8).checked_div(expected).unwrap_or_default();
        u8::try_from(fraction).unwrap_or(u8::MAX)
    }

    /// Appendix A.8.
    fn note_transit(&mut self, transit: u32) {
        let before = self.transit.replace(transit);
        let Some(before) = before else { return };
        let difference = transit.wrapping_sub(before).cast_signed().unsigned_abs();
        let step = u64::from(self.clock_rate) * CLOCK_STEP.as_secs();
        if u64::from(difference) < step {
            let decayed = self.jitter - (self.jitter.saturating_add(8) >> 4);
            self.jitter = decayed.saturating_add(difference);
        }
    }

    /// A moment in ticks of the stream, modulo 2^32.
    fn ticks(&self, moment: Moment) -> u32 {
        let (micros, rate) = (moment.as_micros(), u64::from(self.clock_rate));
        let (seconds, rest) = (micros / MICROS, micros % MICROS);
        let ticks = seconds
            .wrapping_mul(rate)
            .wrapping_add(rest * rate / MICROS);
        (ticks & u64::from(u32::MAX)) as u32
    }
}

/// What 24 bits with a sign can say of it.
fn difference(expected: u64, received: u64) -> i32 {
    const MOST: i64 = 0x7f_ffff;
    let lost = i64::try_from(expected).unwrap_or(i64::MAX);
    let lost = lost.saturating_sub_unsigned(received);
    i32::try_from(lost.clamp(-MOST - 1, MOST)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Statistics;
    use crate::Moment;
    use crate::ntp::Ntp;

    const FIRST: u64 = 1 << 16;

    fn at(millis: u64) -> Moment {
        Moment::from_micros(millis * 1000)
    }

    #[test]
    fn nothing_is_reported_before_the_first_packet() {
        let mut statistics = Statistics::new(90_000);
        assert_eq!(statistics.report(at(0), 1), None);
    }

    #[test]
    fn what_is_lost_later_on_the_way_counts_as_lost() {
        let mut statistics = Statistics::new(48_000);
        statistics.begin(FIRST);
        for sequence in 0..8 {
            statistics.note(at(sequence), FIRST + sequence, 0);
        }
        statistics.lost_beyond(2);
        let report = statistics.report(at(10), 7).unwrap();
        assert_eq!((report.fraction_lost, report.cumulative_lost), (64, 2));
        let report = statistics.report(at(20), 7).unwrap();
        assert_eq!((report.fraction_lost, report.cumulative_lost), (0, 2));
        statistics.lost_beyond(u64::MAX);
        let report = statistics.report(at(30), 7).unwrap();
        assert_eq!(report.cumulative_lost, 8);
    }

    #[test]
    fn losses_are_of_the_interval_and_of_all_time() {
        let mut statistics = Statistics::new(90_000);
        statistics.begin(FIRST);
        for sequence in [0, 1, 2, 4] {
            statistics.note(at(sequence), FIRST + sequence, 0);
        }
        let report = statistics.report(at(10), 7).unwrap();
        assert_eq!((report.fraction_lost, report.cumulative_lost), (51, 1));
        assert_eq!((report.ssrc, report.highest), (7, 4));
        statistics.note(at(11), FIRST + 5, 0);
        let report = statistics.report(at(20), 7).unwrap();
        assert_eq!((report.fraction_lost, report.cumulative_lost), (0, 1));
        statistics.note(at(21), FIRST + 3, 0);
        statistics.note(at(22), FIRST + 3, 0);
        let report = statistics.report(at(30), 7).unwrap();
        assert_eq!((report.fraction_lost, report.cumulative_lost), (0, -1));
    }

    #[test]
    fn a_second_round_of_numbers_is_counted() {
        let mut statistics = Statistics::new(90_000);
        statistics.begin(FIRST + 65_535);
        statistics.note(at(0), FIRST + 65_535, 0);
        statistics.note(at(0), 2 * FIRST, 0);
        let report = statistics.report(at(0), 1).unwrap();
        assert_eq!(report.highest, 0x1_0000);
    }

    /// Packets 20 ms apart, each second one 4 ms late: the differences are 4 ms, 360 ticks, and the estimate
    /// comes near.
    #[test]
    fn jitter_is_in_ticks() {
        let mut statistics = Statistics::new(90_000);
        statistics.begin(FIRST);
        for packet in 0..400 {
            let late = if packet % 2 == 0 { 0 } else { 4 };
            let timestamp = (packet as u32).wrapping_mul(1800).wrapping_sub(5000);
            statistics.note(at(20 * packet + late), FIRST + packet, timestamp);
        }
        let jitter = statistics.report(at(0), 1).unwrap().jitter;
        assert!((340..=360).contains(&jitter), "{jitter}");
        statistics.note(at(8000), FIRST + 400, 0x7fff_ffff);
        let after = statistics.report(at(0), 1).unwrap().jitter;
        assert_eq!(after, jitter, "a clock that was set is no jitter");
    }

    #[test]
    fn a_sender_report_is_named_and_dated() {
        let mut statistics = Statistics::new(90_000);
        statistics.begin(FIRST);
        statistics.note(at(0), FIRST, 0);
        let report = statistics.report(at(0), 1).unwrap();
        assert_eq!((report.last_report, report.delay), (0, 0));
        let ntp = Ntp::from_bits(0x1122_3344_5566_7788);
        statistics.sender_report(at(1000), ntp);
        let report = statistics.report(at(1500), 1).unwrap();
        assert_eq!((report.last_report, report.delay), (0x3344_5566, 0x8000));
    }
}
