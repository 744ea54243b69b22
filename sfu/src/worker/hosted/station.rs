//! A seat of a call, and who is at it.

use vestibule_forwarding::limits::LEGS;
use vestibule_forwarding::{Allotment, Camera};

use crate::peer::Peer;
use crate::worker::ledger::Ledger;

/// Some of the seats.
pub(super) type Seats = [bool; LEGS];

pub(super) const ALL: Seats = [true; LEGS];

/// What stands at a seat. It is small: with each wake all five are looked through for something to do, and most are empty.
#[derive(Default)]
pub(super) struct Station {
    pub(super) peer: Option<Box<Peer>>,
    /// The peer's connection.
    pub(super) connection: u32,
    /// How many layers its camera comes in.
    pub(super) layers: usize,
    /// The peer was connected.
    pub(super) up: bool,
    /// Something was written or asked: the peer's timers are to run.
    pub(super) touched: bool,
    /// Since the first connection: an empty seat has none.
    pub(super) ledger: Option<Box<Ledger>>,
    /// The last connection that was up and is closed. It cannot come back: its keys are gone.
    pub(super) closed: Option<u32>,
}

impl Station {
    pub(super) fn camera(&self) -> Camera {
        Camera {
            layers: self.layers,
            small: self
                .ledger
                .as_ref()
                .is_some_and(|it| it.ways.uplink.is_small()),
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.peer.as_ref().is_some_and(|peer| peer.is_up())
    }

    /// What it gets of the others' pictures, once it is known what its line takes.
    pub(super) fn allotment(&self) -> Option<&Allotment> {
        self.peer.as_ref()?.line()?;
        Some(&self.ledger.as_ref()?.ways.allotment)
    }
}
