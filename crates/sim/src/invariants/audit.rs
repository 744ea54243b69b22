//! What the audit log tells by itself.

use vestibule_clinic::audit::Replay;
use vestibule_clinic::{Outcome, Visit, VisitState};
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
                    vestibule_clinic::audit::Contradiction::Unexplained(_) => {
                        "the_audit_log_explains_itself"
                    }
                    vestibule_clinic::audit::Contradiction::Unknown(_)
                    | vestibule_clinic::audit::Contradiction::Twice(_)
                    | vestibule_clinic::audit::Contradiction::Impossible(_) => REPLAYS,
                },
                what: format!("{why}: {entry:?}"),
            });
        }
    }
    Ok(replay)
}

const REPLAYS: &str = "the_audit_log_replays_to_the_same_state";

/// The entries alone lead to the visits as they are: state, waiting room and rank, and with whom they are.
pub(crate) fn the_audit_log_replays_to_the_same_state(
    store: &Store,
    replay: &Replay,
) -> Result<(), Violation> {
    let differs = store
        .decided
        .visits()
        .find(|visit| !is_replayed(store, replay, visit));
    let count = replay.visits().count();
    let what = if let Some(visit) = differs {
        format!("{visit:?} was replayed as {:?}", replay.visit(visit.id))
    } else if count != store.decided.visits().count() {
        format!("{count} visits were replayed")
    } else {
        return Ok(());
    };
    Err(Violation {
        invariant: REPLAYS,
        what,
    })
}

fn is_replayed(store: &Store, replay: &Replay, visit: &Visit) -> bool {
    let consultation = visit.state.consultation();
    let consultation = consultation.and_then(|id| store.decided.consultation(id));
    let mut with = consultation.map(|one| one.practitioner);
    if let VisitState::Admitted { practitioner } = visit.state {
        with = Some(practitioner);
    }
    replay.visit(visit.id).is_some_and(|one| {
        one.state == without_words(visit.state.clone())
            && one.standing.waiting_room == visit.waiting_room
            && one.standing.rank == visit.rank
            && one.standing.counts_from == visit.counts_from
            && one.urgency == visit.urgency
            && one.appointment == visit.appointment
            && one.practitioner == with
    })
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
