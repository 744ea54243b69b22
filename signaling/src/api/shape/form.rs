//! A service's symptom form.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vestibule_clinic::{Form, FormDraft};

use super::{CodeWord, by_rules};
use crate::api::Problem;
use crate::api::refusal::wrong;

/// What is asked of a patient who waits.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Form)]
pub(in crate::api) struct FormShape {
    /// In the order in which they are asked: at most 50.
    questions: Vec<QuestionShape>,
}

/// One question.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Question)]
struct QuestionShape {
    /// Its stable name, unique in the form.
    code: CodeWord,
    /// What is asked.
    texts: TextsShape,
    /// What is answered.
    kind: KindShape,
    /// It must be answered when it is asked.
    #[serde(default)]
    required: bool,
    /// Asked only when all of these hold; asked always when there are none. At most 5.
    #[serde(default)]
    ask_when: Vec<ConditionShape>,
    /// The answers that mean an emergency, each by itself. At most 5.
    #[serde(default)]
    red_flags: Vec<AnswerIsShape>,
}

/// One text in some of the languages of the pages, one at least.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Texts)]
struct TextsShape {
    /// French.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fr: Option<String>,
    /// Dutch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nl: Option<String>,
    /// German.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    de: Option<String>,
    /// English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    en: Option<String>,
}

/// What is answered to a question.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
#[schema(as = QuestionKind)]
enum KindShape {
    /// Yes or no.
    YesNo {},
    /// One of these.
    OneOf {
        /// In the order in which they are shown: at most 20.
        options: Vec<OptionShape>,
    },
    /// One or more of these.
    SeveralOf {
        /// In the order in which they are shown: at most 20.
        options: Vec<OptionShape>,
    },
    /// A number. All values count the smallest step: with 1 decimal, 382 is 38.2.
    Number {
        /// What is counted, such as `°C`; absent for a bare count.
        #[serde(default)]
        unit: Option<TextsShape>,
        /// Digits after the decimal point: at most 3.
        #[serde(default)]
        #[schema(minimum = 0, maximum = 255)]
        decimals: u8,
        /// The least value, in steps.
        #[schema(minimum = -9_223_372_036_854_775_808i64, maximum = 9_223_372_036_854_775_807i64)]
        min: i64,
        /// The greatest value, in steps.
        #[schema(minimum = -9_223_372_036_854_775_808i64, maximum = 9_223_372_036_854_775_807i64)]
        max: i64,
    },
    /// Some lines in the patient's own words.
    ShortText {
        /// The most characters: at most 500.
        #[schema(minimum = 0, maximum = 65_535)]
        max_chars: u16,
    },
}

/// One option of a question.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QuestionOption)]
struct OptionShape {
    /// Its stable name, unique in the question.
    code: CodeWord,
    /// What it says.
    texts: TextsShape,
}

/// Something about the answer to an earlier question.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Condition)]
struct ConditionShape {
    /// Which question.
    question: CodeWord,
    /// What its answer must be.
    answer: AnswerIsShape,
}

/// What an answer may be found to be.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "is", deny_unknown_fields)]
#[schema(as = AnswerIs)]
enum AnswerIsShape {
    /// Yes.
    Yes {},
    /// No.
    No {},
    /// At least one of these options was chosen.
    AnyOf {
        /// Codes of options.
        options: Vec<CodeWord>,
    },
    /// The number is this or more.
    AtLeast {
        /// In steps.
        #[schema(minimum = -9_223_372_036_854_775_808i64, maximum = 9_223_372_036_854_775_807i64)]
        value: i64,
    },
    /// The number is this or less.
    AtMost {
        /// In steps.
        #[schema(minimum = -9_223_372_036_854_775_808i64, maximum = 9_223_372_036_854_775_807i64)]
        value: i64,
    },
}

impl FormShape {
    /// The form by the rules, or what is wrong with it under its own code.
    pub(in crate::api) fn form(&self) -> Result<Form, Problem> {
        let draft: FormDraft = by_rules(self)?;
        Form::new(draft).map_err(|error| wrong(&error.fault, &error))
    }
}
