//! What the audit log tells by itself.

use vestibule_clinic::audit::{Contradiction, GateOutcome, Replay, Replayed};
use vestibule_clinic::{Gate, GateState, Outcome, Visit, VisitState};
use vestibule_vocab::Redacted;

use super::Violation;
use crate::store::Store;

/// Whoever reads the entries alone finds no contradiction, and a reason for everybody who was seen before others.
pub(crate) fn the_audit_log_explains_itself(store: &Store) -> Result<Replay, Violation> {
    let mut replay = Replay::new();
    for entry in &store.audit {
        if let Err(why) = replay.read(entry) {
            return Err(Violation {
                invariant: match why {
                    Contradiction::Unexplained(_) => "the_audit_log_explains_itself",
                    Contradiction::Unknown(_)
                    | Contradiction::Twice(_)
                    | Contradiction::Impossible(_) => REPLAYS,
                },
                what: format!("{why}: {entry:?}"),
            });
        }
    }
    Ok(replay)
}

const REPLAYS: &str = "the_audit_log_replays_to_the_same_state";

/// The entries alone lead to the visits as they are: state, waiting room and rank, with whom they are, how their gates
/// stand and what was said about consent; and to whose patients people are.
pub(crate) fn the_audit_log_replays_to_the_same_state(
    store: &Store,
    replay: &Replay,
) -> Result<(), Violation> {
    let visits = &store.rows.visits;
    let differs = visits.values().find(|visit| {
        let replayed = replay.visit(visit.id);
        !replayed.is_some_and(|one| is_replayed(store, one, visit))
    });
    let count = replay.visits().count();
    let what = if let Some(visit) = differs {
        format!("{visit:?} was replayed as {:?}", replay.visit(visit.id))
    } else if !replay.regulars().eq(store.rows.regulars.clone()) {
        "other regular practitioners were replayed".to_owned()
    } else if count != visits.len() {
        format!("{count} visits were replayed")
    } else {
        return Ok(());
    };
    Err(Violation {
        invariant: REPLAYS,
        what,
    })
}

fn is_replayed(store: &Store, one: &Replayed, visit: &Visit) -> bool {
    let said = visit.consent.history().last();
    let said = said.map(|entry| (entry.act, entry.version.clone()));
    one.state == without_words(visit.state.clone())
        && one.standing.waiting_room == visit.waiting_room
        && one.standing.rank == visit.rank
        && one.standing.counts_from == visit.counts_from
        && one.urgency == visit.urgency
        && one.appointment == visit.appointment
        && one.practitioner == store.rows.with_whom(visit)
        && one.consent == said
        && visit.gates.gates().iter().all(|gate| stands(one, gate))
}

fn stands(one: &Replayed, gate: &Gate) -> bool {
    let replayed = one.gates.get(&gate.kind()).copied();
    let so = match &gate.state {
        GateState::Pending { .. } => (GateOutcome::Pending, None),
        GateState::Open { exception, .. } => (GateOutcome::Open, *exception),
        GateState::Refused { .. } => (GateOutcome::Refused, None),
        GateState::Expired { .. } => (GateOutcome::Expired, None),
    };
    replayed.unwrap_or((GateOutcome::Pending, None)) == so
}

/// What people wrote is no part of the audit log.
fn without_words(mut state: VisitState) -> VisitState {
    if let VisitState::Ended {
        outcome: Outcome::Declined { message, .. },
        ..
    } = &mut state
    {
        *message = Redacted::default();
    }
    state
}
