//! Golden vectors: the messages that Rust and TypeScript both read.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;

use serde::Serialize;
use vestibule_protocol::client::ClientMessage;
use vestibule_protocol::server::ServerMessage;
use vestibule_protocol::{ErrorBody, ErrorCode};

#[allow(
    dead_code,
    reason = "each test binary uses a part of the support module"
)]
mod support;

use support::assert_current;
use support::samples::{http_bodies, requests, server_messages};

/// One line for each vector, so that a change shows as one line.
fn file<T: Serialize>(vectors: &[(&'static str, T)]) -> String {
    let mut out = String::from("{\n");
    for (index, (name, message)) in vectors.iter().enumerate() {
        let comma = if index + 1 == vectors.len() { "" } else { "," };
        let json = serde_json::to_string(message).unwrap();
        writeln!(out, "  \"{name}\": {json}{comma}").unwrap();
    }
    out.push_str("}\n");
    out
}

#[test]
fn client_vectors_are_current() {
    assert_current("crates/protocol/vectors/client.json", &file(&requests()));
}

#[test]
fn server_vectors_are_current() {
    assert_current(
        "crates/protocol/vectors/server.json",
        &file(&server_messages()),
    );
}

#[test]
fn http_vectors_are_current() {
    assert_current("crates/protocol/vectors/http.json", &file(&http_bodies()));
}

#[test]
fn error_vectors_are_current() {
    let errors: Vec<(String, ErrorBody)> = ErrorCode::ALL
        .iter()
        .map(|code| {
            (
                serde_json::to_string(code).unwrap().replace('"', ""),
                (*code).into(),
            )
        })
        .collect();
    let named: Vec<(&'static str, &ErrorBody)> = errors
        .iter()
        .map(|(name, body)| (&*name.clone().leak(), body))
        .collect();
    assert_current("crates/protocol/vectors/errors.json", &file(&named));
}

#[test]
fn every_message_is_read_back_as_it_was_written() {
    for (name, message) in requests() {
        let json = serde_json::to_string(&message).unwrap();
        let back: ClientMessage = serde_json::from_str(&json).unwrap();
        assert_eq!(back, message, "{name}");
    }
    for (name, message) in server_messages() {
        let json = serde_json::to_string(&message).unwrap();
        let back: ServerMessage = serde_json::from_str(&json).unwrap();
        assert_eq!(back, message, "{name}");
    }
}

#[test]
fn what_is_not_a_message_is_refused() {
    let hostile = [
        "",
        "null",
        "[]",
        "{}",
        r#"{"id":1}"#,
        r#"{"id":-1,"request":{"type":"ping"}}"#,
        r#"{"id":4294967296,"request":{"type":"ping"}}"#,
        r#"{"id":1,"request":{"type":"become_admin"}}"#,
        r#"{"id":1,"request":{"type":"ping"},"priority":9}"#,
        r#"{"id":1,"request":{"type":"arrive","name":"A","reason":"","place":1}}"#,
        r#"{"id":1,"request":{"type":"arrive","name":["A"],"reason":""}}"#,
        r#"{"id":1,"request":{"type":"admit","visit":"1"}}"#,
        r#"{"id":1,"request":{"type":"send","consultation":"00000000-0000-4000-8000-000000000002","message":"not base64!"}}"#,
    ];
    for text in hostile {
        assert!(
            serde_json::from_str::<ClientMessage>(text).is_err(),
            "{text}"
        );
    }
    let nested = format!(
        "{{\"id\":1,\"request\":{}1{}}}",
        "[".repeat(20_000),
        "]".repeat(20_000)
    );
    assert!(serde_json::from_str::<ClientMessage>(&nested).is_err());
}

#[test]
fn debug_of_a_message_shows_no_personal_data() {
    let shown = format!("{:?} {:?}", requests(), server_messages());
    for personal in ["Ada", "toux", "c2VjcmV0", "Martin", "practice this", "v=0"] {
        assert!(!shown.contains(personal), "{personal}");
    }
}
