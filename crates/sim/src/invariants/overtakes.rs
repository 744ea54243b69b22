//! Who is seen before others, and whether it is said why. Counted anew from all who wait, over all the waiting rooms of
//! whoever admits.

use std::collections::BTreeMap;

use vestibule_clinic::audit::{Act, Entry, Passed};
use vestibule_clinic::{
    Clinic, Decision, Event, Input, Overtake, Turn, Visit, VisitState, WaitingRoom,
};
use vestibule_vocab::{PractitionerId, Timestamp, VisitId};

use super::Violation;

/// Nobody who could be admitted is passed over unless the practitioner says why. A practitioner's own patient comes by
/// itself before those who wait elsewhere, when the next one there was not called and is not more urgent, and their own
/// appointment is near: nobody would come before it who came now without one.
pub(crate) fn nobody_is_passed_over_without_a_reason(
    clinic: &Clinic,
    now: Timestamp,
    (practitioner, visit): (PractitionerId, VisitId),
    given: Option<Overtake>,
) -> Option<Violation> {
    if given.is_some_and(Overtake::is_a_choice) {
        return None;
    }
    let visit = clinic.visit(visit)?.visit;
    let called = visit.rank.turn == Turn::Called;
    let near = visit.appointment.is_none() || called || visit.rank.due <= now;
    let own = near && visit.waiting_room == WaitingRoom::Practitioner(practitioner);
    let mut next: BTreeMap<WaitingRoom, &Visit> = BTreeMap::new();
    for line in clinic.waiting_for(practitioner) {
        if line.visit.rank < visit.rank && line.connected && line.ready {
            next.entry(line.visit.waiting_room).or_insert(line.visit);
        }
    }
    let passed = next.into_values().find(|other| {
        let in_turn = other.rank.turn == Turn::InTurn && other.urgency <= visit.urgency;
        !(own && other.waiting_room != visit.waiting_room && in_turn)
    })?;
    Some(Violation {
        invariant: "nobody_is_passed_over_without_a_reason",
        what: format!(
            "{:?} was admitted before {:?}, and nobody says why",
            visit.id, passed.id
        ),
    })
}

/// Nobody is asked why who passes over nobody: the usual admission is one press.
pub(crate) fn whoever_passes_over_nobody_is_not_asked_why(
    clinic: &Clinic,
    now: Timestamp,
    input: &Input,
) -> Option<Violation> {
    let Input::Decided {
        practitioner,
        decision: Decision::Admit { visit, .. },
    } = input
    else {
        return None;
    };
    let who = (*practitioner, *visit);
    let unsaid = nobody_is_passed_over_without_a_reason(clinic, now, who, None);
    unsaid.is_none().then(|| Violation {
        invariant: "whoever_passes_over_nobody_is_not_asked_why",
        what: format!("{visit:?} passes over nobody, and {practitioner:?} was asked why"),
    })
}

/// Those whom an admission would pass, waiting room by waiting room.
pub(crate) fn passed(clinic: &Clinic, input: &Input) -> Vec<Passed> {
    let Input::Decided {
        practitioner,
        decision: Decision::Admit { visit, .. },
    } = input
    else {
        return Vec::new();
    };
    let (card, visit) = (clinic.practitioner(*practitioner), clinic.visit(*visit));
    let (Some(card), Some(visit)) = (card, visit) else {
        return Vec::new();
    };
    let lines = card.waiting_rooms().map(|waiting_room| {
        let (mut earlier, mut before) = (0, 0);
        for other in clinic.visits() {
            if other.state == VisitState::Waiting && other.waiting_room == waiting_room {
                earlier += u32::from(other.rank.arrival < visit.visit.rank.arrival);
                before += u32::from(other.rank < visit.visit.rank);
            }
        }
        Passed {
            waiting_room,
            earlier,
            before,
        }
    });
    let mut lines: Vec<Passed> = lines.filter(|it| it.earlier > 0 || it.before > 0).collect();
    lines.sort_by_key(|it| it.waiting_room);
    lines
}

/// An admission says whom it passed, all of them and nobody else, and why.
pub(crate) fn every_overtake_is_written_down(
    passed: &[Passed],
    written: &[Entry],
) -> Option<Violation> {
    let overtook = written.iter().find_map(|entry| {
        if let Act::Moved {
            event: Event::Admitted { .. },
            overtook,
            ..
        } = &entry.act
        {
            return Some(overtook);
        }
        None
    })?;
    let mut said = overtook.as_ref().map(|it| it.passed.clone());
    said.iter_mut()
        .for_each(|lines| lines.sort_by_key(|it| it.waiting_room));
    let right = (!passed.is_empty()).then_some(passed) == said.as_deref();
    (!right).then(|| Violation {
        invariant: "every_overtake_is_written_down",
        what: format!("{overtook:?} is written down of an admission that passed {passed:?}"),
    })
}
