//! What a clinic may decide for itself.

use vestibule_vocab::Millis;

/// The rules that a clinic sets for all its services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How long somebody may be away from a consultation before it ends.
    pub grace: Millis,
    /// How long a place is kept for somebody who is away: in the waiting room or on hold.
    pub keep_place: Millis,
    /// How long somebody who was called while away may take to come back to the front.
    pub called: Millis,
    /// How long after the time of an appointment its patient is still expected.
    pub expected: Millis,
    /// How many may wait at once in each waiting room. A visit that returns from a consultation, or is transferred, is
    /// let in all the same.
    pub waiting: usize,
    /// How long an ended visit is remembered, so that its patient can still see how it ended.
    pub remember: Millis,
}

impl Default for Policy {
    /// Two minutes of grace, which outlasts a lift, a change of network and a restart of a phone; a quarter of an hour
    /// for a place, which outlasts a telephone call and a door bell; three minutes to come when called; half an hour
    /// for an appointment; 5,000 people waiting; a day of memory.
    fn default() -> Self {
        Self {
            grace: Millis::from_secs(120),
            keep_place: Millis::from_secs(15 * 60),
            called: Millis::from_secs(3 * 60),
            expected: Millis::from_secs(30 * 60),
            waiting: 5_000,
            remember: Millis::from_secs(24 * 60 * 60),
        }
    }
}
