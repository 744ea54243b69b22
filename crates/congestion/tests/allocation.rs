//! Which layers a receiver gets, as it would see it. Rates are kbit/s.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the verdict"
)]

mod support;

use support::Chance;
use vestibule_congestion::{
    Aim, Allocation, Bitrate, Demand, Layers, Moment, Wish, Wishes, aim, wanted,
};

const AUDIO: Bitrate = Bitrate::kbps(40);
const SCREEN: u8 = 0;
const CAMERA: u8 = 1;

fn wish(priority: u8, layers: [u64; 3]) -> Option<Wish> {
    Some(Wish {
        priority,
        layers: layers.map(|kbps| (kbps > 0).then(|| Bitrate::kbps(kbps))),
        useful: 3,
    })
}

fn camera() -> Option<Wish> {
    wish(CAMERA, [150, 500, 1500])
}

fn at(millis: u64) -> Moment {
    Moment::from_micros(5_000_000 + millis * 1000)
}

/// Runs for so long with one target, and counts the changes.
fn run(
    allocation: &mut Allocation,
    millis: std::ops::Range<u64>,
    kbps: u64,
    wishes: &Wishes,
) -> u32 {
    millis
        .step_by(100)
        .map(|now| u32::from(allocation.update(at(now), Bitrate::kbps(kbps), AUDIO, wishes)))
        .sum()
}

fn settled(kbps: u64, wishes: &Wishes) -> Layers {
    let mut allocation = Allocation::default();
    run(&mut allocation, 0..10_000, kbps, wishes);
    *allocation.layers()
}

#[test]
fn one_camera_gets_the_layer_that_fits_with_a_margin() {
    let wishes = [camera(), None, None, None, None];
    for (kbps, layer) in [
        (100, None),
        (300, Some(0)),
        (600, Some(0)),
        (700, Some(1)),
        (1600, Some(1)),
        (1900, Some(2)),
    ] {
        assert_eq!(settled(kbps, &wishes)[0], layer, "{kbps}");
    }
}

#[test]
fn a_screen_comes_before_cameras_and_cameras_rise_together() {
    let wishes = [camera(), camera(), None, None, wish(SCREEN, [300, 1200, 0])];
    let of = |kbps| settled(kbps, &wishes);
    assert_eq!(of(450), [None, None, None, None, Some(0)]);
    assert_eq!(of(800), [Some(0), Some(0), None, None, Some(0)]);
    assert_eq!(of(1900), [Some(0), Some(0), None, None, Some(1)]);
    assert_eq!(of(2700), [Some(1), Some(1), None, None, Some(1)]);
    assert_eq!(of(9000), [Some(2), Some(2), None, None, Some(1)]);
}

#[test]
fn a_small_tile_needs_no_large_picture() {
    let small = camera().map(|wish| Wish { useful: 1, ..wish });
    let wishes = [small, None, None, None, None];
    assert_eq!(settled(9000, &wishes)[0], Some(0));
    assert_eq!(wanted(AUDIO, &wishes), Bitrate::bps(212_500));
}

#[test]
fn down_is_at_once_and_up_only_after_a_while() {
    let wishes = [camera(), None, None, None, None];
    let mut allocation = Allocation::default();
    run(&mut allocation, 0..5000, 3000, &wishes);
    assert_eq!(allocation.layers()[0], Some(2));
    assert!(allocation.update(at(5000), Bitrate::kbps(800), AUDIO, &wishes));
    assert_eq!(allocation.layers()[0], Some(1));
    run(&mut allocation, 5100..6500, 3000, &wishes);
    assert_eq!(allocation.layers()[0], Some(1), "not yet");
    run(&mut allocation, 6500..10_000, 3000, &wishes);
    assert_eq!(allocation.layers()[0], Some(2));
}

/// A target that is noisy shows more room for a moment than there is.
#[test]
fn room_in_plenty_for_a_moment_ends_no_wait() {
    let wishes = [camera(), None, None, None, None];
    let mut allocation = Allocation::default();
    run(&mut allocation, 0..5_000, 800, &wishes);
    for from in [5_000, 15_000] {
        run(&mut allocation, from..from + 1_000, 400, &wishes);
        run(&mut allocation, from + 1_000..from + 9_900, 640, &wishes);
    }
    run(&mut allocation, 25_000..26_000, 400, &wishes);
    assert_eq!(allocation.layers()[0], Some(0));
    // 500 fits into both, and into the larger in plenty.
    let rises = (26_000..60_000_u64).step_by(100).find(|now| {
        let kbps = if now % 400 == 0 { 760 } else { 640 };
        allocation.update(at(*now), Bitrate::kbps(kbps), AUDIO, &wishes)
    });
    assert_eq!(rises, Some(50_000), "24 seconds later");
}

