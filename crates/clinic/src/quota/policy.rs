//! The quota that a service sets, and whom it admits.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vestibule_vocab::{Millis, Timestamp};

use super::History;
use crate::Cap;
use crate::calendar::{Period, Zone};

/// How many consultations of a service a patient may have, by the calendar of the clinic's zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Quota {
    /// In a day.
    pub day: Option<Cap>,
    /// In a month.
    pub month: Option<Cap>,
    /// In a year.
    pub year: Option<Cap>,
    /// From which length on a consultation counts that the patient left or was lost from. See
    /// [`History::end`].
    pub counts_after: Millis,
}

impl Default for Quota {
    /// No caps. Two minutes are longer than finding out that the sound does not work.
    fn default() -> Self {
        Self {
            day: None,
            month: None,
            year: None,
            counts_after: Millis::from_secs(120),
        }
    }
}

/// A patient has had as many consultations as the quota holds. Code `quota_reached`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error, Serialize)]
#[error("the patient has had as many consultations as the service allows in this period")]
pub struct QuotaReached {
    /// How many it holds.
    pub limit: Cap,
    /// In which period; of several that are full, the one that is over last.
    pub period: Period,
    /// When that period is over, and the patient may come again.
    pub opens_at: Timestamp,
}

impl Quota {
    /// Whether a consultation may begin at `now`.
    ///
    /// # Errors
    /// [`QuotaReached`].
    pub fn admits(
        &self,
        now: Timestamp,
        zone: &Zone,
        history: &History,
    ) -> Result<(), QuotaReached> {
        self.reached(now, zone, history).map_or(Ok(()), Err)
    }

    /// Whether one more may be planned for then, beside what the patient had and what is planned for them at these moments.
    ///
    /// # Errors
    /// [`QuotaReached`], with the first moment of a period that holds one more.
    pub(crate) fn holds_one_more(
        &self,
        at: Timestamp,
        zone: &Zone,
        history: &History,
        planned: &[Timestamp],
    ) -> Result<(), QuotaReached> {
        let Some(reached) = self.full_at(at, zone, history, planned) else {
            return Ok(());
        };
        let mut opens_at = reached.opens_at;
        // Nobody has had anything in a period to come, so each that is full holds one that is planned.
        for _ in planned {
            match self.full_at(opens_at, zone, history, planned) {
                Some(next) => opens_at = next.opens_at,
                None => break,
            }
        }
        Err(QuotaReached {
            opens_at,
            ..reached
        })
    }

    /// How many of how many a patient had in the period that has the least room; nothing without a cap.
    pub(crate) fn stands(
        &self,
        now: Timestamp,
        zone: &Zone,
        history: &History,
    ) -> Option<(u32, u32)> {
        let stands = self.caps().into_iter().filter_map(|(period, cap)| {
            let used = history.since(period.around(now, zone).from);
            let used = u32::try_from(used).unwrap_or(u32::MAX);
            Some((used, u32::from(cap?.get())))
        });
        stands.min_by_key(|(used, allowed)| allowed.saturating_sub(*used))
    }

    fn caps(&self) -> [(Period, Option<Cap>); 3] {
        [
            (Period::Day, self.day),
            (Period::Month, self.month),
            (Period::Year, self.year),
        ]
    }

    fn reached(&self, now: Timestamp, zone: &Zone, history: &History) -> Option<QuotaReached> {
        self.full_at(now, zone, history, &[])
    }

    fn full_at(
        &self,
        at: Timestamp,
        zone: &Zone,
        history: &History,
        planned: &[Timestamp],
    ) -> Option<QuotaReached> {
        let reached = self.caps().into_iter().filter_map(|(period, cap)| {
            let limit = cap?;
            let around = period.around(at, zone);
            let planned = planned.iter().filter(|it| around.contains(**it)).count();
            let full = limit.is_reached_by(history.since(around.from).saturating_add(planned));
            full.then_some(QuotaReached {
                limit,
                period,
                opens_at: around.to,
            })
        });
        reached.max_by_key(|reached| reached.opens_at)
    }
}
