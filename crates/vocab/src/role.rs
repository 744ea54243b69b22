//! Who somebody is, and what a track shows.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Waits and is admitted.
    Patient,
    /// Admits, declines and ends.
    Practitioner,
    /// Comes with a patient, by invitation.
    Companion,
}

/// What a track carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A microphone's sound.
    Microphone,
    /// A camera's picture.
    Camera,
    /// A shared screen's picture.
    Screen,
}
