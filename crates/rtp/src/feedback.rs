//! The receiving side of transport-wide congestion control: when each packet of a connection arrived
//! (draft-holmer-rmcat-transport-wide-cc-extensions-01).

use std::time::Duration;

use crate::limits::{
    FEEDBACK_HELD, FEEDBACK_LEAST, FEEDBACK_MOST, FEEDBACK_PACKETS, FEEDBACK_WINDOW,
    FEEDBACK_WINDOW_FIRST,
};
use crate::rtcp::{Compound, FeedbackHead, REFERENCE_TICKS, Sizer, TICK_MICROS};
use crate::sequence::low;
use crate::{Moment, extend};

const WORDS: usize = FEEDBACK_WINDOW / 64;

/// Remembers arrivals, and writes feedback about those that were not told of yet.
///
/// A packet that comes after its number was told as missing is told of again, with all behind it: the
/// sender takes the news and knows the rest.
#[derive(Debug)]
pub struct FeedbackBuilder {
    /// The highest extended transport-wide number; none before the first packet.
    newest: Option<u64>,
    /// The first number that the next feedback tells of.
    base: u64,
    /// Which of the last numbers arrived.
    seen: [u64; WORDS],
    /// When they did, in ticks modulo 2^32: as long as the 24 bits of the reference time last. A number is at the place of
    /// itself modulo the length, which is a power of two.
    ticks: Box<[u32]>,
    /// Packets that arrived since the last feedback.
    news: u32,
    due: Moment,
    built: Option<Moment>,
    interval: Duration,
    count: u8,
    last: Told,
    /// The newest packet of a picture.
    picture: Option<(u64, Moment)>,
}

/// What a feedback told: how many packets arrived, and how many did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// So many arrived.
    pub arrived: u32,
    /// So many did not, or not yet.
    pub missing: u32,
}

impl Default for FeedbackBuilder {
    fn default() -> Self {
        Self {
            newest: None,
            base: 0,
            seen: [0; WORDS],
            ticks: vec![0; FEEDBACK_WINDOW_FIRST].into_boxed_slice(),
            news: 0,
            due: Moment::from_micros(0),
            built: None,
            interval: FEEDBACK_MOST,
            count: 0,
            last: Told::default(),
            picture: None,
        }
    }
}

impl FeedbackBuilder {
    /// A packet with a transport-wide number arrived. Repeated ones change nothing, and ones that are too far
    /// behind neither.
    pub fn note(&mut self, sequence: u16, now: Moment) {
        let Some(extended) = self.place(sequence) else {
            return;
        };
        self.set(extended, now);
        if self.news == 0 {
            let earliest = self.built.map(|built| built.plus(self.interval));
            self.due = earliest.map_or(now, |earliest| earliest.max(now));
        }
        self.news = self.news.saturating_add(1);
        if self.is_crowded() {
            self.due = self.due.min(now);
        }
    }

    /// So much is to be told that the oldest would be forgotten before.
    fn is_crowded(&self) -> bool {
        self.news as usize >= FEEDBACK_WINDOW / 2
    }

    /// The packet with this number, of which [`Self::note`] was told, is of a picture.
    pub fn is_picture(&mut self, sequence: u16, now: Moment) {
        let number = self.newest.and_then(|newest| extend(newest, sequence));
        let number = number.filter(|number| self.picture.is_none_or(|(last, _)| *number > last));
        if let Some(number) = number {
            self.picture = Some((number, now));
        }
    }

