//! What follows from an input.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vestibule_vocab::{ParticipantId, PatientId, PractitionerId, VisitId};

use crate::audit::Entry;
use crate::estimate::Estimator;
use crate::{Consultation, Practitioner, Rank, Refusal, Service, Visit, WaitingRoom};

/// All that follows from one input.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "records must be stored before anybody is told"]
pub struct Outputs {
    /// The answer to whoever asked. Refused: nothing changed, and the rest is empty.
    pub answer: Result<(), Refusal>,
    /// What to store, in this order.
    pub records: Vec<Record>,
    /// What to write down of it, in this order.
    pub audit: Vec<Entry>,
    /// Whose picture of the clinic changed.
    pub changed: Changed,
}

/// One row to store. What is changed most is shared with the clinic, and copied when it changes before the row is let go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Insert the service, or replace the one of the same id.
    Service(Box<Service>),
    /// Insert the practitioner, or replace the one of the same id.
    Practitioner(Arc<Practitioner>),
    /// Insert what is known of the pace of the waiting room, or replace it.
    Estimator(WaitingRoom, Box<Estimator>),
    /// Insert the visit, or replace the one of the same id.
    Visit(Arc<Visit>),
    /// Insert the consultation, or replace the one of the same id.
    Consultation(Box<Consultation>),
    /// The practitioner is the patient's regular one: insert that, or replace who it was; nobody is, delete it.
    Regular(PatientId, Option<PractitionerId>),
    /// The visit is forgotten: delete it with its consultations, and end the sessions that were
    /// made for it, because its join token must not begin it again.
    Forget(VisitId),
}

/// Whose picture changed. A few words rather than a list: when the first of 5,000 is admitted,
/// 4,999 places change. [`Clinic::changed_patients`](crate::Clinic::changed_patients) and
/// [`Clinic::changed_practitioners`](crate::Clinic::changed_practitioners) spell it out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// Patients whose own visit, warm leg or consultation changed.
    pub patients: BTreeSet<PatientId>,
    /// Practitioners whose own duty, consultations or warm leg changed.
    pub practitioners: BTreeSet<PractitionerId>,
    /// Companions whose invitation, or whose visit, changed.
    pub companions: BTreeSet<ParticipantId>,
    /// Waiting rooms that changed, for every connected practitioner who sees one of them.
    pub waiting_rooms: BTreeSet<WaitingRoom>,
    /// Waiting rooms whose appointments changed: their queues may close by it, or open.
    pub booked: BTreeSet<WaitingRoom>,
    /// Of these waiting rooms, all of this rank or behind have another place.
    pub places_from: BTreeMap<WaitingRoom, Rank>,
    /// What is offered changed: services and practitioners, as everybody who connects reads them.
    pub catalogue: bool,
}

impl Changed {
    /// Adds what another input of the same batch changed.
    pub fn merge(&mut self, other: Self) {
        self.patients.extend(other.patients);
        self.practitioners.extend(other.practitioners);
        self.companions.extend(other.companions);
        self.waiting_rooms.extend(other.waiting_rooms);
        self.booked.extend(other.booked);
        self.catalogue |= other.catalogue;
        for (waiting_room, rank) in other.places_from {
            self.places_change(waiting_room, rank);
        }
    }

    /// Somebody entered or left the waiting room at this rank.
    pub(crate) fn places_change(&mut self, waiting_room: WaitingRoom, rank: Rank) {
        let from = self.places_from.entry(waiting_room).or_insert(rank);
        *from = rank.min(*from);
    }

    /// Nobody's picture changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use vestibule_vocab::{ServiceId, Timestamp};

    use super::*;
    use crate::{Arrival, Turn};

    fn rank(arrival: u64) -> Rank {
        Rank {
            turn: Turn::InTurn,
            due: Timestamp(0),
            arrival: Arrival(arrival),
        }
    }

    #[test]
    fn what_a_batch_changed_is_all_that_its_inputs_changed() {
        let here = WaitingRoom::Service(ServiceId::from_random(1));
        let there = WaitingRoom::Practitioner(PractitionerId::from_random(2));
        let one = Changed {
            patients: BTreeSet::from([PatientId::from_random(1)]),
            places_from: BTreeMap::from([(here, rank(7)), (there, rank(1))]),
            ..Changed::default()
        };
        let other = Changed {
            practitioners: BTreeSet::from([PractitionerId::from_random(2)]),
            waiting_rooms: BTreeSet::from([here]),
            booked: BTreeSet::from([there]),
            places_from: BTreeMap::from([(here, rank(5))]),
            catalogue: true,
            ..Changed::default()
        };
        let all = Changed {
            patients: one.patients.clone(),
            places_from: BTreeMap::from([(here, rank(5)), (there, rank(1))]),
            ..other.clone()
        };
        for (mut first, second) in [(one.clone(), other.clone()), (other, one)] {
            first.merge(second);
            assert_eq!(first, all);
            first.merge(Changed::default());
            assert_eq!(first, all);
        }
        assert!(!all.is_empty() && Changed::default().is_empty());
    }
}
