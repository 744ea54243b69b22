//! Gates of a visit, answered by the system that a service's rule names, and asked again by staff.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use vestibule_clinic::{
    AnsweredBy, Clinic, Code as SystemName, Gate, GateAnswer, GateException, GateKind, GateReason,
    GateState, Input, Knowledge, Learning, Refusal, Relation, Teller,
};
use vestibule_vocab::{Redacted, Timestamp, VisitId};

use super::asked::{Id, Write};
use super::change::carry_out;
use super::scope::needs;
use super::shape::{ExceptionShape, GateName, Moment, ReasonShape, RelationShape, by_rules, fits};
use super::visits::View;
use super::{Answer, Code, Problem, refusal};
use crate::clinic_task::Change;
use crate::shared::Shared;

pub(super) fn routes() -> OpenApiRouter<Arc<Shared>> {
    OpenApiRouter::new()
        .routes(routes!(answer_gate))
        .routes(routes!(ask_gate_again))
        .routes(routes!(set_eligibility))
}

/// A gate of a visit, without anybody's words.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Gate)]
pub(super) struct GateView {
    /// Which.
    #[schema(value_type = GateName)]
    gate: GateKind,
    /// How far it is.
    state: GateWord,
    /// Until when the answer is waited for; null when nobody is hurried, or when it came.
    #[schema(value_type = Option<Moment>)]
    expires_at: Option<Timestamp>,
    /// Why it was refused; null when it was not.
    #[schema(value_type = Option<ReasonShape>)]
    reason: Option<GateReason>,
    /// By which exception it is open; null when it is open as it should be, or not at all.
    #[schema(value_type = Option<ExceptionShape>)]
    exception: Option<GateException>,
}

/// How far a gate is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = GateState)]
enum GateWord {
    /// Asked, and not answered.
    Pending,
    /// Passed.
    Open,
    /// Shut by an answer.
    Refused,
    /// Shut because nobody answered.
    Expired,
}

impl GateView {
    pub(super) fn of(gate: &Gate) -> Self {
        let shut = Self {
            gate: gate.rule.requires.kind(),
            state: GateWord::Pending,
            expires_at: None,
            reason: None,
            exception: None,
        };
        match &gate.state {
            GateState::Pending { expires_at, .. } => Self {
                expires_at: *expires_at,
                ..shut
            },
            GateState::Open { exception, .. } => Self {
                state: GateWord::Open,
                exception: *exception,
                ..shut
            },
            GateState::Refused { reason, .. } => Self {
                state: GateWord::Refused,
                reason: Some(*reason),
                ..shut
            },
            GateState::Expired { .. } => Self {
                state: GateWord::Expired,
                ..shut
            },
        }
    }
}

/// What a system answers to a gate.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GateAnswer)]
struct Given {
    /// Which gate.
    gate: GateName,
    /// The answer.
    answer: AnswerShape,
}

/// A gate that is to be asked again.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AskedGate {
    /// Which gate.
    gate: GateName,
}

/// An answer to a gate.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
enum AnswerShape {
    /// It is open.
    Open {
        /// The exception by which, if it is one; the service must allow it.
        #[serde(default)]
        exception: Option<ExceptionShape>,
    },
    /// It stays shut.
    Refuse {
        /// Why.
        reason: ReasonShape,
        /// In words for the patient.
        #[serde(default)]
        #[schema(value_type = String, max_length = 300)]
        message: Redacted<String>,
    },
}

impl AnswerShape {
    fn answer(&self) -> Result<GateAnswer, Problem> {
        Ok(match self {
            Self::Open { exception } => GateAnswer::Open {
                exception: exception.as_ref().map(by_rules).transpose()?,
            },
            Self::Refuse { reason, message } => {
                let limit = vestibule_clinic::limits::GATE_MESSAGE_CHARS;
                fits(message.expose(), limit, Refusal::InvalidText)?;
                GateAnswer::Refuse {
                    reason: by_rules(reason)?,
                    message: message.clone(),
                }
            }
        })
    }
}

/// What patient and practitioner are to each other, as an outside record says.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Eligibility {
    /// All that is so.
    relations: Vec<RelationShape>,
    /// The exception that the patient claims when it is not enough.
    #[serde(default)]
    exception: Option<ExceptionShape>,
}

