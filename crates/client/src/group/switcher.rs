//! When to seal with the keys of a new epoch: once those who hold the old ones have the new.

use std::time::Instant;

use vestibule_vocab::InstanceId;

use crate::limits::{EARLY_KEPT, SWITCH};
use vestibule_frames::EpochName;

struct Waiting {
    name: EpochName,
    missing: Vec<InstanceId>,
    deadline: Instant,
}

/// Waits for acknowledgements.
#[derive(Default)]
pub(super) struct Switcher {
    waiting: Option<Waiting>,
    /// Acknowledgements may come before the epoch itself is taken up here.
    early: Vec<(EpochName, InstanceId)>,
}

impl Switcher {
    /// A new epoch was taken up; these pages hold the keys before it and have to say that they moved.
    pub(super) fn begin(&mut self, name: EpochName, holders: &[InstanceId], now: Instant) {
        let early = std::mem::take(&mut self.early);
        let missing = holders
            .iter()
            .filter(|holder| !early.contains(&(name, **holder)));
        self.waiting = Some(Waiting {
            name,
            missing: missing.copied().collect(),
            deadline: now + SWITCH,
        });
    }

    pub(super) fn acknowledged(&mut self, name: EpochName, instance: InstanceId) {
        match &mut self.waiting {
            Some(waiting) if waiting.name == name => waiting.missing.retain(|it| *it != instance),
            Some(_) | None => {
                if self.early.len() == EARLY_KEPT {
                    self.early.remove(0);
                }
                self.early.push((name, instance));
            }
        }
    }

    /// The epoch to seal with from now on, told once.
    pub(super) fn due(&mut self, now: Instant) -> Option<EpochName> {
        let waiting = self.waiting.as_ref()?;
        if !waiting.missing.is_empty() && now < waiting.deadline {
            return None;
        }
        self.waiting.take().map(|waiting| waiting.name)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.waiting.as_ref().map(|waiting| waiting.deadline)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use vestibule_vocab::InstanceId;

    use super::Switcher;
    use vestibule_frames::EpochName;

    const NAME: EpochName = EpochName {
        generation: 1,
        epoch: 2,
    };

    #[test]
    fn the_key_is_switched_once_everybody_moved_or_after_a_second() {
        let now = Instant::now();
        let holder = InstanceId::from_random(1);
        let mut switcher = Switcher::default();
        switcher.begin(NAME, &[holder], now);
        assert_eq!(switcher.due(now), None);
        switcher.acknowledged(NAME, holder);
        assert_eq!(switcher.due(now), Some(NAME));
        assert_eq!(switcher.due(now), None, "it is told once");

        switcher.begin(NAME, &[holder], now);
        assert_eq!(switcher.due(now + Duration::from_millis(999)), None);
        assert_eq!(switcher.due(now + Duration::from_secs(1)), Some(NAME));
    }

    #[test]
    fn an_acknowledgement_may_come_before_its_epoch() {
        let now = Instant::now();
        let holder = InstanceId::from_random(1);
        let mut switcher = Switcher::default();
        switcher.acknowledged(NAME, holder);
        switcher.begin(NAME, &[holder], now);
        assert_eq!(switcher.due(now), Some(NAME));
    }
}
