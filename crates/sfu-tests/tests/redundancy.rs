//! Sound with redundancy (RED, RFC 2198): who may send it, and who is sent it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test a panic is the verdict"
)]
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks at what it asks for"
)]

mod support;

use support::World;
use support::client::Got;
use vestibule_vocab::Source;

const PATIENT: u128 = 1;
const PRACTITIONER: u128 = 2;
const INTERPRETER: u128 = 3;

/// The patient's voice as somebody gets it.
fn voice(world: &World, client: usize, receiver: u128) -> Vec<Got> {
    let patient = support::leg(PATIENT);
    let bindings = world.slots(receiver).map(|(_, bindings)| bindings);
    let bound = bindings
        .into_iter()
        .flatten()
        .find(|bound| (bound.publisher, bound.source) == (patient, Source::Microphone));
    bound.map_or(Vec::new(), |bound| world.clients[client].got_on(&bound.mid))
}

/// Waits until somebody has got some more of the patient's voice, this way.
fn hears(world: &mut World, client: usize, receiver: u128, redundant: bool) {
    let begin = voice(world, client, receiver).len();
    world.until("the voice comes this way", |world| {
        let more = voice(world, client, receiver).split_off(begin);
        more.iter().filter(|got| got.redundant == redundant).count() > 20
    });
}

/// Waits until both may send it, or may not.
fn told(world: &mut World, allowed: bool) {
    world.until("both are told", |world| {
        [PATIENT, PRACTITIONER]
            .iter()
            .all(|person| world.redundancy(*person) == Some(allowed))
    });
}

/// Two people who take it, of whom the patient sends it.
fn consultation() -> (World, usize, usize) {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let patient = world.join_redundant(PATIENT, 1);
    let practitioner = world.join_redundant(PRACTITIONER, 1);
    told(&mut world, true);
    world.clients[patient].redundant = true;
    world.clients[patient].sending = true;
    hears(&mut world, practitioner, PRACTITIONER, true);
    (world, patient, practitioner)
}

#[test]
fn whoever_takes_none_ends_it_and_is_sent_none_meanwhile() {
    let (mut world, patient, practitioner) = consultation();
    world.plan(&[PATIENT, PRACTITIONER, INTERPRETER], true);
    let interpreter = world.join(INTERPRETER, 1);
    told(&mut world, false);
    assert_eq!(world.redundancy(INTERPRETER), None, "it has none to send");

    // A page that is slow to follow.
    hears(&mut world, practitioner, PRACTITIONER, true);
    world.until("what it takes not is dropped", |world| {
        world.dropped("not_taken") > 20
    });
    assert!(voice(&world, interpreter, INTERPRETER).is_empty());

    world.clients[patient].redundant = false;
    hears(&mut world, interpreter, INTERPRETER, false);
    hears(&mut world, practitioner, PRACTITIONER, false);
    let heard = voice(&world, interpreter, INTERPRETER);
    assert!(heard.iter().all(|got| !got.redundant));

    world.plan(&[PATIENT, PRACTITIONER], true);
    told(&mut world, true);
}

#[test]
fn a_voice_that_changes_its_kind_stays_one_stream() {
    let (mut world, patient, practitioner) = consultation();
    world.clients[patient].redundant = false;
    hears(&mut world, practitioner, PRACTITIONER, false);
    world.clients[patient].redundant = true;
    hears(&mut world, practitioner, PRACTITIONER, true);
    for pair in voice(&world, practitioner, PRACTITIONER).windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence + 1);
        assert_eq!(pair[1].ssrc, pair[0].ssrc);
        assert_eq!(pair[1].counter, pair[0].counter + 1);
    }
}
