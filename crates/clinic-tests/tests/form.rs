//! A service's symptom form: what a clinic may write, what a patient may answer, what it tells.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use serde_json::{Value, from_value, json, to_value};
use vestibule_clinic::{
    AnswerError, AnswerFault, Answers, Code, Form, FormAnswer, FormDraft, FormError, FormFault,
    PageLanguage, limits,
};
use vestibule_vocab::Redacted;

fn code(text: &str) -> Code {
    Code::new(text).expect("a code")
}

/// As a clinic writes it: JSON.
fn set(questions: Value) -> Result<Form, FormError> {
    let draft: FormDraft = from_value(json!({ "questions": questions })).expect("a form's shape");
    Form::new(draft)
}

/// A small form of a general practice.
fn practice() -> Form {
    set(json!([
        {
            "code": "chest_pain",
            "texts": { "fr": "Douleur à la poitrine ?", "nl": "Pijn op de borst?", "en": "Chest pain?" },
            "kind": { "type": "yes_no" },
            "required": true,
            "red_flags": [{ "is": "yes" }],
        },
        {
            "code": "fever",
            "texts": { "en": "Fever?" },
            "kind": { "type": "yes_no" },
            "required": true,
        },
        {
            "code": "temperature",
            "texts": { "en": "How high?" },
            "kind": { "type": "number", "unit": { "en": "°C" }, "decimals": 1, "min": 340, "max": 440 },
            "required": true,
            "ask_when": [{ "question": "fever", "answer": { "is": "yes" } }],
            "red_flags": [{ "is": "at_least", "value": 415 }, { "is": "at_most", "value": 345 }],
        },
        {
            "code": "also",
            "texts": { "en": "What else?", "fr": "Quoi d'autre ?" },
            "kind": { "type": "several_of", "options": [
                { "code": "cough", "texts": { "en": "A cough", "fr": "Toux" } },
                { "code": "rash", "texts": { "en": "A rash", "fr": "Éruption" } },
                { "code": "stiff_neck", "texts": { "en": "A stiff neck", "fr": "Nuque raide" } },
            ]},
            "red_flags": [{ "is": "any_of", "options": ["stiff_neck"] }],
        },
        {
            "code": "since",
            "texts": { "en": "Since when?" },
            "kind": { "type": "one_of", "options": [
                { "code": "today", "texts": { "en": "Today" } },
                { "code": "longer", "texts": { "en": "Longer" } },
            ]},
        },
        {
            "code": "words",
            "texts": { "en": "In your words" },
            "kind": { "type": "short_text", "max_chars": 10 },
        },
    ]))
    .expect("a good form")
}

fn given(answers: Value) -> Redacted<BTreeMap<Code, FormAnswer>> {
    from_value(answers).expect("the shape of answers")
}

fn yes_no(value: bool) -> Value {
    json!({ "type": "yes_no", "value": value })
}

fn words(text: &str) -> Value {
    json!({ "type": "short_text", "value": text })
}

/// No chest pain and no fever, with some answers more.
fn well_with(more: &[(&str, Value)]) -> Redacted<BTreeMap<Code, FormAnswer>> {
    let mut answers = json!({ "chest_pain": yes_no(false), "fever": yes_no(false) });
    for (question, answer) in more {
        answers[question] = answer.clone();
    }
    given(answers)
}

fn refused(question: &str, fault: AnswerFault) -> Result<Answers, AnswerError> {
    let question = code(question);
    Err(AnswerError { fault, question })
}

fn question(code: &str, kind: &Value) -> Value {
    json!({ "code": code, "texts": { "en": "?" }, "kind": kind })
}

fn fault_of(questions: Value) -> (FormFault, Option<String>) {
    let error = set(questions).expect_err("a bad form");
    (error.fault, error.question.map(String::from))
}

#[test]
fn m03_answers_are_shown_to_the_practitioner_in_the_order_of_the_form() {
    let form = practice();
    let answers = form
        .check(&given(json!({
            "words": words("  sleep \n"),
            "also": { "type": "several_of", "value": ["rash", "cough"] },
            "fever": yes_no(true),
            "chest_pain": yes_no(false),
            "temperature": { "type": "number", "value": 391 },
        })))
        .expect("good answers");
    let summary = form.summary(&answers, PageLanguage::Fr);
    assert_eq!(
        to_value(&summary).expect("JSON"),
        json!([
            { "question": "chest_pain", "asked": "Douleur à la poitrine ?", "red_flag": false,
              "answer": { "type": "yes_no", "yes": false } },
            { "question": "fever", "asked": "Fever?", "red_flag": false,
              "answer": { "type": "yes_no", "yes": true } },
            { "question": "temperature", "asked": "How high?", "red_flag": false,
              "answer": { "type": "number", "value": 391, "decimals": 1, "unit": "°C" } },
            { "question": "also", "asked": "Quoi d'autre ?", "red_flag": false,
              "answer": { "type": "options", "labels": ["Toux", "Éruption"] } },
            { "question": "since", "asked": "Since when?", "red_flag": false,
              "answer": { "type": "unanswered" } },
            { "question": "words", "asked": "In your words", "red_flag": false,
              "answer": { "type": "short_text", "text": "sleep" } },
        ])
    );
}

