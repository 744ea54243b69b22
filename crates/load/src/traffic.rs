//! What each person sends.

use crate::clock::nanos;
use crate::limits::BACKLOG;

/// What each person sends. The payload sizes are those of RTP, without header and SRTP's tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// Packets of pictures in a second; none is no picture at all.
    pub video_rate: u32,
    /// Packets of pictures that leave together.
    pub burst: u32,
    /// Octets of each packet of pictures.
    pub video_bytes: usize,
    /// Packets of sound in a second; none is no sound at all.
    pub audio_rate: u32,
    /// Octets of each packet of sound.
    pub audio_bytes: usize,
    /// Bursts leave as one buffer, which the kernel parts (UDP_SEGMENT).
    pub segmented: bool,
    /// Reports and transport-wide feedback are sent.
    pub feedback: bool,
    /// Packets are asked for again, and sent again.
    pub nack: bool,
}

/// A second in nanoseconds.
const SECOND: u64 = 1_000_000_000;

impl Traffic {
    /// The time from one burst of pictures to the next, in nanoseconds.
    #[must_use]
    pub fn video_interval(&self) -> Option<u64> {
        let bursts = SECOND * u64::from(self.burst);
        bursts.checked_div(self.video_rate.into())
    }

    /// The time from one packet of sound to the next, in nanoseconds.
    #[must_use]
    pub fn audio_interval(&self) -> Option<u64> {
        SECOND.checked_div(self.audio_rate.into())
    }

    /// Streams that each person sends.
    #[must_use]
    pub fn streams(&self) -> usize {
        usize::from(self.video_rate > 0) + usize::from(self.audio_rate > 0)
    }

    /// Packets that each person sends in a second.
    #[must_use]
    pub fn rate(&self) -> u32 {
        self.video_rate + self.audio_rate
    }
}

/// The first time of a client's rhythm that is not before `now`. It is told by the clock that all have in common: when each
/// came to be up is a matter of luck, and those times are not spread evenly.
#[must_use]
pub fn first_due(now: u64, place: usize, interval: u64) -> u64 {
    let into = now.checked_rem(interval).unwrap_or_default();
    let phase = phase(place, interval);
    if phase >= into {
        now + (phase - into)
    } else {
        now + (phase + interval - into)
    }
}

/// A client's place in an interval: each further client has it a golden section later, so that any number of them is spread
/// evenly.
fn phase(place: usize, interval: u64) -> u64 {
    // 2^32 divided by the golden ratio, modulo 2^32.
    let turn = (place as u64).wrapping_mul(2_654_435_769) & 0xffff_ffff;
    ((u128::from(turn) * u128::from(interval)) >> 32) as u64
}

/// The next time of a rhythm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// In nanoseconds of the run's clock.
    pub due: u64,
    /// Times before it that are left out.
    pub skipped: u64,
}

/// The time after `due` in a rhythm. One that is over is caught up with, unless it is longer ago than
/// [`BACKLOG`]: nobody sends what a camera saw a second ago.
#[must_use]
pub fn next_due(due: u64, interval: u64, now: u64) -> Next {
    let next = due.saturating_add(interval);
    let behind = now.saturating_sub(next);
    if behind <= nanos(BACKLOG) {
        return Next {
            due: next,
            skipped: 0,
        };
    }
    let skipped = behind.checked_div(interval).unwrap_or_default();
    Next {
        due: next + skipped * interval,
        skipped,
    }
}

#[cfg(test)]
impl Traffic {
    /// What the command line has it be where it says nothing.
    pub(crate) const USUAL: Self = Self {
        video_rate: 150,
        burst: 5,
        video_bytes: 1100,
        audio_rate: 50,
        audio_bytes: 100,
        segmented: false,
        feedback: true,
        nack: true,
    };
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Next, Traffic, first_due, next_due};

    #[test]
    fn thirty_bursts_and_fifty_packets_a_second() {
        assert_eq!(Traffic::USUAL.video_interval(), Some(33_333_333));
        assert_eq!(Traffic::USUAL.audio_interval(), Some(20_000_000));
        assert_eq!((Traffic::USUAL.streams(), Traffic::USUAL.rate()), (2, 200));
        let silent = Traffic {
            audio_rate: 0,
            ..Traffic::USUAL
        };
        assert_eq!((silent.audio_interval(), silent.streams()), (None, 1));
    }

    #[test]
    fn a_short_stall_is_caught_up_with_and_a_long_one_is_not() {
        let millis = |millis: u64| millis * 1_000_000;
        let next = next_due(millis(100), millis(20), millis(215));
        assert_eq!((next.due, next.skipped), (millis(120), 0));
        let next = next_due(millis(100), millis(20), millis(1005));
        assert_eq!((next.due, next.skipped), (millis(1000), 44));
    }

    proptest! {
        #[test]
        fn no_time_of_a_rhythm_is_forgotten(
            due in 0_u64..1 << 40,
            interval in 1_u64..1 << 30,
            late in 0_u64..1 << 40,
        ) {
            let Next { due: next, skipped } = next_due(due, interval, due + late);
            prop_assert_eq!(next, due + interval * (skipped + 1));
            prop_assert!(next <= due + interval.max(late));
        }
    }

    #[test]
    fn clients_are_spread_evenly_whenever_they_come() {
        for clients in [2, 10, 100, 1000] {
            let due = |client: usize| {
                // As if by chance.
                let comes = 77_777 + (client as u64).pow(2) * 7_919 % 10_007;
                let due = first_due(comes, client, 10_000);
                assert!((comes..comes + 10_000).contains(&due));
                due
            };
            let mut phases: Vec<u64> = (0..clients).map(|client| due(client) % 10_000).collect();
            phases.sort_unstable();
            let gaps = phases.windows(2).map(|pair| pair[1] - pair[0]);
            let widest = gaps.max().unwrap();
            assert!(widest <= 3 * 10_000 / clients as u64, "{clients}: {widest}");
            assert!(phases.iter().all(|phase| *phase < 10_000));
        }
    }
}
