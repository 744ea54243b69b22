//! Those who come with a patient, row by row: who may invite, who is there, and how it ends.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking, and names what it is about"
)]

mod support;

use serde_json::{from_value, json};
use support::*;
use vestibule_clinic::audit::{Act, Actor, CompanionStep};
use vestibule_clinic::{
    Accepting, Clinic, CompanionRefusal, CompanionRole, Declining, Host, Input, InvitationState,
    Inviting, Policy, Refusal, Service, VisitState, Withdrawing,
};
use vestibule_vocab::{InvitationId, Millis, ParticipantId};

use CompanionRole::{Interpreter, Other, Parent, SecondPractitioner};

fn by_practitioner(number: u32) -> Host {
    Host::Practitioner {
        practitioner: practitioner(number),
    }
}

fn refusal(refusal: CompanionRefusal) -> Refusal {
    Refusal::Companion(refusal)
}

fn comes(number: u32) -> Input {
    let companion = companion(number);
    Input::CompanionConnected { companion }
}

fn goes(number: u32) -> Input {
    let companion = companion(number);
    Input::CompanionDisconnected { companion }
}

/// Those in the consultation of this number beside the two.
fn others(world: &World, number: u32) -> Vec<ParticipantId> {
    let consultation = world.clinic.consultation(consultation(number));
    let consultation = consultation.expect("a consultation");
    let seats = world.clinic.companions_in(consultation);
    seats.map(|seat| seat.who).collect()
}

/// Whether each invitation to visit 1 has somebody who is there.
fn there(world: &World) -> Vec<bool> {
    let view = world.clinic.visit(visit(1)).expect("a visit");
    let companions = world.clinic.companions_of(view.visit);
    companions.map(|it| it.connected).collect()
}

/// Service 1 asks for an interpreter.
fn with_a_required_interpreter() -> World {
    let mut world = World::new();
    world.practitioner_comes(1);
    let gates = json!([{
        "requires": { "gate": "companion", "role": "interpreter" },
        "opened_by": { "who": "built_in" },
    }]);
    world.ok(Input::SetService {
        service: Box::new(Service {
            gates: from_value(gates).expect("good gates"),
            ..Service::named(service(1), "General practice")
        }),
    });
    world.ok(arrival(1));
    world
}

#[test]
fn m08_the_patient_and_a_practitioner_who_may_see_them_invite_and_nobody_else() {
    let mut world = World::new();
    world.ok(arrival_for(1, 2));
    world.ok(invites(1, 1, Parent));
    world.ok(Input::Invite(inviting(
        1,
        by_practitioner(2),
        2,
        Interpreter,
    )));
    let stranger = Host::Patient {
        patient: patient(2),
    };
    for by in [stranger, by_practitioner(1), by_practitioner(9)] {
        world.refused(Input::Invite(inviting(1, by, 3, Other)), Refusal::NotFound);
        let withdrawn = Input::WithdrawInvitation(Withdrawing {
            visit: visit(1),
            by,
            invitation: invitation(1),
        });
        world.refused(withdrawn, Refusal::NotFound);
    }
    world.refused(invites(9, 3, Other), Refusal::NotFound);
}

#[test]
fn m08_who_is_in_a_consultation_may_invite_also_when_the_visit_was_anothers() {
    let mut world = World::consulting();
    world.ok(Input::SetPractitioner {
        practitioner: Box::new(vestibule_clinic::Practitioner::named(
            practitioner(1),
            "Dr Martin",
            [],
        )),
    });
    world.ok(Input::Invite(inviting(1, by_practitioner(1), 1, Other)));
}

#[test]
fn m08_a_required_companion_opens_the_gate_by_being_there_and_shuts_it_by_going() {
    let mut world = with_a_required_interpreter();
    world.refused(admission(1, 1), Refusal::GatesShut);
    world.ok(invites(1, 1, Parent));
    world.ok(invites(1, 2, Interpreter));
    world.ok(accepts(1, 1));
    world.refused(admission(1, 1), Refusal::GatesShut);
    world.ok(accepts(1, 2));
    assert_eq!(there(&world), [true, true]);
    world.ok(goes(2));
    assert_eq!(there(&world), [true, false]);
    world.refused(admission(1, 1), Refusal::GatesShut);
    world.ok(comes(2));
    world.ok(admission(1, 1));
    assert_eq!(others(&world, 1), [companion(1), companion(2)]);
}

