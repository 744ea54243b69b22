//! What people see: whole pictures, made anew whenever something in them changed.

use std::collections::BTreeSet;

use vestibule_clinic::{
    Changed, Choice, Consultation, Visit, VisitState, VisitView, WaitingRoom, WaitingView,
};
use vestibule_protocol::company::InvitationView;
use vestibule_protocol::server::{
    ClinicCard, ConsultationView, EndedConsultation, HeldConsultation, MissedVisit, OfferedService,
    ParticipantView, PatientSnapshot, PatientVisit, PractitionerSnapshot, ServerMessage,
    VisitState as WireState, WaitingEntry,
};
use vestibule_vocab::{
    ConsultationId, ParticipantId, PatientId, PractitionerId, Redacted, Role, ServiceId, VisitId,
};

use super::batch::Batch;
use super::catalogue::Catalogue;
use super::desk::Desk;
use super::doors::Doors;
use super::translate;
use crate::identity::Subject;

impl Desk {
    /// Sends a snapshot to everybody connected whose picture the batch changed: at once, unless it is their place alone.
    pub(super) fn show(&mut self, batch: &Batch) {
        let changed = batch.all_changed();
        let now = self.around.clock.now();
        if changed.catalogue {
            self.catalogue = Catalogue::of(&self.clinic);
            self.doors = Doors::of(&self.clinic, now);
        }
        let doors_moved = self.doors_move(&changed);
        let watchers = self.watchers(batch, &changed);
        for participant in &watchers {
            self.pace.shown(*participant);
            self.show_to(*participant);
        }
        let mut moved = self.moved(batch, &changed);
        if doors_moved {
            moved.extend(self.choosing());
        }
        for participant in moved.difference(&watchers) {
            if self.pace.moved(*participant, now) {
                self.show_to(*participant);
            }
        }
    }

    /// Those in whose own picture something changed.
    fn watchers(&self, batch: &Batch, changed: &Changed) -> BTreeSet<ParticipantId> {
        let mut watchers: BTreeSet<ParticipantId> = batch.affected.clone();
        watchers.extend(&batch.seen_by);
        watchers.extend(changed.patients.iter().map(|it| ParticipantId::from(*it)));
        // Their snapshot is small, and a place that moves is all the news of a companion who waits.
        watchers.extend(self.clinic.changed_companions(changed));
        let practitioners = self.clinic.changed_practitioners(changed);
        watchers.extend(practitioners.into_iter().map(ParticipantId::from));
        if changed.catalogue {
            watchers.extend(self.clinic.practitioners().map(ParticipantId::from));
        }
        watchers
    }

    /// Those who have another place, another wait because somebody works or does not, or another choice before they arrive.
    fn moved(&self, batch: &Batch, changed: &Changed) -> BTreeSet<ParticipantId> {
        let mut moved = batch.moved.clone();
        let patients = self.clinic.changed_patients(changed);
        moved.extend(patients.into_iter().map(ParticipantId::from));
        if changed.catalogue {
            moved.extend(self.choosing().chain(self.coming()).chain(self.queueing()));
        }
        moved
    }

