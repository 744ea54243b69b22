//! What a clinic's form must be before it is asked of anybody.

use serde::Serialize;
use thiserror::Error;

use super::{FormDraft, Question, QuestionKind, QuestionOption, Texts, repeated};
use crate::Code;
use crate::limits::{
    ANSWER_CHARS, CONDITIONS, FORM_BYTES, NUMBER, NUMBER_DECIMALS, OPTION_CHARS, OPTIONS,
    QUESTION_CHARS, QUESTIONS, RED_FLAGS, UNIT_CHARS,
};

/// Why a form was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}: {fault}", .question.as_ref().map_or("form", Code::as_str))]
pub struct FormError {
    /// What is wrong.
    pub fault: FormFault,
    /// Where; absent when it is the form as a whole.
    pub question: Option<Code>,
}

/// What may be wrong with a form. Each variant is one stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Error)]
#[serde(rename_all = "snake_case")]
pub enum FormFault {
    /// Code `too_many_questions`.
    #[error("the form has too many questions")]
    TooManyQuestions,
    /// Code `form_too_long`.
    #[error("the texts of the form are too long together")]
    FormTooLong,
    /// Code `duplicate_question`.
    #[error("two questions have this code")]
    DuplicateQuestion,
    /// Code `no_options`.
    #[error("there is nothing to choose from")]
    NoOptions,
    /// Code `too_many_options`.
    #[error("the question has too many options")]
    TooManyOptions,
    /// Code `duplicate_option`.
    #[error("two options of the question have the same code")]
    DuplicateOption,
    /// Code `text_missing`.
    #[error("a text is empty, or in no language")]
    TextMissing,
    /// Code `text_too_long`.
    #[error("a text is too long")]
    TextTooLong,
    /// Code `invalid_text`.
    #[error("a text has characters that nobody sees, or that turn it around")]
    InvalidText,
    /// Code `invalid_range`.
    #[error("the least value is above the greatest, or a bound or the decimals are out of reach")]
    InvalidRange,
    /// Code `invalid_length`.
    #[error("the length of the text is zero or too long")]
    InvalidLength,
    /// Code `too_many_conditions`.
    #[error("the question has too many conditions")]
    TooManyConditions,
    /// Code `unknown_condition`.
    #[error("a condition names no earlier question")]
    UnknownCondition,
    /// Code `impossible_condition`.
    #[error("a condition can never hold for the question that it names")]
    ImpossibleCondition,
    /// Code `too_many_red_flags`.
    #[error("the question has too many red flags")]
    TooManyRedFlags,
    /// Code `impossible_red_flag`.
    #[error("a red flag can never be the answer to the question")]
    ImpossibleRedFlag,
}

impl FormFault {
    /// Each of them, for whoever says what the codes mean.
    pub const ALL: [Self; 16] = [
        Self::TooManyQuestions,
        Self::FormTooLong,
        Self::DuplicateQuestion,
        Self::NoOptions,
        Self::TooManyOptions,
        Self::DuplicateOption,
        Self::TextMissing,
        Self::TextTooLong,
        Self::InvalidText,
        Self::InvalidRange,
        Self::InvalidLength,
        Self::TooManyConditions,
        Self::UnknownCondition,
        Self::ImpossibleCondition,
        Self::TooManyRedFlags,
        Self::ImpossibleRedFlag,
    ];
}

impl FormFault {
    fn of_the_form(self) -> FormError {
        FormError {
            fault: self,
            question: None,
        }
    }

    fn at(self, question: &Code) -> FormError {
        FormError {
            fault: self,
            question: Some(question.clone()),
        }
    }
}

pub(super) fn draft(draft: &FormDraft) -> Result<(), FormError> {
    let questions = &draft.questions;
    if questions.len() > QUESTIONS {
        return Err(FormFault::TooManyQuestions.of_the_form());
    }
    if let Some(code) = repeated(questions.iter().map(|question| &question.code)) {
        return Err(FormFault::DuplicateQuestion.at(code));
    }
    for (index, question) in questions.iter().enumerate() {
        let earlier = questions.get(..index).unwrap_or_default();
        check(question, earlier).map_err(|fault| fault.at(&question.code))?;
    }
    // Summed last, when each part is known to be short.
    let bytes: usize = questions.iter().map(bytes).sum();
    if bytes > FORM_BYTES {
        return Err(FormFault::FormTooLong.of_the_form());
    }
    Ok(())
}

fn check(question: &Question, earlier: &[Question]) -> Result<(), FormFault> {
    question.texts.check(QUESTION_CHARS)?;
    check_kind(&question.kind)?;
    check_conditions(question, earlier)?;
    check_red_flags(question)
}

fn check_kind(kind: &QuestionKind) -> Result<(), FormFault> {
    match kind {
        QuestionKind::YesNo => Ok(()),
        QuestionKind::OneOf { options } | QuestionKind::SeveralOf { options } => {
            check_options(options)
        }
        QuestionKind::Number {
            unit,
            decimals,
            min,
            max,
        } => {
            let bounds = -NUMBER..=NUMBER;
            let in_reach = bounds.contains(min) && bounds.contains(max);
            if !in_reach || min > max || *decimals > NUMBER_DECIMALS {
                return Err(FormFault::InvalidRange);
            }
            unit.as_ref().map_or(Ok(()), |unit| unit.check(UNIT_CHARS))
        }
        QuestionKind::ShortText { max_chars } => {
            let fits = (1..=ANSWER_CHARS).contains(max_chars);
            fits.then_some(()).ok_or(FormFault::InvalidLength)
        }
    }
}

fn check_options(options: &[QuestionOption]) -> Result<(), FormFault> {
    if options.is_empty() {
        return Err(FormFault::NoOptions);
    }
    if options.len() > OPTIONS {
        return Err(FormFault::TooManyOptions);
    }
    if repeated(options.iter().map(|option| &option.code)).is_some() {
        return Err(FormFault::DuplicateOption);
    }
    options
        .iter()
        .try_for_each(|option| option.texts.check(OPTION_CHARS))
}

/// A condition names an earlier question only, so that a page can ask from top to bottom and no
/// question waits for itself.
fn check_conditions(question: &Question, earlier: &[Question]) -> Result<(), FormFault> {
    if question.ask_when.len() > CONDITIONS {
        return Err(FormFault::TooManyConditions);
    }
    for condition in &question.ask_when {
        let named = earlier
            .iter()
            .find(|other| other.code == condition.question)
            .ok_or(FormFault::UnknownCondition)?;
        if !condition.answer.can_hold(&named.kind) {
            return Err(FormFault::ImpossibleCondition);
        }
    }
    Ok(())
}

fn check_red_flags(question: &Question) -> Result<(), FormFault> {
    if question.red_flags.len() > RED_FLAGS {
        return Err(FormFault::TooManyRedFlags);
    }
    let possible = |flag: &super::AnswerIs| flag.can_hold(&question.kind);
    if question.red_flags.iter().all(possible) {
        Ok(())
    } else {
        Err(FormFault::ImpossibleRedFlag)
    }
}

/// What a question weighs in text.
fn bytes(question: &Question) -> usize {
    let options = question.kind.options().iter();
    let options: usize = options.map(|option| option.texts.bytes()).sum();
    let unit = match &question.kind {
        QuestionKind::Number { unit, .. } => unit.as_ref().map_or(0, Texts::bytes),
        QuestionKind::YesNo
        | QuestionKind::OneOf { .. }
        | QuestionKind::SeveralOf { .. }
        | QuestionKind::ShortText { .. } => 0,
    };
    question
        .texts
        .bytes()
        .saturating_add(options)
        .saturating_add(unit)
}
