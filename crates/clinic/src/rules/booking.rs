//! Appointments: visits that are expected.

use std::collections::BTreeMap;

use vestibule_vocab::{
    ConsultationId, Millis, PractitionerId, Redacted, ServiceId, Timestamp, VisitId,
};

use super::Effects;
use super::returning::expected_until;
use super::standing::{first_rank, standing};
use crate::audit::Act;
use crate::calendar::Period;
use crate::clinic::Alarm;
use crate::input::Booking;
use crate::limits::{EXPECTED, TIMES_LOOKED_AT};
use crate::quota::History;
use crate::{
    Answers, Appointment, Clinic, Companions, Consent, Consultation, Event, GateRules, Gates,
    Known, Refusal, Service, Urgency, Visit, VisitState, WaitingRoom, text,
};

impl Clinic {
    pub(crate) fn book(
        &mut self,
        now: Timestamp,
        booking: Booking,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        if self.visits.contains_key(&booking.visit) {
            return Err(Refusal::Unavailable);
        }
        self.may_ask_for(booking.patient, booking.choice)?;
        let waiting_room = self.waiting_room(booking.service, booking.choice)?;
        let name = text::name(&booking.name)?;
        if !booking.appointment.is_sensible(now) {
            return Err(Refusal::InvalidTime);
        }
        self.is_open_for(now, (booking.service, waiting_room), booking.appointment)?;
        if !self.practitioners.practise(booking.service) {
            return Err(Refusal::NobodyPractises);
        }
        self.is_on_shift(waiting_room, booking.appointment)
            .map_err(|refusal| self.with_the_hours(refusal, &booking, waiting_room))?;
        self.is_spoken(booking.service, booking.language)?;
        self.is_within_the_quota(&booking)?;
        if self.expected.len() >= EXPECTED {
            return Err(Refusal::TooMany);
        }
        self.fits(&booking)?;
        let arrival = self.next_arrival();
        let at = booking.appointment.at;
        let visit = Visit {
            id: booking.visit,
            patient: booking.patient,
            service: booking.service,
            choice: booking.choice,
            language: booking.language,
            name,
            reason: Redacted::default(),
            message: Redacted::default(),
            appointment: Some(booking.appointment),
            extension: None,
            urgency: Urgency::Routine,
            waiting_room,
            rank: first_rank(arrival, at),
            counts_from: at,
            arrived_at: now,
            asked: false,
            promise: None,
            gates: Gates::new(GateRules::default(), now),
            answers: Answers::default(),
            consent: Consent::default(),
            companions: Companions::default(),
            history: History::default(),
            elsewhere: BTreeMap::new(),
            known: Known::default(),
            state: VisitState::Expected,
        };
        effects.visit(&visit);
        effects.booked(waiting_room);
        effects.did(Act::Booked {
            visit: visit.id,
            appointment: booking.appointment,
            standing: standing(&visit),
        });
        self.expect(&visit);
        self.visits.insert(visit.id, visit);
        self.follow_appointment(booking.visit);
        Ok(())
    }

    pub(crate) fn cancel(
        &mut self,
        now: Timestamp,
        id: VisitId,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let visit = self.visits.get(&id).ok_or(Refusal::NotFound)?.clone();
        if visit.state != VisitState::Expected {
            return Err(Refusal::VisitActive);
        }
        self.expect_no_more(&visit);
        self.move_visit(now, id, Event::Cancelled, effects);
        Ok(())
    }

    /// From now on the patient is expected.
    pub(crate) fn expect(&mut self, visit: &Visit) {
        self.expected.insert((visit.patient, visit.id));
        if let Some(alarm) = self.alarm(visit) {
            self.alarms.insert(alarm);
        }
    }

    /// The patient came, or is not expected any more.
    pub(crate) fn expect_no_more(&mut self, visit: &Visit) {
        self.expected.remove(&(visit.patient, visit.id));
        if let Some(alarm) = self.alarm(visit) {
            self.alarms.remove(&alarm);
        }
    }

    fn alarm(&self, visit: &Visit) -> Option<(Timestamp, Alarm)> {
        let at = expected_until(&self.policy, visit)?;
        Some((at, Alarm::NotCome(visit.id)))
    }

    /// All of an appointment is within the service's hours. That a service is closed by hand is of today, by its zone; its
    /// hours and closures hold on the day of an appointment too.
    fn is_open_for(
        &self,
        now: Timestamp,
        (service, waiting_room): (ServiceId, WaitingRoom),
        Appointment { at, length }: Appointment,
    ) -> Result<(), Refusal> {
        let service = self.services.get(&service).ok_or(Refusal::NotFound)?;
        let today = Period::Day.around(now, &service.hours.timetable().zone);
        let from = if service.open { at } else { at.max(today.to) };
        match service.hours.next_fit(from, length) {
            Some(next) if next == at => Ok(()),
            next => Err(Refusal::ServiceClosed {
                opens_at: self.next_kept(next, (service, waiting_room), length),
            }),
        }
    }

