//! Whether somebody is where their checks seem to come from.
//!
//! A check proves that its sender knows the password, and nothing of its source, which whoever sits in a call can forge.
//! Media goes to another address only after a check of ours was answered from there (as in RFC 9000 section 8.2), and until
//! then no more bytes go there than came from it: answers, checks of ours, and what DTLS says.

use std::net::SocketAddr;
use std::time::Instant;

use is::stun::TransId;

use crate::handshake::Transmit;
use crate::ice::Way;
use crate::limits::{CHECK_PAUSE, CREDIT_BYTES};
use crate::lite::Lite;
use crate::random::{NoRandomness, transaction};

/// An address that authentic checks came from.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) address: SocketAddr,
    /// How many more bytes came from there than went there.
    credit: u32,
    /// Somebody is there: a check of ours was answered.
    answered: bool,
}

impl Source {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            credit: 0,
            answered: false,
        }
    }

    /// A check of ours was answered from there.
    pub(crate) fn answered(&mut self) {
        self.answered = true;
    }

    /// Whether this is that address, and somebody is there.
    pub(crate) fn has_answered(&self, address: SocketAddr) -> bool {
        self.address == address && self.answered
    }

    /// So much came from there, and so much went there.
    pub(crate) fn note(&mut self, came: usize, went: usize) {
        let bytes = came.saturating_sub(went).try_into().unwrap_or(u32::MAX);
        self.credit = self.credit.saturating_add(bytes).min(CREDIT_BYTES);
    }

    /// Whether so much may go there, and does.
    pub(crate) fn spend(&mut self, bytes: usize) -> bool {
        if self.answered {
            return true;
        }
        let left = u32::try_from(bytes).ok();
        let left = left.and_then(|bytes| self.credit.checked_sub(bytes));
        self.credit = left.unwrap_or(self.credit);
        left.is_some()
    }
}

/// A way that the other side is asked for whether it is there.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) way: Way,
    /// The same in all checks, so that an answer to any counts, however long it took.
    pub(crate) check: TransId,
    /// The other side chose it: media goes there once it answers.
    pub(crate) chosen: bool,
    last: Option<Instant>,
}

impl Asked {
    pub(crate) fn new(way: Way) -> Result<Self, NoRandomness> {
        Ok(Self {
            way,
            check: transaction()?,
            chosen: false,
            last: None,
        })
    }

    /// The next check that goes there, if one is due and as much came from there.
    pub(crate) fn ask(
        &mut self,
        now: Instant,
        lite: &Lite,
        source: &mut Source,
    ) -> Option<Transmit> {
        if self.last.is_some_and(|last| now < last + CHECK_PAUSE) {
            return None;
        }
        let check = lite.check(self.way, self.check)?;
        let check = Some(check).filter(|check| source.spend(check.bytes.len()))?;
        self.last = Some(now);
        Some(check)
    }
}

#[cfg(test)]
mod tests {
    use super::Source;
    use crate::limits::CREDIT_BYTES;

    #[test]
    fn no_more_goes_to_an_address_than_came_from_it() {
        let mut source = Source::new(([192, 0, 2, 1], 4000).into());
        source.note(100, 64);
        assert!(!source.spend(88));
        source.note(100, 64);
        source.note(64, 100);
        assert!(!source.spend(88));
        source.note(100, 64);
        assert!(source.spend(88) && source.spend(20) && !source.spend(1));
        source.note(usize::MAX, 0);
        assert!(source.spend(CREDIT_BYTES as usize) && !source.spend(1));
        source.answered();
        assert!(source.spend(usize::MAX));
    }
}
