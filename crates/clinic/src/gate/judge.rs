//! Who may answer a gate, and which answer stands.

use vestibule_vocab::{Redacted, Timestamp};

use super::evidence::Verdict;
use super::{
    AfterWait, AnsweredBy, Gate, GateChange, GateException, GateKind, GateRefusal, GateState,
    OpenedBy, Requirement,
};
use crate::Code;
use crate::limits::GATE_ASKS;

impl Gate {
    /// An answer by a person of the clinic or an outside system.
    pub(super) fn answered_by(&self, by: &AnsweredBy) -> Result<(), GateRefusal> {
        let may = match (by, &self.rule.opened_by) {
            // Nobody consents in the patient's place.
            (AnsweredBy::Practitioner { .. } | AnsweredBy::Staff, _) => {
                self.kind() != GateKind::Consent
            }
            (AnsweredBy::System { system }, OpenedBy::System { system: named, .. }) => {
                system == named
            }
            (AnsweredBy::System { .. }, OpenedBy::BuiltIn | OpenedBy::Hand)
            | (AnsweredBy::BuiltIn | AnsweredBy::Patient, _) => false,
        };
        may.then_some(()).ok_or(GateRefusal::GateNotYours)
    }

    /// A person needs a reason to open what is not theirs to open; any reason must be allowed.
    pub(super) fn excepted(
        &self,
        by: &AnsweredBy,
        exception: Option<GateException>,
    ) -> Result<(), GateRefusal> {
        match exception {
            Some(exception) if !self.rule.exceptions.contains(&exception) => {
                Err(GateRefusal::ExceptionNotAllowed)
            }
            None if by.decides_by_hand() && self.rule.opened_by != OpenedBy::Hand => {
                Err(GateRefusal::ExceptionNeeded)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Evidence opens what is built in, and nothing else.
    pub(super) fn follows_evidence(&self) -> Result<(), GateRefusal> {
        match self.rule.opened_by {
            OpenedBy::BuiltIn => Ok(()),
            OpenedBy::Hand | OpenedBy::System { .. } => Err(GateRefusal::GateNotYours),
        }
    }

    /// Takes an answer whose giver may answer.
    pub(super) fn take(
        &mut self,
        by: &AnsweredBy,
        answer: GateState,
        admitted: bool,
        now: Timestamp,
    ) -> Result<GateChange, GateRefusal> {
        if self.state.agrees_with(&answer) || self.is_opened_again(by, &answer) {
            return Ok(GateChange::Unchanged);
        }
        if admitted {
            return Err(GateRefusal::Admitted);
        }
        if self.is_late(now) {
            return Err(GateRefusal::GateExpired);
        }
        if self.state.by().is_some_and(AnsweredBy::decides_by_hand) && !by.decides_by_hand() {
            return Err(GateRefusal::GateAnswered);
        }
        self.state = answer;
        Ok(GateChange::Changed)
    }

    /// It is open, and whoever opens it again has no say in why. By which exception it is open says a person of what a
    /// person opened, and evidence or a system of the rest.
    fn is_opened_again(&self, by: &AnsweredBy, answer: &GateState) -> bool {
        match (&self.state, answer) {
            (GateState::Open { by: opener, .. }, GateState::Open { .. }) => {
                opener.decides_by_hand() != by.decides_by_hand()
            }
            (
                GateState::Open { .. }
                | GateState::Pending { .. }
                | GateState::Refused { .. }
                | GateState::Expired { .. },
                _,
            ) => false,
        }
    }

    /// Takes what follows from evidence.
    pub(super) fn learn(
        &mut self,
        verdict: &Verdict,
        admitted: bool,
        now: Timestamp,
    ) -> Result<GateChange, GateRefusal> {
        self.follows_evidence()?;
        let (by, state) = match verdict {
            Verdict::Open(by) => (by, opened(by, None, now)),
            Verdict::Except(by, exception) => {
                self.excepted(by, Some(*exception))?;
                (by, opened(by, Some(*exception), now))
            }
            Verdict::Refuse(by, reason) => {
                let refused = GateState::Refused {
                    by: by.clone(),
                    at: now,
                    reason: *reason,
                    message: Redacted::default(),
                };
                (by, refused)
            }
            Verdict::NotYet => (
                &AnsweredBy::BuiltIn,
                GateState::pending(&self.rule.opened_by, now),
            ),
        };
        self.take(by, state, admitted, now)
    }

    /// Opens what nothing can open any more.
    pub(super) fn without_a_form(&mut self, now: Timestamp) {
        let pending = matches!(self.state, GateState::Pending { .. });
        if pending && self.rule.opens_by_the_form() {
            self.state = opened(&AnsweredBy::BuiltIn, None, now);
        }
    }

    /// Asks for consent to another version of the text. What an outside system opened is open.
    pub(super) fn ask_consent_to(&mut self, version: &Code, admitted: bool, now: Timestamp) {
        let by_system = matches!(self.rule.opened_by, OpenedBy::System { .. });
        let Requirement::Consent { version: asked } = &mut self.rule.requires else {
            return;
        };
        if by_system && matches!(self.state, GateState::Open { .. }) {
            return;
        }
        asked.clone_from(version);
        let not_late = matches!(
            self.state,
            GateState::Pending { .. } | GateState::Refused { .. }
        );
        if by_system && not_late && !admitted {
            self.state = GateState::pending(&self.rule.opened_by, now);
        }
    }

    /// Asks again what nobody answered in time, and for staff also what its system refused.
    pub(super) fn ask_again(
        &mut self,
        by: &AnsweredBy,
        now: Timestamp,
    ) -> Result<GateChange, GateRefusal> {
        let staff = match by {
            AnsweredBy::Practitioner { .. } | AnsweredBy::Staff => true,
            AnsweredBy::Patient => false,
            // A system that could ask itself again would never be late.
            AnsweredBy::BuiltIn | AnsweredBy::System { .. } => {
                return Err(GateRefusal::GateNotYours);
            }
        };
        let may_be_asked = self.is_late(now) || staff && self.was_refused_by_its_system();
        if !may_be_asked {
            return match self.state {
                GateState::Pending { .. } => Ok(GateChange::Unchanged),
                GateState::Open { .. } | GateState::Refused { .. } | GateState::Expired { .. } => {
                    Err(GateRefusal::GateAnswered)
                }
            };
        }
        // Staff may when nobody else may any more: a gate without exceptions would never open otherwise.
        if !staff {
            if self.rule.opened_by.after_wait() != AfterWait::AskAgain {
                return Err(GateRefusal::GateExpired);
            }
            if self.asked_again >= GATE_ASKS {
                return Err(GateRefusal::GateAskedTooOften);
            }
            self.asked_again = self.asked_again.saturating_add(1);
        }
        self.state = GateState::pending(&self.rule.opened_by, now);
        Ok(GateChange::Changed)
    }

    /// What Vestibule refused, it refuses for as long as nothing else is known; what a person refused, a person may open.
    fn was_refused_by_its_system(&self) -> bool {
        matches!(
            self.state,
            GateState::Refused {
                by: AnsweredBy::System { .. },
                ..
            }
        )
    }
}

fn opened(by: &AnsweredBy, exception: Option<GateException>, at: Timestamp) -> GateState {
    GateState::Open {
        by: by.clone(),
        at,
        exception,
    }
}