#[test]
fn m08_a_required_companion_gates_the_visit_again_after_a_transfer() {
    let mut world = with_a_required_interpreter();
    world.ok(invites(1, 1, Interpreter));
    world.ok(accepts(1, 1));
    world.ok(admission(1, 1));
    world.ok(goes(1));
    world.ok(transfer(1, 1, own(1)));
    world.refused(admission(1, 1), Refusal::GatesShut);
    world.ok(comes(1));
    world.ok(admission(1, 1));
}

#[test]
fn m08_an_invitation_is_used_once_and_withdrawn_and_expired_ones_not_at_all() {
    let mut world = World::waiting([1]);
    for number in 1..=3 {
        world.ok(invites(1, number, Other));
    }
    world.ok(accepts(1, 1));
    world.ok(accepts(1, 1));
    let other = accepts_as(1, 1, companion(9));
    world.refused(other, refusal(CompanionRefusal::InvitationUsed));
    world.ok(Input::WithdrawInvitation(Withdrawing {
        visit: visit(1),
        by: by_practitioner(1),
        invitation: invitation(2),
    }));
    world.refused(
        accepts(1, 2),
        refusal(CompanionRefusal::InvitationWithdrawn),
    );
    assert_eq!(
        world.clinic.next_timeout(),
        Some(world.now.plus(minutes(60)))
    );
    world.pass(minutes(60));
    world.refused(accepts(1, 3), refusal(CompanionRefusal::InvitationExpired));
    assert_eq!(there(&world), [true, false, false]);
}

#[test]
fn m08_an_invitation_of_another_visit_is_none() {
    let mut world = World::waiting([1, 2]);
    world.ok(invites(1, 1, Other));
    let not_found = refusal(CompanionRefusal::NotFound);
    world.refused(accepts(2, 1), not_found);
    world.refused(accepts(9, 1), Refusal::NotFound);
    let leaves = Input::CompanionLeaves {
        companion: companion(1),
    };
    world.refused(leaves, not_found);
}

#[test]
fn m08_a_sixth_person_finds_no_place_until_somebody_leaves() {
    let mut world = World::consulting();
    for number in 1..=4 {
        world.ok(invites(1, number, Other));
    }
    for number in 1..=3 {
        world.ok(accepts(1, number));
    }
    world.refused(accepts(1, 4), refusal(CompanionRefusal::ConsultationFull));
    assert_eq!(others(&world, 1).len(), 3);
    world.ok(Input::CompanionLeaves {
        companion: companion(2),
    });
    world.ok(accepts(1, 4));
    assert_eq!(others(&world, 1), [1, 3, 4].map(companion));
}

#[test]
fn m08_whoever_is_shown_out_or_away_for_too_long_is_in_the_consultation_no_more() {
    let mut world = World::consulting();
    for number in 1..=2 {
        world.ok(invites(1, number, Other));
        world.ok(accepts(1, number));
    }
    world.ok(goes(1));
    world.pass(Millis(GRACE.0 - 1));
    assert_eq!(others(&world, 1), [1, 2].map(companion), "a short absence");
    world.pass(Millis(1));
    assert_eq!(others(&world, 1), [companion(2)]);
    world.ok(comes(1));
    assert_eq!(
        others(&world, 1),
        [1, 2].map(companion),
        "the seat was kept"
    );
    let shown_out = Input::WithdrawInvitation(Withdrawing {
        visit: visit(1),
        by: by_practitioner(1),
        invitation: invitation(2),
    });
    let outputs = world.outputs(shown_out);
    assert!(
        world
            .clinic
            .changed_companions(&outputs.changed)
            .contains(&companion(2))
    );
    assert_eq!(others(&world, 1), [companion(1)]);
    world.ok(comes(2));
    assert_eq!(others(&world, 1), [companion(1)]);
}

