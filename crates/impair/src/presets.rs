//! Lines that are often wanted, by name.

use std::str::FromStr;

use crate::change::{BadChange, Change};
use crate::schedule::{BadSchedule, Schedule};
use crate::words::BadWord;

/// A line by name. What is said beside it wins over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// How it is called.
    pub name: &'static str,
    /// What it is like.
    pub about: &'static str,
    change: &'static str,
    schedule: &'static str,
}

/// All that there are.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "clean",
        about: "nothing is lost, delayed or limited",
        change: "loss=0%",
        schedule: "",
    },
    Preset {
        name: "loss-1",
        about: "1 % of the packets are lost each way",
        change: "loss=1%",
        schedule: "",
    },
    Preset {
        name: "loss-5",
        about: "5 % of the packets are lost each way",
        change: "loss=5%",
        schedule: "",
    },
    Preset {
        name: "loss-10",
        about: "10 % of the packets are lost each way",
        change: "loss=10%",
        schedule: "",
    },
    Preset {
        name: "loss-20",
        about: "20 % of the packets are lost each way",
        change: "loss=20%",
        schedule: "",
    },
    Preset {
        name: "mobile",
        about: "10 % loss, 60 ms delay with 50 ms of jitter, 5 % held back by 30 ms, each way",
        change: "loss=10% delay=60ms jitter=50ms reorder=5%/30ms",
        schedule: "",
    },
    Preset {
        name: "satellite",
        about: "250 ms each way, a round trip of 500 ms",
        change: "delay=250ms",
        schedule: "",
    },
    Preset {
        name: "squeeze",
        about: "3 Mbit/s each way, 150 kbit/s from 20 s to 50 s, then 3 Mbit/s again; a queue of 200 ms",
        change: "rate=3M queue=200ms",
        schedule: "20s rate=150k\n50s rate=3M",
    },
];

/// Everything that a preset leaves unsaid, so that one can follow another.
const CLEAN: &str =
    "delay=0ms jitter=0ms loss=0% reorder=0%/0ms duplicate=0% rate=none queue=200ms blackout=off";

impl Preset {
    /// What it changes at once: every setting, so that nothing of an earlier one is left.
    ///
    /// # Errors
    ///
    /// If the table above is wrong, which a test excludes.
    pub fn change(&self) -> Result<Change, BadChange> {
        format!("{CLEAN} {}", self.change).parse()
    }

    /// What it changes later.
    ///
    /// # Errors
    ///
    /// If the table above is wrong, which a test excludes.
    pub fn schedule(&self) -> Result<Schedule, BadSchedule> {
        self.schedule.parse()
    }
}

impl FromStr for Preset {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        let found = PRESETS.iter().find(|preset| preset.name == text);
        found.copied().ok_or_else(|| {
            BadWord::new(
                text,
                "clean, loss-1, loss-5, loss-10, loss-20, mobile, satellite or squeeze",
            )
        })
    }
}
