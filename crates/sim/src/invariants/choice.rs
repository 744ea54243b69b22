//! What must not be chosen, asked before the clinic is: when it is done all the same, that is a violation.

use vestibule_clinic::{Arriving, Clinic, Decision, Duty, Input, Visit, VisitState, WaitingRoom};
use vestibule_vocab::{PractitionerId, ServiceId, Timestamp, VisitId};

use super::{Violation, overtakes, shield};
use crate::told::Told;

/// Why this input must not be accepted.
pub(crate) fn doubt(
    clinic: &Clinic,
    told: &Told,
    now: Timestamp,
    input: &Input,
) -> Option<Violation> {
    if let Input::Arrive(arriving) = input
        && clinic.visit(arriving.visit).is_none()
    {
        return walking_in(clinic, told, now, arriving);
    }
    if let Input::Decided {
        practitioner,
        decision: Decision::Admit {
            visit, overtake, ..
        },
    } = input
    {
        let who = (*practitioner, *visit);
        let unsaid =
            || overtakes::nobody_is_passed_over_without_a_reason(clinic, now, who, *overtake);
        return nobody_is_admitted_off_duty(clinic, now, *practitioner)
            .or_else(|| nobody_is_passed_over_for_longer_than_the_bound(clinic, told, now, who))
            .or_else(unsaid)
            .or_else(|| shield::no_cap_is_exceeded(told, now, *practitioner))
            .or_else(|| shield::no_pause_is_cut_short(told, now, *practitioner));
    }
    if let Input::Decided {
        decision: Decision::Transfer { visit, to },
        ..
    } = input
    {
        return handed_on(clinic, told, now, (*visit, *to));
    }
    if let Input::Decided {
        decision: Decision::Call { visit, .. },
        ..
    } = input
    {
        return called_back(clinic, told, now, *visit);
    }
    None
}

/// Whoever is called back after they did not come has consultations left.
fn called_back(clinic: &Clinic, told: &Told, now: Timestamp, visit: VisitId) -> Option<Violation> {
    let visit = clinic.visit(visit)?.visit;
    if visit.state.is_active() {
        return None;
    }
    one_more_is_left(told, now, visit, visit.service)
}

/// Whoever is handed on to another service has consultations left there.
fn handed_on(
    clinic: &Clinic,
    told: &Told,
    now: Timestamp,
    (visit, to): (VisitId, WaitingRoom),
) -> Option<Violation> {
    let visit = clinic.visit(visit)?.visit;
    let WaitingRoom::Service(service) = to else {
        return None;
    };
    if service == visit.service {
        return None;
    }
    one_more_is_left(told, now, visit, service)
}

/// The patient of a visit has consultations left in a service. Whoever comes early is seen later, and judged by then.
fn one_more_is_left(
    told: &Told,
    now: Timestamp,
    visit: &Visit,
    service: ServiceId,
) -> Option<Violation> {
    if visit.appointment.is_some_and(|it| now < it.at) {
        return None;
    }
    shield::no_quota_is_exceeded(told, now, (visit.id, visit.patient, service))
}

fn walking_in(
    clinic: &Clinic,
    told: &Told,
    now: Timestamp,
    arriving: &Arriving,
) -> Option<Violation> {
    a_full_waiting_room_takes_no_walk_in(clinic, told, arriving)
        .or_else(|| shield::a_closed_service_takes_no_walk_in(told, now, arriving))
        .or_else(|| {
            let comes = (arriving.visit, arriving.patient, arriving.service);
            shield::no_quota_is_exceeded(told, now, comes)
        })
        .or_else(|| shield::no_more_are_let_in_than_the_shifts_hold(clinic, told, now, arriving))
}

/// Somebody comes by this who had not come before.
pub(crate) fn begins(clinic: &Clinic, input: &Input) -> bool {
    let Input::Arrive(arriving) = input else {
        return false;
    };
    let view = clinic.visit(arriving.visit);
    view.is_none_or(|view| view.visit.state == VisitState::Expected)
}

/// Whoever was let in waits for what they wished for, and for whom they named.
pub(crate) fn no_wish_is_dropped(clinic: &Clinic, input: &Input) -> Option<Violation> {
    let Input::Arrive(arriving) = input else {
        return None;
    };
    let visit = clinic.visit(arriving.visit)?.visit;
    if !visit.state.is_active() {
        // Their quota turned them away.
        return None;
    }
    let wished = arriving.choice.practitioner();
    let kept = wished.is_none() || visit.choice.practitioner() == wished;
    let kept = kept && visit.service == arriving.service;
    (!kept).then(|| Violation {
        invariant: "no_wish_is_dropped",
        what: format!(
            "{:?} of {:?} was wished for, and {:?} of {:?} is what {:?} waits for",
            arriving.choice, arriving.service, visit.choice, visit.service, visit.id
        ),
    })
}

/// Whoever said that they see nobody now admits nobody.
fn nobody_is_admitted_off_duty(
    clinic: &Clinic,
    now: Timestamp,
    who: PractitionerId,
) -> Option<Violation> {
    let duty = clinic.practitioner(who)?.duty;
    let rests = match duty {
        Duty::On => false,
        Duty::Break { until } => until.is_none_or(|until| now < until),
        Duty::Off => true,
    };
    rests.then(|| Violation {
        invariant: "nobody_is_admitted_off_duty",
        what: format!("{who:?} admits somebody while {duty:?}"),
    })
}

/// Nobody who is there, has passed their gates and could be admitted by the same practitioner is passed over once they
/// have waited for the ageing bound of their service, in whichever of the practitioner's waiting rooms.
fn nobody_is_passed_over_for_longer_than_the_bound(
    clinic: &Clinic,
    told: &Told,
    now: Timestamp,
    (practitioner, visit): (PractitionerId, VisitId),
) -> Option<Violation> {
    let visit = clinic.visit(visit)?.visit;
    let mut before = clinic
        .waiting_for(practitioner)
        .filter(|line| line.visit.rank < visit.rank);
    let passed = before.find(|line| {
        let bound = told.bound(line.visit.service);
        line.connected && line.ready && now >= line.visit.counts_from.plus(bound)
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
