//! Between the words of the rules and the words of the wire, as far as forms, consent and gates go.

use vestibule_clinic as clinic;
use vestibule_clinic::{AnswerFault, Code, CompanionRole};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::intake as wire;

pub(super) fn form(form: &clinic::Form) -> Vec<wire::Question> {
    form.questions().iter().map(question).collect()
}

fn question(question: &clinic::Question) -> wire::Question {
    wire::Question {
        code: text(&question.code),
        texts: texts(&question.texts),
        kind: kind(&question.kind),
        required: question.required,
        ask_when: question.ask_when.iter().map(condition).collect(),
        red_flags: question.red_flags.iter().map(answer_is).collect(),
    }
}

fn kind(kind: &clinic::QuestionKind) -> wire::QuestionKind {
    match kind {
        clinic::QuestionKind::YesNo => wire::QuestionKind::YesNo,
        clinic::QuestionKind::OneOf { options } => wire::QuestionKind::OneOf {
            options: options.iter().map(option).collect(),
        },
        clinic::QuestionKind::SeveralOf { options } => wire::QuestionKind::SeveralOf {
            options: options.iter().map(option).collect(),
        },
        clinic::QuestionKind::Number {
            unit,
            decimals,
            min,
            max,
        } => wire::QuestionKind::Number {
            unit: unit.as_ref().map(texts),
            decimals: *decimals,
            min: *min,
            max: *max,
        },
        clinic::QuestionKind::ShortText { max_chars } => wire::QuestionKind::ShortText {
            max_chars: u32::try_from(*max_chars).unwrap_or(u32::MAX),
        },
    }
}

fn option(option: &clinic::QuestionOption) -> wire::QuestionOption {
    wire::QuestionOption {
        code: text(&option.code),
        texts: texts(&option.texts),
    }
}

fn condition(condition: &clinic::Condition) -> wire::Condition {
    wire::Condition {
        question: text(&condition.question),
        answer: answer_is(&condition.answer),
    }
}

fn answer_is(is: &clinic::AnswerIs) -> wire::AnswerIs {
    match is {
        clinic::AnswerIs::Yes => wire::AnswerIs::Yes,
        clinic::AnswerIs::No => wire::AnswerIs::No,
        clinic::AnswerIs::AnyOf { options } => wire::AnswerIs::AnyOf {
            options: options.iter().map(text).collect(),
        },
        clinic::AnswerIs::AtLeast { value } => wire::AnswerIs::AtLeast { value: *value },
        clinic::AnswerIs::AtMost { value } => wire::AnswerIs::AtMost { value: *value },
    }
}

fn texts(texts: &clinic::Texts) -> wire::Texts {
    let texts = texts.0.iter();
    texts
        .map(|(language, text)| (page_language(*language), text.clone()))
        .collect()
}

fn page_language(language: clinic::PageLanguage) -> wire::PageLanguage {
    match language {
        clinic::PageLanguage::Fr => wire::PageLanguage::Fr,
        clinic::PageLanguage::Nl => wire::PageLanguage::Nl,
        clinic::PageLanguage::De => wire::PageLanguage::De,
        clinic::PageLanguage::En => wire::PageLanguage::En,
    }
}

fn text(code: &Code) -> String {
    code.as_str().to_owned()
}

pub(super) fn answers(form: &clinic::Form, visit: &clinic::Visit) -> wire::FormAnswers {
    let questions = form.questions().iter();
    questions
        .filter_map(|question| {
            let answer = visit.answers.get(&question.code)?;
            Some((text(&question.code), wire_answer(answer)))
        })
        .collect()
}

fn wire_answer(answer: &clinic::FormAnswer) -> wire::FormAnswer {
    match answer {
        clinic::FormAnswer::YesNo(yes) => wire::FormAnswer::YesNo(*yes),
        clinic::FormAnswer::OneOf(code) => wire::FormAnswer::OneOf(text(code)),
        clinic::FormAnswer::SeveralOf(codes) => {
            wire::FormAnswer::SeveralOf(codes.iter().map(text).collect())
        }
        clinic::FormAnswer::Number(number) => wire::FormAnswer::Number(*number),
        clinic::FormAnswer::ShortText(words) => wire::FormAnswer::ShortText(words.clone()),
    }
}

