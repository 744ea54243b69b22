//! Sound with redundancy (RED, RFC 2198): each packet carries the sound of the one before once more.

use crate::{Call, Seat};

impl Call {
    /// Says how a leg's connection takes sound with redundancy: by the payload type that it gives Opus, which the
    /// blocks of each packet name. They are sealed with the sound, so nobody can renumber them on the way. Until
    /// this is said a connection takes none.
    pub fn set_redundancy(&mut self, seat: Seat, opus: Option<u8>) {
        if let Some(link) = self.leg_mut(seat).and_then(|leg| leg.link.as_mut()) {
            link.redundancy = opus;
            self.wishes_change();
        }
    }

    /// Whether a leg's sound may come with redundancy: somebody else has a connection, and everybody who has one
    /// takes it. Connections count from their offer on, so that the publisher knows before one is up.
    #[must_use]
    pub fn may_send_redundancy(&self, publisher: Seat) -> bool {
        let taken_by = |seat| {
            let link = self.leg(seat)?.link.as_ref()?;
            Some(link.redundancy)
        };
        let Some(own) = taken_by(publisher).flatten() else {
            return false;
        };
        let others = Seat::ALL.into_iter().filter(|seat| *seat != publisher);
        let mut others = others.filter_map(taken_by).peekable();
        others.peek().is_some() && others.all(|other| other == Some(own))
    }
}
