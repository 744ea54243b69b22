//! What a practitioner reads of a form in the queue.

use serde::Serialize;
use vestibule_vocab::Redacted;

use super::{Answers, Form, FormAnswer, PageLanguage, Question, QuestionKind, Texts};
use crate::Code;

/// One question with its answer, in the practitioner's language where the clinic wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SummaryLine {
    /// The code of the question.
    pub question: Code,
    /// What was asked.
    pub asked: String,
    /// What was answered.
    pub answer: Redacted<SummaryAnswer>,
    /// The answer means an emergency. Personal, as the answer is.
    pub red_flag: Redacted<bool>,
}

/// An answer in words.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum SummaryAnswer {
    /// The question was asked, and left out.
    Unanswered,
    /// Yes or no, to be said in the page's own words.
    YesNo {
        /// Yes.
        yes: bool,
    },
    /// The chosen options, in the order of the form.
    Options {
        /// What they say.
        labels: Vec<String>,
    },
    /// A number, to be written in the page's own way.
    Number {
        /// In steps.
        value: i64,
        /// Digits after the decimal point.
        decimals: u8,
        /// What is counted.
        unit: Option<String>,
    },
    /// The patient's own words.
    ShortText {
        /// As typed, trimmed.
        text: String,
    },
}

impl Form {
    /// The questions that were asked, in order, with their answers in `language`.
    #[must_use]
    pub fn summary(&self, answers: &Answers, language: PageLanguage) -> Vec<SummaryLine> {
        self.questions()
            .iter()
            .filter(|question| question.is_asked(answers))
            .map(|question| line(question, answers.get(&question.code), language))
            .collect()
    }
}

fn line(question: &Question, answer: Option<&FormAnswer>, language: PageLanguage) -> SummaryLine {
    let words = answer.map_or(SummaryAnswer::Unanswered, |answer| {
        in_words(&question.kind, answer, language)
    });
    let red_flag = answer.is_some_and(|answer| question.is_red_flag(answer));
    SummaryLine {
        question: question.code.clone(),
        asked: question.texts.in_language(language).to_owned(),
        answer: Redacted::new(words),
        red_flag: Redacted::new(red_flag),
    }
}

fn in_words(kind: &QuestionKind, answer: &FormAnswer, language: PageLanguage) -> SummaryAnswer {
    match answer {
        FormAnswer::YesNo(yes) => SummaryAnswer::YesNo { yes: *yes },
        FormAnswer::OneOf(chosen) => labels(kind, |code| code == chosen, language),
        FormAnswer::SeveralOf(chosen) => labels(kind, |code| chosen.contains(code), language),
        FormAnswer::Number(value) => {
            let (decimals, unit) = scale(kind);
            SummaryAnswer::Number {
                value: *value,
                decimals,
                unit: unit.map(|unit| unit.in_language(language).to_owned()),
            }
        }
        FormAnswer::ShortText(text) => SummaryAnswer::ShortText {
            text: text.expose().clone(),
        },
    }
}

fn labels(
    kind: &QuestionKind,
    chosen: impl Fn(&Code) -> bool,
    language: PageLanguage,
) -> SummaryAnswer {
    let options = kind.options().iter();
    let labels = options
        .filter(|option| chosen(&option.code))
        .map(|option| option.texts.in_language(language).to_owned())
        .collect();
    SummaryAnswer::Options { labels }
}

fn scale(kind: &QuestionKind) -> (u8, Option<&Texts>) {
    match kind {
        QuestionKind::Number { unit, decimals, .. } => (*decimals, unit.as_ref()),
        QuestionKind::YesNo
        | QuestionKind::OneOf { .. }
        | QuestionKind::SeveralOf { .. }
        | QuestionKind::ShortText { .. } => (0, None),
    }
}
