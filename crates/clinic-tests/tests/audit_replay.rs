//! The audit log read again, by somebody who has nothing else.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use support::*;
use vestibule_clinic::audit::{
    Act, Actor, Contradiction, Entry, GateOutcome, Hindered, Hindrance, OneHindered, Overtaking,
    Replay,
};
use vestibule_clinic::{
    Code, ConsentAct, Decision, Event, GateKind, Input, Overtake, Service, Turn, Urgency,
    VisitState,
};

/// A clinic whose entries are kept.
struct Logged {
    world: World,
    log: Vec<Entry>,
}

impl Logged {
    /// The service asks for these gates.
    fn asks_for(&mut self, gates: serde_json::Value) {
        self.ok(Input::SetService {
            service: Box::new(Service {
                gates: serde_json::from_value(gates).expect("good gates"),
                ..Service::named(service(1), "General practice")
            }),
        });
    }

    fn new() -> Self {
        let (world, log) = (World::new(), Vec::new());
        Self { world, log }
    }

    fn ok(&mut self, input: Input) {
        let outputs = self.world.outputs(input);
        self.log.extend(outputs.audit);
    }

    fn replay(&self) -> Replay {
        let mut replay = Replay::new();
        for entry in &self.log {
            replay.read(entry).expect("the log of a clinic");
        }
        replay
    }
}

/// What is said of those who were seen before others.
fn overtakes(log: &mut [Entry]) -> impl Iterator<Item = &mut Option<Overtaking>> {
    log.iter_mut().filter_map(|entry| {
        if let Act::Moved { overtook, .. } = &mut entry.act {
            return Some(overtook);
        }
        None
    })
}

/// Patient 1 waits, patient 2 is urgent and is seen first.
fn urgent() -> Logged {
    let mut logged = Logged::new();
    logged.ok(arrival(1));
    logged.ok(arrival(2));
    logged.ok(decided(
        1,
        Decision::SetUrgency {
            visit: visit(2),
            urgency: Urgency::Urgent,
        },
    ));
    logged.ok(admission(1, 2));
    logged
}

#[test]
fn the_log_alone_tells_who_is_with_whom_and_who_waits_where_and_before_whom() {
    let replay = urgent().replay();
    let first = replay.visit(visit(1)).expect("it waits");
    assert_eq!(first.state, VisitState::Waiting);
    assert_eq!(first.standing.waiting_room, pool(1));
    assert_eq!(first.practitioner, None);
    let second = replay.visit(visit(2)).expect("it is in a consultation");
    assert_eq!(second.state.consultation(), Some(consultation(2)));
    assert_eq!(second.practitioner, Some(practitioner(1)));
    assert_eq!(second.urgency, Urgency::Urgent);
    assert!(second.standing.rank < first.standing.rank);
    assert!(second.standing.counts_from >= first.standing.counts_from);
}

#[test]
fn a_booking_says_where_it_will_wait() {
    let mut logged = Logged::new();
    let at = logged.world.now.plus(minutes(30));
    logged.ok(Input::Book(Box::new(booking(1, at))));
    let replay = logged.replay();
    let booked = replay.visit(visit(1)).expect("it is expected");
    assert_eq!(booked.state, VisitState::Expected);
    assert_eq!(booked.standing.waiting_room, pool(1));
    assert_eq!(booked.standing.counts_from, at);
    assert_eq!(booked.appointment.map(|it| it.at), Some(at));
}

#[test]
fn whoever_is_transferred_is_with_nobody_and_waits_by_arrival_and_whoever_was_called_comes_first() {
    let mut logged = Logged::new();
    logged.ok(arrival(1));
    logged.ok(arrival(2));
    logged.ok(admission(1, 1));
    logged.ok(transfer(1, 1, own(2)));
    let replay = logged.replay();
    let one = replay.visit(visit(1)).expect("it waits");
    assert_eq!(
        (one.practitioner, one.standing.waiting_room),
        (None, own(2))
    );
    logged.ok(Input::PatientDisconnected {
        patient: patient(2),
    });
    logged.ok(call(1, 2));
    let called = logged.replay();
    let two = called.visit(visit(2)).expect("it is called");
    assert_eq!(two.practitioner, Some(practitioner(1)));
    logged.ok(Input::PatientConnected {
        patient: patient(2),
    });
    let back = logged.replay();
    let two = back.visit(visit(2)).expect("it waits");
    assert_eq!(
        (two.standing.rank.turn, two.practitioner),
        (Turn::Called, None)
    );
}

