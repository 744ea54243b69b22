//! The codes of the audit log in words.

mod overtakes;

use vestibule_vocab::Millis;

pub(super) use overtakes::{Side, because, passed};

use super::explain::Stage;
use super::{Actor, CompanionStep, GateOutcome};
use crate::{
    CompanionRole, Conclusion, ConsentAct, DeclineReason, Event, GateException, GateKind,
    GateReason, Urgency, WaitingRoom,
};

/// Who did it, at the beginning of a sentence.
pub(super) fn by(actor: Actor) -> String {
    match actor {
        Actor::Patient(_) => "The patient".to_owned(),
        Actor::Practitioner(who) => format!("Practitioner {}", who.to_text()),
        Actor::Companion(_) => "A companion".to_owned(),
        Actor::Administration => "The clinic".to_owned(),
        Actor::System(key) => format!("A system, by the API key {},", key.to_text()),
        Actor::Time => "The passing of time".to_owned(),
    }
}

/// What became of an invitation to come along. A visit may have many: each is told of by its number.
pub(super) fn accompanied(
    who: &str,
    number: usize,
    role: CompanionRole,
    step: CompanionStep,
) -> String {
    let (whom, they) = match role {
        CompanionRole::Parent => ("a parent", "The parent"),
        CompanionRole::Interpreter => ("an interpreter", "The interpreter"),
        CompanionRole::SecondPractitioner => ("a second practitioner", "The second practitioner"),
        CompanionRole::Other => ("a companion", "The companion"),
    };
    let invitation = format!("invitation {number}");
    match step {
        CompanionStep::Invited => format!("{who} invited {whom} to come along ({invitation})."),
        CompanionStep::Accepted => format!("{they} came by {invitation}."),
        CompanionStep::Withdrawn => format!("{who} took back {invitation}, of {whom}."),
        CompanionStep::Expired => {
            format!("Nobody came by {invitation}, of {whom}, and it expired.")
        }
        CompanionStep::Left => format!("{they} who had come by {invitation} left."),
        CompanionStep::Lost => {
            format!("{they} who had come by {invitation} was away for too long.")
        }
        CompanionStep::CameBack => format!("{they} who had come by {invitation} came back."),
        CompanionStep::Declined => {
            format!("{who} declined to come along as {whom} ({invitation}).")
        }
    }
}

/// Whose visit it is, by the id that an export or an erasure asks for.
pub(super) fn patient(actor: Actor) -> String {
    match actor {
        Actor::Patient(who) => format!("Patient {}", who.to_text()),
        Actor::Practitioner(_)
        | Actor::Companion(_)
        | Actor::Administration
        | Actor::System(_)
        | Actor::Time => "The patient".to_owned(),
    }
}

/// Where somebody waits.
pub(super) fn room(room: WaitingRoom) -> String {
    match room {
        WaitingRoom::Service(id) => format!("the waiting room of service {}", id.to_text()),
        WaitingRoom::Practitioner(id) => {
            format!("the waiting room of practitioner {}", id.to_text())
        }
    }
}

/// A length, to the second.
pub(super) fn length(length: Millis) -> String {
    let seconds = length.0 / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let parts = [(hours, "h"), (minutes, "min"), (seconds, "s")];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<_> = parts
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    if parts.is_empty() {
        "no time".to_owned()
    } else {
        parts.join(" ")
    }
}

/// What happened to a visit that was so far, as a sentence.
pub(super) fn happened(actor: Actor, event: &Event, stage: Stage) -> String {
    let who = by(actor);
    match event {
        Event::PatientLost if stage == Stage::Called => {
            "Nobody came in time, and it was noted as a no-show.".to_owned()
        }
        // Of those that have ended, only one whose patient did not come is called back.
        Event::Called { practitioner } if stage == Stage::Ended => {
            let who = practitioner.to_text();
            format!(
                "Practitioner {who} called the patient back, who had not come, and the visit was taken up again."
            )
        }
        Event::Arrived => format!("{} came to the appointment.", patient(actor)),
        Event::Admitted { consultation } => {
            format!(
                "{who} admitted it: consultation {} began.",
                consultation.to_text()
            )
        }
        Event::Called { practitioner } => {
            let who = practitioner.to_text();
            format!("Practitioner {who} called the patient, who was away.")
        }
        Event::CameBack => "The patient came back in time.".to_owned(),
        Event::Declined { reason, .. } => {
            format!("{who} turned it away (`{}`).", declined(*reason))
        }
        Event::Left => "The patient left.".to_owned(),
        Event::Stopped => {
            "An answer of the patient meant an emergency: they were shown 112, and the visit ended.".to_owned()
        }
        Event::Cancelled => format!("{who} cancelled the appointment."),
        Event::Held => format!("{who} put the consultation on hold."),
        Event::Resumed => format!("{who} went on with the consultation."),
        Event::Transferred { to } => format!("{who} handed it on to {}.", room(*to)),
        Event::Completed { conclusion } => {
            format!("{who} ended the consultation (`{}`).", concluded(*conclusion))
        }
        Event::PatientLost => "The patient was away for too long, and the visit ended.".to_owned(),
        Event::PractitionerLost => {
            "The practitioner was away for too long, so the consultation ended and the patient waits again.".to_owned()
        }
        Event::NotCome => "The patient did not come to the appointment.".to_owned(),
        Event::ExpectedAgain => {
            "The patient was away for too long before the appointment's time was over, and is expected again (`expected_again`)."
                .to_owned()
        }
    }
}

