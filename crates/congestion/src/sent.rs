//! What left and was not yet heard of: a ring by transport-wide sequence number.

use crate::Moment;
use crate::limits::{SENT_PACKETS, SENT_PACKETS_FIRST, SENT_SURELY, SENT_TIME};

/// A packet that arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Acknowledged {
    pub(crate) sequence: u64,
    pub(crate) departed: Moment,
    pub(crate) size: u16,
    /// The probe that it belonged to.
    pub(crate) cluster: u8,
}

/// What is known of a packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Fate {
    /// No feedback spoke of it yet.
    #[default]
    Unknown,
    /// Later ones were spoken of, but not this one: its feedback was lost.
    Presumed,
    /// It had not arrived when a feedback spoke of it.
    Missing,
    Arrived,
}

/// What became of packets whose fate is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fates {
    pub(crate) arrived: u32,
    pub(crate) lost: u32,
}

/// Eight bytes, so that a thousand packets are small.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    /// The low bits of the microseconds. All entries are younger than they wrap.
    departed: u32,
    size: u16,
    cluster: u8,
    fate: Fate,
}

#[derive(Debug)]
pub(crate) struct Sent {
    /// A packet is at its number modulo the length, which is a power of two and grows with what is sent in a second.
    ring: Box<[Entry]>,
    /// The next packet's number.
    next: u64,
    /// The first packet that is still known.
    oldest: u64,
    /// The first packet whose fate is not yet known.
    unsettled: u64,
    /// The first packet of which no feedback spoke.
    unheard: u64,
    last_departed: Moment,
}

impl Sent {
    pub(crate) fn new() -> Self {
        Self {
            ring: vec![Entry::default(); SENT_PACKETS_FIRST].into_boxed_slice(),
            next: 0,
            oldest: 0,
            unsettled: 0,
            unheard: 0,
            last_departed: Moment::default(),
        }
    }

    /// Takes note of a packet and gives it its number.
    pub(crate) fn push(&mut self, now: Moment, size: u16, cluster: u8) -> u64 {
        let now = now.max(self.last_departed);
        self.forget_old(now);
        self.make_room(now);
        let sequence = self.next;
        if let Some(entry) = self.entry_mut(sequence) {
            *entry = Entry {
                departed: low_bits(now),
                size,
                cluster,
                fate: Fate::Unknown,
            };
        }
        self.next += 1;
        self.last_departed = now;
        self.unsettled = self.unsettled.max(self.oldest);
        sequence
    }

    /// A packet arrived. `None` when it is not known, or was heard of before.
    pub(crate) fn acknowledge(&mut self, number: u16) -> Option<Acknowledged> {
        let sequence = self.extended(number)?;
        let departed = self.departed(sequence)?;
        let entry = self.entry_mut(sequence)?;
        match entry.fate {
            // What was presumed has been counted.
            Fate::Arrived | Fate::Presumed => return None,
            Fate::Unknown | Fate::Missing => entry.fate = Fate::Arrived,
        }
        Some(Acknowledged {
            sequence,
            departed,
            size: entry.size,
            cluster: entry.cluster,
        })
    }

    /// A packet had not arrived when its receiver spoke of it. It may still come.
    pub(crate) fn note_missing(&mut self, number: u16) {
        let sequence = self.extended(number);
        let entry = sequence.and_then(|sequence| self.entry_mut(sequence));
        if let Some(entry) = entry
            && entry.fate == Fate::Unknown
        {
            entry.fate = Fate::Missing;
        }
    }

    /// A feedback speaks of a packet: `skipped` is told the departure and size of those before it that none
    /// spoke of.
    pub(crate) fn hear_of(&mut self, number: u16, skipped: impl FnMut(Moment, u16)) {
        // Nearly always it is the next one: numbers are compared before anything is looked up.
        if number == self.unheard as u16 && self.unheard >= self.oldest {
            self.unheard += u64::from(self.unheard < self.next);
        } else if let Some(sequence) = self.extended(number) {
            self.skip_to(sequence, skipped);
        }
    }

    #[cold]
    fn skip_to(&mut self, sequence: u64, mut skipped: impl FnMut(Moment, u16)) {
        for before in self.unheard.max(self.oldest)..sequence {
            let departed = self.departed(before);
            let Some(entry) = self.entry_mut(before) else {
                continue;
            };
            entry.fate = Fate::Presumed;
            if let Some(departed) = departed {
                skipped(departed, entry.size);
            }
        }
        self.unheard = self.unheard.max(sequence + 1);
    }

