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
    let made = measure(|| {
        for round in 0..1000 {
            let now = at(round);
            // Another SSRC half way: joining a new stream on is part of the hot path.
            let ssrc = 1 + u32::from(round >= 500);
            let payload = if round % 500 == 0 { &key } else { &delta };
            call.forward(
                now,
                practitioner,
                Source::Camera,
                &picture(ssrc, round, payload),
                |_| forwarded += 1,
            );
            call.forward(now, practitioner, Source::Microphone, &sound(round), |_| {
                forwarded += 1
            });
            call.heard(now, practitioner);
            call.handle_timeout(now);
            while call.poll_output().is_some() {}
        }
    });
    assert_eq!(made.count_total, 0);
    assert_eq!(forwarded, 2 * 1000 * (LEGS - 1));
}
