//! Whom an admission passed, and why each of them.

use serde::{Deserialize, Serialize};
use vestibule_vocab::{Timestamp, VisitId};

use crate::stand::Stand;
use crate::{Overtake, WaitingRoom};

/// Somebody was seen before others, in whichever of the practitioner's waiting rooms.
///
/// Why each of them was passed follows from this, and from how both stood: it is not written down for everybody, who may be
/// thousands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overtaking {
    /// What the practitioner said, if somebody was passed for that alone; otherwise what brought the visit before those who
    /// stood before it, or, when nobody did, before those who came earlier.
    pub reason: Overtake,
    /// Whom, one line for each waiting room: that in which the visit waited first. Never empty.
    pub passed: Vec<Passed>,
    /// Who of them could not be admitted. Logs had none of it once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hindered: Option<Hindered>,
}

/// Those of one waiting room who were passed. Who came earlier and stood before counts in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// Where they wait.
    pub waiting_room: WaitingRoom,
    /// How many of them came earlier.
    pub earlier: u32,
    /// How many of them stood before it by rank.
    pub before: u32,
}

/// Those who stood before and could not be admitted. Of whom a visit came before by waiting for its practitioner alone
/// (`named`), nobody is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hindered {
    /// Each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub visits: Vec<OneHindered>,
    /// So many more stood before, and were too many to be looked at.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub not_looked_at: u32,
}

/// Somebody who could not be admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneHindered {
    /// Who.
    pub visit: VisitId,
    /// Why.
    pub why: Hindrance,
}

/// Why somebody could not be admitted by a practitioner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hindrance {
    /// They were away.
    Away,
    /// A gate of theirs was shut.
    NotReady,
    /// They waited for a language that the practitioner does not speak.
    OtherLanguage,
}

impl From<Hindrance> for Overtake {
    fn from(why: Hindrance) -> Self {
        match why {
            Hindrance::Away => Self::Away,
            Hindrance::NotReady => Self::NotReady,
            Hindrance::OtherLanguage => Self::OtherLanguage,
        }
    }
}

/// Why one of those who were passed was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    /// For this.
    Known(Overtake),
    /// They could not be admitted, or else the practitioner chose so: it is not written down which.
    HinderedOr(Overtake),
}

impl Overtaking {
    /// Why somebody was passed who stood like this. Both are as they stood before the admission.
    pub(super) fn of(
        &self,
        at: Timestamp,
        admitted: &Stand,
        (id, passed): (VisitId, &Stand),
    ) -> Why {
        if admitted.rank < passed.rank {
            return Why::Known(admitted.ranks_before(passed));
        }
        if let Some(why) = self.hindrance_of(id) {
            return Why::Known(why.into());
        }
        if self.comes_by_name(at, admitted, passed) {
            return Why::Known(Overtake::Named);
        }
        let together = admitted.waiting_room == passed.waiting_room;
        // Whoever sees the people of one waiting room first chooses among waiting rooms, and in none.
        if !self.reason.is_a_choice() || together && self.reason == Overtake::WaitingRoomFirst {
            return Why::Known(Overtake::NobodyBeforeWasReady);
        }
        if self.all_were_looked_at() {
            Why::Known(self.reason)
        } else {
            Why::HinderedOr(self.reason)
        }
    }

    fn hindrance_of(&self, id: VisitId) -> Option<Hindrance> {
        let mut hindered = self.hindered.iter().flat_map(|it| &it.visits);
        hindered.find(|it| it.visit == id).map(|it| it.why)
    }

    fn comes_by_name(&self, at: Timestamp, admitted: &Stand, passed: &Stand) -> bool {
        if self.hindered.is_some() {
            return admitted.comes_by_name(at, passed);
        }
        // Only the next of the others was held to be in turn and not more urgent, and a practitioner's reason stood for all.
        self.reason == Overtake::Named && admitted.waiting_room != passed.waiting_room
    }

    fn all_were_looked_at(&self) -> bool {
        let hindered = self.hindered.as_ref();
        hindered.is_some_and(|it| it.not_looked_at == 0)
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_zero(count: &u32) -> bool {
    *count == 0
}
