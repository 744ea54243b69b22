//! The receiving side of one stream: which packets came, which are missing, and what is reported.

mod missing;
mod statistics;
mod window;

use std::time::Duration;

use crate::limits::{DROPOUT, MISSING_PACKETS};
use crate::ntp::Ntp;
use crate::rtcp::ReportBlock;
use crate::{Moment, extend};
use missing::Missing;
use statistics::Statistics;
use window::{Age, Window};

/// What is known of the packets of one stream.
///
/// Each packet is told to [`Self::note`], also one that came as a retransmission. Whoever made it with
/// [`Self::asking`] then sends what [`Self::requests`] names, and calls it again at [`Self::next_timeout`].
#[derive(Debug)]
#[repr(C)]
pub struct Arrivals {
    /// Streams whose packets are not asked for have none.
    missing: Option<Missing>,
    statistics: Statistics,
    /// Last, as hardly a packet looks at the most of it.
    window: Option<Window>,
}

/// The way that a packet came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// In its own stream.
    Stream,
    /// Wrapped in another one (RFC 4588). Reports tell of losses on the line, and do not count it as received.
    Retransmission,
}

/// Why a packet is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Stale {
    /// It came before.
    #[error("it came before")]
    Repeated,
    /// It is too far behind the newest, or came again before the stream began.
    #[error("it is too old")]
    TooOld,
}

impl Arrivals {
    /// Of a stream whose packets are asked for when they are missing; `clock_rate` is in ticks a second.
    #[must_use]
    pub fn asking(clock_rate: u32) -> Self {
        Self {
            missing: Some(Missing::default()),
            ..Self::reporting(clock_rate)
        }
    }

    /// Of a stream whose packets are only reported on.
    #[must_use]
    pub fn reporting(clock_rate: u32) -> Self {
        Self {
            window: None,
            statistics: Statistics::new(clock_rate),
            missing: None,
        }
    }

    /// Takes note of a packet and returns its extended sequence number; the stream's first has a round of
    /// 65,536 below it.
    ///
    /// # Errors
    /// When it came before, or is too old to know.
    pub fn note(
        &mut self,
        now: Moment,
        sequence: u16,
        timestamp: u32,
        via: Via,
    ) -> Result<u64, Stale> {
        let Some(window) = &mut self.window else {
            return self.begin(now, sequence, timestamp, via);
        };
        let before = window.newest();
        let extended = extend(before, sequence).ok_or(Stale::TooOld)?;
        let age = window.insert(extended);
        if via == Via::Stream {
            if extended > before.saturating_add(DROPOUT) {
                self.statistics.begin(extended);
            }
            self.statistics.note(now, extended, timestamp);
        }
        match (age?, &mut self.missing) {
            (Age::Newest, Some(missing)) => missing.pass(now, before, extended),
            (Age::Late, Some(missing)) => missing.came(now, extended, via),
            (Age::Newest | Age::Late, None) => {}
        }
        Ok(extended)
    }

    /// The round-trip time to the sender, as the reports tell it: how long an answer takes.
    pub fn set_round_trip(&mut self, round_trip: Duration) {
        if let Some(missing) = &mut self.missing {
            missing.set_round_trip(round_trip);
        }
    }

    /// The sequence numbers to ask for now, in ascending order, at most [`MISSING_PACKETS`]; they count as asked for.
    #[must_use]
    pub fn requests(&mut self, now: Moment) -> &[u16] {
        match &mut self.missing {
            Some(missing) => missing.requests(now),
            None => &[],
        }
    }

    /// When [`Self::requests`] and then [`Self::poll_key_frame`] are to be called next; the past, if it is due.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Moment> {
        self.missing.as_ref().and_then(Missing::next_timeout)
    }

    /// Whether packets were given up since the last call, or lost while the line was dark, so that only a key frame mends the
    /// picture.
    #[must_use]
    pub fn poll_key_frame(&mut self) -> bool {
        let missing = self.missing.as_mut();
        missing.is_some_and(Missing::poll_key_frame)
    }

    /// Nothing at all came by the line for longer than senders keep what they sent: what the next packet shows to be missing
    /// is not asked for. A stream that is silent by itself, as a camera that is off, makes no line dark.
    pub fn line_was_dark(&mut self) {
        if let Some(missing) = &mut self.missing {
            missing.line_was_dark();
        }
    }

    /// A key frame begins with this packet: what is missing before it is not asked for any more.
    pub fn key_frame(&mut self, sequence: u64) {
        if let Some(missing) = &mut self.missing {
            missing.key_frame(sequence);
        }
    }

    /// How many packets are missing and still asked for.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.missing.as_ref().map_or(0, Missing::len)
    }

    /// A sender report of the stream came.
    pub fn sender_report(&mut self, now: Moment, ntp: Ntp) {
        self.statistics.sender_report(now, ntp);
    }

    /// So many of the packets that came were lost behind here, on their way to whoever receives the stream. Reports
    /// count them as lost: how well a stream is protected against loss is decided where it begins, and there nothing
    /// else is heard of the rest of the way.
    pub fn lost_beyond(&mut self, packets: u64) {
        self.statistics.lost_beyond(packets);
    }

    /// The block on this stream for the next report (RFC 3550 section 6.4.1); its fraction is of the time
    /// since the last call. `None` before the first packet.
    #[must_use]
    pub fn report(&mut self, now: Moment, ssrc: u32) -> Option<ReportBlock> {
        self.statistics.report(now, ssrc)
    }

    fn begin(
        &mut self,
        now: Moment,
        sequence: u16,
        timestamp: u32,
        via: Via,
    ) -> Result<u64, Stale> {
        if via == Via::Retransmission {
            return Err(Stale::TooOld);
        }
        // Packets from before the first one have numbers as well.
        let extended = (1 << 16) + u64::from(sequence);
        self.window = Some(Window::starting_with(extended));
        self.statistics.begin(extended);
        self.statistics.note(now, extended, timestamp);
        Ok(extended)
    }
}

const _: () = assert!(
    MISSING_PACKETS < crate::limits::ARRIVAL_WINDOW,
    "what is asked for is taken when it comes"
);
