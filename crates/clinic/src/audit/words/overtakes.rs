//! Why one visit was seen before another, in words for either.

use super::room;
use crate::audit::Passed;
use crate::audit::overtaking::Why;
use crate::{Overtake, WaitingRoom};

/// Whose story it is.
#[derive(Clone, Copy, Debug)]
pub(in crate::audit) enum Side {
    /// Theirs who were seen, and passed so many for this reason.
    Before(u32),
    /// Theirs who were passed.
    Behind,
}

/// Why, as the end of a sentence; and whether those who were passed had appointments.
pub(in crate::audit) fn because(why: Why, side: Side, appointments: bool) -> String {
    let words = |reason| words(reason, side, appointments);
    match why {
        Why::Known(reason) => {
            let (code, why) = words(reason);
            format!(", because {why} (`{code}`)")
        }
        Why::HinderedOr(reason) => {
            let (code, why) = words(reason);
            let (_, hindered) = words(Overtake::NobodyBeforeWasReady);
            format!(
                ", because {why} (`{code}`), or because {hindered}: it is not written down which"
            )
        }
    }
}

/// A reason's code, and what follows "because".
fn words(reason: Overtake, side: Side, appointments: bool) -> (&'static str, String) {
    let theirs = |does| hindered(side, does);
    match reason {
        Overtake::Called => (
            "called",
            "it had been called while its patient was away".to_owned(),
        ),
        Overtake::Urgency => ("urgency", "staff had marked it as more urgent".to_owned()),
        Overtake::Appointment => ("appointment", appointment(side, appointments).to_owned()),
        Overtake::Credit => (
            "credit",
            "its service counts an urgency for more".to_owned(),
        ),
        Overtake::NobodyBeforeWasReady => (
            "nobody_before_was_ready",
            theirs("away, not ready, or of another language"),
        ),
        Overtake::Away => ("away", theirs("away")),
        Overtake::NotReady => ("not_ready", theirs("not ready, with a gate still shut")),
        Overtake::OtherLanguage => (
            "other_language",
            theirs("waiting for a language that the practitioner does not speak"),
        ),
        Overtake::Named => ("named", named(side).to_owned()),
        Overtake::ClinicalNeed => (
            "clinical_need",
            "the practitioner chose so for a clinical need".to_owned(),
        ),
        Overtake::Continuity => (
            "continuity",
            "the practitioner chose so to see again somebody whom they know".to_owned(),
        ),
        Overtake::QuickMatter => (
            "quick_matter",
            "the practitioner chose so for a matter that takes little time".to_owned(),
        ),
        Overtake::ByAgreement => (
            "by_agreement",
            "the practitioner said that those before it agreed".to_owned(),
        ),
        Overtake::WaitingRoomFirst => (
            "waiting_room_first",
            "the practitioner chose to see those of its waiting room first".to_owned(),
        ),
    }
}

/// What was so of whoever was passed and could not be admitted.
fn hindered(side: Side, what: &str) -> String {
    match side {
        Side::Before(1) => format!("that patient was {what}"),
        Side::Before(_) => format!("those patients were {what}"),
        Side::Behind => format!("the patient of this visit was {what}"),
    }
}

/// One of both had an appointment: whoever was passed by somebody without one had one that lay later.
fn appointment(side: Side, appointments: bool) -> &'static str {
    match (side, appointments) {
        (Side::Before(1), false) => "it had an appointment, and the other had none",
        (Side::Before(_), false) => "it had an appointment, and the others had none",
        (Side::Behind, false) => "it had an appointment, and this visit had none",
        (Side::Before(1), true) => "the appointment of the other lay later",
        (Side::Before(_), true) => "the appointments of the others lay later",
        (Side::Behind, true) => "the appointment of this visit lay later",
    }
}

fn named(side: Side) -> &'static str {
    match side {
        Side::Before(1) => {
            "it waited for this practitioner alone, and the other for whoever is free"
        }
        Side::Before(_) => {
            "it waited for this practitioner alone, and the others for whoever is free"
        }
        Side::Behind => "it waited for this practitioner alone, and this visit for whoever is free",
    }
}

/// So many of one waiting room who were passed. Whoever came earlier and stood before is in both numbers.
pub(in crate::audit) fn passed(passed: &Passed, count: u32, own: Option<WaitingRoom>) -> String {
    let room = if own == Some(passed.waiting_room) {
        "its waiting room".to_owned()
    } else {
        room(passed.waiting_room)
    };
    let others = if count == 1 { "other" } else { "others" };
    let did = if count == 1 {
        how(passed)
    } else {
        how_many(passed)
    };
    format!("{count} {others} in {room} ({did})")
}

/// How the only one was passed.
fn how(passed: &Passed) -> String {
    let did = match (passed.earlier > 0, passed.before > 0) {
        (true, true) => "who had come earlier and stood before it",
        (true, false) => "who had come earlier",
        (false, _) => "who stood before it",
    };
    did.to_owned()
}

fn how_many(passed: &Passed) -> String {
    let counts = [
        (passed.earlier, "had come earlier"),
        (passed.before, "stood before it"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let counts: Vec<_> = counts
        .map(|(count, did)| format!("{count} {did}"))
        .collect();
    counts.join(", ")
}
