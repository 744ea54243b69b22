//! Between the words of the rules and the words of the wire.

mod refusals;

use vestibule_clinic::calendar::Period;
use vestibule_clinic::{
    Answer, Clinic, CompanionRefusal, CompanionRole, Conclusion, ConsentRefusal, ConsultationEnd,
    DeclineReason, Duty, Language, Outcome, Overtake, Refusal, Urgency, WaitingRoom,
};
use vestibule_delivery as delivery;
use vestibule_protocol::client::DeclineReason as WireReason;
use vestibule_protocol::server::{
    GroupView, LogEntry as WireEntry, LogKind as WireKind, Outcome as WireOutcome,
};
use vestibule_protocol::{Base64Bytes, ErrorBody, ErrorCode, ErrorReason};
use vestibule_protocol::{company, desk};
use vestibule_vocab::{ServiceId, Timestamp};

/// A refusal as it is told: what it is exactly, and when what is closed opens again.
pub(super) fn told(why: Refusal, now: Timestamp) -> ErrorBody {
    let mut body = ErrorBody {
        opens_at: why.opens_at(),
        ..refusal(why).into()
    };
    if let Refusal::Shielded(shielded) = why {
        let until = shielded.until.map(|at| at.since(now).0);
        body.retry_after_ms = until.map(|wait| u32::try_from(wait).unwrap_or(u32::MAX));
    }
    match reason(why) {
        Some(reason) => body.because(reason),
        None => body,
    }
}

/// The period that a quota counts by, in a sentence.
pub(crate) fn period_word(period: Period) -> &'static str {
    match period {
        Period::Hour => "hour",
        Period::Day => "day",
        Period::Month => "month",
        Period::Year => "year",
    }
}

fn reason(why: Refusal) -> Option<ErrorReason> {
    if let Refusal::Shielded(shielded) = why {
        Some(refusals::shielded(shielded.reason))
    } else if let Refusal::QuotaReached(reached) = why {
        refusals::quota(reached.period)
    } else if let Refusal::Gate(gate) = why {
        Some(refusals::gate(gate))
    } else {
        (why == Refusal::NoForm).then_some(ErrorReason::NoForm)
    }
}

pub(super) fn refusal(refusal: Refusal) -> ErrorCode {
    match refusal {
        Refusal::NotFound => ErrorCode::NotFound,
        Refusal::InvalidName => ErrorCode::InvalidName,
        Refusal::InvalidText => ErrorCode::InvalidText,
        Refusal::VisitActive => ErrorCode::VisitActive,
        Refusal::VisitEnded => ErrorCode::VisitEnded,
        Refusal::VisitNotWaiting => ErrorCode::VisitNotWaiting,
        Refusal::WaitingRoomFull => ErrorCode::WaitingRoomFull,
        Refusal::PatientAway => ErrorCode::PatientAway,
        Refusal::PractitionerBusy => ErrorCode::PractitionerBusy,
        Refusal::NotInConsultation => ErrorCode::NotInConsultation,
        Refusal::LimitReached => ErrorCode::LimitReached,
        Refusal::Unavailable => ErrorCode::Unavailable,
        Refusal::InvalidCode => ErrorCode::InvalidCode,
        Refusal::TooMany => ErrorCode::TooMany,
        Refusal::ServiceClosed { .. } => ErrorCode::ServiceClosed,
        Refusal::NobodyPractises => ErrorCode::NobodyPractises,
        Refusal::NotPractised => ErrorCode::NotPractised,
        Refusal::FormMissing => ErrorCode::FormMissing,
        Refusal::InvalidOrder => ErrorCode::InvalidOrder,
        Refusal::LanguageNotSpoken => ErrorCode::LanguageNotSpoken,
        Refusal::OffShift { .. } => ErrorCode::OffShift,
        Refusal::InvalidBreak => ErrorCode::InvalidBreak,
        Refusal::OthersWaitTooLong => ErrorCode::OthersWaitTooLong,
        Refusal::OvertakeNeedsAReason => ErrorCode::OvertakeNeedsAReason,
        Refusal::NotAChoice => ErrorCode::NotAChoice,
        Refusal::NothingToChoose => ErrorCode::NothingToChoose,
        Refusal::NoRegular => ErrorCode::NoRegular,
        Refusal::BookedOtherwise => ErrorCode::BookedOtherwise,
        Refusal::UnknownPatient => ErrorCode::UnknownPatient,
        Refusal::AppointmentOverlaps => ErrorCode::AppointmentOverlaps,
        Refusal::InvalidTime => ErrorCode::InvalidTime,
        Refusal::PatientThere => ErrorCode::PatientThere,
        Refusal::GatesShut => ErrorCode::GatesShut,
        Refusal::Gate(_) | Refusal::NoForm => ErrorCode::GateRefused,
        Refusal::Answer(_) => ErrorCode::AnswerInvalid,
        Refusal::Consent(why) => consent_refusal(why),
        Refusal::Companion(refusal) => companion_refusal(refusal),
        Refusal::QuotaReached(_) => ErrorCode::QuotaReached,
        Refusal::Shielded(_) => ErrorCode::Shielded,
        Refusal::OffDuty => ErrorCode::OffDuty,
        Refusal::QueueClosed { .. } => ErrorCode::QueueClosed,
    }
}

