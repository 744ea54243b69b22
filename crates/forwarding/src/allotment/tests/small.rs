//! Whose line takes a small picture alone.

use vestibule_congestion::{Bitrate, Known, Told};

use super::{LAYERED, ONE, OTHER, at, call_of, line, shows};
use crate::allotment::{Allotment, BothWays, Camera};
use crate::{Slot, Source};

#[test]
fn whose_line_takes_little_is_seen_small_by_two_and_by_three() {
    let small = Camera {
        small: true,
        ..LAYERED
    };
    for people in [2, 3] {
        let (mut call, mut allotment) = (call_of(people), Allotment::default());
        let camera_of = |seat| if seat == OTHER { small } else { LAYERED };
        allotment.update(at(0), (&mut call, ONE), line(3_000), camera_of);
        assert_eq!(allotment.set[0], Some(Some(0)), "{people}");
    }
}

#[test]
fn whose_line_takes_little_is_seen_small_by_who_tells_nothing_of_their_own() {
    let small = Camera {
        small: true,
        ..LAYERED
    };
    for people in [2, 3] {
        let (mut call, mut allotment) = (call_of(people), Allotment::default());
        let mut set = |useful, small_one| {
            allotment.watch(|_| useful);
            let camera_of = |seat| if seat == OTHER { small_one } else { LAYERED };
            allotment.update_untold((&mut call, ONE), camera_of);
            (
                allotment.set[0].unwrap(),
                call.is_paused(ONE, Slot::video(0).unwrap()),
            )
        };
        assert_eq!(set(None, LAYERED), (Some(2), false), "{people}");
        assert_eq!(set(None, small), (Some(0), false), "{people}");
        assert_eq!(set(Some(0), small), (None, true), "nobody looks");
        let single = Camera { layers: 1, ..small };
        assert_eq!(set(None, single), (Some(2), false), "there is no other");
    }
}

/// Two seconds in which of each ten packets of what the leg sends so many are missing.
fn sends(ways: &mut BothWays, from: u64, missing: u32, kilobits: u64) {
    let told = Told {
        arrived: 10 - missing,
        missing,
    };
    for millis in (from..from + 2_000).step_by(50) {
        let now = at(millis);
        ways.uplink.note(now, told, Bitrate::kbps(kilobits));
    }
}

#[test]
fn who_is_sent_the_whole_picture_again_is_to_send_it_as_well() {
    let (mut call, mut ways) = (call_of(2), BothWays::default());
    shows(&mut call, OTHER, Source::Camera);
    let narrow = Known {
        congested: true,
        ..line(150)
    };
    assert!(!ways.allot(at(1_000), (&mut call, ONE), narrow, |_| LAYERED));
    sends(&mut ways, 1_000, 9, 1_200);
    let later = ways.allotment.next_timeout().unwrap();
    assert!(!ways.allot(later, (&mut call, ONE), narrow, |_| LAYERED));
    assert!(ways.allotment.is_small() && ways.uplink.is_small());
    // What a slow device makes of a small picture is too little to tell that its line takes more.
    sends(&mut ways, 3_000, 0, 70);
    let mut wide = || ways.allot(at(5_000), (&mut call, ONE), line(1_000), |_| LAYERED);
    assert!(wide());
    assert!(!wide(), "once");
    assert!(!ways.allotment.is_small() && !ways.uplink.is_small());
}
