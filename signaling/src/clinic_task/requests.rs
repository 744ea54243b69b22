//! Requests: who may ask for what, and what is asked of the clinic.

use vestibule_clinic::{Arriving, Choice, Input, Refusal, VisitState};
use vestibule_protocol::client::Request;
use vestibule_protocol::desk::{Answer, Wish};
use vestibule_protocol::server::Reply;
use vestibule_protocol::{ErrorBody, ErrorCode};
use vestibule_vocab::{ParticipantId, PatientId, PractitionerId, Redacted, ServiceId, VisitId};

use super::batch::Batch;
use super::desk::Desk;
use super::event::Asker;
use super::intake;
use super::past::counted_at_all;
use super::presence::Presence;
use super::translate;
use crate::identity::Subject;

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
            Err(error) => {
                note_refusal(asker.participant, error.code);
                asker.refuse(error);
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
    ) -> Result<Option<Reply>, ErrorBody> {
        self.is_still_known(presence.subject, &request)?;
        if let Request::Arrive { name, reason, wish } = request {
            let wish = wish.unwrap_or_default();
            return self.arrive((presence, asker.beside), (name, reason), &wish, batch);
        }
        if let Request::AnswerForm { answers } = request {
            return self.answer_form(presence.subject, answers, batch);
        }
        self.carry_out_request(asker, presence, request, batch)
    }

    /// A page that stayed open beyond its patient's erasure is told so, whatever it asks for: it leads to nobody any more.
    fn is_still_known(&self, subject: Subject, request: &Request) -> Result<(), ErrorCode> {
        match subject {
            Subject::Patient { patient, .. }
                if self.clinic.is_erased(patient) && *request != Request::Ping =>
            {
                Err(ErrorCode::UnknownPatient)
            }
            Subject::Patient { .. } | Subject::Practitioner(_) | Subject::Companion { .. } => {
                Ok(())
            }
        }
    }

    fn carry_out_request(
        &mut self,
        asker: &Asker,
        presence: &Presence,
        request: Request,
        batch: &mut Batch,
    ) -> Result<Option<Reply>, ErrorBody> {
        match request {
            // The first two are the socket's own business; whoever arrives or answers is heard before.
            Request::Hello { .. }
            | Request::Move
            | Request::Arrive { .. }
            | Request::AnswerForm { .. } => Err(ErrorCode::OutOfOrder.into()),
            Request::Ping => Ok(Some(Reply::Done)),
            Request::Answer { answer } => self.choose(presence.subject, answer, batch),
            Request::Consent { .. }
            | Request::CheckDevices { .. }
            | Request::ClaimException { .. } => {
                let input = intake::of_the_patient(patient(presence.subject)?, request)?;
                self.ask(input, batch)
            }
            Request::AskAgain { .. } => match presence.subject {
                Subject::Practitioner(_) => self.work(asker, presence.subject, request, batch),
                Subject::Patient { .. } | Subject::Companion { .. } => {
                    let input = intake::of_the_patient(patient(presence.subject)?, request)?;
                    self.ask(input, batch)
                }
            },
            Request::Leave => self.leave(presence.subject, batch),
            Request::Invite {
                visit,
                role,
                colleague,
            } => self.invite(presence.subject, visit, (role, colleague), batch),
            Request::Join { invitation } => Ok(self.join(presence.subject, invitation)?),
            Request::DeclineInvitation { invitation } => {
                self.decline_invitation(presence.subject, invitation, batch)
            }
            Request::WithdrawInvitation { visit, invitation } => {
                self.withdraw_invitation(presence.subject, visit, invitation, batch)
            }
            Request::Feedback { text } => Ok(self.take_feedback(presence.subject, &text, batch)?),
            Request::Note { consultation, text } => {
                Ok(self.take_note(presence.subject, consultation, &text, batch)?)
            }
            Request::Admit { .. }
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
            | Request::End { .. } => self.work(asker, presence.subject, request, batch),
            Request::SetMedia { microphone, camera } => {
                self.set_media(asker.participant, microphone, camera, batch);
                Ok(Some(Reply::Done))
            }
            Request::Offer {
                leg,
                connection,
                sdp,
            } => Ok(self.offer(asker, presence, (leg, connection), sdp, batch)?),
            Request::Watch {
                leg,
                connection,
                pictures,
            } => Ok(self.watch(asker.participant, presence, (leg, connection), pictures)?),
            Request::PublishKeyPackages { .. }
            | Request::ClaimKeyPackages { .. }
            | Request::Commit { .. }
            | Request::Send { .. }
            | Request::Acknowledge { .. }
            | Request::Sync { .. } => Ok(self.carry(presence, request, batch).map(Some)?),
        }
    }

    /// What a visit is for that there is already.
    fn known(&self, visit: VisitId) -> Option<ServiceId> {
        self.clinic.visit(visit).map(|view| view.visit.service)
    }

    /// A patient enters the waiting room; a companion accepts the invitation, by whosever device it is.
    fn arrive(
        &mut self,
        (presence, beside): (&Presence, Option<PractitionerId>),
        (name, reason): (Redacted<String>, Redacted<String>),
        wish: &Wish,
        batch: &mut Batch,
    ) -> Result<Option<Reply>, ErrorBody> {
        if let Subject::Companion { invitation, visit } = presence.subject {
            return self.accompany((invitation, visit), beside, name, batch);
        }
        let (patient, visit) = patient(presence.subject)?;
        let known = self.known(visit);
        let service = wish.service.or(known).unwrap_or(self.around.service);
        let arriving = Arriving {
            patient,
            visit,
            service,
            choice: self.choice(patient, visit, wish)?,
            language: translate::wished_language(wish)?,
            name,
            reason,
            had: counted_at_all(
                self.past.of(patient).unwrap_or_default(),
                self.clinic.services(),
                known.unwrap_or(service),
            ),
        };
        if let Err(why) = self.decide(Input::Arrive(Box::new(arriving)), batch) {
            if why.is_of_the_door() {
                self.look_at_the_door(service, batch);
            }
            return Err(self.told(why, service));
        }
        self.tell_what_is_known(visit, presence.level, batch);
        Ok(Some(Reply::Done))
    }

    /// A refusal of an arrival, with what there is to choose from.
    fn told(&self, why: Refusal, service: ServiceId) -> ErrorBody {
        let mut told = translate::told(why, self.around.clock.now());
        if why == Refusal::LanguageNotSpoken {
            let spoken = translate::spoken(&self.clinic, service);
            told.message = format!("{} It is spoken there: {spoken}.", told.message);
        }
        told
    }

    /// Whom a patient asks for. Of one who has come already it is not asked again: arriving anew changes nothing.
    fn choice(&self, patient: PatientId, visit: VisitId, wish: &Wish) -> Result<Choice, ErrorCode> {
        let view = self.clinic.visit(visit);
        if view.is_some_and(|view| view.visit.state != VisitState::Expected) {
            return Ok(Choice::Next);
        }
        let choice = self
            .clinic
            .choice_of(patient, wish.practitioner, wish.regular);
        choice.map_err(translate::refusal)
    }

    /// A patient whose practitioner went off duty, or whose language nobody speaks any more, says what they want.
    fn choose(
        &mut self,
        subject: Subject,
        answer: Answer,
        batch: &mut Batch,
    ) -> Result<Option<Reply>, ErrorBody> {
        let (patient, visit) = patient(subject)?;
        let answer = translate::answer(answer);
        let input = Input::Answer {
            patient,
            visit,
            answer,
        };
        self.ask(input, batch)
    }

    fn leave(&mut self, subject: Subject, batch: &mut Batch) -> Result<Option<Reply>, ErrorBody> {
        if let Subject::Companion { invitation, .. } = subject {
            let companion = invitation.into();
            return self.ask(Input::CompanionLeaves { companion }, batch);
        }
        let (patient, visit) = patient(subject)?;
        self.ask(Input::Leave { patient, visit }, batch)
    }

    pub(super) fn ask(
        &mut self,
        input: Input,
        batch: &mut Batch,
    ) -> Result<Option<Reply>, ErrorBody> {
        let now = self.around.clock.now();
        let decided = self.decide_at(now, input, None, batch);
        decided.map_err(|why| translate::told(why, now))?;
        Ok(Some(Reply::Done))
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
pub(super) fn patient(subject: Subject) -> Result<(PatientId, VisitId), ErrorCode> {
    match subject {
        Subject::Patient { patient, visit } => Ok((patient, visit)),
        Subject::Practitioner(_) | Subject::Companion { .. } => Err(ErrorCode::NotPermitted),
    }
}

/// What only a practitioner may do.
pub(super) fn practitioner(subject: Subject) -> Result<PractitionerId, ErrorCode> {
    match subject {
        Subject::Practitioner(practitioner) => Ok(practitioner),
        Subject::Patient { .. } | Subject::Companion { .. } => Err(ErrorCode::NotPermitted),
    }
}
