//! Who answers the gates of those who wait: an outside system, a person, or Vestibule from what it knows.

use std::collections::BTreeSet;

use vestibule_clinic::{
    AnsweredBy, Gate, GateAnswer, GateException, GateKind, GateReason, GateState, IdentityLevel,
    Input, Knowledge, Learning, OpenedBy, Teller, Visit,
};
use vestibule_vocab::{PatientId, VisitId};

use super::World;
use crate::people;

impl World {
    /// A gate of somebody who waits is answered; `None` when all are open.
    pub(super) fn some_gate(&mut self) -> Option<Input> {
        let (visit, gate) = self.some_shut_gate()?;
        let kind = gate.kind();
        let staff = AnsweredBy::Staff;
        let late = matches!(gate.state, GateState::Expired { .. });
        if late && self.dice.percent(60) {
            let by = if self.dice.percent(50) {
                AnsweredBy::Patient
            } else {
                staff
            };
            return Some(gate_input(visit, kind, by, GateAnswer::AskAgain));
        }
        if is_refused_by_its_system(&gate) && self.dice.percent(30) {
            return Some(gate_input(visit, kind, staff, GateAnswer::AskAgain));
        }
        match &gate.rule.opened_by {
            _ if !gate.rule.exceptions.is_empty() && self.dice.percent(10) => {
                let exception = gate.rule.exceptions.first().copied();
                Some(open(visit, kind, staff, exception))
            }
            OpenedBy::System { system, .. } => {
                let by = AnsweredBy::System {
                    system: system.clone(),
                };
                Some(self.answered(visit, kind, by))
            }
            OpenedBy::Hand => {
                let by = AnsweredBy::Practitioner {
                    practitioner: self.some_practitioner(),
                };
                Some(self.answered(visit, kind, by))
            }
            OpenedBy::BuiltIn => self.knowledge(visit, &kind),
        }
    }

    fn some_shut_gate(&mut self) -> Option<(VisitId, Gate)> {
        let waits = |visit: &&Visit| visit.state.is_active() && !visit.gates.ready();
        let visits = self.store.rows.visits.values().filter(waits);
        let shut: Vec<VisitId> = visits.map(|visit| visit.id).collect();
        let visit = self.dice.one_of(&shut)?;
        let gates = self.store.rows.visits.get(&visit)?.gates.gates();
        let mut gates = gates.iter().filter(|gate| !gate.is_open());
        Some((visit, gates.next()?.clone()))
    }

    fn answered(&mut self, visit: VisitId, gate: GateKind, by: AnsweredBy) -> Input {
        if self.dice.percent(80) {
            return open(visit, gate, by, None);
        }
        let own = GateReason::NotPaid;
        let reason = if own.fits(&gate) {
            own
        } else {
            GateReason::Other
        };
        let message = people::words("no");
        gate_input(visit, gate, by, GateAnswer::Refuse { reason, message })
    }

    fn knowledge(&mut self, visit: VisitId, gate: &GateKind) -> Option<Input> {
        let good = self.dice.percent(85);
        let knowledge = match gate {
            GateKind::Identity => Knowledge::Identity {
                level: if good {
                    IdentityLevel::High
                } else {
                    IdentityLevel::Link
                },
            },
            GateKind::Eligibility => Knowledge::Eligibility {
                relations: BTreeSet::new(),
                claimed: None,
            },
            GateKind::DeviceCheck => Knowledge::Device { suitable: good },
            GateKind::Consent | GateKind::SymptomForm | GateKind::EmergencyScreen => {
                let patient = self.store.rows.visits.get(&visit)?.patient;
                return self.asked_of_the_patient(patient, visit, gate);
            }
            GateKind::Entitlement { .. }
            | GateKind::Payment
            | GateKind::Quota
            | GateKind::Companion { .. } => return None,
        };
        Some(Input::Learn(Learning {
            visit,
            from: Teller::Patient,
            knowledge,
        }))
    }

    fn asked_of_the_patient(
        &mut self,
        patient: PatientId,
        visit: VisitId,
        gate: &GateKind,
    ) -> Option<Input> {
        if *gate == GateKind::Consent {
            return self.some_consent(patient, visit);
        }
        Some(self.some_answers(patient, visit))
    }
}

fn is_refused_by_its_system(gate: &Gate) -> bool {
    let GateState::Refused { by, .. } = &gate.state else {
        return false;
    };
    matches!(by, AnsweredBy::System { .. })
}

fn open(visit: VisitId, gate: GateKind, by: AnsweredBy, exception: Option<GateException>) -> Input {
    gate_input(visit, gate, by, GateAnswer::Open { exception })
}

fn gate_input(visit: VisitId, gate: GateKind, by: AnsweredBy, answer: GateAnswer) -> Input {
    Input::Gate {
        visit,
        gate,
        by,
        answer,
    }
}
