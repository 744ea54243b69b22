//! How many are allowed in a period.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::limits::CAP;

/// How many consultations are allowed in a period: at least one, at most
/// [`CAP`](crate::limits::CAP). No cap at all is the absence of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Cap(u16);

/// Why a number is no cap. Code `invalid_cap`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
#[error("a cap is at least 1 and at most {CAP}; leave it out where none is meant")]
pub struct InvalidCap;

impl Cap {
    /// The least that there is.
    pub const ONE: Self = Self(1);

    /// So many; refused with [`InvalidCap`] when it is none or too many.
    pub fn new(number: u16) -> Result<Self, InvalidCap> {
        if (1..=CAP).contains(&number) {
            Ok(Self(number))
        } else {
            Err(InvalidCap)
        }
    }

    /// How many.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// True when so many are as many as are allowed, or more.
    pub(crate) fn is_reached_by(self, count: usize) -> bool {
        count >= usize::from(self.0)
    }
}

impl TryFrom<u16> for Cap {
    type Error = InvalidCap;

    fn try_from(number: u16) -> Result<Self, InvalidCap> {
        Self::new(number)
    }
}

impl From<Cap> for u16 {
    fn from(cap: Cap) -> Self {
        cap.0
    }
}
