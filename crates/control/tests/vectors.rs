//! Golden vectors: each message is read and written again as it stands in the file.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;
use vestibule_control::{FromSfu, LegState, OfferRefusal, ToSfu};

const TO_SFU: &str = include_str!("../vectors/to_sfu.json");
const FROM_SFU: &str = include_str!("../vectors/from_sfu.json");

/// The messages of a file, one on each line between the braces.
fn lines(file: &str) -> impl Iterator<Item = &str> {
    let messages = file.lines().filter_map(|line| line.split_once("\": "));
    messages.map(|(_, json)| json.trim_end_matches(','))
}

fn read_and_write<T: Serialize + DeserializeOwned>(file: &str) -> Vec<T> {
    let read = |json: &str| {
        let message: T = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&message).unwrap(), json);
        message
    };
    lines(file).map(read).collect()
}

fn to_sfu_name(message: &ToSfu) -> &'static str {
    match message {
        ToSfu::Hello { .. } => "hello",
        ToSfu::SetCall(_) => "set_call",
        ToSfu::CloseCall { .. } => "close_call",
        ToSfu::Offer { .. } => "offer",
        ToSfu::Watch { .. } => "watch",
        ToSfu::Shutdown => "shutdown",
    }
}

fn from_sfu_name(message: &FromSfu) -> &'static str {
    match message {
        FromSfu::Hello { .. } => "hello",
        FromSfu::Answer { .. } => "answer",
        FromSfu::Refused { reason, .. } => match reason {
            OfferRefusal::UnknownLeg => "unknown_leg",
            OfferRefusal::InvalidOffer => "invalid_offer",
            OfferRefusal::LimitReached => "limit_reached",
        },
        FromSfu::Leg { state, .. } => match state {
            LegState::Connected => "connected",
            LegState::Interrupted => "interrupted",
            LegState::Closed => "closed",
        },
        FromSfu::Failed { .. } => "failed",
        FromSfu::Slots { .. } => "slots",
        FromSfu::Layers { .. } => "layers",
        FromSfu::Redundancy { .. } => "redundancy",
        FromSfu::Talk { .. } => "talk",
        FromSfu::Flow { .. } => "flow",
        FromSfu::Stats(_) => "stats",
    }
}

#[test]
fn messages_to_the_sfu_are_as_written() {
    let messages = read_and_write::<ToSfu>(TO_SFU);
    let names: BTreeSet<_> = messages.iter().map(to_sfu_name).collect();
    assert_eq!(names.len(), 6, "every message has a vector: {names:?}");
}

#[test]
fn messages_from_the_sfu_are_as_written() {
    let messages = read_and_write::<FromSfu>(FROM_SFU);
    let names: BTreeSet<_> = messages.iter().map(from_sfu_name).collect();
    assert_eq!(names.len(), 15, "every message has a vector: {names:?}");
}

#[test]
fn what_is_not_a_message_is_refused() {
    let hostile = [
        "",
        "null",
        "{}",
        r#"{"type":"record","call":"00000000-0000-4000-8000-000000000008"}"#,
        r#"{"type":"close_call","call":"8"}"#,
        r#"{"type":"hello","version":65536}"#,
        r#"{"type":"set_call","call":"00000000-0000-4000-8000-000000000008","legs":[],"open":1}"#,
        r#"{"type":"offer","request":1,"call":"00000000-0000-4000-8000-000000000008","connection":0,"sdp":""}"#,
    ];
    for json in hostile {
        assert!(serde_json::from_str::<ToSfu>(json).is_err(), "{json}");
    }
}
