//! A seeded world around the real machines of a clinic, and what must hold in it whatever happens.
//!
//! Two nodes serve one clinic. Each holds a `Clinic` and a `Delivery` in memory, with the version of the store that they
//! stand at. Whoever decides takes its turn first: it has the clinic's row, reads the rows that the other one wrote since,
//! decides and commits. Around them people come and go, clocks step, nodes crash before and after a commit, do not hear
//! whether one was written, or take each other to be gone; and messages are lost, late or repeated. After each step the
//! [`invariants`] are asked; one that does not hold is a [`Violation`].
//!
//! Everything follows from the seed alone: the same seed is the same schedule on every machine.

mod broken;
mod catalogue;
mod desk;
mod dice;
mod form;
pub mod invariants;
pub mod limits;
mod message;
mod mls;
mod node;
mod people;
mod rows;
mod run;
mod sessions;
mod shown;
mod store;
mod theme;
mod told;
mod touched;
mod world;

pub use broken::Broken;
pub use invariants::Violation;
pub use run::{Failure, Figures, Happened, Schedule, all, one};