/// A visit that is changed, and answered as it is then.
struct OfVisit {
    visit: VisitId,
    input: Input,
}

impl Change for OfVisit {
    fn input(&mut self, clinic: &Clinic) -> Result<Input, Problem> {
        let view = clinic.visit(self.visit);
        let view = view.ok_or_else(|| Problem::of(Code::NotFound))?;
        if !view.visit.state.is_active() {
            return Err(refusal(Refusal::VisitEnded));
        }
        Ok(self.input.clone())
    }

    fn answer(&self, clinic: &Clinic) -> Answer {
        let view = clinic.visit(self.visit);
        Answer::done(&view.map(|view| View::of(view.visit)))
    }
}

fn by(system: Option<SystemName>) -> Result<AnsweredBy, Problem> {
    let system = system.ok_or_else(|| Problem::of(Code::NotYourGate))?;
    Ok(AnsweredBy::System { system })
}

/// Answer a gate
///
/// Only a gate that its service has opened by the system of the key's name. Until the visit is admitted, a later answer
/// stands in the place of an earlier one: a payment that bounces shuts its gate again.
#[utoipa::path(
    post,
    path = "/visits/{visit}/gates",
    operation_id = "answer_gate",
    tag = "visits",
    params(("visit" = String, Path, format = Uuid, description = "Its id.")),
    request_body = Given,
    responses((status = 200, description = "The visit as it is now.", body = View)),
    security(("api_key" = ["gates:write"]))
)]
async fn answer_gate(
    State(shared): State<Arc<Shared>>,
    Id(visit): Id<VisitId>,
    write: Write<needs::GatesWrite, Given>,
) -> Result<Answer, Problem> {
    let gate: GateKind = by_rules(&write.body.gate)?;
    let input = Input::Gate {
        visit,
        gate,
        by: by(write.caller.system)?,
        answer: write.body.answer.answer()?,
    };
    carry_out(&shared, write.once, OfVisit { visit, input }).await
}

/// Have a gate asked again
///
/// As staff may, when the system that was to answer it did not in time, or refused: also where the service does not let the
/// patient. The system is told by the webhook `gate.asked`, and has its time anew. A gate that is asked already stays as it is. A
/// visit that has ended is not opened again by it: 409, `visit_ended`.
#[utoipa::path(
    post,
    path = "/visits/{visit}/gates/ask",
    operation_id = "ask_gate_again",
    tag = "visits",
    params(("visit" = String, Path, format = Uuid, description = "Its id.")),
    request_body = AskedGate,
    responses((status = 200, description = "The visit as it is now.", body = View)),
    security(("api_key" = ["gates:ask"]))
)]
async fn ask_gate_again(
    State(shared): State<Arc<Shared>>,
    Id(visit): Id<VisitId>,
    write: Write<needs::GatesAsk, AskedGate>,
) -> Result<Answer, Problem> {
    let input = Input::Gate {
        visit,
        gate: by_rules(&write.body.gate)?,
        by: AnsweredBy::Staff,
        answer: GateAnswer::AskAgain,
    };
    carry_out(&shared, write.once, OfVisit { visit, input }).await
}

/// Say what patient and practitioner are to each other
///
/// An eligibility gate that is built in opens or shuts by it. One that is open already says from then on by which exception, or by
/// none any more, and the webhook `gate.opened` tells it.
#[utoipa::path(
    put,
    path = "/visits/{visit}/eligibility",
    operation_id = "set_eligibility",
    tag = "visits",
    params(("visit" = String, Path, format = Uuid, description = "Its id.")),
    request_body = Eligibility,
    responses((status = 200, description = "The visit as it is now.", body = View)),
    security(("api_key" = ["visits:write"]))
)]
async fn set_eligibility(
    State(shared): State<Arc<Shared>>,
    Id(visit): Id<VisitId>,
    write: Write<needs::VisitsWrite, Eligibility>,
) -> Result<Answer, Problem> {
    let relations: BTreeSet<Relation> = by_rules(&write.body.relations)?;
    let claimed = write.body.exception.as_ref().map(by_rules).transpose()?;
    let knowledge = Knowledge::Eligibility { relations, claimed };
    let input = Input::Learn(Learning {
        visit,
        from: Teller::Clinic,
        knowledge,
    });
    carry_out(&shared, write.once, OfVisit { visit, input }).await
}
