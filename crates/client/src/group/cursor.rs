//! How far the log of a consultation was read.

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Next,
    Seen,
    /// Something before it is missing.
    Gap,
}

/// The last entry that was read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cursor(Option<u64>);

impl Cursor {
    /// What `sync` is asked with: 0 for none.
    pub(super) fn last(self) -> u64 {
        self.0.unwrap_or(0)
    }

    /// Takes an entry's place. The first may be any: a page that just came needs nothing of what was
    /// before. An entry behind a gap comes again by `sync`.
    pub(super) fn take(&mut self, sequence: u64) -> Place {
        match self.0 {
            Some(last) if sequence <= last => Place::Seen,
            Some(last) if sequence > last + 1 => Place::Gap,
            Some(_) | None => {
                self.0 = Some(sequence);
                Place::Next
            }
        }
    }
}