#[test]
fn m08_whoever_was_away_for_too_long_may_leave_for_good_instead_of_coming_back() {
    let mut world = World::consulting();
    world.ok(invites(1, 1, Other));
    world.ok(accepts(1, 1));
    world.ok(goes(1));
    world.pass(GRACE);
    world.ok(Input::CompanionLeaves {
        companion: companion(1),
    });
    world.ok(comes(1));
    assert_eq!(others(&world, 1), []);
}

#[test]
fn m08_a_transfer_keeps_the_companions_and_the_end_of_the_visit_ends_their_places() {
    let mut world = World::consulting();
    world.practitioner_comes(2);
    world.ok(invites(1, 1, Interpreter));
    world.ok(invites(1, 2, Other));
    world.ok(accepts(1, 1));
    world.ok(transfer(1, 1, own(2)));
    assert_eq!(there(&world), [true, false]);
    world.ok(Input::Decided {
        practitioner: practitioner(2),
        decision: vestibule_clinic::Decision::Admit {
            visit: visit(1),
            consultation: consultation(7),
            overtake: None,
        },
    });
    assert_eq!(others(&world, 7), [companion(1)]);
    world.ok(end(2, 7));
    let view = world.clinic.visit(visit(1)).expect("remembered");
    assert!(matches!(view.visit.state, VisitState::Ended { .. }));
    for invitation in view.visit.companions.invitations() {
        assert!(invitation.companion().is_none() && invitation.name.expose().is_empty());
    }
    assert_eq!(world.clinic.accompanied_by(companion(1)), None);
    world.refused(accepts(1, 2), Refusal::VisitEnded);
    world.refused(invites(1, 3, Other), Refusal::VisitEnded);
}

#[test]
fn m08_a_practitioner_is_a_companion_only_when_in_no_consultation() {
    let mut world = World::consulting();
    world.practitioner_comes(2);
    let colleague = practitioner(2).into();
    for number in [1, 2] {
        world.ok(invites(number, number, SecondPractitioner));
    }
    let own = accepts_as(1, 1, practitioner(1).into());
    world.refused(own, refusal(CompanionRefusal::AlreadyCompanion));
    let busy = accepts_as(2, 2, practitioner(1).into());
    world.refused(busy, Refusal::PractitionerBusy);
    world.ok(accepts_as(1, 1, colleague));
    assert_eq!(others(&world, 1), [colleague]);
    let elsewhere = accepts_as(2, 2, colleague);
    world.refused(elsewhere, refusal(CompanionRefusal::AlreadyCompanion));
    world.refused(admission(2, 2), Refusal::PractitionerBusy);
    world.ok(Input::CompanionLeaves {
        companion: colleague,
    });
    world.ok(admission(2, 2));
}

/// Whoever was invited to visit `of` comes from the device of a practitioner.
fn accepts_beside(of: u32, number: u32, who: u32) -> Input {
    Input::AcceptInvitation(Box::new(Accepting {
        visit: visit(of),
        invitation: invitation(number),
        companion: companion(number),
        practitioner: Some(practitioner(who)),
        name: text("Sofie"),
    }))
}

#[test]
fn m08_a_practitioner_who_comes_by_a_link_is_known_by_their_device() {
    let mut world = World::consulting();
    world.practitioner_comes(2);
    for number in [1, 2] {
        world.ok(invites(number, number, Other));
    }
    // In a consultation of their own they come to nobody else's, nor to that one once more.
    world.refused(accepts_beside(2, 2, 1), Refusal::PractitionerBusy);
    let own = refusal(CompanionRefusal::AlreadyCompanion);
    world.refused(accepts_beside(1, 1, 1), own);
    world.ok(accepts_beside(1, 1, 2));
    assert_eq!(others(&world, 1), [companion(1)], "under the link's name");
    // As a guest they see nobody of their own, and sit at one place.
    world.refused(admission(2, 2), Refusal::PractitionerBusy);
    let elsewhere = refusal(CompanionRefusal::AlreadyCompanion);
    world.refused(accepts_beside(2, 2, 2), elsewhere);
    // Who has a seat keeps it, from whatever device they come again.
    world.ok(accepts(1, 1));
    world.refused(admission(2, 2), Refusal::PractitionerBusy);
    // Away for too long, they may see somebody, and then they do not come back by themselves.
    world.ok(goes(1));
    world.pass(GRACE);
    world.ok(admission(2, 2));
    world.ok(comes(1));
    assert_eq!(others(&world, 1), [], "they see somebody else meanwhile");
    world.refused(accepts(1, 1), Refusal::PractitionerBusy);
}

