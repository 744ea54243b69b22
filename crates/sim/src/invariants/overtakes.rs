//! Who is seen before others, and whether it is said why. Counted anew from all who wait, over all the waiting rooms of
//! whoever admits.

use std::collections::BTreeMap;

use vestibule_clinic::audit::{Act, Entry, Hindrance, Overtaking, Passed};
use vestibule_clinic::{
    Clinic, Decision, Event, Input, Overtake, Practitioner, Turn, Visit, VisitState, WaitingRoom,
};
use vestibule_vocab::{PractitionerId, Timestamp, VisitId};

use super::Violation;

/// Nobody who could be admitted is passed over unless the practitioner says why. A practitioner's own patient comes by
/// itself before those who wait elsewhere, when none of them was called or is more urgent, and their own appointment
/// is near: nobody would come before it who came now without one.
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
    let mut passed = clinic
        .waiting_for(practitioner)
        .filter(|line| line.visit.rank < visit.rank && line.connected && line.ready)
        .map(|line| line.visit);
    let passed = passed.find(|other| {
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

/// Those whom an admission would pass.
#[derive(Default)]
pub(crate) struct Passing {
    /// Waiting room by waiting room.
    lines: Vec<Passed>,
    /// Those before who could not be admitted, but for those whom the visit comes before by its name.
    hindered: BTreeMap<VisitId, Hindrance>,
    /// And they.
    by_name: BTreeMap<VisitId, Hindrance>,
}

pub(crate) fn passed(clinic: &Clinic, input: &Input) -> Passing {
    let Input::Decided {
        practitioner,
        decision: Decision::Admit { visit, .. },
    } = input
    else {
        return Passing::default();
    };
    let (card, visit) = (clinic.practitioner(*practitioner), clinic.visit(*visit));
    let (Some(card), Some(visit)) = (card, visit) else {
        return Passing::default();
    };
    let (hindered, by_name) = hindered(clinic, card, visit.visit);
    Passing {
        lines: lines(clinic, card, visit.visit),
        hindered,
        by_name,
    }
}

type Hindered = BTreeMap<VisitId, Hindrance>;

fn hindered(clinic: &Clinic, card: &Practitioner, visit: &Visit) -> (Hindered, Hindered) {
    let before = clinic.visits().filter(|other| {
        let looks = card.waiting_rooms().any(|it| it == other.waiting_room);
        other.state == VisitState::Waiting && looks && other.rank < visit.rank
    });
    let hindered = before.filter_map(|other| Some((other.id, hindrance(clinic, card, other)?)));
    hindered.partition(|(id, _)| {
        clinic.visit(*id).is_some_and(|other| {
            let other = other.visit;
            let in_turn = other.rank.turn == Turn::InTurn && other.urgency <= visit.urgency;
            other.waiting_room == visit.waiting_room || !in_turn
        })
    })
}

fn hindrance(clinic: &Clinic, card: &Practitioner, other: &Visit) -> Option<Hindrance> {
    let view = clinic.visit(other.id)?;
    if !view.connected {
        Some(Hindrance::Away)
    } else if !other.gates.ready() {
        Some(Hindrance::NotReady)
    } else {
        (!card.may_see(other)).then_some(Hindrance::OtherLanguage)
    }
}

fn lines(clinic: &Clinic, card: &Practitioner, visit: &Visit) -> Vec<Passed> {
    let lines = card.waiting_rooms().map(|waiting_room| {
        let (mut earlier, mut before) = (0, 0);
        for other in clinic.visits() {
            if other.state == VisitState::Waiting && other.waiting_room == waiting_room {
                earlier += u32::from(other.rank.arrival < visit.rank.arrival);
                before += u32::from(other.rank < visit.rank);
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

/// An admission says whom it passed, all of them and nobody else, and who of them could not be admitted, and why.
pub(crate) fn every_overtake_is_written_down(
    passing: &Passing,
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
    let right = match overtook {
        None => passing.lines.is_empty(),
        Some(overtook) => !passing.lines.is_empty() && passing.is_told_by(overtook),
    };
    (!right).then(|| Violation {
        invariant: "every_overtake_is_written_down",
        what: format!(
            "{overtook:?} is written down of an admission that passed {:?}, of whom {:?} and {:?} could not be admitted",
            passing.lines, passing.hindered, passing.by_name
        ),
    })
}

impl Passing {
    fn is_told_by(&self, overtook: &Overtaking) -> bool {
        let mut lines = overtook.passed.clone();
        lines.sort_by_key(|it| it.waiting_room);
        let Some(hindered) = &overtook.hindered else {
            return false;
        };
        let told: Hindered = hindered
            .visits
            .iter()
            .map(|it| (it.visit, it.why))
            .collect();
        let mut all = self.hindered.clone();
        if overtook.reason != Overtake::Named {
            all.extend(&self.by_name);
        }
        lines == self.lines && hindered.not_looked_at == 0 && told == all
    }
}
