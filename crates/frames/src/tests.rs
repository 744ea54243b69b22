//! The RFC's vectors, by the code that seals and opens frames; and what is let through.

use std::time::{Duration, Instant};

use serde_json::Value;
use sframe::CipherSuite;
use sframe::frame::MonotonicCounter;
use sframe::frame::validation::{ReplayAttackProtection, Tolerance};
use sframe::header::SframeHeader;
use vestibule_vocab::{ParticipantId, Source};

use super::suite::{DecryptionKey, EncryptionKey};
use super::{
    Binding, EpochKeys, EpochMember, EpochName, Keyring, Refusal, open, open_with, read, seal,
    seal_with,
};

fn vectors() -> Value {
    let text = include_str!("../../../web/sdk/vectors/sframe.json");
    serde_json::from_str(text).unwrap()
}

pub(super) fn bytes(value: &Value) -> Vec<u8> {
    let hex = value.as_str().unwrap();
    let digits = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digits).collect()
}

fn number(value: &Value) -> u64 {
    u64::from_str_radix(value.as_str().unwrap(), 16).unwrap()
}

#[test]
fn rfc_9605_headers() {
    let vectors = vectors();
    let headers = vectors["header"].as_array().unwrap();
    assert_eq!(headers.len(), 289);
    for vector in headers {
        let (kid, counter) = (number(&vector["kid"]), number(&vector["ctr"]));
        let encoded = bytes(&vector["encoded"]);
        let header = SframeHeader::new(kid, counter);
        let mut made = vec![0; header.len()];
        header.serialize(&mut made).unwrap();
        assert_eq!(made, encoded);
        let view = read(&[], &encoded).unwrap();
        assert_eq!(
            (view.header().key_id(), view.header().counter()),
            (kid, counter)
        );
        assert!(
            read(&[], &encoded[..encoded.len() - 1]).is_none(),
            "cut short"
        );
    }
}

#[test]
fn a_header_in_another_form_than_the_shortest_is_refused() {
    for wrong in [
        &[0x08, 0x00][..],
        &[0x08, 0x07],
        &[0x09, 0x00, 0x01],
        &[0x80, 0x00],
        &[0x81, 0x00, 0xff],
        &[0x80, 0x07],
    ] {
        assert!(read(&[], wrong).is_none(), "{wrong:02x?}");
    }
}

#[test]
fn rfc_9605_frames() {
    let vectors = vectors();
    let frames = vectors["sframe"].as_array().unwrap();
    assert_eq!(frames.len(), 2);
    for vector in frames {
        let suite = match vector["cipher_suite"].as_u64() {
            Some(4) => CipherSuite::AesGcm128Sha256,
            Some(5) => CipherSuite::AesGcm256Sha512,
            other => panic!("{other:?}"),
        };
        let (kid, base_key) = (number(&vector["kid"]), bytes(&vector["base_key"]));
        let (metadata, plain) = (bytes(&vector["metadata"]), bytes(&vector["pt"]));
        let sealed = bytes(&vector["ct"]);
        let frame = [metadata.clone(), sealed.clone()].concat();

        let key = EncryptionKey::derive_from(suite, kid, &base_key).unwrap();
        let mut counter = MonotonicCounter::with_start_value(number(&vector["ctr"]), u64::MAX);
        let made = seal_with(&key, &mut counter, &metadata, &plain).unwrap();
        assert_eq!(made, frame);

        let key = DecryptionKey::derive_from(suite, kid, &base_key).unwrap();
        let mut window = ReplayAttackProtection::new(kid, Tolerance::new(1024));
        let view = read(&metadata, &sealed).unwrap();
        let opened = open_with(&key, &mut window, view).unwrap();
        assert_eq!(opened, [metadata.clone(), plain].concat());
        assert_eq!(open_with(&key, &mut window, view), Err(Refusal::Replayed));
    }
}

const NAME: EpochName = EpochName {
    generation: 1,
    epoch: 1,
};
const KEY_FRAME: &[u8] = &[0x10, 1, 2, 3, 4, 5, 6, 7, 8, 9, b'p', b'i', b'c'];
const DELTA_FRAME: &[u8] = &[0x31, 1, 2, b'd'];

fn member(leaf: u32) -> EpochMember {
    EpochMember {
        leaf,
        participant: ParticipantId::from_random(leaf.into()),
    }
}

