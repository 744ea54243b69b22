//! What was told of the visit so far, as far as it decides how the next sentence is worded.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_vocab::InvitationId;

use crate::audit::GateOutcome;
use crate::{Event, GateKind};

/// The visit's own story so far. The log may begin in its midst.
#[derive(Clone, Debug, Default)]
pub(super) struct Own {
    open: BTreeSet<GateKind>,
    /// In the order in which the log tells of them.
    invitations: BTreeMap<InvitationId, usize>,
    pub(super) stage: Stage,
}

/// How far it is, as far as a call and an end are concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::audit) enum Stage {
    /// Neither is so.
    #[default]
    GoesOn,
    /// Its patient was called, and has not come.
    Called,
    /// It ended.
    Ended,
}

impl Own {
    /// By which number an invitation is told of.
    pub(super) fn number(&mut self, invitation: InvitationId) -> usize {
        let next = self.invitations.len().saturating_add(1);
        *self.invitations.entry(invitation).or_insert(next)
    }

    /// A gate stands so now. True when it is open, as it was before.
    pub(super) fn stays_open(&mut self, gate: &GateKind, outcome: GateOutcome) -> bool {
        match outcome {
            GateOutcome::Open => !self.open.insert(gate.clone()),
            GateOutcome::Asked
            | GateOutcome::Pending
            | GateOutcome::Refused
            | GateOutcome::Expired
            | GateOutcome::Dropped => {
                self.open.remove(gate);
                false
            }
        }
    }

    pub(super) fn follow(&mut self, event: &Event) {
        self.stage = match event {
            Event::Called { .. } => Stage::Called,
            Event::Declined { .. }
            | Event::Left
            | Event::Stopped
            | Event::Cancelled
            | Event::Completed { .. }
            | Event::PatientLost
            | Event::NotCome => Stage::Ended,
            // Which gates the other service has is told after this.
            Event::Transferred { .. } => {
                self.open.clear();
                Stage::GoesOn
            }
            Event::Arrived
            | Event::Admitted { .. }
            | Event::CameBack
            | Event::Held
            | Event::Resumed
            | Event::PractitionerLost
            | Event::ExpectedAgain => Stage::GoesOn,
        };
    }
}
