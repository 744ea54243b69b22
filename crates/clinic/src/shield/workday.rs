//! What a practitioner has done.

use serde::{Deserialize, Deserializer, Serialize};
use vestibule_vocab::{Millis, Timestamp};

use super::{Roster, ShieldPolicy};
use crate::limits::CAP;

/// How far ahead of the clock a consultation may stand and still count where it stands.
const AHEAD: Millis = Millis::from_secs(24 * 60 * 60);

/// What one practitioner has done, as far as the shield needs to know: as many consultations as the
/// highest [`Cap`](crate::Cap), the latest by the clock. Also the row that is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workday {
    /// What the clock showed last.
    seen: Timestamp,
    /// When consultations began by the clock of their time, in order.
    #[serde(deserialize_with = "in_order")]
    begun: Vec<Timestamp>,
    /// When the consultation that is under way began, or last went on.
    under_way: Option<Timestamp>,
    /// When the last one ended, or was put on hold.
    ended_at: Option<Timestamp>,
    /// When work began that no rest has interrupted.
    stretch_from: Option<Timestamp>,
    /// The break that the last consultation ran into.
    owed: Option<Owed>,
}

/// A break that is taken late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Owed {
    since: Timestamp,
    length: Millis,
}

impl Workday {
    /// The clock shows `now`; to be told with everything that happens. When it has stepped back,
    /// what is waited for begins again at `now`, and time that was worked stays worked.
    pub fn observe(&mut self, now: Timestamp) {
        let step = self.seen.since(now);
        self.seen = now;
        for time in [&mut self.under_way, &mut self.ended_at] {
            *time = time.map(|time| time.min(now));
        }
        if let Some(owed) = &mut self.owed {
            owed.since = owed.since.min(now);
        }
        if let Some(from) = &mut self.stretch_from {
            from.0 = from.0.saturating_sub(step.0);
        }
        self.bring_back(now);
    }

    /// What the clock showed when it was last told; no moment in which they worked is later.
    pub(crate) fn seen(&self) -> Timestamp {
        self.seen
    }

    /// A consultation begins. Whether it may was asked before.
    pub fn begin(&mut self, now: Timestamp, policy: &ShieldPolicy) {
        self.resume(now, policy);
        self.count(now);
    }

    /// A consultation goes on that was on hold: it is work, and counts in no hour or day again.
    pub fn resume(&mut self, now: Timestamp, policy: &ShieldPolicy) {
        self.observe(now);
        if self.has_rested(now, policy) {
            self.stretch_from = Some(now);
        }
        self.under_way = Some(now);
        self.owed = None;
    }

    /// The consultation that is under way ends, or is put on hold. A planned break that it ran into
    /// is taken from now on, in full. Told again: nothing changes.
    pub fn end(&mut self, now: Timestamp, roster: Option<&Roster>) {
        self.observe(now);
        let Some(begun) = self.under_way.take() else {
            return;
        };
        self.ended_at = Some(now);
        let breaks = roster.into_iter().flat_map(Roster::breaks);
        let run_into = breaks.filter(|pause| begun < pause.from && pause.from < now);
        let longest = run_into.map(|pause| pause.length()).max();
        self.owed = longest.map(|length| Owed { since: now, length });
    }

    /// When the consultation that is under way began, or last went on.
    #[must_use]
    pub fn under_way(&self) -> Option<Timestamp> {
        self.under_way
    }

    /// How many consultations began at `from` or later, also ahead of the clock.
    pub(super) fn begun_since(&self, from: Timestamp) -> usize {
        let first = self.begun.partition_point(|&begun| begun < from);
        self.begun.len().saturating_sub(first)
    }

    /// Until when there is a pause of this length after the last consultation.
    pub(super) fn pause_until(&self, pause: Millis) -> Option<Timestamp> {
        self.ended_at.map(|ended| ended.plus(pause))
    }

    /// Until when a break is taken that a consultation ran into.
    pub(super) fn owed_until(&self) -> Option<Timestamp> {
        self.owed.map(|owed| owed.since.plus(owed.length))
    }

    /// Until when a rest is due; `None` when none is.
    pub(super) fn rest_until(&self, now: Timestamp, policy: &ShieldPolicy) -> Option<Timestamp> {
        let stretch = policy.stretch?;
        let worked_too_long = self.stretch_from?.plus(stretch.longest) <= now;
        let rested = self.pause_until(stretch.rest)?;
        worked_too_long.then_some(rested)
    }

    fn has_rested(&self, now: Timestamp, policy: &ShieldPolicy) -> bool {
        let rest = policy.stretch.map(|stretch| stretch.rest);
        let rested = self.pause_until(rest.unwrap_or_default());
        rested.is_none_or(|rested| rested <= now)
    }

    /// Consultations of a clock that ran days ahead count as of now: they shall not stand in the way
    /// on each of those days.
    fn bring_back(&mut self, now: Timestamp) {
        while let Some(&last) = self.begun.last() {
            if last <= now.plus(AHEAD) {
                return;
            }
            self.begun.pop();
            self.count(now);
        }
    }

    /// Forgetting the earliest keeps every count right up to the highest cap.
    fn count(&mut self, now: Timestamp) {
        let place = self.begun.partition_point(|&begun| begun <= now);
        self.begun.insert(place, now);
        if self.begun.len() > CAP.into() {
            self.begun.remove(0);
        }
    }
}

/// Reads moments in whatever order they were stored; the latest are kept.
fn in_order<'de, D: Deserializer<'de>>(stored: D) -> Result<Vec<Timestamp>, D::Error> {
    let mut begun = Vec::deserialize(stored)?;
    begun.sort_unstable();
    let surplus = begun.len().saturating_sub(CAP.into());
    begun.drain(..surplus);
    Ok(begun)
}
