//! The product's clients as far as the server sees them: devices, pages, and sockets by hand. They
//! speak the protocol alone, and so can be pointed at any server.

#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    reason = "shared by test binaries that each use their own part"
)]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test says by a panic what is wrong"
)]

pub mod device;
pub mod frames;
pub mod page;
pub mod raw;
pub mod secure;
pub mod web;

pub use device::Device;
pub use page::Page;