pub(super) fn answer(answer: wire::FormAnswer) -> Result<clinic::FormAnswer, AnswerFault> {
    Ok(match answer {
        wire::FormAnswer::YesNo(yes) => clinic::FormAnswer::YesNo(yes),
        wire::FormAnswer::OneOf(chosen) => clinic::FormAnswer::OneOf(option_code(chosen)?),
        wire::FormAnswer::SeveralOf(chosen) => {
            let chosen = chosen.into_iter().map(option_code);
            clinic::FormAnswer::SeveralOf(chosen.collect::<Result<_, _>>()?)
        }
        wire::FormAnswer::Number(number) => clinic::FormAnswer::Number(number),
        wire::FormAnswer::ShortText(words) => clinic::FormAnswer::ShortText(words),
    })
}

fn option_code(chosen: String) -> Result<Code, AnswerFault> {
    Code::try_from(chosen).map_err(|_| AnswerFault::UnknownOption)
}

pub(super) fn consent_act(act: wire::ConsentAct) -> clinic::ConsentAct {
    match act {
        wire::ConsentAct::Given => clinic::ConsentAct::Given,
        wire::ConsentAct::Refused => clinic::ConsentAct::Refused,
        wire::ConsentAct::Revoked => clinic::ConsentAct::Revoked,
    }
}

pub(super) fn consent_entry(entry: &clinic::ConsentEntry) -> wire::ConsentEntry {
    wire::ConsentEntry {
        act: match entry.act {
            clinic::ConsentAct::Given => wire::ConsentAct::Given,
            clinic::ConsentAct::Refused => wire::ConsentAct::Refused,
            clinic::ConsentAct::Revoked => wire::ConsentAct::Revoked,
        },
        at: entry.at,
        version: text(&entry.version),
    }
}

/// Which gate is meant; one that nothing can be is none of the visit's.
pub(super) fn gate_kind(kind: &wire::GateKind) -> Result<clinic::GateKind, ErrorCode> {
    Ok(match kind {
        wire::GateKind::Identity => clinic::GateKind::Identity,
        wire::GateKind::Eligibility => clinic::GateKind::Eligibility,
        wire::GateKind::Entitlement { insurer } => clinic::GateKind::Entitlement {
            insurer: Code::new(insurer).map_err(|_| ErrorCode::GateRefused)?,
        },
        wire::GateKind::Consent => clinic::GateKind::Consent,
        wire::GateKind::SymptomForm => clinic::GateKind::SymptomForm,
        wire::GateKind::EmergencyScreen => clinic::GateKind::EmergencyScreen,
        wire::GateKind::Payment => clinic::GateKind::Payment,
        wire::GateKind::Quota => clinic::GateKind::Quota,
        wire::GateKind::Companion { role } => clinic::GateKind::Companion {
            role: companion_role(role).ok_or(ErrorCode::GateRefused)?,
        },
        wire::GateKind::DeviceCheck => clinic::GateKind::DeviceCheck,
    })
}

fn companion_role(role: &str) -> Option<CompanionRole> {
    const ALL: [CompanionRole; 4] = [
        CompanionRole::Parent,
        CompanionRole::Interpreter,
        CompanionRole::SecondPractitioner,
        CompanionRole::Other,
    ];
    ALL.into_iter().find(|it| role_code(*it) == role)
}

fn role_code(role: CompanionRole) -> &'static str {
    match role {
        CompanionRole::Parent => "parent",
        CompanionRole::Interpreter => "interpreter",
        CompanionRole::SecondPractitioner => "second_practitioner",
        CompanionRole::Other => "other",
    }
}

fn wire_kind(kind: clinic::GateKind) -> wire::GateKind {
    match kind {
        clinic::GateKind::Identity => wire::GateKind::Identity,
        clinic::GateKind::Eligibility => wire::GateKind::Eligibility,
        clinic::GateKind::Entitlement { insurer } => wire::GateKind::Entitlement {
            insurer: insurer.into(),
        },
        clinic::GateKind::Consent => wire::GateKind::Consent,
        clinic::GateKind::SymptomForm => wire::GateKind::SymptomForm,
        clinic::GateKind::EmergencyScreen => wire::GateKind::EmergencyScreen,
        clinic::GateKind::Payment => wire::GateKind::Payment,
        clinic::GateKind::Quota => wire::GateKind::Quota,
        clinic::GateKind::Companion { role } => wire::GateKind::Companion {
            role: role_code(role).to_owned(),
        },
        clinic::GateKind::DeviceCheck => wire::GateKind::DeviceCheck,
    }
}

