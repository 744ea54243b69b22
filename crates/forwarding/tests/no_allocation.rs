//! The hot path allocates nothing: counted by the allocator itself.

mod support;

use allocation_counter::measure;
use support::{PATIENT, PRACTITIONER, at, join, picture, plan, sound, vp8};
use vestibule_forwarding::limits::LEGS;
use vestibule_forwarding::{Call, Source};

#[test]
fn forwarding_to_a_full_call_allocates_nothing() {
    let people: Vec<u128> = (PATIENT..PATIENT + LEGS as u128).collect();
    let mut call = Call::default();
    plan(&mut call, at(0), &people, true);
    let seats: Vec<_> = people
        .iter()
        .map(|person| join(&mut call, at(0), *person, 1))
        .collect();
    let practitioner = call.seat_of(support::leg(PRACTITIONER)).unwrap();
    assert_eq!(seats[1], practitioner);
    let (key, delta) = (vp8(true, true, 1, 1), vp8(false, true, 2, 2));

    let mut forwarded = 0;
    let mut play = |from, to| {
        for round in from..to {
            let now = at(round);
            // Another SSRC half way: joining a new stream on is part of the hot path.
            let ssrc = 1 + u32::from(round >= 500);
            let payload = if round % 500 == 0 { &key } else { &delta };
            call.forward(
                now,
                practitioner,
                Source::Camera,
                &picture(ssrc, round, payload),
                |_| {
                    forwarded += 1;
                    true
                },
            );
            call.forward(now, practitioner, Source::Microphone, &sound(round), |_| {
                forwarded += 1;
                true
            });
            call.heard(now, practitioner);
            call.handle_timeout(now);
            while call.poll_output().is_some() {}
        }
    };
    // With its first packet a slot behind the first pair gets its place.
    play(0, 1);
    let made = measure(|| play(1, 1000));
    assert_eq!(made.count_total, 0);
    assert_eq!(forwarded, 2 * 1000 * (LEGS - 1));
}