#[test]
fn the_log_tells_how_each_gate_stands_and_what_was_said_about_consent() {
    let mut logged = Logged::new();
    let gates = serde_json::json!([
        {
            "requires": { "gate": "payment" },
            "opened_by": { "who": "system", "system": "pay", "wait": 60_000, "then": "ask_again" },
        },
        {
            "requires": { "gate": "consent", "version": "v1" },
            "opened_by": { "who": "built_in" },
        },
    ]);
    logged.asks_for(gates);
    logged.ok(arrival(1));
    let version = Code::new("v1").expect("a code");
    logged.ok(Input::Consent {
        patient: patient(1),
        visit: visit(1),
        act: ConsentAct::Given,
        version: version.clone(),
    });
    logged.world.now = logged.world.now.plus(minutes(1));
    logged.ok(Input::Timeout);
    let replay = logged.replay();
    let one = replay.visit(visit(1)).expect("it waits");
    assert_eq!(one.consent, Some((ConsentAct::Given, version)));
    let outcome = |gate| one.gates.get(&gate).map(|(outcome, _)| *outcome);
    assert_eq!(outcome(GateKind::Payment), Some(GateOutcome::Expired));
    assert_eq!(outcome(GateKind::Consent), Some(GateOutcome::Open));
    // Nobody is seen while a gate is shut.
    let admitted = Entry {
        at: logged.world.now,
        actor: Actor::Practitioner(practitioner(1)),
        act: Act::Moved {
            visit: visit(1),
            event: Event::Admitted {
                consultation: consultation(1),
            },
            standing: None,
            overtook: None,
        },
    };
    logged.log.push(admitted);
    assert_eq!(
        contradiction(&logged),
        Some(Contradiction::Impossible(visit(1)))
    );
}

#[test]
fn whoever_refuses_what_they_consented_to_is_written_down_as_taking_it_back() {
    let mut logged = Logged::new();
    let gates = serde_json::json!([{
        "requires": { "gate": "consent", "version": "v1" },
        "opened_by": { "who": "built_in" },
    }]);
    logged.asks_for(gates);
    logged.ok(arrival(1));
    let (first, second) = (Code::new("v1"), Code::new("v2"));
    let (first, second) = (first.expect("a code"), second.expect("a code"));
    for (act, version) in [
        (ConsentAct::Given, &first),
        (ConsentAct::Refused, &first),
        (ConsentAct::Given, &first),
        (ConsentAct::Revoked, &second),
    ] {
        logged.ok(Input::Consent {
            patient: patient(1),
            visit: visit(1),
            act,
            version: version.clone(),
        });
        let (replay, kept) = (logged.replay(), logged.world.clinic.visit(visit(1)));
        let kept = kept.and_then(|view| view.visit.consent.history().last().cloned());
        let kept = kept.map(|entry| (entry.act, entry.version));
        assert_eq!(
            replay.visit(visit(1)).and_then(|it| it.consent.clone()),
            kept
        );
    }
}

#[test]
fn an_overtake_without_a_reason_is_found() {
    let mut logged = urgent();
    overtakes(&mut logged.log).for_each(|overtook| *overtook = None);
    assert_eq!(
        contradiction(&logged),
        Some(Contradiction::Unexplained(visit(2)))
    );
}

#[test]
fn a_reason_that_the_log_does_not_bear_out_is_found() {
    let mut logged = urgent();
    // The visit was urgent and first by its rank: it was not called, and nobody was before it whom one could pass over.
    for reason in [
        Overtake::Called,
        Overtake::NobodyBeforeWasReady,
        Overtake::ClinicalNeed,
        Overtake::Named,
        Overtake::WaitingRoomFirst,
    ] {
        overtakes(&mut logged.log)
            .flatten()
            .for_each(|it| it.reason = reason);
        let unexplained = Contradiction::Unexplained(visit(2));
        assert_eq!(contradiction(&logged), Some(unexplained));
    }
}

