//! What happens in a call, told as the people in it would notice.

mod support;

use std::time::Duration;

use support::{
    INTERPRETER, PATIENT, PRACTITIONER, at, consultation, join, leg, outputs, picture, plan, send,
    sound, vp8,
};
use vestibule_forwarding::limits::{
    CLOSED_AFTER, GAP_PACKETS, INTERRUPTED_AFTER, KEY_FRAME_INTERVAL, SCREEN_FREE_AFTER,
};
use vestibule_forwarding::{
    Call, LinkState, Moment, Output, Packet, Seat, SenderReport, Slot, Source, TooManyLegs,
    Unforwarded,
};

fn key_frames(call: &mut Call) -> Vec<(Seat, Source)> {
    let asked = outputs(call).into_iter();
    asked
        .filter_map(|output| match output {
            Output::KeyFrame { seat, source, .. } => Some((seat, source)),
            Output::Link { .. }
            | Output::Slots { .. }
            | Output::Layers { .. }
            | Output::Redundancy { .. }
            | Output::Talk(_)
            | Output::Flow(_) => None,
        })
        .collect()
}

fn states(call: &mut Call) -> Vec<(Seat, u32, LinkState)> {
    let told = outputs(call).into_iter();
    told.filter_map(|output| match output {
        Output::Link {
            seat,
            connection,
            state,
        } => Some((seat, connection, state)),
        Output::KeyFrame { .. }
        | Output::Slots { .. }
        | Output::Layers { .. }
        | Output::Redundancy { .. }
        | Output::Talk(_)
        | Output::Flow(_) => None,
    })
    .collect()
}

#[test]
fn nothing_flows_and_nothing_is_asked_before_the_call_opens() {
    let mut call = Call::default();
    plan(&mut call, at(0), &[PATIENT, PRACTITIONER], false);
    let patient = join(&mut call, at(0), PATIENT, 1);
    let practitioner = join(&mut call, at(0), PRACTITIONER, 1);
    let key = vp8(true, true, 1, 1);
    assert!(send(&mut call, at(1), patient, Source::Microphone, sound(1)).is_empty());
    assert!(
        send(
            &mut call,
            at(1),
            patient,
            Source::Camera,
            picture(1, 1, &key)
        )
        .is_empty()
    );
    call.request_key_frame(at(1), practitioner, Slot::video(0).unwrap());
    assert_eq!(call.bindings(practitioner).count(), 0);
    assert!(key_frames(&mut call).is_empty());
}

#[test]
fn opening_asks_for_key_frames_tells_the_slots_and_lets_media_flow() {
    let mut call = Call::default();
    plan(&mut call, at(0), &[PATIENT, PRACTITIONER], false);
    let patient = join(&mut call, at(0), PATIENT, 1);
    let practitioner = join(&mut call, at(0), PRACTITIONER, 9);
    outputs(&mut call);
    plan(&mut call, at(5), &[PATIENT, PRACTITIONER], true);
    let told = outputs(&mut call);
    for seat in [patient, practitioner] {
        let source = Source::Camera;
        let layer = 0;
        assert!(told.contains(&Output::KeyFrame {
            seat,
            source,
            layer
        }));
    }
    assert!(told.contains(&Output::Slots {
        seat: practitioner,
        connection: 9
    }));
    let bound: Vec<_> = call
        .bindings(practitioner)
        .map(|bound| (bound.slot, bound.publisher, bound.source))
        .collect();
    let patients = [
        (Slot::audio(0).unwrap(), leg(PATIENT), Source::Microphone),
        (Slot::video(0).unwrap(), leg(PATIENT), Source::Camera),
    ];
    assert_eq!(bound, patients);
    let heard = send(&mut call, at(6), patient, Source::Microphone, sound(70_000));
    assert_eq!(
        (heard.len(), heard[0].seat, heard[0].slot),
        (1, practitioner, Slot::audio(0).unwrap())
    );
    assert!(heard[0].sequence < 65_536);
}

#[test]
fn a_plan_that_is_repeated_changes_nothing() {
    let (mut call, _, _) = consultation();
    plan(&mut call, at(1), &[PRACTITIONER, PATIENT], true);
    assert!(outputs(&mut call).is_empty());
}

#[test]
fn a_plan_of_six_legs_is_refused_whole() {
    let (mut call, patient, _) = consultation();
    let six: Vec<_> = (1..=6).map(leg).collect();
    assert_eq!(call.set_plan(at(1), &six, false, |_| {}), Err(TooManyLegs));
    assert!(call.is_open());
    assert_eq!(call.leg_id(patient), Some(leg(PATIENT)));
}

