//! What signaling tells the SFU.

use serde::{Deserialize, Serialize};
use vestibule_vocab::{CallId, LegId};

/// A message to the SFU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ToSfu {
    /// The first message on the link. The SFU answers with `hello`.
    Hello {
        /// [`crate::CONTROL_VERSION`].
        version: u16,
    },
    /// Sets a call as it should be: legs that are missing may connect from now on, legs that are not
    /// listed are closed. Repeating it changes nothing.
    SetCall(CallPlan),
    /// Closes a call and all its legs.
    CloseCall {
        /// Which.
        call: CallId,
    },
    /// Connects a leg's peer or restarts its ICE. The SFU answers with `answer` or `refused`.
    Offer {
        /// Repeated in the answer.
        request: u64,
        /// The call.
        call: CallId,
        /// The leg; it must be in the call's plan.
        leg: LegId,
        /// A number not seen on this leg replaces its peer, the same again restarts its ICE.
        connection: u32,
        /// The offer.
        sdp: String,
    },
    /// Says how much of the others' pictures is of use to a leg; replaces what was said before on this connection.
    Watch {
        /// The call.
        call: CallId,
        /// The receiving leg.
        leg: LegId,
        /// Its peer.
        connection: u32,
        /// The slots that show less than everything; five at most.
        pictures: Vec<Watched>,
    },
    /// Stops the process, closing every call.
    Shutdown,
}

/// How much of a slot's picture is of use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watched {
    /// The slot's `mid` in the leg's offer.
    pub mid: String,
    /// So many layers, the smallest first; 0 while nothing is shown.
    pub layers: u8,
}

/// A call as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallPlan {
    /// Which.
    pub call: CallId,
    /// The authorised legs, at most five.
    pub legs: Vec<LegId>,
    /// Until this is true nothing is forwarded from any leg to any other.
    pub open: bool,
}
