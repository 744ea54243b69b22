//! Opening hours.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use vestibule_vocab::{Millis, Timestamp};

use super::interval::{clipped, merged, without};
use super::{CalendarError, Closure, Extent, Interval, Regular, Weekday, Zone};
use crate::limits::{CLOSURES, EXTRA_OPENINGS, OPENING_SEARCH};
use crate::text;

/// How much of the calendar is spelt out at a time: hours repeat within a week.
const STRIDE: Millis = Millis::from_secs(7 * 24 * 60 * 60);

/// Opening hours as they are written and stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timetable {
    /// Whose clock the hours are read on.
    #[serde(default)]
    pub zone: Zone,
    /// An ordinary week.
    #[serde(default)]
    pub regular: Regular,
    /// When it is closed all the same, in any order; they may overlap.
    #[serde(default)]
    pub closures: Vec<Closure>,
    /// When it is open all the same, even during a closure: the more particular word counts.
    #[serde(default)]
    pub extra: Vec<Extent>,
}

/// When a service is open. Day and night unless said otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Timetable", into = "Timetable")]
pub struct OpeningHours {
    timetable: Timetable,
    closed: Vec<Interval>,
    extra: Vec<Interval>,
}

impl OpeningHours {
    /// Reads a timetable. Refused when spans of the week overlap, something ends before it begins, a
    /// reason is too long or not text, or a list is longer than its [limit](crate::limits).
    pub fn new(mut timetable: Timetable) -> Result<Self, CalendarError> {
        timetable.regular.check()?;
        if timetable.closures.len() > CLOSURES {
            return Err(CalendarError::TooManyClosures);
        }
        if timetable.extra.len() > EXTRA_OPENINGS {
            return Err(CalendarError::TooManyExtraOpenings);
        }
        for closure in &mut timetable.closures {
            closure.extent.check()?;
            closure.reason = text::closure_reason(&closure.reason)?;
        }
        for extent in &timetable.extra {
            extent.check()?;
        }
        let zone = &timetable.zone;
        let closed = timetable.closures.iter().map(|closure| &closure.extent);
        let closed = closed.flat_map(|extent| extent.intervals(zone)).collect();
        let extra = timetable.extra.iter();
        let extra = extra.flat_map(|extent| extent.intervals(zone)).collect();
        Ok(Self {
            closed: merged(closed),
            extra: merged(extra),
            timetable,
        })
    }

    /// The hours as they are written.
    #[must_use]
    pub fn timetable(&self) -> &Timetable {
        &self.timetable
    }

    /// True when the service is open at that moment.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        let moment = Interval::new(at, at.plus(Millis(1)));
        !self.during(moment).is_empty()
    }

    /// The first open moment that is not before `after`: `after` itself while the service is open.
    /// `None` when it does not open within a year.
    #[must_use]
    pub fn next_opening(&self, after: Timestamp) -> Option<Timestamp> {
        let mut windows = windows(after);
        windows.find_map(|window| self.during(window).first().map(|open| open.from))
    }

    /// The first moment, not before `after`, from which something of this length lies in one stretch of open time. `None`
    /// when there is none within a year.
    #[must_use]
    pub fn next_fit(&self, after: Timestamp, length: Millis) -> Option<Timestamp> {
        windows(after).find_map(|window| {
            // What begins in the window may end behind it.
            let open = self.during(Interval::new(window.from, window.to.plus(length)));
            let fits = |open: &&Interval| open.from < window.to && open.length() >= length;
            open.iter().find(fits).map(|open| open.from)
        })
    }

    /// When the service, open at that moment, next closes. `None` when it is closed, or stays open
    /// for a year.
    #[must_use]
    pub fn closes_at(&self, at: Timestamp) -> Option<Timestamp> {
        let mut open = false;
        for window in windows(at) {
            let stretches = self.during(window);
            match stretches.first().filter(|first| first.from == window.from) {
                Some(first) if first.to < window.to => return Some(first.to),
                Some(_) => open = true,
                None => return open.then_some(window.from),
            }
        }
        None
    }

    /// When it is open within a window, in order; stretches that touch are one. The work grows with
    /// the window: a few spans a day.
    #[must_use]
    pub fn during(&self, window: Interval) -> Vec<Interval> {
        let regular = self.regular(window);
        let closed: Vec<_> = clipped(&self.closed, window).collect();
        let mut open = without(&regular, &closed);
        open.extend(clipped(&self.extra, window));
        merged(open)
    }

    /// The closure that keeps the service closed at that moment: the one that lasts longest, so that
    /// patients read the reason that will still hold tomorrow.
    #[must_use]
    pub fn closure(&self, at: Timestamp) -> Option<&Closure> {
        if self.is_open(at) {
            return None;
        }
        let zone = &self.timetable.zone;
        let closures = self.timetable.closures.iter();
        closures
            .filter(|closure| closure.contains(at, zone))
            .max_by_key(|closure| closure.extent.ends_at(zone))
    }

    /// What an ordinary week has within the window.
    fn regular(&self, window: Interval) -> Vec<Interval> {
        let Regular::Weekly(days) = &self.timetable.regular else {
            return vec![window];
        };
        let zone = &self.timetable.zone;
        let open = dates(zone, window).flat_map(|date| {
            let spans = days.get(&Weekday::of(date)).map(Vec::as_slice);
            let spans = spans.unwrap_or_default().iter();
            let stretches = spans.flat_map(move |span| span.on(date, zone));
            stretches.map(move |stretch| stretch.within(window))
        });
        merged(open.collect())
    }
}

/// The dates of which spans may lie in a window: those of its ends, the one before because spans
/// pass midnight, and the one after because the clock may be set back over it.
fn dates(zone: &Zone, window: Interval) -> impl Iterator<Item = Date> {
    let first = zone.clock(window.from).date();
    let first = first.yesterday().unwrap_or(first);
    let last = zone.clock(window.to).date();
    let last = last.tomorrow().unwrap_or(last);
    std::iter::successors(Some(first), |date| date.tomorrow().ok())
        .take_while(move |date| *date <= last)
}

/// Windows one after another that cover as much as is searched.
fn windows(from: Timestamp) -> impl Iterator<Item = Interval> {
    let end = from.plus(OPENING_SEARCH);
    let starts = std::iter::successors(Some(from), |start| Some(start.plus(STRIDE)));
    starts
        .map(move |start| Interval::new(start, start.plus(STRIDE).min(end)))
        .take_while(|window| !window.is_empty())
}

impl TryFrom<Timetable> for OpeningHours {
    type Error = CalendarError;

    fn try_from(timetable: Timetable) -> Result<Self, CalendarError> {
        Self::new(timetable)
    }
}

impl From<OpeningHours> for Timetable {
    fn from(hours: OpeningHours) -> Self {
        hours.timetable
    }
}
