//! What the nodes remember, and what is stored.

use std::collections::BTreeSet;
use std::fmt;

use vestibule_clinic::{Clinic, Input, Record, State};

use super::{Picture, Violation};
use crate::rows::Rows;

/// What was stored is a clinic, and a log of MLS messages.
pub(crate) fn not_restored(why: &dyn fmt::Display) -> Violation {
    Violation {
        invariant: "what_was_stored_can_be_restored",
        what: why.to_string(),
    }
}

/// The rows are what the node that wrote them remembers.
pub(crate) fn the_store_holds_what_was_decided(picture: Picture<'_>) -> Option<String> {
    let (rows, clinic) = (picture.rows, picture.clinic?);
    let kind = if !clinic.visits().eq(rows.visits.values()) {
        "a visit"
    } else if !clinic.consultations().eq(rows.under_way()) {
        "a consultation under way"
    } else if !clinic.registered().eq(rows.practitioners.values()) {
        "a practitioner"
    } else if !clinic.regulars().eq(rows.regulars.clone()) {
        "whose patient somebody is"
    } else if !clinic.services().eq(rows.services.values()) {
        "a service"
    } else {
        return None;
    };
    Some(format!("{kind} is not stored as it was decided"))
}

/// All rows are what a node remembers that has taken up everything, those of consultations that ended as well. What it
/// learnt of the pace of a waiting room since that was last stored is its own.
pub(crate) fn the_store_holds_all_that_was_decided(
    rows: &Rows,
    clinic: &Clinic,
) -> Result<(), Violation> {
    let in_order = |state: State| {
        let State {
            mut visits,
            mut consultations,
            ..
        } = state;
        visits.sort_by_key(|visit| visit.id);
        consultations.sort_by_key(|one| one.id);
        (
            state.services,
            state.practitioners,
            state.regulars,
            visits,
            consultations,
        )
    };
    holds(
        "the_store_holds_what_was_decided",
        in_order(rows.state()) == in_order(clinic.state()),
        || "the rows and the memory differ".to_owned(),
    )
}

/// A node that took up what others decided shows everybody the same as the one that decided.
pub(crate) fn whoever_catches_up_shows_the_same(
    decided: &Clinic,
    caught_up: &Clinic,
) -> Result<(), Violation> {
    let what = differs(decided, caught_up);
    holds("whoever_catches_up_shows_the_same", what.is_none(), || {
        let what = what.unwrap_or_default();
        format!("{what}{}", differences(decided, caught_up))
    })
}

fn differs(one: &Clinic, other: &Clinic) -> Option<&'static str> {
    if !one.visits().eq(other.visits()) {
        return Some("a visit");
    }
    if !one.consultations().eq(other.consultations()) {
        return Some("a consultation under way");
    }
    if !one.services().eq(other.services()) || !one.registered().eq(other.registered()) {
        return Some("what is offered");
    }
    if !one.regulars().eq(other.regulars()) {
        return Some("whose patient somebody is");
    }
    if !one.practitioners().eq(other.practitioners()) {
        return Some("which practitioners are there");
    }
    if !one.warm().eq(other.warm()) {
        return Some("for whom a call is prepared");
    }
    let mut visits = one.visits().map(|visit| visit.id);
    if visits.any(|id| one.visit(id) != other.visit(id)) {
        return Some("a place, or who is there");
    }
    let mut practitioners = one.registered().map(|card| card.id);
    let differs = practitioners.any(|who| {
        !one.waiting_for(who).eq(other.waiting_for(who))
            || !one.held_by(who).eq(other.held_by(who))
            || one.missed_by(who) != other.missed_by(who)
            || one.ended_of(who) != other.ended_of(who)
    });
    differs.then_some("what a practitioner sees")
}

/// Who is connected is stored by no clinic: a node that hears of it from another one has nothing to write.
pub(crate) fn what_is_supposed_writes_nothing(
    records: &[Record],
    input: &Input,
) -> Result<(), Violation> {
    holds(
        "what_is_supposed_writes_nothing",
        records.is_empty(),
        || format!("{input:?} leads to {records:?}"),
    )
}

/// Whoever has the clinic's row is the only one to write.
pub(crate) fn a_turn_is_never_lost() -> Violation {
    Violation {
        invariant: "a_turn_is_never_lost",
        what: "another version was written in between".to_owned(),
    }
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
