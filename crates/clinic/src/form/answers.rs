//! What a patient answered, checked against the form.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vestibule_vocab::Redacted;

use super::{Form, Question, QuestionKind};
use crate::{Code, text};

/// The answer to one question. Personal: `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", content = "value")]
pub enum FormAnswer {
    /// Yes is `true`.
    YesNo(bool),
    /// The code of the option.
    OneOf(Code),
    /// The codes of the options; none is as good as no answer.
    SeveralOf(BTreeSet<Code>),
    /// In the steps of the question.
    Number(i64),
    /// In the patient's own words; what shows nothing is as good as no answer.
    ShortText(Redacted<String>),
}

impl fmt::Debug for FormAnswer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

/// Answers that were checked against their form: each fits its question, each was asked, texts are
/// trimmed. Made by [`Form::check`] and [`Form::check_so_far`] only; read back from the store as
/// they were.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(Redacted<BTreeMap<Code, FormAnswer>>);

/// Why answers were not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{question}: {fault}")]
pub struct AnswerError {
    /// What is wrong.
    pub fault: AnswerFault,
    /// With the answer to which question.
    pub question: Code,
}

/// What may be wrong with an answer. Each variant is one stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Error)]
#[serde(rename_all = "snake_case")]
pub enum AnswerFault {
    /// Code `unknown_question`.
    #[error("the form has no such question")]
    UnknownQuestion,
    /// Code `not_asked`: the other answers leave it out.
    #[error("the question is not asked with these answers")]
    NotAsked,
    /// Code `wrong_kind`.
    #[error("the question is answered otherwise")]
    WrongKind,
    /// Code `unknown_option`.
    #[error("the question has no such option")]
    UnknownOption,
    /// Code `out_of_range`.
    #[error("the number is out of range")]
    OutOfRange,
    /// Code `text_too_long`.
    #[error("the text is too long")]
    TextTooLong,
    /// Code `invalid_text`.
    #[error("the text has characters that nobody sees, or that turn it around")]
    InvalidText,
    /// Code `required`.
    #[error("the question must be answered")]
    Required,
}

impl Answers {
    /// The answer to a question, when there is one.
    #[must_use]
    pub fn get(&self, question: &Code) -> Option<&FormAnswer> {
        self.0.expose().get(question)
    }

    /// The questions that were answered, by their codes, with the answers.
    pub fn iter(&self) -> impl Iterator<Item = (&Code, &FormAnswer)> {
        self.0.expose().iter()
    }

    /// How many questions were answered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.expose().len()
    }

    /// No question was answered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.expose().is_empty()
    }
}

impl Form {
    /// Checks all the answers of a patient who is done.
    ///
    /// # Errors
    /// The first [`AnswerError`], which names the question.
    pub fn check(
        &self,
        given: &Redacted<BTreeMap<Code, FormAnswer>>,
    ) -> Result<Answers, AnswerError> {
        let answers = self.check_so_far(given)?;
        match self.first_missing(&answers) {
            Some(question) => Err(AnswerFault::Required.to(question)),
            None => Ok(answers),
        }
    }

    /// The first required question that is asked and has no answer; `None` when the form is
    /// complete.
    #[must_use]
    pub fn first_missing(&self, answers: &Answers) -> Option<&Code> {
        let is_missing = |question: &&Question| {
            question.required && answers.get(&question.code).is_none() && question.is_asked(answers)
        };
        let missing = self.questions().iter().find(is_missing);
        missing.map(|question| &question.code)
    }

    /// Checks the answers of a patient who is not done: required ones may be missing. A red flag is
    /// looked for as soon as it is answered.
    ///
    /// # Errors
    /// The first [`AnswerError`], which names the question; never [`AnswerFault::Required`].
    pub fn check_so_far(
        &self,
        given: &Redacted<BTreeMap<Code, FormAnswer>>,
    ) -> Result<Answers, AnswerError> {
        let (answers, wrong) = self.sort(given);
        wrong.map_or(Ok(answers), Err)
    }

