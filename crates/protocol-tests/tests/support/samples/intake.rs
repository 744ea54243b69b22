//! Samples of what a patient passes before they can be admitted.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_protocol::client::Request;
use vestibule_protocol::intake::{
    AnswerIs, Closed, ClosedReason, Condition, ConsentAct, ConsentEntry, ConsentView, FormAnswer,
    FormAnswers, GateException, GateKind, GateOpener, GateReason, PageLanguage, PatientIntake,
    Question, QuestionKind, QuestionOption, ServiceForm, ShutGate, Texts, VisitIntake, Wait,
    WhyShut,
};
use vestibule_protocol::server::{ServerMessage, VisitState};
use vestibule_vocab::Redacted;

use super::{
    T0, offered, patient_snapshot, practitioner_snapshots, service, text, visit as a_visit,
};

/// Every request about it, named.
pub(crate) fn requests() -> Vec<(&'static str, Request)> {
    vec![
        (
            "answer_form",
            Request::AnswerForm {
                answers: Redacted::new(answers()),
            },
        ),
        (
            "consent",
            Request::Consent {
                act: ConsentAct::Given,
                version: "2026-01".to_owned(),
            },
        ),
        ("check_devices", Request::CheckDevices { suitable: true }),
        (
            "claim_exception",
            Request::ClaimException {
                exception: GateException::OwnDoctorNotAvailable,
            },
        ),
        (
            "ask_again",
            Request::AskAgain {
                gate: GateKind::Entitlement {
                    insurer: "mutual-100".to_owned(),
                },
                visit: None,
            },
        ),
        (
            "ask_again_as_staff",
            Request::AskAgain {
                gate: GateKind::Payment,
                visit: Some(a_visit()),
            },
        ),
        (
            "open_gate",
            Request::OpenGate {
                visit: a_visit(),
                gate: GateKind::Payment,
                exception: Some(GateException::PaidOtherwise),
            },
        ),
    ]
}

/// Every snapshot with it, named.
pub(crate) fn messages() -> Vec<(&'static str, ServerMessage)> {
    let mut choosing = patient_snapshot(None);
    let mut closed = offered();
    closed.closed = Some(Closed {
        reason: ClosedReason::OutsideHours,
        opens_at: Some(T0),
        words: text("National holiday"),
    });
    choosing.offered = vec![closed];
    let mut waiting = patient_snapshot(Some(VisitState::Waiting { place: 3 }));
    if let Some(visit) = &mut waiting.visit {
        visit.wait = Some(Wait {
            from: T0,
            low: 10,
            high: 25,
        });
        visit.intake = Some(PatientIntake {
            form: Some(questions()),
            answered: true,
            consent: Some(consent()),
            shut: shut(),
            price: "30 euros".to_owned(),
            reimbursement: "26 euros are paid back.".to_owned(),
        });
    }
    vec![
        ("patient_closed", ServerMessage::Patient(choosing)),
        ("patient_intake", ServerMessage::Patient(waiting)),
        ("practitioner_intake", practitioner()),
    ]
}

fn practitioner() -> ServerMessage {
    let mut snapshots = practitioner_snapshots().into_iter();
    let (_, message) = snapshots
        .find(|(name, _)| *name == "practitioner_waiting")
        .unwrap();
    let ServerMessage::Practitioner(mut snapshot) = message else {
        return message;
    };
    let intake = VisitIntake {
        form: Some(service()),
        answers: Redacted::new(answers()),
        consent: Some(consent()),
        shut: shut(),
    };
    if let Some(entry) = snapshot.waiting.first_mut() {
        entry.intake = Some(intake.clone());
    }
    snapshot.intake = Some(intake);
    snapshot.forms = vec![ServiceForm {
        service: service(),
        questions: questions(),
    }];
    ServerMessage::Practitioner(snapshot)
}

fn texts(english: &str, french: &str) -> Texts {
    BTreeMap::from([
        (PageLanguage::Fr, french.to_owned()),
        (PageLanguage::En, english.to_owned()),
    ])
}

