//! What people see: whole pictures, made anew whenever something in them changed.

use std::collections::BTreeSet;

use vestibule_clinic::{Consultation, VisitState, VisitView};
use vestibule_protocol::server::{
    ClinicCard, ConsultationView, EndedConsultation, ParticipantView, PatientSnapshot,
    PatientVisit, PractitionerSnapshot, ServerMessage, VisitState as WireState, WaitingEntry,
};
use vestibule_vocab::{
    ConsultationId, ParticipantId, PractitionerId, Redacted, Role, ServiceId, VisitId,
};

use super::batch::Batch;
use super::desk::Desk;
use super::translate;
use crate::identity::Subject;

impl Desk {
    /// Sends a snapshot to everybody connected whose picture the batch changed.
    pub(super) fn show(&self, batch: &Batch) {
        let mut watchers: BTreeSet<ParticipantId> = batch.affected.clone();
        watchers.extend(&batch.seen_by);
        let mut changed = batch.changed.clone();
        changed.merge(batch.seen.clone());
        let patients = self.clinic.changed_patients(&changed);
        watchers.extend(patients.into_iter().map(ParticipantId::from));
        let practitioners = self.clinic.changed_practitioners(&changed);
        watchers.extend(practitioners.into_iter().map(ParticipantId::from));
        for participant in watchers {
            self.show_to(participant);
        }
    }

    fn show_to(&self, participant: ParticipantId) {
        let Some(presence) = self.presences.get(participant).filter(|it| it.connected) else {
            return;
        };
        let snapshot = match presence.subject {
            Subject::Patient { visit, .. } => {
                ServerMessage::Patient(self.patient_snapshot(participant, visit))
            }
            Subject::Practitioner(practitioner) => {
                ServerMessage::Practitioner(self.practitioner_snapshot(practitioner))
            }
        };
        self.around.registry.send_snapshot(participant, &snapshot);
    }

    fn patient_snapshot(&self, participant: ParticipantId, visit: VisitId) -> PatientSnapshot {
        let view = self.clinic.visit(visit);
        let consultation = view.and_then(|view| view.visit.state.consultation());
        let service = view.map_or(self.around.service, |view| view.visit.service);
        PatientSnapshot {
            revision: self.version,
            card: self.card(service),
            visit: view.map(|view| patient_visit(&view)),
            leg: self.calls.leg_of(participant, consultation),
            consultation: consultation
                .and_then(|id| self.clinic.consultation(id))
                .map(|consultation| self.consultation_view(consultation)),
        }
    }

    fn practitioner_snapshot(&self, practitioner: PractitionerId) -> PractitionerSnapshot {
        let consultation = self.clinic.consultation_of(practitioner);
        let id = consultation.map(|consultation| consultation.id);
        let card = self.clinic.practitioner(practitioner);
        let service = card.and_then(|card| card.services.first().copied());
        PractitionerSnapshot {
            revision: self.version,
            card: self.card(service.unwrap_or(self.around.service)),
            name: self.practitioner_name(practitioner),
            waiting: self.waiting(practitioner),
            leg: self.calls.leg_of(practitioner.into(), id),
            consultation: consultation.map(|it| self.consultation_view(it)),
            ended: self.clinic.ended_of(practitioner).and_then(ended),
        }
    }

    fn card(&self, service: ServiceId) -> ClinicCard {
        let service = self.clinic.service(service);
        ClinicCard {
            clinic: self.around.name.clone(),
            service: service.map(|it| it.name.clone()).unwrap_or_default(),
        }
    }

    fn waiting(&self, practitioner: PractitionerId) -> Vec<WaitingEntry> {
        let entry = |view: vestibule_clinic::WaitingView<'_>| WaitingEntry {
            visit: view.visit.id,
            place: view.place,
            name: view.visit.name.clone(),
            reason: view.visit.reason.clone(),
            arrived_at: view.visit.arrived_at,
            connected: view.connected,
        };
        self.clinic.waiting_for(practitioner).map(entry).collect()
    }

    fn consultation_view(&self, consultation: &Consultation) -> ConsultationView {
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
        ConsultationView {
            consultation: consultation.id,
            started_at: consultation.started_at,
            participants: vec![patient, practitioner],
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

    fn practitioner_name(&self, practitioner: PractitionerId) -> Redacted<String> {
        let card = self.clinic.practitioner(practitioner);
        Redacted::new(card.map(|card| card.name.clone()).unwrap_or_default())
    }
}

fn patient_visit(view: &VisitView<'_>) -> PatientVisit {
    let state = match &view.visit.state {
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
    };
    PatientVisit {
        visit: view.visit.id,
        arrived_at: view.visit.arrived_at,
        state,
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
