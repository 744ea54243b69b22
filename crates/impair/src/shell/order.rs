//! What can be asked of a line that runs.

use std::str::FromStr;

use thiserror::Error;

use crate::change::{BadChange, Change};
use crate::presets::Preset;
use crate::schedule::BadSchedule;
use crate::words::BadWord;

/// One line of text, parsed.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    /// `set loss=5%`, `set down rate=150k`; `blackout 5s` for short.
    Change(Change),
    /// `preset mobile`: everything at once, and its schedule from now on.
    Preset(Preset),
    /// `counters`
    Counters,
    /// `stop`
    Stop,
}

/// An order that means nothing.
#[derive(Debug, Error)]
pub(crate) enum BadOrder {
    #[error(
        "`{0}` is no order: write set, blackout, preset, counters or stop, for example: set down rate=150k"
    )]
    Verb(String),
    #[error(transparent)]
    Change(#[from] BadChange),
    #[error(transparent)]
    Preset(#[from] BadWord),
    #[error(transparent)]
    Schedule(#[from] BadSchedule),
}

impl FromStr for Order {
    type Err = BadOrder;

    fn from_str(text: &str) -> Result<Self, BadOrder> {
        let text = text.trim();
        let (verb, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        match verb {
            "set" => Ok(Self::Change(rest.parse()?)),
            "blackout" => Ok(Self::Change(format!("blackout={}", rest.trim()).parse()?)),
            "preset" => Ok(Self::Preset(rest.trim().parse()?)),
            "counters" => Ok(Self::Counters),
            "stop" => Ok(Self::Stop),
            other => Err(BadOrder::Verb(other.to_owned())),
        }
    }
}
