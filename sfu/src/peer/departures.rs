//! When what goes to a client leaves, and how much its line takes.

use std::time::Duration;

use vestibule_congestion::{Bitrate, Kind, Known, Line, Pacer, Padding, Report, Settings, Verdict};
use vestibule_forwarding::{Moment, Slot};
use vestibule_rtp::Refusal;
use vestibule_rtp::rtcp::{ArrivalClock, TransportFeedback};

use crate::limits::PACED_PACKETS;

/// What a packet takes on the line beside its payload: IPv4 and UDP, the RTP header with its extensions, and
/// SRTP's tag.
const HEADERS: usize = 28 + 12 + 12 + 16;

/// Over which time it is measured what is sent.
const MEASURED: Duration = Duration::from_millis(500);

/// A picture's packet that waits to leave. Where it lies, and what is to be written, is found by its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ticket {
    slot: u8,
    /// It was sent before, and the client lacks it.
    again: bool,
    /// The low bits of its number on the slot.
    sequence: u16,
}

/// A packet whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) slot: Slot,
    pub(super) sequence: u16,
    pub(super) again: bool,
}

pub(super) struct Departures {
    line: Line,
    clock: ArrivalClock,
    pacer: Pacer<Ticket, PACED_PACKETS>,
    /// The client told what arrived. One that never does is sent everything at once.
    heard: bool,
    wanted: Bitrate,
    sending: Sending,
}

/// Measures what is sent.
#[derive(Debug, Default)]
struct Sending {
    since: Moment,
    bytes: u64,
    rate: Bitrate,
}

/// Whether a packet leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaves {
    /// It is to be written now.
    Now,
    /// It has its turn later.
    Later,
    /// Too many wait already.
    Full,
    /// The client got its share of packets that are sent again.
    Refused(Refusal),
    /// The client does not take what it is.
    NotTaken,
    /// There is no connection that it could leave on.
    NoConnection,
}

impl Departures {
    pub(super) fn starting(now: Moment) -> Self {
        let settings = Settings::default();
        Self {
            line: Line::new(now, settings),
            clock: ArrivalClock::default(),
            pacer: Pacer::new(settings.start),
            heard: false,
            wanted: Bitrate::ZERO,
            sending: Sending::default(),
        }
    }

    /// What the line takes; nothing before the client has told anything.
    pub(super) fn line(&self) -> Option<Known> {
        self.heard.then(|| Known {
            target: self.line.target(),
            congested: self.line.is_congested(),
        })
    }

    /// The part of what leaves that is lost lately, from 0 to 1.
    pub(super) fn loss(&self) -> f64 {
        self.line.loss()
    }

    /// See [`Line::round_trip`]: nothing, unless the line is congested.
    pub(super) fn congested_round_trip(&self) -> Option<Duration> {
        let congested = self.line.is_congested();
        self.line.round_trip().filter(|_| congested)
    }

    /// See [`Line::break_down`]: nothing, before the client has told anything.
    pub(super) fn break_down(&mut self, now: Moment) {
        if self.heard {
            self.line.break_down(now);
            self.follow(now);
        }
    }

    /// See [`Line::suspect`]: nothing, before the client has told anything.
    pub(super) fn suspect(&mut self, now: Moment) {
        if self.heard {
            self.line.suspect(now);
            self.follow(now);
        }
    }

    /// See [`Line::go_another_way`].
    pub(super) fn go_another_way(&mut self, now: Moment) {
        self.line.go_another_way(now);
    }

    /// A packet with a payload of so many bytes leaves: the number to write into it.
    pub(super) fn number(&mut self, now: Moment, payload: usize) -> u16 {
        let size = size(payload);
        self.sending.bytes += u64::from(size);
        self.line.on_sent(now, size)
    }

    /// Sound never waits; what it takes counts.
    pub(super) fn beside(&mut self, now: Moment, payload: usize) {
        self.pacer.on_sent_beside(now, size(payload));
    }

