//! What people want next: mostly what makes sense, now and then what does not.

use vestibule_clinic::quota::{Had, History};
use vestibule_clinic::{
    Answer, Appointment, Arriving, Booking, Choice, Conclusion, ConsentAct, Decision,
    DeclineReason, Duty, Input, Urgency, VisitState, WaitingRoom,
};
use vestibule_vocab::{
    ConsultationId, Millis, PatientId, PractitionerId, Redacted, ServiceId, VisitId,
};

use super::World;
use crate::catalogue::some_service;
use crate::limits::{PATIENTS, PRACTITIONERS, SERVICES};
use crate::message::{Carry, Kind, Request};
use crate::node::Which;
use crate::sessions::Person;
use crate::theme::seconds;
use crate::{form, people};

impl World {
    pub(super) fn somebody(&mut self) -> Person {
        let visits = self.store.rows.visits.values();
        let called = visits.filter(|visit| matches!(visit.state, VisitState::Admitted { .. }));
        let called: Vec<PatientId> = called.map(|visit| visit.patient).collect();
        if let Some(patient) = self.dice.one_of(&called)
            && self.dice.percent(60)
        {
            // Who is called hears it, and mostly comes.
            Person::Patient(patient)
        } else if self.dice.percent(70) {
            Person::Patient(self.some_patient())
        } else if self.theme.crowded && self.dice.percent(50) {
            let number = 20_000 + self.dice.number(10);
            Person::Practitioner(people::practitioner(number))
        } else {
            Person::Practitioner(self.some_practitioner())
        }
    }

    /// Something that the clinic sets, plans or calls off.
    pub(super) fn some_setting(&mut self) -> Input {
        match self.dice.below(11) {
            10 => Input::SetRegular {
                patient: self.some_patient(),
                regular: self.dice.percent(75).then(|| self.some_practitioner()),
            },
            0 => {
                let (number, now) = (1 + self.dice.number(SERVICES), self.clock(Which::First));
                some_service(self.theme, number, &mut self.dice, now)
            }
            1 => {
                let (number, now) = (self.dice.number(PRACTITIONERS), self.clock(Which::First));
                self.theme.some_practitioner(number, &mut self.dice, now)
            }
            2..4 => Input::SetDuty {
                practitioner: self.some_practitioner(),
                duty: self.some_duty(),
            },
            4 => Input::Cancel {
                visit: self.some_visit(),
            },
            _ => self.some_booking(),
        }
    }

    fn some_duty(&mut self) -> Duty {
        match self.dice.below(4) {
            0 => Duty::Off,
            1 => Duty::Break { until: None },
            2 => {
                let pause = seconds(&mut self.dice, 10, 900);
                let until = Some(self.clock(Which::First).plus(pause));
                Duty::Break { until }
            }
            _ => Duty::On,
        }
    }

    fn some_booking(&mut self) -> Input {
        let ahead = seconds(&mut self.dice, 0, 1_200);
        let at = self.clock(Which::First).plus(ahead);
        let patient = self.some_patient();
        Input::Book(Box::new(Booking {
            visit: self.ids.visit(),
            patient,
            service: people::service(1 + self.dice.number(SERVICES)),
            choice: self.some_choice(patient),
            language: None,
            name: people::words("Ada"),
            appointment: Appointment {
                at,
                length: Millis::from_secs(600),
            },
            // Read by the node that decides.
            history: History::default(),
        }))
    }

    /// What a patient or a practitioner asks for.
    pub(super) fn some_wish(&mut self) -> Input {
        let practitioner = self.some_practitioner();
        let decision = if self.dice.percent(50) {
            None
        } else {
            self.wish_of_practitioner(practitioner)
        };
        if let Some(decision) = decision {
            return Input::Decided {
                practitioner,
                decision,
            };
        }
        let patient = self.some_patient();
        self.wish_of_patient(patient)
    }

    fn wish_of_patient(&mut self, patient: PatientId) -> Input {
        let holding = self.theme.holding;
        let visits = self.store.rows.visits.values();
        let mine = visits.filter(|visit| visit.patient == patient && visit.state.is_active());
        let mut mine: Vec<(VisitId, bool, bool)> = mine
            .map(|visit| (visit.id, visit.state == VisitState::Expected, visit.asked))
            .collect();
        mine.sort_by_key(|(_, expected, _)| *expected);
        match mine.first().copied() {
            Some((visit, false, true)) if self.dice.percent(60) => Input::Answer {
                patient,
                visit,
                answer: if self.dice.percent(50) {
                    Answer::WaitOn
                } else {
                    Answer::TakeNext
                },
            },
            Some((visit, false, _)) if self.dice.percent(if holding { 3 } else { 30 }) => {
                Input::Leave { patient, visit }
            }
            Some((visit, true, _)) if self.dice.percent(10) => Input::Leave { patient, visit },
            Some((visit, false, _)) if self.dice.percent(15) => {
                self.words_of_patient(patient, visit)
            }
            Some((visit, _, _)) if self.dice.percent(85) => self.arrival(patient, visit),
            _ => {
                let visit = self.ids.visit();
                self.arrival(patient, visit)
            }
        }
    }

