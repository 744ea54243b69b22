//! What a publisher is to send at most, and when it is told (draft-alvestrand-rmcat-remb-03).

use vestibule_congestion::Bitrate;
use vestibule_forwarding::Moment;

use crate::limits::{LIMIT_RAISED, LIMIT_REPEATED};

/// A change by less than this factor is told with the next repetition.
const SLIGHT: f64 = 1.03;

#[derive(Debug, Default)]
pub(super) struct Limit {
    most: Option<Bitrate>,
    told: Option<(Moment, Bitrate)>,
}

impl Limit {
    /// Sets it; whether it is to be told now.
    pub(super) fn set(&mut self, now: Moment, most: Bitrate) -> bool {
        self.most = Some(most);
        self.due(now).is_some()
    }

    /// What is to be told now. What is less is told at once, what is more a little later, and all now and then again,
    /// because what tells it can be lost.
    pub(super) fn due(&self, now: Moment) -> Option<Bitrate> {
        let most = self.most?;
        let Some((at, told)) = self.told else {
            return Some(most);
        };
        let passed = now.since(at);
        let less = most.times(SLIGHT) < told;
        let more = most > told.times(SLIGHT) && passed >= LIMIT_RAISED;
        (less || more || passed >= LIMIT_REPEATED).then_some(most)
    }

    /// It was told.
    pub(super) fn told(&mut self, now: Moment) {
        self.told = self.most.map(|most| (now, most));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use vestibule_congestion::Bitrate;
    use vestibule_forwarding::Moment;

    use super::Limit;

    fn at(millis: u64) -> Moment {
        Moment::default().plus(Duration::from_millis(millis))
    }

    #[test]
    fn less_is_told_at_once_more_a_little_later_and_all_again() {
        let mut limit = Limit::default();
        assert_eq!(limit.due(at(0)), None);
        assert!(limit.set(at(0), Bitrate::kbps(1000)));
        limit.told(at(0));
        assert!(!limit.set(at(10), Bitrate::kbps(990)));
        assert!(limit.set(at(20), Bitrate::kbps(500)));
        limit.told(at(20));
        assert!(!limit.set(at(100), Bitrate::kbps(2000)));
        assert!(limit.set(at(220), Bitrate::kbps(2000)));
        limit.told(at(220));
        assert_eq!(limit.due(at(1219)), None);
        assert_eq!(limit.due(at(1220)), Some(Bitrate::kbps(2000)));
    }
}
