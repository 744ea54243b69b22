//! Application messages that wait to be sent, one at a time, in order.

use std::collections::VecDeque;

use super::payload::Payload;
use crate::limits::OUTBOX;
use vestibule_frames::EpochName;

/// A message to be sealed.
#[derive(Clone)]
pub(super) struct Letter {
    pub(super) payload: Payload,
    /// The one epoch in which it means something; `None` when any will do.
    pub(super) epoch: Option<EpochName>,
}

/// A letter that was sealed and handed over.
pub(super) struct Sealed {
    pub(super) letter: Letter,
    pub(super) message: Vec<u8>,
    pub(super) epoch: EpochName,
    /// False when nobody knows whether it arrived: then the log tells.
    pub(super) flying: bool,
}

/// The letters, and the one that is on its way.
#[derive(Default)]
pub(super) struct Outbox {
    letters: VecDeque<Letter>,
    pub(super) sealed: Option<Sealed>,
}

impl Outbox {
    /// False when there are too many.
    pub(super) fn add(&mut self, letter: Letter) -> bool {
        let fits = self.letters.len() < OUTBOX;
        if fits {
            self.letters.push_back(letter);
        }
        fits
    }

    /// Before all that waits: the others count our lines from what it says.
    pub(super) fn add_first(&mut self, letter: Letter) {
        self.letters.push_front(letter);
    }

    /// The next letter that still means something in this epoch.
    pub(super) fn next(&mut self, epoch: EpochName) -> Option<Letter> {
        loop {
            let letter = self.letters.pop_front()?;
            if letter.epoch.is_none_or(|only| only == epoch) {
                return Some(letter);
            }
        }
    }

    /// Takes the letter on its way back: it has to be sealed anew.
    pub(super) fn take_back(&mut self) {
        if let Some(sealed) = self.sealed.take() {
            self.letters.push_front(sealed.letter);
        }
    }
}
