//! Who is given up, and after how long. Asked when a commit is about to be written.

use std::collections::BTreeSet;

use vestibule_clinic::audit::Act;
use vestibule_clinic::{Event, Policy, Visit, VisitState};
use vestibule_vocab::{Millis, Timestamp};

use super::Violation;
use crate::node::Which;
use crate::sessions::Person;
use crate::shown::Shown;
use crate::store::{Attendance, Commit, Store};

/// Nobody whose socket is open somewhere is taken to be lost. Whoever did not come back to a node that began again is noted
/// there until it says so.
pub(crate) fn nobody_who_is_there_is_given_up(
    store: &Store,
    commit: &Commit,
) -> Result<(), Violation> {
    for entry in &commit.audit {
        let Act::Moved { visit, event, .. } = &entry.act else {
            continue;
        };
        let Some(before) = store.rows.visits.get(visit) else {
            continue;
        };
        let lost = if *event == Event::PatientLost {
            Some(Person::Patient(before.patient))
        } else if *event == Event::PractitionerLost {
            store.rows.with_whom(before).map(Person::Practitioner)
        } else {
            None
        };
        if let Some(who) = lost.filter(|who| is_there(store, commit, *who)) {
            return Err(Violation {
                invariant: "nobody_who_is_there_is_given_up",
                what: format!("{who:?} is there, and {visit:?} says {event:?}"),
            });
        }
    }
    Ok(())
}

fn is_there(store: &Store, commit: &Commit, who: Person) -> bool {
    let Some(run) = store.attendance.get(&who) else {
        return false;
    };
    let mut people = commit.people.iter();
    !people.any(|one| matches!(one, Attendance::Gone(gone, at) if *gone == who && at == run))
}

/// Whoever was called has the whole time to come that the clinic gives them, at whichever node it is over. Asked where
/// the clocks of the nodes go like the world's.
pub(crate) fn whoever_is_called_has_the_time_to_come(
    store: &Store,
    commit: &Commit,
) -> Result<(), Violation> {
    let at = commit.now;
    for entry in &commit.audit {
        let Act::Moved {
            visit,
            event: Event::PatientLost,
            ..
        } = &entry.act
        else {
            continue;
        };
        let before = store.rows.visits.get(visit).map(|visit| &visit.state);
        if !matches!(before, Some(VisitState::Admitted { .. })) {
            continue;
        }
        let called = store.told.called.get(visit).copied().unwrap_or_default();
        if at < called.plus(store.told.policy.called) {
            return Err(Violation {
                invariant: "whoever_is_called_has_the_time_to_come",
                what: format!("{visit:?} was called at {called:?} and given up at {at:?}"),
            });
        }
    }
    Ok(())
}

/// Nobody is given up before the grace is over by the world's clock, however those of the nodes are set: of whoever is
/// away, and of whoever is expected at an appointment.
pub(crate) fn a_step_of_the_clock_ends_nobodys_visit(
    store: &Store,
    shown: &Shown,
    (by, commit): (Which, &Commit),
) -> Result<(), Violation> {
    let policy = &store.told.policy;
    // Their practitioner was lost in the same commit: they wait again, and have of the place what is left of it.
    let mut back = BTreeSet::new();
    for entry in &commit.audit {
        let Act::Moved { visit, event, .. } = &entry.act else {
            continue;
        };
        let Some(before) = store.rows.visits.get(visit) else {
            continue;
        };
        if *event == Event::PractitionerLost {
            back.insert(*visit);
        }
        let waited = match event {
            Event::PatientLost | Event::ExpectedAgain => {
                let patient = Person::Patient(before.patient);
                let borne = if back.contains(visit) {
                    policy.keep_place
                } else {
                    patience_with(policy, before)
                };
                away((shown, by), patient, borne, commit.world)
            }
            Event::PractitionerLost => store.rows.with_whom(before).and_then(|who| {
                let practitioner = Person::Practitioner(who);
                away((shown, by), practitioner, policy.grace, commit.world)
            }),
            // Who was booked behind the step, for a moment that it passed over, is expected by the clock.
            Event::NotCome => before.appointment.and_then(|appointment| {
                if appointment.at < before.arrived_at {
                    return None;
                }
                let waited = shown.for_how_long(appointment.at, commit.world)?;
                (waited < policy.expected).then_some(waited)
            }),
            Event::Arrived
            | Event::Admitted { .. }
            | Event::Called { .. }
            | Event::CameBack
            | Event::Declined { .. }
            | Event::Left
            | Event::Stopped
            | Event::Cancelled
            | Event::Held
            | Event::Resumed
            | Event::Transferred { .. }
            | Event::Completed { .. } => None,
        };
        if let Some(waited) = waited {
            return Err(Violation {
                invariant: "a_step_of_the_clock_ends_nobodys_visit",
                what: format!("{visit:?} says {event:?} after {waited:?}"),
            });
        }
    }
    Ok(())
}

/// For how long somebody was away, as far as this node knew when it decided, if that is less than is borne.
fn away(
    (shown, by): (&Shown, Which),
    who: Person,
    borne: Millis,
    now: Timestamp,
) -> Option<Millis> {
    let was_there = shown.was_there(by, who);
    let away = now.since(was_there);
    (was_there <= now && away < borne).then_some(away)
}

fn patience_with(policy: &Policy, visit: &Visit) -> Millis {
    match visit.state {
        VisitState::Admitted { .. } => policy.called,
        VisitState::InConsultation { .. } => policy.grace,
        VisitState::Waiting
        | VisitState::OnHold { .. }
        | VisitState::Expected
        | VisitState::Ended { .. } => policy.keep_place,
    }
}
