//! Whether anything is heard of what is sent.

use std::time::Duration;

use crate::Moment;
use crate::limits::{SILENCE, SILENCE_STEP};

#[derive(Debug, Default)]
pub(crate) struct Silence {
    /// Since when something waits for an answer.
    waits_since: Option<Moment>,
    last_sent: Moment,
    fallen: Option<Fallen>,
}

/// The target is being lowered.
#[derive(Clone, Copy, Debug)]
struct Fallen {
    /// What it was before.
    from: f64,
    lowered: Moment,
}

impl Silence {
    pub(crate) fn is_on(&self) -> bool {
        self.fallen.is_some()
    }

    /// For how long something has waited for an answer.
    pub(crate) fn length(&self, now: Moment) -> Duration {
        self.waits_since
            .map_or(Duration::ZERO, |since| now.since(since))
    }

    /// When something left last.
    pub(crate) fn last_sent(&self) -> Moment {
        self.last_sent
    }

    /// Something leaves.
    pub(crate) fn on_sent(&mut self, now: Moment) {
        self.waits_since.get_or_insert(now);
        self.last_sent = self.last_sent.max(now);
    }

    /// Something was heard, the newest of it sent at this time. After a silence this gives the target from
    /// before it.
    pub(crate) fn on_heard(&mut self, now: Moment, newest: Moment) -> Option<f64> {
        self.waits_since = (self.last_sent > newest).then_some(now);
        self.fallen.take().map(|fallen| fallen.from)
    }

    /// When the target is to be lowered next. Who sends nothing hears nothing: that is no silence.
    pub(crate) fn due(&self, rtt: Duration) -> Option<Moment> {
        let waits_since = self.waits_since?;
        let (since, due) = match self.fallen {
            None => (
                waits_since.plus(SILENCE / 2),
                waits_since.plus(SILENCE + rtt * 2),
            ),
            Some(fallen) => (fallen.lowered, fallen.lowered.plus(SILENCE_STEP)),
        };
        (self.last_sent >= since).then_some(due)
    }

    /// The target is lowered from this.
    pub(crate) fn lower(&mut self, now: Moment, target: f64) {
        let from = self.fallen.map_or(target, |fallen| fallen.from);
        self.fallen = Some(Fallen { from, lowered: now });
    }
}

#[cfg(test)]
mod tests {
    use super::Silence;
    use crate::Moment;
    use std::time::Duration;

    const RTT: Duration = Duration::from_millis(50);

    fn at(millis: u64) -> Moment {
        Moment::from_micros(millis * 1000)
    }

    #[test]
    fn who_hears_nothing_lowers_step_by_step_and_remembers_from_where() {
        let mut silence = Silence::default();
        (0..100).for_each(|packet| silence.on_sent(at(packet * 20)));
        assert_eq!(silence.due(RTT), Some(at(850)));
        silence.lower(at(850), 900.0);
        assert_eq!(silence.due(RTT), Some(at(1350)));
        silence.lower(at(1350), 600.0);
        assert_eq!(silence.on_heard(at(2100), at(1980)), Some(900.0));
        assert!(!silence.is_on());
    }

    #[test]
    fn who_sends_nothing_is_not_in_silence() {
        let mut silence = Silence::default();
        silence.on_sent(at(0));
        silence.on_heard(at(50), at(0));
        assert_eq!(silence.due(RTT), None, "all was answered");
        silence.on_sent(at(60_000));
        assert_eq!(silence.due(RTT), None, "the only one may be lost");
        silence.on_sent(at(60_400));
        assert_eq!(silence.due(RTT), Some(at(60_850)));
    }
}