#[test]
fn m08_somebody_whom_the_clinic_does_not_know_is_a_guest_like_any_other() {
    let mut world = World::consulting();
    world.ok(invites(1, 1, Other));
    world.ok(accepts_beside(1, 1, 99));
    assert_eq!(others(&world, 1), [companion(1)]);
}

/// Practitioner 1 asks practitioner 2 to come along with patient 1.
fn asks_a_colleague(number: u32) -> Input {
    Input::Invite(Inviting {
        colleague: Some(practitioner(2)),
        ..inviting(1, by_practitioner(1), number, SecondPractitioner)
    })
}

fn invitations_for(world: &World, number: u32) -> usize {
    world.clinic.asked_along(practitioner(number)).count()
}

#[test]
fn m08_a_colleague_who_was_asked_is_known_by_their_own_name_too() {
    let mut world = World::consulting();
    world.practitioner_comes(2);
    world.ok(asks_a_colleague(1));
    world.ok(asks_a_colleague(1));
    let twice = asks_a_colleague(2);
    world.refused(twice, refusal(CompanionRefusal::AlreadyCompanion));
    assert_eq!([1, 2].map(|it| invitations_for(&world, it)), [0, 1]);

    let another = accepts_as(1, 1, practitioner(3).into());
    world.refused(another, refusal(CompanionRefusal::NotFound));
    world.ok(accepts(1, 1));
    assert_eq!(others(&world, 1), [companion(1)]);
    world.refused(admission(2, 2), Refusal::PractitionerBusy);
    world.ok(goes(1));
    world.pass(GRACE);
    world.ok(admission(2, 2));
    world.ok(comes(1));
    assert_eq!(others(&world, 1), [], "they see somebody else meanwhile");
    world.refused(accepts(1, 1), Refusal::PractitionerBusy);
    world.ok(leave(1));
    assert_eq!(invitations_for(&world, 2), 0, "the visit is over");
}

fn declines(number: u32, which: u32) -> Input {
    Input::DeclineInvitation(Declining {
        practitioner: practitioner(number),
        invitation: invitation(which),
    })
}

fn declined(world: &World) -> Vec<InvitationId> {
    let view = world.clinic.visit(visit(1)).expect("a visit");
    view.visit.companions.declined().collect()
}

#[test]
fn m08_a_colleague_who_was_asked_says_no_and_can_be_asked_anew() {
    let mut world = World::consulting();
    world.practitioner_comes(2);
    world.ok(asks_a_colleague(1));
    world.refused(declines(3, 1), refusal(CompanionRefusal::NotFound));
    let said = world.outputs(declines(2, 1));
    let told = world.clinic.changed_practitioners(&said.changed);
    assert!(told.contains(&practitioner(1)) && told.contains(&practitioner(2)));
    let entry = said.audit.first().expect("an entry");
    assert_eq!(entry.actor, Actor::Practitioner(practitioner(2)));
    assert!(matches!(
        entry.act,
        Act::Accompanied {
            step: CompanionStep::Declined,
            ..
        }
    ));
    assert_eq!(declined(&world), [invitation(1)]);
    assert_eq!(invitations_for(&world, 2), 0);
    world.refused(declines(2, 1), refusal(CompanionRefusal::NotFound));
    world.refused(accepts(1, 1), refusal(CompanionRefusal::InvitationUsed));

    world.ok(asks_a_colleague(2));
    assert_eq!(declined(&world), [], "they are asked anew");
    world.ok(accepts(1, 2));
    let came = refusal(CompanionRefusal::AlreadyCompanion);
    world.refused(declines(2, 2), came);
    assert_eq!(others(&world, 1), [companion(2)]);
}

