//! The order of those who wait.

use std::collections::BTreeMap;

use vestibule_clinic::{Rank, Turn, Visit, VisitState, WaitingRoom};

use super::Picture;

/// Nobody comes before somebody by their rank whose moment is earlier by more than the ageing bound, unless they were
/// called.
pub(crate) fn no_rank_overtakes_by_more_than_the_bound(picture: Picture<'_>) -> Option<String> {
    let mut lines: BTreeMap<WaitingRoom, Vec<(Rank, &Visit)>> = BTreeMap::new();
    let waiting = picture.rows.visits.values();
    for visit in waiting.filter(|visit| visit.state == VisitState::Waiting) {
        let line = lines.entry(visit.waiting_room).or_default();
        line.push((visit.rank, visit));
    }
    lines.into_values().find_map(|mut line| {
        line.sort_unstable_by_key(|(rank, _)| *rank);
        in_line(picture, &line)
    })
}

fn in_line(picture: Picture<'_>, line: &[(Rank, &Visit)]) -> Option<String> {
    // Of those before, the latest moment, less the bound of the service.
    let mut latest: Option<(u64, &Visit)> = None;
    for (rank, visit) in line {
        if let Some((moment, before)) = latest
            && visit.counts_from.0 < moment
        {
            return Some(format!(
                "{:?}, who counts from {:?}, comes before {:?}, who counts from {:?}",
                before.id, before.counts_from, visit.id, visit.counts_from
            ));
        }
        let bound = picture
            .told
            .widest
            .get(&visit.service)
            .copied()
            .unwrap_or_default();
        let moment = visit.counts_from.0.saturating_sub(bound.0);
        if rank.turn == Turn::InTurn && latest.is_none_or(|(so_far, _)| moment > so_far) {
            latest = Some((moment, visit));
        }
    }
    None
}