    /// The answers that fit, without those that do not. The emergency screen looks at these: a red
    /// flag does not wait until a text that is too long is corrected.
    #[must_use]
    pub fn fitting(&self, given: &Redacted<BTreeMap<Code, FormAnswer>>) -> Answers {
        self.sort(given).0
    }

    /// The answers that fit, and what is wrong with the first that does not.
    fn sort(&self, given: &Redacted<BTreeMap<Code, FormAnswer>>) -> (Answers, Option<AnswerError>) {
        let given = given.expose();
        let unknown = given.keys().find(|code| self.question(code).is_none());
        let mut wrong = unknown.map(|code| AnswerFault::UnknownQuestion.to(code));
        let mut answers = Answers::default();
        // From top to bottom: whether a question is asked depends on earlier ones alone.
        for question in self.questions() {
            let Some(answer) = given.get(&question.code) else {
                continue;
            };
            match question.check(answer) {
                Ok(Some(answer)) if question.is_asked(&answers) => {
                    answers = answers.with(question.code.clone(), answer);
                }
                Ok(Some(_)) => {
                    wrong.get_or_insert_with(|| AnswerFault::NotAsked.to(&question.code));
                }
                Ok(None) => {}
                Err(fault) => {
                    wrong.get_or_insert_with(|| fault.to(&question.code));
                }
            }
        }
        (answers, wrong)
    }
}

impl Answers {
    fn with(self, question: Code, answer: FormAnswer) -> Self {
        let mut answers = self.0.into_exposed();
        answers.insert(question, answer);
        Self(Redacted::new(answers))
    }
}

impl AnswerFault {
    fn to(self, question: &Code) -> AnswerError {
        AnswerError {
            fault: self,
            question: question.clone(),
        }
    }
}

impl Question {
    /// The answer as it is kept; `None` when it says nothing.
    fn check(&self, answer: &FormAnswer) -> Result<Option<FormAnswer>, AnswerFault> {
        match (&self.kind, answer) {
            (QuestionKind::YesNo, FormAnswer::YesNo(_)) => Ok(Some(answer.clone())),
            (QuestionKind::OneOf { .. }, FormAnswer::OneOf(code)) => {
                self.kind.choose(answer, [code])
            }
            (QuestionKind::SeveralOf { .. }, FormAnswer::SeveralOf(codes)) => {
                self.kind.choose(answer, codes)
            }
            (QuestionKind::Number { min, max, .. }, FormAnswer::Number(number)) => {
                let fits = (min..=max).contains(&number);
                fits.then(|| Some(answer.clone()))
                    .ok_or(AnswerFault::OutOfRange)
            }
            (QuestionKind::ShortText { max_chars }, FormAnswer::ShortText(text)) => {
                words(text, *max_chars)
            }
            (
                QuestionKind::YesNo
                | QuestionKind::OneOf { .. }
                | QuestionKind::SeveralOf { .. }
                | QuestionKind::Number { .. }
                | QuestionKind::ShortText { .. },
                _,
            ) => Err(AnswerFault::WrongKind),
        }
    }
}

impl QuestionKind {
    fn choose<'a>(
        &self,
        answer: &FormAnswer,
        chosen: impl IntoIterator<Item = &'a Code>,
    ) -> Result<Option<FormAnswer>, AnswerFault> {
        let mut chosen = chosen.into_iter().peekable();
        if chosen.peek().is_none() {
            return Ok(None);
        }
        if chosen.all(|code| self.has_option(code)) {
            Ok(Some(answer.clone()))
        } else {
            Err(AnswerFault::UnknownOption)
        }
    }
}

fn words(typed: &Redacted<String>, limit: usize) -> Result<Option<FormAnswer>, AnswerFault> {
    let text = typed.expose().trim();
    if !text::at_most(text, limit) {
        return Err(AnswerFault::TextTooLong);
    }
    if !text::is_text(text) {
        return Err(AnswerFault::InvalidText);
    }
    let said = text::shows(text);
    Ok(said.then(|| FormAnswer::ShortText(Redacted::new(text.to_owned()))))
}