    /// When [`Self::build`] is to be called next: from 50 to 100 ms after the last feedback, the sooner the more
    /// arrives; never while nothing does.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Moment> {
        (self.news > 0).then_some(self.due)
    }

    /// Writes one feedback about what arrived since the last one and returns its length in octets, or `None`
    /// when nothing did. What does not fit the buffer, or lies too far apart, is left for the next call: it is to
    /// be called until there is `None`. The least buffer that fits anything is 28 octets.
    #[must_use]
    pub fn build(
        &mut self,
        now: Moment,
        sender_ssrc: u32,
        media_ssrc: u32,
        buffer: &mut [u8],
    ) -> Option<usize> {
        let newest = self.newest.filter(|_| self.news > 0)?;
        let last = self.told_up_to(now, newest);
        let Some(first) = (self.base..=last).find(|sequence| self.contains(*sequence)) else {
            self.due = now.plus(FEEDBACK_LEAST);
            return None;
        };
        let reference = self.ticks_of(first) / REFERENCE_TICKS;
        let deltas = Deltas {
            arrivals: self,
            next: self.base,
            newest: last,
            before: reference * REFERENCE_TICKS,
        };
        let fitting = fitting(deltas.clone(), buffer.len());
        if self.base + fitting as u64 <= first {
            return None;
        }
        let head = FeedbackHead {
            sender: sender_ssrc,
            media: media_ssrc,
            base: low(self.base),
            reference,
            count: self.count,
        };
        let statuses = deltas.take(fitting).map(narrow);
        let length = Compound::new(buffer)
            .transport_feedback(&head, statuses)
            .ok()?;
        let arrived = self.arrived_of(self.base, fitting as u64);
        self.last = Told {
            arrived,
            missing: (fitting as u32).saturating_sub(arrived),
        };
        self.told(now, fitting as u64, last);
        Some(length)
    }

    /// The last number to tell of now. What is missing behind the last packet of a picture is not told before another one
    /// came, as that may be soon: libwebrtc sends again at once what is lost at the end of a feedback, before anybody asks
    /// for it, and on a line that became narrow that is what fills it.
    fn told_up_to(&self, now: Moment, newest: u64) -> u64 {
        let since = |moment| now.since(moment);
        let held_long = self.is_crowded() || self.built.is_none_or(|it| since(it) >= FEEDBACK_HELD);
        let Some((picture, came)) = self.picture.filter(|_| !held_long) else {
            return newest;
        };
        let complete = || (picture..=newest).all(|sequence| self.contains(sequence));
        if since(came) >= FEEDBACK_HELD || complete() {
            return newest;
        }
        picture
    }

    /// What the last feedback told.
    #[must_use]
    pub fn last(&self) -> Told {
        self.last
    }

    /// The extended number of a packet that is news, with its place made free.
    fn place(&mut self, sequence: u16) -> Option<u64> {
        let Some(newest) = self.newest else {
            let first = (1 << 16) + u64::from(sequence);
            self.newest = Some(first);
            self.base = first;
            return Some(first);
        };
        let extended = extend(newest, sequence)?;
        if extended > newest {
            if extended - self.base >= self.ticks.len() as u64 {
                self.make_room(newest, extended);
            }
            self.advance(newest, extended);
        } else if newest - extended >= self.ticks.len() as u64 || self.contains(extended) {
            return None;
        }
        self.base = self.base.min(extended);
        Some(extended)
    }

    /// Makes room for what is not told yet, up to `extended`, as far as there may be.
    #[cold]
    fn make_room(&mut self, newest: u64, extended: u64) {
        let length = self.ticks.len();
        if length >= FEEDBACK_WINDOW {
            return;
        }
        let untold = usize::try_from(extended - self.base + 1).unwrap_or(FEEDBACK_WINDOW);
        let longer = untold.min(FEEDBACK_WINDOW).next_power_of_two();
        let mut ticks = vec![0; longer].into_boxed_slice();
        for known in (newest + 1).saturating_sub(length as u64)..=newest {
            if let Some(place) = ticks.get_mut(slot(known, longer)) {
                *place = self.ticks_of(known);
            }
        }
        self.ticks = ticks;
    }

    /// Forgets what the places up to `extended` held a round ago.
    fn advance(&mut self, newest: u64, extended: u64) {
        if extended - newest >= FEEDBACK_WINDOW as u64 {
            self.seen = [0; WORDS];
        } else {
            for skipped in newest + 1..=extended {
                let (word, bit) = bit(skipped);
                if let Some(seen) = self.seen.get_mut(word) {
                    *seen &= !bit;
                }
            }
        }
        self.newest = Some(extended);
        self.base = self
            .base
            .max((extended + 1).saturating_sub(FEEDBACK_WINDOW as u64));
    }

    fn set(&mut self, extended: u64, now: Moment) {
        let (word, bit) = bit(extended);
        if let Some(seen) = self.seen.get_mut(word) {
            *seen |= bit;
        }
        let place = slot(extended, self.ticks.len());
        if let Some(ticks) = self.ticks.get_mut(place) {
            *ticks = ((now.as_micros() / TICK_MICROS) & u64::from(u32::MAX)) as u32;
        }
    }

    fn contains(&self, extended: u64) -> bool {
        let (word, bit) = bit(extended);
        self.seen.get(word).is_some_and(|seen| seen & bit != 0)
    }

    /// How many of these numbers in a row arrived.
    fn arrived_of(&self, first: u64, numbers: u64) -> u32 {
        let (mut next, end) = (first, first + numbers);
        let mut arrived = 0;
        while next < end {
            let (word, _) = bit(next);
            let seen = self.seen.get(word).copied().unwrap_or_default() >> (next % 64);
            let here = (64 - next % 64).min(end - next);
            arrived += (seen & (u64::MAX >> (64 - here))).count_ones();
            next += here;
        }
        arrived
    }

    fn ticks_of(&self, extended: u64) -> u32 {
        let place = slot(extended, self.ticks.len());
        self.ticks.get(place).copied().unwrap_or_default()
    }

    /// So many numbers were told of.
    fn told(&mut self, now: Moment, numbers: u64, last: u64) {
        self.count = self.count.wrapping_add(1);
        self.base += numbers;
        if self.base <= last {
            // The rest belongs to the same moment.
            self.due = now;
            return;
        }
        if let Some(built) = self.built {
            let wanted = now.since(built) * FEEDBACK_PACKETS / self.news.max(1);
            self.interval = wanted.clamp(FEEDBACK_LEAST, FEEDBACK_MOST);
        }
        self.built = Some(now);
        let newest = self.newest.unwrap_or(last);
        self.news = self.arrived_of(self.base, newest + 1 - self.base);
        self.due = now.plus(self.interval);
    }
}

