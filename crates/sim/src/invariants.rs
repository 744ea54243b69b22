//! What must hold, one function each. Those about rows are asked after each commit, those about a choice when it is made,
//! those about memory when nodes meet, and those about the audit log at the end.

mod audit;
pub(crate) mod choice;
mod fairness;
mod gates;
pub(crate) mod memory;
pub(crate) mod mls;
pub(crate) mod overtakes;
pub(crate) mod patience;
mod people;
mod shield;

use std::fmt;

use vestibule_clinic::Clinic;

use crate::rows::Rows;
use crate::store::Store;
use crate::told::Told;
pub(crate) use audit::{the_audit_log_explains_itself, the_audit_log_replays_to_the_same_state};

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The name of its function.
    pub invariant: &'static str,
    /// What was seen instead.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.invariant, self.what)
    }
}

/// What is looked at after a commit.
#[derive(Clone, Copy)]
pub(crate) struct Picture<'a> {
    /// What is stored.
    pub(crate) rows: &'a Rows,
    /// The memory of the node that decided, while it is up.
    pub(crate) clinic: Option<&'a Clinic>,
    pub(crate) told: &'a Told,
}

/// An invariant: what was seen that contradicts it.
type Invariant = fn(Picture<'_>) -> Option<String>;

/// Asked after each commit, in this order.
const AFTER_EACH_COMMIT: &[(&str, Invariant)] = &[
    (
        "nobody_is_in_two_consultations",
        people::nobody_is_in_two_consultations,
    ),
    ("nobody_is_assigned_twice", people::nobody_is_assigned_twice),
    ("no_visit_is_lost", people::no_visit_is_lost),
    (
        "nobody_holds_more_than_they_may",
        people::nobody_holds_more_than_they_may,
    ),
    (
        "nobody_is_seen_past_a_shut_gate",
        gates::nobody_is_seen_past_a_shut_gate,
    ),
    (
        "an_emergency_ends_the_visit",
        gates::an_emergency_ends_the_visit,
    ),
    (
        "no_rank_overtakes_by_more_than_the_bound",
        fairness::no_rank_overtakes_by_more_than_the_bound,
    ),
    (
        "the_store_holds_what_was_decided",
        memory::the_store_holds_what_was_decided,
    ),
    ("an_epoch_has_one_commit", mls::an_epoch_has_one_commit),
];

/// Asks all that must hold after a commit.
pub(crate) fn after_a_commit(store: &Store, clinic: Option<&Clinic>) -> Result<(), Violation> {
    let picture = Picture {
        rows: &store.rows,
        clinic,
        told: &store.told,
    };
    for (invariant, seen) in AFTER_EACH_COMMIT {
        if let Some(what) = seen(picture) {
            return Err(Violation { invariant, what });
        }
    }
    Ok(())
}
