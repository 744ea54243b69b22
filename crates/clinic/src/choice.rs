//! Whom a visit asks for.

use serde::{Deserialize, Serialize};
use vestibule_vocab::{PractitionerId, ServiceId};

use crate::WaitingRoom;

/// Whom a patient asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "practitioner", rename_all = "snake_case")]
pub enum Choice {
    /// Whoever of the service is free next and speaks the language.
    #[default]
    Next,
    /// This practitioner.
    Named(PractitionerId),
    /// This practitioner, because they are the patient's regular one: what is kept says so when the visit begins, and
    /// whatever is kept later does not move it.
    Regular(PractitionerId),
}

impl Choice {
    /// Who is asked for by name.
    #[must_use]
    pub fn practitioner(self) -> Option<PractitionerId> {
        match self {
            Self::Next => None,
            Self::Named(practitioner) | Self::Regular(practitioner) => Some(practitioner),
        }
    }

    /// Where a visit with this choice waits.
    #[must_use]
    pub fn waiting_room(self, service: ServiceId) -> WaitingRoom {
        match self.practitioner() {
            Some(practitioner) => WaitingRoom::Practitioner(practitioner),
            None => WaitingRoom::Service(service),
        }
    }
}

/// What somebody who waits for a practitioner answers when that one goes off duty, or whoever waits for a language when nobody
/// speaks it any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Answer {
    /// Waits on, until they are back, or somebody speaks it.
    WaitOn,
    /// Takes whoever of the service is free next, in whatever language; the place goes by arrival.
    TakeNext,
}