fn question(code: &str, asked: Texts, kind: QuestionKind) -> Question {
    Question {
        code: code.to_owned(),
        texts: asked,
        kind,
        required: false,
        ask_when: vec![],
        red_flags: vec![],
    }
}

fn option(code: &str, english: &str, french: &str) -> QuestionOption {
    QuestionOption {
        code: code.to_owned(),
        texts: texts(english, french),
    }
}

fn questions() -> Vec<Question> {
    let mut pain = question(
        "chest-pain",
        texts("Does your chest hurt?", "Avez-vous mal à la poitrine ?"),
        QuestionKind::YesNo,
    );
    pain.required = true;
    pain.red_flags = vec![AnswerIs::Yes];
    let options = vec![
        option("cough", "Cough", "Toux"),
        option("fever", "Fever", "Fièvre"),
    ];
    let mut fever = question(
        "temperature",
        texts("Your temperature?", "Votre température ?"),
        QuestionKind::Number {
            unit: Some(texts("°C", "°C")),
            decimals: 1,
            min: 340,
            max: 430,
        },
    );
    fever.ask_when = vec![Condition {
        question: "signs".to_owned(),
        answer: AnswerIs::AnyOf {
            options: BTreeSet::from(["fever".to_owned()]),
        },
    }];
    fever.red_flags = vec![
        AnswerIs::AtLeast { value: 415 },
        AnswerIs::AtMost { value: 345 },
    ];
    vec![
        pain,
        question(
            "signs",
            texts("What do you have?", "Qu'avez-vous ?"),
            QuestionKind::SeveralOf {
                options: options.clone(),
            },
        ),
        fever,
        question(
            "worst",
            texts("What is worst?", "Qu'est-ce qui est le pire ?"),
            QuestionKind::OneOf { options },
        ),
        question(
            "since",
            texts("Since when?", "Depuis quand ?"),
            QuestionKind::ShortText { max_chars: 200 },
        ),
    ]
}

fn answers() -> FormAnswers {
    let fever = || "fever".to_owned();
    BTreeMap::from([
        ("chest-pain".to_owned(), FormAnswer::YesNo(false)),
        (
            "signs".to_owned(),
            FormAnswer::SeveralOf(BTreeSet::from([fever()])),
        ),
        ("temperature".to_owned(), FormAnswer::Number(382)),
        ("worst".to_owned(), FormAnswer::OneOf(fever())),
        (
            "since".to_owned(),
            FormAnswer::ShortText(text("Depuis hier soir.")),
        ),
    ])
}

fn consent() -> ConsentView {
    ConsentView {
        version: "2026-01".to_owned(),
        said: vec![ConsentEntry {
            act: ConsentAct::Given,
            at: T0,
            version: "2026-01".to_owned(),
        }],
    }
}

fn shut() -> Vec<ShutGate> {
    vec![
        ShutGate {
            gate: GateKind::Payment,
            opened_by: GateOpener::System,
            why: WhyShut::Pending {
                expires_at: Some(T0),
            },
            exceptions: vec![GateException::PaidOtherwise],
        },
        ShutGate {
            gate: GateKind::Eligibility,
            opened_by: GateOpener::BuiltIn,
            why: WhyShut::Refused {
                reason: GateReason::NotEligible,
                message: text(""),
            },
            exceptions: vec![GateException::OwnDoctorNotAvailable],
        },
        ShutGate {
            gate: GateKind::Companion {
                role: "parent".to_owned(),
            },
            opened_by: GateOpener::BuiltIn,
            why: WhyShut::Pending { expires_at: None },
            exceptions: vec![],
        },
        ShutGate {
            gate: GateKind::Entitlement {
                insurer: "mutual-100".to_owned(),
            },
            opened_by: GateOpener::System,
            why: WhyShut::Expired {
                may_ask_again: true,
            },
            exceptions: vec![],
        },
    ]
}
