//! A line in virtual time.
#![allow(dead_code, reason = "each test file uses its part")]

use std::time::Duration;

use vestibule_impair::{Change, Departure, Direction, Line, Moment};

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn at(millis: u64) -> Moment {
    Moment::default().plus(ms(millis))
}

pub(crate) fn change(text: &str) -> Change {
    text.parse().unwrap()
}

/// What happens to a line from outside.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A packet of so many bytes.
    Packet(Direction, usize),
    /// As it would be written.
    Change(String),
}

/// A packet's own fate: when it came, and the departure.
pub(crate) type Passed = Departure<Moment>;

/// A line whose packets are the moments when they came.
pub(crate) fn line(seed: u64, settings: &str) -> Line<Moment> {
    let mut line = Line::new(seed);
    line.change(Moment::default(), &change(settings));
    line
}

/// All that is due by `now`.
pub(crate) fn departures(line: &mut Line<Moment>, now: Moment) -> Vec<Passed> {
    std::iter::from_fn(|| line.depart(now)).collect()
}

/// Lets everything happen that is still to happen.
pub(crate) fn drain(line: &mut Line<Moment>) -> Vec<Passed> {
    let mut all = Vec::new();
    while let Some(next) = line.next_event() {
        all.extend(departures(line, next));
    }
    all
}

/// Lets all events happen, each so many microseconds after the one before, and looks at the line at its own
/// events only.
pub(crate) fn play(line: &mut Line<Moment>, events: &[(u64, Event)]) -> Vec<Passed> {
    let mut now = Moment::default();
    let mut all = Vec::new();
    for (gap, event) in events {
        now = now.plus(Duration::from_micros(*gap));
        while let Some(next) = line.next_event().filter(|next| *next <= now) {
            all.extend(departures(line, next));
        }
        happen(line, now, event);
    }
    all.extend(drain(line));
    all
}

pub(crate) fn happen(line: &mut Line<Moment>, now: Moment, event: &Event) {
    match event {
        Event::Packet(direction, bytes) => line.arrive(now, *direction, *bytes, now),
        Event::Change(text) => line.change(now, &change(text)),
    }
}

/// So many packets of a direction, some time apart.
pub(crate) fn stream(count: u64, gap_micros: u64, bytes: usize) -> Vec<(u64, Event)> {
    (0..count)
        .map(|_| (gap_micros, Event::Packet(Direction::Up, bytes)))
        .collect()
}