/// The keyring of a leaf, with which frames of this epoch are sealed.
fn keyring(own_leaf: u32, name: EpochName, now: Instant) -> Keyring {
    let mut keyring = Keyring::default();
    install(&mut keyring, own_leaf, name, now);
    keyring
}

fn install(keyring: &mut Keyring, own_leaf: u32, name: EpochName, now: Instant) {
    let keys = EpochKeys {
        name,
        base_key: vec![u8::try_from(name.epoch).unwrap(); 16],
        members: vec![member(0), member(1)],
        own_leaf,
    };
    keyring.install(keys, now);
    keyring.send_with(name);
}

fn binding(leaf: u32, source: Source) -> Option<Binding> {
    Some(Binding {
        participant: member(leaf).participant,
        source,
    })
}

#[test]
fn a_frame_goes_from_one_to_the_other() {
    let now = Instant::now();
    let (mut one, mut other) = (keyring(0, NAME, now), keyring(1, NAME, now));
    for (source, frame) in [
        (Source::Camera, KEY_FRAME),
        (Source::Camera, DELTA_FRAME),
        (Source::Microphone, b"sound"),
    ] {
        let sealed = seal(&mut one, source, frame).unwrap();
        let opened = open(&mut other, binding(0, source), &sealed, now);
        assert_eq!(opened.as_deref(), Ok(frame));
    }
}

#[test]
fn the_head_of_a_picture_stays_clear_and_is_authenticated() {
    let now = Instant::now();
    let (mut one, mut other) = (keyring(0, NAME, now), keyring(1, NAME, now));
    for (frame, clear) in [(KEY_FRAME, 10), (DELTA_FRAME, 3)] {
        let mut sealed = seal(&mut one, Source::Camera, frame).unwrap();
        assert_eq!(sealed[..clear], frame[..clear]);
        sealed[1] ^= 1;
        let opened = open(&mut other, binding(0, Source::Camera), &sealed, now);
        assert_eq!(opened, Err(Refusal::Forged));
    }
}

#[test]
fn only_frames_of_whom_the_slot_is_bound_to_come_through() {
    let now = Instant::now();
    let (mut one, mut other) = (keyring(0, NAME, now), keyring(1, NAME, now));
    let sealed = seal(&mut one, Source::Camera, KEY_FRAME).unwrap();
    let mut opened = |binding| open(&mut other, binding, &sealed, now).unwrap_err();
    assert_eq!(opened(None), Refusal::Unbound);
    assert_eq!(opened(binding(5, Source::Camera)), Refusal::WrongSender);
    assert_eq!(opened(binding(0, Source::Screen)), Refusal::WrongSender);
    let own = open(&mut one, binding(0, Source::Camera), &sealed, now);
    assert_eq!(own, Err(Refusal::NoKey), "nobody is shown their own frames");
}

#[test]
fn a_frame_is_taken_once() {
    let now = Instant::now();
    let (mut one, mut other) = (keyring(0, NAME, now), keyring(1, NAME, now));
    let sealed = seal(&mut one, Source::Camera, KEY_FRAME).unwrap();
    let mut take = || open(&mut other, binding(0, Source::Camera), &sealed, now);
    assert!(take().is_ok());
    assert_eq!(take(), Err(Refusal::Replayed));
}

#[test]
fn frames_of_an_earlier_epoch_are_opened_for_ten_seconds_more() {
    let now = Instant::now();
    let (mut one, mut other) = (keyring(0, NAME, now), keyring(1, NAME, now));
    let mut late = || seal(&mut one, Source::Camera, KEY_FRAME).unwrap();
    let (first, second) = (late(), late());
    let next = EpochName { epoch: 2, ..NAME };
    install(&mut other, 1, next, now);
    let mut take = |sealed: &[u8], after| {
        let then = now + Duration::from_millis(after);
        open(&mut other, binding(0, Source::Camera), sealed, then)
    };
    assert!(take(&first, 9_999).is_ok());
    assert_eq!(take(&second, 10_000), Err(Refusal::NoKey));
}

#[test]
fn a_counter_never_begins_again_under_its_key() {
    let now = Instant::now();
    let mut one = keyring(0, NAME, now);
    let first = seal(&mut one, Source::Microphone, b"").unwrap();
    install(&mut one, 0, NAME, now);
    let second = seal(&mut one, Source::Microphone, b"").unwrap();
    assert_ne!(first, second);
}

#[test]
fn nothing_is_sealed_without_a_key() {
    let mut keyring = Keyring::default();
    assert_eq!(seal(&mut keyring, Source::Camera, KEY_FRAME), None);
}
