//! One question of a form.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Answers, FormAnswer, Texts};
use crate::Code;

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Its stable name, unique in the form.
    pub code: Code,
    /// What is asked.
    pub texts: Texts,
    /// What is answered.
    pub kind: QuestionKind,
    /// It must be answered when it is asked.
    #[serde(default)]
    pub required: bool,
    /// Asked only when all of these hold; asked always when there are none.
    #[serde(default)]
    pub ask_when: Vec<Condition>,
    /// The answers that mean an emergency; each by itself.
    #[serde(default)]
    pub red_flags: Vec<AnswerIs>,
}

/// What is answered to a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum QuestionKind {
    /// Yes or no.
    YesNo,
    /// One of these.
    OneOf {
        /// In the order in which they are shown.
        options: Vec<QuestionOption>,
    },
    /// One or more of these.
    SeveralOf {
        /// In the order in which they are shown.
        options: Vec<QuestionOption>,
    },
    /// A number. All values count the smallest step: with 1 decimal, 382 is 38.2.
    Number {
        /// What is counted, such as `°C`; absent for a bare count.
        #[serde(default)]
        unit: Option<Texts>,
        /// Digits after the decimal point.
        #[serde(default)]
        decimals: u8,
        /// The least value, in steps.
        min: i64,
        /// The greatest value, in steps.
        max: i64,
    },
    /// Some lines in the patient's own words.
    ShortText {
        /// The most characters: Unicode scalar values, as everywhere.
        max_chars: usize,
    },
}

/// One option of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionOption {
    /// Its stable name, unique in the question.
    pub code: Code,
    /// What it says.
    pub texts: Texts,
}

/// Something about the answer to an earlier question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// Which question. Unanswered: the condition does not hold.
    pub question: Code,
    /// What its answer must be.
    pub answer: AnswerIs,
}

/// What an answer may be found to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum AnswerIs {
    /// Yes.
    Yes,
    /// No.
    No,
    /// At least one of these options was chosen.
    AnyOf {
        /// Codes of options.
        options: BTreeSet<Code>,
    },
    /// The number is this or more.
    AtLeast {
        /// In steps.
        value: i64,
    },
    /// The number is this or less.
    AtMost {
        /// In steps.
        value: i64,
    },
}

impl Question {
    /// The conditions hold.
    pub(super) fn is_asked(&self, answers: &Answers) -> bool {
        self.ask_when.iter().all(|condition| {
            answers
                .get(&condition.question)
                .is_some_and(|answer| condition.answer.holds(answer))
        })
    }

    pub(super) fn is_red_flag(&self, answer: &FormAnswer) -> bool {
        self.red_flags.iter().any(|flag| flag.holds(answer))
    }
}

impl QuestionKind {
    /// The options, when there are any to choose from.
    pub(super) fn options(&self) -> &[QuestionOption] {
        match self {
            Self::OneOf { options } | Self::SeveralOf { options } => options,
            Self::YesNo | Self::Number { .. } | Self::ShortText { .. } => &[],
        }
    }

    pub(super) fn has_option(&self, code: &Code) -> bool {
        self.options().iter().any(|option| option.code == *code)
    }
}

impl AnswerIs {
    /// It is so of this answer. Never of an answer of another kind.
    pub(super) fn holds(&self, answer: &FormAnswer) -> bool {
        match (self, answer) {
            (Self::Yes, FormAnswer::YesNo(yes)) => *yes,
            (Self::No, FormAnswer::YesNo(yes)) => !yes,
            (Self::AnyOf { options }, FormAnswer::OneOf(chosen)) => options.contains(chosen),
            (Self::AnyOf { options }, FormAnswer::SeveralOf(chosen)) => {
                !options.is_disjoint(chosen)
            }
            (Self::AtLeast { value }, FormAnswer::Number(number)) => number >= value,
            (Self::AtMost { value }, FormAnswer::Number(number)) => number <= value,
            (
                Self::Yes
                | Self::No
                | Self::AnyOf { .. }
                | Self::AtLeast { .. }
                | Self::AtMost { .. },
                _,
            ) => false,
        }
    }

    /// Some answer to a question of this kind can be so.
    pub(super) fn can_hold(&self, kind: &QuestionKind) -> bool {
        match (self, kind) {
            (Self::Yes | Self::No, QuestionKind::YesNo) => true,
            (
                Self::AnyOf { options },
                QuestionKind::OneOf { .. } | QuestionKind::SeveralOf { .. },
            ) => !options.is_empty() && options.iter().all(|code| kind.has_option(code)),
            (Self::AtLeast { value }, QuestionKind::Number { max, .. }) => value <= max,
            (Self::AtMost { value }, QuestionKind::Number { min, .. }) => value >= min,
            (
                Self::Yes
                | Self::No
                | Self::AnyOf { .. }
                | Self::AtLeast { .. }
                | Self::AtMost { .. },
                _,
            ) => false,
        }
    }
}
