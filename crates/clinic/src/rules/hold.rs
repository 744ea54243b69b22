//! Consultations on hold.

use vestibule_vocab::{ConsultationId, PractitionerId, Timestamp};

use super::Effects;
use crate::limits::HELD;
use crate::{Clinic, Event, Refusal};

impl Clinic {
    pub(crate) fn hold(
        &mut self,
        now: Timestamp,
        practitioner: PractitionerId,
        id: ConsultationId,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let consultation = self.own_consultation(practitioner, id)?;
        if consultation.held_since.is_some() {
            return Ok(());
        }
        if self.practitioners.held(practitioner).count() >= HELD {
            return Err(Refusal::TooMany);
        }
        let since = now.max(consultation.started_at);
        self.set_hold(now, id, Some(since), effects);
        self.work_ends(now, practitioner, effects);
        self.practitioners.hold(practitioner, id);
        Ok(())
    }

    pub(crate) fn resume(
        &mut self,
        now: Timestamp,
        practitioner: PractitionerId,
        id: ConsultationId,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        if self
            .own_consultation(practitioner, id)?
            .held_since
            .is_none()
        {
            return Ok(());
        }
        if self.practitioners.consultation(practitioner).is_some() {
            return Err(Refusal::PractitionerBusy);
        }
        self.accompanies_nobody(practitioner)?;
        self.set_hold(now, id, None, effects);
        self.work_goes_on(now, practitioner, effects);
        self.practitioners.engage(practitioner, id);
        Ok(())
    }

    fn set_hold(
        &mut self,
        now: Timestamp,
        id: ConsultationId,
        held_since: Option<Timestamp>,
        effects: &mut Effects,
    ) {
        let Some(consultation) = self.consultations.get_mut(&id) else {
            return;
        };
        consultation.held_since = held_since;
        effects.consultation(consultation);
        let (visit, held) = (consultation.visit, held_since.is_some());
        let event = if held { Event::Held } else { Event::Resumed };
        self.move_visit(now, visit, event, effects);
    }
}
