//! SFrame frames as a participant opens them: the one parser in the clients that reads what the SFU sends.

use std::time::Instant;

use vestibule_frames::{Binding, EpochKeys, EpochMember, EpochName, Keyring, Refusal, open, seal};
use vestibule_vocab::{ParticipantId, Source};

const NAME: EpochName = EpochName {
    generation: 1,
    epoch: 1,
};

/// The first byte chooses the slot's medium, the second a bit to forge; the rest is a frame: first as it
/// comes from the network, then as it comes from an encoder.
pub fn sframe(bytes: &[u8]) {
    let Some((&[medium, forged], frame)) = bytes.split_first_chunk::<2>() else {
        return;
    };
    let source = match medium % 3 {
        0 => Source::Microphone,
        1 => Source::Camera,
        _ => Source::Screen,
    };
    from_the_network(source, frame);
    from_an_encoder(source, frame, forged);
}

/// Only what the members sealed is opened, and only a header in its one form is looked at.
fn from_the_network(source: Source, frame: &[u8]) {
    let now = Instant::now();
    let mut receiver = keyring(1, now);
    let opened = open(&mut receiver, Some(binding(source)), frame, now);
    let sealed = frame.get(clear_bytes(source, frame)..);
    let header = sealed.and_then(header);
    let malformed = opened == Err(Refusal::Malformed);
    assert_eq!(malformed, header.is_none(), "{opened:?} with {header:?}");
    if opened.is_ok() {
        let again = open(&mut receiver, Some(binding(source)), frame, now);
        assert_eq!(again, Err(Refusal::Replayed), "a frame is taken once");
    }
}

/// What is sealed is opened as it was, and not when a bit of it was changed.
fn from_an_encoder(source: Source, frame: &[u8], forged: u8) {
    let now = Instant::now();
    let (mut sender, mut receiver) = (keyring(0, now), keyring(1, now));
    let Some(sealed) = seal(&mut sender, source, frame) else {
        assert!(frame.len() < clear_bytes(source, frame), "it had a head");
        return;
    };
    let at = usize::from(forged) * sealed.len() / 256;
    let mut changed = sealed.clone();
    if let Some(byte) = changed.get_mut(at) {
        *byte ^= 1 << (forged % 8);
    }
    let opened = open(&mut receiver, Some(binding(source)), &changed, now);
    assert!(opened.is_err(), "a forged frame is not opened");
    let opened = open(&mut receiver, Some(binding(source)), &sealed, now);
    assert_eq!(opened.as_deref(), Ok(frame));
}

/// Key id and counter, read a second time, and only in the shortest form (RFC 9605 section 4.3).
fn header(sealed: &[u8]) -> Option<(u64, u64)> {
    let (&config, rest) = sealed.split_first()?;
    let (key_id, rest) = number(config >> 4, rest)?;
    let (counter, _) = number(config & 0x0f, rest)?;
    Some((key_id, counter))
}

/// Four bits: a value below eight itself, or how many bytes of it follow.
fn number(bits: u8, rest: &[u8]) -> Option<(u64, &[u8])> {
    let low = bits & 0x07;
    if bits & 0x08 == 0 {
        return Some((low.into(), rest));
    }
    let (bytes, rest) = rest.split_at_checked(usize::from(low) + 1)?;
    let value = bytes
        .iter()
        .fold(0, |value, byte| value << 8 | u64::from(*byte));
    let shortest = value > 7 && bytes.first() != Some(&0);
    shortest.then_some((value, rest))
}

/// How much of a frame stays clear (`docs/encryption.md`).
fn clear_bytes(source: Source, frame: &[u8]) -> usize {
    match (source, frame.first()) {
        (Source::Microphone, _) => 0,
        (Source::Camera | Source::Screen, Some(first)) if first & 1 == 0 => 10,
        (Source::Camera | Source::Screen, _) => 3,
    }
}

fn keyring(own_leaf: u32, now: Instant) -> Keyring {
    let mut keyring = Keyring::default();
    let keys = EpochKeys {
        name: NAME,
        base_key: vec![7; 16],
        members: vec![member(0), member(1)],
        own_leaf,
    };
    keyring.install(keys, now);
    keyring.send_with(NAME);
    keyring
}

fn member(leaf: u32) -> EpochMember {
    EpochMember {
        leaf,
        participant: ParticipantId::from_random(leaf.into()),
    }
}

fn binding(source: Source) -> Binding {
    Binding {
        participant: member(0).participant,
        source,
    }
}
