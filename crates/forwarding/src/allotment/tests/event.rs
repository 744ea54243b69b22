//! What can happen to a call and those in it.

use proptest::prelude::*;

use crate::Source;
use crate::limits::{LAYERS, PAIRS};

/// What can happen. People are numbered from 0, bitrates in thousand bits a second, times in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    Sends(usize, Source, u8, u64),
    Line(usize, u64, bool),
    Looks(usize, [u8; PAIRS + 1]),
    Camera(usize, usize, bool),
    Leaves(usize),
    Comes(usize),
    Waits(u64),
}

pub(super) fn event(people: usize) -> impl Strategy<Value = Event> {
    let picture = prop_oneof![2 => Just(Source::Camera), 1 => Just(Source::Screen)];
    let who = 0..people;
    let line = prop_oneof![40_u64..600, 40_u64..5_000];
    prop_oneof![
        6 => (who.clone(), picture, 0..LAYERS as u8, 20_u64..2_000)
            .prop_map(|(who, source, layer, rate)| Event::Sends(who, source, layer, rate)),
        2 => (who.clone(), 10_u64..200)
            .prop_map(|(who, rate)| Event::Sends(who, Source::Microphone, 0, rate)),
        3 => (who.clone(), line, prop::bool::weighted(0.2))
            .prop_map(|(who, rate, congested)| Event::Line(who, rate, congested)),
        1 => (who.clone(), prop::array::uniform5(0_u8..=3))
            .prop_map(|(who, looks)| Event::Looks(who, looks)),
        1 => (who.clone(), 1_usize..=3, any::<bool>())
            .prop_map(|(who, layers, small)| Event::Camera(who, layers, small)),
        1 => who.clone().prop_map(Event::Leaves),
        1 => who.prop_map(Event::Comes),
        4 => (1_u64..2_000).prop_map(Event::Waits),
    ]
}
