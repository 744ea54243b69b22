//! What a clinic or a practitioner asks of the shield.

use serde::{Deserialize, Serialize};
use vestibule_vocab::Millis;

use crate::Cap;

/// How much a practitioner may be asked to do. Asks for nothing unless set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ShieldPolicy {
    /// Consultations that begin in one hour of the local clock.
    pub hour: Option<Cap>,
    /// Consultations that begin on one local day.
    pub day: Option<Cap>,
    /// The time after each consultation in which none begins, for notes and a breath.
    pub pause: Millis,
    /// The longest stretch of work, and the rest that ends it.
    pub stretch: Option<Stretch>,
    /// The time before a planned break and before the end of a shift in which none begins, so that
    /// it does not run into them.
    pub buffer: Millis,
}

/// How long somebody may work without a break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// Once work has lasted this long, no consultation begins before a rest.
    pub longest: Millis,
    /// So long without a consultation is a rest.
    pub rest: Millis,
}

impl ShieldPolicy {
    /// What both ask for, such as a clinic and a practitioner: the stricter of each.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            hour: lower(self.hour, other.hour),
            day: lower(self.day, other.day),
            pause: self.pause.max(other.pause),
            stretch: match (self.stretch, other.stretch) {
                (Some(one), Some(two)) => Some(Stretch {
                    longest: one.longest.min(two.longest),
                    rest: one.rest.max(two.rest),
                }),
                (one, two) => one.or(two),
            },
            buffer: self.buffer.max(other.buffer),
        }
    }
}

fn lower(one: Option<Cap>, two: Option<Cap>) -> Option<Cap> {
    one.into_iter().chain(two).min()
}
