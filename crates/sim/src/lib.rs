//! A seeded world around the real machines of a clinic, and what must hold in it whatever happens.
//!
//! Two nodes serve one clinic. Each holds a `Clinic` and a `Delivery` in memory, with the version of the store that they
//! stand at; what a node decides is committed by version, and a node that lost the race takes up what it missed and decides
//! again. Around them people come and go, clocks step, nodes crash before and after a commit, and messages are lost, late
//! or repeated. After each step the [`invariants`] are asked; one that does not hold is a [`Violation`].
//!
//! Everything follows from the seed alone: the same seed is the same schedule on every machine.

mod broken;
mod dice;
pub mod invariants;
pub mod limits;
mod message;
mod mls;
mod node;
mod people;
mod rows;
mod run;
mod sessions;
mod store;
mod theme;
mod world;

pub use broken::Broken;
pub use invariants::Violation;
pub use run::{Failure, Figures, Schedule, Told, all, one};
