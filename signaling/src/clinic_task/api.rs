//! What other systems ask of the clinic: each thing once, and answered only when it is stored.

use std::fmt;

use tokio::sync::oneshot;
use vestibule_clinic::estimate::Interval;
use vestibule_clinic::{Clinic, Input, Refusal};
use vestibule_vocab::{ApiKeyId, InvitationId, VisitId};

use super::batch::Batch;
use super::desk::Desk;
use super::event::Event;
use crate::api::{Answer, Code, Problem, Underway, refusal};
use crate::store::{IdempotencyKey, KeptAnswer, Recalled, Turn, Write};

/// Something that another system asks for.
pub(crate) trait Change: Send + Sync {
    /// What to ask the clinic, as it is now.
    ///
    /// # Errors
    /// A problem when what is asked for does not fit the clinic as it is.
    fn input(&mut self, clinic: &Clinic) -> Result<Input, Problem>;

    /// What the clinic's refusal is told as.
    fn refused(&self, _: &Clinic, why: Refusal) -> Problem {
        refusal(why)
    }

    /// What to answer, now that the clinic has taken it.
    fn answer(&self, clinic: &Clinic) -> Answer;
}

/// A request of another system, and where its answer goes.
pub(crate) struct ApiRequest {
    pub(crate) change: Box<dyn Change>,
    /// Whose key it came with.
    pub(crate) by: ApiKeyId,
    /// The name by which it is known again.
    pub(crate) key: Option<IdempotencyKey>,
    /// Nobody else asks under this name meanwhile.
    pub(crate) underway: Option<Underway>,
    pub(crate) reply: oneshot::Sender<Result<Answer, Problem>>,
}

impl fmt::Debug for ApiRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiRequest")
    }
}

impl ApiRequest {
    /// Answers. Whoever asked may have gone.
    pub(super) fn reply(self, answer: Result<Answer, Problem>) {
        // The name is free before the answer is heard, so that whoever repeats at once is not told to wait.
        drop(self.underway);
        let _ = self.reply.send(answer);
    }

    /// Nothing comes of it now.
    pub(super) fn refuse(self) {
        self.reply(Err(Problem::of(Code::Unavailable)));
    }

    /// Answers what was answered before; else it comes back, to be decided.
    async fn recall(self: Box<Self>, turn: &mut Turn) -> Option<Box<Self>> {
        let Some(key) = &self.key else {
            return Some(self);
        };
        match turn.recall(key).await {
            Ok(Recalled::Nothing) => return Some(self),
            Ok(Recalled::Done(answer)) => self.reply(Ok(Answer::again(answer))),
            Ok(Recalled::Otherwise) => self.reply(Err(Problem::of(Code::IdempotencyKeyReused))),
            Err(why) => {
                tracing::error!(%why, "an earlier answer could not be looked for");
                self.refuse();
            }
        }
        None
    }
}

/// Answers the requests that were done before: asked while this server has its turn, nobody else does them meanwhile.
pub(super) async fn recall(turn: Option<&mut Turn>, events: &mut Vec<Event>) {
    let is_named = |event: &Event| matches!(event, Event::Api(request) if request.key.is_some());
    let Some(turn) = turn.filter(|_| events.iter().any(is_named)) else {
        return;
    };
    for event in std::mem::take(events) {
        let Event::Api(request) = event else {
            events.push(event);
            continue;
        };
        events.extend(request.recall(turn).await.map(Event::Api));
    }
}

/// Another system asks how a visit stands.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) visit: VisitId,
    pub(crate) reply: oneshot::Sender<Standing>,
}

/// What is not stored of a visit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Its place, from 1, while it waits.
    pub(crate) place: Option<u32>,
    /// How much longer it waits, for four people in five, when enough is known.
    pub(crate) wait: Option<Interval>,
    /// Nobody practises any more what it waits for.
    pub(crate) nobody_practises: bool,
    /// The patient has a socket open.
    pub(crate) connected: bool,
    /// Those who came along and have a socket open, by their invitations.
    pub(crate) company: Vec<InvitationId>,
}

impl Desk {
    pub(super) fn api(&mut self, mut request: Box<ApiRequest>, batch: &mut Batch) {
        match self.carry_out(&mut request, batch) {
            Ok(answer) => {
                if let Some(key) = request.key.clone() {
                    let kept = KeptAnswer {
                        key,
                        answer: answer.stored(),
                        at: self.around.clock.now(),
                    };
                    batch.writes.push(Write::Answer(Box::new(kept)));
                }
                batch.answers.push((request, answer));
            }
            Err(problem) => request.reply(Err(problem)),
        }
    }

    fn carry_out(
        &mut self,
        request: &mut ApiRequest,
        batch: &mut Batch,
    ) -> Result<Answer, Problem> {
        let input = request.change.input(&self.clinic)?;
        self.decide_for(input, Some(request.by), batch)
            .map_err(|why| request.change.refused(&self.clinic, why))?;
        Ok(request.change.answer(&self.clinic))
    }

    pub(super) fn look(&self, look: Look) {
        let view = self.clinic.visit(look.visit);
        let standing = view.map_or_else(Standing::default, |view| Standing {
            place: view.place,
            wait: self.clinic.wait(self.around.clock.now(), look.visit),
            nobody_practises: self.clinic.waits_for_nobody(view.visit),
            connected: view.connected,
            company: self.company_there(view.visit),
        });
        let _ = look.reply.send(standing);
    }
}
