//! Where a visit waits.

use serde::{Deserialize, Serialize};
use vestibule_vocab::{PractitionerId, ServiceId};

/// An ordered queue: one for each service, and one for each practitioner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitingRoom {
    /// Of everybody who practises this service: the next of them who is free takes the next visit.
    Service(ServiceId),
    /// Of one practitioner, for visits that ask for nobody else.
    Practitioner(PractitionerId),
}