fn consent_refusal(refusal: ConsentRefusal) -> ErrorCode {
    match refusal {
        ConsentRefusal::ConsentNotAsked => ErrorCode::ConsentNotAsked,
        ConsentRefusal::NoConsent | ConsentRefusal::ConsentChangedTooOften => {
            ErrorCode::ConsentRefused
        }
    }
}

fn companion_refusal(refusal: CompanionRefusal) -> ErrorCode {
    match refusal {
        CompanionRefusal::NotFound => ErrorCode::NotFound,
        CompanionRefusal::InvitationExists => ErrorCode::Unavailable,
        CompanionRefusal::TooManyInvitations => ErrorCode::TooMany,
        CompanionRefusal::InvalidValidity => ErrorCode::InvalidTime,
        CompanionRefusal::InvitationUsed => ErrorCode::InvitationUsed,
        CompanionRefusal::InvitationWithdrawn => ErrorCode::InvitationWithdrawn,
        CompanionRefusal::InvitationExpired => ErrorCode::InvitationExpired,
        CompanionRefusal::AlreadyCompanion => ErrorCode::AlreadyCompanion,
        CompanionRefusal::ConsultationFull => ErrorCode::ConsultationFull,
    }
}

pub(super) fn companion_role(role: company::CompanionRole) -> CompanionRole {
    match role {
        company::CompanionRole::Parent => CompanionRole::Parent,
        company::CompanionRole::Interpreter => CompanionRole::Interpreter,
        company::CompanionRole::SecondPractitioner => CompanionRole::SecondPractitioner,
        company::CompanionRole::Other => CompanionRole::Other,
    }
}

pub(super) fn wire_companion_role(role: CompanionRole) -> company::CompanionRole {
    match role {
        CompanionRole::Parent => company::CompanionRole::Parent,
        CompanionRole::Interpreter => company::CompanionRole::Interpreter,
        CompanionRole::SecondPractitioner => company::CompanionRole::SecondPractitioner,
        CompanionRole::Other => company::CompanionRole::Other,
    }
}

pub(super) fn delivery_refusal(refusal: delivery::Refusal) -> ErrorCode {
    match refusal {
        delivery::Refusal::NotInConsultation => ErrorCode::NotInConsultation,
        delivery::Refusal::NotCommitter => ErrorCode::NotCommitter,
        delivery::Refusal::StaleEpoch => ErrorCode::StaleEpoch,
        delivery::Refusal::MlsInvalid => ErrorCode::MlsInvalid,
        delivery::Refusal::NoKeyPackage => ErrorCode::NoKeyPackage,
        delivery::Refusal::LogTruncated => ErrorCode::LogTruncated,
        delivery::Refusal::TooLarge => ErrorCode::TooLarge,
        delivery::Refusal::LimitReached => ErrorCode::LimitReached,
    }
}

pub(super) fn decline_reason(reason: WireReason) -> DeclineReason {
    match reason {
        WireReason::InPersonNeeded => DeclineReason::InPersonNeeded,
        WireReason::WrongService => DeclineReason::WrongService,
        WireReason::NoTimeLeft => DeclineReason::NoTimeLeft,
        WireReason::Emergency => DeclineReason::Emergency,
        WireReason::QuotaReached => DeclineReason::QuotaReached,
        WireReason::Other => DeclineReason::Other,
    }
}

fn wire_reason(reason: DeclineReason) -> WireReason {
    match reason {
        DeclineReason::InPersonNeeded => WireReason::InPersonNeeded,
        DeclineReason::WrongService => WireReason::WrongService,
        DeclineReason::NoTimeLeft => WireReason::NoTimeLeft,
        DeclineReason::Emergency => WireReason::Emergency,
        DeclineReason::QuotaReached => WireReason::QuotaReached,
        DeclineReason::Other => WireReason::Other,
    }
}

pub(super) fn outcome(outcome: &Outcome) -> WireOutcome {
    match outcome {
        Outcome::Completed { conclusion } => completed(*conclusion),
        Outcome::NoShow => WireOutcome::NoShow,
        Outcome::Cancelled => WireOutcome::Cancelled,
        Outcome::Emergency => WireOutcome::Emergency,
        Outcome::Left => WireOutcome::Left,
        Outcome::ConnectionLost => WireOutcome::ConnectionLost,
        Outcome::Declined { reason, message } => WireOutcome::Declined {
            reason: wire_reason(*reason),
            message: message.clone(),
        },
    }
}