    /// Shifts may be planned outside the hours of a service: what is said of the next time keeps to both.
    fn with_the_hours(
        &self,
        refusal: Refusal,
        booking: &Booking,
        waiting_room: WaitingRoom,
    ) -> Refusal {
        let (Refusal::OffShift { opens_at }, Some(service)) =
            (refusal, self.services.get(&booking.service))
        else {
            return refusal;
        };
        let length = booking.appointment.length;
        Refusal::OffShift {
            opens_at: self.next_kept(opens_at, (service, waiting_room), length),
        }
    }

    /// The first moment, not before that one, at which the service is open for long enough and somebody works who could keep
    /// the appointment; where nobody practises it, at which it is open.
    fn next_kept(
        &self,
        from: Option<Timestamp>,
        (service, waiting_room): (&Service, WaitingRoom),
        length: Millis,
    ) -> Option<Timestamp> {
        let mut at = from?;
        for _ in 0..TIMES_LOOKED_AT {
            let open = service.hours.next_fit(at, length)?;
            if !self.practitioners.practise(service.id) {
                return Some(open);
            }
            at = self.next_shift(waiting_room, open, length)?;
            if at == open {
                return Some(at);
            }
        }
        None
    }

    /// Somebody who could keep the appointment works then, or plans no shifts.
    pub(super) fn is_on_shift(
        &self,
        waiting_room: WaitingRoom,
        Appointment { at, length }: Appointment,
    ) -> Result<(), Refusal> {
        match self.next_shift(waiting_room, at, length) {
            Some(next) if next == at => Ok(()),
            opens_at => Err(Refusal::OffShift { opens_at }),
        }
    }

    /// The first moment, not before `at`, at which one of those who see the waiting room works for so long, or plans no shifts.
    fn next_shift(
        &self,
        waiting_room: WaitingRoom,
        at: Timestamp,
        length: Millis,
    ) -> Option<Timestamp> {
        let cards = self.practitioners.seeing(waiting_room);
        let cards = cards.filter_map(|who| self.practitioners.card(who));
        let next = cards.filter_map(|card| match &card.roster {
            Some(roster) => roster.next_fit(at, length),
            None => Some(at),
        });
        next.min()
    }

    /// The time of an appointment is taken whose visit has not ended, until it has: whoever came early is seen then.
    pub(crate) fn follow_appointment(&mut self, id: VisitId) {
        let Some(visit) = self.visits.get(&id) else {
            return;
        };
        let practitioner = with_whom(&self.consultations, visit);
        self.appointments.follow(visit, practitioner);
    }

    /// The same of a visit that was looked up.
    pub(super) fn follow_appointment_of(&mut self, visit: &Visit) {
        let practitioner = with_whom(&self.consultations, visit);
        self.appointments.follow(visit, practitioner);
    }

    /// Neither the patient nor the practitioner, if one is named, has another appointment at that time.
    fn fits(&self, booking: &Booking) -> Result<(), Refusal> {
        let of_patient = self.appointments.of_patient(booking.patient);
        self.none_overlaps(of_patient, booking.appointment)?;
        match booking.choice.practitioner() {
            Some(who) => self.has_time(who, booking.appointment),
            None => Ok(()),
        }
    }

    /// The practitioner has no other appointment at that time.
    pub(super) fn has_time(
        &self,
        who: PractitionerId,
        appointment: Appointment,
    ) -> Result<(), Refusal> {
        self.none_overlaps(self.appointments.of_practitioner(who), appointment)
    }

    fn none_overlaps(
        &self,
        mut visits: impl Iterator<Item = VisitId>,
        wanted: Appointment,
    ) -> Result<(), Refusal> {
        let taken = visits.any(|visit| {
            let other = self.visits.get(&visit).and_then(|it| it.appointment);
            other.is_some_and(|other| other.overlaps(&wanted))
        });
        if taken {
            return Err(Refusal::AppointmentOverlaps);
        }
        Ok(())
    }
}

/// The practitioner with whom a visit is, or for whom it waits or is expected.
fn with_whom(
    under_way: &BTreeMap<ConsultationId, Consultation>,
    visit: &Visit,
) -> Option<PractitionerId> {
    let consultation = visit.state.consultation();
    match consultation.and_then(|it| under_way.get(&it)) {
        Some(consultation) => Some(consultation.practitioner),
        None => match visit.waiting_room {
            WaitingRoom::Practitioner(who) => Some(who),
            WaitingRoom::Service(_) => None,
        },
    }
}
