//! What this server counts, told to who watches it: Prometheus' text format over HTTP. There are numbers for services and
//! for nobody in particular.

mod counters;
mod server;
mod text;

pub(crate) use counters::{Attempt, Counters, Surface};
pub(crate) use server::{bind, serve};

use vestibule_clinic::estimate::Counts;
use vestibule_clinic::{Clinic, Visit, VisitState, WaitingRoom};
use vestibule_vocab::ServiceId;

/// What the clinic's numbers are at one moment. They are of the clinic: each server on its store has the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Census {
    /// Of each service's waiting room.
    services: Vec<(ServiceId, Room)>,
    /// Of all practitioners' own waiting rooms together: how one of them works is nobody's business here.
    practitioners: Room,
    /// Visits that are remembered, by state.
    visits: [u64; STATES.len()],
}

/// A waiting room's numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Room {
    waiting: u64,
    /// What became of recent promises.
    promises: Counts,
}

/// The states of visits, as they are told.
const STATES: [&str; 6] = [
    "expected",
    "waiting",
    "admitted",
    "in_consultation",
    "on_hold",
    "ended",
];

impl Census {
    /// The clinic's, as it is now.
    pub(crate) fn of(clinic: &Clinic) -> Self {
        let services = clinic.services().map(|it| (it.id, room(clinic, it.id)));
        let mut census = Self {
            services: services.collect(),
            ..Self::default()
        };
        for card in clinic.registered() {
            let own = clinic.coverage(WaitingRoom::Practitioner(card.id));
            census.practitioners.add(own);
        }
        for visit in clinic.visits() {
            census.count(visit);
        }
        census
    }

    fn count(&mut self, visit: &Visit) {
        if let Some(count) = self.visits.get_mut(place(&visit.state)) {
            *count = count.saturating_add(1);
        }
        if visit.state != VisitState::Waiting {
            return;
        }
        let room = match visit.waiting_room {
            WaitingRoom::Practitioner(_) => Some(&mut self.practitioners),
            WaitingRoom::Service(id) => {
                // They come by id.
                let at = self.services.binary_search_by_key(&id, |(of, _)| *of);
                let found = at.ok().and_then(|at| self.services.get_mut(at));
                found.map(|(_, room)| room)
            }
        };
        if let Some(room) = room {
            room.waiting = room.waiting.saturating_add(1);
        }
    }
}

impl Room {
    fn add(&mut self, other: Counts) {
        let all = &mut self.promises;
        all.earlier = all.earlier.saturating_add(other.earlier);
        all.within = all.within.saturating_add(other.within);
        all.later = all.later.saturating_add(other.later);
    }
}

fn room(clinic: &Clinic, service: ServiceId) -> Room {
    Room {
        waiting: 0,
        promises: clinic.coverage(WaitingRoom::Service(service)),
    }
}

/// The place of a state among [`STATES`].
fn place(state: &VisitState) -> usize {
    match state {
        VisitState::Expected => 0,
        VisitState::Waiting => 1,
        VisitState::Admitted { .. } => 2,
        VisitState::InConsultation { .. } => 3,
        VisitState::OnHold { .. } => 4,
        VisitState::Ended { .. } => 5,
    }
}