#[test]
fn a_leg_that_is_no_longer_planned_gets_and_gives_nothing() {
    let (mut call, patient, practitioner) = consultation();
    let mut removed = Vec::new();
    call.set_plan(at(1), &[leg(PRACTITIONER)], true, |seat| removed.push(seat))
        .unwrap();
    assert_eq!(removed, [patient]);
    assert!(send(&mut call, at(2), patient, Source::Microphone, sound(1)).is_empty());
    assert!(send(&mut call, at(2), practitioner, Source::Microphone, sound(1)).is_empty());
    assert_eq!(call.bindings(practitioner).count(), 0);
}

#[test]
fn slots_are_kept_while_others_come_and_go() {
    let (mut call, _, practitioner) = consultation();
    plan(
        &mut call,
        at(1),
        &[PATIENT, PRACTITIONER, INTERPRETER],
        true,
    );
    let publishers = |call: &Call| -> Vec<_> {
        let cameras = call
            .bindings(practitioner)
            .filter(|bound| bound.source == Source::Camera);
        cameras.map(|bound| (bound.slot, bound.publisher)).collect()
    };
    let (first, second) = (Slot::video(0).unwrap(), Slot::video(1).unwrap());
    assert_eq!(
        publishers(&call),
        [(first, leg(PATIENT)), (second, leg(INTERPRETER))]
    );
    plan(&mut call, at(2), &[PRACTITIONER, INTERPRETER], true);
    assert_eq!(publishers(&call), [(second, leg(INTERPRETER))]);
    plan(&mut call, at(3), &[PRACTITIONER, INTERPRETER, 4], true);
    assert_eq!(
        publishers(&call),
        [(first, leg(4)), (second, leg(INTERPRETER))]
    );
}

#[test]
fn a_repeated_packet_is_forwarded_once() {
    let (mut call, patient, _) = consultation();
    assert_eq!(
        send(&mut call, at(1), patient, Source::Microphone, sound(5)).len(),
        1
    );
    assert_eq!(
        send(&mut call, at(2), patient, Source::Microphone, sound(5)).len(),
        0
    );
}

/// Sound goes to the practitioner, or is kept back: the number that it gets.
fn speak(call: &mut Call, from: Seat, sequence: u64, goes: bool) -> Option<u64> {
    let mut number = None;
    call.forward(
        at(sequence),
        from,
        Source::Microphone,
        &sound(sequence),
        |it| {
            number = Some(it.sequence);
            goes
        },
    );
    number
}

/// A receiver guesses the upper half of a number by the lower one: two gaps of half of its range would have it guess wrongly.
#[test]
fn numbers_that_run_away_or_are_kept_back_leave_small_gaps() {
    let (mut call, patient, practitioner) = consultation();
    let mut speak = |sequence, goes| speak(&mut call, patient, sequence, goes);
    let first = speak(5, true).unwrap();
    let after = first + GAP_PACKETS + 1;
    assert_eq!(speak(30_000, true), Some(after));
    assert_eq!(speak(29_999, true), None, "it would come before");
    assert_eq!(speak(30_001, true), Some(after + 1));
    for sequence in 30_002..100_000 {
        speak(sequence, false);
    }
    assert_eq!(speak(100_000, true), Some(after + 1 + GAP_PACKETS + 1));
    // What went before a gap is still found by its number.
    let found = call.resend(practitioner, Slot::audio(0).unwrap(), after + 1);
    assert_eq!(found.unwrap().sequence, 30_001);
}

#[test]
fn a_gap_that_a_receiver_can_ask_about_stays_as_it_is() {
    let (mut call, patient, _) = consultation();
    let mut speak = |sequence| speak(&mut call, patient, sequence, true).unwrap();
    let (first, second) = (speak(5), speak(6 + GAP_PACKETS));
    assert_eq!(second, first + GAP_PACKETS + 1);
    assert_eq!(speak(7), first + 2, "it comes late");
}

/// Whoever lacks the beginning of a picture can make nothing of the rest.
#[test]
fn a_stream_is_not_joined_by_a_key_frame_that_is_not_sent() {
    let (mut call, patient, _) = consultation();
    let (key, delta) = (vp8(true, true, 1, 1), vp8(false, true, 2, 2));
    let (camera, now) = (Source::Camera, at(1));
    send(&mut call, now, patient, camera, picture(1, 1, &key));
    let kept_back = call.forward(now, patient, camera, &picture(2, 9, &key), |_| false);
    assert_eq!(kept_back.no_key_frame, 0);
    let fate = call.forward(now, patient, camera, &picture(2, 10, &delta), |_| true);
    assert_eq!(fate.no_key_frame, 1);
    let sent = send(&mut call, now, patient, camera, picture(2, 11, &key));
    assert_eq!(sent.len(), 1);
}

