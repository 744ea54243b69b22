//! What a broken rule writes although the clinic refuses.

use std::sync::Arc;

use vestibule_clinic::audit::{Act, Hindered};
use vestibule_clinic::{
    Clinic, Consultation, Decision, Outputs, Overtake, Record, Refusal, VisitState,
};
use vestibule_vocab::{ConsultationId, PatientId, PractitionerId, Timestamp, VisitId};

use super::Broken;

impl Broken {
    /// What is written although the clinic refuses.
    pub(super) fn in_spite_of(
        self,
        clinic: &Clinic,
        now: Timestamp,
        (practitioner, decision): (PractitionerId, &Decision),
        refusal: Refusal,
    ) -> Option<Vec<Record>> {
        if let (Self::HoldsTooMany, Decision::Hold { consultation }, Refusal::TooMany) =
            (self, decision, refusal)
        {
            return held(clinic, now, *consultation);
        }
        let Decision::Admit {
            visit,
            consultation,
            ..
        } = decision
        else {
            return None;
        };
        let breaks = match (self, refusal) {
            (Self::AdmitsTwice, Refusal::VisitNotWaiting) => {
                clinic.visit(*visit)?.visit.state.consultation().is_some()
            }
            (Self::AdmitsWhileBusy, Refusal::PractitionerBusy)
            | (Self::AdmitsOffDuty, Refusal::OffDuty) => true,
            (Self::AsksNoReason, Refusal::OvertakeNeedsAReason) => true,
            (Self::AgesInOneWaitingRoom, Refusal::OthersWaitTooLong) => {
                nobody_else_waits_there(clinic, practitioner, *visit)
            }
            _ => false,
        };
        breaks
            .then(|| admitted(clinic, now, practitioner, (*visit, *consultation)))
            .flatten()
    }
}

fn nobody_else_waits_there(clinic: &Clinic, by: PractitionerId, visit: VisitId) -> bool {
    let Some(visit) = clinic.visit(visit).map(|view| view.visit) else {
        return false;
    };
    let mut waiting = clinic.waiting_for(by);
    !waiting
        .any(|line| line.visit.waiting_room == visit.waiting_room && line.visit.rank < visit.rank)
}

/// A reason that does not belong there.
pub(super) fn say_not_why(outputs: &mut Outputs) {
    for entry in &mut outputs.audit {
        if let Act::Moved {
            overtook: Some(overtook),
            ..
        } = &mut entry.act
        {
            overtook.reason = Overtake::Appointment;
        }
    }
}

pub(super) fn forget_the_hindered(outputs: &mut Outputs) {
    for entry in &mut outputs.audit {
        if let Act::Moved {
            overtook: Some(overtook),
            ..
        } = &mut entry.act
        {
            overtook.hindered = Some(Hindered::default());
        }
    }
}

pub(super) fn forget_the_other_rooms(clinic: &Clinic, visit: VisitId, outputs: &mut Outputs) {
    let own = clinic.visit(visit).map(|view| view.visit.waiting_room);
    for entry in &mut outputs.audit {
        if let Act::Moved {
            overtook: Some(overtook),
            ..
        } = &mut entry.act
        {
            overtook.passed.retain(|it| Some(it.waiting_room) == own);
        }
    }
}

/// The rows of a patient's visits, as they are.
pub(super) fn stored_again(clinic: &Clinic, patient: PatientId) -> Vec<Record> {
    let own = clinic.visits().filter(|visit| visit.patient == patient);
    own.map(|visit| Record::Visit(Arc::new(visit.clone())))
        .collect()
}

fn admitted(
    clinic: &Clinic,
    now: Timestamp,
    practitioner: PractitionerId,
    (visit, id): (VisitId, ConsultationId),
) -> Option<Vec<Record>> {
    let mut visit = clinic.visit(visit)?.visit.clone();
    visit.state = VisitState::InConsultation { consultation: id };
    let consultation = Consultation {
        id,
        number: u64::MAX,
        visit: visit.id,
        patient: visit.patient,
        name: visit.name.clone(),
        service: visit.service,
        practitioner,
        started_at: now,
        held_since: None,
        ended: None,
    };
    Some(vec![
        Record::Visit(Arc::new(visit)),
        Record::Consultation(Box::new(consultation)),
    ])
}

fn held(clinic: &Clinic, now: Timestamp, id: ConsultationId) -> Option<Vec<Record>> {
    let mut consultation = clinic.consultation(id)?.clone();
    consultation.held_since = Some(now);
    Some(vec![Record::Consultation(Box::new(consultation))])
}