#[test]
fn m04_red_flags_name_the_questions_that_raised_them_before_the_form_is_complete() {
    let form = practice();
    let answers = form
        .check_so_far(&given(json!({
            "also": { "type": "several_of", "value": ["cough", "stiff_neck"] },
            "chest_pain": yes_no(true),
        })))
        .expect("not done yet");
    assert_eq!(form.red_flags(&answers), [code("chest_pain"), code("also")]);
    let well = form.check(&well_with(&[])).expect("good answers");
    assert_eq!(form.red_flags(&well), []);
}

#[test]
fn m04_a_red_flag_does_not_wait_until_another_answer_is_corrected() {
    let form = practice();
    let typed = given(json!({
        "chest_pain": yes_no(true),
        "nonsense": yes_no(true),
        "temperature": { "type": "number", "value": 430 },
        "words": words("much too long"),
    }));
    assert!(form.check_so_far(&typed).is_err());
    let fitting = form.fitting(&typed);
    assert_eq!(form.red_flags(&fitting), [code("chest_pain")]);
    assert_eq!(
        fitting.len(),
        1,
        "without what is not asked or does not fit"
    );
}

#[test]
fn m04_a_number_has_red_flags_at_both_ends() {
    let form = practice();
    for (value, raised) in [(345, true), (346, false), (414, false), (415, true)] {
        let temperature = json!({ "type": "number", "value": value });
        let answers = well_with(&[("fever", yes_no(true)), ("temperature", temperature)]);
        let answers = form.check(&answers).expect("good answers");
        assert_eq!(!form.red_flags(&answers).is_empty(), raised, "{value}");
    }
}

#[test]
fn what_is_wrong_with_an_answer_is_said_with_the_question() {
    use AnswerFault::*;
    let cases = [
        ("nonsense", yes_no(true), UnknownQuestion),
        (
            "temperature",
            json!({ "type": "number", "value": 380 }),
            NotAsked,
        ),
        ("words", yes_no(true), WrongKind),
        (
            "since",
            json!({ "type": "one_of", "value": "never" }),
            UnknownOption,
        ),
        (
            "also",
            json!({ "type": "several_of", "value": ["cough", "never"] }),
            UnknownOption,
        ),
        ("words", words("eleven char"), TextTooLong),
        ("words", words("a\u{1b}[2J"), InvalidText),
    ];
    for (question, answer, fault) in cases {
        let answers = well_with(&[(question, answer)]);
        assert_eq!(practice().check(&answers), refused(question, fault));
    }
    for value in [339, 441, i64::MIN, i64::MAX] {
        let temperature = json!({ "type": "number", "value": value });
        let answers = well_with(&[("fever", yes_no(true)), ("temperature", temperature)]);
        assert_eq!(
            practice().check(&answers),
            refused("temperature", OutOfRange)
        );
    }
}

#[test]
fn the_first_required_question_without_an_answer_is_named() {
    let form = practice();
    assert_eq!(
        form.check(&given(json!({}))),
        refused("chest_pain", AnswerFault::Required)
    );
    let feverish = well_with(&[("fever", yes_no(true))]);
    assert_eq!(
        form.check(&feverish),
        refused("temperature", AnswerFault::Required)
    );
    assert!(form.check_so_far(&feverish).is_ok());
    assert!(
        form.check(&well_with(&[])).is_ok(),
        "not asked, so not missing"
    );
}

#[test]
fn blank_words_and_no_option_are_no_answer() {
    let nothing = json!({ "type": "several_of", "value": [] });
    let answers = well_with(&[("words", words(" \n ")), ("also", nothing)]);
    let answers = practice().check(&answers).expect("good answers");
    assert_eq!(answers.len(), 2);
}

#[test]
fn an_emoji_is_a_character_however_many_bytes_it_has() {
    let form = practice();
    assert!(
        form.check(&well_with(&[("words", words(&"🤒".repeat(10)))]))
            .is_ok()
    );
    let eleven = well_with(&[("words", words(&"🤒".repeat(11)))]);
    assert_eq!(
        form.check(&eleven),
        refused("words", AnswerFault::TextTooLong)
    );
}