    /// What a patient says who has come: most of it is asked of them.
    fn words_of_patient(&mut self, patient: PatientId, visit: VisitId) -> Input {
        let consent = self.some_consent(patient, visit);
        if self.dice.percent(50)
            && let Some(consent) = consent
        {
            return consent;
        }
        self.some_answers(patient, visit)
    }

    pub(super) fn some_consent(&mut self, patient: PatientId, visit: VisitId) -> Option<Input> {
        let act = match self.dice.below(10) {
            0 => ConsentAct::Refused,
            1 | 2 => ConsentAct::Revoked,
            _ => ConsentAct::Given,
        };
        Some(Input::Consent {
            patient,
            visit,
            act,
            version: people::version()?,
        })
    }

    pub(super) fn some_answers(&mut self, patient: PatientId, visit: VisitId) -> Input {
        let (emergency, complete) = (self.dice.percent(8), self.dice.percent(80));
        Input::AnswerForm {
            patient,
            visit,
            answers: Redacted::new(form::answers(emergency, complete)),
        }
    }

    fn arrival(&mut self, patient: PatientId, visit: VisitId) -> Input {
        let (service, choice) = self.what_is_asked_for(patient, visit);
        Input::Arrive(Box::new(Arriving {
            patient,
            visit,
            service,
            choice,
            language: if self.dice.percent(15) {
                people::french()
            } else {
                None
            },
            name: people::words("Ada"),
            reason: people::words("cough"),
            // Read by the node that decides.
            had: Had::default(),
        }))
    }

    /// Whoever comes to an appointment mostly asks for no more than was booked.
    fn what_is_asked_for(&mut self, patient: PatientId, visit: VisitId) -> (ServiceId, Choice) {
        let booked = self.store.rows.visits.get(&visit).map(|it| it.service);
        match booked {
            Some(service) if self.dice.percent(75) => (service, Choice::Next),
            Some(service) if self.dice.percent(75) => (service, self.some_choice(patient)),
            Some(_) | None if self.theme.holding || self.dice.percent(75) => {
                (people::service(1), self.some_choice(patient))
            }
            Some(_) | None => (people::service(SERVICES), self.some_choice(patient)),
        }
    }

    /// Whoever asks for their regular practitioner mostly has one.
    fn some_choice(&mut self, patient: PatientId) -> Choice {
        match self.dice.below(10) {
            0 => {
                let theirs = self.screen().regular_of(patient);
                Choice::Regular(theirs.unwrap_or_else(|| self.some_practitioner()))
            }
            1 => Choice::Named(self.some_practitioner()),
            _ => Choice::Next,
        }
    }

    /// `None` when nobody waits for them.
    fn wish_of_practitioner(&mut self, by: PractitionerId) -> Option<Decision> {
        let with = self
            .screen()
            .consultation_of(by)
            .map(|one| (one.id, one.visit));
        let held = self.screen().held_by(by).map(|one| one.id).next();
        let roll = self.dice.below(100);
        match (with, held) {
            (Some((consultation, visit)), _) if roll < 70 || self.theme.holding => {
                Some(self.wish_with_somebody(consultation, visit))
            }
            (None, Some(consultation)) if roll < 20 && !self.theme.holding => {
                Some(Decision::Resume { consultation })
            }
            (None, Some(consultation)) if roll < 25 && !self.theme.holding => {
                Some(self.end(consultation))
            }
            _ => self.wish_at_the_desk(by),
        }
    }

    fn wish_with_somebody(&mut self, consultation: ConsultationId, visit: VisitId) -> Decision {
        let roll = self.dice.below(100);
        if self.theme.holding && roll < 95 || roll < 25 {
            Decision::Hold { consultation }
        } else if roll < 32 {
            let regular = self.dice.percent(75);
            Decision::TakeOn {
                consultation,
                regular,
            }
        } else if roll < 45 {
            let to = self.some_waiting_room();
            Decision::Transfer { visit, to }
        } else {
            self.end(consultation)
        }
    }

