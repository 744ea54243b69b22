use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Facts, History};
use crate::Moment;
use crate::limits::{HISTORY_AGE, HISTORY_CHUNKS, HISTORY_PACKETS};

fn at(millis: u64) -> Moment {
    Moment::from_micros(millis * 1000)
}

fn facts(sequence: u64) -> Facts {
    Facts {
        sequence,
        timestamp: (sequence as u32).wrapping_mul(3000),
        marker: sequence.is_multiple_of(5),
        orientation: sequence.is_multiple_of(7).then_some(1),
    }
}

fn payload(sequence: u64, length: usize) -> Vec<u8> {
    sequence
        .to_be_bytes()
        .into_iter()
        .cycle()
        .take(length)
        .collect()
}

#[test]
fn what_was_stored_is_found() {
    let mut history = History::default();
    history.store(at(0), facts(70), b"seventy");
    history.store(at(1), facts(72), b"seventy-two");
    let found = history.find(at(2), 70).unwrap();
    assert_eq!((found.facts, found.payload), (facts(70), &b"seventy"[..]));
    assert_eq!(history.find(at(2), 72).unwrap().payload, b"seventy-two");
    assert_eq!(history.find(at(2), 71), None);
    assert_eq!(history.find(at(2), 0), None, "a number that no packet had");
    let other = 70 + HISTORY_PACKETS as u64;
    assert_eq!(
        history.find(at(2), other),
        None,
        "same place, another packet"
    );
}

#[test]
fn what_is_too_old_is_not_found() {
    let mut history = History::default();
    history.store(at(0), facts(1), b"one");
    assert!(history.find(at(2000), 1).is_some());
    assert!(!history.is_gone(at(2000), 1));
    assert!(history.find(at(2001), 1).is_none());
    assert!(history.is_gone(at(2001), 1));
}

#[test]
fn another_stream_begins_with_nothing() {
    let mut history = History::default();
    history.store(at(0), facts(1), b"one");
    history.clear();
    assert_eq!(history.find(at(0), 1), None);
    history.store(at(0), facts(1), b"another one");
    assert_eq!(history.find(at(0), 1).unwrap().payload, b"another one");
}

#[test]
fn a_late_packet_never_displaces_a_newer_one() {
    let mut history = History::default();
    let newer = 3 + HISTORY_PACKETS as u64;
    history.store(at(0), facts(newer), b"newer");
    history.store(at(1), facts(3), b"late");
    assert_eq!(history.find(at(1), 3), None);
    assert_eq!(history.find(at(1), newer).unwrap().payload, b"newer");
}

/// 1.5 Mbit/s for ten seconds: memory stays where the budget has it, and 0.73 s are there.
#[test]
fn a_picture_of_one_and_a_half_megabits_fits() {
    let mut history = History::default();
    let body = payload(1, 1100);
    for sequence in 0..1700 {
        let now = Moment::from_micros(sequence * 5_867);
        history.store(now, facts(sequence), &body);
        let reach = sequence.min(125);
        assert!(history.find(now, sequence - reach).is_some(), "{sequence}");
    }
    assert!(history.memory() <= 151 * 1024, "{}", history.memory());
}

/// More than there is room for, and none of it old: each packet is there as it came until it is written over, and then not
/// at all.
#[test]
fn what_is_written_over_is_found_no_more() {
    let mut history = History::default();
    for newest in 0..1000 {
        let length = 700 + (newest as usize * 37) % 600;
        let now = Moment::from_micros(newest * 100);
        history.store(now, facts(newest), &payload(newest, length));
        for back in 0..HISTORY_PACKETS as u64 {
            let Some(sequence) = newest.checked_sub(back) else {
                break;
            };
            let length = 700 + (sequence as usize * 37) % 600;
            match history.find(now, sequence) {
                Some(found) => assert_eq!(found.payload, payload(sequence, length)),
                None => assert!(back > 110, "{sequence} of {newest}"),
            }
        }
    }
}

/// 300 kbit/s: what is old is written over before more memory is taken.
#[test]
fn a_small_picture_takes_little_memory() {
    let mut history = History::default();
    let body = payload(1, 1100);
    for sequence in 0..1000 {
        history.store(
            Moment::from_micros(sequence * 29_333),
            facts(sequence),
            &body,
        );
    }
    // Two seconds are 75,000 octets.
    assert!(history.memory() <= 104 * 1024, "{}", history.memory());
}

proptest! {
    /// Against a memory of everything: what is found is what was stored, nothing older than the limit is found, and the
    /// newest packets always are.
    #[test]
    fn agrees_with_a_perfect_memory(
        steps in prop::collection::vec((0_u64..40_000, 0_u64..3, 0_u64..30, 0_usize..1600), 1..600),
    ) {
        let mut history = History::default();
        let mut memory = BTreeMap::new();
        let (mut now, mut newest) = (0, 1000);
        for (gap, ahead, back, length) in steps {
            now += gap;
            newest += ahead;
            let sequence = newest - if ahead == 0 { back } else { 0 };
            let body = payload(sequence, length);
            history.store(Moment::from_micros(now), facts(sequence), &body);
            if length <= 1500 {
                memory.insert(sequence, (now, body));
            }
        }
        let now = Moment::from_micros(now);
        for sequence in newest.saturating_sub(700)..=newest {
            let expected = memory.get(&sequence);
            let age = expected.map(|(at, _)| now.since(Moment::from_micros(*at)));
            let gone = history.is_gone(now, sequence);
            match history.find(now, sequence) {
                Some(found) => {
                    prop_assert_eq!(found.facts, facts(sequence));
                    prop_assert_eq!(Some(found.payload), expected.map(|(_, body)| &body[..]));
                    prop_assert!(age.is_some_and(|age| age <= HISTORY_AGE));
                    prop_assert!(!gone);
                }
                None => {
                    let known = expected.is_some() || sequence + HISTORY_PACKETS as u64 > newest;
                    prop_assert!(!known || gone == expected.is_some(), "{sequence} of {newest}");
                    let young = age.is_some_and(|age| age <= HISTORY_AGE);
                    prop_assert!(!young || sequence + 80 < newest, "{sequence} of {newest} is gone");
                }
            }
        }
        prop_assert!(history.memory() <= HISTORY_CHUNKS * 17_000 + HISTORY_PACKETS * 24);
    }
}
