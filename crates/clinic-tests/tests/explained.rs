//! The audit log says in sentences why somebody was seen in this order.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use support::*;
use vestibule_clinic::audit::{Entry, Explanation, Replay, Sentence};
use vestibule_clinic::calendar::Zone;
use vestibule_clinic::limits::LOOKED_AT;
use vestibule_clinic::{
    Answer, AnsweredBy, Arriving, Decision, Declining, Duty, GateAnswer, GateException, GateKind,
    GateReason, Input, Knowledge, Language, Learning, Overtake, Practitioner, Relation, Service,
    Teller, Urgency, WaitingRoom,
};
use vestibule_vocab::Millis;

/// A clinic that is told what happens, and its log.
struct Told {
    world: World,
    log: Vec<Entry>,
}

impl Told {
    fn new() -> Self {
        let mut told = Self {
            world: World::new(),
            log: Vec::new(),
        };
        for number in 1..=3 {
            told.tell(Input::PractitionerConnected {
                practitioner: practitioner(number),
            });
        }
        told
    }

    fn tell(&mut self, input: Input) {
        let outputs = self.world.outputs(input);
        self.log.extend(outputs.audit);
        self.world.now = self.world.now.plus(minutes(1));
    }

    fn speaks(&mut self, number: u32, language: &str) {
        let services = if number == 1 { vec![1] } else { vec![1, 2] };
        self.tell(Input::SetPractitioner {
            practitioner: Box::new(Practitioner {
                languages: Language::parse(language).into_iter().collect(),
                ..Practitioner::named(
                    practitioner(number),
                    "Dr Martin",
                    services.into_iter().map(service),
                )
            }),
        });
    }

    fn of(&self, number: u32) -> Vec<String> {
        let zone = Zone::parse("UTC").unwrap();
        let mut explanation = Explanation::of(visit(number), zone);
        for entry in &self.log {
            explanation.take(entry);
        }
        let sentences = explanation.sentences();
        sentences
            .into_iter()
            .map(|Sentence { text, .. }| text)
            .collect()
    }
}

fn all(sentences: &[String]) -> String {
    sentences.join("\n")
}

#[test]
fn m25_who_is_seen_in_turn_is_told_so() {
    let mut told = Told::new();
    told.tell(arrival(1));
    told.tell(arrival(2));
    told.tell(admission(1, 1));
    told.tell(end(1, 1));
    let story = told.of(1);
    assert_eq!(story.len(), 3);
    let begins = format!(
        "Patient {} walked in without an appointment. It waits in the waiting room of service ",
        patient(1).to_text()
    );
    assert!(story[0].starts_with(&begins), "{}", story[0]);
    assert!(
        story[0].contains("as arrival 1, and counts from 1970-01-12 13:"),
        "{}",
        story[0]
    );
    assert!(story[1].contains("It had waited 2 min."), "{}", story[1]);
    assert!(story[1].contains("It was seen in turn"), "{}", story[1]);
    assert!(
        story[2].contains("ended the consultation (`done`)"),
        "{}",
        story[2]
    );
}

#[test]
fn every_overtake_is_told_on_both_sides_with_its_coded_reason() {
    let mut told = Told::new();
    for number in 1..=3 {
        told.tell(arrival(number));
    }
    let (visit, urgency) = (visit(3), Urgency::Urgent);
    told.tell(decided(1, Decision::SetUrgency { visit, urgency }));
    told.tell(admission(1, 3));
    told.tell(admission_because(2, 2, Some(Overtake::QuickMatter)));
    told.tell(end(1, 3));
    told.tell(admission(1, 1));

    let first = all(&told.of(1));
    let third = visit.to_text();
    assert!(first.contains(&format!("Visit {third}, which came later, was seen before it, because staff had marked it as more urgent (`urgency`).")), "{first}");
    assert!(
        first.contains(
            "because the practitioner chose so for a matter that takes little time (`quick_matter`)"
        ),
        "{first}"
    );
    assert!(
        first.contains("2 who came later or stood behind it had been seen before it"),
        "{first}"
    );
    let third = all(&told.of(3));
    assert!(third.contains("marked it as `urgent`"), "{third}");
    assert!(third.contains("less a credit of 1 h 30 min"), "{third}");
    assert!(third.contains("It was seen before 2 others in its waiting room (2 had come earlier), because staff had marked it as more urgent (`urgency`)."), "{third}");
}

