//! A person's first packet, and how long it took from their admission.

/// When it came, in nanoseconds of the run's clock.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct First {
    came: Option<u64>,
    told: bool,
}

impl First {
    /// A packet of media came then: whether it is the first.
    pub(super) fn came(&mut self, arrived: u64) -> bool {
        let first = self.came.is_none();
        self.came.get_or_insert(arrived);
        first
    }

    /// How long the packet took from the person's admission: once, when both are known. The other of a room may send before
    /// this one's page shows that media flows.
    pub(super) fn after_admission(&mut self, admitted: u64) -> Option<u64> {
        let came = self.came.filter(|_| !self.told)?;
        self.told = true;
        Some(came.saturating_sub(admitted))
    }
}

#[cfg(test)]
mod tests {
    use super::First;

    #[test]
    fn only_one_packet_is_the_first() {
        let mut first = First::default();
        assert!(first.came(7));
        assert!(!first.came(8));
    }

    #[test]
    fn a_packet_that_comes_before_the_gate_is_seen_open_is_no_less_of_a_sample() {
        let mut first = First::default();
        assert!(first.came(70));
        assert_eq!(first.after_admission(50), Some(20));
        assert_eq!(first.after_admission(50), None);
    }

    #[test]
    fn a_gate_that_is_open_waits_for_the_packet() {
        let mut first = First::default();
        assert_eq!(first.after_admission(50), None);
        first.came(70);
        assert_eq!(first.after_admission(50), Some(20));
    }
}
