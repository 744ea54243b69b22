//! A server that reads what another one decided. That it sees the same in general is a property of `invariants.rs`.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use support::*;
use vestibule_clinic::{Clinic, Missed, Policy, State};

#[test]
fn a_visit_that_ended_and_was_forgotten_in_between_leaves_nothing_behind() {
    for mut world in [World::waiting([1, 2]), World::consulting()] {
        let outputs = world.clinic.catch_up(
            world.now,
            Missed {
                forgotten: vec![visit(1)],
                left: Vec::new(),
                // What the practitioner did is stored too.
                rows: State {
                    practitioners: World::new().clinic.state().practitioners,
                    ..State::default()
                },
            },
        );
        assert_eq!(world.clinic.visit(visit(1)), None);
        assert_eq!(world.clinic.place(visit(2)), Some(1));
        assert_eq!(world.clinic.consultations().count(), 0);
        assert_eq!(world.clinic.consultation_of(practitioner(1)), None);
        let told = world.clinic.changed_patients(&outputs);
        assert!(told.contains(&patient(1)));
        assert!(told.contains(&patient(2)) || world.clinic.place(visit(3)) == Some(2));
        world.practitioner_comes(1);
        world.ok(admission(1, 2));
    }
}

#[test]
fn whoever_arrived_elsewhere_counts_as_away_until_they_are_said_to_be_there() {
    let leader = World::waiting([1, 2]);
    let mut follower = World {
        clinic: Clinic::new(Policy::default()),
        now: leader.now,
    };
    let missed = Missed {
        rows: leader.clinic.state(),
        forgotten: Vec::new(),
        left: Vec::new(),
    };
    let changed = follower.clinic.catch_up(follower.now, missed);
    assert!(changed.waiting_rooms.contains(&pool(1)));
    let mut seen = follower.clinic.waiting_for(practitioner(1));
    assert!(seen.all(|it| !it.connected));
    drop(seen);
    follower.patient_comes_back(1);
    assert_eq!(follower.clinic.state(), leader.clinic.state());
    // The next arrival comes behind those who arrived there.
    follower.ok(arrival(3));
    assert_eq!(follower.clinic.place(visit(3)), Some(3));
}

/// A server that follows another from the start.
struct Follower(World);

impl Follower {
    fn of(leader: &World) -> Self {
        let mut follower = Self(World::with(leader_policy()));
        follower.read(leader);
        follower
    }

    fn read(&mut self, leader: &World) {
        self.0.now = leader.now;
        let missed = Missed {
            rows: leader.clinic.state(),
            forgotten: Vec::new(),
            left: Vec::new(),
        };
        let _ = self.0.clinic.catch_up(leader.now, missed);
    }
}

fn leader_policy() -> Policy {
    Policy {
        grace: GRACE,
        keep_place: GRACE,
        ..Policy::default()
    }
}

#[test]
fn whoever_is_called_at_one_server_has_the_whole_time_to_come_at_another_too() {
    let mut leader = World::waiting([1, 2]);
    let mut follower = Follower::of(&leader);
    follower.0.patient_comes_back(1);
    follower.0.patient_comes_back(2);
    leader.patient_goes(1);
    follower.0.patient_goes(1);
    leader.pass(minutes(1));
    leader.ok(call(1, 1));
    follower.read(&leader);
    let over = leader.now.plus(Policy::default().called);
    assert_eq!(leader.clinic.next_timeout(), Some(over));
    assert_eq!(follower.0.clinic.next_timeout(), Some(over));
    // Called again after they came back and left in between, of which this server saw nothing.
    leader.pass(minutes(2));
    leader.patient_comes_back(1);
    leader.patient_goes(1);
    leader.ok(call(1, 1));
    follower.read(&leader);
    assert_eq!(
        follower.0.clinic.next_timeout(),
        Some(leader.now.plus(Policy::default().called))
    );
}

#[test]
fn what_somebody_was_away_from_before_does_not_end_a_consultation_at_another_server() {
    let mut leader = World::waiting([1]);
    leader.patient_goes(1);
    let mut follower = Follower::of(&leader);
    leader.pass(minutes(1));
    leader.patient_comes_back(1);
    leader.ok(admission(1, 1));
    leader.patient_goes(1);
    follower.read(&leader);
    assert_eq!(
        follower.0.clinic.next_timeout(),
        Some(leader.now.plus(GRACE))
    );
}

#[test]
fn a_consultation_that_ended_is_not_forgotten_for_one_of_the_same_number_that_is() {
    let mut leader = World::consulting();
    leader.ok(end(1, 1));
    let mut follower = Follower::of(&leader);
    // All is forgotten, and the leader begins again: the next to end is the first that it remembers.
    for number in [2, 3] {
        leader.ok(leave(number));
    }
    leader.pass(Policy::default().remember);
    let state = leader.clinic.state();
    leader.clinic = Clinic::restore(leader_policy(), state, leader.now).expect("what was stored");
    leader.practitioner_comes(1);
    leader.ok(arrival(4));
    leader.ok(admission(1, 4));
    leader.ok(end(1, 4));
    let missed = Missed {
        rows: leader.clinic.state(),
        forgotten: vec![visit(1), visit(2), visit(3)],
        left: Vec::new(),
    };
    let _ = follower.0.clinic.catch_up(leader.now, missed);
    let shown = |world: &World| world.clinic.ended_of(practitioner(1)).map(|it| it.visit);
    assert_eq!(shown(&leader), Some(visit(4)));
    assert_eq!(shown(&follower.0), Some(visit(4)));
}
