//! How people write settings: `40ms`, `5%`, `3M`.

use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;

use crate::limits::{DEFAULT_HOLD, DELAY, QUEUE, QUEUE_BYTES, RATE, SCHEDULE};
use crate::settings::{Blackout, Chain, Jitter, Loss, Queue, Rate, Reorder, Share};

const A_SHARE: &str = "a share from 0% to 100%, such as 5% or 0.5%";
const A_LOSS: &str = "a share such as 5%; a share and the usual length of a burst such as 5%/4; or the four \
     chances of a Gilbert-Elliott model (worsens, recovers, lost while good, lost while bad) such as \
     1%,25%,0%,80%";
const A_BURST: &str = "a share and a burst of 1 to 1000 packets that can make it up, such as 5%/4";
const A_LENGTH: &str = "a length of at most a minute with its unit, such as 40ms or 1.5s";
const A_TIME: &str = "a time of at most a day with its unit, such as 20s or 5min";
const A_RATE: &str = "a rate from 1k to 100G bits per second, such as 150k or 3M, or none";
const A_QUEUE: &str = "a length such as 200ms, or bytes such as 64kB";
const A_REORDER: &str = "a share and how long to hold back, such as 5%/20ms";
const A_JITTER: &str = "a length such as 10ms, or 10ms/overtake if packets may overtake each other";
const A_BLACKOUT: &str = "on, off or a length such as 5s";

/// A word that means nothing here.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{word}` is not understood here: write {instead}")]
pub struct BadWord {
    word: String,
    instead: &'static str,
}

impl BadWord {
    pub(crate) fn new(word: &str, instead: &'static str) -> Self {
        Self {
            word: word.to_owned(),
            instead,
        }
    }
}

/// A number and what is written behind it.
fn number(text: &str) -> Option<(f64, &str)> {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    Some((number.parse().ok()?, unit))
}

/// `number` times `unit` if that is not beyond `limit`.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is checked before: not negative, and below a limit that fits"
)]
fn scaled(number: f64, unit: f64, limit: u64) -> Option<u64> {
    let value = (number * unit).round();
    let fits = value >= 0.0 && value <= limit as f64;
    fits.then_some(value as u64)
}

fn length(text: &str, limit: Duration) -> Option<Duration> {
    let (number, unit) = number(text)?;
    let unit = match unit {
        "us" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        "min" => 60e9,
        "" if number == 0.0 => 0.0,
        _ => return None,
    };
    let limit = u64::try_from(limit.as_nanos()).ok()?;
    scaled(number, unit, limit).map(Duration::from_nanos)
}

/// A length of a delay, such as `40ms`.
pub(crate) fn delay(text: &str) -> Result<Duration, BadWord> {
    length(text, DELAY).ok_or_else(|| BadWord::new(text, A_LENGTH))
}

/// A time of a schedule, such as `20s`.
pub(crate) fn time(text: &str) -> Result<Duration, BadWord> {
    length(text, SCHEDULE).ok_or_else(|| BadWord::new(text, A_TIME))
}

/// A rate such as `3M`, or `none`.
pub(crate) fn rate(text: &str) -> Result<Option<Rate>, BadWord> {
    if text == "none" {
        return Ok(None);
    }
    let bits = bits_per_second(text).filter(|bits| RATE.contains(bits));
    let rate = bits.and_then(Rate::from_bits_per_second);
    rate.map(Some).ok_or_else(|| BadWord::new(text, A_RATE))
}

fn bits_per_second(text: &str) -> Option<u64> {
    let (number, unit) = number(text)?;
    let unit = match unit.strip_suffix("bit").unwrap_or(unit) {
        "" => 1.0,
        "k" | "K" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        _ => return None,
    };
    scaled(number, unit, *RATE.end())
}

fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = number(text)?;
    let unit = match unit {
        "B" => 1.0,
        "kB" | "KB" => 1e3,
        "MB" => 1e6,
        _ => return None,
    };
    scaled(number, unit, QUEUE_BYTES)
}

impl FromStr for Share {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        let share = number(text).and_then(|(number, unit)| match unit {
            "%" => scaled(number, 1e4, Self::ALL_PPM),
            "" if number == 0.0 => Some(0),
            _ => None,
        });
        share
            .map(Self::from_ppm)
            .ok_or_else(|| BadWord::new(text, A_SHARE))
    }
}

impl FromStr for Loss {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        let bad = |_| BadWord::new(text, A_LOSS);
        if let Some((share, burst)) = text.split_once('/') {
            let burst = burst.parse().map_err(|_| BadWord::new(text, A_BURST))?;
            let share = share.parse().map_err(bad)?;
            let chain = Chain::of_bursts(share, burst);
            return chain
                .map(Self::Bursty)
                .ok_or_else(|| BadWord::new(text, A_BURST));
        }
        let shares: Vec<Share> = text
            .split(',')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(bad)?;
        match shares.as_slice() {
            [share] => Ok(Self::Independent(*share)),
            [worsens, recovers, loss_while_good, loss_while_bad] => Ok(Self::Bursty(Chain {
                worsens: *worsens,
                recovers: *recovers,
                loss_while_good: *loss_while_good,
                loss_while_bad: *loss_while_bad,
            })),
            _ => Err(BadWord::new(text, A_LOSS)),
        }
    }
}

impl FromStr for Jitter {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        let (spread, overtakes) = match text.strip_suffix("/overtake") {
            Some(spread) => (spread, true),
            None => (text, false),
        };
        let spread = length(spread, DELAY).ok_or_else(|| BadWord::new(text, A_JITTER))?;
        Ok(Self { spread, overtakes })
    }
}

impl FromStr for Reorder {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        let (share, hold) = match text.split_once('/') {
            Some((share, hold)) => (share, length(hold, DELAY)),
            None => (text, Some(DEFAULT_HOLD)),
        };
        match (share.parse(), hold) {
            (Ok(share), Some(hold)) => Ok(Self { share, hold }),
            (Err(_), _) | (_, None) => Err(BadWord::new(text, A_REORDER)),
        }
    }
}

impl FromStr for Queue {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        let time = length(text, QUEUE).map(Self::Time);
        let queue = time.or_else(|| bytes(text).map(Self::Bytes));
        queue.ok_or_else(|| BadWord::new(text, A_QUEUE))
    }
}

impl FromStr for Blackout {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        match text {
            "on" => Ok(Self::On),
            "off" => Ok(Self::Off),
            other => length(other, SCHEDULE)
                .map(Self::For)
                .ok_or_else(|| BadWord::new(other, A_BLACKOUT)),
        }
    }
}
