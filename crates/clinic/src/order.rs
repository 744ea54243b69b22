//! Who comes before whom in a waiting room.
//!
//! A visit's rank is fixed when it enters: the moment from which it counts, less a bounded credit. Ranks
//! need no sorting anew as time passes, and nobody starves: whoever counts from a moment that is later by
//! more than the bound can never come before.

use serde::{Deserialize, Serialize};
use vestibule_vocab::{Millis, Timestamp};

use crate::Arrival;

/// How soon a visit is to be seen. Staff alone set it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// In turn.
    #[default]
    Routine,
    /// Before others who came somewhat earlier.
    Soon,
    /// Before everybody who did not come much earlier.
    Urgent,
}

/// A service's policy of order: how much earlier a visit counts, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// What an appointment is worth against walk-ins.
    pub appointment: Millis,
    /// So late one may come for an appointment and still count from its time.
    pub late: Millis,
    /// What [`Urgency::Soon`] is worth.
    pub soon: Millis,
    /// What [`Urgency::Urgent`] is worth; at least as much as [`Urgency::Soon`].
    pub urgent: Millis,
    /// The ageing bound: no credit is worth more, and whoever has waited for so long is passed over no more.
    pub bound: Millis,
}

impl Default for Order {
    /// An appointment is worth ten minutes and forgives ten; *soon* is worth half an hour, *urgent* an hour and a
    /// half; after two hours nobody is passed over.
    fn default() -> Self {
        const MINUTE: u64 = 60;
        Self {
            appointment: Millis::from_secs(10 * MINUTE),
            late: Millis::from_secs(10 * MINUTE),
            soon: Millis::from_secs(30 * MINUTE),
            urgent: Millis::from_secs(90 * MINUTE),
            bound: Millis::from_secs(120 * MINUTE),
        }
    }
}

impl Order {
    /// How much earlier than its moment a visit counts; never more than the bound.
    #[must_use]
    pub fn credit(&self, appointment: bool, urgency: Urgency) -> Millis {
        let planned = if appointment { self.appointment.0 } else { 0 };
        let urgent = match urgency {
            Urgency::Routine => 0,
            Urgency::Soon => self.soon.0,
            Urgency::Urgent => self.urgent.0,
        };
        Millis(planned.saturating_add(urgent).min(self.bound.0))
    }

    /// The moment from which a visit counts that comes at `now` for an appointment at `at`: the appointment's, or
    /// `now` when it comes too late for it.
    #[must_use]
    pub fn counts_from(&self, now: Timestamp, at: Timestamp) -> Timestamp {
        if now.since(at) > self.late { now } else { at }
    }
}

/// Whether a visit waits in turn.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// It was called while its patient was away, and comes first now that they are back.
    Called,
    /// By its rank.
    #[default]
    InTurn,
}

/// The order of a waiting room: the smallest is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Rank {
    /// Those who were called come first.
    pub turn: Turn,
    /// Then by the moment from which they count, less their credit.
    pub due: Timestamp,
    /// Then by arrival.
    pub arrival: Arrival,
}

/// Why a visit was seen before others, who came earlier or stood before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overtake {
    /// It had been called while its patient was away.
    Called,
    /// Staff marked it as urgent.
    Urgency,
    /// It had an appointment, or the other one's lay later.
    Appointment,
    /// Its service counts an urgency for more than the other one's does.
    Credit,
    /// Everybody before was away, not ready, or spoke another language. Of one of them, that it is not written down which.
    NobodyBeforeWasReady,
    /// The other patient was away.
    Away,
    /// A gate of the other visit was shut.
    NotReady,
    /// The other patient waited for a language that the practitioner does not speak.
    OtherLanguage,
    /// It waits for this practitioner alone; those before it wait elsewhere, for whoever is free.
    Named,
    /// A practitioner chose so for a clinical need.
    ClinicalNeed,
    /// A practitioner chose so to see again somebody whom they know.
    Continuity,
    /// A practitioner chose so because it takes little time.
    QuickMatter,
    /// A practitioner chose so because those before it agreed.
    ByAgreement,
    /// A practitioner chose to see this waiting room's people first; nobody in it was passed over.
    WaitingRoomFirst,
}

impl Overtake {
    /// A practitioner may give this as their reason. The others are known without asking.
    #[must_use]
    pub fn is_a_choice(self) -> bool {
        match self {
            Self::ClinicalNeed
            | Self::Continuity
            | Self::QuickMatter
            | Self::ByAgreement
            | Self::WaitingRoomFirst => true,
            Self::Called
            | Self::Urgency
            | Self::Appointment
            | Self::Credit
            | Self::NobodyBeforeWasReady
            | Self::Away
            | Self::NotReady
            | Self::OtherLanguage
            | Self::Named => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_credit_is_worth_more_than_the_bound() {
        let order = Order {
            bound: Millis(50),
            appointment: Millis(40),
            urgent: Millis(u64::MAX),
            ..Order::default()
        };
        assert_eq!(order.credit(true, Urgency::Routine), Millis(40));
        assert_eq!(order.credit(true, Urgency::Urgent), Millis(50));
    }

    #[test]
    fn whoever_comes_late_for_an_appointment_counts_from_then_and_not_from_when_they_should_have_come()
     {
        let order = Order {
            late: Millis(10),
            ..Order::default()
        };
        let at = Timestamp(1_000);
        for (now, from) in [(500, 1_000), (1_010, 1_000), (1_011, 1_011)] {
            assert_eq!(order.counts_from(Timestamp(now), at), Timestamp(from));
        }
    }
}
