//! Media between clients through the SFU.

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

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use support::client::{Got, counter, is_rtp, lose_video};
use support::{World, call, leg};
use vestibule_control::{FromSfu, LegState, ToSfu, Watched};
use vestibule_sfu::{CallId, Forwarded, Packet, Seat, Tap};
use vestibule_vocab::Source;

const PATIENT: u128 = 1;
const PRACTITIONER: u128 = 2;

/// Two clients in an open call, both sending, both having got something of each kind.
fn consultation() -> (World, usize, usize) {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let patient = world.join(PATIENT, 1);
    let practitioner = world.join(PRACTITIONER, 1);
    world.clients[patient].sending = true;
    world.clients[practitioner].sending = true;
    flows(&mut world, practitioner, PRACTITIONER);
    flows(&mut world, patient, PATIENT);
    (world, patient, practitioner)
}

/// The mid through which a source comes to a leg.
fn mid_of(world: &World, receiver: u128, source: Source) -> String {
    let (_, bindings) = world.slots(receiver).unwrap();
    bindings
        .into_iter()
        .find(|bound| bound.source == source)
        .unwrap()
        .mid
}

fn got(world: &World, client: usize, receiver: u128, source: Source) -> Vec<Got> {
    world.clients[client].got_on(&mid_of(world, receiver, source))
}

/// Waits until a client has got some more sound and picture than it has.
fn flows(world: &mut World, client: usize, receiver: u128) {
    world.until("slots are bound", |world| {
        world
            .slots(receiver)
            .is_some_and(|(_, bound)| bound.len() >= 2)
    });
    let count = |world: &World, source| got(world, client, receiver, source).len();
    let before = [Source::Microphone, Source::Camera].map(|source| (source, count(world, source)));
    world.until("media flows", |world| {
        before
            .iter()
            .all(|(source, before)| count(world, *source) > before + 20)
    });
}

/// The counter of the last picture that the SFU has handled, of the patient and of the practitioner.
#[derive(Clone, Default)]
struct Handled(Arc<[AtomicU64; 2]>);

impl Handled {
    fn both(&self, counter: u64) -> bool {
        self.0
            .iter()
            .all(|last| last.load(Ordering::Relaxed) >= counter)
    }
}

impl Tap for Handled {
    fn received(&self, _: CallId, (seat, source): (Seat, Source), packet: &Packet<'_>, _: bool) {
        if source == Source::Camera {
            self.0[seat.index()].fetch_max(counter(packet.payload), Ordering::Relaxed);
        }
    }

    fn sent(&self, _: CallId, _: &Forwarded, _: &Packet<'_>, _: bool) {}
}

#[test]
fn nothing_flows_before_the_call_opens_and_all_after() {
    let handled = Handled::default();
    let mut world = World::start_tapped(handled.clone());
    world.plan(&[PATIENT, PRACTITIONER], false);
    let patient = world.join(PATIENT, 7);
    let practitioner = world.join(PRACTITIONER, 8);
    world.clients[patient].sending = true;
    world.clients[practitioner].sending = true;
    world.until("both sent some", |world| {
        world.clients.iter().all(|client| client.sent > 50)
    });
    let sent = world
        .clients
        .iter()
        .map(|client| client.sent)
        .min()
        .unwrap();
    world.until("the SFU has handled what was sent before", |_| {
        handled.both(sent)
    });
    assert!(
        world
            .slots(PATIENT)
            .is_none_or(|(_, bound)| bound.is_empty())
    );

    world.plan(&[PATIENT, PRACTITIONER], true);
    flows(&mut world, practitioner, PRACTITIONER);
    flows(&mut world, patient, PATIENT);
    for client in &world.clients {
        assert!(
            client.got.iter().all(|got| got.counter >= sent),
            "something came from before"
        );
        assert_eq!(client.asked, 1, "one key frame was asked for");
    }
    let (connection, bindings) = world.slots(PRACTITIONER).unwrap();
    assert_eq!(connection, 8);
    assert!(bindings.iter().all(|bound| bound.publisher == leg(PATIENT)));
    assert_eq!(
        bindings
            .iter()
            .map(|bound| bound.source)
            .collect::<Vec<_>>(),
        [Source::Microphone, Source::Camera]
    );

    let pictures = got(&world, practitioner, PRACTITIONER, Source::Camera);
    assert!(pictures[0].sequence < 65_536);
    for pair in pictures.windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence + 1);
        assert_eq!(pair[1].counter, pair[0].counter + 1);
        let frames = u16::from(pair[0].marker);
        assert_eq!(pair[1].picture_id, pair[0].picture_id.map(|id| id + frames));
        assert_eq!(pair[1].timestamp > pair[0].timestamp, pair[0].marker);
        assert_eq!(
            pair[1].turned, pair[1].marker,
            "the camera's orientation goes along"
        );
    }
}

