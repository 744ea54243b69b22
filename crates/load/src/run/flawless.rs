//! A run without a flaw, into which tests put one.

use std::net::IpAddr;
use std::time::Duration;

use super::used::Used;
use super::{Measured, Plan};
use crate::cores::Cores;
use crate::drops::Drops;
use crate::histogram::Histogram;
use crate::machine::CoreTime;
use crate::media::{Course, Loopback, Tally};
use crate::traffic::Traffic;

impl Measured {
    /// Two rooms of three that send pictures and sound: each of 24 streams was heard, and each of 100 packets delivered to
    /// two others within a millisecond.
    pub(crate) fn flawless() -> Self {
        let mut tally = Tally {
            sent: 100,
            delivered: 200,
            ..Tally::default()
        };
        (0..200).for_each(|_| tally.latency.note(1_000_000));
        Self {
            server: "a server",
            plan: Plan {
                rooms: 2,
                people: 3,
                length: Duration::from_secs(1),
                ramp: 1,
                traffic: Traffic::USUAL,
                cores: Cores::default(),
                address: IpAddr::from([127, 0, 0, 1]),
            },
            tally,
            loopback: Loopback {
                latency: Histogram::default(),
                cost: 0,
            },
            course: Course {
                clients: 6,
                up: 6,
                heard: 24,
            },
            length: Duration::from_secs(1),
            forwarding: Used::default(),
            signaling: None,
            own_time: 0,
            cores: CoreTime::default(),
            core_count: 2,
            dropped: (0, 0),
            drops: Ok(Some(Drops::default())),
            broken_off: None,
        }
    }
}