    /// Whether a packet leaves now. One that waits comes back by [`Self::turn`]; one for which there is no place is
    /// asked for again by the client.
    pub(super) fn leaves(&mut self, now: Moment, turn: Turn, payload: usize) -> Leaves {
        if !self.heard {
            return Leaves::Now;
        }
        let kind = if turn.again {
            Kind::Retransmission
        } else {
            Kind::Video
        };
        let verdict = self
            .pacer
            .submit(now, kind, size(payload), Ticket::of(turn));
        match verdict {
            Verdict::Now(_) => Leaves::Now,
            Verdict::Waits => Leaves::Later,
            Verdict::Full(_) => Leaves::Full,
        }
    }

    /// The next packet whose turn it is.
    pub(super) fn turn(&mut self, now: Moment) -> Option<Turn> {
        self.pacer.poll(now).and_then(Ticket::turn)
    }

    /// How many packets wait for their turn.
    pub(super) fn waiting(&self) -> usize {
        self.pacer.len()
    }

    /// What is to be sent to find out what more the line takes: ask until there is nothing.
    pub(super) fn padding(&mut self, now: Moment) -> Option<Padding> {
        (self.wanted > Bitrate::ZERO).then(|| self.line.want_padding(now))?
    }

    /// Sets what the client would be sent on a line without limits.
    pub(super) fn set_wanted(&mut self, wanted: Bitrate) {
        self.wanted = wanted;
        self.line.set_wanted(wanted);
        if wanted == Bitrate::ZERO {
            // Nobody would ask for its padding, and the worker would never sleep.
            self.line.leave_off_probing();
        }
    }

    /// Gives up the probe that is under way.
    pub(super) fn leave_off_probing(&mut self) {
        self.line.leave_off_probing();
    }

    /// Learns what arrived.
    pub(super) fn take_feedback(&mut self, now: Moment, feedback: &TransportFeedback<'_>) {
        self.heard = true;
        let told = self.clock.read(feedback);
        let told = told.map(|(number, arrived)| Report { number, arrived });
        self.line.on_feedback(now, told);
        self.follow(now);
    }

    /// Lets time pass.
    pub(super) fn handle_timeout(&mut self, now: Moment) {
        self.line.handle_timeout(now);
        self.follow(now);
    }

    /// When [`Self::handle_timeout`], [`Self::turn`] and [`Self::padding`] are to be called next.
    pub(super) fn next_timeout(&self) -> Option<Moment> {
        let line = self.line.next_timeout().filter(|_| self.heard);
        line.into_iter().chain(self.pacer.next_timeout()).min()
    }

    fn follow(&mut self, now: Moment) {
        self.sending.measure(now);
        self.pacer.set_target(self.line.target(), self.sending.rate);
    }
}

impl Sending {
    fn measure(&mut self, now: Moment) {
        let passed = now.since(self.since);
        if passed >= MEASURED {
            self.rate = Bitrate::of(self.bytes, passed);
            self.since = now;
            self.bytes = 0;
        }
    }
}

impl Ticket {
    fn of(turn: Turn) -> Self {
        Self {
            // There are fewer slots than numbers.
            slot: u8::try_from(turn.slot.index()).unwrap_or(u8::MAX),
            again: turn.again,
            sequence: turn.sequence,
        }
    }

    fn turn(self) -> Option<Turn> {
        Some(Turn {
            slot: Slot::from_index(self.slot.into())?,
            sequence: self.sequence,
            again: self.again,
        })
    }
}

/// What a packet with this payload takes on the line.
fn size(payload: usize) -> u16 {
    u16::try_from(payload + HEADERS).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use vestibule_congestion::Bitrate;
    use vestibule_forwarding::Moment;

    use super::Departures;

    #[test]
    fn a_probe_that_nobody_wants_any_more_wakes_nobody() {
        let now = Moment::from_micros(1_000_000);
        let mut departures = Departures::starting(now);
        departures.heard = true;
        departures.set_wanted(Bitrate::kbps(1000));
        assert!(departures.padding(now).is_some());
        assert!(departures.next_timeout().is_some_and(|due| due <= now));
        departures.set_wanted(Bitrate::ZERO);
        assert_eq!(departures.padding(now), None);
        assert_eq!(departures.next_timeout(), None);
    }
}