#[test]
fn lost_packets_are_recovered_on_both_sides_of_the_sfu() {
    let (mut world, patient, practitioner) = consultation();
    world.clients[patient].outgoing = lose_video(9);
    world.clients[practitioner].incoming = lose_video(8);
    let begin = world.clients[patient].sent;
    world.until("some were lost", |world| {
        world.clients[patient].sent > begin + 300
    });
    world.clients[patient].outgoing = Box::new(|_| true);
    world.clients[practitioner].incoming = Box::new(|_| true);
    let wanted: BTreeSet<u64> = (begin..begin + 300).collect();
    world.until("every packet came", |world| {
        let came = got(world, practitioner, PRACTITIONER, Source::Camera);
        wanted.is_subset(&came.iter().map(|got| got.counter).collect())
    });
}

#[test]
fn many_wishes_for_a_key_frame_become_few_requests() {
    let (mut world, patient, practitioner) = consultation();
    let mid = mid_of(&world, PRACTITIONER, Source::Camera).as_str().into();
    let (asked, begin) = (world.clients[patient].asked, Instant::now());
    let mut wished = 0;
    while wished < 200 {
        world.clients[practitioner].request_key_frame(mid);
        wished += 1;
        let sent = world.clients[patient].sent;
        world.until("time passes", |world| world.clients[patient].sent > sent);
    }
    world.until("the key frame is asked for", |world| {
        world.clients[patient].asked > asked
    });
    let intervals = begin.elapsed().as_millis() / 300;
    let requests = (world.clients[patient].asked - asked) as u128;
    assert!(
        requests <= intervals + 2,
        "{requests} requests in {intervals} intervals"
    );
}

#[test]
fn a_new_connection_replaces_the_old_and_the_others_see_one_stream() {
    let (mut world, patient, practitioner) = consultation();
    world.clients[patient].sending = false;
    let returned = world.join(PATIENT, 2);
    world.clients[returned].sending = true;
    let new_ones = |world: &World| got(world, practitioner, PRACTITIONER, Source::Camera).len();
    let before = new_ones(&world);
    world.until("the old peer is told goodbye", |world| {
        world.clients[patient].closed
    });
    world.until("the new one is seen", |world| new_ones(world) > before + 20);
    flows(&mut world, returned, PATIENT);
    // What a busy machine lost comes late.
    let mut pictures = Vec::new();
    world.until("no picture is missing", |world| {
        pictures = got(world, practitioner, PRACTITIONER, Source::Camera);
        pictures.sort_by_key(|it| it.sequence);
        let mut pairs = pictures.windows(2);
        pairs.all(|pair| pair[1].sequence == pair[0].sequence + 1)
    });
    assert!(pictures.windows(2).all(|pair| pair[1].ssrc == pair[0].ssrc));
    assert_eq!(world.slots(PATIENT).unwrap().0, 2);
    let restarts = pictures
        .windows(2)
        .filter(|pair| pair[1].counter < pair[0].counter);
    let joins: Vec<_> = restarts
        .map(|pair| (pair[0].picture_id, pair[1].picture_id))
        .collect();
    assert_eq!(joins.len(), 1);
    assert_eq!(joins[0].1, joins[0].0.map(|id| id + 1));
}

