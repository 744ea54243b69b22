//! The states of a visit, drawn from the same function that decides them.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]
#![allow(
    clippy::disallowed_methods,
    reason = "the document is a file; the clinic knows none"
)]

use std::fmt::Write as _;
use std::path::Path;

use vestibule_clinic::{Conclusion, DeclineReason, Event, Outcome, VisitState, WaitingRoom};
use vestibule_vocab::{ConsultationId, PractitionerId, Redacted, Timestamp};

const AT: Timestamp = Timestamp(0);

fn events() -> Vec<Event> {
    let consultation = ConsultationId::from_random(1);
    let practitioner = PractitionerId::from_random(1);
    let (reason, message) = (DeclineReason::Other, Redacted::default());
    vec![
        Event::Arrived,
        Event::Admitted { consultation },
        Event::Called { practitioner },
        Event::CameBack,
        Event::Declined { reason, message },
        Event::Left,
        Event::Stopped,
        Event::Cancelled,
        Event::Held,
        Event::Resumed,
        Event::Transferred {
            to: WaitingRoom::Practitioner(practitioner),
        },
        Event::Completed {
            conclusion: Conclusion::Done,
        },
        Event::PatientLost,
        Event::PractitionerLost,
        Event::NotCome,
        Event::ExpectedAgain,
    ]
}

/// A new event does not compile until it has words here; `events` is checked to have all of them.
fn event_words(event: &Event) -> (usize, &'static str) {
    match event {
        Event::Arrived => (0, "the patient comes to the appointment"),
        Event::Admitted { .. } => (1, "a practitioner admits"),
        Event::Called { .. } => (2, "a practitioner calls"),
        Event::CameBack => (3, "the patient comes back"),
        Event::Declined { .. } => (4, "a practitioner declines, or the quota of whoever comes"),
        Event::Left => (5, "the patient leaves"),
        Event::Stopped => (6, "an answer means an emergency"),
        Event::Cancelled => (7, "the appointment is called off"),
        Event::Held => (8, "the practitioner puts it on hold"),
        Event::Resumed => (9, "the practitioner goes on"),
        Event::Transferred { .. } => (10, "the practitioner hands it on"),
        Event::Completed { .. } => (11, "the practitioner ends the consultation"),
        Event::PatientLost => (12, "the patient is away for too long"),
        Event::PractitionerLost => (13, "the practitioner is away for longer than the grace"),
        Event::NotCome => (14, "the time for the appointment has passed"),
        Event::ExpectedAgain => (
            15,
            "the patient is away for too long, and the appointment's time is not over",
        ),
    }
}

fn state_word(state: &VisitState) -> &'static str {
    match state {
        VisitState::Expected => "Expected",
        VisitState::Waiting => "Waiting",
        VisitState::Admitted { .. } => "Admitted",
        VisitState::InConsultation { .. } => "InConsultation",
        VisitState::OnHold { .. } => "OnHold",
        VisitState::Ended { outcome, .. } => match outcome {
            Outcome::Completed { .. } => "Completed",
            Outcome::Left => "Left",
            Outcome::Declined { .. } => "Declined",
            Outcome::ConnectionLost => "ConnectionLost",
            Outcome::NoShow => "NoShow",
            Outcome::Cancelled => "Cancelled",
            Outcome::Emergency => "Emergency",
        },
    }
}

/// Every state that a visit can reach, in the order in which it is found.
fn reachable() -> Vec<VisitState> {
    let mut states = vec![VisitState::Expected, VisitState::Waiting];
    let mut next = 0;
    while let Some(state) = states.get(next).cloned() {
        for event in events() {
            states.extend(
                state
                    .after(event, AT)
                    .filter(|after| !states.contains(after)),
            );
        }
        next += 1;
    }
    states
}

fn diagram() -> String {
    let mut lines = "stateDiagram-v2\n    [*] --> Expected: an appointment is made\n    \
        [*] --> Waiting: a walk-in arrives\n"
        .to_owned();
    for state in reachable() {
        let from = state_word(&state);
        for event in events() {
            let words = event_words(&event).1;
            if let Some(after) = state.after(event, AT) {
                let to = state_word(&after);
                writeln!(lines, "    {from} --> {to}: {words}").expect("a string grows");
            }
        }
        if !state.is_active() {
            writeln!(lines, "    {from} --> [*]").expect("a string grows");
        }
    }
    lines
}

fn table() -> String {
    let states = reachable();
    let goes_on =
        |state: &&VisitState| events().into_iter().any(|it| state.after(it, AT).is_some());
    let active: Vec<_> = states.iter().filter(goes_on).collect();
    let names: Vec<_> = active.iter().map(|state| state_word(state)).collect();
    let rule = "|---".repeat(active.len());
    let mut lines = format!("| Event | {} |\n|---{rule}|\n", names.join(" | "));
    for event in events() {
        write!(lines, "| {} |", event_words(&event).1).expect("a string grows");
        for state in &active {
            let after = state.after(event.clone(), AT);
            write!(lines, " {} |", after.as_ref().map_or("–", state_word)).expect("a string grows");
        }
        lines.push('\n');
    }
    lines
}

fn document() -> String {
    let (diagram, table) = (diagram(), table());
    format!(
        "# The states of a visit\n\n\
         Written by `crates/clinic-tests/tests/state_table.rs` from the function that decides them, \
         `VisitState::after`;\n\
         `UPDATE_GENERATED=1 cargo test -p vestibule-clinic-tests` writes it anew.\n\n\
         ```mermaid\n{diagram}```\n\n\
         – means that it cannot happen: the request is refused, and nothing changes. A visit that \
         has ended stays so, unless nobody came and a practitioner calls them back.\n\n{table}"
    )
}

#[test]
fn the_document_shows_the_states_as_they_are_decided() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/states/visit.md");
    let document = document();
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("docs can be written");
        std::fs::write(&path, &document).expect("docs can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == document,
        "docs/states/visit.md is stale; run `UPDATE_GENERATED=1 cargo test -p vestibule-clinic-tests`"
    );
}

#[test]
fn every_event_is_drawn() {
    let drawn: Vec<_> = events().iter().map(|event| event_words(event).0).collect();
    assert_eq!(drawn, Vec::from_iter(0..16));
}

#[test]
fn a_visit_that_has_ended_stays_so_unless_nobody_came() {
    for state in reachable().into_iter().filter(|state| !state.is_active()) {
        for event in events() {
            let called = matches!(event, Event::Called { .. });
            let back = called && state_word(&state) == "NoShow";
            assert_eq!(state.after(event, AT).is_some(), back);
        }
    }
}

#[test]
fn the_states_are_five_active_ones_and_seven_outcomes() {
    assert_eq!(reachable().len(), 12);
}
