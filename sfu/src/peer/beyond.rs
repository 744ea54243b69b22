//! What is lost behind the SFU, of what a client reports as lost.

use vestibule_forwarding::limits::SKIPPED_PACKETS;

/// A client counts as lost all that it lacks, also what never came here: numbers are passed on with their holes. Only
/// the rest was lost on the way to it.
#[derive(Debug, Default)]
pub(super) struct Beyond {
    /// The most that was lost there, as of the reports so far.
    most: i64,
    /// What was supposed since, and no report has shown yet.
    supposed: i64,
    /// Up to how many packets was supposed what was lost of them.
    judged: u32,
    /// Numbers that were left out and that the client counts as lost.
    skipped: i64,
}

/// Of so many packets at once it is supposed what was lost of them: a second of sound.
const JUDGED: u32 = 50;

/// No more than this is supposed that no report shows: what a line loses of sound in five seconds, after which a client
/// reports, if it loses a fifth.
const MOST_SUPPOSED: i64 = 50;

impl Beyond {
    /// A client reports so many packets as lost in all, of a stream with so many holes: how many more were lost behind
    /// here. What comes late after all is not taken back, and more than was sent is not believed.
    ///
    /// So many numbers were left out by intention. libwebrtc takes such a jump for a new beginning and counts none of them, and
    /// whoever follows RFC 3550 (appendix A.1) counts each: who suddenly reports as many more does.
    pub(super) fn report(&mut self, lost: i32, holes: u64, packets: u32, skipped: u64) -> u64 {
        let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let all = i64::from(lost).saturating_sub(whole(holes));
        let sudden = all.saturating_sub(self.skipped).saturating_sub(self.most);
        if sudden >= whole(SKIPPED_PACKETS - 1) {
            self.skipped += sudden.min(whole(skipped).saturating_sub(self.skipped));
        }
        let now = all.saturating_sub(self.skipped).min(packets.into());
        let news = now.saturating_sub(self.most).max(0);
        self.most = self.most.max(now);
        let known = news.min(self.supposed);
        self.supposed -= known;
        u64::try_from(news - known).unwrap_or(0)
    }

    /// So many packets left in all, and this part of what goes over the line is lost lately: how many more were lost
    /// behind here, as is known before a client reports on the stream.
    pub(super) fn suppose(&mut self, packets: u32, part: f64) -> u64 {
        let count = packets.wrapping_sub(self.judged);
        if count < JUDGED {
            return 0;
        }
        self.judged = packets;
        let room = u64::try_from(MOST_SUPPOSED - self.supposed).unwrap_or(0);
        let more = ((f64::from(count) * part).round() as u64).min(room);
        self.supposed = self
            .supposed
            .saturating_add(i64::try_from(more).unwrap_or(0));
        more
    }
}

#[cfg(test)]
mod tests {
    use super::{Beyond, JUDGED, MOST_SUPPOSED};

    #[test]
    fn what_is_missing_already_was_not_lost_behind_here() {
        let mut beyond = Beyond::default();
        assert_eq!(beyond.report(10, 10, 9000, 0), 0);
        assert_eq!(beyond.report(30, 25, 9000, 0), 5);
        assert_eq!(beyond.report(35, 30, 9000, 0), 0);
    }

    #[test]
    fn no_more_than_was_sent_is_believed_to_be_lost() {
        let mut beyond = Beyond::default();
        assert_eq!(beyond.report(i32::MAX, 0, 100, 0), 100);
        assert_eq!(beyond.report(i32::MAX, 0, 150, 0), 50);
    }

    #[test]
    fn what_comes_late_is_counted_once() {
        let mut beyond = Beyond::default();
        assert_eq!(beyond.report(10, 0, 9000, 0), 10);
        assert_eq!(beyond.report(8, 0, 9000, 0), 0);
        assert_eq!(beyond.report(12, 0, 9000, 0), 2);
    }

    #[test]
    fn what_was_supposed_is_not_counted_again_when_it_is_reported() {
        let mut beyond = Beyond::default();
        assert_eq!(beyond.suppose(JUDGED - 1, 0.2), 0);
        assert_eq!(beyond.suppose(JUDGED, 0.2), 10);
        assert_eq!(beyond.suppose(2 * JUDGED, 0.2), 10);
        assert_eq!(beyond.report(15, 0, 9000, 0), 0);
        assert_eq!(beyond.report(30, 0, 9000, 0), 10);
        assert_eq!(beyond.report(31, 0, 9000, 0), 1);
    }

    #[test]
    fn what_no_report_shows_is_supposed_no_further() {
        let mut beyond = Beyond::default();
        let told: u64 = (1..100)
            .map(|turn| beyond.suppose(turn * JUDGED, 0.5))
            .sum();
        assert_eq!(i64::try_from(told), Ok(MOST_SUPPOSED));
        assert_eq!(beyond.report(10, 0, 9000, 0), 0);
        assert_eq!(beyond.suppose(100 * JUDGED, 0.5), 10);
    }

    #[test]
    fn numbers_that_were_left_out_are_no_loss_whether_a_client_counts_them_or_not() {
        // libwebrtc counts none of them, and what it loses afterwards is told.
        let mut beyond = Beyond::default();
        assert_eq!(beyond.report(4, 0, 2_000, 0), 4);
        assert_eq!(beyond.report(7, 0, 2_000, 1_024), 3);
        assert_eq!(beyond.report(9, 0, 2_100, 2_049), 2);
        // Others count all but the packet that told them.
        let mut beyond = Beyond::default();
        assert_eq!(beyond.report(4, 0, 2_000, 0), 4);
        assert_eq!(beyond.report(4 + 1_023, 0, 2_000, 1_024), 0);
        assert_eq!(beyond.report(4 + 1_023 + 3, 0, 2_000, 1_025), 3);
        assert_eq!(beyond.report(4 + 2_046 + 3, 0, 2_100, 2_049), 0);
        assert_eq!(beyond.report(4 + 2_046 + 5, 0, 2_100, 2_049), 2);
    }

    #[test]
    fn nothing_is_supposed_of_a_line_that_loses_nothing() {
        let mut beyond = Beyond::default();
        assert_eq!(beyond.suppose(10 * JUDGED, 0.0), 0);
        assert_eq!(beyond.report(4, 0, 9000, 0), 4);
    }
}