#[test]
fn nobody_reads_an_answer_in_a_log() {
    let form = practice();
    let typed = well_with(&[("words", words("secret"))]);
    let answers = form.check(&typed).expect("good answers");
    let summary = form.summary(&answers, PageLanguage::En);
    let each = ["words", "chest_pain"].map(|question| answers.get(&code(question)));
    let printed = format!("{typed:?} {answers:?} {summary:?} {each:?}");
    for personal in ["secret", "true", "false", "YesNo"] {
        assert!(!printed.contains(personal), "{printed}");
    }
}

#[test]
fn what_is_wrong_with_a_form_is_said_with_the_question() {
    let yes_no = json!({ "type": "yes_no" });
    let twice = json!([question("a", &yes_no), question("a", &yes_no)]);
    assert_eq!(
        fault_of(twice),
        (FormFault::DuplicateQuestion, Some("a".to_owned()))
    );

    let cases = [
        (
            json!({ "type": "one_of", "options": [] }),
            FormFault::NoOptions,
        ),
        (
            json!({ "type": "number", "min": 2, "max": 1 }),
            FormFault::InvalidRange,
        ),
        (
            json!({ "type": "number", "min": 0, "max": i64::MAX }),
            FormFault::InvalidRange,
        ),
        (
            json!({ "type": "number", "min": 0, "max": 1, "decimals": 4 }),
            FormFault::InvalidRange,
        ),
        (
            json!({ "type": "short_text", "max_chars": 0 }),
            FormFault::InvalidLength,
        ),
        (
            json!({ "type": "short_text", "max_chars": 501 }),
            FormFault::InvalidLength,
        ),
        (
            json!({ "type": "several_of", "options": [
                { "code": "x", "texts": { "en": "X" } }, { "code": "x", "texts": { "en": "Y" } },
            ]}),
            FormFault::DuplicateOption,
        ),
    ];
    for (kind, fault) in cases {
        assert_eq!(
            fault_of(json!([question("q", &kind)])),
            (fault, Some("q".to_owned()))
        );
    }
}

#[test]
fn a_condition_names_an_earlier_question_and_can_hold() {
    let kind = json!({ "type": "yes_no" });
    let number = json!({ "type": "number", "min": 0, "max": 9 });
    let choice = json!({ "type": "one_of", "options": [{ "code": "x", "texts": { "en": "X" } }] });
    let asked_when = |other: &str, is: Value| {
        let mut last = question("last", &kind);
        last["ask_when"] = json!([{ "question": other, "answer": is }]);
        let first = [
            question("yes", &kind),
            question("count", &number),
            question("one", &choice),
        ];
        let [yes, count, one] = first;
        set(json!([yes, count, one, last, question("later", &kind)])).map_err(|error| error.fault)
    };
    let unknown = Err(FormFault::UnknownCondition);
    for other in ["last", "later", "nowhere"] {
        assert_eq!(asked_when(other, json!({ "is": "yes" })), unknown);
    }
    let impossible = Err(FormFault::ImpossibleCondition);
    assert_eq!(
        asked_when("yes", json!({ "is": "at_least", "value": 1 })),
        impossible
    );
    assert_eq!(
        asked_when("count", json!({ "is": "at_least", "value": 10 })),
        impossible
    );
    assert_eq!(
        asked_when("count", json!({ "is": "at_most", "value": -1 })),
        impossible
    );
    assert_eq!(
        asked_when("one", json!({ "is": "any_of", "options": ["y"] })),
        impossible
    );
    assert_eq!(
        asked_when("one", json!({ "is": "any_of", "options": [] })),
        impossible
    );
    assert!(asked_when("one", json!({ "is": "any_of", "options": ["x"] })).is_ok());
    assert!(asked_when("count", json!({ "is": "at_least", "value": 9 })).is_ok());
}

#[test]
fn a_red_flag_can_be_the_answer() {
    let mut short_text = question("q", &json!({ "type": "short_text", "max_chars": 5 }));
    short_text["red_flags"] = json!([{ "is": "yes" }]);
    assert_eq!(
        fault_of(json!([short_text])).0,
        FormFault::ImpossibleRedFlag
    );
}