#[test]
fn a_malformed_picture_goes_nowhere() {
    let (mut call, patient, _) = consultation();
    let cut = [0x90, 0xe0, 0x80];
    assert!(
        send(
            &mut call,
            at(1),
            patient,
            Source::Camera,
            picture(1, 1, &cut)
        )
        .is_empty()
    );
}

#[test]
fn why_a_packet_goes_to_nobody_and_whom_it_is_kept_from_is_told() {
    let (mut call, patient, practitioner) = consultation();
    let (key, delta) = (vp8(true, true, 1, 1), vp8(false, true, 2, 2));
    let mut fate = |from, source, packet: Packet<'_>| {
        let fate = call.forward(at(1), from, source, &packet, |_| true);
        (fate.unforwarded, fate.no_key_frame, fate.before_joining)
    };
    let camera = Source::Camera;
    assert_eq!(fate(patient, camera, picture(1, 5, &key)), (None, 0, 0));
    let nobody = |why| (Some(why), 0, 0);
    let again = fate(patient, camera, picture(1, 5, &key));
    assert_eq!(again, nobody(Unforwarded::CameBefore));
    let cut = fate(patient, camera, picture(1, 6, &key[..3]));
    assert_eq!(cut, nobody(Unforwarded::Malformed));
    assert_eq!(fate(patient, camera, picture(9, 4, &delta)), (None, 1, 0));
    assert_eq!(fate(patient, camera, picture(9, 5, &key)), (None, 0, 0));
    assert_eq!(fate(patient, camera, picture(9, 3, &delta)), (None, 0, 1));
    let screen = Source::Screen;
    assert_eq!(
        fate(practitioner, screen, picture(2, 1, &key)),
        (None, 0, 0)
    );
    let second = fate(patient, screen, picture(3, 1, &key));
    assert_eq!(second, nobody(Unforwarded::AnotherPresents));
    plan(&mut call, at(2), &[PATIENT, PRACTITIONER], false);
    let closed = call.forward(at(3), patient, Source::Microphone, &sound(9), |_| true);
    assert_eq!(closed.unforwarded, Some(Unforwarded::Closed));
}

#[test]
fn a_publisher_who_connects_anew_is_joined_on_at_a_key_frame() {
    let (mut call, patient, _) = consultation();
    let key = vp8(true, true, 500, 40);
    let before = send(
        &mut call,
        at(100),
        patient,
        Source::Camera,
        picture(1, 900, &key),
    )[0];
    assert_eq!(before.vp8, None);
    call.attach(at(1000), patient, 2);
    call.connected(at(1000), patient);
    outputs(&mut call);
    let delta = vp8(false, true, 7, 3);
    assert!(
        send(
            &mut call,
            at(1050),
            patient,
            Source::Camera,
            picture(2, 20, &delta)
        )
        .is_empty()
    );
    let after_interval = at(1000).plus(KEY_FRAME_INTERVAL);
    call.handle_timeout(after_interval);
    assert_eq!(key_frames(&mut call), [(patient, Source::Camera)]);
    let key = vp8(true, true, 8, 4);
    let after = send(
        &mut call,
        at(1100),
        patient,
        Source::Camera,
        picture(2, 21, &key),
    )[0];
    assert_eq!(after.sequence, before.sequence + 1);
    assert_eq!(after.timestamp, before.timestamp + 90_000);
    let new = after.vp8.unwrap();
    assert_eq!((new.picture_id, new.tl0), (Some(501), Some(41)));
}

#[test]
fn a_key_frame_whose_packets_were_passed_over_is_not_joined_on() {
    let (mut call, patient, _) = consultation();
    let key = vp8(true, true, 1, 1);
    let rest = vp8(true, false, 1, 1);
    send(
        &mut call,
        at(1),
        patient,
        Source::Camera,
        picture(1, 1, &key),
    );
    call.attach(at(10), patient, 2);
    call.connected(at(10), patient);
    assert!(
        send(
            &mut call,
            at(20),
            patient,
            Source::Camera,
            picture(2, 51, &rest)
        )
        .is_empty()
    );
    assert!(
        send(
            &mut call,
            at(21),
            patient,
            Source::Camera,
            picture(2, 50, &key)
        )
        .is_empty()
    );
    assert_eq!(
        send(
            &mut call,
            at(30),
            patient,
            Source::Camera,
            picture(2, 60, &key)
        )
        .len(),
        1
    );
}

