//! Requests: who may ask for what, and what is asked of the clinic.

use vestibule_clinic::quota::History;
use vestibule_clinic::{Arriving, Choice, Conclusion, Decision, Input};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_protocol::server::Reply;
use vestibule_vocab::{ConsultationId, ParticipantId, PatientId, PractitionerId, VisitId};

use super::batch::Batch;
use super::desk::Desk;
use super::event::Asker;
use super::presence::Presence;
use super::translate;
use crate::identity::Subject;
use crate::random;

impl Desk {
    pub(super) fn request(&mut self, asker: Asker, request: Request, batch: &mut Batch) {
        let presence = self.presences.get(asker.participant).copied();
        let Some(presence) = presence.filter(|it| it.socket == asker.socket) else {
            // A newer socket took over, and this one is being closed.
            return;
        };
        match self.answer(&asker, &presence, request, batch) {
            Ok(Some(reply)) => batch.reply(asker, reply),
            Ok(None) => {}
            Err(code) => {
                note_refusal(asker.participant, code);
                asker.refuse(code);
            }
        }
    }

    /// Carries a request out. `None`: the answer comes later, from the SFU.
    fn answer(
        &mut self,
        asker: &Asker,
        presence: &Presence,
        request: Request,
        batch: &mut Batch,
    ) -> Result<Option<Reply>, ErrorCode> {
        match request {
            Request::Hello { .. } => Err(ErrorCode::OutOfOrder),
            Request::Ping => Ok(Some(Reply::Done)),
            Request::Arrive { name, reason } => {
                let (patient, visit) = patient(presence.subject)?;
                let arriving = Arriving {
                    patient,
                    visit,
                    service: self.around.service,
                    choice: Choice::Next,
                    language: None,
                    name,
                    reason,
                    history: History::default(),
                };
                self.ask(Input::Arrive(Box::new(arriving)), batch)
            }
            Request::Leave => {
                let (patient, visit) = patient(presence.subject)?;
                self.ask(Input::Leave { patient, visit }, batch)
            }
            Request::Admit { visit } => self.admit(presence, visit, batch),
            Request::Decline {
                visit,
                reason,
                message,
            } => {
                let decision = Decision::Decline {
                    visit,
                    reason: translate::decline_reason(reason),
                    message,
                };
                self.decided(presence, decision, batch)
            }
            Request::End { consultation } => {
                let conclusion = Conclusion::Done;
                let decision = Decision::End {
                    consultation,
                    conclusion,
                };
                self.decided(presence, decision, batch)
            }
            Request::SetMedia { microphone, camera } => {
                self.set_media(asker.participant, microphone, camera, batch);
                Ok(Some(Reply::Done))
            }
            Request::Offer {
                leg,
                connection,
                sdp,
            } => self.offer(asker, presence, (leg, connection), sdp, batch),
            Request::Watch {
                leg,
                connection,
                pictures,
            } => self.watch(asker.participant, presence, (leg, connection), pictures),
            Request::PublishKeyPackages { .. }
            | Request::ClaimKeyPackages { .. }
            | Request::Commit { .. }
            | Request::Send { .. }
            | Request::Acknowledge { .. }
            | Request::Sync { .. } => self.carry(presence, request, batch).map(Some),
        }
    }

    fn ask(&mut self, input: Input, batch: &mut Batch) -> Result<Option<Reply>, ErrorCode> {
        self.decide(input, batch).map_err(translate::refusal)?;
        Ok(Some(Reply::Done))
    }

    /// What only a practitioner may ask.
    fn decided(
        &mut self,
        presence: &Presence,
        decision: Decision,
        batch: &mut Batch,
    ) -> Result<Option<Reply>, ErrorCode> {
        let practitioner = practitioner(presence.subject)?;
        let input = Input::Decided {
            practitioner,
            decision,
        };
        self.ask(input, batch)
    }

    fn admit(
        &mut self,
        presence: &Presence,
        visit: VisitId,
        batch: &mut Batch,
    ) -> Result<Option<Reply>, ErrorCode> {
        let bits = random::bits().map_err(|_| ErrorCode::Unavailable)?;
        let decision = Decision::Admit {
            visit,
            consultation: ConsultationId::from_random(bits),
            overtake: None,
        };
        self.decided(presence, decision, batch)
    }

    fn set_media(
        &mut self,
        participant: ParticipantId,
        microphone: bool,
        camera: bool,
        batch: &mut Batch,
    ) {
        if self.presences.set_media(participant, microphone, camera) {
            self.affect_with_others(participant, batch);
        }
    }
}

/// A refusal that an honest page never meets is worth a line.
fn note_refusal(participant: ParticipantId, code: ErrorCode) {
    if code == ErrorCode::NotPermitted {
        tracing::warn!(person = ?participant, "a request was refused: not permitted for this role");
    } else {
        tracing::debug!(person = ?participant, ?code, "a request was refused");
    }
}

/// What only a patient may do.
fn patient(subject: Subject) -> Result<(PatientId, VisitId), ErrorCode> {
    match subject {
        Subject::Patient { patient, visit } => Ok((patient, visit)),
        Subject::Practitioner(_) => Err(ErrorCode::NotPermitted),
    }
}

/// What only a practitioner may do.
fn practitioner(subject: Subject) -> Result<PractitionerId, ErrorCode> {
    match subject {
        Subject::Practitioner(practitioner) => Ok(practitioner),
        Subject::Patient { .. } => Err(ErrorCode::NotPermitted),
    }
}