/// Patient 1 waits for practitioner 1 alone and is away, patient 2 for whoever is free; patient 3 is practitioner 1's own.
fn away() -> Logged {
    let mut logged = Logged::new();
    logged.ok(arrival_for(1, 1));
    logged.ok(arrival(2));
    logged.ok(arrival_for(3, 1));
    logged.ok(Input::PatientDisconnected {
        patient: patient(1),
    });
    logged.ok(admission(1, 3));
    logged
}

#[test]
fn a_person_who_could_not_be_admitted_and_is_left_out_or_made_up_is_found() {
    assert_eq!(contradiction(&away()), None);
    let unexplained = Some(Contradiction::Unexplained(visit(3)));
    let somebody = |number| OneHindered {
        visit: visit(number),
        why: Hindrance::NotReady,
    };
    let falsehoods: [&dyn Fn(&mut Hindered); 5] = [
        &|hindered| hindered.visits.clear(),
        &|hindered| hindered.visits.push(somebody(3)),
        &|hindered| hindered.visits.push(somebody(1)),
        // The other comes after it by its name: with them hindered, nobody would.
        &|hindered| hindered.visits.push(somebody(2)),
        &|hindered| hindered.not_looked_at = 2,
    ];
    for falsehood in falsehoods {
        let mut logged = away();
        let overtakes = overtakes(&mut logged.log).flatten();
        overtakes.for_each(|it| falsehood(it.hindered.as_mut().expect("written down")));
        assert_eq!(contradiction(&logged), unexplained);
    }
}

#[test]
fn a_practitioners_reason_that_is_for_nobody_is_found() {
    let mut logged = away();
    for overtook in overtakes(&mut logged.log).flatten() {
        overtook.reason = Overtake::QuickMatter;
    }
    let unexplained = Contradiction::Unexplained(visit(3));
    assert_eq!(contradiction(&logged), Some(unexplained));
}

#[test]
fn a_number_of_those_who_were_passed_that_is_not_theirs_is_found() {
    let mut logged = urgent();
    for overtook in overtakes(&mut logged.log).flatten() {
        overtook.passed.iter_mut().for_each(|it| it.earlier += 1);
    }
    let unexplained = Contradiction::Unexplained(visit(2));
    assert_eq!(contradiction(&logged), Some(unexplained));
}

#[test]
fn the_log_bears_out_an_overtake_over_two_waiting_rooms_and_finds_one_that_is_left_out() {
    let mut logged = Logged::new();
    logged.ok(arrival(1));
    logged.ok(arrival_for(2, 1));
    logged.ok(admission(1, 2));
    assert_eq!(contradiction(&logged), None);
    assert_eq!(overtakes(&mut logged.log).flatten().count(), 1);
    overtakes(&mut logged.log)
        .flatten()
        .for_each(|it| it.passed.clear());
    let unexplained = Contradiction::Unexplained(visit(2));
    assert_eq!(contradiction(&logged), Some(unexplained));
}

#[test]
fn a_log_with_a_line_missing_or_twice_contradicts_itself() {
    let whole = urgent();
    let (mut missing, mut twice) = (Logged::new(), Logged::new());
    missing.log = whole.log.iter().skip(1).cloned().collect();
    missing
        .log
        .retain(|entry| !matches!(entry.act, Act::Ranked { .. }));
    missing
        .log
        .retain(|entry| !matches!(&entry.act, Act::WalkedIn { visit: of, .. } if *of == visit(2)));
    assert_eq!(
        contradiction(&missing),
        Some(Contradiction::Unknown(visit(2)))
    );
    twice.log = [whole.log.clone(), whole.log].concat();
    assert_eq!(contradiction(&twice), Some(Contradiction::Twice(visit(1))));
}

fn contradiction(logged: &Logged) -> Option<Contradiction> {
    let mut replay = Replay::new();
    logged.log.iter().find_map(|entry| replay.read(entry).err())
}
