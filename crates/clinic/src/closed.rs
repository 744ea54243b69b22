//! Why a service takes nobody in, for people.

use vestibule_vocab::{Redacted, Timestamp};

use crate::shield::{QueueClosed, QueueClosedReason};
use crate::{Refusal, Service};

/// A service takes nobody in now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Why.
    pub reason: ClosedReason,
    /// When it opens again, should nothing else change; `None` when nobody can know.
    pub opens_at: Option<Timestamp>,
    /// The clinic's own words, such as a holiday's name; may be empty.
    pub words: Redacted<String>,
}

/// Why it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClosedReason {
    /// The clinic closed it.
    Closed,
    /// Nobody practises it.
    NobodyPractises,
    /// Its hours or the shifts of its practitioners.
    Queue(QueueClosedReason),
}

impl Closed {
    /// Until the clinic changes what it set.
    pub(crate) fn as_set(reason: ClosedReason) -> Self {
        Self {
            reason,
            opens_at: None,
            words: Redacted::default(),
        }
    }

    pub(crate) fn outside_hours(service: &Service, now: Timestamp) -> Self {
        let closure = service.hours.closure(now);
        Self {
            reason: ClosedReason::Queue(QueueClosedReason::OutsideHours),
            opens_at: service.hours.next_opening(now),
            words: closure.map(|it| it.reason.clone()).unwrap_or_default(),
        }
    }

    pub(crate) fn with_the_queue(queue: QueueClosed, service: &Service, now: Timestamp) -> Self {
        Self {
            reason: ClosedReason::Queue(queue.reason),
            opens_at: queue.opens_at,
            ..Self::outside_hours(service, now)
        }
    }

    /// What whoever comes all the same is told.
    pub(crate) fn refusal(&self) -> Refusal {
        let opens_at = self.opens_at;
        match self.reason {
            ClosedReason::Closed | ClosedReason::Queue(QueueClosedReason::OutsideHours) => {
                Refusal::ServiceClosed { opens_at }
            }
            ClosedReason::NobodyPractises => Refusal::NobodyPractises,
            ClosedReason::Queue(
                QueueClosedReason::NobodyOnShift | QueueClosedReason::ShiftsFull,
            ) => Refusal::QueueClosed { opens_at },
        }
    }
}