/// A call in which the patient's camera comes in all layers.
fn layered() -> (World, usize, usize) {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let patient = world.add_client();
    world.clients[patient].layers = Some(vec![0, 1, 2]);
    world.connect_client(patient, PATIENT, 1);
    let practitioner = world.join(PRACTITIONER, 1);
    world.clients[patient].sending = true;
    (world, patient, practitioner)
}

/// Waits until a receiver got some packets of a layer at its end.
fn comes_in(world: &mut World, practitioner: usize, layer: u8) {
    let begin = world.clients[practitioner].got.len();
    world.until("a layer comes", |world| {
        let got = &world.clients[practitioner].got[begin..];
        let pictures = got.iter().filter(|got| got.picture_id.is_some());
        pictures
            .rev()
            .take(20)
            .filter(|got| got.layer == layer)
            .count()
            == 20
    });
}

#[test]
fn one_layer_is_forwarded_and_another_stands_in_at_a_key_frame() {
    let (mut world, patient, practitioner) = layered();
    comes_in(&mut world, practitioner, 2);
    assert_eq!(world.layers(PATIENT), Some(vec![2]));
    assert_eq!(world.layers(PRACTITIONER), None, "its camera is one stream");
    world.clients[patient].layers = Some(vec![0, 1]);
    comes_in(&mut world, practitioner, 1);
    world.clients[patient].layers = Some(vec![0, 1, 2]);
    comes_in(&mut world, practitioner, 2);

    let pictures = got(&world, practitioner, PRACTITIONER, Source::Camera);
    let mut changes = 0;
    for pair in pictures.windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence + 1);
        assert_eq!(pair[1].ssrc, pair[0].ssrc);
        if pair[1].layer != pair[0].layer {
            changes += 1;
            assert!(pair[1].key, "changed without a key frame");
            assert_eq!(pair[1].picture_id, pair[0].picture_id.map(|id| id + 1));
            assert!(pair[1].timestamp > pair[0].timestamp);
        }
    }
    // It may have begun with a lower layer, whose packet came first.
    assert!((2..=4).contains(&changes), "{changes} changes");
}

#[test]
fn lost_packets_of_a_layer_are_recovered_on_both_sides_of_the_sfu() {
    let (mut world, patient, practitioner) = layered();
    comes_in(&mut world, practitioner, 2);
    world.clients[patient].outgoing = lose_video(10);
    world.clients[practitioner].incoming = lose_video(8);
    let begin = world.clients[patient].sent;
    world.until("some were lost", |world| {
        world.clients[patient].sent > begin + 200
    });
    world.clients[patient].outgoing = Box::new(|_| true);
    world.clients[practitioner].incoming = Box::new(|_| true);
    let wanted: BTreeSet<u64> = (begin..begin + 200).collect();
    world.until("every packet came", |world| {
        let came = got(world, practitioner, PRACTITIONER, Source::Camera);
        let came = came.iter().filter(|got| got.layer == 2);
        wanted.is_subset(&came.map(|got| got.counter).collect())
    });
}

/// Has most be lost of the media that the patient sends, who is told to send the smallest layer alone.
fn break_down(world: &mut World, patient: usize) {
    let mut count = 0;
    world.clients[patient].outgoing = Box::new(move |datagram| {
        count += u32::from(is_rtp(datagram));
        !is_rtp(datagram) || count % 4 == 0
    });
    world.until("the publisher is told to send little", |world| {
        world.layers(PATIENT) == Some(vec![0])
    });
}