#[test]
fn whoever_came_earlier_and_is_seen_before_somebody_more_urgent_is_told_on_both_sides() {
    let mut told = Told::new();
    told.tell(arrival(1));
    told.tell(arrival(2));
    let (urgent, urgency) = (visit(2), Urgency::Urgent);
    let visit = urgent;
    told.tell(decided(1, Decision::SetUrgency { visit, urgency }));
    told.tell(admission_because(1, 1, Some(Overtake::QuickMatter)));
    let first = all(&told.of(1));
    assert!(
        first.contains(
            "It was seen before 1 other in its waiting room (who stood before it), because"
        ),
        "{first}"
    );
    let second = all(&told.of(2));
    assert!(
        second.contains(", which stood behind it, was seen before it, because"),
        "{second}"
    );
}

#[test]
fn an_overtake_over_two_waiting_rooms_of_one_practitioner_is_told_on_both_sides() {
    let mut told = Told::new();
    told.tell(arrival(1));
    told.tell(arrival_for(2, 1));
    told.tell(admission(1, 2));
    told.tell(end(1, 2));
    let service = match pool(1) {
        WaitingRoom::Service(id) => id.to_text(),
        WaitingRoom::Practitioner(_) => String::new(),
    };
    let second = all(&told.of(2));
    let passed = format!(
        "It was seen before 1 other in the waiting room of service {service} (who had come earlier and stood before it), \
         because it waited for this practitioner alone, and the other for whoever is free (`named`)."
    );
    assert!(second.contains(&passed), "{second}");
    assert!(!second.contains("seen in turn"), "{second}");
    let first = all(&told.of(1));
    let by = format!(
        "Visit {}, which came later and waited in the waiting room of practitioner {}, was seen before it by a \
         practitioner who looks after both, because it waited for this practitioner alone, and this visit for whoever is \
         free (`named`).",
        visit(2).to_text(),
        practitioner(1).to_text()
    );
    assert!(first.contains(&by), "{first}");
}

#[test]
fn whoever_is_seen_by_a_practitioner_who_does_not_look_after_ones_waiting_room_passes_nobody() {
    let mut told = Told::new();
    told.tell(arrival_for(1, 2));
    told.tell(arrival(2));
    told.tell(admission(1, 2));
    assert_eq!(told.of(1).len(), 1);
    assert!(all(&told.of(2)).contains("It was seen in turn"));
}

/// Somebody who waits goes away, is called, comes back and is admitted.
fn called_while_away(told: &mut Told) {
    told.tell(Input::PatientDisconnected {
        patient: patient(1),
    });
    told.tell(call(1, 1));
    told.tell(Input::PatientConnected {
        patient: patient(1),
    });
    told.tell(admission(1, 1));
}

#[test]
fn whoever_is_called_waits_on_while_they_are_away() {
    let mut told = Told::new();
    told.tell(arrival(1));
    called_while_away(&mut told);
    let story = all(&told.of(1));
    assert!(story.contains("It had waited 4 min."), "{story}");
}

#[test]
fn a_colleague_who_said_no_is_told() {
    let mut told = Told::new();
    told.tell(arrival(1));
    let by = vestibule_clinic::Host::Practitioner {
        practitioner: practitioner(1),
    };
    let role = vestibule_clinic::CompanionRole::SecondPractitioner;
    told.tell(Input::Invite(vestibule_clinic::Inviting {
        colleague: Some(practitioner(2)),
        ..inviting(1, by, 1, role)
    }));
    told.tell(Input::DeclineInvitation(Declining {
        practitioner: practitioner(2),
        invitation: invitation(1),
    }));
    let said = format!(
        "Practitioner {} declined to come along as a second practitioner (invitation 1).",
        practitioner(2).to_text()
    );
    assert!(all(&told.of(1)).contains(&said), "{}", all(&told.of(1)));
}

