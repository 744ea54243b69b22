//! All the gates of one visit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vestibule_vocab::{Redacted, Timestamp};

use super::evidence::Verdict;
use super::{
    AnsweredBy, Emergency, Evidence, FormRefusal, Gate, GateChange, GateException, GateKind,
    GateReason, GateRefusal, GateRules, GateState, MissingGate, Screening,
};
use crate::{Code, Form, FormAnswer, text};

/// The gates of one visit, in the order of the service. Also what is stored of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gates {
    gates: Vec<Gate>,
    admitted: bool,
    emergency: Option<Emergency>,
}

impl Gates {
    /// The gates of a visit that begins: all are asked, none is open.
    #[must_use]
    pub fn new(required: GateRules, now: Timestamp) -> Self {
        let rules = required.into_rules().into_iter();
        Self {
            gates: rules.map(|rule| Gate::new(rule, now)).collect(),
            admitted: false,
            emergency: None,
        }
    }

    /// Opens a gate by hand or for an outside system. A person needs an exception, unless the gate
    /// is always opened by hand.
    ///
    /// # Errors
    /// A [`GateRefusal`], and nothing changed. Any but [`GateRefusal::NotReady`] and
    /// [`GateRefusal::InvalidText`].
    pub fn open(
        &mut self,
        gate: &GateKind,
        by: AnsweredBy,
        exception: Option<GateException>,
        now: Timestamp,
    ) -> Result<GateChange, GateRefusal> {
        let admitted = self.admitted;
        let gate = self.running(gate)?;
        gate.answered_by(&by)?;
        gate.excepted(&by, exception)?;
        let open = GateState::Open {
            by: by.clone(),
            at: now,
            exception,
        };
        gate.take(&by, open, admitted, now)
    }

    /// Refuses a gate, by hand or for an outside system.
    ///
    /// # Errors
    /// A [`GateRefusal`], and nothing changed.
    pub fn refuse(
        &mut self,
        gate: &GateKind,
        by: AnsweredBy,
        reason: GateReason,
        message: &Redacted<String>,
        now: Timestamp,
    ) -> Result<GateChange, GateRefusal> {
        let admitted = self.admitted;
        let gate = self.running(gate)?;
        gate.answered_by(&by)?;
        let message = text::gate_message(message).map_err(|_| GateRefusal::InvalidText)?;
        let refused = GateState::Refused {
            by: by.clone(),
            at: now,
            reason,
            message,
        };
        gate.take(&by, refused, admitted, now)
    }

    /// Opens, refuses or shuts again the built-in gates that the evidence concerns. Learning the
    /// same again changes nothing.
    ///
    /// # Errors
    /// A [`GateRefusal`], and nothing changed: when no gate follows the evidence, when a claimed
    /// exception is not allowed, or when all the gates that it would change are settled.
    pub fn learn(
        &mut self,
        evidence: &Evidence<'_>,
        now: Timestamp,
    ) -> Result<GateChange, GateRefusal> {
        if self.emergency.is_some() {
            return Err(GateRefusal::Emergency);
        }
        let admitted = self.admitted;
        let concerned = |gate: &&mut Gate| evidence.concerns(&gate.kind());
        let answers = self
            .gates
            .iter_mut()
            .filter(concerned)
            .map(|gate| gate.learn(&evidence.verdict(&gate.rule.requires), admitted, now));
        together(answers)
    }

    /// Takes the answers to the service's form. Red flags are looked for first, in the answers that
    /// fit, and stop the visit also when the service has no emergency screen, the form is not
    /// complete, or another answer is wrong. Otherwise a complete form opens the gates that wait for
    /// it.
    ///
    /// # Errors
    /// A [`FormRefusal`], and nothing changed: an answer that does not fit;
    /// [`GateRefusal::Emergency`] when the visit was stopped before; [`GateRefusal::Admitted`] when
    /// a red flag comes after admission, with the practitioner there already.
    pub fn answer_form(
        &mut self,
        form: &Form,
        given: &Redacted<BTreeMap<Code, FormAnswer>>,
        now: Timestamp,
    ) -> Result<Screening, FormRefusal> {
        let questions = form.red_flags(&form.fitting(given));
        if !questions.is_empty() {
            return Ok(Screening::Emergency(self.stop(questions, now)?));
        }
        if self.emergency.is_some() {
            return Err(GateRefusal::Emergency.into());
        }
        let answers = form.check_so_far(given)?;
        let missing = form.first_missing(&answers).cloned();
        let change = match missing {
            Some(_) => GateChange::Unchanged,
            None => self.form_complete(now),
        };
        Ok(Screening::Clear {
            answers,
            missing,
            change,
        })
    }

    /// Stops the visit for good, because the answers to these questions mean an emergency. Also for
    /// a screen that an outside system holds. All codes but the first
    /// [`QUESTIONS`](crate::limits::QUESTIONS) are left out.
    ///
    /// # Errors
    /// [`GateRefusal::Emergency`] when it was stopped before; [`GateRefusal::Admitted`].
    pub fn stop(
        &mut self,
        mut questions: Vec<Code>,
        now: Timestamp,
    ) -> Result<Emergency, GateRefusal> {
        if self.emergency.is_some() {
            return Err(GateRefusal::Emergency);
        }
        if self.admitted {
            return Err(GateRefusal::Admitted);
        }
        questions.truncate(crate::limits::QUESTIONS);
        let emergency = Emergency {
            questions: Redacted::new(questions),
            at: now,
        };
        self.emergency = Some(emergency.clone());
        Ok(emergency)
    }

