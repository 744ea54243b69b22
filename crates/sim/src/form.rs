//! The symptom form of this clinic, and what is answered to it.

use std::collections::BTreeMap;

use vestibule_clinic::{
    AnswerIs, Code, Form, FormAnswer, FormDraft, PageLanguage, Question, QuestionKind, Texts,
};

/// The question of which yes means an emergency.
const FLAG: &str = "chest_pain";

/// Yes.
pub(crate) const YES: FormAnswer = FormAnswer::YesNo(true);

/// Another one.
const FEVER: &str = "fever";

/// Two questions, both of yes or no.
pub(crate) fn form() -> Option<Form> {
    let draft = FormDraft {
        questions: vec![
            question(FLAG, vec![AnswerIs::Yes])?,
            question(FEVER, Vec::new())?,
        ],
    };
    Form::new(draft).ok()
}

fn question(code: &str, red_flags: Vec<AnswerIs>) -> Option<Question> {
    Some(Question {
        code: Code::new(code).ok()?,
        texts: Texts(BTreeMap::from([(PageLanguage::En, code.to_owned())])),
        kind: QuestionKind::YesNo,
        required: true,
        ask_when: Vec::new(),
        red_flags,
    })
}

/// Answers to both questions, or to the first alone.
pub(crate) fn answers(emergency: bool, complete: bool) -> BTreeMap<Code, FormAnswer> {
    let flag = Code::new(FLAG).ok().into_iter();
    let fever = Code::new(FEVER).ok().filter(|_| complete);
    flag.map(|code| (code, FormAnswer::YesNo(emergency)))
        .chain(fever.map(|code| (code, YES)))
        .collect()
}

pub(crate) fn means_an_emergency(answers: &BTreeMap<Code, FormAnswer>) -> bool {
    let is_flag = |code: &Code| code.as_str() == FLAG;
    answers
        .iter()
        .any(|(code, answer)| is_flag(code) && *answer == YES)
}
