//! QuestionnaireResponse: what a patient answered to the service's symptom form, while the visit lasts.

use serde_json::{Number, Value, json};
use vestibule_clinic::{
    Answers, Code, FormAnswer, GateKind, GateState, PageLanguage, Question, QuestionKind,
    QuestionOption, Service, Texts, Visit,
};
use vestibule_vocab::Timestamp;

use super::{Found, Names, Resource, When, instant, words};

/// A visit's answers, when there are any. The clinic forgets them when the visit ends.
pub(super) fn questionnaire_response(
    names: &Names,
    visit: &Visit,
    service: Option<&Service>,
) -> Option<Found> {
    if visit.answers.is_empty() {
        return None;
    }
    let form = service.and_then(|service| service.form.as_ref());
    let missing = form.and_then(|form| form.first_missing(&visit.answers));
    let status = match missing {
        Some(_) => "in-progress",
        None => "completed",
    };
    let questions = form.map_or(&[][..], |form| form.questions());
    let authored = completed_at(visit).filter(|_| missing.is_none());
    let resource = json!({
        "resourceType": "QuestionnaireResponse",
        "id": visit.id,
        "status": status,
        "subject": names.patient(visit.patient),
        "authored": authored.map(instant),
        "author": names.patient(visit.patient),
        "source": names.patient(visit.patient),
        "item": items(names, questions, &visit.answers, language(visit)),
    });
    Some(Found {
        resource: Resource::of(resource),
        id: visit.id.to_text(),
        status,
        patient: Some(visit.patient),
        practitioner: None,
        visit: Some(visit.id),
        when: authored.map(When::at),
    })
}

/// When the form was complete, as its gate tells.
pub(crate) fn completed_at(visit: &Visit) -> Option<Timestamp> {
    let mut gates = visit.gates.gates().iter();
    let gate = gates.find(|gate| gate.kind() == GateKind::SymptomForm)?;
    match gate.state {
        GateState::Open { at, .. } => Some(at),
        GateState::Pending { .. } | GateState::Refused { .. } | GateState::Expired { .. } => None,
    }
}

/// The language of the visit, where the pages speak it; else the first in which the clinic wrote.
fn language(visit: &Visit) -> PageLanguage {
    let code = visit.language.as_ref().map(|language| language.code());
    match code {
        Some("nl") => PageLanguage::Nl,
        Some("de") => PageLanguage::De,
        Some("en") => PageLanguage::En,
        Some(_) | None => PageLanguage::Fr,
    }
}

/// In the order of the form; answers to questions that the clinic has taken out since come last.
fn items(
    names: &Names,
    questions: &[Question],
    answers: &Answers,
    language: PageLanguage,
) -> Vec<Value> {
    let asked = questions.iter().filter_map(|question| {
        let answer = answers.get(&question.code)?;
        Some(item(
            names,
            &question.code,
            Some(question),
            answer,
            language,
        ))
    });
    let known = |code: &Code| questions.iter().any(|question| question.code == *code);
    let taken_out = answers.iter().filter(|(code, _)| !known(code));
    let taken_out = taken_out.map(|(code, answer)| item(names, code, None, answer, language));
    asked.chain(taken_out).collect()
}

fn item(
    names: &Names,
    code: &Code,
    question: Option<&Question>,
    answer: &FormAnswer,
    language: PageLanguage,
) -> Value {
    let text = question.map(|question| words(question.texts.in_language(language)));
    let kind = question.map(|question| &question.kind);
    let answers = match answer {
        FormAnswer::YesNo(yes) => vec![json!({ "valueBoolean": yes })],
        FormAnswer::OneOf(chosen) => vec![option(names, kind, chosen, language)],
        FormAnswer::SeveralOf(chosen) => {
            let chosen = chosen.iter();
            chosen
                .map(|code| option(names, kind, code, language))
                .collect()
        }
        FormAnswer::Number(steps) => vec![number(kind, *steps, language)],
        FormAnswer::ShortText(text) => vec![json!({ "valueString": words(text.expose()) })],
    };
    json!({ "linkId": code, "text": text, "answer": answers })
}

fn option(
    names: &Names,
    kind: Option<&QuestionKind>,
    chosen: &Code,
    language: PageLanguage,
) -> Value {
    let options: &[QuestionOption] = match kind {
        Some(QuestionKind::OneOf { options } | QuestionKind::SeveralOf { options }) => options,
        Some(
            QuestionKind::YesNo | QuestionKind::Number { .. } | QuestionKind::ShortText { .. },
        )
        | None => &[],
    };
    let option = options.iter().find(|option| option.code == *chosen);
    let display = option.map(|option| words(option.texts.in_language(language)));
    json!({ "valueCoding": { "system": names.system(), "code": chosen, "display": display } })
}

/// A bare count is an integer, a number with decimals a decimal, one with a unit a quantity.
fn number(kind: Option<&QuestionKind>, steps: i64, language: PageLanguage) -> Value {
    let (decimals, unit) = scale(kind);
    let value = decimal(steps, decimals);
    match unit {
        Some(unit) => json!({
            "valueQuantity": { "value": value, "unit": words(unit.in_language(language)) },
        }),
        None if decimals == 0 => json!({ "valueInteger": steps }),
        None => json!({ "valueDecimal": value }),
    }
}

fn scale(kind: Option<&QuestionKind>) -> (u8, Option<&Texts>) {
    match kind {
        Some(QuestionKind::Number { decimals, unit, .. }) => (*decimals, unit.as_ref()),
        Some(
            QuestionKind::YesNo
            | QuestionKind::OneOf { .. }
            | QuestionKind::SeveralOf { .. }
            | QuestionKind::ShortText { .. },
        )
        | None => (0, None),
    }
}

/// The number that so many steps are. Few digits are ever asked for, and a JSON reader's number holds them.
fn decimal(steps: i64, decimals: u8) -> Number {
    let whole = Number::from(steps);
    if decimals == 0 {
        return whole;
    }
    let value = whole
        .as_f64()
        .map(|steps| steps / 10_f64.powi(i32::from(decimals)));
    value.and_then(Number::from_f64).unwrap_or(whole)
}
