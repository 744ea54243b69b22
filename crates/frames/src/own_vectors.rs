//! The committed vectors of what is our own and no RFC's, which the browser's client wrote.

use std::time::Instant;

use serde_json::Value;
use vestibule_vocab::Source;

use super::kid::kid;
use super::tests::bytes;
use super::{EpochKeys, EpochName, Keyring, seal};

fn vectors() -> Value {
    let text = include_str!("../../../web/sdk/vectors/vestibule.json");
    serde_json::from_str(text).unwrap()
}

fn source(value: &Value) -> Source {
    serde_json::from_value(value.clone()).unwrap()
}

fn name(value: &Value) -> EpochName {
    EpochName {
        generation: u32::try_from(value["generation"].as_u64().unwrap()).unwrap(),
        epoch: value["epoch"].as_u64().unwrap(),
    }
}

fn leaf(value: &Value) -> u32 {
    u32::try_from(value["leaf"].as_u64().unwrap()).unwrap()
}

#[test]
fn the_browser_names_keys_alike() {
    let vectors = vectors();
    let kids = vectors["kids"].as_array().unwrap();
    assert_eq!(kids.len(), 12);
    for vector in kids {
        let made = kid(name(vector), source(&vector["source"]), leaf(vector));
        assert_eq!(made, vector["kid"].as_u64());
    }
}

#[test]
fn the_browser_seals_frames_alike() {
    let vectors = vectors();
    let epoch = &vectors["frames"];
    let mut keyring = Keyring::default();
    let keys = EpochKeys {
        name: name(epoch),
        base_key: bytes(&epoch["baseKey"]),
        members: Vec::new(),
        own_leaf: leaf(epoch),
    };
    keyring.install(keys, Instant::now());
    keyring.send_with(name(epoch));
    let frames = epoch["sealed"].as_array().unwrap();
    assert_eq!(frames.len(), 4);
    for vector in frames {
        let sealed = seal(
            &mut keyring,
            source(&vector["source"]),
            &bytes(&vector["frame"]),
        );
        assert_eq!(sealed, Some(bytes(&vector["sealed"])));
    }
}
