//! What the tests of a call have in common.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "in a test a panic is the verdict")]

use vestibule_forwarding::{Call, Forwarded, LegId, Moment, Output, Packet, Seat, Source};

pub(crate) const PATIENT: u128 = 1;
pub(crate) const PRACTITIONER: u128 = 2;
pub(crate) const INTERPRETER: u128 = 3;

pub(crate) fn leg(number: u128) -> LegId {
    LegId::from_random(number)
}

pub(crate) fn at(millis: u64) -> Moment {
    Moment::from_micros(millis * 1000)
}

pub(crate) fn plan(call: &mut Call, now: Moment, legs: &[u128], open: bool) {
    let legs: Vec<_> = legs.iter().map(|number| leg(*number)).collect();
    call.set_plan(now, &legs, open, |_| {}).unwrap();
}

pub(crate) fn join(call: &mut Call, now: Moment, number: u128, connection: u32) -> Seat {
    let seat = call.seat_of(leg(number)).unwrap();
    call.attach(now, seat, connection);
    call.connected(now, seat);
    seat
}

/// A call that is open between the patient and the practitioner, with all told.
pub(crate) fn consultation() -> (Call, Seat, Seat) {
    let mut call = Call::default();
    plan(&mut call, at(0), &[PATIENT, PRACTITIONER], true);
    let patient = join(&mut call, at(0), PATIENT, 1);
    let practitioner = join(&mut call, at(0), PRACTITIONER, 1);
    outputs(&mut call);
    (call, patient, practitioner)
}

pub(crate) fn outputs(call: &mut Call) -> Vec<Output> {
    std::iter::from_fn(|| call.poll_output()).collect()
}

/// A VP8 payload as browsers send it: 15-bit PictureID, TL0PICIDX, TID.
pub(crate) fn vp8(key_frame: bool, first: bool, picture_id: u16, tl0: u8) -> Vec<u8> {
    let [high, low] = picture_id.to_be_bytes();
    let start = if first { 0x90 } else { 0x80 };
    vec![
        start,
        0xe0,
        0x80 | high,
        low,
        tl0,
        0x20,
        u8::from(!key_frame),
        1,
        2,
        3,
    ]
}

pub(crate) fn send(
    call: &mut Call,
    now: Moment,
    from: Seat,
    source: Source,
    packet: Packet<'_>,
) -> Vec<Forwarded> {
    let mut sent = Vec::new();
    call.forward(now, from, source, &packet, |forwarded| {
        sent.push(forwarded);
        true
    });
    sent
}

pub(crate) fn sound(sequence: u64) -> Packet<'static> {
    Packet {
        ssrc: 10,
        layer: 0,
        sequence,
        timestamp: (sequence * 960) as u32,
        payload: b"sealed",
    }
}

pub(crate) fn picture(ssrc: u32, sequence: u64, payload: &[u8]) -> Packet<'_> {
    Packet {
        ssrc,
        layer: 0,
        sequence,
        timestamp: (sequence * 3000) as u32,
        payload,
    }
}
