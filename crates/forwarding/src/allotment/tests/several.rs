//! Pictures of several people, who share a line.

use vestibule_congestion::Bitrate;
use vestibule_congestion::limits::{MAX_BITRATE, UP_MARGIN};

use super::{LAYERED, ONE, OTHER, at, call_of, line};
use crate::allotment::{Allotment, Camera, most_for};
use crate::{Call, LegId, Packet, Seat, Slot, Source};

/// What is set for the cameras of two others when a line takes so much for five seconds.
fn settled(
    allotment: &mut Allotment,
    call: &mut Call,
    from: u64,
    kilobits: u64,
) -> [Option<u8>; 2] {
    for millis in (from..from + 5_000).step_by(100) {
        allotment.update(at(millis), (call, ONE), line(kilobits), |_| LAYERED);
    }
    [allotment.set[0].unwrap(), allotment.set[1].unwrap()]
}

#[test]
fn among_three_each_gets_the_layers_that_its_line_takes() {
    let (mut call, mut allotment) = (call_of(3), Allotment::default());
    let mut settled = |from, kilobits| settled(&mut allotment, &mut call, from, kilobits);
    assert_eq!(settled(0, 3_000), [Some(2), Some(2)]);
    assert_eq!(settled(5_000, 450), [Some(0), Some(0)]);
    assert_eq!(settled(10_000, 300), [Some(0), None]);
    assert_eq!(settled(15_000, 120), [None, None]);
    assert_eq!(settled(20_000, 3_000), [Some(2), Some(2)]);
}

/// Less and less is measured of a layer from its last packet on.
#[test]
fn a_picture_that_stops_is_not_thought_to_fit() {
    let (mut call, mut allotment) = (call_of(3), Allotment::default());
    let mut payload = [0; 750];
    payload[0] = 0x10;
    let mut set = Vec::new();
    for tick in 0..120 {
        let now = at(tick * 50);
        let packet = Packet {
            ssrc: 7,
            layer: 0,
            sequence: 70_000 + tick,
            timestamp: 0,
            payload: &payload,
        };
        // 120 kbit/s, until it is known that nobody gets them.
        if tick <= 41 {
            call.forward(now, OTHER, Source::Camera, &packet, |_| true);
        }
        let takes = if tick < 40 { 500 } else { 245 };
        allotment.update(now, (&mut call, ONE), line(takes), |_| LAYERED);
        set.push(allotment.set[0].unwrap());
    }
    assert_eq!(set[39], Some(0));
    assert!(set[40..].iter().all(Option::is_none), "{set:?}");
}

/// What is given as soon as it fits and stopped as soon as it is too much has to stay below; and what is stopped is to be as
/// large as what would fit, else it is given at once and is too much again.
#[test]
fn among_three_a_camera_of_one_stream_is_told_what_fits_with_a_margin() {
    let single = Camera {
        layers: 1,
        ..LAYERED
    };
    let camera_of = |seat| if seat == OTHER { single } else { LAYERED };
    let (mut call, mut allotment) = (call_of(3), Allotment::default());
    let mut payload = [0; 3_750];
    payload[0] = 0x10;
    let mut told = |takes, ticks: std::ops::Range<u64>| {
        let now = at(ticks.end * 100);
        for tick in ticks {
            let packet = Packet {
                ssrc: 7,
                layer: 0,
                sequence: 70_000 + tick,
                timestamp: 0,
                payload: &payload,
            };
            // 300 kbit/s.
            call.forward(at(tick * 100), OTHER, Source::Camera, &packet, |_| true);
            allotment.update(at(tick * 100), (&mut call, ONE), line(takes), camera_of);
        }
        let most = most_for(now, &call, OTHER, [(ONE, Some(&allotment))]);
        (allotment.set[0].flatten(), most)
    };
    // Of 800 are 134 left to two voices and 120 to the other camera.
    let of = |kilobits| {
        let pictures = Bitrate::kbps(kilobits).times(1.0 / UP_MARGIN);
        pictures.plus(pictures.times(0.25).min(Bitrate::kbps(67)))
    };
    assert_eq!(told(800, 0..50), (Some(0), of(800 - 134 - 120)));
    assert_eq!(told(400, 50..51), (None, of(400 - 134)));
}