#[test]
fn a_form_is_bounded_in_every_direction() {
    let kind = json!({ "type": "yes_no" });
    let questions = |count: usize| -> Value {
        (0..count)
            .map(|n| question(&n.to_string(), &kind))
            .collect()
    };
    assert!(set(questions(limits::QUESTIONS)).is_ok());
    assert_eq!(
        fault_of(questions(limits::QUESTIONS + 1)),
        (FormFault::TooManyQuestions, None)
    );

    let options = |count: usize, text: &str| -> Value {
        let option = |n: usize| json!({ "code": n.to_string(), "texts": { "en": text } });
        json!({ "type": "one_of", "options": (0..count).map(option).collect::<Vec<_>>() })
    };
    let one = |kind: &Value| set(json!([question("q", kind)])).map_err(|error| error.fault);
    assert!(one(&options(limits::OPTIONS, "é")).is_ok());
    assert_eq!(
        one(&options(limits::OPTIONS + 1, "é")),
        Err(FormFault::TooManyOptions)
    );
    let long = "é".repeat(limits::OPTION_CHARS);
    assert!(one(&options(1, &long)).is_ok());
    assert_eq!(
        one(&options(1, &format!("{long}é"))),
        Err(FormFault::TextTooLong)
    );
    assert_eq!(one(&options(1, "  ")), Err(FormFault::TextMissing));
    assert_eq!(one(&options(1, "\u{0}")), Err(FormFault::InvalidText));

    let heavy = options(limits::OPTIONS, &"🤒".repeat(limits::OPTION_CHARS));
    let many: Value = (0..limits::QUESTIONS)
        .map(|n| question(&n.to_string(), &heavy))
        .collect();
    assert_eq!(fault_of(many), (FormFault::FormTooLong, None));

    let mut question = question("q", &kind);
    question["red_flags"] = json!(vec![json!({ "is": "yes" }); limits::RED_FLAGS + 1]);
    assert_eq!(fault_of(json!([question])).0, FormFault::TooManyRedFlags);
    question["red_flags"] = json!([]);
    question["ask_when"] = json!(vec![
        json!({ "question": "p", "answer": { "is": "yes" } });
        limits::CONDITIONS + 1
    ]);
    assert_eq!(fault_of(json!([question])).0, FormFault::TooManyConditions);
    question["texts"] = json!({});
    assert_eq!(fault_of(json!([question])).0, FormFault::TextMissing);
}

#[test]
fn a_text_that_was_not_translated_is_shown_in_another_language() {
    let form = practice();
    let texts = &form.questions()[0].texts;
    assert_eq!(texts.in_language(PageLanguage::Nl), "Pijn op de borst?");
    assert_eq!(
        texts.in_language(PageLanguage::De),
        "Douleur à la poitrine ?"
    );
}

#[test]
fn a_form_and_its_answers_are_stored_and_read_back_and_a_bad_form_is_not() {
    let form = practice();
    let stored = to_value(&form).expect("JSON");
    assert_eq!(from_value::<Form>(stored.clone()).expect("a form"), form);
    let mut spoilt = stored;
    spoilt["questions"][1]["code"] = json!("chest_pain");
    let error = from_value::<Form>(spoilt)
        .expect_err("a bad form")
        .to_string();
    assert_eq!(error, "chest_pain: two questions have this code");

    let answers = form
        .check(&well_with(&[("words", words("😀"))]))
        .expect("good answers");
    let stored = to_value(&answers).expect("JSON");
    assert_eq!(from_value::<Answers>(stored).expect("answers"), answers);
}

fn some_answer() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(yes_no),
        (300..460_i64).prop_map(|value| json!({ "type": "number", "value": value })),
        prop_oneof![Just("cough"), Just("today"), Just("x")]
            .prop_map(|value| json!({ "type": "one_of", "value": value })),
        prop_oneof![
            Just(json!([])),
            Just(json!(["cough"])),
            Just(json!(["rash", "stiff_neck"]))
        ]
        .prop_map(|value| json!({ "type": "several_of", "value": value })),
        "\\PC{0,12}".prop_map(|text| words(&text)),
    ]
}

fn some_question() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("chest_pain"),
        Just("fever"),
        Just("temperature"),
        Just("also"),
        Just("since"),
        Just("words"),
        Just("nonsense"),
    ]
}

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    /// Answers that were taken are taken again as they are, say no more than was given, and leave
    /// no required question of those shown without an answer.
    #[test]
    fn checked_answers_are_complete_and_stay_as_they_are(
        answers in proptest::collection::btree_map(some_question(), some_answer(), 0..7),
    ) {
        let form = practice();
        let typed = given(json!(answers));
        if let Ok(checked) = form.check(&typed) {
            let again: Redacted<BTreeMap<Code, FormAnswer>> =
                from_value(to_value(&checked).expect("JSON")).expect("answers");
            prop_assert_eq!(form.check(&again), Ok(checked.clone()));
            prop_assert!(checked.len() <= answers.len());
            let shown = form.summary(&checked, PageLanguage::En);
            for line in shown {
                let asked = form.questions().iter().find(|one| one.code == line.question);
                let required = asked.expect("a question").required;
                prop_assert!(!required || checked.get(&line.question).is_some());
            }
            for flag in form.red_flags(&checked) {
                prop_assert!(checked.get(&flag).is_some());
            }
        }
    }
}