    /// Asks an outside system again that did not answer in time.
    ///
    /// # Errors
    /// A [`GateRefusal`], and nothing changed. [`GateRefusal::GateExpired`]: the service does not
    /// let the patient ask again.
    pub fn ask_again(
        &mut self,
        gate: &GateKind,
        by: &AnsweredBy,
        now: Timestamp,
    ) -> Result<GateChange, GateRefusal> {
        if self.admitted {
            return Err(GateRefusal::Admitted);
        }
        self.running(gate)?.ask_again(by, now)
    }

    /// The visit is admitted: from now on nothing but repeated answers is taken.
    ///
    /// # Errors
    /// [`GateRefusal::Emergency`], [`GateRefusal::NotReady`].
    pub fn admit(&mut self) -> Result<(), GateRefusal> {
        if self.emergency.is_some() {
            return Err(GateRefusal::Emergency);
        }
        if !self.ready() {
            return Err(GateRefusal::NotReady);
        }
        self.admitted = true;
        Ok(())
    }

    /// The visit waits again after a consultation: gates may be answered anew, open ones are open.
    pub fn wait_again(&mut self) {
        self.admitted = false;
    }

    /// Expires what nobody answered in time; tells which, in order. Coming early or late does no
    /// harm. Waits are counted anew first when the clock stepped back.
    pub fn expire(&mut self, now: Timestamp) -> Vec<GateKind> {
        self.step_back(now);
        if !self.is_running() {
            return Vec::new();
        }
        let mut expired = Vec::new();
        for gate in &mut self.gates {
            match gate.expires_at() {
                Some(at) if at <= now => {
                    gate.state = GateState::Expired { at };
                    expired.push(gate.kind());
                }
                Some(_) | None => {}
            }
        }
        expired
    }

    /// Counts waits that began after `now` from `now`: the clock has stepped back, and nobody shall
    /// wait longer because it did. To be called with whatever happens; it needs no storing, because
    /// it is done again after a restart.
    pub fn step_back(&mut self, now: Timestamp) {
        for gate in &mut self.gates {
            gate.step_back(now);
        }
    }

    /// When to call [`expire`](Self::expire); `None` when nothing is due by itself.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Timestamp> {
        if !self.is_running() {
            return None;
        }
        self.gates.iter().filter_map(Gate::expires_at).min()
    }

    /// Every gate is open, and no answer meant an emergency.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.emergency.is_none() && self.gates.iter().all(Gate::is_open)
    }

    /// The gates that are not open, in order, with codes for the page.
    pub fn missing(&self) -> impl Iterator<Item = MissingGate<'_>> {
        self.gates.iter().filter_map(Gate::missing)
    }

    /// All gates, in order.
    #[must_use]
    pub fn gates(&self) -> &[Gate] {
        &self.gates
    }

    /// What stopped the visit, when an answer meant an emergency.
    #[must_use]
    pub fn emergency(&self) -> Option<&Emergency> {
        self.emergency.as_ref()
    }

    /// A gate that somebody else answers is none of the form's business.
    fn form_complete(&mut self, now: Timestamp) -> GateChange {
        let admitted = self.admitted;
        let verdict = Verdict::Open(AnsweredBy::Patient);
        let opened = self
            .gates
            .iter_mut()
            .filter(|gate| opens_with_form(&gate.kind()))
            .map(|gate| gate.learn(&verdict, admitted, now));
        together(opened).unwrap_or(GateChange::Unchanged)
    }

    fn is_running(&self) -> bool {
        self.emergency.is_none() && !self.admitted
    }

    fn running(&mut self, kind: &GateKind) -> Result<&mut Gate, GateRefusal> {
        if self.emergency.is_some() {
            return Err(GateRefusal::Emergency);
        }
        let mut gates = self.gates.iter_mut();
        gates
            .find(|gate| gate.kind() == *kind)
            .ok_or(GateRefusal::GateNotRequired)
    }
}

impl Gate {
    fn learn(
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
}

fn opened(by: &AnsweredBy, exception: Option<GateException>, at: Timestamp) -> GateState {
    GateState::Open {
        by: by.clone(),
        at,
        exception,
    }
}

fn opens_with_form(gate: &GateKind) -> bool {
    matches!(gate, GateKind::SymptomForm | GateKind::EmergencyScreen)
}

/// What one thing did to several gates: changed when any did, else unchanged when any was so, else
/// the first refusal.
fn together(
    changes: impl Iterator<Item = Result<GateChange, GateRefusal>>,
) -> Result<GateChange, GateRefusal> {
    let mut all = Err(GateRefusal::GateNotRequired);
    for change in changes {
        all = match (all, change) {
            (Ok(GateChange::Changed), _) | (_, Ok(GateChange::Changed)) => Ok(GateChange::Changed),
            (Ok(GateChange::Unchanged), _) | (_, Ok(GateChange::Unchanged)) => {
                Ok(GateChange::Unchanged)
            }
            (Err(GateRefusal::GateNotRequired), Err(refusal)) => Err(refusal),
            (Err(earlier), Err(_)) => Err(earlier),
        };
    }
    all
}