#[test]
fn for_somebody_whose_line_is_not_known_nobody_is_told_a_limit() {
    let (mut call, mut allotment) = (call_of(3), Allotment::default());
    allotment.update(at(0), (&mut call, ONE), line(600), |_| LAYERED);
    let third = Seat::ALL[2];
    let most = |third_one| most_for(at(0), &call, OTHER, [(ONE, Some(&allotment)), third_one]);
    assert!(most((third, Some(&allotment))) < Bitrate::kbps(600));
    assert_eq!(most((third, None)), MAX_BITRATE);
}

/// Five seconds with what a line of 500 kbit/s takes, after which somebody who left is waited for no longer.
fn pass(allotment: &mut Allotment, call: &mut Call, from: u64, there: &[Seat]) {
    for millis in (from..from + 5_000).step_by(100) {
        for seat in there {
            call.heard(at(millis), *seat);
        }
        call.handle_timeout(at(millis));
        allotment.update(at(millis), (call, ONE), line(500), |_| LAYERED);
    }
}

#[test]
fn who_is_planned_and_gone_takes_no_room_and_who_comes_back_is_seen_at_once() {
    let (mut call, mut allotment) = (call_of(3), Allotment::default());
    pass(&mut allotment, &mut call, 0, &Seat::ALL[..3]);
    assert_eq!(allotment.set[..2], [Some(Some(0)), Some(Some(0))]);
    let third = Seat::ALL[2];
    call.disconnected(third);
    pass(&mut allotment, &mut call, 5_000, &[ONE, OTHER]);
    assert_eq!(allotment.set[0], Some(Some(0)), "it may be back soon");
    pass(&mut allotment, &mut call, 10_000, &[ONE, OTHER]);
    assert_eq!(allotment.set[0], Some(Some(2)), "the whole picture");
    let most = most_for(at(15_000), &call, OTHER, [(ONE, Some(&allotment))]);
    assert_eq!(most, Bitrate::kbps(500));
    call.attach(at(15_000), third, 2);
    call.connected(at(15_000), third);
    allotment.update(at(15_000), (&mut call, ONE), line(500), |_| LAYERED);
    assert_eq!(allotment.set[..2], [Some(Some(0)), Some(Some(0))]);
}

#[test]
fn who_was_never_there_takes_no_room() {
    let mut call = Call::default();
    let legs = [1, 2, 3].map(LegId::from_random);
    call.set_plan(at(0), &legs, true, |_| {}).unwrap();
    for seat in [ONE, OTHER] {
        call.attach(at(0), seat, 1);
        call.connected(at(0), seat);
    }
    let mut allotment = Allotment::default();
    allotment.update(at(0), (&mut call, ONE), line(300), |_| LAYERED);
    assert_eq!(allotment.set[0], Some(Some(2)));
    let most = most_for(at(0), &call, OTHER, [(ONE, Some(&allotment))]);
    assert_eq!(most, Bitrate::bps(291_250));
}

#[test]
fn what_nobody_looks_at_is_not_sent_and_a_small_picture_is_sent_small() {
    let (mut call, mut allotment) = (call_of(3), Allotment::default());
    let useful = |of_first, of_second| {
        move |slot| match slot {
            slot if Slot::video(0) == Some(slot) => Some(of_first),
            slot if Slot::video(1) == Some(slot) => Some(of_second),
            _ => None,
        }
    };
    allotment.watch(useful(0, 1));
    assert_eq!(
        settled(&mut allotment, &mut call, 0, 3_000),
        [None, Some(0)]
    );
    allotment.watch(useful(2, 3));
    assert_eq!(
        settled(&mut allotment, &mut call, 5_000, 3_000),
        [Some(1), Some(2)]
    );
}
