//! What a page is told of the gates that are not open.

use serde::Serialize;
use vestibule_vocab::{Redacted, Timestamp};

use super::{AfterWait, Gate, GateReason, GateRule, GateState};

/// A gate that is not open, for the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MissingGate<'a> {
    /// What it asks for, and who opens it.
    pub rule: &'a GateRule,
    /// Why it is not open.
    #[serde(flatten)]
    pub why: WhyMissing<'a>,
}

/// Why a gate is not open. Each variant is one stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum WhyMissing<'a> {
    /// Code `gate_pending`: not answered.
    GatePending {
        /// Until when the answer is waited for.
        expires_at: Option<Timestamp>,
    },
    /// Code `gate_refused`.
    GateRefused {
        /// Why.
        reason: GateReason,
        /// In whose words; may be empty.
        message: &'a Redacted<String>,
    },
    /// Code `gate_expired`: the outside system did not answer in time.
    GateExpired {
        /// What follows.
        then: AfterWait,
    },
}

impl Gate {
    /// What the page is told; `None` when it is open.
    pub(super) fn missing(&self) -> Option<MissingGate<'_>> {
        let rule = &self.rule;
        let why = match &self.state {
            GateState::Open { .. } => return None,
            GateState::Pending { expires_at, .. } => WhyMissing::GatePending {
                expires_at: *expires_at,
            },
            GateState::Refused {
                reason, message, ..
            } => WhyMissing::GateRefused {
                reason: *reason,
                message,
            },
            GateState::Expired { .. } => WhyMissing::GateExpired {
                then: self.rule.opened_by.after_wait(),
            },
        };
        Some(MissingGate { rule, why })
    }
}
