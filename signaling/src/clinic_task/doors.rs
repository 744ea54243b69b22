//! Which services take nobody in, as whoever chooses one reads it: looked at now and then, and not for each snapshot.

use std::collections::BTreeMap;

use vestibule_clinic::shield::QueueClosedReason;
use vestibule_clinic::{Clinic, Closed, ClosedReason};
use vestibule_protocol::intake;
use vestibule_vocab::{ServiceId, Timestamp};

use super::batch::Batch;
use super::desk::Desk;
use crate::limits::DOORS_PACE;

/// The services that take nobody in.
#[derive(Debug, Default)]
pub(super) struct Doors {
    closed: BTreeMap<ServiceId, Closed>,
    looked_at: Timestamp,
    /// Somebody chooses a service, and is told when one opens or closes.
    watched: bool,
}

impl Doors {
    pub(super) fn of(clinic: &Clinic, now: Timestamp) -> Self {
        let services = clinic.services();
        let closed = services.filter_map(|it| Some((it.id, clinic.closed(now, it.id)?)));
        Self {
            closed: closed.collect(),
            looked_at: now,
            watched: true,
        }
    }

    /// Why a service takes nobody in, for people.
    pub(super) fn closed(&self, service: ServiceId) -> Option<intake::Closed> {
        self.closed.get(&service).map(wire)
    }

    /// Somebody begins to choose.
    pub(super) fn watch(&mut self) {
        self.watched = true;
    }

    /// When to look again, if anybody would see it.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.watched.then(|| self.looked_at.plus(DOORS_PACE))
    }

    /// A clock that stepped back keeps nobody out.
    fn is_due(&self, now: Timestamp) -> bool {
        now < self.looked_at || self.looked_at.plus(DOORS_PACE) <= now
    }
}

impl Desk {
    /// Looks whether a service has opened or closed, if it is time to, for those who choose one.
    pub(super) fn mind_the_doors(&mut self, batch: &mut Batch) {
        let now = self.around.clock.now();
        if !self.doors.is_due(now) {
            return;
        }
        let mut doors = Doors::of(&self.clinic, now);
        let choosing: Vec<_> = self.choosing().collect();
        doors.watched = !choosing.is_empty();
        if doors.closed != self.doors.closed {
            batch.moved.extend(choosing);
        }
        self.doors = doors;
    }
}

fn wire(closed: &Closed) -> intake::Closed {
    intake::Closed {
        reason: match closed.reason {
            ClosedReason::Closed => intake::ClosedReason::Closed,
            ClosedReason::Queue(QueueClosedReason::OutsideHours) => {
                intake::ClosedReason::OutsideHours
            }
            ClosedReason::Queue(QueueClosedReason::NobodyOnShift) => {
                intake::ClosedReason::NobodyOnShift
            }
            ClosedReason::Queue(QueueClosedReason::ShiftsFull) => intake::ClosedReason::ShiftsFull,
        },
        opens_at: closed.opens_at,
        words: closed.words.clone(),
    }
}