/// How soon, as what it was marked.
pub(super) fn urgency(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Routine => "`routine`",
        Urgency::Soon => "`soon`",
        Urgency::Urgent => "`urgent`",
    }
}

/// How a gate was answered, or that nobody did. A patient opens none: by what they do they pass it, or do not.
pub(super) fn gated(
    actor: Actor,
    kind: &GateKind,
    outcome: GateOutcome,
    (exception, reason): (Option<GateException>, Option<GateReason>),
) -> String {
    let (who, gate) = (by(actor), gate(kind));
    let reason = reason.map_or(String::new(), |it| format!(" (`{}`)", refused(it)));
    let passes = matches!(actor, Actor::Patient(_));
    match outcome {
        GateOutcome::Asked => format!("There the gate `{gate}` is asked for."),
        GateOutcome::Dropped => {
            format!("There the gate `{gate}`, which was shut, is not asked for.")
        }
        GateOutcome::Pending if matches!(kind, GateKind::Companion { .. }) => {
            format!("The gate `{gate}` is shut until they are there.")
        }
        GateOutcome::Pending => format!("{who} had the gate `{gate}` asked again."),
        GateOutcome::Open => {
            let did = if passes { "passed" } else { "opened" };
            let exception = exception.map_or(String::new(), by_exception);
            format!("{who} {did} the gate `{gate}`{exception}.")
        }
        GateOutcome::Refused if passes => format!("{who} did not pass the gate `{gate}`{reason}."),
        GateOutcome::Refused => format!("{who} shut the gate `{gate}`{reason}."),
        GateOutcome::Expired => format!("Nobody answered the gate `{gate}` in time."),
    }
}

/// A gate that was open is open by another exception, or by none any more.
pub(super) fn open_otherwise(
    who: &str,
    kind: &GateKind,
    exception: Option<GateException>,
) -> String {
    let gate = gate(kind);
    let by = exception.map_or(" without an exception".to_owned(), by_exception);
    format!("{who} changed why the gate `{gate}` is open: it is open{by}.")
}

/// Which gate.
fn gate(gate: &GateKind) -> String {
    match gate {
        GateKind::Entitlement { insurer } => format!("{gate}: {insurer}"),
        GateKind::Identity
        | GateKind::Eligibility
        | GateKind::Consent
        | GateKind::SymptomForm
        | GateKind::EmergencyScreen
        | GateKind::Payment
        | GateKind::Quota
        | GateKind::Companion { .. }
        | GateKind::DeviceCheck => gate.to_string(),
    }
}

/// By which coded exception a gate is open.
fn by_exception(exception: GateException) -> String {
    let code = match exception {
        GateException::OwnDoctorNotAvailable => "own_doctor_not_available",
        GateException::OnCallService => "on_call_service",
        GateException::CannotTravel => "cannot_travel",
        GateException::IdentityVouched => "identity_vouched",
        GateException::EntitlementProven => "entitlement_proven",
        GateException::AskedByVoice => "asked_by_voice",
        GateException::PaidOtherwise => "paid_otherwise",
        GateException::PaymentWaived => "payment_waived",
        GateException::MedicallyNeeded => "medically_needed",
        GateException::CompanionNotNeeded => "companion_not_needed",
        GateException::DeviceAccepted => "device_accepted",
    };
    format!(" by the exception `{code}`")
}

/// Why a gate was refused.
fn refused(reason: GateReason) -> &'static str {
    match reason {
        GateReason::LevelTooLow => "level_too_low",
        GateReason::NotEligible => "not_eligible",
        GateReason::NotEntitled => "not_entitled",
        GateReason::ConsentRefused => "consent_refused",
        GateReason::ConsentRevoked => "consent_revoked",
        GateReason::NotPaid => "not_paid",
        GateReason::QuotaReached => "quota_reached",
        GateReason::DeviceUnsuitable => "device_unsuitable",
        GateReason::Other => "other",
    }
}

/// What the patient did about consent.
pub(super) fn consent(act: ConsentAct) -> &'static str {
    match act {
        ConsentAct::Given => "consented to the text",
        ConsentAct::Refused => "refused to consent to the text",
        ConsentAct::Revoked => "took back the consent to the text",
    }
}

fn declined(reason: DeclineReason) -> &'static str {
    match reason {
        DeclineReason::InPersonNeeded => "in_person_needed",
        DeclineReason::WrongService => "wrong_service",
        DeclineReason::NoTimeLeft => "no_time_left",
        DeclineReason::Emergency => "emergency",
        DeclineReason::QuotaReached => "quota_reached",
        DeclineReason::Other => "other",
    }
}

fn concluded(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Done => "done",
        Conclusion::InPersonNeeded => "in_person_needed",
        Conclusion::SentToEmergency => "sent_to_emergency",
        Conclusion::NoShow => "no_show",
    }
}