fn host() -> vestibule_clinic::Host {
    vestibule_clinic::Host::Practitioner {
        practitioner: practitioner(1),
    }
}

#[test]
fn of_several_invitations_the_story_says_which_and_of_a_companion_that_they_were_one() {
    let mut told = Told::new();
    told.tell(arrival(1));
    use vestibule_clinic::CompanionRole::{Interpreter, Other};
    for (number, role) in [(1, Interpreter), (2, Other)] {
        told.tell(Input::Invite(inviting(1, host(), number, role)));
    }
    told.tell(accepts(1, 2));
    told.tell(Input::CompanionLeaves {
        companion: companion(2),
    });
    told.tell(Input::WithdrawInvitation(vestibule_clinic::Withdrawing {
        visit: visit(1),
        by: host(),
        invitation: invitation(1),
    }));
    let story = all(&told.of(1));
    for part in [
        " invited an interpreter to come along (invitation 1).",
        " invited a companion to come along (invitation 2).",
        "The companion came by invitation 2.",
        "The companion who had come by invitation 2 left.",
        " took back invitation 1, of an interpreter.",
    ] {
        assert!(story.contains(part), "{part} is not in:\n{story}");
    }
}

#[test]
fn whoever_is_passed_for_an_appointment_is_told_what_is_true_of_both() {
    let mut told = Told::new();
    let at = told.world.now.plus(minutes(10));
    told.tell(Input::Book(Box::new(booking(2, at))));
    told.tell(Input::Book(Box::new(booking(3, at.plus(minutes(15))))));
    for number in [1, 3, 2] {
        told.tell(arrival(number));
    }
    told.tell(admission(1, 2));
    let passed = |number| all(&told.of(number));
    let none = "because it had an appointment, and this visit had none (`appointment`).";
    assert!(passed(1).contains(none), "{}", passed(1));
    let later = "because the appointment of this visit lay later (`appointment`).";
    assert!(passed(3).contains(later), "{}", passed(3));
    let seen = passed(2);
    for part in [
        "because it had an appointment, and the other had none (`appointment`).",
        "because the appointment of the other lay later (`appointment`).",
    ] {
        assert!(seen.contains(part), "{part} is not in:\n{seen}");
    }
}

#[test]
fn why_a_gate_is_shut_and_by_which_exception_it_is_open_from_now_on_is_told() {
    let mut told = Told::new();
    let gates = serde_json::json!([
        { "requires": { "gate": "payment" }, "opened_by": { "who": "hand" } },
        { "requires": { "gate": "eligibility", "any_of": ["referred"] }, "opened_by": { "who": "built_in" },
          "exceptions": ["cannot_travel"] },
    ]);
    told.tell(Input::SetService {
        service: Box::new(Service {
            gates: serde_json::from_value(gates).unwrap(),
            ..Service::named(service(1), "General practice")
        }),
    });
    told.tell(arrival(1));
    told.tell(Input::Gate {
        visit: visit(1),
        gate: GateKind::Payment,
        by: AnsweredBy::Staff,
        answer: GateAnswer::Refuse {
            reason: GateReason::NotPaid,
            message: text("no card"),
        },
    });
    for (relations, claimed) in [
        (vec![], None),
        (vec![Relation::Referred], None),
        (vec![], Some(GateException::CannotTravel)),
        (vec![Relation::Referred], None),
    ] {
        let relations = relations.into_iter().collect();
        told.tell(Input::Learn(Learning {
            visit: visit(1),
            from: Teller::Clinic,
            knowledge: Knowledge::Eligibility { relations, claimed },
        }));
    }
    let story = told.of(1);
    let gates = [
        "The clinic shut the gate `payment` (`not_paid`).",
        "The clinic shut the gate `eligibility` (`not_eligible`).",
        "The clinic opened the gate `eligibility`.",
        "The clinic changed why the gate `eligibility` is open: it is open by the exception `cannot_travel`.",
        "The clinic changed why the gate `eligibility` is open: it is open without an exception.",
    ];
    assert_eq!(story[1..], gates, "{story:#?}");
    for entry in &told.log {
        let stored = serde_json::to_string(entry).unwrap();
        assert_eq!(serde_json::from_str::<Entry>(&stored).unwrap(), *entry);
    }
}

