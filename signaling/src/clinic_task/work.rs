//! What practitioners ask for.

use vestibule_clinic::quota::Had;
use vestibule_clinic::{Conclusion, Consultation, Decision, Input};
use vestibule_protocol::client::Request;
use vestibule_protocol::server::Reply;
use vestibule_protocol::{ErrorBody, ErrorCode};
use vestibule_vocab::{ConsultationId, VisitId};

use super::batch::Batch;
use super::desk::Desk;
use super::event::Asker;
use super::past::counted_at_all;
use super::requests::practitioner;
use super::translate;
use crate::identity::Subject;
use crate::random;

impl Desk {
    /// Carries out what only a practitioner may ask.
    pub(super) fn work(
        &mut self,
        asker: &Asker,
        subject: Subject,
        request: Request,
        batch: &mut Batch,
    ) -> Result<Option<Reply>, ErrorBody> {
        let practitioner = practitioner(subject)?;
        let input = if let Request::SetDuty { duty } = request {
            let duty = translate::duty(duty);
            Input::SetDuty { practitioner, duty }
        } else if let Request::OpenGate {
            visit,
            gate,
            exception,
        } = request
        {
            self.gate_to_open(practitioner, visit, &gate, exception)?
        } else if let Request::AskAgain { gate, visit } = request {
            self.gate_to_ask(practitioner, visit, &gate)?
        } else if let Request::TakeOn {
            consultation,
            regular,
        } = request
        {
            let decision = Decision::TakeOn {
                consultation,
                regular,
            };
            Input::Decided {
                practitioner,
                decision,
            }
        } else {
            Input::Decided {
                practitioner,
                decision: self.decision(request, &asker.past)?,
            }
        };
        self.ask(input, batch)
    }

    fn decision(&self, request: Request, past: &[Consultation]) -> Result<Decision, ErrorCode> {
        Ok(match request {
            Request::Admit { visit, overtake } => Decision::Admit {
                visit,
                consultation: new_consultation()?,
                overtake: overtake.map(translate::overtake),
            },
            Request::Call { visit } => Decision::Call {
                visit,
                connected: self.is_patient_connected(visit),
                had: self.had_before(visit, past),
            },
            Request::Decline {
                visit,
                reason,
                message,
            } => Decision::Decline {
                visit,
                reason: translate::decline_reason(reason),
                message,
            },
            Request::Message { visit, text } => Decision::Message { visit, text },
            Request::SetUrgency { visit, urgency } => Decision::SetUrgency {
                visit,
                urgency: translate::urgency(urgency),
            },
            Request::Transfer { visit, to } => Decision::Transfer {
                visit,
                to: translate::waiting_room(to),
            },
            Request::Hold { consultation } => Decision::Hold { consultation },
            Request::Resume { consultation } => Decision::Resume { consultation },
            Request::End {
                consultation,
                conclusion,
            } => Decision::End {
                consultation,
                conclusion: conclusion.map_or(Conclusion::Done, translate::conclusion),
            },
            Request::Hello { .. }
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
            | Request::SetDuty { .. }
            | Request::TakeOn { .. }
            | Request::OpenGate { .. }
            | Request::AnswerForm { .. }
            | Request::Consent { .. }
            | Request::CheckDevices { .. }
            | Request::ClaimException { .. }
            | Request::AskAgain { .. }
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

    /// What counts for quotas of what the patient of a visit had before. Of whoever is here more is known than was in the store.
    fn had_before(&self, visit: VisitId, stored: &[Consultation]) -> Had {
        let Some(view) = self.clinic.visit(visit) else {
            return Had::default();
        };
        let here = self.past.of(view.visit.patient);
        let services = self.clinic.services();
        counted_at_all(here.unwrap_or(stored), services, view.visit.service)
    }
}

fn new_consultation() -> Result<ConsultationId, ErrorCode> {
    let bits = random::bits().map_err(|_| ErrorCode::Unavailable)?;
    Ok(ConsultationId::from_random(bits))
}
