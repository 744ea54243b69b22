//! When a practitioner works.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vestibule_vocab::{Millis, Timestamp};

use crate::calendar::Interval;
use crate::limits::{SHIFT_BREAKS, SHIFTS};

/// One shift and its planned breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// When it begins.
    pub from: Timestamp,
    /// When it ends.
    pub to: Timestamp,
    /// The breaks within it, in any order; they may overlap.
    #[serde(default)]
    pub breaks: Vec<Interval>,
}

impl Shift {
    /// From its beginning to its end.
    #[must_use]
    pub const fn interval(&self) -> Interval {
        Interval::new(self.from, self.to)
    }

    fn next_fit(&self, at: Timestamp, length: Millis) -> Option<Timestamp> {
        let fits = |from: Timestamp| {
            let wanted = Interval::new(from, from.plus(length));
            let free = |pause: &Interval| pause.within(wanted).is_empty();
            wanted.to <= self.to && self.breaks.iter().all(free)
        };
        let from = self.from.max(at);
        let ends = self.breaks.iter().map(|pause| pause.to);
        let moments = ends.filter(|end| *end > from).chain([from]);
        moments.filter(|moment| fits(*moment)).min()
    }

    fn check(&self) -> Result<(), RosterError> {
        if self.interval().is_empty() || self.breaks.iter().any(|pause| pause.is_empty()) {
            return Err(RosterError::Empty);
        }
        if self.breaks.len() > SHIFT_BREAKS {
            return Err(RosterError::TooManyBreaks);
        }
        let within = |pause: &Interval| pause.within(self.interval()) == *pause;
        if self.breaks.iter().all(within) {
            Ok(())
        } else {
            Err(RosterError::BreakOutsideShift)
        }
    }
}

/// The shifts of a practitioner, the present one and those to come; past ones do no harm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Shift>", into = "Vec<Shift>")]
pub struct Roster(Vec<Shift>);

/// Why shifts are refused. Each variant is one stable code on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum RosterError {
    /// Code `empty_shift`.
    #[error("a shift or a break ends no later than it begins")]
    Empty,
    /// Code `overlapping_shifts`.
    #[error("two shifts of one practitioner overlap")]
    Overlapping,
    /// Code `break_outside_shift`.
    #[error("a break lies outside its shift")]
    BreakOutsideShift,
    /// Code `too_many_breaks`.
    #[error("a shift has too many breaks")]
    TooManyBreaks,
    /// Code `too_many_shifts`.
    #[error("there are too many shifts; those that are over can be removed")]
    TooManyShifts,
}

impl RosterError {
    /// Each of them, for whoever says what the codes mean.
    pub const ALL: [Self; 5] = [
        Self::Empty,
        Self::Overlapping,
        Self::BreakOutsideShift,
        Self::TooManyBreaks,
        Self::TooManyShifts,
    ];
}

impl Roster {
    /// Reads shifts, in any order. Refused when two overlap, a break lies outside its shift,
    /// something is empty, or a list is longer than its [limit](crate::limits).
    pub fn new(mut shifts: Vec<Shift>) -> Result<Self, RosterError> {
        if shifts.len() > SHIFTS {
            return Err(RosterError::TooManyShifts);
        }
        for shift in &shifts {
            shift.check()?;
        }
        shifts.sort_by_key(|shift| shift.from);
        let overlap = |(one, next): (&Shift, &Shift)| next.from < one.to;
        if shifts.iter().zip(shifts.iter().skip(1)).any(overlap) {
            return Err(RosterError::Overlapping);
        }
        Ok(Self(shifts))
    }

    /// The shifts that are not over, in order: the first may be under way.
    pub(crate) fn after(&self, now: Timestamp) -> impl Iterator<Item = &Shift> {
        let first = self.0.partition_point(|shift| shift.to <= now);
        self.0.iter().skip(first)
    }

    /// The first moment, not before `at`, from which something of this length lies within one shift and in none of its
    /// breaks.
    pub(crate) fn next_fit(&self, at: Timestamp, length: Millis) -> Option<Timestamp> {
        self.after(at).find_map(|shift| shift.next_fit(at, length))
    }

    /// All of them, in order.
    pub(crate) fn shifts(&self) -> impl Iterator<Item = &Shift> {
        self.0.iter()
    }

    /// Every planned break.
    pub(super) fn breaks(&self) -> impl Iterator<Item = Interval> + '_ {
        self.0.iter().flat_map(|shift| shift.breaks.iter().copied())
    }
}

impl TryFrom<Vec<Shift>> for Roster {
    type Error = RosterError;

    fn try_from(shifts: Vec<Shift>) -> Result<Self, RosterError> {
        Self::new(shifts)
    }
}

impl From<Roster> for Vec<Shift> {
    fn from(roster: Roster) -> Self {
        roster.0
    }
}
