//! What the clinic's rules refuse, as problems.

use axum::http::StatusCode;
use serde::Serialize;
use vestibule_clinic::calendar::{CalendarError, Period};
use vestibule_clinic::quota::QuotaReached;
use vestibule_clinic::shield::RosterError;
use vestibule_clinic::{Cap, CompanionRefusal, FormFault, GateRefusal, GateRuleFault, Refusal};
use vestibule_vocab::Timestamp;

use super::problem::sentence;
use super::shape::{calendar_problem, roster_problem};
use super::{Code, Problem};

/// The status, the code, and what to do.
type Meaning = (StatusCode, &'static str, &'static str);

// What hours, shifts, and who practises what refuse.
const SERVICE_CLOSED: Meaning = (
    CONFLICT,
    "service_closed",
    "Choose a time that lies within the service's hours from its beginning to its end; `opens_at` is the next that is long enough, where that is known",
);
const OFF_SHIFT: Meaning = (
    CONFLICT,
    "off_shift",
    "Choose a time within a shift and outside its breaks; `opens_at` is the next that is long enough, where one is planned",
);
const QUEUE_CLOSED: Meaning = (
    CONFLICT,
    "queue_closed",
    "Come at `opens_at`, or try later where it is not known",
);
const SHIELDED: Meaning = (
    CONFLICT,
    "shielded",
    "Try again at `opens_at`, or later where it is not known",
);
const NOBODY_PRACTISES: Meaning = (
    CONFLICT,
    "nobody_practises",
    "Have a practitioner practise it, or choose another service",
);
const NOT_PRACTISED: Meaning = (
    WRONG,
    "not_practised",
    "Name somebody who practises it, or leave `practitioner` out",
);
const LANGUAGE_NOT_SPOKEN: Meaning = (
    WRONG,
    "language_not_spoken",
    "Choose a language that somebody speaks who practises it, or leave `language` out",
);
const FORM_MISSING: Meaning = (
    WRONG,
    "form_missing",
    "Give the service a form that asks something, or take the gates `symptom_form` and `emergency_screen` away, or have them opened by hand",
);
const INVALID_ORDER: Meaning = (
    WRONG,
    "invalid_order",
    "Make `urgent` of the service's order worth at least as much as `soon`",
);
const NO_REGULAR: Meaning = (
    CONFLICT,
    "no_regular",
    "Say who it is with PUT /patients/{patient}/regular, name somebody in `practitioner`, or leave both out",
);
const QUOTA_REACHED: Meaning = (
    CONFLICT,
    "quota_reached",
    "Choose a time at or after `opens_at`, when the quota holds one more",
);
const INVALID_BREAK: Meaning = (
    WRONG,
    "invalid_break",
    "Give a later `until`, or null where nobody knows when it ends",
);

