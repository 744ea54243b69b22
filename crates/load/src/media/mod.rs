//! The clients' side of media: its packets, and the clients that send and receive them.

mod client;
mod connection;
mod drive;
mod first;
mod gate;
mod payload;
mod receiver;
mod sender;
mod socket;
mod tally;
#[cfg(test)]
mod tests;

pub(crate) use client::{Numbers, Spec};
pub(crate) use drive::{Course, Drive};
pub(crate) use gate::Gate;
pub(crate) use sender::Streams;
pub(crate) use socket::{Loopback, calibrate};
pub(crate) use tally::Tally;
