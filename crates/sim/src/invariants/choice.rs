//! What must not be chosen, asked before the clinic is: when it is done all the same, that is a violation.

use vestibule_clinic::{Arriving, Clinic, Decision, Input, VisitState};
use vestibule_vocab::{PractitionerId, Timestamp, VisitId};

use super::Violation;
use crate::store::Told;

/// Why this input must not be accepted.
pub(crate) fn doubt(
    clinic: &Clinic,
    told: &Told,
    now: Timestamp,
    input: &Input,
) -> Option<Violation> {
    if let Input::Arrive(arriving) = input {
        return a_full_waiting_room_takes_no_walk_in(clinic, told, arriving);
    }
    if let Input::Decided {
        practitioner,
        decision: Decision::Admit { visit, .. },
    } = input
    {
        let who = (*practitioner, *visit);
        return nobody_is_passed_over_for_longer_than_the_bound(clinic, told, now, who);
    }
    None
}

/// Nobody who is there and could be admitted by the same practitioner is passed over in their waiting room once they have
/// waited for the ageing bound of their service.
fn nobody_is_passed_over_for_longer_than_the_bound(
    clinic: &Clinic,
    told: &Told,
    now: Timestamp,
    (practitioner, visit): (PractitionerId, VisitId),
) -> Option<Violation> {
    let visit = clinic.visit(visit)?.visit;
    let mut before = clinic.waiting_for(practitioner).filter(|line| {
        line.visit.waiting_room == visit.waiting_room && line.visit.rank < visit.rank
    });
    let passed = before.find(|line| {
        let bound = told.bound(line.visit.service);
        line.connected && now >= line.visit.counts_from.plus(bound)
    })?;
    Some(Violation {
        invariant: "nobody_is_passed_over_for_longer_than_the_bound",
        what: format!(
            "{:?} was admitted before {:?}, who had waited since {:?}",
            visit.id, passed.visit.id, passed.visit.counts_from
        ),
    })
}

/// No walk-in is let into a waiting room that is full.
fn a_full_waiting_room_takes_no_walk_in(
    clinic: &Clinic,
    told: &Told,
    arriving: &Arriving,
) -> Option<Violation> {
    if clinic.visit(arriving.visit).is_some() {
        return None;
    }
    let waiting_room = arriving.choice.waiting_room(arriving.service);
    let here = clinic
        .visits()
        .filter(|visit| visit.state == VisitState::Waiting && visit.waiting_room == waiting_room);
    let here = here.count();
    (here >= told.policy.waiting).then(|| Violation {
        invariant: "a_full_waiting_room_takes_no_walk_in",
        what: format!("{:?} came to {here} who wait", arriving.visit),
    })
}