#[test]
fn who_loses_most_of_what_they_send_is_to_send_the_smallest_layer_until_the_line_is_better() {
    let (mut world, patient, practitioner) = layered();
    comes_in(&mut world, practitioner, 2);
    break_down(&mut world, patient);
    world.clients[patient].outgoing = Box::new(|_| true);
    comes_in(&mut world, practitioner, 0);
    world.until("the publisher is told to send the whole picture", |world| {
        world.layers(PATIENT) == Some(vec![2])
    });
    comes_in(&mut world, practitioner, 2);
}

#[test]
fn so_it_is_where_the_receiver_never_tells_what_arrives_and_comes_only_then() {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let patient = world.add_client();
    world.clients[patient].layers = Some(vec![0, 1, 2]);
    world.connect_client(patient, PATIENT, 1);
    let practitioner = world.join_without_feedback(PRACTITIONER, 1);
    world.clients[patient].sending = true;
    comes_in(&mut world, practitioner, 2);
    break_down(&mut world, patient);
    // Who comes only now is expected to get the whole picture, until they are there.
    let before = world.told.len();
    let returned = world.join_without_feedback(PRACTITIONER, 2);
    world.clients[returned].sending = true;
    world.until("the publisher is told to send little again", |world| {
        let told = world.told[before..].iter();
        let mut told = told.filter_map(|it| match it {
            FromSfu::Layers { layers, .. } => Some(layers.as_slice()),
            _ => None,
        });
        told.next_back() == Some(&[0])
    });
}

/// What an answer says of the streams of its slots.
fn streams(answer: &str) -> Vec<&str> {
    let lines = answer.lines();
    lines.filter(|line| line.starts_with("a=ssrc")).collect()
}

#[test]
fn a_changed_network_is_survived_by_an_ice_restart_on_the_same_connection() {
    let (mut world, patient, practitioner) = consultation();
    let first = world.first_answer();
    let asked = world.clients[practitioner].asked;
    world.move_client(patient);
    let offer = world.clients[patient].offer();
    let answer = world.offer(PATIENT, 1, &offer).unwrap();
    assert_eq!(
        streams(&answer),
        streams(&first),
        "the slots keep their streams"
    );
    world.clients[patient].accept(&answer);
    flows(&mut world, practitioner, PRACTITIONER);
    flows(&mut world, patient, PATIENT);
    let pictures = got(&world, practitioner, PRACTITIONER, Source::Camera);
    assert!(pictures.windows(2).all(|pair| pair[1].ssrc == pair[0].ssrc));
    assert!(!world.clients[patient].closed);
    assert_eq!(world.states(PATIENT), [(1, LegState::Connected)]);
    asked_for_a_key_frame(&mut world, practitioner, asked);
}

#[test]
fn who_was_cut_off_for_a_while_gets_a_key_frame_without_asking() {
    let (mut world, patient, practitioner) = consultation();
    let asked = world.clients[practitioner].asked;
    world.clients[patient].outgoing = Box::new(|_| false);
    world.clients[patient].incoming = Box::new(|_| false);
    // How long it is cut off is what is tested, so it is waited for.
    let end = Instant::now() + Duration::from_secs(2);
    world.until("it was cut off for a while", |_| Instant::now() >= end);
    assert_eq!(world.clients[practitioner].asked, asked);
    world.clients[patient].outgoing = Box::new(|_| true);
    world.clients[patient].incoming = Box::new(|_| true);
    asked_for_a_key_frame(&mut world, practitioner, asked);
}

#[test]
fn who_moves_is_asked_again_for_what_they_were_asked_for_where_they_are_no_more() {
    let (mut world, patient, practitioner) = consultation();
    // Nothing that it sends gets lost, or a key frame would be needed for that.
    world.clients[patient].sending = false;
    world.clients[patient].outgoing = Box::new(|_| false);
    world.move_client(patient);
    let asked = world.clients[patient].asked;
    let requested = |world: &World| {
        support::metrics::sum(&world.metrics(), "vestibule_sfu_key_frames_requested_total")
    };
    let before = requested(&world);
    let mid = mid_of(&world, PRACTITIONER, Source::Camera).as_str().into();
    world.clients[practitioner].request_key_frame(mid);
    world.until("it is asked for a key frame", |world| {
        requested(world) > before
    });
    world.clients[patient].outgoing = Box::new(|_| true);
    let offer = world.clients[patient].offer();
    let answer = world.offer(PATIENT, 1, &offer).unwrap();
    world.clients[patient].accept(&answer);
    world.until("the key frame is asked for again", |world| {
        world.clients[patient].asked > asked
    });
}