    fn end(&mut self, consultation: ConsultationId) -> Decision {
        let all = [
            Conclusion::Done,
            Conclusion::InPersonNeeded,
            Conclusion::NoShow,
        ];
        Decision::End {
            consultation,
            conclusion: self.dice.one_of(&all).unwrap_or_default(),
        }
    }

    fn wish_at_the_desk(&mut self, by: PractitionerId) -> Option<Decision> {
        if let Some(admission) = self.another_waiting_room_first(by) {
            return Some(admission);
        }
        let line: Vec<(VisitId, bool)> = self
            .screen()
            .waiting_for(by)
            .map(|line| (line.visit.id, line.connected && line.ready))
            .collect();
        if line.is_empty() && self.dice.percent(80) {
            return None;
        }
        let first = |there| {
            let of_these = line.iter().find(|(_, connected)| *connected == there);
            of_these.map(|(id, _)| *id)
        };
        let roll = self.dice.below(100);
        let sensible = match roll {
            0..30 => first(true),
            50..68 => first(false),
            _ if self.theme.holding => first(true),
            _ => self.dice.one_of(&line).map(|(id, _)| id),
        };
        let visit = match sensible {
            Some(visit) if self.dice.percent(92) => visit,
            Some(_) | None => self.some_visit(),
        };
        Some(match roll {
            0..50 => self.some_admission(visit),
            50..72 => Decision::Call {
                visit,
                // Known by the node that decides.
                connected: false,
                had: Had::default(),
            },
            72..76 => Decision::Decline {
                visit,
                reason: DeclineReason::Other,
                message: people::words("please come tomorrow"),
            },
            76..78 => Decision::Message {
                visit,
                text: people::words("soon"),
            },
            78..90 => Decision::SetUrgency {
                visit,
                urgency: self.some_urgency(),
            },
            _ => Decision::Transfer {
                visit,
                to: self.some_waiting_room(),
            },
        })
    }

    fn some_urgency(&mut self) -> Urgency {
        let all = [Urgency::Routine, Urgency::Soon, Urgency::Urgent];
        self.dice.one_of(&all).unwrap_or_default()
    }

    fn some_waiting_room(&mut self) -> WaitingRoom {
        if self.dice.percent(50) {
            people::pool(1 + self.dice.number(SERVICES))
        } else {
            people::own(self.dice.number(PRACTITIONERS))
        }
    }

    /// Any that is remembered.
    fn some_visit(&mut self) -> VisitId {
        let all: Vec<VisitId> = self.store.rows.visits.keys().copied().collect();
        let none = VisitId::from_bytes([0; 16]);
        self.dice.one_of(&all).unwrap_or(none)
    }

    fn some_patient(&mut self) -> PatientId {
        people::patient(self.dice.number(PATIENTS))
    }

    /// Some have more to do than others.
    pub(super) fn some_practitioner(&mut self) -> PractitionerId {
        let number = if self.theme.holding && self.dice.percent(80) {
            0
        } else {
            self.dice.number(PRACTITIONERS)
        };
        people::practitioner(number)
    }

    /// An MLS message of somebody who is in a consultation: mostly of the epoch that is now.
    pub(super) fn some_mls(&mut self) -> Option<Request> {
        let under_way: Vec<_> = self
            .store
            .rows
            .under_way()
            .map(|one| (one.id, one.practitioner, one.patient))
            .collect();
        let (consultation, practitioner, patient) = self.dice.one_of(&under_way)?;
        let kind = if self.dice.percent(50) {
            Kind::Commit
        } else {
            Kind::Application
        };
        let who = if kind == Kind::Commit || self.dice.percent(50) {
            Person::Practitioner(practitioner)
        } else {
            Person::Patient(patient)
        };
        let session = self.session(who)?;
        let group = self.node(session.node).delivery.group(consultation);
        let begin =
            group.is_none_or(|group| group.committer != session.page) && kind == Kind::Commit;
        let (generation, epoch) = match group {
            Some(group) if begin => (group.generation.saturating_add(1), 0),
            Some(group) => (group.generation, group.epoch),
            None => (1, 0),
        };
        let stale = u64::from(self.dice.percent(10));
        Some(Request::Carry(Carry {
            from: vestibule_delivery::Caller {
                participant: who.participant(),
                instance: session.page,
            },
            consultation,
            generation,
            epoch: epoch.saturating_sub(stale),
            kind,
        }))
    }
}