#[test]
fn whoever_did_not_come_and_is_called_back_is_told_apart_from_whoever_was_cut_off() {
    let mut told = Told::new();
    told.tell(arrival(1));
    told.tell(arrival(2));
    for number in [1, 2] {
        told.world.patient_goes(number);
    }
    told.tell(call(1, 1));
    told.world.now = told.world.now.plus(minutes(60));
    told.tell(Input::Timeout);
    told.tell(call(1, 1));
    let (first, second) = (told.of(1), told.of(2));
    let called = format!(
        "Practitioner {} called the patient",
        practitioner(1).to_text()
    );
    let no_show = [
        format!("{called}, who was away."),
        "Nobody came in time, and it was noted as a no-show.".to_owned(),
        format!("{called} back, who had not come, and the visit was taken up again."),
    ];
    assert_eq!(first[1..], no_show, "{first:#?}");
    assert_eq!(
        second[1..],
        ["The patient was away for too long, and the visit ended."]
    );
}

#[test]
fn a_call_a_hold_a_transfer_and_a_choice_are_told() {
    let mut told = Told::new();
    told.tell(arrival_for(1, 2));
    told.tell(duty(2, Duty::Off));
    told.tell(Input::Answer {
        patient: patient(1),
        visit: visit(1),
        answer: Answer::TakeNext,
    });
    called_while_away(&mut told);
    told.tell(hold(1, 1));
    told.tell(resume(1, 1));
    told.tell(transfer(1, 1, pool(2)));
    told.tell(leave(1));
    let story = all(&told.of(1));
    for part in [
        "waiting room of practitioner",
        "was off duty: the patient was asked, and chose to take whoever is free next",
        "called the patient, who was away",
        "The patient came back in time.",
        "It comes first, as it had been called.",
        "put the consultation on hold",
        "went on with the consultation",
        "handed it on to the waiting room of service",
        "The patient left.",
    ] {
        assert!(story.contains(part), "{part} is not in:\n{story}");
    }
}

#[test]
fn whoever_is_asked_and_waits_on_is_told_so() {
    let mut told = Told::new();
    told.tell(arrival_for(1, 2));
    told.tell(duty(2, Duty::Off));
    told.tell(answers(1, Answer::WaitOn));
    let story = told.of(1);
    let last = story.last().map(String::as_str);
    assert_eq!(
        last,
        Some(
            "The practitioner whom the patient waited for was off duty: the patient was asked, and chose to wait on."
        )
    );
}

/// Patient 1 waits for French, which practitioner 1 alone speaks, and who then does not any more.
fn whose_language_nobody_speaks_any_more() -> Told {
    let mut told = Told::new();
    for number in 1..=3 {
        told.speaks(number, if number == 1 { "fr" } else { "en" });
    }
    told.tell(Input::Arrive(Box::new(Arriving {
        language: Language::parse("fr").ok(),
        ..arriving(1)
    })));
    told.speaks(1, "en");
    told
}

#[test]
fn whoever_is_asked_because_nobody_speaks_their_language_is_told_so_whatever_they_choose() {
    let asked =
        "Nobody there spoke the patient's language any more: the patient was asked, and chose";
    for (answer, chose) in [
        (Answer::WaitOn, "to wait on."),
        (
            Answer::TakeNext,
            "to take whoever is free next. It waits in",
        ),
    ] {
        let mut told = whose_language_nobody_speaks_any_more();
        told.tell(answers(1, answer));
        let story = all(&told.of(1));
        assert!(story.contains(&format!("{asked} {chose}")), "{story}");
    }
}

