//! How far a gate is.

use serde::{Deserialize, Serialize};
use vestibule_vocab::{Millis, PractitionerId, Redacted, Timestamp};

use super::{AfterWait, GateException, GateKind, GateRule, OpenedBy};
use crate::Code;
use crate::rules::Step;

/// One gate of a visit. It keeps the rule that held when the visit began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// What it asks for, and who opens it.
    pub rule: GateRule,
    /// How far it is.
    pub state: GateState,
    /// How often its patient had it asked again.
    pub asked_again: u32,
}

/// How far a gate is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum GateState {
    /// Not answered.
    Pending {
        /// Since when.
        since: Timestamp,
        /// Until when the answer is waited for; absent when nobody is hurried.
        expires_at: Option<Timestamp>,
    },
    /// Passed.
    Open {
        /// Who opened it.
        by: AnsweredBy,
        /// When.
        at: Timestamp,
        /// Although what it asks for is missing, for this reason.
        exception: Option<GateException>,
    },
    /// Not passed.
    Refused {
        /// Who refused.
        by: AnsweredBy,
        /// When.
        at: Timestamp,
        /// Why.
        reason: GateReason,
        /// In whose words; may be empty.
        message: Redacted<String>,
    },
    /// The outside system did not answer in time.
    Expired {
        /// When the wait was over.
        at: Timestamp,
    },
}

/// Who answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "who")]
pub enum AnsweredBy {
    /// Vestibule, from what it knows.
    BuiltIn,
    /// The visit's patient.
    Patient,
    /// A practitioner.
    Practitioner {
        /// Which.
        practitioner: PractitionerId,
    },
    /// Staff of the clinic.
    Staff,
    /// An outside system.
    System {
        /// Its name.
        system: Code,
    },
}

/// Why a gate was refused. Each variant is one stable code, and all but the last belong to one kind of gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateReason {
    /// The identity is not sure enough.
    LevelTooLow,
    /// The patient may not be seen at a distance here.
    NotEligible,
    /// The insurer does not cover the patient.
    NotEntitled,
    /// The patient does not consent.
    ConsentRefused,
    /// The patient does not consent any more.
    ConsentRevoked,
    /// The payment failed or was taken back.
    NotPaid,
    /// The consultations of this period are used up.
    QuotaReached,
    /// The devices or the network will not do.
    DeviceUnsuitable,
    /// Anything else; the message says it.
    Other,
}

/// What an answer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a change is stored before anybody is told"]
pub enum GateChange {
    /// Nothing: the gates were so already.
    Unchanged,
    /// A gate is in another state.
    Changed,
}

impl GateReason {
    /// It can be a reason to refuse such a gate.
    #[must_use]
    pub fn fits(self, gate: &GateKind) -> bool {
        match self {
            Self::LevelTooLow => matches!(gate, GateKind::Identity),
            Self::NotEligible => matches!(gate, GateKind::Eligibility),
            Self::NotEntitled => matches!(gate, GateKind::Entitlement { .. }),
            Self::ConsentRefused | Self::ConsentRevoked => matches!(gate, GateKind::Consent),
            Self::NotPaid => matches!(gate, GateKind::Payment),
            Self::QuotaReached => matches!(gate, GateKind::Quota),
            Self::DeviceUnsuitable => matches!(gate, GateKind::DeviceCheck),
            Self::Other => true,
        }
    }
}

impl AnsweredBy {
    /// A person of the clinic, whose decision stands against evidence and outside systems.
    pub(super) fn decides_by_hand(&self) -> bool {
        match self {
            Self::Practitioner { .. } | Self::Staff => true,
            Self::BuiltIn | Self::Patient | Self::System { .. } => false,
        }
    }
}

impl Gate {
    /// Asked for the first time.
    pub(super) fn new(rule: GateRule, now: Timestamp) -> Self {
        let state = GateState::pending(&rule.opened_by, now);
        Self {
            rule,
            state,
            asked_again: 0,
        }
    }

    /// Its name.
    #[must_use]
    pub fn kind(&self) -> GateKind {
        self.rule.requires.kind()
    }

    /// It is passed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, GateState::Open { .. })
    }

    /// Not answered, its answer is waited for without end.
    pub(super) fn rest(&mut self) {
        if let GateState::Pending { expires_at, .. } = &mut self.state {
            *expires_at = None;
        }
    }

    /// Not answered, it is asked as though for the first time.
    pub(super) fn ask_anew(&mut self, now: Timestamp) {
        if let GateState::Pending { .. } = self.state {
            self.state = GateState::pending(&self.rule.opened_by, now);
        }
    }

    pub(super) fn expires_at(&self) -> Option<Timestamp> {
        match self.state {
            GateState::Pending { expires_at, .. } => expires_at,
            GateState::Open { .. } | GateState::Refused { .. } | GateState::Expired { .. } => None,
        }
    }

    /// The wait is over, or was.
    pub(super) fn is_late(&self, now: Timestamp) -> bool {
        match self.state {
            GateState::Pending { expires_at, .. } => expires_at.is_some_and(|at| at <= now),
            GateState::Expired { .. } => true,
            GateState::Open { .. } | GateState::Refused { .. } => false,
        }
    }

    /// A wait that was under way when the clock was set forward is counted from now, and as long as was left of it.
    pub(super) fn set_forward(&mut self, step: Step) -> bool {
        let GateState::Pending {
            since,
            expires_at: Some(expires_at),
        } = &mut self.state
        else {
            return false;
        };
        let left = expires_at.since(step.before.max(*since));
        if *since >= step.now || left == Millis(0) || step.by() == Millis(0) {
            return false;
        }
        (*since, *expires_at) = (step.now, step.now.plus(left));
        true
    }

    /// Counts a wait that began after `now` from `now`.
    pub(super) fn step_back(&mut self, now: Timestamp) {
        match self.state {
            GateState::Pending { since, .. } if since > now => {
                self.state = GateState::pending(&self.rule.opened_by, now);
            }
            GateState::Pending { .. }
            | GateState::Open { .. }
            | GateState::Refused { .. }
            | GateState::Expired { .. } => {}
        }
    }
}

impl GateState {
    pub(super) fn pending(opened_by: &OpenedBy, since: Timestamp) -> Self {
        let expires_at = match opened_by {
            OpenedBy::System { wait, .. } => Some(since.plus(*wait)),
            OpenedBy::BuiltIn | OpenedBy::Hand => None,
        };
        Self::Pending { since, expires_at }
    }

    /// It says the same, whoever says it and in whatever words.
    pub(super) fn agrees_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Open { exception, .. }, Self::Open { exception: by, .. }) => exception == by,
            (Self::Pending { .. }, Self::Pending { .. }) => true,
            (Self::Refused { reason, .. }, Self::Refused { reason: other, .. }) => reason == other,
            (
                Self::Open { .. }
                | Self::Pending { .. }
                | Self::Refused { .. }
                | Self::Expired { .. },
                _,
            ) => false,
        }
    }

    /// Who answered, when somebody did.
    pub(super) fn by(&self) -> Option<&AnsweredBy> {
        match self {
            Self::Open { by, .. } | Self::Refused { by, .. } => Some(by),
            Self::Pending { .. } | Self::Expired { .. } => None,
        }
    }
}

impl OpenedBy {
    /// Only outside systems are waited for; the others never expire.
    pub(super) fn after_wait(&self) -> AfterWait {
        match self {
            Self::System { then, .. } => *then,
            Self::BuiltIn | Self::Hand => AfterWait::AskAgain,
        }
    }
}
