//! Packets that left together, and how the time between two groups changed on the way.

/// What left within this time is one group (draft-ietf-rmcat-gcc-02 section 5.2), in microseconds.
const GROUP: u64 = 5_000;

/// A group that arrives as one burst is not longer than this, in microseconds.
const MAX_BURST: u64 = 100_000;

/// A receiver's clock that jumps by more than this was set, or its counter wrapped; in microseconds.
const JUMP: u64 = 3_000_000;

/// One packet's way. Times are microseconds, each by its own clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passage {
    pub(crate) sequence: u64,
    pub(crate) departed: u64,
    pub(crate) arrived: u64,
}

/// How a group compares with the one before, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spacing {
    /// Between their departures.
    pub(crate) departure: i64,
    /// Between their arrivals.
    pub(crate) arrival: i64,
    /// When the newer one had arrived.
    pub(crate) arrived: u64,
}

#[derive(Clone, Copy, Debug)]
struct Group {
    first_departed: u64,
    last_departed: u64,
    first_arrived: u64,
    last_arrived: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Groups {
    /// The newest packet, held back until it is known that none overtook it.
    pending: Option<Passage>,
    current: Option<Group>,
    previous: Option<Group>,
}

impl Groups {
    /// Takes a packet, in order of sequence numbers; one that was overtaken by a later one says nothing
    /// of the queue and is passed over.
    pub(crate) fn add(&mut self, packet: Passage) -> Option<Spacing> {
        let Some(pending) = self.pending else {
            self.pending = Some(packet);
            return None;
        };
        if packet.sequence <= pending.sequence {
            return None;
        }
        self.pending = Some(packet);
        if packet.arrived.abs_diff(pending.arrived) > JUMP {
            *self = Self {
                pending: Some(packet),
                ..Self::default()
            };
            return None;
        }
        (packet.arrived >= pending.arrived).then(|| self.take(pending))?
    }

    fn take(&mut self, packet: Passage) -> Option<Spacing> {
        let Some(group) = &mut self.current else {
            self.current = Some(Group::of(packet));
            return None;
        };
        if group.has(packet) {
            group.last_departed = packet.departed;
            group.last_arrived = group.last_arrived.max(packet.arrived);
            return None;
        }
        let done = *group;
        self.current = Some(Group::of(packet));
        let before = self.previous.replace(done)?;
        Some(Spacing {
            departure: signed(done.last_departed) - signed(before.last_departed),
            arrival: signed(done.last_arrived) - signed(before.last_arrived),
            arrived: done.last_arrived,
        })
    }
}

impl Group {
    fn of(packet: Passage) -> Self {
        Self {
            first_departed: packet.departed,
            last_departed: packet.departed,
            first_arrived: packet.arrived,
            last_arrived: packet.arrived,
        }
    }

    fn has(&self, packet: Passage) -> bool {
        packet.departed.saturating_sub(self.first_departed) <= GROUP || self.bursts_with(packet)
    }

    /// Packets that a radio link held and then gave out at once belong together.
    fn bursts_with(&self, packet: Passage) -> bool {
        let arrival = packet.arrived.saturating_sub(self.last_arrived);
        let departure = packet.departed.saturating_sub(self.last_departed);
        arrival < departure
            && arrival <= GROUP
            && packet.arrived.saturating_sub(self.first_arrived) < MAX_BURST
    }
}

fn signed(micros: u64) -> i64 {
    i64::try_from(micros).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Groups, Passage, Spacing};

    fn feed(packets: &[(u64, u64)]) -> Vec<Spacing> {
        let mut groups = Groups::default();
        (0..)
            .zip(packets)
            .filter_map(|(sequence, (departed, arrived))| {
                groups.add(Passage {
                    sequence,
                    departed: departed * 1000,
                    arrived: arrived * 1000,
                })
            })
            .collect()
    }

    #[test]
    fn frames_are_compared_by_their_last_packets() {
        let spacings = feed(&[(0, 50), (1, 51), (33, 83), (34, 90), (66, 120), (99, 150)]);
        let first = Spacing {
            departure: 33_000,
            arrival: 39_000,
            arrived: 90_000,
        };
        assert_eq!(spacings, [first]);
    }

    #[test]
    fn a_packet_that_was_overtaken_says_nothing() {
        let straight = feed(&[(0, 50), (33, 83), (66, 116), (99, 149), (132, 182)]);
        let overtaken = feed(&[
            (0, 50),
            (20, 84),
            (33, 83),
            (66, 116),
            (99, 149),
            (132, 182),
        ]);
        assert_eq!(straight, overtaken);
    }

    #[test]
    fn a_clock_that_jumps_begins_anew() {
        assert!(feed(&[(0, 50), (33, 83), (66, 90_000_000), (99, 90_000_033)]).is_empty());
    }
}
