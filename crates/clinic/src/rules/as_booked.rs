//! What may still be asked for by somebody who comes to an appointment: what was booked, and whom of the service they want to
//! see where nobody was named.

use vestibule_vocab::PractitionerId;

use crate::input::Arriving;
use crate::{Choice, Clinic, Refusal, Visit};

impl Clinic {
    /// The appointment names nobody, and this practitioner could keep it: it could be booked so now.
    #[must_use]
    pub fn could_keep(&self, practitioner: PractitionerId, visit: &Visit) -> bool {
        let choice = Choice::Named(practitioner);
        visit.choice == Choice::Next && self.can_be_kept_by(visit, choice, practitioner).is_ok()
    }

    /// Whom somebody waits for who comes to an appointment and wishes for this.
    pub(super) fn choice_on_coming(
        &self,
        visit: &Visit,
        arriving: &Arriving,
    ) -> Result<Choice, Refusal> {
        if arriving.service != visit.service {
            return Err(Refusal::BookedOtherwise);
        }
        let wished = arriving.choice;
        match (visit.choice.practitioner(), wished.practitioner()) {
            (_, None) => Ok(visit.choice),
            (Some(booked), Some(who)) if booked == who => Ok(visit.choice),
            (Some(_), Some(_)) => Err(Refusal::BookedOtherwise),
            (None, Some(who)) => self.can_be_kept_by(visit, wished, who),
        }
    }

    /// What a booking with them is held to holds here too: nobody gets on arrival what they would not have been given before.
    fn can_be_kept_by(
        &self,
        visit: &Visit,
        choice: Choice,
        who: PractitionerId,
    ) -> Result<Choice, Refusal> {
        self.may_ask_for(visit.patient, choice)?;
        let waiting_room = self.waiting_room(visit.service, choice)?;
        if let Some(appointment) = visit.appointment {
            self.is_on_shift(waiting_room, appointment)?;
            self.has_time(who, appointment)?;
        }
        Ok(choice)
    }
}
