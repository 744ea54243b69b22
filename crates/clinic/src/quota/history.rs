//! What counts against a patient's quota.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vestibule_vocab::{ConsultationId, Millis, ServiceId, Timestamp};

use crate::limits::CAP;
use crate::{Conclusion, ConsultationEnd};

/// One consultation that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Which.
    pub consultation: ConsultationId,
    /// When it began; it counts in the periods that this lies in.
    pub begun_at: Timestamp,
}

/// The consultations of one patient that count: those under way and those that took place. The
/// latest are kept, as many as the highest [`Cap`](crate::Cap), so that no cap is ever passed
/// because some were forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Counted>", into = "Vec<Counted>")]
pub struct History {
    /// In the order in which they began.
    counted: Vec<Counted>,
}

/// What a patient had before a visit that counts, as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Had {
    /// For the quota of the service that the visit is for.
    #[serde(default)]
    pub here: History,
    /// For the quotas of other services, to which it may be handed on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub elsewhere: BTreeMap<ServiceId, History>,
}

impl History {
    /// A consultation begins. Told again: nothing changes.
    pub fn begin(&mut self, consultation: ConsultationId, now: Timestamp) {
        let known = |counted: &Counted| counted.consultation == consultation;
        if self.counted.iter().any(known) {
            return;
        }
        self.insert(Counted {
            consultation,
            begun_at: now,
        });
    }

    /// A consultation ended. It counts when the practitioner ended it, unless they concluded that nobody was there;
    /// when the patient left or was lost, only if it had lasted for `counts_after`, so that leaving early is no loss and leaving
    /// late no way around the quota; and never when the practitioner was lost or handed the visit on,
    /// which is then seen by another.
    pub fn end(
        &mut self,
        consultation: ConsultationId,
        how: ConsultationEnd,
        lasted: Millis,
        counts_after: Millis,
    ) {
        let counts = match how {
            ConsultationEnd::Completed(conclusion) => conclusion != Conclusion::NoShow,
            ConsultationEnd::PatientLeft | ConsultationEnd::PatientLost => lasted >= counts_after,
            ConsultationEnd::Transferred | ConsultationEnd::PractitionerLost => false,
        };
        if !counts {
            self.counted
                .retain(|counted| counted.consultation != consultation);
        }
    }

    /// The clock was found to have stepped back: what began later than `now` began now, so that it
    /// counts in this period and does not stand in the way in all those until then.
    pub fn step_back(&mut self, now: Timestamp) {
        for counted in &mut self.counted {
            counted.begun_at = counted.begun_at.min(now);
        }
    }

    /// How many began at `from` or later, also ahead of the clock.
    pub(super) fn since(&self, from: Timestamp) -> usize {
        let first = self
            .counted
            .partition_point(|counted| counted.begun_at < from);
        self.counted.len().saturating_sub(first)
    }

    fn insert(&mut self, counted: Counted) {
        let place = self
            .counted
            .partition_point(|other| other.begun_at <= counted.begun_at);
        self.counted.insert(place, counted);
        if self.counted.len() > CAP.into() {
            self.counted.remove(0);
        }
    }
}

impl From<Vec<Counted>> for History {
    fn from(stored: Vec<Counted>) -> Self {
        let mut history = Self::default();
        for counted in stored {
            history.insert(counted);
        }
        history
    }
}

impl From<History> for Vec<Counted> {
    fn from(history: History) -> Self {
        history.counted
    }
}