    /// Decides on all packets that left before `until`: what is still missing is lost. Packets from before
    /// `since` are passed over, and so are those that no feedback spoke of.
    pub(crate) fn settle(&mut self, since: Moment, until: Moment) -> Fates {
        let mut fates = Fates::default();
        while self.unsettled < self.next {
            let Some(departed) = self.departed(self.unsettled) else {
                break;
            };
            let Some(entry) = self.entry(self.unsettled).copied() else {
                break;
            };
            if departed >= until {
                break;
            }
            self.unsettled += 1;
            if departed < since {
                continue;
            }
            match entry.fate {
                Fate::Unknown | Fate::Presumed => {}
                Fate::Missing => fates.lost += 1,
                Fate::Arrived => fates.arrived += 1,
            }
        }
        fates
    }

    /// The number in full of a packet that is known.
    fn extended(&self, number: u16) -> Option<u64> {
        let newest = self.next.checked_sub(1)?;
        let back = (newest as u16).wrapping_sub(number);
        let sequence = newest.checked_sub(u64::from(back))?;
        (sequence >= self.oldest).then_some(sequence)
    }

    fn departed(&self, sequence: u64) -> Option<Moment> {
        let entry = self.entry(sequence)?;
        let age = low_bits(self.last_departed).wrapping_sub(entry.departed);
        let micros = self.last_departed.as_micros().checked_sub(age.into())?;
        Some(Moment::from_micros(micros))
    }

    fn forget_old(&mut self, now: Moment) {
        if now.as_micros() - self.last_departed.as_micros() > OLD.into() {
            self.oldest = self.next;
        }
        while self.oldest < self.next && self.is_old(now, self.oldest) {
            self.oldest += 1;
        }
    }

    fn is_old(&self, now: Moment, sequence: u64) -> bool {
        self.age(now, sequence).is_none_or(|age| age > OLD)
    }

    fn age(&self, now: Moment, sequence: u64) -> Option<u32> {
        let entry = self.entry(sequence)?;
        Some(low_bits(now).wrapping_sub(entry.departed))
    }

    /// Makes room for one more packet: by a longer ring where the oldest may still be heard of, and else by forgetting it.
    fn make_room(&mut self, now: Moment) {
        if self.next - self.oldest < self.ring.len() as u64 {
            return;
        }
        let young = self.age(now, self.oldest).is_some_and(|age| age < YOUNG);
        if young && self.ring.len() < SENT_PACKETS {
            self.grow();
        } else {
            self.oldest += 1;
        }
    }

    #[cold]
    fn grow(&mut self) {
        let mut longer = vec![Entry::default(); 2 * self.ring.len()].into_boxed_slice();
        for sequence in self.oldest..self.next {
            let place = longer.get_mut(slot(sequence, 2 * self.ring.len()));
            if let Some((place, entry)) = place.zip(self.entry(sequence)) {
                *place = *entry;
            }
        }
        self.ring = longer;
    }

    fn entry(&self, sequence: u64) -> Option<&Entry> {
        self.ring.get(slot(sequence, self.ring.len()))
    }

    fn entry_mut(&mut self, sequence: u64) -> Option<&mut Entry> {
        let place = slot(sequence, self.ring.len());
        self.ring.get_mut(place)
    }
}

/// The age in microseconds from which a packet is forgotten.
const OLD: u32 = SENT_TIME.as_micros() as u32;

/// The age in microseconds below which a packet is not forgotten while the ring can grow.
const YOUNG: u32 = SENT_SURELY.as_micros() as u32;

/// Where a packet is in a ring of this length, a power of two.
fn slot(sequence: u64, length: usize) -> usize {
    sequence as usize & (length - 1)
}

const _: () = assert!(SENT_PACKETS.is_power_of_two() && SENT_PACKETS_FIRST.is_power_of_two());

fn low_bits(moment: Moment) -> u32 {
    moment.as_micros() as u32
}

#[cfg(test)]
mod tests {
    use super::{Fates, Sent};
    use crate::Moment;
    use crate::limits::SENT_PACKETS;

