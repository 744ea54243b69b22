//! What the tests are told with: clients, a server of one's own, an SFU that does as it is told.

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

pub mod client;
pub mod fake_sfu;
pub mod house;
pub mod openid;
pub mod postgres;
pub mod receiver;
pub mod rest;

pub use client::{Device, Page, device, frames, page, raw, secure, web};
pub use house::{House, Kind};
pub use receiver::{Answer, Receiver};
pub use rest::Rest;

/// Makes tests of functions that take a [`Kind`]: each runs on SQLite and on PostgreSQL.
#[macro_export]
macro_rules! on_both_stores {
    ($($name:ident),* $(,)?) => {
        mod on_sqlite {
            $(
                #[tokio::test]
                async fn $name() {
                    super::$name($crate::support::Kind::Sqlite).await;
                }
            )*
        }
        mod on_postgres {
            $(
                #[tokio::test]
                async fn $name() {
                    super::$name($crate::support::Kind::Postgres).await;
                }
            )*
        }
    };
}