/// After a fall by steps, in how many milliseconds two cameras come again that were there for two seconds before it.
fn comes_again_after(falls: [u64; 2]) -> Option<u64> {
    let two = wish(CAMERA, [150, 500, 0]);
    let wishes = [two, two, None, None, None];
    let mut allocation = Allocation::default();
    run(&mut allocation, 0..4_000, 1_300, &wishes);
    assert_eq!(allocation.layers()[..2], [Some(1), Some(1)]);
    for (from, kbps) in [4_000, 5_000].into_iter().zip(falls) {
        let changes = run(&mut allocation, from..from + 1_000, kbps, &wishes);
        assert_eq!(changes, 1);
    }
    let mut millis = (6_000..60_000_u64).step_by(100);
    let again = millis.find(|now| {
        allocation.update(at(*now), Bitrate::kbps(1_300), AUDIO, &wishes);
        allocation.layers()[..2] == [Some(1), Some(1)]
    });
    again.map(|now| now - 6_000)
}

/// Among several a line at an edge is left in more than one step, and each raise would else be followed by the next at once.
#[test]
fn another_step_down_from_the_same_edge_ends_no_wait() {
    assert_eq!(comes_again_after([840, 680]), Some(6_000));
}

#[test]
fn what_a_line_that_fell_far_below_an_edge_takes_again_is_waited_for_no_longer() {
    assert_eq!(comes_again_after([840, 400]), Some(1_500));
}

#[test]
fn when_nothing_fits_the_picture_pauses_and_comes_back() {
    let wishes = [camera(), None, None, None, None];
    let mut allocation = Allocation::default();
    run(&mut allocation, 0..5000, 1000, &wishes);
    run(&mut allocation, 5000..5100, 100, &wishes);
    assert_eq!(allocation.layers()[0], None);
    run(&mut allocation, 5100..9000, 300, &wishes);
    assert_eq!(allocation.layers()[0], Some(0));
}

#[test]
fn who_comes_is_seen_at_once() {
    let mut wishes = [camera(), None, None, None, None];
    let mut allocation = Allocation::default();
    assert!(allocation.update(at(0), Bitrate::kbps(700), AUDIO, &wishes));
    assert_eq!(allocation.layers()[0], Some(0));
    wishes[3] = camera();
    allocation.update(at(100), Bitrate::kbps(700), AUDIO, &wishes);
    assert_eq!(allocation.layers()[3], Some(0));
    wishes[3] = None;
    allocation.update(at(200), Bitrate::kbps(700), AUDIO, &wishes);
    assert_eq!(allocation.layers()[3], None);
}

/// The same wishes with one that is not looked at.
fn unseen(wishes: &Wishes, index: usize) -> Wishes {
    let mut wishes = *wishes;
    wishes[index] = wishes[index].map(|wish| Wish { useful: 0, ..wish });
    wishes
}

#[test]
fn who_is_looked_at_again_is_seen_at_once_as_before_or_as_small_as_fits() {
    let wishes = [camera(), camera(), None, None, None];
    for (kbps, before, after) in [
        (9000, [Some(2), Some(2)], [Some(2), Some(2)]),
        (1500, [Some(1), Some(1)], [Some(1), Some(1)]),
        (400, [Some(0), Some(0)], [Some(0), Some(0)]),
        (400, [None, Some(0)], [Some(0), Some(0)]),
    ] {
        let mut allocation = Allocation::default();
        run(&mut allocation, 0..20_000, kbps, &wishes);
        let seen = unseen(&wishes, 0);
        if before[0].is_none() {
            allocation = Allocation::default();
            run(&mut allocation, 0..20_000, kbps, &seen);
        }
        assert_eq!(allocation.layers()[..2], before, "{kbps}");
        // For a moment, so that nothing else rises.
        allocation.update(at(20_000), Bitrate::kbps(kbps), AUDIO, &seen);
        assert_eq!(allocation.layers()[0], None);
        allocation.update(at(20_100), Bitrate::kbps(kbps), AUDIO, &wishes);
        assert_eq!(allocation.layers()[..2], after, "{kbps}");
    }
}

#[test]
fn who_is_looked_at_again_after_the_line_flapped_waits_for_nothing() {
    let wishes = [camera(), camera(), None, None, None];
    let mut allocation = Allocation::default();
    run(&mut allocation, 0..5_000, 800, &wishes);
    // What is left again soon is waited for longer and longer.
    for turn in 0..3 {
        run(
            &mut allocation,
            5_000 + turn * 30_000..34_000 + turn * 30_000,
            1_500,
            &wishes,
        );
        run(
            &mut allocation,
            34_000 + turn * 30_000..35_000 + turn * 30_000,
            400,
            &wishes,
        );
    }
    assert_eq!(allocation.layers()[..2], [Some(0), Some(0)]);
    run(
        &mut allocation,
        95_000..96_000,
        400,
        &unseen(&unseen(&wishes, 0), 1),
    );
    allocation.update(at(96_000), Bitrate::kbps(400), AUDIO, &wishes);
    assert_eq!(allocation.layers()[..2], [Some(0), Some(0)]);
}

