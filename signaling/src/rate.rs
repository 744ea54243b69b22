//! Rate limits by the generic cell rate algorithm: one number for each party says when its next
//! request would be on schedule; being ahead of the schedule by more than the burst is refused.

use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::limits;

/// How often something may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many at once.
    pub burst: u32,
    /// How many a second in the long run.
    pub per_second: u32,
}

impl Rate {
    fn interval_micros(self) -> u64 {
        1_000_000 / u64::from(self.per_second.max(1))
    }

    /// The schedule after one more at `now`; `None` when it would be too far ahead.
    fn next(self, scheduled: u64, now: u64) -> Option<u64> {
        let interval = self.interval_micros();
        let ahead = scheduled.saturating_sub(now);
        let allowed = interval.saturating_mul(u64::from(self.burst.max(1)) - 1);
        (ahead <= allowed).then(|| scheduled.max(now).saturating_add(interval))
    }
}

/// One party's limit, such as a session's.
#[derive(Debug)]
pub(crate) struct Limiter {
    rate: Rate,
    began: Instant,
    scheduled: u64,
}

impl Limiter {
    /// Nothing was done yet.
    #[must_use]
    pub(crate) fn new(rate: Rate) -> Self {
        Self {
            rate,
            began: Instant::now(),
            scheduled: 0,
        }
    }

    /// Counts one more; false when it is one too many.
    pub(crate) fn allow(&mut self) -> bool {
        let next = self.rate.next(self.scheduled, micros(self.began.elapsed()));
        if let Some(next) = next {
            self.scheduled = next;
        }
        next.is_some()
    }
}

/// The limits of all addresses, in a table of fixed size. Addresses share a cell by a hash with a
/// secret key: nobody can aim at somebody else's cell, and a flood of addresses takes no memory.
#[derive(Debug)]
pub(crate) struct AddressLimiter {
    rate: Rate,
    began: Instant,
    key: RandomState,
    cells: Box<[AtomicU64]>,
}

impl AddressLimiter {
    /// Nobody has done anything yet.
    #[must_use]
    pub(crate) fn new(rate: Rate) -> Self {
        Self {
            rate,
            began: Instant::now(),
            key: RandomState::new(),
            cells: (0..limits::RATE_CELLS).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Counts one more from this address; false when it is one too many.
    pub(crate) fn allow(&self, address: IpAddr) -> bool {
        self.allow_one(&subscriber(address))
    }

    /// Counts one more of this party; false when it is one too many.
    pub(crate) fn allow_one(&self, party: &impl Hash) -> bool {
        let hash = self.key.hash_one(party);
        let cells = u64::try_from(self.cells.len()).unwrap_or(1).max(1);
        let cell = usize::try_from(hash % cells).unwrap_or_default();
        let Some(cell) = self.cells.get(cell) else {
            return true;
        };
        let now = micros(self.began.elapsed());
        cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |scheduled| {
            self.rate.next(scheduled, now)
        })
        .is_ok()
    }
}

/// Whom an address stands for: an IPv6 subscriber has a whole /64 (RFC 6177).
fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            IpAddr::V6(network.into())
        }
    }
}

fn micros(length: Duration) -> u64 {
    u64::try_from(length.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{AddressLimiter, Rate};

    const RATE: Rate = Rate {
        burst: 3,
        per_second: 10,
    };

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let mut scheduled = 0;
        let mut allow = |now| match RATE.next(scheduled, now) {
            Some(next) => {
                scheduled = next;
                true
            }
            None => false,
        };
        assert_eq!(
            [allow(0), allow(0), allow(0), allow(0)],
            [true, true, true, false]
        );
        assert_eq!(
            [allow(99_999), allow(100_000), allow(100_001)],
            [false, true, false]
        );
        assert_eq!([allow(9_000_000), allow(9_000_000)], [true, true]);
    }

    #[test]
    fn one_address_does_not_use_up_another_ones_share() {
        let limiter = AddressLimiter::new(RATE);
        let (loud, quiet) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        let passed = (0..50).filter(|_| limiter.allow(loud)).count();
        assert!((3..50).contains(&passed));
        assert!(limiter.allow(quiet));
    }

    #[test]
    fn a_subscriber_is_one_however_many_addresses_their_network_has() {
        let limiter = AddressLimiter::new(RATE);
        let addresses = (0..50u16).map(|host| [0x2001, 0xdb8, 0, 1, 0, 0, 0, host].into());
        let passed = addresses.filter(|address| limiter.allow(*address)).count();
        assert!((3..50).contains(&passed));
    }
}
