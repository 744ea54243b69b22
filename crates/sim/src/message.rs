//! What people ask for.

use std::fmt;

use vestibule_clinic::Input;
use vestibule_delivery::Caller;
use vestibule_vocab::ConsultationId;

/// One request, or one thing that a node notices of its sockets. Repeating it is the same request again.
#[derive(Clone, Debug)]
pub(crate) enum Request {
    /// For the clinic. The id of a consultation that begins is drawn by the node that decides.
    Clinic(Input),
    /// For the delivery service.
    Carry(Carry),
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
    Clinic(vestibule_clinic::Refusal),
    Delivery(vestibule_delivery::Refusal),
}

/// What a request is answered with.
pub(crate) type Answer = Result<(), Refused>;

impl fmt::Display for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clinic(input) => write!(formatter, "{input:?}"),
            Self::Carry(carry) => write!(formatter, "{carry:?}"),
        }
    }
}