/// How many statuses fit a buffer, up to one whose delta has no 16 bits.
fn fitting(deltas: Deltas<'_>, octets: usize) -> usize {
    let mut sizer = Sizer::default();
    let fitting = deltas.take_while(|delta| {
        let narrow = narrow(*delta);
        sizer.add(narrow);
        narrow.is_some() == delta.is_some() && sizer.octets() <= octets
    });
    fitting.count()
}

fn narrow(delta: Option<i32>) -> Option<i16> {
    delta.and_then(|delta| i16::try_from(delta).ok())
}

/// For each number in a row, how long after the one before that arrived it arrived.
#[derive(Clone, Debug)]
struct Deltas<'a> {
    arrivals: &'a FeedbackBuilder,
    next: u64,
    newest: u64,
    before: u32,
}

impl Iterator for Deltas<'_> {
    type Item = Option<i32>;

    fn next(&mut self) -> Option<Option<i32>> {
        let sequence = self.next;
        if sequence > self.newest {
            return None;
        }
        self.next += 1;
        if !self.arrivals.contains(sequence) {
            return Some(None);
        }
        let ticks = self.arrivals.ticks_of(sequence);
        let delta = ticks.wrapping_sub(self.before).cast_signed();
        self.before = ticks;
        Some(Some(delta))
    }
}

/// Where a number is of so many, a power of two.
fn slot(extended: u64, places: usize) -> usize {
    (extended & (places as u64 - 1)) as usize
}

fn bit(extended: u64) -> (usize, u64) {
    let slot = slot(extended, FEEDBACK_WINDOW);
    (slot / 64, 1 << (slot % 64))
}
