//! What a clinic may decide for itself.

use vestibule_vocab::Millis;

/// The rules that a clinic sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How long somebody may be away before their visit or consultation ends.
    pub grace: Millis,
    /// How many may wait at once. A visit that returns from a consultation is let in all the same.
    pub waiting: usize,
    /// How long an ended visit is remembered, so that its patient can still see how it ended.
    pub remember: Millis,
}

impl Default for Policy {
    /// Two minutes of grace, which outlasts a lift, a change of network and a restart of a phone;
    /// 5,000 people waiting; a day of memory.
    fn default() -> Self {
        Self {
            grace: Millis::from_secs(120),
            waiting: 5_000,
            remember: Millis::from_secs(24 * 60 * 60),
        }
    }
}