/// Another picture took the room meanwhile.
#[test]
fn for_who_is_looked_at_again_the_others_come_down_and_none_pauses() {
    let wishes = [camera(), camera(), None, None, None];
    for index in [0, 1] {
        let other = 1 - index;
        let mut allocation = Allocation::default();
        let seen = unseen(&wishes, index);
        run(&mut allocation, 0..20_000, 1_900, &seen);
        assert_eq!(allocation.layers()[other], Some(2));
        allocation.update(at(20_000), Bitrate::kbps(1_600), AUDIO, &wishes);
        assert_eq!(allocation.layers()[index], Some(0));
        assert_eq!(allocation.layers()[other], Some(1));
    }
    let mut allocation = Allocation::default();
    run(&mut allocation, 0..20_000, 250, &unseen(&wishes, 0));
    allocation.update(at(20_000), Bitrate::kbps(250), AUDIO, &wishes);
    assert_eq!(allocation.layers()[..2], [None, Some(0)]);
}

#[test]
fn who_is_gone_while_one_is_left_is_new_when_they_come_back_and_the_other_as_before() {
    let wishes = [camera(), camera(), None, None, None];
    let mut allocation = Allocation::default();
    run(&mut allocation, 0..20_000, 9_000, &wishes);
    assert_eq!(allocation.layers()[..2], [Some(2), Some(2)]);
    allocation.rest(&[camera(), None, None, None, None]);
    allocation.update(at(60_000), Bitrate::kbps(9_000), AUDIO, &wishes);
    assert_eq!(allocation.layers()[..2], [Some(2), Some(0)], "at once");
}

/// A target that is noisy by a tenth, at each place around what a layer needs.
#[test]
fn a_noisy_target_does_not_make_the_picture_flap() {
    let wishes = [camera(), None, None, None, None];
    for around in (540..720).step_by(10) {
        for slow in [1, 5, 20, 50] {
            let mut chance = Chance(around * slow);
            let mut allocation = Allocation::default();
            run(&mut allocation, 0..10_000, 500, &wishes);
            let mut noise = 1.0;
            let mut switches = Vec::new();
            for tick in 0..6000_u64 {
                if tick % slow == 0 {
                    noise = chance.between(0.9, 1.1);
                }
                let target = Bitrate::kbps(around).times(noise);
                if allocation.update(at(10_000 + tick * 100), target, AUDIO, &wishes) {
                    switches.push(tick / 10);
                }
            }
            let worst = (0..540).map(|from| {
                let minute = from..from + 60_u64;
                switches
                    .iter()
                    .copied()
                    .filter(|second| minute.contains(second))
                    .count()
            });
            let worst = worst.max().unwrap();
            assert!(
                worst <= 4,
                "{worst} a minute around {around}, noise each {slow}"
            );
        }
    }
}

#[test]
fn all_that_is_given_fits_into_the_target() {
    let mut chance = Chance(5);
    let mut allocation = Allocation::default();
    for tick in 0..20_000_u64 {
        let mut wishes: Wishes = [None; 5];
        for wished in &mut wishes {
            if chance.happens(0.7) {
                let base = chance.between(50.0, 400.0) as u64;
                let priority = chance.between(0.0, 3.0) as u8;
                *wished = wish(priority, [base, base * 3, base * 9]);
            }
        }
        let target = Bitrate::kbps(chance.between(40.0, 6000.0) as u64);
        allocation.update(at(tick * 100), target, AUDIO, &wishes);
        let video = allocation
            .layers()
            .iter()
            .zip(&wishes)
            .filter_map(|(layer, wish)| Some(wish.as_ref()?.bitrate(*layer)))
            .fold(AUDIO, Bitrate::plus);
        assert!(video <= target.max(AUDIO), "{video} of {target}");
    }
}

#[test]
fn a_publisher_sends_what_somebody_gets_and_aims_at_the_best_line() {
    let layers = camera().unwrap().layers;
    let demand = |layer, desired, room| Demand {
        layer,
        desired,
        room: Bitrate::kbps(room),
    };
    let told = aim(
        &layers,
        [
            demand(Some(0), Some(0), 300),
            demand(Some(0), Some(1), 900),
            demand(None, None, 20),
        ],
    );
    let expected = Aim {
        layers: [true, true, false],
        bitrate: Bitrate::kbps(900 + 150),
    };
    assert_eq!(told, expected);
    assert_eq!(aim(&layers, []), Aim::default());
}