/// A refusal of the rules. Each of their codes stays as it is.
pub(crate) fn refusal(refusal: Refusal) -> Problem {
    let (status, code, advice) = match refusal {
        Refusal::NotFound => return Problem::of(Code::UnknownReference),
        Refusal::Gate(gate) => return gate_refusal(gate),
        Refusal::Companion(why) => return companion_refusal(why),
        Refusal::Unavailable => return Problem::of(Code::Unavailable),
        Refusal::InvalidName => (
            WRONG,
            "invalid_name",
            "Send one line of 1 to 100 characters, as somebody types it",
        ),
        Refusal::InvalidText => (
            WRONG,
            "invalid_text",
            "Shorten it, and leave out characters that nobody sees: control characters, and those that turn the direction of a text",
        ),
        Refusal::InvalidCode => (
            WRONG,
            "invalid_code",
            "Write a code such as general_practice",
        ),
        Refusal::InvalidTime => (
            WRONG,
            "invalid_time",
            "Choose a time that is not over, within two years, and 1 minute to 8 hours long",
        ),
        Refusal::TooMany => (CONFLICT, "too_many", "Take some away first"),
        Refusal::NoRegular => NO_REGULAR,
        Refusal::UnknownPatient => return Problem::of(Code::UnknownPatient),
        Refusal::AppointmentOverlaps => (CONFLICT, "appointment_overlaps", "Choose another time"),
        Refusal::VisitActive => (
            CONFLICT,
            "visit_active",
            "The patient came, and an appointment can be cancelled only before; the practitioner decides now",
        ),
        Refusal::VisitEnded => (
            CONFLICT,
            "visit_ended",
            "Nothing more can be done with it, and no answer to its gates opens it again; book another appointment",
        ),
        Refusal::VisitNotWaiting => (CONFLICT, "visit_not_waiting", "Read the visit again"),
        Refusal::ServiceClosed { .. } => SERVICE_CLOSED,
        Refusal::OffShift { .. } => OFF_SHIFT,
        Refusal::FormMissing => FORM_MISSING,
        Refusal::InvalidOrder => INVALID_ORDER,
        Refusal::QueueClosed { .. } => QUEUE_CLOSED,
        Refusal::NobodyPractises => NOBODY_PRACTISES,
        Refusal::NotPractised => NOT_PRACTISED,
        Refusal::LanguageNotSpoken => LANGUAGE_NOT_SPOKEN,
        Refusal::InvalidBreak => INVALID_BREAK,
        Refusal::WaitingRoomFull => (CONFLICT, "waiting_room_full", "Try again later"),
        Refusal::QuotaReached(_) => QUOTA_REACHED,
        Refusal::Shielded(_) => SHIELDED,
        Refusal::GatesShut => (CONFLICT, "gates_shut", "Have the gates answered first"),
        Refusal::LimitReached => (CONFLICT, "limit_reached", "Try again later"),
        // What only pages ask for; none of the API's requests leads here.
        Refusal::PatientAway
        | Refusal::PatientThere
        | Refusal::PractitionerBusy
        | Refusal::OffDuty
        | Refusal::NotInConsultation
        | Refusal::BookedOtherwise
        | Refusal::NoForm
        | Refusal::Answer(_)
        | Refusal::Consent(_)
        | Refusal::OthersWaitTooLong
        | Refusal::OvertakeNeedsAReason
        | Refusal::NotAChoice
        | Refusal::NothingToChoose => (CONFLICT, "refused", "Read the visit again"),
    };
    told(status, code, &refusal, advice).opening(refusal.opens_at())
}

/// What the API's requests can be refused with by the rules, for the page that says what each code means.
const REFUSED: [Refusal; 38] = [
    Refusal::InvalidName,
    Refusal::InvalidText,
    Refusal::InvalidCode,
    Refusal::InvalidTime,
    Refusal::TooMany,
    Refusal::AppointmentOverlaps,
    Refusal::NoRegular,
    Refusal::VisitActive,
    Refusal::VisitEnded,
    Refusal::VisitNotWaiting,
    Refusal::ServiceClosed { opens_at: None },
    Refusal::OffShift { opens_at: None },
    Refusal::NobodyPractises,
    Refusal::NotPractised,
    Refusal::LanguageNotSpoken,
    Refusal::FormMissing,
    Refusal::InvalidOrder,
    Refusal::InvalidBreak,
    Refusal::QuotaReached(QuotaReached {
        limit: Cap::ONE,
        period: Period::Day,
        opens_at: Timestamp(0),
    }),
    Refusal::GatesShut,
    Refusal::LimitReached,
    Refusal::Gate(GateRefusal::GateNotRequired),
    Refusal::Gate(GateRefusal::GateAnswered),
    Refusal::Gate(GateRefusal::GateExpired),
    Refusal::Gate(GateRefusal::GateAskedTooOften),
    Refusal::Gate(GateRefusal::ExceptionNeeded),
    Refusal::Gate(GateRefusal::ExceptionNotAllowed),
    Refusal::Gate(GateRefusal::ForeignReason),
    Refusal::Gate(GateRefusal::NotReady),
    Refusal::Gate(GateRefusal::Admitted),
    Refusal::Gate(GateRefusal::Emergency),
    Refusal::Companion(CompanionRefusal::TooManyInvitations),
    Refusal::Companion(CompanionRefusal::InvalidValidity),
    Refusal::Companion(CompanionRefusal::InvitationUsed),
    Refusal::Companion(CompanionRefusal::InvitationWithdrawn),
    Refusal::Companion(CompanionRefusal::InvitationExpired),
    Refusal::Companion(CompanionRefusal::AlreadyCompanion),
    Refusal::Companion(CompanionRefusal::ConsultationFull),
];

