//! Changes at their times.

use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

use crate::change::{BadChange, Change};
use crate::limits::STEPS;
use crate::moment::Moment;
use crate::words::{self, BadWord};

/// Changes that a line makes by itself, each some time after the schedule began.
///
/// Written as lines of a time and a change; what follows a `#` is a remark:
///
/// ```text
/// 20s  rate=150k        # both directions
/// 50s  down rate=3M
/// 55s  blackout=5s
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    steps: Vec<(Duration, Change)>,
}

/// A change and the moment when it happens.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) at: Moment,
    pub(crate) change: Change,
}

/// A schedule that cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BadSchedule {
    /// A step's time means nothing.
    #[error("line {line} of the schedule: {problem}")]
    Time {
        /// The line, from one.
        line: usize,
        /// What is wrong.
        problem: BadWord,
    },
    /// A step's change means nothing.
    #[error("line {line} of the schedule: {problem}")]
    Change {
        /// The line, from one.
        line: usize,
        /// What is wrong.
        problem: BadChange,
    },
    /// It has too many steps.
    #[error("the schedule has more than {STEPS} steps: write a shorter one")]
    Long,
}

impl Schedule {
    /// These changes, each so long after the beginning, in any order.
    #[must_use]
    pub fn new(mut steps: Vec<(Duration, Change)>) -> Self {
        steps.sort_by_key(|(after, _)| *after);
        Self { steps }
    }

    /// Both schedules at once.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.steps.extend(other.steps);
        Self::new(self.steps)
    }

    pub(crate) fn steps_from(&self, beginning: Moment) -> impl Iterator<Item = Step> {
        self.steps.iter().map(move |(after, change)| Step {
            at: beginning.plus(*after),
            change: change.clone(),
        })
    }
}

impl FromStr for Schedule {
    type Err = BadSchedule;

    fn from_str(text: &str) -> Result<Self, BadSchedule> {
        let mut steps = Vec::new();
        for (line, text) in (1..).zip(text.lines()) {
            let text = text.split('#').next().unwrap_or_default().trim();
            if !text.is_empty() {
                steps.push(step(line, text)?);
            }
        }
        if steps.len() > STEPS {
            return Err(BadSchedule::Long);
        }
        Ok(Self::new(steps))
    }
}

fn step(line: usize, text: &str) -> Result<(Duration, Change), BadSchedule> {
    let (time, change) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let time = words::time(time).map_err(|problem| BadSchedule::Time { line, problem })?;
    let change = change
        .parse()
        .map_err(|problem| BadSchedule::Change { line, problem })?;
    Ok((time, change))
}
