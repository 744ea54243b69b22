//! A practitioner, as far as the queue is concerned.

use serde::{Deserialize, Serialize};
use vestibule_vocab::Timestamp;

/// What a practitioner does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// In no consultation, and has been so with somebody waiting since then.
    Free {
        /// The end of the consultation before, or the arrival of the first who waits when later.
        since: Timestamp,
    },
    /// In a consultation.
    Busy {
        /// Its start.
        since: Timestamp,
    },
}

/// A practitioner who admits from the queue, now or later.
///
/// A planned break makes two of them: one who leaves when it begins and one who comes when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Server {
    /// What they do now.
    pub doing: Doing,
    /// Nobody is admitted before: the end of a break, the beginning of a shift. In the past for
    /// somebody on duty.
    pub from: Timestamp,
    /// Nobody is admitted then or later: the beginning of a break, the end of a shift.
    pub until: Option<Timestamp>,
}

impl Server {
    /// On duty and free, with somebody waiting since then.
    #[must_use]
    pub const fn free(since: Timestamp) -> Self {
        Self {
            doing: Doing::Free { since },
            from: since,
            until: None,
        }
    }

    /// On duty and in a consultation since then.
    #[must_use]
    pub const fn busy(since: Timestamp) -> Self {
        Self {
            doing: Doing::Busy { since },
            from: since,
            until: None,
        }
    }

    /// Comes, or comes back from a break, at this time.
    #[must_use]
    pub const fn coming(from: Timestamp) -> Self {
        Self::free(from)
    }

    /// The same, who admits nobody from this time on.
    #[must_use]
    pub const fn leaving(self, until: Timestamp) -> Self {
        Self {
            until: Some(until),
            ..self
        }
    }
}