/// Three came, the first and the last are urgent, the first is away, and the last is seen.
fn who_came_last_is_seen_as_urgent_while_the_first_is_away() -> Told {
    let mut told = Told::new();
    for number in 1..=3 {
        told.tell(arrival(number));
    }
    for number in [1, 3] {
        let (visit, urgency) = (visit(number), Urgency::Urgent);
        told.tell(decided(1, Decision::SetUrgency { visit, urgency }));
    }
    told.tell(Input::PatientDisconnected {
        patient: patient(1),
    });
    told.tell(admission(1, 3));
    told
}

#[test]
fn whoever_stood_behind_whom_they_see_before_them_is_told_what_brought_that_one_forward() {
    let told = who_came_last_is_seen_as_urgent_while_the_first_is_away();
    let away = "was seen before it, because the patient of this visit was away (`away`).";
    assert!(all(&told.of(1)).contains(away), "{}", all(&told.of(1)));
    let urgent = "was seen before it, because staff had marked it as more urgent (`urgency`).";
    assert!(all(&told.of(2)).contains(urgent), "{}", all(&told.of(2)));
    let third = all(&told.of(3));
    for part in [
        "It was seen before 1 other in its waiting room (who had come earlier), because staff had marked it as more \
         urgent (`urgency`).",
        "It was seen before 1 other in its waiting room (who had come earlier and stood before it), because that patient was \
         away (`away`).",
    ] {
        assert!(third.contains(part), "{third}");
    }
}

#[test]
fn whoever_waits_for_the_same_practitioner_and_is_away_is_told_so() {
    let mut told = Told::new();
    told.tell(arrival(1));
    told.tell(arrival_for(2, 1));
    told.tell(arrival_for(3, 1));
    told.tell(Input::PatientDisconnected {
        patient: patient(2),
    });
    told.tell(admission(1, 3));
    let (first, second, third) = (all(&told.of(1)), all(&told.of(2)), all(&told.of(3)));
    assert!(
        first.contains("and this visit for whoever is free (`named`)."),
        "{first}"
    );
    assert!(
        second.contains("because the patient of this visit was away (`away`)."),
        "{second}"
    );
    assert!(
        third.contains("because that patient was away (`away`)."),
        "{third}"
    );
    assert!(
        third.contains("and the other for whoever is free (`named`)."),
        "{third}"
    );
}

#[test]
fn whoever_waits_in_the_same_waiting_room_is_not_told_that_it_was_seen_first() {
    let mut told = Told::new();
    told.speaks(1, "en");
    told.tell(Input::Arrive(Box::new(Arriving {
        language: Language::parse("fr").ok(),
        ..arriving(1)
    })));
    told.tell(arrival_for(2, 1));
    told.tell(arrival(3));
    told.tell(admission_because(1, 3, Some(Overtake::WaitingRoomFirst)));
    let (first, second, third) = (all(&told.of(1)), all(&told.of(2)), all(&told.of(3)));
    let language =
        "waiting for a language that the practitioner does not speak (`other_language`).";
    assert!(
        first.contains(&format!("because the patient of this visit was {language}")),
        "{first}"
    );
    let room = "because the practitioner chose to see those of its waiting room first (`waiting_room_first`).";
    assert!(second.contains(room), "{second}");
    assert!(
        third.contains(&format!("because that patient was {language}")),
        "{third}"
    );
    assert!(
        third.contains(&format!(
            "(who had come earlier and stood before it), {room}"
        )),
        "{third}"
    );
}

#[test]
fn whoever_has_a_gate_to_pass_is_told_that_they_were_not_ready() {
    let mut told = Told::new();
    told.tell(arrival(2));
    told.tell(arrival(3));
    let gates = serde_json::json!([
        { "requires": { "gate": "payment" }, "opened_by": { "who": "hand" } },
    ]);
    told.tell(Input::SetService {
        service: Box::new(Service {
            gates: serde_json::from_value(gates).unwrap(),
            ..Service::named(service(1), "General practice")
        }),
    });
    told.tell(arrival(1));
    told.tell(decided(
        1,
        Decision::SetUrgency {
            visit: visit(1),
            urgency: Urgency::Urgent,
        },
    ));
    told.tell(admission(1, 2));
    let first = all(&told.of(1));
    let why =
        "because the patient of this visit was not ready, with a gate still shut (`not_ready`).";
    assert!(first.contains(why), "{first}");
}

