//! What the clinic sets: services, practitioners, and whether these see patients.

use std::sync::Arc;

use vestibule_vocab::{PractitionerId, Timestamp, VisitId};

use super::Effects;
use crate::audit::Act;
use crate::clinic::Alarm;
use crate::limits::SERVICES;
use crate::{Clinic, Duty, Practitioner, Refusal, Service, WaitingRoom};

impl Clinic {
    /// The order of those who wait already stays as it is.
    pub(crate) fn set_service(
        &mut self,
        service: Service,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let service = service.checked()?;
        if !self.services.contains_key(&service.id) && self.services.len() >= SERVICES {
            return Err(Refusal::TooMany);
        }
        effects.service(&service);
        effects.did(Act::ServiceSet {
            service: service.id,
        });
        let id = service.id;
        self.services.insert(id, service);
        self.lost_form_holds_up_nobody(id, effects);
        self.its_text_changed(id, effects);
        Ok(())
    }

    pub(crate) fn set_card(
        &mut self,
        now: Timestamp,
        card: Practitioner,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let card = card.checked()?;
        let unknown = |service| !self.services.contains_key(service);
        if card.services.iter().any(unknown) {
            return Err(Refusal::NotFound);
        }
        self.practitioners.registers_one_more(card.id)?;
        let known = self.practitioners.card(card.id);
        let workday = known.map(|known| known.workday.clone());
        let card = Practitioner {
            workday: workday.unwrap_or_default(),
            ..card
        };
        effects.did(Act::PractitionerSet {
            practitioner: card.id,
        });
        self.take_card(now, card, effects);
        Ok(())
    }

    pub(crate) fn set_duty(
        &mut self,
        practitioner: PractitionerId,
        duty: Duty,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let card = self.practitioners.card(practitioner);
        let card = card.ok_or(Refusal::NotFound)?;
        if card.duty == duty {
            return Ok(());
        }
        let now = effects.now();
        if matches!(duty, Duty::Break { until: Some(until) } if until <= now) {
            return Err(Refusal::InvalidBreak);
        }
        let card = Practitioner {
            duty,
            ..card.clone()
        };
        effects.did(Act::DutySet { practitioner, duty });
        self.take_card(now, card, effects);
        Ok(())
    }

    /// What they saw before and what they see now is looked at anew, and those who wait for them are asked, or are not
    /// asked any more.
    fn take_card(&mut self, now: Timestamp, card: Practitioner, effects: &mut Effects) {
        let id = card.id;
        let card = Practitioner {
            turned: card.last_turn(now),
            ..card
        };
        for waiting_room in self.practitioners.waiting_rooms(id) {
            effects.line(waiting_room);
        }
        for waiting_room in card.waiting_rooms() {
            effects.line(waiting_room);
        }
        self.set_card_alarms(now, &card);
        effects.card(&card);
        let spoken = self.spoken_until(&card);
        self.practitioners.set(card);
        self.ask_those_who_wait_for(now, id, effects);
        self.ask_whom_nobody_understands(spoken, effects);
    }

    /// What comes by itself of a practitioner who is about to take the place of the one that is known.
    pub(crate) fn set_card_alarms(&mut self, now: Timestamp, card: &Practitioner) {
        self.break_ends(card);
        let before = self.practitioners.card(card.id);
        if before.is_some_and(|before| before.roster == card.roster) {
            return;
        }
        let alarm = Alarm::ShiftTurns(card.id);
        for turn in before.into_iter().flat_map(Practitioner::turns) {
            self.alarms.remove(&(turn, alarm));
        }
        if let Some(turn) = card.next_turn(now) {
            self.alarms.insert((turn, alarm));
        }
    }

    fn break_ends(&mut self, card: &Practitioner) {
        let alarm = Alarm::BreakOver(card.id);
        let before = self.practitioners.card(card.id).map(|card| card.duty);
        if let Some(Duty::Break { until: Some(until) }) = before {
            self.alarms.remove(&(until, alarm));
        }
        if let Duty::Break { until: Some(until) } = card.duty {
            self.alarms.insert((until, alarm));
        }
    }

    /// A shift is over, or comes near: those who wait for its practitioner are asked, or are not asked any more, unless
    /// another server did it, or this one before it began again. Whoever waits for somebody off duty was asked before.
    pub(super) fn shift_turns(
        &mut self,
        now: Timestamp,
        who: PractitionerId,
        effects: &mut Effects,
    ) {
        let Some(card) = self.practitioners.card(who) else {
            return;
        };
        if let Some(turn) = card.next_turn(now) {
            self.alarms.insert((turn, Alarm::ShiftTurns(who)));
        }
        // Whether anybody may join is looked at anew, whoever waits.
        effects.line(WaitingRoom::Practitioner(who));
        let turned = card.last_turn(now);
        if turned == card.turned {
            return;
        }
        let card = Arc::new(Practitioner {
            turned,
            ..card.clone()
        });
        let works = card.duty != Duty::Off;
        effects.worked(&card);
        self.practitioners.set(card);
        if works {
            self.ask_those_who_wait_for(now, who, effects);
        }
    }

    fn ask_those_who_wait_for(
        &mut self,
        now: Timestamp,
        practitioner: PractitionerId,
        effects: &mut Effects,
    ) {
        let waiting_room = WaitingRoom::Practitioner(practitioner);
        let ask = self.nobody_comes(now, waiting_room, None);
        let waiting: Vec<VisitId> = self.waiting.of(waiting_room).map(|(_, id)| id).collect();
        for id in waiting {
            let visit = self.visits.get_mut(&id);
            if let Some(visit) = visit.filter(|visit| visit.asked != ask) {
                visit.asked = ask;
                effects.visit(visit);
            }
        }
    }
}
