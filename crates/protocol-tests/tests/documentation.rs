//! `docs/protocol.md` is made from the code, so that it says what the server does.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;

use serde::Serialize;
use vestibule_protocol::{ErrorCode, ErrorReason, limits};

#[allow(
    dead_code,
    reason = "each test binary uses a part of the support module"
)]
mod support;

use support::samples::{http_bodies, requests, server_messages};

const PREFACE: &str = include_str!("support/protocol_preface.md");

fn samples<T: Serialize>(out: &mut String, title: &str, samples: &[(&'static str, T)]) {
    writeln!(out, "\n## {title}\n").unwrap();
    for (name, message) in samples {
        let json = serde_json::to_string_pretty(message).unwrap();
        writeln!(out, "### `{name}`\n\n```json\n{json}\n```\n").unwrap();
    }
}

fn errors(out: &mut String) {
    writeln!(out, "\n## Error codes\n").unwrap();
    writeln!(out, "| code | sentence | may be tried again after |").unwrap();
    writeln!(out, "|---|---|---|").unwrap();
    for code in ErrorCode::ALL {
        let name = serde_json::to_string(code).unwrap().replace('"', "`");
        let retry = code
            .retry_after_ms()
            .map_or_else(|| "never as it is".to_owned(), |ms| format!("{ms} ms"));
        writeln!(out, "| {name} | {} | {retry} |", code.sentence()).unwrap();
    }
}

fn reasons(out: &mut String) {
    writeln!(
        out,
        "\nWhere one code stands for several things, `reason` says which, and `message` is its sentence:\n"
    )
    .unwrap();
    writeln!(out, "| code | reason | sentence |\n|---|---|---|").unwrap();
    for reason in ErrorReason::ALL {
        let name = |it: String| it.replace('"', "`");
        let code = name(serde_json::to_string(&reason.code()).unwrap());
        let itself = name(serde_json::to_string(reason).unwrap());
        writeln!(out, "| {code} | {itself} | {} |", reason.sentence()).unwrap();
    }
}

fn limits(out: &mut String) {
    writeln!(out, "\n## Limits\n\n| limit | value |\n|---|---|").unwrap();
    for (name, value) in limits::ALL {
        writeln!(out, "| `{name}` | {value} |").unwrap();
    }
}

#[test]
fn the_documentation_is_current() {
    let mut out = PREFACE.to_owned();
    errors(&mut out);
    reasons(&mut out);
    limits(&mut out);
    samples(&mut out, "What a client sends", &requests());
    samples(&mut out, "What the server sends", &server_messages());
    samples(&mut out, "Bodies of the HTTP API", &http_bodies());
    out.truncate(out.trim_end().len());
    out.push('\n');
    support::assert_current("docs/protocol.md", &out);
}