/// Waits until the SFU asks a publisher for a key frame, which no receiver asked it for.
fn asked_for_a_key_frame(world: &mut World, publisher: usize, before: usize) {
    world.until("a key frame is asked for", |world| {
        world.clients[publisher].asked > before
    });
    let metrics = world.metrics();
    let by_receivers = support::metrics::sum(&metrics, "vestibule_sfu_key_frames_asked_total");
    assert!(by_receivers.abs() < 0.5, "{by_receivers}");
}

#[test]
fn the_same_offer_again_gets_the_same_answer() {
    let mut world = World::start();
    world.plan(&[PATIENT], false);
    let client = world.add_client();
    let offer = world.clients[client].offer();
    let first = world.offer(PATIENT, 1, &offer).unwrap();
    assert_eq!(world.offer(PATIENT, 1, &offer).unwrap(), first);
    world.clients[client].accept(&first);
    world.until("the leg is connected", |world| {
        !world.states(PATIENT).is_empty()
    });
}

#[test]
fn a_client_that_says_goodbye_is_closed_and_its_connection_cannot_come_back() {
    let (mut world, patient, _) = consultation();
    let restart = world.clients[patient].offer();
    world.clients[patient].rtc.close().unwrap();
    world.until("the leg is closed", |world| {
        world.states(PATIENT).last() == Some(&(1, LegState::Closed))
    });
    assert!(world.offer(PATIENT, 1, &restart).is_err());
    world.join(PATIENT, 2);
}

#[test]
fn a_silent_leg_is_interrupted_then_closed() {
    let (mut world, patient, practitioner) = consultation();
    world.clients[patient].outgoing = Box::new(|_| false);
    world.until("the leg is closed", |world| {
        world.states(PATIENT).last() == Some(&(1, LegState::Closed))
    });
    let states = [LegState::Connected, LegState::Interrupted, LegState::Closed];
    assert_eq!(world.states(PATIENT), states.map(|state| (1, state)));
    assert_eq!(world.states(PRACTITIONER), [(1, LegState::Connected)]);
    assert!(!world.clients[practitioner].closed);
}

#[test]
fn a_leg_that_is_no_longer_planned_is_closed_at_once() {
    let (mut world, patient, practitioner) = consultation();
    world.plan(&[PRACTITIONER], true);
    world.until("the patient's peer is told goodbye", |world| {
        world.clients[patient].closed
    });
    world.until("the slots are free", |world| {
        world.slots(PRACTITIONER).unwrap().1.is_empty()
    });
    assert!(!world.clients[practitioner].closed);
    world.tell(ToSfu::CloseCall {
        call: support::call(1),
    });
    world.until("the call is closed", |world| {
        world.clients[practitioner].closed
    });
}

#[test]
fn three_people_hear_each_other() {
    let mut world = World::start();
    let people = [1, 2, 3];
    world.plan(&people, true);
    for person in people {
        let client = world.join(person, 1);
        world.clients[client].sending = true;
    }
    for (client, person) in people.into_iter().enumerate() {
        world.until("all slots are bound", |world| {
            world
                .slots(person)
                .is_some_and(|(_, bound)| bound.len() == 4)
        });
        let mids: Vec<_> = world
            .slots(person)
            .unwrap()
            .1
            .into_iter()
            .map(|bound| bound.mid)
            .collect();
        world.until("all flow", |world| {
            mids.iter()
                .all(|mid| world.clients[client].got_on(mid).len() > 10)
        });
    }
}