#[test]
fn sound_is_joined_on_at_once() {
    let (mut call, patient, _) = consultation();
    let before = send(&mut call, at(20), patient, Source::Microphone, sound(9))[0];
    plan(&mut call, at(30), &[PATIENT, PRACTITIONER], false);
    assert!(send(&mut call, at(40), patient, Source::Microphone, sound(10)).is_empty());
    plan(&mut call, at(50), &[PATIENT, PRACTITIONER], true);
    let after = send(&mut call, at(60), patient, Source::Microphone, sound(11))[0];
    assert_eq!(after.sequence, before.sequence + 1);
    assert_eq!(after.timestamp, before.timestamp + 40 * 48);
}

#[test]
fn wishes_for_a_key_frame_within_the_interval_become_one_request() {
    let (mut call, patient, practitioner) = consultation();
    call.handle_timeout(at(1000));
    outputs(&mut call);
    let slot = Slot::video(0).unwrap();
    for millis in [1000, 1010, 1100, 1299] {
        call.request_key_frame(at(millis), practitioner, slot);
    }
    assert_eq!(key_frames(&mut call), [(patient, Source::Camera)]);
    assert_eq!(call.next_timeout(), Some(at(1300)));
    call.handle_timeout(at(1300));
    assert_eq!(key_frames(&mut call), [(patient, Source::Camera)]);
}

#[test]
fn what_did_not_arrive_for_a_while_begins_anew_at_a_key_frame() {
    let (mut call, patient, practitioner) = consultation();
    let key = vp8(true, true, 1, 1);
    let shown = picture(1, 1, &key);
    send(&mut call, at(10), patient, Source::Camera, shown);
    call.handle_timeout(at(1000));
    outputs(&mut call);
    call.missed(at(1000), practitioner);
    assert_eq!(key_frames(&mut call), [(patient, Source::Camera)]);
    // Nobody shows this one anything.
    call.missed(at(2000), patient);
    assert_eq!(key_frames(&mut call), []);
}

#[test]
fn what_cannot_be_sent_again_has_the_picture_begin_anew_once() {
    let (mut call, patient, practitioner) = consultation();
    let slot = Slot::video(0).unwrap();
    let [key, delta] = [vp8(true, true, 1, 1), vp8(false, true, 2, 2)];
    let show = |call: &mut Call, millis, number, payload: &[u8]| {
        let shown = picture(1, number, payload);
        send(call, at(millis), patient, Source::Camera, shown)[0].sequence
    };
    show(&mut call, 10, 1, &key);
    let lacked = show(&mut call, 20, 2, &delta);
    call.handle_timeout(at(1000));
    outputs(&mut call);
    call.beyond_repair(at(1000), practitioner, slot, lacked);
    assert_eq!(key_frames(&mut call), [(patient, Source::Camera)]);
    // Nothing like that was sent.
    call.beyond_repair(at(2000), practitioner, slot, lacked + 1);
    assert_eq!(key_frames(&mut call), []);
    // A whole picture came after what is lacked.
    let whole = show(&mut call, 3000, 3, &key);
    call.beyond_repair(at(3010), practitioner, slot, lacked);
    assert_eq!(key_frames(&mut call), []);
    call.beyond_repair(at(4000), practitioner, slot, whole);
    assert_eq!(key_frames(&mut call), [(patient, Source::Camera)]);
}

#[test]
fn a_silent_leg_is_interrupted_comes_back_and_is_closed_in_the_end() {
    let (mut call, patient, practitioner) = consultation();
    let interrupted = at(0).plus(INTERRUPTED_AFTER);
    call.heard(interrupted, practitioner);
    while call.next_timeout().unwrap() < interrupted {
        call.handle_timeout(call.next_timeout().unwrap());
        assert_eq!(states(&mut call), []);
    }
    assert_eq!(call.next_timeout(), Some(interrupted));
    call.handle_timeout(interrupted);
    assert_eq!(states(&mut call), [(patient, 1, LinkState::Interrupted)]);
    let back = interrupted.plus(Duration::from_secs(1));
    call.heard(back, patient);
    assert_eq!(states(&mut call), [(patient, 1, LinkState::Connected)]);
    let closed = back.plus(CLOSED_AFTER);
    call.heard(closed, practitioner);
    call.handle_timeout(closed);
    assert_eq!(states(&mut call), [(patient, 1, LinkState::Closed)]);
    assert!(
        send(
            &mut call,
            closed,
            practitioner,
            Source::Microphone,
            sound(1)
        )
        .is_empty()
    );
}

