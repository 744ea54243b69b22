//! What practitioners have done, as far as the doctor shield counts it.

use std::borrow::Cow;

use vestibule_vocab::{PractitionerId, ServiceId, Timestamp};

use super::Effects;
use crate::calendar::Zone;
use crate::{Clinic, Practitioner, Refusal};

impl Clinic {
    /// What practitioners say of themselves holds as what is planned for them does.
    pub(super) fn is_on_duty(
        &self,
        now: Timestamp,
        practitioner: PractitionerId,
    ) -> Result<(), Refusal> {
        let card = self.practitioners.card(practitioner);
        if card.ok_or(Refusal::NotFound)?.is_on_duty(now) {
            return Ok(());
        }
        Err(Refusal::OffDuty)
    }

    /// The shield lets this practitioner begin a consultation of this service now.
    pub(super) fn shield_allows(
        &self,
        now: Timestamp,
        practitioner: PractitionerId,
        service: ServiceId,
    ) -> Result<(), Refusal> {
        let card = self.practitioners.card(practitioner);
        let mut card = Cow::Borrowed(card.ok_or(Refusal::NotFound)?);
        if card.workday.seen() > now {
            card.to_mut().workday.observe(now);
        }
        let zone = self.zone_of(service);
        let shield = card.shielded(&zone);
        shield.may_begin(now).map_err(Refusal::Shielded)
    }

    /// The clock may have stepped back. What it showed when somebody last worked does not keep them from working until it
    /// shows that again.
    pub(crate) fn work_steps_back(&mut self, now: Timestamp, effects: &mut Effects) {
        for who in self.practitioners.worked_after(now) {
            self.works(who, effects, |card| card.workday.observe(now));
        }
    }

    pub(super) fn work_begins(
        &mut self,
        now: Timestamp,
        who: PractitionerId,
        effects: &mut Effects,
    ) {
        self.works(who, effects, |card| card.workday.begin(now, &card.shield));
    }

    pub(super) fn work_goes_on(
        &mut self,
        now: Timestamp,
        who: PractitionerId,
        effects: &mut Effects,
    ) {
        self.free_since.remove(&who);
        self.works(who, effects, |card| card.workday.resume(now, &card.shield));
    }

    pub(super) fn work_ends(&mut self, now: Timestamp, who: PractitionerId, effects: &mut Effects) {
        self.free_since.insert(who, now);
        self.works(who, effects, |card| {
            card.workday.end(now, card.roster.as_ref());
        });
    }

    fn works(
        &mut self,
        who: PractitionerId,
        effects: &mut Effects,
        work: impl FnOnce(&mut Practitioner),
    ) {
        if let Some(card) = self.practitioners.work(who, work) {
            effects.worked(card);
        }
    }

    fn zone_of(&self, service: ServiceId) -> Zone {
        let service = self.services.get(&service);
        service
            .map(|service| service.hours.timetable().zone.clone())
            .unwrap_or_default()
    }
}
