//! How a visit's form, consent, gates and wait are shown.

use std::collections::BTreeSet;

use vestibule_clinic::{GateKind, MissingGate, Visit, VisitState};
use vestibule_protocol::intake::{
    ConsentView, FormAnswers, PatientIntake, ServiceForm, ShutGate, VisitIntake, Wait,
};
use vestibule_protocol::server::WaitingEntry;
use vestibule_vocab::{Redacted, ServiceId};

use super::words;
use crate::clinic_task::desk::Desk;

impl Desk {
    /// How much longer a visit waits, in whole minutes.
    pub(in crate::clinic_task) fn wait(&self, visit: &Visit) -> Option<Wait> {
        let now = self.around.clock.now();
        let minutes = self.clinic.wait(now, visit.id)?.minutes();
        Some(Wait {
            from: now,
            low: u32::try_from(minutes.low).ok()?,
            high: u32::try_from(minutes.high).ok()?,
        })
    }

    /// What the visit's patient sees of it: all of it while they wait, consent as long as the visit lasts.
    pub(in crate::clinic_task) fn patient_intake(&self, visit: &Visit) -> Option<PatientIntake> {
        if !visit.state.is_active() || visit.state == VisitState::Expected {
            return None;
        }
        let mut intake = PatientIntake {
            consent: consent(visit),
            ..PatientIntake::default()
        };
        if visit.state.consultation().is_none() {
            self.show_what_is_to_do(visit, &mut intake);
        }
        (intake != PatientIntake::default()).then_some(intake)
    }

    fn show_what_is_to_do(&self, visit: &Visit, intake: &mut PatientIntake) {
        let service = self.clinic.service(visit.service);
        if let Some(form) = service.and_then(|service| service.form.as_ref()) {
            intake.answered = is_answered(visit, form);
            intake.form = (!intake.answered).then(|| words::form(form));
        }
        intake.shut = shut(visit);
        let costs = visit.gates.missing().any(|gate| costs(&gate));
        if let Some(service) = service.filter(|_| costs) {
            intake.price.clone_from(&service.price);
            intake.reimbursement.clone_from(&service.reimbursement);
        }
    }

    /// What a practitioner sees of it.
    pub(in crate::clinic_task) fn visit_intake(&self, visit: &Visit) -> Option<VisitIntake> {
        let service = self.clinic.service(visit.service);
        let form = service.and_then(|service| service.form.as_ref());
        let answers = form.map_or_else(FormAnswers::new, |form| words::answers(form, visit));
        let intake = VisitIntake {
            form: (!answers.is_empty()).then_some(visit.service),
            answers: Redacted::new(answers),
            consent: consent(visit),
            shut: shut(visit),
        };
        (intake != VisitIntake::default()).then_some(intake)
    }

    /// The forms that were answered, each once.
    pub(in crate::clinic_task) fn forms<'a>(
        &self,
        waiting: &'a [WaitingEntry],
        own: Option<&'a VisitIntake>,
    ) -> Vec<ServiceForm> {
        let intakes = waiting.iter().filter_map(|entry| entry.intake.as_ref());
        let services: BTreeSet<ServiceId> = intakes.chain(own).filter_map(|it| it.form).collect();
        let forms = services.into_iter().filter_map(|service| {
            let form = self.clinic.service(service)?.form.as_ref()?;
            let questions = words::form(form);
            Some(ServiceForm { service, questions })
        });
        forms.collect()
    }
}

/// The gates that wait for the form say whether it is complete; where there are none, the answers do.
fn is_answered(visit: &Visit, form: &vestibule_clinic::Form) -> bool {
    let waits = |kind| matches!(kind, GateKind::SymptomForm | GateKind::EmergencyScreen);
    let mut gates = visit.gates.gates().iter();
    if gates.any(|gate| waits(gate.kind())) {
        return !visit
            .gates
            .missing()
            .any(|gate| waits(gate.rule.requires.kind()));
    }
    !visit.answers.is_empty() && form.first_missing(&visit.answers).is_none()
}

fn costs(gate: &MissingGate<'_>) -> bool {
    matches!(
        gate.rule.requires.kind(),
        GateKind::Payment | GateKind::Entitlement { .. }
    )
}

fn shut(visit: &Visit) -> Vec<ShutGate> {
    visit.gates.missing().map(words::shut_gate).collect()
}

/// The consent that one of the visit's gates asks for.
fn consent(visit: &Visit) -> Option<ConsentView> {
    let version = visit.gates.consent_asked()?;
    Some(ConsentView {
        version: version.as_str().to_owned(),
        said: visit
            .consent
            .history()
            .iter()
            .map(words::consent_entry)
            .collect(),
    })
}