#[test]
fn a_peer_that_never_comes_up_is_closed() {
    let mut call = Call::default();
    plan(&mut call, at(0), &[PATIENT], false);
    let seat = call.seat_of(leg(PATIENT)).unwrap();
    call.attach(at(0), seat, 3);
    let closed = call.next_timeout().unwrap();
    assert_eq!(closed, at(0).plus(CLOSED_AFTER));
    call.handle_timeout(closed);
    assert_eq!(states(&mut call), [(seat, 3, LinkState::Closed)]);
    assert_eq!(call.next_timeout(), None);
}

#[test]
fn one_screen_is_shown_to_all_others_until_it_stops() {
    let (mut call, patient, practitioner) = consultation();
    let key = vp8(true, true, 1, 1);
    let shown = send(
        &mut call,
        at(10),
        practitioner,
        Source::Screen,
        picture(1, 1, &key),
    );
    assert_eq!(
        (shown.len(), shown[0].seat, shown[0].slot),
        (1, patient, Slot::SCREEN)
    );
    assert!(
        call.bindings(patient)
            .any(|bound| bound.slot == Slot::SCREEN && bound.publisher == leg(PRACTITIONER))
    );
    assert!(
        call.bindings(practitioner)
            .all(|bound| bound.slot != Slot::SCREEN)
    );
    assert!(
        send(
            &mut call,
            at(20),
            patient,
            Source::Screen,
            picture(2, 1, &key)
        )
        .is_empty()
    );
    let free = at(10).plus(SCREEN_FREE_AFTER);
    call.handle_timeout(free);
    assert!(
        call.bindings(patient)
            .all(|bound| bound.slot != Slot::SCREEN)
    );
    let shown = send(
        &mut call,
        free,
        patient,
        Source::Screen,
        picture(2, 2, &key),
    );
    assert_eq!((shown.len(), shown[0].seat), (1, practitioner));
}

/// A slot changed hands: the last packets of the one before may still be asked for, with their numbers.
#[test]
fn what_flowed_before_is_still_found_by_its_numbers() {
    let mut call = Call::default();
    plan(
        &mut call,
        at(0),
        &[PATIENT, PRACTITIONER, INTERPRETER],
        true,
    );
    let [patient, practitioner, interpreter] =
        [PATIENT, PRACTITIONER, INTERPRETER].map(|who| join(&mut call, at(0), who, 1));
    let key = vp8(true, true, 1, 1);
    let show = |call: &mut Call, now, from, ssrc, sequence| {
        let shown = send(
            call,
            now,
            from,
            Source::Screen,
            picture(ssrc, sequence, &key),
        );
        shown.into_iter().find(|it| it.seat == interpreter).unwrap()
    };
    let before = show(&mut call, at(10), patient, 1, 700);
    let free = at(10).plus(SCREEN_FREE_AFTER);
    call.handle_timeout(free);
    let after = show(&mut call, free, practitioner, 2, 40);
    for (sent, from, ssrc, sequence) in [(before, patient, 1, 700), (after, practitioner, 2, 40)] {
        let found = call
            .resend(interpreter, Slot::SCREEN, sent.sequence)
            .unwrap();
        assert_eq!(
            (found.from, found.ssrc, found.sequence),
            (from, ssrc, sequence)
        );
        let timestamp = (sequence * 3000) as u32;
        assert_eq!(found.numbers(timestamp, &key), (sent.timestamp, sent.vp8));
    }
    assert_eq!(
        call.resend(interpreter, Slot::SCREEN, after.sequence + 1),
        None
    );
}

/// Lips and sound: the moment of capture goes with both, whatever their ways took.
#[test]
fn what_was_captured_together_is_reported_together() {
    let (mut call, patient, _) = consultation();
    let report = |ssrc, timestamp| SenderReport {
        ssrc,
        wallclock_micros: 77_000_000,
        timestamp,
    };
    call.sender_report(at(1000), patient, Source::Microphone, report(10, 960));
    call.sender_report(at(1040), patient, Source::Camera, report(1, 3000));
    let heard = send(&mut call, at(1015), patient, Source::Microphone, sound(1))[0].captured;
    let key = vp8(true, true, 1, 1);
    let seen = send(
        &mut call,
        at(1090),
        patient,
        Source::Camera,
        picture(1, 1, &key),
    )[0]
    .captured;
    assert_eq!(heard, seen);
    assert!(seen < at(1090) && seen >= Moment::from_micros(1_000_000));
}
