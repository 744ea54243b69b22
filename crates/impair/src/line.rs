//! The line: two directions and a schedule.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::change::Change;
use crate::counters::Counters;
use crate::moment::Moment;
use crate::schedule::{Schedule, Step};
use crate::way::Way;
use crate::words::BadWord;

/// The way that a packet goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From who sits behind the bad line to the others.
    Up,
    /// From the others to who sits behind the bad line.
    Down,
}

impl Direction {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Up, Self::Down];
}

impl fmt::Display for Direction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Up => "up",
            Self::Down => "down",
        })
    }
}

impl FromStr for Direction {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        match text {
            "up" => Ok(Self::Up),
            "down" => Ok(Self::Down),
            other => Err(BadWord::new(other, "up or down")),
        }
    }
}

/// A bad line between two places, for packets `P`.
///
/// A pure machine: it has no clock, no randomness and no sockets of its own. Tell it what comes with
/// [`arrive`](Self::arrive), take what goes with [`depart`](Self::depart), and look again at
/// [`next_event`](Self::next_event). Time must not run backwards. How often it is looked at changes nothing:
/// everything happens at its own time.
#[derive(Debug)]
pub struct Line<P> {
    up: Way<P>,
    down: Way<P>,
    schedule: VecDeque<Step>,
}

/// A packet that has come through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Departure<P> {
    /// The way that it went.
    pub direction: Direction,
    /// How many packets came before it in its direction.
    pub ordinal: u64,
    /// When it was due.
    pub due: Moment,
    /// The packet.
    pub packet: P,
}

impl<P: Clone> Line<P> {
    /// A clean line, to be [changed](Self::change). With the same seed and the same changes, the same packets
    /// at the same times have the same fates.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            up: Way::new(seed, 0),
            down: Way::new(seed, 1),
            schedule: VecDeque::new(),
        }
    }

    /// A packet of so many bytes comes.
    pub fn arrive(&mut self, now: Moment, direction: Direction, bytes: usize, packet: P) {
        self.advance(now);
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.way_mut(direction).arrive(now, bytes, packet);
        // Without a rate it is under way at once.
        self.advance(now);
    }

    /// The next packet that is due by `now`.
    pub fn depart(&mut self, now: Moment) -> Option<Departure<P>> {
        self.advance(now);
        let direction = match (self.up.next_due(), self.down.next_due()) {
            (Some(up), Some(down)) if down < up => Direction::Down,
            (None, Some(_)) => Direction::Down,
            (Some(_) | None, _) => Direction::Up,
        };
        let (due, ordinal, packet) = self.way_mut(direction).deliver(now)?;
        Some(Departure {
            direction,
            ordinal,
            due,
            packet,
        })
    }

    /// When to look again, if nothing else happens.
    #[must_use]
    pub fn next_event(&self) -> Option<Moment> {
        let steps = [self.up.next_step(), self.down.next_step()];
        let dues = [self.up.next_due(), self.down.next_due()];
        let scheduled = self.schedule.front().map(|step| step.at);
        steps
            .into_iter()
            .chain(dues)
            .flatten()
            .chain(scheduled)
            .min()
    }

    /// Changes the settings from now on. Packets that are under way keep their time.
    pub fn change(&mut self, now: Moment, change: &Change) {
        self.advance(now);
        self.apply(now, change);
        self.advance(now);
    }

    /// Follows this schedule from now on instead of any other.
    pub fn follow(&mut self, now: Moment, schedule: &Schedule) {
        self.advance(now);
        self.schedule = schedule.steps_from(now).collect();
        self.advance(now);
    }

    /// What became of the packets of a direction.
    #[must_use]
    pub fn counters(&self, direction: Direction) -> Counters {
        self.way(direction).counters()
    }

    /// How many packets of a direction wait or are under way.
    #[must_use]
    pub fn packets_under_way(&self, direction: Direction) -> usize {
        self.way(direction).packets_under_way()
    }

    /// Lets everything happen that happens by `now`, in the order of time.
    fn advance(&mut self, now: Moment) {
        loop {
            let scheduled = self.schedule.front().map_or(Moment::NEVER, |step| step.at);
            let up = self.up.next_step().unwrap_or(Moment::NEVER);
            let down = self.down.next_step().unwrap_or(Moment::NEVER);
            let next = scheduled.min(up).min(down);
            if next > now || next == Moment::NEVER {
                return;
            }
            if next == up {
                self.up.step(next);
            } else if next == down {
                self.down.step(next);
            } else if let Some(step) = self.schedule.pop_front() {
                self.apply(next, &step.change);
            }
        }
    }

    fn apply(&mut self, now: Moment, change: &Change) {
        for direction in Direction::BOTH {
            if change.concerns(direction) {
                self.way_mut(direction).adjust(now, change.adjustments());
            }
        }
    }

    fn way(&self, direction: Direction) -> &Way<P> {
        match direction {
            Direction::Up => &self.up,
            Direction::Down => &self.down,
        }
    }

    fn way_mut(&mut self, direction: Direction) -> &mut Way<P> {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }
}
