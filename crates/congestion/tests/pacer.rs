//! When packets leave.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the verdict"
)]

use vestibule_congestion::limits::{PACED_TIME, PACING_WAKE};
use vestibule_congestion::{Bitrate, Kind, Moment, Pacer, Verdict};

type Tickets = Pacer<u32, 64>;

fn at(millis: u64) -> Moment {
    Moment::from_micros(7_000_000 + millis * 1000)
}

/// A pacer for a target, while so much is sent, both in kbit/s.
fn pacer(target: u64, sending: u64) -> Tickets {
    let mut pacer = Tickets::new(Bitrate::kbps(target));
    pacer.set_target(Bitrate::kbps(target), Bitrate::kbps(sending));
    pacer
}

/// Submits packets of 1,100 bytes; how many leave at once.
fn submit(pacer: &mut Tickets, now: Moment, kind: Kind, tickets: std::ops::Range<u32>) -> usize {
    tickets
        .filter(|ticket| pacer.submit(now, kind, 1100, *ticket) == Verdict::Now(*ticket))
        .count()
}

/// Wakes up when the pacer says so, until nothing waits: each wake-up's moment and tickets.
fn drain(pacer: &mut Tickets, mut now: Moment) -> Vec<(Moment, Vec<u32>)> {
    let mut wakes = Vec::new();
    while let Some(next) = pacer.next_timeout() {
        now = now.max(next);
        let tickets = std::iter::from_fn(|| pacer.poll(now)).collect();
        wakes.push((now, tickets));
    }
    wakes
}

#[test]
fn on_a_line_with_room_frames_leave_in_one_batch_and_no_timer_runs() {
    let mut pacer = pacer(2000, 1000);
    for frame in 0..90 {
        // A frame of a megabit a second at 30 a second: four packets.
        let now = at(frame * 33);
        pacer.on_sent_beside(now, 100);
        assert_eq!(
            submit(&mut pacer, now, Kind::Video, 0..4),
            4,
            "frame {frame}"
        );
        assert_eq!(pacer.next_timeout(), None);
    }
}

#[test]
fn a_key_frame_is_spread_and_keeps_its_order() {
    let mut pacer = pacer(1000, 1000);
    let left = submit(&mut pacer, at(0), Kind::Video, 0..30);
    assert!((1..=4).contains(&left), "{left} at once");
    let wakes = drain(&mut pacer, at(0));
    let (last, _) = wakes.last().unwrap();
    // 33,000 bytes at 2.5 Mbit/s.
    let took = last.since(at(0)).as_millis();
    assert!((90..125).contains(&took), "{took} ms");
    let order: Vec<u32> = wakes
        .iter()
        .flat_map(|(_, tickets)| tickets)
        .copied()
        .collect();
    assert!(order.is_sorted());
    assert_eq!(order.len(), 30 - left);
    assert!(wakes.len() <= 26, "a wake-up each 4 ms: {}", wakes.len());
}

#[test]
fn retransmissions_overtake_picture_and_sound_does_not_wait() {
    let mut pacer = pacer(500, 500);
    submit(&mut pacer, at(0), Kind::Video, 0..20);
    submit(&mut pacer, at(1), Kind::Retransmission, 100..102);
    // Sound leaves without being asked for; its bytes are taken from the others.
    let before = pacer.next_timeout().unwrap();
    pacer.on_sent_beside(at(1), 100);
    assert!(pacer.next_timeout().unwrap() > before);
    let order: Vec<u32> = drain(&mut pacer, at(1))
        .into_iter()
        .flat_map(|(_, tickets)| tickets)
        .collect();
    assert_eq!(
        order[..3].iter().filter(|ticket| **ticket >= 100).count(),
        2
    );
}

/// Whatever left beside, and of however narrow a line.
#[test]
fn much_sound_holds_pictures_back_for_a_moment_and_not_for_ever() {
    let mut pacer = pacer(50, 50);
    for _ in 0..10_000 {
        pacer.on_sent_beside(at(0), 1350);
    }
    assert_eq!(submit(&mut pacer, at(0), Kind::Video, 0..3), 0);
    let wakes = drain(&mut pacer, at(0));
    let (first, _) = wakes[0];
    assert!(first <= at(0).plus(PACED_TIME + PACING_WAKE), "{first:?}");
}

#[test]
fn nothing_is_dropped_in_silence() {
    let mut pacer = pacer(100, 100);
    let (mut refused, mut left) = (0, 0);
    for ticket in 0..80 {
        match pacer.submit(at(0), Kind::Video, 1100, ticket) {
            Verdict::Full(back) => {
                assert_eq!(back, ticket);
                refused += 1;
            }
            Verdict::Now(_) => left += 1,
            Verdict::Waits => {}
        }
    }
    assert!(refused > 0);
    assert!(pacer.is_too_long(at(0)), "{:?}", pacer.queue_time());
    let wakes = drain(&mut pacer, at(0));
    let waited: usize = wakes.iter().map(|(_, tickets)| tickets.len()).sum();
    assert_eq!(left + waited + refused, 80);
    assert!(pacer.is_empty() && !pacer.is_too_long(at(0)));
    assert_eq!(pacer.queue_time(), std::time::Duration::ZERO);
}

#[test]
fn what_waits_is_through_in_time_even_when_the_target_falls() {
    let mut pacer = pacer(3000, 3000);
    submit(&mut pacer, at(0), Kind::Video, 0..60);
    pacer.set_target(Bitrate::kbps(50), Bitrate::kbps(3000));
    assert!(pacer.is_too_long(at(0)));
    let wakes = drain(&mut pacer, at(0));
    let took = wakes.last().unwrap().0.since(at(0)).as_millis();
    assert!(took < 1500, "{took} ms");
}
