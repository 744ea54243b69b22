//! What patients and practitioners ask about a visit's form, consent and gates.

use std::collections::BTreeSet;

use vestibule_clinic::{AnsweredBy, Code, GateAnswer, Input, Knowledge, Learning, Teller};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_protocol::intake::{GateException, GateKind};
use vestibule_vocab::{PatientId, PractitionerId, VisitId};

use super::words;
use crate::clinic_task::desk::Desk;

/// What the clinic is asked for when a patient asks for this.
pub(in crate::clinic_task) fn of_the_patient(
    (patient, visit): (PatientId, VisitId),
    request: Request,
) -> Result<Input, ErrorCode> {
    let learn = |knowledge| {
        Input::Learn(Learning {
            visit,
            from: Teller::Patient,
            knowledge,
        })
    };
    Ok(match request {
        Request::Consent { act, version } => Input::Consent {
            patient,
            visit,
            act: words::consent_act(act),
            version: Code::new(&version).map_err(|_| ErrorCode::Malformed)?,
        },
        Request::CheckDevices { suitable } => learn(Knowledge::Device { suitable }),
        Request::ClaimException { exception } => learn(Knowledge::Eligibility {
            relations: BTreeSet::new(),
            claimed: Some(words::exception(exception)),
        }),
        // Naming a visit is for those who see several.
        Request::AskAgain { visit: Some(_), .. } => return Err(ErrorCode::NotPermitted),
        Request::AskAgain { gate, visit: None } => Input::Gate {
            visit,
            gate: words::gate_kind(&gate)?,
            by: AnsweredBy::Patient,
            answer: GateAnswer::AskAgain,
        },
        // Whoever answers the form is told more when that is refused.
        Request::AnswerForm { .. }
        | Request::Hello { .. }
        | Request::Ping
        | Request::Arrive { .. }
        | Request::Answer { .. }
        | Request::Leave
        | Request::Move
        | Request::Feedback { .. }
        | Request::Note { .. }
        | Request::Invite { .. }
        | Request::Join { .. }
        | Request::WithdrawInvitation { .. }
        | Request::DeclineInvitation { .. }
        | Request::Admit { .. }
        | Request::Call { .. }
        | Request::Decline { .. }
        | Request::Message { .. }
        | Request::OpenGate { .. }
        | Request::SetUrgency { .. }
        | Request::Transfer { .. }
        | Request::Hold { .. }
        | Request::Resume { .. }
        | Request::TakeOn { .. }
        | Request::SetDuty { .. }
        | Request::End { .. }
        | Request::Offer { .. }
        | Request::SetMedia { .. }
        | Request::Watch { .. }
        | Request::PublishKeyPackages { .. }
        | Request::ClaimKeyPackages { .. }
        | Request::Commit { .. }
        | Request::Send { .. }
        | Request::Acknowledge { .. }
        | Request::Sync { .. } => return Err(ErrorCode::OutOfOrder),
    })
}

impl Desk {
    /// What the clinic is asked for when a practitioner opens a gate: of those alone whom they may see.
    pub(in crate::clinic_task) fn gate_to_open(
        &self,
        practitioner: PractitionerId,
        visit: VisitId,
        gate: &GateKind,
        exception: Option<GateException>,
    ) -> Result<Input, ErrorCode> {
        let answer = GateAnswer::Open {
            exception: exception.map(words::exception),
        };
        self.gate_by(practitioner, visit, (gate, answer))
    }

    /// What the clinic is asked for when a practitioner has a gate asked again: of those alone whom they may see.
    pub(in crate::clinic_task) fn gate_to_ask(
        &self,
        practitioner: PractitionerId,
        visit: Option<VisitId>,
        gate: &GateKind,
    ) -> Result<Input, ErrorCode> {
        let visit = visit.ok_or(ErrorCode::NotFound)?;
        self.gate_by(practitioner, visit, (gate, GateAnswer::AskAgain))
    }

    fn gate_by(
        &self,
        practitioner: PractitionerId,
        visit: VisitId,
        (gate, answer): (&GateKind, GateAnswer),
    ) -> Result<Input, ErrorCode> {
        let card = self.clinic.practitioner(practitioner);
        let seen = card
            .zip(self.clinic.visit(visit))
            .is_some_and(|(card, view)| card.may_see(view.visit));
        if !seen {
            return Err(ErrorCode::NotFound);
        }
        Ok(Input::Gate {
            visit,
            gate: words::gate_kind(gate)?,
            by: AnsweredBy::Practitioner { practitioner },
            answer,
        })
    }
}