    /// Those who are here and have not arrived, without an appointment.
    pub(super) fn choosing(&self) -> impl Iterator<Item = ParticipantId> + '_ {
        self.patients_with(|view| view.is_none())
    }

    /// Those who are here and have not arrived, with an appointment.
    fn coming(&self) -> impl Iterator<Item = ParticipantId> + '_ {
        let expected = |view: VisitView<'_>| view.visit.state == VisitState::Expected;
        self.patients_with(move |view| view.is_some_and(expected))
    }

    fn queueing(&self) -> impl Iterator<Item = ParticipantId> + '_ {
        self.patients_with(|view| view.is_some_and(|view| view.place.is_some()))
    }

    fn patients_with<'a>(
        &'a self,
        fits: impl Fn(Option<VisitView<'a>>) -> bool + 'a,
    ) -> impl Iterator<Item = ParticipantId> + 'a {
        let connected = self.presences.connected();
        connected.filter_map(move |(participant, subject)| match subject {
            Subject::Patient { visit, .. } => fits(self.clinic.visit(visit)).then_some(participant),
            Subject::Practitioner(_) | Subject::Companion { .. } => None,
        })
    }

    fn show_to(&self, participant: ParticipantId) {
        let Some(presence) = self.presences.get(participant).filter(|it| it.connected) else {
            return;
        };
        let snapshot = match presence.subject {
            Subject::Patient { patient, visit } => {
                ServerMessage::Patient(self.patient_snapshot(patient, visit))
            }
            Subject::Practitioner(practitioner) => {
                ServerMessage::Practitioner(self.practitioner_snapshot(practitioner))
            }
            Subject::Companion { invitation, visit } => {
                ServerMessage::Companion(self.companion_snapshot(invitation, visit))
            }
        };
        self.around.registry.send_snapshot(participant, &snapshot);
    }

    fn patient_snapshot(&self, patient: PatientId, visit: VisitId) -> PatientSnapshot {
        let view = self.clinic.visit(visit);
        let consultation = view.and_then(|view| view.visit.state.consultation());
        let service = view.map_or(self.around.service, |view| view.visit.service);
        PatientSnapshot {
            revision: self.version,
            card: self.card(service),
            visit: view.map(|view| self.patient_visit(&view)),
            offered: match view {
                None => self.catalogue.offered(&self.doors),
                Some(view) => self.offered_as_booked(view.visit),
            },
            regular: self.regular_of(patient),
            leg: self.calls.leg_of(patient.into(), consultation),
            consultation: consultation
                .and_then(|id| self.clinic.consultation(id))
                .map(|consultation| self.consultation_view(consultation)),
        }
    }

    /// Whom somebody can ask for who comes to an appointment that names nobody.
    fn offered_as_booked(&self, visit: &Visit) -> Vec<OfferedService> {
        if visit.state != VisitState::Expected || visit.choice != Choice::Next {
            return Vec::new();
        }
        let could_keep = |who| self.clinic.could_keep(who, visit);
        let offered = self.catalogue.of_appointment(visit.service, could_keep);
        offered.into_iter().collect()
    }

    fn practitioner_snapshot(&self, practitioner: PractitionerId) -> PractitionerSnapshot {
        let consultation = self.clinic.consultation_of(practitioner);
        let id = consultation.map(|consultation| consultation.id);
        let card = self.clinic.practitioner(practitioner);
        let service = card.and_then(|card| card.services.first().copied());
        let waiting = self.waiting(practitioner);
        let view = consultation.and_then(|it| self.clinic.visit(it.visit));
        let intake = view.and_then(|view| self.visit_intake(view.visit));
        PractitionerSnapshot {
            revision: self.version,
            card: self.card(service.unwrap_or(self.around.service)),
            name: self.practitioner_name(practitioner),
            duty: card.map(|card| translate::wire_duty(card.duty)),
            held: self.held(practitioner),
            missed: self.missed(practitioner),
            transfers: self.catalogue.transfers(practitioner),
            asked_along: self.asked_along(practitioner),
            feedback: self.told.to(practitioner),
            forms: self.forms(&waiting, intake.as_ref()),
            intake,
            waiting,
            regular: self.regular_of_whom_they_see(practitioner),
            leg: self.calls.leg_of(practitioner.into(), id),
            consultation: consultation.map(|it| ConsultationView {
                companions: self.invitations_in(it),
                sound_only_since: self.calls.sound_only(it.id),
                ..self.consultation_view(it)
            }),
            ended: self.clinic.ended_of(practitioner).and_then(ended),
        }
    }

    fn invitations_in(&self, consultation: &Consultation) -> Vec<InvitationView> {
        let view = self.clinic.visit(consultation.visit);
        view.map(|view| self.invitations_and_refusals(view.visit))
            .unwrap_or_default()
    }

    pub(super) fn card(&self, service: ServiceId) -> ClinicCard {
        let service = self.clinic.service(service);
        ClinicCard {
            clinic: self.around.name.clone(),
            service: service.map(|it| it.name.clone()).unwrap_or_default(),
        }
    }

    fn waiting(&self, practitioner: PractitionerId) -> Vec<WaitingEntry> {
        let waiting = self.clinic.waiting_for(practitioner);
        waiting
            .map(|view| self.waiting_entry(practitioner, &view))
            .collect()
    }

    fn waiting_entry(&self, of: PractitionerId, view: &WaitingView<'_>) -> WaitingEntry {
        let visit = view.visit;
        WaitingEntry {
            visit: visit.id,
            place: view.place,
            name: visit.name.clone(),
            reason: visit.reason.clone(),
            arrived_at: visit.arrived_at,
            service: self.service_name(visit.service),
            intake: self.visit_intake(visit),
            urgency: translate::wire_urgency(visit.urgency),
            appointment: visit.appointment.map(|it| it.at),
            message: message(visit),
            language: visit.language.as_ref().map(translate::language),
            named: matches!(visit.waiting_room, WaitingRoom::Practitioner(_)),
            regular: self.clinic.regular_of(visit.patient) == Some(of),
            companions: self.invitations_and_refusals(visit),
            connected: view.connected,
        }
    }

    fn held(&self, practitioner: PractitionerId) -> Vec<HeldConsultation> {
        let held = self.clinic.held_by(practitioner).map(|one| {
            let visit = self.clinic.visit(one.visit);
            HeldConsultation {
                consultation: one.id,
                visit: one.visit,
                name: one.name.clone(),
                since: one.held_since.unwrap_or(one.started_at),
                connected: visit.is_some_and(|view| view.connected),
            }
        });
        held.collect()
    }

    fn missed(&self, practitioner: PractitionerId) -> Vec<MissedVisit> {
        let missed = self.clinic.missed_by(practitioner).into_iter();
        let missed = missed.map(|visit| MissedVisit {
            visit: visit.id,
            name: visit.name.clone(),
            called: visit.state.is_active(),
        });
        missed.collect()
    }

    fn service_name(&self, service: ServiceId) -> Option<String> {
        self.clinic.service(service).map(|it| it.name.clone())
    }

    pub(super) fn consultation_view(&self, consultation: &Consultation) -> ConsultationView {
        let patient = self.participant_view(
            consultation.id,
            consultation.patient.into(),
            Role::Patient,
            consultation.name.clone(),
        );
        let practitioner = self.participant_view(
            consultation.id,
            consultation.practitioner.into(),
            Role::Practitioner,
            self.practitioner_name(consultation.practitioner),
        );
        let companions = self.clinic.companions_in(consultation).map(|seat| {
            let name = seat.name.clone();
            ParticipantView {
                companion: Some(translate::wire_companion_role(seat.role)),
                ..self.participant_view(consultation.id, seat.who, Role::Companion, name)
            }
        });
        ConsultationView {
            consultation: consultation.id,
            visit: Some(consultation.visit),
            started_at: consultation.started_at,
            participants: [patient, practitioner]
                .into_iter()
                .chain(companions)
                .collect(),
            companions: Vec::new(),
            sound_only_since: None,
            group: self.delivery.group(consultation.id).map(translate::group),
        }
    }

    fn participant_view(
        &self,
        consultation: ConsultationId,
        participant: ParticipantId,
        role: Role,
        name: Redacted<String>,
    ) -> ParticipantView {
        let presence = self.presences.get(participant);
        let page = self.delivery.page(participant);
        ParticipantView {
            participant,
            role,
            companion: None,
            name,
            instance: page.map(|page| page.instance),
            connected: (presence.is_some_and(|it| it.connected)
                || self.neighbours.has(participant))
                && !self.calls.is_silent(participant, consultation),
            key_package: page.is_some_and(|page| page.key_package),
            microphone: presence.is_some_and(|it| it.microphone),
            camera: presence.is_some_and(|it| it.camera),
        }
    }

    pub(super) fn practitioner_name(&self, practitioner: PractitionerId) -> Redacted<String> {
        let card = self.clinic.practitioner(practitioner);
        Redacted::new(card.map(|card| card.name.clone()).unwrap_or_default())
    }

    fn patient_visit(&self, view: &VisitView<'_>) -> PatientVisit {
        let visit = view.visit;
        PatientVisit {
            visit: visit.id,
            arrived_at: visit.came_at(),
            service: self.service_name(visit.service),
            wait: self.wait(visit),
            intake: self.patient_intake(visit),
            practitioner: match visit.waiting_room {
                WaitingRoom::Service(_) => None,
                WaitingRoom::Practitioner(who) => Some(self.practitioner_name(who)),
            },
            message: message(visit),
            language: visit.language.as_ref().map(translate::language),
            asked: visit.asked,
            nobody_practises: self.clinic.waits_for_nobody(visit),
            appointment: visit.appointment.map(|it| it.at),
            companions: self.invitations(visit),
            state: visit_state(view),
        }
    }
}

/// What staff wrote, while it stands.
fn message(visit: &Visit) -> Option<Redacted<String>> {
    let written = !visit.message.expose().is_empty();
    written.then(|| visit.message.clone())
}

fn visit_state(view: &VisitView<'_>) -> WireState {
    match &view.visit.state {
        VisitState::Expected => WireState::Expected,
        VisitState::Waiting => WireState::Waiting {
            place: view.place.unwrap_or_default(),
        },
        VisitState::Admitted { .. } => WireState::Called,
        VisitState::InConsultation { consultation } => WireState::InConsultation {
            consultation: *consultation,
        },
        VisitState::OnHold { consultation } => WireState::OnHold {
            consultation: *consultation,
        },
        VisitState::Ended { outcome, at } => WireState::Ended {
            outcome: translate::outcome(outcome),
            at: *at,
        },
    }
}

fn ended(consultation: &Consultation) -> Option<EndedConsultation> {
    let ended = consultation.ended?;
    Some(EndedConsultation {
        consultation: consultation.id,
        name: consultation.name.clone(),
        outcome: translate::end(ended.how),
        started_at: consultation.started_at,
        ended_at: ended.at,
    })
}
