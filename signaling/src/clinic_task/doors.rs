//! Which services take nobody in, as whoever chooses one reads it: looked at when their queues change, and now and then
//! because time passes, but not for each snapshot.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_clinic::shield::QueueClosedReason;
use vestibule_clinic::{Changed, Clinic, Closed, ClosedReason};
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
    /// Their queues changed since they were looked at.
    stale: BTreeSet<ServiceId>,
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
            stale: BTreeSet::new(),
            watched: true,
        }
    }

    /// Looks again at some services; whether one of them opened or closed.
    fn look(&mut self, clinic: &Clinic, now: Timestamp, services: BTreeSet<ServiceId>) -> bool {
        let mut changed = false;
        for service in services {
            let closed = clinic.closed(now, service);
            changed |= self.closed.get(&service) != closed.as_ref();
            match closed {
                Some(closed) => _ = self.closed.insert(service, closed),
                None => _ = self.closed.remove(&service),
            }
        }
        changed
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
        self.watched.then(|| self.due_at())
    }

    /// What was said to open opens then, and not a moment later.
    fn due_at(&self) -> Timestamp {
        let opens = self.closed.values().filter_map(|it| it.opens_at);
        let ahead = opens.filter(|&at| at > self.looked_at);
        let paced = self.looked_at.plus(DOORS_PACE);
        ahead.min().map_or(paced, |at| at.min(paced))
    }

    /// A clock that stepped back keeps nobody out.
    fn is_due(&self, now: Timestamp) -> bool {
        now < self.looked_at || self.due_at() <= now
    }
}

impl Desk {
    /// Who waits or works changed. Those who choose are shown at once what opened or closed by it; true when something did.
    pub(super) fn doors_move(&mut self, changed: &Changed) -> bool {
        let touched = self.clinic.held_to_shifts(changed);
        self.doors.stale.extend(touched);
        if self.doors.stale.is_empty() || self.choosing().next().is_none() {
            return false;
        }
        let stale = std::mem::take(&mut self.doors.stale);
        let now = self.around.clock.now();
        self.doors.look(&self.clinic, now, stale)
    }

    /// Why a service takes nobody in at this moment, for other systems.
    pub(super) fn door_now(&self, service: ServiceId) -> Option<intake::Closed> {
        let closed = self.clinic.closed(self.around.clock.now(), service);
        closed.as_ref().map(wire)
    }

    /// Somebody was turned away there: what everybody is shown of it is what they were told.
    pub(super) fn look_at_the_door(&mut self, service: ServiceId, batch: &mut Batch) {
        let now = self.around.clock.now();
        if self
            .doors
            .look(&self.clinic, now, BTreeSet::from([service]))
        {
            batch.moved.extend(self.choosing());
        }
    }

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
            ClosedReason::NobodyPractises => intake::ClosedReason::NobodyPractises,
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
