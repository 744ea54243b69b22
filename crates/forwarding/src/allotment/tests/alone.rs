//! A picture that is the only one.

use vestibule_congestion::limits::MAX_BITRATE;
use vestibule_congestion::{Bitrate, Known};

use super::{LAYERED, ONE, OTHER, at, call_of, line, shows};
use crate::allotment::{Allotment, Camera, most_for};
use crate::{Call, Packet, Slot, Source};

#[test]
fn between_two_the_whole_picture_is_sent_at_the_bitrate_that_the_line_takes() {
    let (mut call, mut allotment) = (call_of(2), Allotment::default());
    allotment.update(at(0), (&mut call, ONE), line(300), |_| LAYERED);
    assert_eq!(allotment.set[0], Some(Some(2)));
    let most = most_for(at(1_000), &call, OTHER, [(ONE, Some(&allotment))]);
    // 233 for the picture, and a quarter of it for the voice.
    assert_eq!(most, Bitrate::bps(291_250));
}

/// No browser makes a picture smaller, so that stopping it again and again is of no use.
#[test]
fn the_smallest_picture_goes_on_where_a_line_is_thought_to_take_none() {
    let (mut call, mut allotment) = (call_of(2), Allotment::default());
    let narrow = Known {
        congested: true,
        ..line(60)
    };
    let mut payload = [0; 450];
    payload[0] = 0x10;
    // Ten packets a second are 36 kbit/s.
    for sequence in 0..100 {
        let now = at(sequence * 100);
        let packet = Packet {
            ssrc: 7,
            layer: 0,
            sequence: 70_000 + sequence,
            timestamp: 0,
            payload: &payload,
        };
        call.forward(now, OTHER, Source::Camera, &packet, |_| true);
        allotment.update(now, (&mut call, ONE), narrow, |_| LAYERED);
        assert!(allotment.set[0].unwrap().is_some(), "at {sequence}");
    }
}

#[test]
fn between_two_a_picture_that_is_not_seen_stops_and_sets_no_limit() {
    let (mut call, mut allotment) = (call_of(2), Allotment::default());
    allotment.watch(|_| Some(0));
    allotment.update(at(0), (&mut call, ONE), line(300), |_| LAYERED);
    assert_eq!(allotment.set[0], Some(None));
    assert_eq!(
        most_for(at(1_000), &call, OTHER, [(ONE, Some(&allotment))]),
        MAX_BITRATE
    );
    allotment.watch(|_| None);
    allotment.update(at(100), (&mut call, ONE), line(300), |_| LAYERED);
    assert_eq!(allotment.set[0], Some(Some(2)));
}

#[test]
fn a_camera_of_one_or_two_streams_is_told_what_the_line_takes_and_no_more() {
    for layers in [1, 2, 3] {
        for comes in 0..layers as u8 {
            let (mut call, mut allotment) = (call_of(2), Allotment::default());
            let mut payload = [0; 100];
            payload[0] = 0x10;
            let packet = Packet {
                ssrc: 7,
                layer: comes,
                sequence: 70_000,
                timestamp: 0,
                payload: &payload,
            };
            call.forward(at(0), OTHER, Source::Camera, &packet, |_| true);
            assert_eq!(call.layer(ONE, Slot::video(0).unwrap()), Some(comes));
            let camera = Camera { layers, ..LAYERED };
            allotment.update(at(0), (&mut call, ONE), line(150), |_| camera);
            let most = most_for(at(0), &call, OTHER, [(ONE, Some(&allotment))]);
            assert_eq!(most, Bitrate::kbps(107), "{comes} of {layers}");
        }
    }
}

#[test]
fn pictures_stop_where_a_line_breaks_down_and_go_on_though_nothing_more_is_heard_of_it() {
    let (mut call, mut allotment) = (call_of(2), Allotment::default());
    shows(&mut call, OTHER, Source::Camera);
    let narrow = Known {
        congested: true,
        ..line(150)
    };
    allotment.update(at(1_000), (&mut call, ONE), narrow, |_| LAYERED);
    assert_eq!(allotment.set[0], Some(None));
    let until = allotment.next_timeout().unwrap();
    allotment.update(until, (&mut call, ONE), narrow, |_| LAYERED);
    assert_eq!(allotment.set[0], Some(Some(0)), "small: its key frame fits");
    assert_eq!(allotment.next_timeout(), None);
    let most =
        |allotment: &Allotment, call: &Call| most_for(until, call, OTHER, [(ONE, Some(allotment))]);
    assert_eq!(most(&allotment, &call), Bitrate::kbps(107));
    allotment.update(until, (&mut call, ONE), line(1_000), |_| LAYERED);
    assert_eq!(allotment.set[0], Some(Some(2)), "as a whole again");
}

#[test]
fn a_camera_of_one_layer_stays_whole() {
    let (mut call, mut allotment) = (call_of(2), Allotment::default());
    shows(&mut call, OTHER, Source::Camera);
    let narrow = Known {
        congested: true,
        ..line(150)
    };
    allotment.update(at(1_000), (&mut call, ONE), narrow, |_| Camera {
        layers: 1,
        ..LAYERED
    });
    assert_eq!(allotment.set[0], Some(None));
    let until = allotment.next_timeout().unwrap();
    allotment.update(until, (&mut call, ONE), narrow, |_| Camera {
        layers: 1,
        ..LAYERED
    });
    assert_eq!(allotment.set[0], Some(Some(2)));
}