pub(super) fn shut_gate(gate: clinic::MissingGate<'_>) -> wire::ShutGate {
    let rule = gate.rule;
    wire::ShutGate {
        gate: wire_kind(rule.requires.kind()),
        opened_by: match rule.opened_by {
            clinic::OpenedBy::BuiltIn => wire::GateOpener::BuiltIn,
            clinic::OpenedBy::Hand => wire::GateOpener::Hand,
            clinic::OpenedBy::System { .. } => wire::GateOpener::System,
        },
        why: why_shut(gate.why),
        exceptions: rule
            .exceptions
            .iter()
            .copied()
            .map(wire_exception)
            .collect(),
    }
}

fn why_shut(why: clinic::WhyMissing<'_>) -> wire::WhyShut {
    match why {
        clinic::WhyMissing::GatePending { expires_at } => wire::WhyShut::Pending { expires_at },
        clinic::WhyMissing::GateRefused { reason, message } => wire::WhyShut::Refused {
            reason: gate_reason(reason),
            message: message.clone(),
        },
        clinic::WhyMissing::GateExpired { then } => wire::WhyShut::Expired {
            may_ask_again: then == clinic::AfterWait::AskAgain,
        },
    }
}

fn gate_reason(reason: clinic::GateReason) -> wire::GateReason {
    match reason {
        clinic::GateReason::LevelTooLow => wire::GateReason::LevelTooLow,
        clinic::GateReason::NotEligible => wire::GateReason::NotEligible,
        clinic::GateReason::NotEntitled => wire::GateReason::NotEntitled,
        clinic::GateReason::ConsentRefused => wire::GateReason::ConsentRefused,
        clinic::GateReason::ConsentRevoked => wire::GateReason::ConsentRevoked,
        clinic::GateReason::NotPaid => wire::GateReason::NotPaid,
        clinic::GateReason::QuotaReached => wire::GateReason::QuotaReached,
        clinic::GateReason::DeviceUnsuitable => wire::GateReason::DeviceUnsuitable,
        clinic::GateReason::Other => wire::GateReason::Other,
    }
}

pub(super) fn exception(exception: wire::GateException) -> clinic::GateException {
    match exception {
        wire::GateException::OwnDoctorNotAvailable => clinic::GateException::OwnDoctorNotAvailable,
        wire::GateException::OnCallService => clinic::GateException::OnCallService,
        wire::GateException::CannotTravel => clinic::GateException::CannotTravel,
        wire::GateException::IdentityVouched => clinic::GateException::IdentityVouched,
        wire::GateException::EntitlementProven => clinic::GateException::EntitlementProven,
        wire::GateException::AskedByVoice => clinic::GateException::AskedByVoice,
        wire::GateException::PaidOtherwise => clinic::GateException::PaidOtherwise,
        wire::GateException::PaymentWaived => clinic::GateException::PaymentWaived,
        wire::GateException::MedicallyNeeded => clinic::GateException::MedicallyNeeded,
        wire::GateException::CompanionNotNeeded => clinic::GateException::CompanionNotNeeded,
        wire::GateException::DeviceAccepted => clinic::GateException::DeviceAccepted,
    }
}

fn wire_exception(exception: clinic::GateException) -> wire::GateException {
    match exception {
        clinic::GateException::OwnDoctorNotAvailable => wire::GateException::OwnDoctorNotAvailable,
        clinic::GateException::OnCallService => wire::GateException::OnCallService,
        clinic::GateException::CannotTravel => wire::GateException::CannotTravel,
        clinic::GateException::IdentityVouched => wire::GateException::IdentityVouched,
        clinic::GateException::EntitlementProven => wire::GateException::EntitlementProven,
        clinic::GateException::AskedByVoice => wire::GateException::AskedByVoice,
        clinic::GateException::PaidOtherwise => wire::GateException::PaidOtherwise,
        clinic::GateException::PaymentWaived => wire::GateException::PaymentWaived,
        clinic::GateException::MedicallyNeeded => wire::GateException::MedicallyNeeded,
        clinic::GateException::CompanionNotNeeded => wire::GateException::CompanionNotNeeded,
        clinic::GateException::DeviceAccepted => wire::GateException::DeviceAccepted,
    }
}
