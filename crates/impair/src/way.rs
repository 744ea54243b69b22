//! One direction of a line.

use std::time::Duration;

use crate::bottleneck::Bottleneck;
use crate::change::Adjustment;
use crate::counters::Counters;
use crate::dice::{Roll, Rolls};
use crate::flight::Flight;
use crate::limits::{BYTES_UNDER_WAY, PACKETS_UNDER_WAY};
use crate::moment::{Moment, nanos};
use crate::settings::{Blackout, Loss, Settings};

/// One direction: first chance takes its share, then the rate, then the delay.
#[derive(Debug)]
pub(crate) struct Way<P> {
    seed: u64,
    /// Keeps the chances of the two directions apart.
    stream: u64,
    settings: Settings,
    counters: Counters,
    /// Whether the Gilbert-Elliott model is in its bad state.
    bad: bool,
    dark_until: Moment,
    bottleneck: Bottleneck<Traveller<P>>,
    flight: Flight<Traveller<P>>,
    bytes_under_way: u64,
    /// When the last packet that was not held back is due: others do not overtake it.
    last_due: Moment,
    /// One more than the number of the latest packet that was delivered.
    delivered_to: u64,
}

/// A packet that waits or is under way.
#[derive(Clone, Debug)]
struct Traveller<P> {
    /// The number of the packet in its direction, from zero.
    ordinal: u64,
    bytes: u64,
    rolls: Rolls,
    is_copy: bool,
    packet: P,
}

impl<P: Clone> Way<P> {
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let settings = Settings::default();
        Self {
            seed,
            stream,
            counters: Counters::default(),
            bad: false,
            dark_until: Moment::default(),
            bottleneck: Bottleneck::new(settings.rate, settings.queue),
            flight: Flight::new(),
            bytes_under_way: 0,
            last_due: Moment::default(),
            delivered_to: 0,
            settings,
        }
    }

    pub(crate) fn counters(&self) -> Counters {
        self.counters
    }

    pub(crate) fn packets_under_way(&self) -> usize {
        self.bottleneck.len() + self.flight.len()
    }

    /// A packet comes. What happens before `now` must have happened.
    pub(crate) fn arrive(&mut self, now: Moment, bytes: u64, packet: P) {
        let ordinal = self.counters.received;
        self.counters.received += 1;
        self.counters.received_bytes += bytes;
        let rolls = Rolls::of(self.seed, self.stream, ordinal);
        // Also in a blackout, so that what follows it does not depend on how long it was.
        let lost = self.loses(&rolls);
        if now < self.dark_until {
            self.counters.blacked_out += 1;
        } else if lost {
            self.counters.lost += 1;
        } else {
            self.queue(
                now,
                Traveller {
                    ordinal,
                    bytes,
                    rolls,
                    is_copy: false,
                    packet,
                },
            );
        }
    }

    fn loses(&mut self, rolls: &Rolls) -> bool {
        match self.settings.loss {
            Loss::Independent(share) => rolls.loss.within(share),
            Loss::Bursty(chain) => {
                let changes = if self.bad {
                    chain.recovers
                } else {
                    chain.worsens
                };
                self.bad ^= rolls.chain.within(changes);
                rolls.loss.within(if self.bad {
                    chain.loss_while_bad
                } else {
                    chain.loss_while_good
                })
            }
        }
    }

    fn queue(&mut self, now: Moment, traveller: Traveller<P>) {
        let bytes = traveller.bytes;
        if self.has_room(bytes) && self.bottleneck.push(now, bytes, traveller) {
            self.bytes_under_way += bytes;
        } else {
            self.counters.queue_drops += 1;
        }
    }

    fn has_room(&self, bytes: u64) -> bool {
        self.packets_under_way() < PACKETS_UNDER_WAY
            && self.bytes_under_way + bytes <= BYTES_UNDER_WAY
    }

    /// When the next packet leaves the narrow place.
    pub(crate) fn next_step(&self) -> Option<Moment> {
        self.bottleneck.next()
    }

    /// Sends a packet that has left the narrow place by `now` on its way.
    pub(crate) fn step(&mut self, now: Moment) {
        if let Some((left, traveller)) = self.bottleneck.pop(now) {
            self.fly(left, traveller);
        }
    }

    fn fly(&mut self, left: Moment, traveller: Traveller<P>) {
        let jitter = self.settings.jitter;
        let delay = jittered(self.settings.delay, jitter.spread, traveller.rolls.jitter);
        let mut due = left.plus(delay);
        if !jitter.overtakes {
            due = due.max(self.last_due);
        }
        if traveller.rolls.hold.within(self.settings.reorder.share) {
            due = due.plus(self.settings.reorder.hold);
        } else {
            self.last_due = due;
        }
        let copied =
            traveller.rolls.copy.within(self.settings.duplicate) && self.has_room(traveller.bytes);
        let copy = copied.then(|| Traveller {
            is_copy: true,
            ..traveller.clone()
        });
        self.flight.push(due, traveller);
        if let Some(copy) = copy {
            self.counters.duplicated += 1;
            self.bytes_under_way += copy.bytes;
            self.flight.push(due, copy);
        }
    }

    /// When the next packet is due at its receiver, of those that are past the narrow place.
    pub(crate) fn next_due(&self) -> Option<Moment> {
        self.flight.next()
    }

    /// The next packet that is due by `now`, and its number.
    pub(crate) fn deliver(&mut self, now: Moment) -> Option<(Moment, u64, P)> {
        let (due, traveller) = self.flight.pop(now)?;
        self.bytes_under_way -= traveller.bytes;
        self.counters.delivered += 1;
        self.counters.delivered_bytes += traveller.bytes;
        if !traveller.is_copy {
            let next = traveller.ordinal + 1;
            self.counters.reordered += u64::from(next < self.delivered_to);
            self.delivered_to = self.delivered_to.max(next);
        }
        Some((due, traveller.ordinal, traveller.packet))
    }

    /// Changes the settings. What happens before `now` must have happened.
    pub(crate) fn adjust(&mut self, now: Moment, adjustments: &[Adjustment]) {
        for adjustment in adjustments {
            self.set(now, *adjustment);
        }
        let (rate, queue) = (self.settings.rate, self.settings.queue);
        for (bytes, _) in self.bottleneck.set(now, rate, queue) {
            self.bytes_under_way -= bytes;
            self.counters.queue_drops += 1;
        }
    }

    fn set(&mut self, now: Moment, adjustment: Adjustment) {
        match adjustment {
            Adjustment::Delay(delay) => self.settings.delay = delay,
            Adjustment::Jitter(jitter) => self.settings.jitter = jitter,
            Adjustment::Loss(loss) => self.settings.loss = loss,
            Adjustment::Reorder(reorder) => self.settings.reorder = reorder,
            Adjustment::Duplicate(share) => self.settings.duplicate = share,
            Adjustment::Rate(rate) => self.settings.rate = rate,
            Adjustment::Queue(queue) => self.settings.queue = queue,
            Adjustment::Blackout(blackout) => self.dark_until = end_of(blackout, now),
        }
    }
}

fn jittered(delay: Duration, spread: Duration, roll: Roll) -> Duration {
    let extra = roll.below(nanos(spread).saturating_mul(2).saturating_add(1));
    (delay + Duration::from_nanos(extra)).saturating_sub(spread)
}

fn end_of(blackout: Blackout, now: Moment) -> Moment {
    match blackout {
        Blackout::On => Moment::NEVER,
        Blackout::Off => Moment::default(),
        Blackout::For(length) => now.plus(length),
    }
}
