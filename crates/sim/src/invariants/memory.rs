//! What the nodes remember, and what is stored.

use std::collections::BTreeSet;
use std::fmt;

use vestibule_clinic::Clinic;

use super::{Picture, Violation};
use crate::store::Store;

/// What was stored is a clinic, and a log of MLS messages.
pub(crate) fn not_restored(why: &dyn fmt::Display) -> Violation {
    Violation {
        invariant: "what_was_stored_can_be_restored",
        what: why.to_string(),
    }
}

/// The rows are what the node that wrote them remembers.
pub(crate) fn the_store_holds_what_was_decided(picture: Picture<'_>) -> Option<String> {
    let (rows, clinic) = (picture.rows, picture.clinic);
    let kind = if !clinic.visits().eq(rows.visits.values()) {
        "a visit"
    } else if !clinic.consultations().eq(rows.under_way()) {
        "a consultation under way"
    } else if !clinic.registered().eq(rows.practitioners.values()) {
        "a practitioner"
    } else if !clinic.services().eq(rows.services.values()) {
        "a service"
    } else {
        return None;
    };
    Some(format!("{kind} is not stored as it was decided"))
}

/// All rows are what the node that wrote them remembers, those of consultations that ended as well.
pub(crate) fn the_store_holds_all_that_was_decided(store: &Store) -> Result<(), Violation> {
    let mut stored = store.rows.state();
    let mut decided = store.decided.state();
    for state in [&mut stored, &mut decided] {
        state.visits.sort_by_key(|visit| visit.id);
        state.consultations.sort_by_key(|one| one.id);
    }
    holds(
        "the_store_holds_what_was_decided",
        stored == decided,
        || "the rows and the memory differ".to_owned(),
    )
}

/// A node that took up what others decided remembers the same as the one that decided.
pub(crate) fn deltas_lead_to_the_same_memory(
    store: &Store,
    clinic: &Clinic,
) -> Result<(), Violation> {
    holds(
        "deltas_lead_to_the_same_memory",
        *store.decided == *clinic,
        || differences(&store.decided, clinic),
    )
}

/// A decision of which nobody is told, and which is not stored, left the memory as it was.
pub(crate) fn what_is_not_told_changed_nothing(
    before: &Clinic,
    after: &Clinic,
) -> Result<(), Violation> {
    holds("what_is_not_told_changed_nothing", before == after, || {
        differences(before, after)
    })
}

/// A request that is repeated at once leaves the clinic as it was.
pub(crate) fn a_repeated_request_changes_nothing(
    before: &Clinic,
    after: &Clinic,
    request: &dyn fmt::Display,
) -> Result<(), Violation> {
    holds(
        "a_repeated_request_changes_nothing",
        before == after,
        || format!("{request}\n{}", differences(before, after)),
    )
}

/// No more practitioners were told that they are connected than may be.
pub(crate) fn no_more_practitioners_are_connected_than_may_be(
    connected: usize,
) -> Result<(), Violation> {
    let most = vestibule_clinic::limits::PRACTITIONERS;
    holds(
        "no_more_practitioners_are_connected_than_may_be",
        connected <= most,
        || format!("{connected} are connected"),
    )
}

fn holds(
    invariant: &'static str,
    holds: bool,
    what: impl FnOnce() -> String,
) -> Result<(), Violation> {
    if holds {
        Ok(())
    } else {
        let what = what();
        Err(Violation { invariant, what })
    }
}

/// The lines that one of two memories has and the other has not.
fn differences(one: &Clinic, other: &Clinic) -> String {
    let (one, other) = (format!("{one:#?}"), format!("{other:#?}"));
    let only = |sign: char, here: &str, there: &str| {
        let there: BTreeSet<&str> = there.lines().collect();
        let lines = here.lines().filter(|line| !there.contains(line));
        lines
            .map(|line| format!("\n{sign} {line}"))
            .collect::<String>()
    };
    only('-', &one, &other) + &only('+', &other, &one)
}
