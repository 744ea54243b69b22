//! Gates, and answers that stop a visit.

use vestibule_clinic::{Gate, Outcome, VisitState};

use super::Picture;

/// Whoever is in a consultation has passed every gate that their service asked for when they came.
pub(crate) fn nobody_is_seen_past_a_shut_gate(picture: Picture<'_>) -> Option<String> {
    let visits = picture.rows.visits.values();
    let mut seen = visits.filter(|visit| visit.state.consultation().is_some());
    seen.find_map(|visit| {
        let asked = picture.told.gates.get(&visit.id)?;
        let gates = visit.gates.gates();
        let is_open = |gate: &Gate| gate.is_open();
        let shut = asked.iter().find(|kind| {
            let gate = gates.iter().find(|gate| gate.kind() == **kind);
            !gate.is_some_and(is_open)
        })?;
        Some(format!("{:?} is seen, and {shut:?} is shut", visit.id))
    })
}

/// An answer that means an emergency ends the visit, and as that.
pub(crate) fn an_emergency_ends_the_visit(picture: Picture<'_>) -> Option<String> {
    picture.told.flagged.iter().find_map(|id| {
        let visit = picture.rows.visits.get(id)?;
        let stopped = matches!(
            visit.state,
            VisitState::Ended {
                outcome: Outcome::Emergency,
                ..
            }
        );
        (!stopped).then(|| format!("{id:?} is {:?}", visit.state))
    })
}
