//! Changes of a line, as they are written in a schedule or sent to a running line.

use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

use crate::line::Direction;
use crate::settings::{Blackout, Jitter, Loss, Queue, Rate, Reorder, Share};
use crate::words::{self, BadWord};

/// One setting, changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adjustment {
    /// `delay=40ms`
    Delay(Duration),
    /// `jitter=10ms` or `jitter=10ms/overtake`
    Jitter(Jitter),
    /// `loss=5%`, `loss=5%/4` or `loss=1%,25%,0%,80%`
    Loss(Loss),
    /// `reorder=5%/20ms`
    Reorder(Reorder),
    /// `duplicate=1%`
    Duplicate(Share),
    /// `rate=3M` or `rate=none`
    Rate(Option<Rate>),
    /// `queue=200ms` or `queue=64kB`
    Queue(Queue),
    /// `blackout=on`, `blackout=off` or `blackout=5s`
    Blackout(Blackout),
}

/// Some settings of one or both directions, changed together: `loss=5% delay=40ms`, `down rate=150k`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    direction: Option<Direction>,
    adjustments: Vec<Adjustment>,
}

/// A change that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BadChange {
    /// The value of a setting means nothing.
    #[error("{key}: {problem}")]
    Value {
        /// The setting.
        key: String,
        /// What is wrong with its value.
        problem: BadWord,
    },
    /// There is no such setting.
    #[error(
        "`{0}` is no setting: write delay, jitter, loss, reorder, duplicate, rate, queue or blackout, then = and \
         a value, such as loss=5%"
    )]
    Key(String),
    /// There is nothing in it.
    #[error("a change is missing: write for example loss=5% or down rate=150k")]
    Empty,
}

impl Change {
    /// These adjustments of one direction, or of both.
    #[must_use]
    pub fn new(direction: Option<Direction>, adjustments: Vec<Adjustment>) -> Self {
        Self {
            direction,
            adjustments,
        }
    }

    /// Whether it changes anything in this direction.
    #[must_use]
    pub fn concerns(&self, direction: Direction) -> bool {
        self.direction.is_none_or(|only| only == direction)
    }

    /// What it changes.
    #[must_use]
    pub fn adjustments(&self) -> &[Adjustment] {
        &self.adjustments
    }
}

impl FromStr for Change {
    type Err = BadChange;

    fn from_str(text: &str) -> Result<Self, BadChange> {
        let mut words = text.split_whitespace().peekable();
        let direction = words.peek().and_then(|word| word.parse().ok());
        if direction.is_some() {
            words.next();
        }
        let adjustments: Vec<_> = words.map(str::parse).collect::<Result<_, _>>()?;
        if adjustments.is_empty() {
            return Err(BadChange::Empty);
        }
        Ok(Self::new(direction, adjustments))
    }
}

impl FromStr for Adjustment {
    type Err = BadChange;

    fn from_str(text: &str) -> Result<Self, BadChange> {
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| BadChange::Key(text.to_owned()))?;
        let adjustment = match key {
            "delay" => words::delay(value).map(Self::Delay),
            "jitter" => value.parse().map(Self::Jitter),
            "loss" => value.parse().map(Self::Loss),
            "reorder" => value.parse().map(Self::Reorder),
            "duplicate" => value.parse().map(Self::Duplicate),
            "rate" => words::rate(value).map(Self::Rate),
            "queue" => value.parse().map(Self::Queue),
            "blackout" => value.parse().map(Self::Blackout),
            other => return Err(BadChange::Key(other.to_owned())),
        };
        adjustment.map_err(|problem| BadChange::Value {
            key: key.to_owned(),
            problem,
        })
    }
}
