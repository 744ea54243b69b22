//! What is lost behind the SFU, of what a client reports as lost.

/// A client counts as lost all that it lacks, also what never came here: numbers are passed on with their holes. Only
/// the rest was lost on the way to it.
#[derive(Debug, Default)]
pub(super) struct Beyond {
    /// The most that was lost there, as of the reports so far.
    most: i64,
}

impl Beyond {
    /// A client reports so many packets as lost in all, of a stream with so many holes: how many more were lost behind
    /// here. What comes late after all is not taken back.
    pub(super) fn report(&mut self, lost: i32, holes: u64) -> u64 {
        let holes = i64::try_from(holes).unwrap_or(i64::MAX);
        let now = i64::from(lost).saturating_sub(holes);
        let more = u64::try_from(now.saturating_sub(self.most)).unwrap_or(0);
        self.most = self.most.max(now);
        more
    }
}

#[cfg(test)]
mod tests {
    use super::Beyond;

    #[test]
    fn what_is_missing_already_was_not_lost_behind_here() {
        let mut beyond = Beyond::default();
        assert_eq!(beyond.report(10, 10), 0);
        assert_eq!(beyond.report(30, 25), 5);
        assert_eq!(beyond.report(35, 30), 0);
    }

    #[test]
    fn what_comes_late_is_counted_once() {
        let mut beyond = Beyond::default();
        assert_eq!(beyond.report(10, 0), 10);
        assert_eq!(beyond.report(8, 0), 0);
        assert_eq!(beyond.report(12, 0), 2);
    }
}
