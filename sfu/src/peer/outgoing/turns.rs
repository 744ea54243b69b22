//! Which packet leaves now, and which later.

use vestibule_forwarding::{Forwarded, Moment, Slot};

use super::seal::Piece;
use super::{Outgoing, low};
use crate::peer::Packet;
use crate::peer::departures::{Leaves, Turn};

/// What comes of a packet that waited, when its turn is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turned {
    /// It is to be written: its slot, its extended number there, and whether it is written again.
    Packet(Slot, u64, bool),
    /// So much went through its slot meanwhile that it is not known any more which one it is.
    TooLate,
}

impl Outgoing {
    /// Takes note of a packet that goes through a slot; whether it leaves now. One that waits has its turn later.
    pub(in crate::peer) fn take(
        &mut self,
        now: Moment,
        forwarded: &Forwarded,
        packet: &Packet<'_>,
    ) -> Leaves {
        if packet.redundancy.is_some() && packet.redundancy != self.codecs.redundancy() {
            return Leaves::NotTaken;
        }
        let payload = packet.payload.len();
        let Some(state) = self.slots.get_mut(forwarded.slot) else {
            return Leaves::NoConnection;
        };
        if !forwarded.slot.is_video() {
            self.departures.beside(now, payload);
            state.note(payload, forwarded);
            return Leaves::Now;
        }
        let turn = Turn {
            slot: forwarded.slot,
            sequence: low(forwarded.sequence),
            again: false,
        };
        let leaves = self.departures.leaves(now, turn, payload);
        if matches!(leaves, Leaves::Now | Leaves::Later) {
            state.note(payload, forwarded);
        }
        leaves
    }

    /// Whether a packet that the client lacks is sent again, and now; nothing when the client got its share of them.
    pub(in crate::peer) fn take_again(&mut self, now: Moment, piece: &Piece<'_>) -> Leaves {
        let round_trip = self.round_trip;
        let Some(state) = self.slots.get_mut(piece.slot) else {
            return Leaves::NoConnection;
        };
        let octets = piece.payload.len();
        let turn = Turn {
            slot: piece.slot,
            sequence: low(piece.sequence),
            again: true,
        };
        let resent = &mut state.resent;
        if let Err(why) = resent.check(now, piece.sequence, octets, round_trip) {
            return Leaves::Refused(why);
        }
        let leaves = self.departures.leaves(now, turn, octets);
        // One that finds no place is asked for again, and was not sent.
        if matches!(leaves, Leaves::Now | Leaves::Later) {
            resent.take(now, piece.sequence, octets, leaves == Leaves::Later);
        }
        leaves
    }

    /// What comes of the next packet whose turn it is.
    pub(in crate::peer) fn turn(&mut self, now: Moment) -> Option<Turned> {
        let turn = self.departures.turn(now)?;
        let Some(sequence) = self.sent_sequence(turn.slot, turn.sequence) else {
            return Some(Turned::TooLate);
        };
        if turn.again
            && let Some(state) = self.slots.get_mut(turn.slot)
        {
            state.resent.leave(now, sequence);
        }
        Some(Turned::Packet(turn.slot, sequence, turn.again))
    }

    /// How many packets wait for their turn.
    pub(in crate::peer) fn waiting(&self) -> usize {
        self.departures.waiting()
    }
}
