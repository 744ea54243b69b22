//! What one receiver gets of the others, and what they are told, decision by decision.

mod alone;
mod event;
mod properties;
mod screens;
mod several;
mod small;
mod voices;
mod world;

use std::time::Duration;

use vestibule_congestion::{Bitrate, Known};

use super::Camera;
use crate::{Call, LegId, Moment, Packet, Seat, Source};

pub(super) const ONE: Seat = Seat::ALL[0];
pub(super) const OTHER: Seat = Seat::ALL[1];
pub(super) const LAYERED: Camera = Camera {
    layers: 3,
    small: false,
};

pub(super) fn at(millis: u64) -> Moment {
    Moment::default().plus(Duration::from_millis(millis))
}

pub(super) fn line(kilobits: u64) -> Known {
    Known {
        target: Bitrate::kbps(kilobits),
        congested: false,
    }
}

/// An open call whose people are all connected.
pub(super) fn call_of(people: u128) -> Call {
    let mut call = Call::default();
    let legs: Vec<_> = (1..=people).map(LegId::from_random).collect();
    call.set_plan(at(0), &legs, true, |_| {}).unwrap();
    for leg in legs {
        let seat = call.seat_of(leg).unwrap();
        call.attach(at(0), seat, 1);
        call.connected(at(0), seat);
    }
    call
}

/// A second of pictures, of 1.2 Mbit/s.
pub(super) fn shows(call: &mut Call, from: Seat, source: Source) {
    // A descriptor that begins a picture, and a key frame (RFC 7741 sections 4.2 and 4.3).
    let mut payload = [0; 1_000];
    payload[0] = 0x10;
    for sequence in 0..150 {
        let packet = Packet {
            ssrc: 7,
            layer: 0,
            sequence: 70_000 + sequence,
            timestamp: 0,
            payload: &payload,
        };
        call.forward(at(sequence * 1000 / 150), from, source, &packet, |_| true);
    }
}