/// How a consultation ended, as the practitioner sees it.
pub(super) fn end(how: ConsultationEnd) -> WireOutcome {
    match how {
        ConsultationEnd::Completed(conclusion) => completed(conclusion),
        ConsultationEnd::Transferred => WireOutcome::Transferred,
        ConsultationEnd::PatientLeft => WireOutcome::Left,
        ConsultationEnd::PatientLost | ConsultationEnd::PractitionerLost => {
            WireOutcome::ConnectionLost
        }
    }
}

fn completed(conclusion: Conclusion) -> WireOutcome {
    WireOutcome::Completed {
        conclusion: Some(match conclusion {
            Conclusion::Done => desk::Conclusion::Done,
            Conclusion::InPersonNeeded => desk::Conclusion::InPersonNeeded,
            Conclusion::SentToEmergency => desk::Conclusion::SentToEmergency,
            Conclusion::NoShow => desk::Conclusion::NoShow,
        }),
    }
}

pub(super) fn conclusion(conclusion: desk::Conclusion) -> Conclusion {
    match conclusion {
        desk::Conclusion::Done => Conclusion::Done,
        desk::Conclusion::InPersonNeeded => Conclusion::InPersonNeeded,
        desk::Conclusion::SentToEmergency => Conclusion::SentToEmergency,
        desk::Conclusion::NoShow => Conclusion::NoShow,
    }
}

pub(super) fn wished_language(wish: &desk::Wish) -> Result<Option<Language>, ErrorCode> {
    let code = wish.language.as_deref();
    let language = code.map(Language::parse).transpose();
    language.map_err(|_| ErrorCode::Malformed)
}

pub(super) fn language(language: &Language) -> String {
    language.code().to_owned()
}

/// What is spoken by those who practise a service, in a sentence.
pub(crate) fn spoken(clinic: &Clinic, service: ServiceId) -> String {
    let any = || "any language".to_owned();
    clinic.spoken(service).map_or_else(any, |spoken| {
        let codes: Vec<&str> = spoken.iter().map(Language::code).collect();
        codes.join(", ")
    })
}

pub(super) fn answer(answer: desk::Answer) -> Answer {
    match answer {
        desk::Answer::WaitOn => Answer::WaitOn,
        desk::Answer::TakeNext => Answer::TakeNext,
    }
}

pub(super) fn overtake(reason: desk::OvertakeReason) -> Overtake {
    match reason {
        desk::OvertakeReason::ClinicalNeed => Overtake::ClinicalNeed,
        desk::OvertakeReason::Continuity => Overtake::Continuity,
        desk::OvertakeReason::QuickMatter => Overtake::QuickMatter,
        desk::OvertakeReason::ByAgreement => Overtake::ByAgreement,
        desk::OvertakeReason::WaitingRoomFirst => Overtake::WaitingRoomFirst,
    }
}

pub(super) fn urgency(urgency: desk::Urgency) -> Urgency {
    match urgency {
        desk::Urgency::Routine => Urgency::Routine,
        desk::Urgency::Soon => Urgency::Soon,
        desk::Urgency::Urgent => Urgency::Urgent,
    }
}

pub(super) fn wire_urgency(urgency: Urgency) -> desk::Urgency {
    match urgency {
        Urgency::Routine => desk::Urgency::Routine,
        Urgency::Soon => desk::Urgency::Soon,
        Urgency::Urgent => desk::Urgency::Urgent,
    }
}

pub(super) fn duty(duty: desk::Duty) -> Duty {
    match duty {
        desk::Duty::On => Duty::On,
        desk::Duty::Break { until } => Duty::Break { until },
        desk::Duty::Off => Duty::Off,
    }
}

pub(super) fn wire_duty(duty: Duty) -> desk::Duty {
    match duty {
        Duty::On => desk::Duty::On,
        Duty::Break { until } => desk::Duty::Break { until },
        Duty::Off => desk::Duty::Off,
    }
}

pub(super) fn waiting_room(to: desk::WaitingRoom) -> WaitingRoom {
    match to {
        desk::WaitingRoom::Service(service) => WaitingRoom::Service(service),
        desk::WaitingRoom::Practitioner(practitioner) => WaitingRoom::Practitioner(practitioner),
    }
}

pub(super) fn log_entry(entry: &delivery::LogEntry) -> WireEntry {
    WireEntry {
        sequence: entry.sequence,
        sender: entry.sender,
        kind: match entry.kind {
            delivery::LogKind::Commit => WireKind::Commit,
            delivery::LogKind::Welcome => WireKind::Welcome,
            delivery::LogKind::Application => WireKind::Application,
        },
        message: Base64Bytes(entry.message.as_bytes().to_vec()),
    }
}

pub(super) fn group(group: delivery::Group) -> GroupView {
    GroupView {
        generation: group.generation,
        committer: group.committer,
        epoch: group.epoch,
    }
}