/// As many as are not looked at one by one are told what is so of all of them, and no more.
#[test]
fn of_more_than_are_looked_at_the_log_tells_no_reason_that_may_be_false() {
    let mut told = Told::new();
    let many = u32::try_from(LOOKED_AT).unwrap();
    for number in 1..=many + 3 {
        told.world.now = told.world.now.plus(Millis(1));
        let outputs = told.world.outputs(arrival(number));
        told.log.extend(outputs.audit);
    }
    for number in 1..=many + 1 {
        told.world.patient_goes(number);
    }
    let given = Some(Overtake::QuickMatter);
    told.tell(admission_because(1, many + 3, given));
    let looked_at = all(&told.of(many));
    assert!(looked_at.contains("(`away`)"), "{looked_at}");
    for not_looked_at in [many + 1, many + 2] {
        let story = all(&told.of(not_looked_at));
        let either = "because the practitioner chose so for a matter that takes little time (`quick_matter`), or because the \
                      patient of this visit was away, not ready, or of another language: it is not written down which.";
        assert!(story.contains(either), "{story}");
    }
    // Without a choice there is but one thing that can have been.
    told.tell(end(1, many + 3));
    told.tell(admission(1, many + 2));
    let story = all(&told.of(many + 1));
    let none = "because the patient of this visit was away, not ready, or of another language \
                (`nobody_before_was_ready`).";
    assert!(story.contains(none), "{story}");
    let mut replay = Replay::new();
    assert!(told.log.iter().all(|entry| replay.read(entry).is_ok()));
}

/// A log from before those were written down who could not be admitted.
#[test]
fn an_older_log_is_borne_out_and_explained_as_far_as_it_tells() {
    let mut told = who_came_last_is_seen_as_urgent_while_the_first_is_away();
    for entry in &mut told.log {
        *entry = as_it_was_written_once(entry);
    }
    let (first, second) = (all(&told.of(1)), all(&told.of(2)));
    let hindered = "because the patient of this visit was away, not ready, or of another language";
    assert!(first.contains(hindered), "{first}");
    assert!(
        second.contains("because staff had marked it as more urgent (`urgency`)"),
        "{second}"
    );
    let mut replay = Replay::new();
    assert!(told.log.iter().all(|entry| replay.read(entry).is_ok()));
}

fn as_it_was_written_once(entry: &Entry) -> Entry {
    let mut json = serde_json::to_value(entry).unwrap();
    if let Some(overtook) = json
        .pointer_mut("/act/overtook")
        .and_then(|it| it.as_object_mut())
    {
        overtook.remove("hindered");
    }
    serde_json::from_value(json).unwrap()
}

#[test]
fn an_appointment_is_told_from_its_booking_on() {
    let mut told = Told::new();
    let at = told.world.now.plus(minutes(30));
    told.tell(Input::Book(Box::new(booking(1, at))));
    told.tell(arrival(1));
    let story = told.of(1);
    assert!(
        story[0].starts_with("The clinic planned it for 1970-01-12"),
        "{}",
        story[0]
    );
    assert!(story[0].ends_with("to take 15 min."), "{}", story[0]);
    assert!(
        story[1].contains(" came to the appointment."),
        "{}",
        story[1]
    );
    assert!(story[1].contains("less a credit of 10 min"), "{}", story[1]);
}

#[test]
fn nobody_is_named_and_an_unknown_visit_has_no_story() {
    let mut told = Told::new();
    told.tell(arrival(1));
    told.tell(decline(1));
    let story = all(&told.of(1));
    assert!(story.contains("turned it away (`emergency`)"), "{story}");
    for personal in ["Ada", "cough", "please call"] {
        assert!(!story.contains(personal));
    }
    assert_eq!(told.of(9), Vec::<String>::new());
}
