//! What people ask for, and what a node notices of its sockets and of the other node.

use std::fmt;

use vestibule_clinic::Input;
use vestibule_delivery::Caller;
use vestibule_vocab::{ConsultationId, InstanceId};

use crate::sessions::Person;
use crate::store::Run;

/// One thing that a node decides about.
#[derive(Clone, Debug)]
pub(crate) enum Request {
    /// For the clinic. The id of a consultation that begins, and what is known of a patient, is filled in by the node that
    /// decides.
    Clinic(Input),
    /// For the delivery service.
    Carry(Carry),
    /// Somebody opened a page here.
    Open(Person, InstanceId),
    /// Somebody's page here is closed.
    Close(Person, InstanceId),
    /// A node is taken to be gone.
    Bury(Run),
}

/// An MLS message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Carry {
    pub(crate) from: Caller,
    pub(crate) consultation: ConsultationId,
    pub(crate) generation: u32,
    pub(crate) epoch: u64,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Commit,
    Application,
}

/// Why nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The socket by which it came is closed meanwhile.
    Closed,
    Clinic(vestibule_clinic::Refusal),
    Delivery(vestibule_delivery::Refusal),
}

/// What a request is answered with.
pub(crate) type Answer = Result<(), Refused>;

impl Request {
    /// Whose socket it has to come by, if it is somebody's.
    pub(crate) fn asker(&self) -> Option<Person> {
        let Self::Clinic(input) = self else {
            return None;
        };
        if let Input::SetDuty { practitioner, .. } | Input::Decided { practitioner, .. } = input {
            return Some(Person::Practitioner(*practitioner));
        }
        if let Input::Leave { patient, .. }
        | Input::Answer { patient, .. }
        | Input::AnswerForm { patient, .. }
        | Input::Consent { patient, .. } = input
        {
            return Some(Person::Patient(*patient));
        }
        if let Input::Arrive(arriving) = input {
            return Some(Person::Patient(arriving.patient));
        }
        None
    }
}

impl fmt::Display for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clinic(input) => write!(formatter, "{input:?}"),
            Self::Carry(carry) => write!(formatter, "{carry:?}"),
            Self::Open(who, _) => write!(formatter, "{who:?} comes"),
            Self::Close(who, _) => write!(formatter, "{who:?} goes"),
            Self::Bury(run) => write!(formatter, "{run:?} is taken to be gone"),
        }
    }
}
