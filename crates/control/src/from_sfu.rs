//! What the SFU tells signaling.

use serde::{Deserialize, Serialize};
use vestibule_vocab::{CallId, LegId, Source};

/// A message from the SFU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum FromSfu {
    /// Answers `hello`.
    Hello {
        /// [`crate::CONTROL_VERSION`].
        version: u16,
        /// The process, for the operator's eyes.
        pid: u32,
        /// The calls that are up, as after a restart of signaling.
        calls: Vec<CallId>,
    },
    /// Answers `offer`.
    Answer {
        /// The offer's.
        request: u64,
        /// The answer, as ICE-lite, with the advertised candidates.
        sdp: String,
    },
    /// Answers `offer` when it is not taken. Nothing was changed.
    Refused {
        /// The offer's.
        request: u64,
        /// Why.
        reason: OfferRefusal,
    },
    /// A leg's peer has come to another state.
    Leg {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// The peer.
        connection: u32,
        /// The state.
        state: LegState,
    },
    /// A defect ended a call, with all its peers, and the call is gone. One under another id is to take its place, so that
    /// its people connect anew.
    Failed {
        /// The call.
        call: CallId,
    },
    /// Which track flows through which receive slot of a leg; replaces what was said before.
    Slots {
        /// The call.
        call: CallId,
        /// The receiving leg.
        leg: LegId,
        /// Its peer.
        connection: u32,
        /// The bound slots.
        bindings: Vec<Binding>,
    },
    /// Which layers of its camera a leg is to send, the smallest being 0; replaces what was said before. It is
    /// said of legs that offered several, to be followed at once: nobody gets another.
    Layers {
        /// The call.
        call: CallId,
        /// The publishing leg.
        leg: LegId,
        /// Its peer.
        connection: u32,
        /// The layers, the smallest first.
        layers: Vec<u8>,
    },
    /// Whether a leg may send its sound with redundancy (RED, RFC 2198); replaces what was said before. It is said
    /// of legs that offered it, and to be followed at once: whoever does not take it is sent none, and hears nothing.
    Redundancy {
        /// The call.
        call: CallId,
        /// The publishing leg.
        leg: LegId,
        /// Its peer.
        connection: u32,
        /// Whether it may.
        allowed: bool,
    },
    /// How long people in a call saw or heard one another until now; replaces what was said before. It is said every
    /// some seconds while the call is open, and at its end: it may come after the call was closed.
    Talk {
        /// The call.
        call: CallId,
        /// How long, by what flowed.
        talk: Talk,
    },
    /// What flows between people in an open call, when that is another thing than was said before and lasts for some
    /// seconds.
    Flow {
        /// The call.
        call: CallId,
        /// What.
        flow: Flow,
        /// For how long already, in milliseconds.
        lasts_ms: u64,
    },
    /// Counters, every few seconds while there is traffic.
    Stats(SfuStats),
}

/// Why an offer was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferRefusal {
    /// No such leg is authorised on that call.
    UnknownLeg,
    /// The offer does not have the agreed form.
    InvalidOffer,
    /// A limit in number was reached.
    LimitReached,
}

/// How a leg's peer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegState {
    /// ICE and DTLS are up.
    Connected,
    /// Nothing was heard for some seconds; an ICE restart may bring it back.
    Interrupted,
    /// Closed: nothing was heard for too long, or DTLS ended it. A new connection is needed.
    Closed,
}

/// A track bound to a receive slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// The `mid` of the receiver's media section.
    pub mid: String,
    /// The leg that publishes the track.
    pub publisher: LegId,
    /// What it shows, by the place of its media section in the publisher's offer.
    pub source: Source,
}

/// What flows between people in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// Pictures come from two people at least.
    Video,
    /// Pictures do not, and two people at least have sound.
    Audio,
    /// Neither.
    Neither,
}

/// Time for which a call was open, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Talk {
    /// Pictures came from two people at least.
    pub video_ms: u64,
    /// Pictures did not, and two people at least had sound.
    pub audio_ms: u64,
    /// Neither.
    pub neither_ms: u64,
}

/// Counters since the process began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SfuStats {
    /// Calls that are up.
    pub calls: u32,
    /// Peers that are connected.
    pub peers: u32,
    /// RTP packets received and authenticated.
    pub packets_in: u64,
    /// RTP packets sent: forwarded, sent again, and the padding that tries what a line takes.
    pub packets_out: u64,
    /// CPU time of the process in microseconds.
    pub cpu_micros: u64,
}
