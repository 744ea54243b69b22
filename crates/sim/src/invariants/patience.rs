//! Who is given up, and after how long. Asked when a commit is about to be written.

use vestibule_clinic::audit::Act;
use vestibule_clinic::{Event, VisitState};

use super::Violation;
use crate::sessions::Person;
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
