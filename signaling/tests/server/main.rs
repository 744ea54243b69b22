//! The server from outside: real sockets, a real store, a clock that the tests move.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test says by a panic what is wrong"
)]

#[path = "../support/mod.rs"]
mod support;

mod absence;
mod as_booked;
mod asked_again;
mod audit;
mod bad_input;
mod behind;
mod clinic_file;
mod clock;
mod companions;
mod consents;
mod desk;
mod doers;
mod early;
mod forms;
mod gates;
mod guardian;
mod handing_on;
mod hostile;
mod identity;
mod languages;
mod lost_answers;
mod media;
mod metrics;
mod mls;
mod nodes;
mod note_event;
mod personal;
mod places;
mod regular;
mod rest;
mod rest_bad_input;
mod rest_docs;
mod rest_once;
mod rest_shifts;
mod rest_visit;
mod sessions;
mod shifts;
mod sign_in;
mod store;
mod story;
mod strangers;
mod threats;
mod tls;
mod webhooks;
mod webhooks_tls;
mod writings;