#[test]
fn m08_an_invitation_by_link_is_nobodys_to_decline() {
    let mut world = World::consulting();
    world.practitioner_comes(2);
    world.ok(invites(1, 1, SecondPractitioner));
    for number in [1, 2] {
        world.refused(declines(number, 1), refusal(CompanionRefusal::NotFound));
    }
}

#[test]
fn m08_a_practitioner_who_sees_somebody_after_a_long_absence_does_not_come_back() {
    let mut world = World::consulting();
    world.practitioner_comes(2);
    let colleague = practitioner(2).into();
    world.ok(invites(1, 1, SecondPractitioner));
    world.ok(accepts_as(1, 1, colleague));
    world.ok(Input::CompanionDisconnected {
        companion: colleague,
    });
    world.pass(GRACE);
    world.ok(admission(2, 2));
    world.ok(Input::CompanionConnected {
        companion: colleague,
    });
    assert_eq!(others(&world, 1), []);
}

#[test]
fn m08_a_guardian_holds_visits_of_several_dependants_and_comes_to_each() {
    let mut world = World::waiting([1, 2]);
    for number in [1, 2] {
        world.ok(invites(number, number, Parent));
        world.ok(accepts(number, number));
    }
    let visit_of = |number| {
        let view = world.clinic.accompanied_by(companion(number));
        view.expect("a visit").visit.id
    };
    assert_eq!([visit_of(1), visit_of(2)], [1, 2].map(visit));
}

#[test]
fn m08_what_is_written_down_of_a_companion_names_nobody() {
    let mut world = World::waiting([1]);
    let made = world.outputs(invites(1, 1, Parent)).audit;
    let came = world.outputs(accepts(1, 1)).audit;
    let of = |entry: &vestibule_clinic::audit::Entry| match &entry.act {
        Act::Accompanied { role, step, .. } => Some((entry.actor, *role, *step)),
        _ => None,
    };
    assert_eq!(
        made.iter().filter_map(of).collect::<Vec<_>>(),
        [(Actor::Patient(patient(1)), Parent, CompanionStep::Invited)]
    );
    assert_eq!(
        came.iter().filter_map(of).collect::<Vec<_>>(),
        [(
            Actor::Companion(companion(1)),
            Parent,
            CompanionStep::Accepted
        )]
    );
    let written = serde_json::to_string(&(made, came)).expect("JSON");
    assert!(!written.contains("Sofie"));
    let shown = format!("{:?}", world.clinic.visit(visit(1)));
    assert!(!shown.contains("Sofie"));
}

#[test]
fn m08_a_restart_keeps_the_seats_and_supposes_everybody_away() {
    let mut world = with_a_required_interpreter();
    world.ok(invites(1, 1, Interpreter));
    world.ok(accepts(1, 1));
    let policy = Policy {
        grace: GRACE,
        keep_place: minutes(60),
        ..Policy::default()
    };
    let clinic = Clinic::restore(policy, world.clinic.state(), world.now);
    world.clinic = clinic.expect("what was stored");
    assert_eq!(there(&world), [false]);
    world.patient_comes_back(1);
    world.practitioner_comes(1);
    world.pass(GRACE);
    world.refused(admission(1, 1), Refusal::GatesShut);
    world.ok(comes(1));
    assert_eq!(there(&world), [true]);
    world.ok(admission(1, 1));
}

#[test]
fn a_name_of_a_companion_is_a_name() {
    let mut world = World::waiting([1]);
    world.ok(invites(1, 1, Parent));
    let Input::AcceptInvitation(mut accepting) = accepts(1, 1) else {
        return;
    };
    accepting.name = text("\u{0}");
    world.refused(Input::AcceptInvitation(accepting), Refusal::InvalidName);
    world.ok(accepts(1, 1));
    let view = world.clinic.visit(visit(1)).expect("a visit");
    let [invitation] = view.visit.companions.invitations() else {
        panic!("one invitation");
    };
    assert_eq!(invitation.name, text("Sofie"));
    assert!(matches!(invitation.state, InvitationState::Accepted { .. }));
}