#[test]
fn a_picture_that_nobody_looks_at_is_not_sent_and_comes_back_when_somebody_does() {
    let (mut world, patient, practitioner) = layered();
    comes_in(&mut world, practitioner, 2);
    let mid = mid_of(&world, PRACTITIONER, Source::Camera);
    let watch = |connection, pictures| ToSfu::Watch {
        call: call(1),
        leg: leg(PRACTITIONER),
        connection,
        pictures,
    };
    let unseen = vec![Watched { mid, layers: 0 }];
    world.tell(watch(7, unseen.clone()));
    comes_in(&mut world, practitioner, 2);
    assert_ne!(
        world.layers(PATIENT),
        Some(Vec::new()),
        "of another connection"
    );
    world.tell(watch(1, unseen));
    world.until("the publisher is told to stop", |world| {
        world.layers(PATIENT) == Some(Vec::new())
    });
    let seen = got(&world, practitioner, PRACTITIONER, Source::Camera).len();
    let sound = got(&world, practitioner, PRACTITIONER, Source::Microphone).len();
    world.until("sound goes on", |world| {
        got(world, practitioner, PRACTITIONER, Source::Microphone).len() > sound + 100
    });
    let more = got(&world, practitioner, PRACTITIONER, Source::Camera).len() - seen;
    assert!(more < 20, "{more} packets of a picture that nobody sees");
    let asked = world.clients[patient].asked;
    world.tell(watch(1, Vec::new()));
    comes_in(&mut world, practitioner, 2);
    assert!(
        world.clients[patient].asked > asked,
        "a key frame was asked for"
    );
}

/// The line of each is known by then, and at the beginning it has no room for anybody's picture beside four voices.
#[test]
fn cameras_that_are_switched_on_late_are_seen_by_all_five() {
    let mut world = World::start();
    let people = [1, 2, 3, 4, 5];
    world.plan(&people, true);
    for person in people {
        let client = world.add_client();
        world.clients[client].layers = Some(vec![0, 1, 2]);
        world.clients[client].sound_only = true;
        world.connect_client(client, person, 1);
        world.clients[client].sending = true;
    }
    world.until("all hear each other for a while", |world| {
        world.clients.iter().all(|client| client.got.len() > 1_500)
    });
    for client in &mut world.clients {
        client.sound_only = false;
    }
    for (client, person) in people.into_iter().enumerate() {
        world.until("all are seen", |world| {
            let (_, bound) = world.slots(person).unwrap();
            let pictures = bound.iter().filter(|it| it.source == Source::Camera);
            let seen = |mid: &str| world.clients[client].got_on(mid).len() > 10;
            pictures.clone().count() == 4 && pictures.into_iter().all(|it| seen(&it.mid))
        });
    }
}

/// Pictures are 400 ms longer on the way than sound, and were captured at the same time all the same.
#[test]
fn sender_reports_keep_sound_and_picture_together() {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let patient = world.join(PATIENT, 1);
    let practitioner = world.join(PRACTITIONER, 1);
    world.clients[patient].pictures_late = Duration::from_millis(400);
    world.clients[patient].sending = true;
    flows(&mut world, practitioner, PRACTITIONER);
    let mids =
        [Source::Microphone, Source::Camera].map(|source| mid_of(&world, PRACTITIONER, source));
    // The first reports may come before the SFU got one itself.
    for _ in 0..3 {
        world.clients[practitioner].zero_at.clear();
        world.until("both are reported, and no silent slot", |world| {
            world.clients[practitioner].zero_at.len() == mids.len()
        });
    }
    let zero_at = |mid: &String| world.clients[practitioner].zero_at[&mid.as_str().into()];
    let [sound, picture] = [zero_at(&mids[0]), zero_at(&mids[1])];
    let apart = sound
        .duration_since(picture)
        .unwrap_or_else(|error| error.duration());
    assert!(
        apart < Duration::from_millis(200),
        "lips and sound are {apart:?} apart"
    );
}
