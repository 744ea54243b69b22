//! Rooms of two to five, whose clients send what they are told: what each gets of the others' pictures, and for how long.
//! The rooms are the same ones each time.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "in a test a panic is the verdict"
)]

mod client;
mod room;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use room::{Got, Noise, Person, Room, SECOND};
use vestibule_forwarding::limits::{LEAST_PICTURE, LEGS, PAIRS};

/// Ticks in which what came before the first decision gives way.
const FIRST: usize = SECOND;

/// People, and who of them shares a screen.
type People = (Vec<Person>, Option<usize>);

fn person() -> impl Strategy<Value = Person> {
    let looks = prop_oneof![3 => Just(3_u8), 1 => 0_u8..=3];
    let line = prop_oneof![40_u64..800, 100_u64..4_000];
    let layers = prop_oneof![2 => Just(3_usize), 1 => 1_usize..=3];
    (line, layers, prop::array::uniform5(looks)).prop_map(|(line, layers, looks)| Person {
        line,
        layers,
        looks,
    })
}

/// So many rooms with people of any kind, in some of which a screen is shared.
fn rooms(count: usize) -> Vec<People> {
    let people = prop::collection::vec(person(), 2..=LEGS);
    let presents = prop::option::weighted(0.4, any::<prop::sample::Index>());
    let strategy = (people, presents).prop_map(|(people, presents)| {
        let presents = presents.map(|index| index.index(people.len()));
        (people, presents)
    });
    let mut runner = TestRunner::deterministic();
    let rooms = (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current());
    rooms.collect()
}

/// Lets so many seconds pass, and tells what each got.
fn run((people, presents): &People, noise: Noise, seconds: usize) -> (Room, Vec<Vec<Got>>) {
    let mut room = Room::new(people, *presents, noise);
    room.run(seconds);
    let got = (0..people.len()).map(|index| room.got_by(index));
    let got = got.collect();
    (room, got)
}

/// How often the layer of each picture changes.
fn changes(ticks: &[Got]) -> [usize; PAIRS + 1] {
    std::array::from_fn(|place| {
        let pairs = ticks.windows(2);
        let changes = pairs.filter(|pair| pair[0].layers[place] != pair[1].layers[place]);
        changes.count()
    })
}

#[test]
fn nobody_is_sent_more_than_their_line_takes_and_everybody_is_heard() {
    for people in rooms(60) {
        let (room, got) = run(&people, Noise::NONE, 60);
        for (index, ticks) in got.iter().enumerate() {
            let others = people.0.len() - 1;
            assert!(ticks.iter().all(|got| got.sounds == others), "{people:?}");
            // What is tried is too much for a moment.
            let most = room.room(index).max(LEAST_PICTURE).as_bps();
            for seconds in ticks[20 * SECOND..].chunks(10 * SECOND) {
                let sum: u64 = seconds.iter().map(Got::all_pictures).sum();
                let mean = sum / seconds.len() as u64;
                assert!(mean <= most, "{mean} of {most}, {index} of {people:?}");
            }
        }
    }
}

#[test]
fn nobody_is_sent_what_they_do_not_look_at_or_a_picture_larger_than_its_tile() {
    for people in rooms(60) {
        let (_, got) = run(&people, Noise::NONE, 20);
        for (person, ticks) in people.0.iter().zip(&got) {
            for got in &ticks[FIRST..] {
                for (place, looks) in person.looks.into_iter().enumerate() {
                    if looks == 0 {
                        assert_eq!(got.pictures[place], 0, "{place}: {people:?}");
                    }
                    // Between two the picture is as good as the line takes in any size.
                    if people.0.len() > 2 {
                        let larger = got.layers[place].is_some_and(|layer| layer >= looks);
                        assert!(!larger, "{got:?} at {place}: {people:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn on_a_steady_line_pictures_stay_as_they_are() {
    for people in rooms(300) {
        let (_, got) = run(&people, Noise::NONE, 120);
        for ticks in got {
            let changes = changes(&ticks[60 * SECOND..]);
            assert_eq!(changes, [0; PAIRS + 1], "{people:?}");
        }
    }
}

/// It takes what its publisher's camera leaves it, and the camera comes down for it.
#[test]
fn a_screen_stays_on_a_line_that_takes_it_beside_its_publishers_camera() {
    let person = |line, looks| Person {
        line,
        layers: 3,
        looks,
    };
    let people = [
        person(674, [0, 3, 3, 2, 3]),
        person(743, [3, 3, 2, 3, 3]),
        person(447, [3; PAIRS + 1]),
    ];
    let (_, got) = run(&(people.to_vec(), Some(2)), Noise::NONE, 120);
    for ticks in &got[..2] {
        let mut settled = ticks[60 * SECOND..].iter();
        assert!(settled.all(|got| got.layers[PAIRS] == Some(0)));
    }
}

/// Each line is thought to take up to a tenth more or less, for a tenth of a second, one, five or twenty.
#[test]
fn on_a_line_that_is_not_known_well_no_picture_comes_and_goes() {
    for (seed, people) in rooms(60).iter().enumerate() {
        for ticks in [2, 20, 100, 400] {
            let noise = Noise {
                part: 0.1,
                ticks,
                seed: seed as u64,
            };
            let (_, got) = run(people, noise, 120);
            for got in got {
                let changes = changes(&got[60 * SECOND..]);
                let most = changes.into_iter().max();
                assert!(most <= Some(8), "{changes:?} by {noise:?}: {people:?}");
            }
        }
    }
}