/// The problems of the clinic's rules: of what is asked, and of the parts of what is set. A few codes come several times, each
/// time for something else that is alike.
pub(super) fn of_the_rules() -> impl Iterator<Item = Problem> {
    let asked = REFUSED.into_iter().map(refusal);
    let gates = GateRuleFault::ALL.into_iter();
    let forms = FormFault::ALL.into_iter();
    let parts = gates.map(|fault| wrong(&fault, &fault));
    let parts = parts.chain(forms.map(|fault| wrong(&fault, &fault)));
    let hours = CalendarError::ALL.into_iter().map(calendar_problem);
    let shifts = RosterError::ALL.into_iter().map(roster_problem);
    asked.chain(parts).chain(hours).chain(shifts)
}

const WRONG: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
const CONFLICT: StatusCode = StatusCode::CONFLICT;

fn gate_refusal(gate: GateRefusal) -> Problem {
    let (status, advice) = match gate {
        GateRefusal::GateNotYours => return Problem::of(Code::NotYourGate),
        GateRefusal::GateNotRequired => (CONFLICT, "Answer one of the gates that the visit lists"),
        GateRefusal::GateAnswered => (
            CONFLICT,
            "What somebody of the clinic decided by hand, no system changes; asked again is only what its system refused or did not answer in time",
        ),
        GateRefusal::GateExpired => (
            CONFLICT,
            "Have it asked again: the patient may where the service lets them, staff always (`POST /visits/ID/gates/ask`)",
        ),
        GateRefusal::GateAskedTooOften => (
            CONFLICT,
            "Staff may still have it asked again, or open it by an exception",
        ),
        GateRefusal::ExceptionNeeded => (WRONG, "Name one of the gate's exceptions, if it has any"),
        GateRefusal::ExceptionNotAllowed => (
            WRONG,
            "Leave the exception out, or have the service allow it",
        ),
        GateRefusal::ForeignReason => (WRONG, "Give a reason of this kind of gate, or `other`"),
        GateRefusal::InvalidText => (
            WRONG,
            "Send at most 300 characters, without those that nobody sees",
        ),
        GateRefusal::NotReady => (CONFLICT, "Have the other gates answered first"),
        GateRefusal::Admitted => (CONFLICT, "Nothing more needs to be answered"),
        GateRefusal::Emergency => (CONFLICT, "Nothing more can be done with it"),
    };
    told(status, code_of(&gate), &gate, advice)
}

fn companion_refusal(why: CompanionRefusal) -> Problem {
    let advice = match why {
        CompanionRefusal::NotFound => return Problem::of(Code::NotFound),
        // The next try draws another id.
        CompanionRefusal::InvitationExists => return Problem::of(Code::Unavailable),
        CompanionRefusal::TooManyInvitations => "Nobody more can be invited to this visit",
        CompanionRefusal::InvalidValidity => "Invite nearer to the appointment",
        CompanionRefusal::InvitationUsed
        | CompanionRefusal::InvitationWithdrawn
        | CompanionRefusal::InvitationExpired
        | CompanionRefusal::AlreadyCompanion => "Make another invitation",
        CompanionRefusal::ConsultationFull => "Take somebody else's invitation back first",
    };
    told(CONFLICT, code_of(&why), &why, advice)
}

/// A refusal, with what to do next.
pub(super) fn told(
    status: StatusCode,
    code: impl Into<std::borrow::Cow<'static, str>>,
    what: &dyn std::fmt::Display,
    advice: &str,
) -> Problem {
    let title = sentence(&what.to_string());
    let detail = format!("{title}. {advice}.");
    Problem::new(status, code, &title, detail)
}

/// Something that the rules find wrong with a part of a body, under its own code.
pub(super) fn wrong(code: &impl Serialize, what: &dyn std::fmt::Display) -> Problem {
    told(WRONG, code_of(code), what, "Mend it and send it again")
}

/// The code of a fault is the word by which it is serialized.
fn code_of(fault: &impl Serialize) -> String {
    let word = serde_json::to_value(fault).ok();
    let word = word.as_ref().and_then(serde_json::Value::as_str);
    word.unwrap_or("refused").to_owned()
}
