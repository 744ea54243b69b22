//! Estimated waits: what they promise, and how the promises are kept in simulated clinics, beside
//! an oracle that knows how these clinics work.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod anything;
mod calibrated;
mod oracle;
mod promises;
mod random;
mod scenarios;
mod shown;
mod trial;
mod world;
