//! How a direction of a line behaves.

use std::num::NonZeroU64;
use std::time::Duration;

use crate::limits::DEFAULT_QUEUE;

/// How one direction of a line behaves. The default is a clean line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// What every packet takes longer.
    pub(crate) delay: Duration,
    /// How much the delay differs from packet to packet.
    pub(crate) jitter: Jitter,
    /// Which packets vanish.
    pub(crate) loss: Loss,
    /// Which packets are held back, so that later ones overtake them.
    pub(crate) reorder: Reorder,
    /// The share of packets that arrive twice.
    pub(crate) duplicate: Share,
    /// How much gets through; `None` is without limit.
    pub(crate) rate: Option<Rate>,
    /// What may wait for its turn when more comes than the rate lets through.
    pub(crate) queue: Queue,
}

/// A share of packets, in parts per million.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u64);

impl Share {
    /// No packet.
    pub const NONE: Self = Self(0);
    /// Every packet.
    pub const ALL: Self = Self(Self::ALL_PPM);
    pub(crate) const ALL_PPM: u64 = 1_000_000;

    /// So many packets of a million; every one at most.
    #[must_use]
    pub fn from_ppm(ppm: u64) -> Self {
        Self(ppm.min(Self::ALL_PPM))
    }

    /// How many of a million packets.
    #[must_use]
    pub const fn ppm(self) -> u64 {
        self.0
    }
}

/// Differences of delay: each packet's delay is drawn evenly between `delay - spread` and `delay + spread`,
/// and never less than nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Jitter {
    /// How far the delay goes from its mean.
    pub spread: Duration,
    /// Whether a packet with a short delay overtakes one with a long delay. If not, it waits behind it, as
    /// in a queue, and the line never changes the order by jitter.
    pub overtakes: bool,
}

/// Which packets vanish. A lost packet takes no part of the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Each packet by its own chance.
    Independent(Share),
    /// In bursts, by the Gilbert-Elliott model: the line is good or bad, may change before each packet, and
    /// loses another share in either state. It begins good.
    Bursty(Chain),
}

/// The chances of the Gilbert-Elliott model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    /// How likely a good line becomes bad before a packet.
    pub worsens: Share,
    /// How likely a bad line becomes good before a packet.
    pub recovers: Share,
    /// What a good line loses.
    pub loss_while_good: Share,
    /// What a bad line loses.
    pub loss_while_bad: Share,
}

impl Chain {
    /// A line that loses this share, in bursts of so many packets on average (1 to 1000) with nothing lost
    /// between them. `None` when such bursts cannot make up the share.
    #[must_use]
    pub fn of_bursts(share: Share, burst: u64) -> Option<Self> {
        let all = Share::ALL_PPM;
        let kept = all - share.ppm();
        if !(1..=1_000).contains(&burst) || kept == 0 {
            return None;
        }
        // The bad state lasts `burst` packets on average, so that its share is
        // worsens / (worsens + 1 / burst).
        let worsens = share.ppm() * all / (burst * kept);
        (worsens <= all).then_some(Self {
            worsens: Share(worsens),
            recovers: Share(all / burst),
            loss_while_good: Share::NONE,
            loss_while_bad: Share::ALL,
        })
    }
}

impl Default for Loss {
    fn default() -> Self {
        Self::Independent(Share::NONE)
    }
}

/// Packets that are held back. They count as reordered when a later packet was delivered before them
/// (RFC 4737 section 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reorder {
    /// The share of packets that are held back.
    pub share: Share,
    /// By how much.
    pub hold: Duration,
}

/// Bits per second, of whole IP packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(NonZeroU64);

impl Rate {
    /// So many bits per second; `None` for zero, because a line without any rate is a blackout.
    #[must_use]
    pub const fn from_bits_per_second(bits: u64) -> Option<Self> {
        match NonZeroU64::new(bits) {
            Some(bits) => Some(Self(bits)),
            None => None,
        }
    }

    /// Bits per second.
    #[must_use]
    pub const fn bits_per_second(self) -> u64 {
        self.0.get()
    }

    /// How long so many bytes take, rounded up so that the rate is never exceeded.
    pub(crate) fn time_of(self, bytes: u64) -> Duration {
        let bits = u128::from(bytes) * 8 * 1_000_000_000;
        let nanos = bits.div_ceil(u128::from(self.0.get()));
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

/// What may wait behind the packet that is being sent. What comes when the queue is full is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// So much that nobody waits longer than this at the present rate. When the rate falls, the newest packets
    /// that would now wait longer are dropped.
    Time(Duration),
    /// So many bytes, whatever the rate.
    Bytes(u64),
}

impl Default for Queue {
    fn default() -> Self {
        Self::Time(DEFAULT_QUEUE)
    }
}

/// An interruption of a direction: what comes meanwhile is gone, what is under way arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blackout {
    /// Nothing gets through until it is ended.
    On,
    /// Ends it.
    Off,
    /// Nothing gets through for so long.
    For(Duration),
}
