//! The shapes of what other systems send, as the API's document describes them. Each has the JSON form of the clinic's own
//! type of the same meaning: bodies are read strictly here, and then by the rules.

mod form;
mod gates;
mod hours;
mod words;
mod work;

use serde::Serialize;
use serde::de::DeserializeOwned;
use vestibule_clinic::Refusal;

pub(super) use form::FormShape;
pub(super) use gates::{
    ExceptionShape, GateName, GateRuleShape, LevelShape, ReasonShape, RelationShape, RoleShape,
    gate_rules,
};
pub(super) use hours::{Hours, calendar_problem, opening_hours};
pub(super) use words::{CodeWord, LanguageWord, Length, Moment};
pub(super) use work::{
    DutyShape, OrderShape, PromiseShape, QuotaShape, ShieldShape, ShiftShape, roster,
    roster_problem,
};

use super::{Code, Problem, refusal};

/// Reads a shape by the rules.
pub(super) fn by_rules<T: DeserializeOwned>(shape: &impl Serialize) -> Result<T, Problem> {
    serde_json::to_value(shape)
        .and_then(serde_json::from_value)
        .map_err(|error| Problem::because(Code::Malformed, &error))
}

/// Refuses a text that is longer before anything is cut off from it.
pub(super) fn fits(text: &str, limit: usize, otherwise: Refusal) -> Result<(), Problem> {
    if text.chars().nth(limit).is_some() {
        return Err(refusal(otherwise));
    }
    Ok(())
}

/// Refuses a list that is longer, also when it says the same several times.
pub(super) fn few<T>(list: &[T], limit: usize) -> Result<(), Problem> {
    if list.len() > limit {
        return Err(Problem::because(
            Code::Malformed,
            &format!("a list has more than {limit} items"),
        ));
    }
    Ok(())
}