    fn at(millis: u64) -> Moment {
        Moment::from_micros(millis * 1000)
    }

    #[test]
    fn a_packet_is_found_once_with_what_it_was() {
        let mut sent = Sent::new();
        sent.push(at(5), 1000, 0);
        sent.push(at(7), 200, 3);
        let found = sent.acknowledge(1).unwrap();
        assert_eq!((found.departed, found.size, found.cluster), (at(7), 200, 3));
        assert!(sent.acknowledge(1).is_none(), "reported twice");
        assert!(sent.acknowledge(2).is_none(), "never sent");
        assert!(sent.acknowledge(u16::MAX).is_none(), "before the first");
    }

    #[test]
    fn numbers_go_on_after_they_wrap() {
        let mut sent = Sent::new();
        for packet in 0..70_000_u64 {
            assert_eq!(sent.push(at(packet), 100, 0), packet);
        }
        let found = sent.acknowledge(69_999_u64 as u16).unwrap();
        assert_eq!((found.sequence, found.departed), (69_999, at(69_999)));
        let gone = 70_000 - SENT_PACKETS as u64 - 1;
        assert!(sent.acknowledge(gone as u16).is_none());
    }

    /// The room grows with what is sent in a second, with what was sent before in its place.
    #[test]
    fn a_packet_is_known_for_a_second_at_least_and_the_room_is_no_larger_than_that_takes() {
        for (packets_a_second, room) in [(50, 128), (200, 256), (250, 256), (400, 512)] {
            let mut sent = Sent::new();
            for packet in 0..20 * packets_a_second {
                sent.push(at(packet * 1000 / packets_a_second), 700, 5);
                let second_ago = (packet + 1).saturating_sub(packets_a_second);
                let known = sent
                    .departed(second_ago)
                    .filter(|_| second_ago >= sent.oldest);
                assert_eq!(known, Some(at(second_ago * 1000 / packets_a_second)));
            }
            assert_eq!(sent.ring.len(), room, "{packets_a_second}");
            let newest = 20 * packets_a_second - 1;
            let oldest = (newest + 2 - packets_a_second) as u16;
            let found = sent.acknowledge(oldest).unwrap();
            assert_eq!((found.size, found.cluster), (700, 5));
        }
    }

    #[test]
    fn there_is_never_room_for_more_than_the_limit() {
        let mut sent = Sent::new();
        for packet in 0..5_000 {
            sent.push(at(packet / 10), 100, 0);
        }
        assert_eq!(sent.ring.len(), SENT_PACKETS);
        assert_eq!(sent.next - sent.oldest, SENT_PACKETS as u64);
    }

    #[test]
    fn a_packet_that_did_not_arrive_counts_as_lost_once() {
        let mut sent = Sent::new();
        (0..10).for_each(|packet| {
            sent.push(at(packet), 100, 0);
        });
        (0..10).for_each(|number| sent.note_missing(number));
        (0..10).filter(|number| number % 5 != 0).for_each(|number| {
            sent.acknowledge(number);
        });
        let fates = |arrived, lost| Fates { arrived, lost };
        assert_eq!(sent.settle(at(0), at(5)), fates(4, 1));
        assert_eq!(sent.settle(at(0), at(10)), fates(4, 1));
        assert_eq!(sent.settle(at(0), at(10)), fates(0, 0));
    }

    #[test]
    fn a_packet_that_no_feedback_spoke_of_is_not_lost() {
        let mut sent = Sent::new();
        (1..4).for_each(|packet| {
            sent.push(at(packet), 700, 0);
        });
        let mut skipped = Vec::new();
        sent.hear_of(0, |_, _| panic!("the first"));
        sent.hear_of(2, |departed, size| skipped.push((departed, size)));
        assert_eq!(skipped, [(at(2), 700)]);
        assert!(sent.acknowledge(1).is_none(), "counted already");
        assert_eq!(sent.settle(at(0), at(4)), Fates::default());
    }

    #[test]
    fn after_hours_of_silence_old_packets_are_not_taken_for_new_ones() {
        let mut sent = Sent::new();
        sent.push(at(0), 100, 0);
        sent.push(at(5_000_000), 100, 0);
        assert!(sent.acknowledge(0).is_none());
        assert_eq!(sent.acknowledge(1).unwrap().departed, at(5_000_000));
    }
}
