//! A service's symptom form: questions as data, the answers to them, and what they tell.

mod answers;
mod check;
mod question;
mod summary;
mod texts;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use answers::{AnswerError, AnswerFault, Answers, FormAnswer};
pub use check::{FormError, FormFault};
pub use question::{AnswerIs, Condition, Question, QuestionKind, QuestionOption};
pub use summary::{SummaryAnswer, SummaryLine};
pub use texts::{PageLanguage, Texts};

use crate::Code;

/// A form as the clinic writes it, not yet checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormDraft {
    /// In the order in which they are asked.
    pub questions: Vec<Question>,
}

/// A form that was checked: codes are unique, conditions name earlier questions, all is bounded.
/// Reading it back from the store checks it again.
///
/// The page shows it and sends answers; [`Form::check`] checks them, [`Form::red_flags`] tells which
/// of them mean an emergency, and [`Form::summary`] is what the practitioner reads in the queue.
/// The page has all it needs to find red flags without the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "FormDraft", into = "FormDraft")]
pub struct Form {
    questions: Vec<Question>,
}

impl Form {
    /// Checks what a clinic wrote.
    ///
    /// # Errors
    /// The first [`FormError`], which names the question.
    pub fn new(draft: FormDraft) -> Result<Self, FormError> {
        check::draft(&draft)?;
        let FormDraft { questions } = draft;
        Ok(Self { questions })
    }

    /// The questions, in order.
    #[must_use]
    pub fn questions(&self) -> &[Question] {
        &self.questions
    }

    /// The questions whose answers mean an emergency, in order. Empty: no red flag.
    #[must_use]
    pub fn red_flags(&self, answers: &Answers) -> Vec<Code> {
        let raised = |question: &&Question| {
            answers
                .get(&question.code)
                .is_some_and(|answer| question.is_red_flag(answer))
        };
        self.questions
            .iter()
            .filter(raised)
            .map(|question| question.code.clone())
            .collect()
    }

    fn question(&self, code: &Code) -> Option<&Question> {
        self.questions
            .iter()
            .find(|question| question.code == *code)
    }
}

impl TryFrom<FormDraft> for Form {
    type Error = FormError;

    fn try_from(draft: FormDraft) -> Result<Self, FormError> {
        Self::new(draft)
    }
}

impl From<Form> for FormDraft {
    fn from(form: Form) -> Self {
        let Form { questions } = form;
        Self { questions }
    }
}

/// The first code that comes twice.
fn repeated<'a>(codes: impl IntoIterator<Item = &'a Code>) -> Option<&'a Code> {
    let mut seen = BTreeSet::new();
    codes.into_iter().find(|code| !seen.insert(*code))
}
