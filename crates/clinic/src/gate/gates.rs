//! All the gates of one visit.

use serde::{Deserialize, Serialize};
use vestibule_vocab::{Redacted, Timestamp};

use super::{
    AnsweredBy, Emergency, Evidence, Gate, GateChange, GateException, GateKind, GateReason,
    GateRefusal, GateRules, GateState, MissingGate,
};
use crate::{Code, Consent, ConsentAct, text};

/// The gates of one visit, in the order of the service. Also what is stored of them.
///
/// Each is opened by whom its rule names: by Vestibule from what it knows ([`Evidence`]), by a person
/// of the clinic, or by an outside system that must answer within a wait. Who may change what:
///
/// - The same answer again changes nothing, also after admission: a repeated request does no harm. Open by another
///   exception, or by none any more, is another answer.
/// - Before admission, whoever answered may take the answer back. A payment that bounces shuts its
///   gate again, and a declined card may be followed by a good one.
/// - What a practitioner or staff decided stands against evidence and outside systems. They may
///   open any gate with a coded exception, but nobody consents in the patient's place.
/// - A gate that was not answered in time is expired. It stays so, whatever comes late, until it is
///   asked again by somebody who may.
/// - What its system refused, the system may open later. It is asked again by staff alone.
/// - A red flag stops the visit for good: see [`Emergency`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gates {
    pub(super) gates: Vec<Gate>,
    pub(super) admitted: bool,
    pub(super) emergency: Option<Emergency>,
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
        if !reason.fits(&gate.kind()) {
            return Err(GateRefusal::ForeignReason);
        }
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

    /// There is no form any more: what it was to open is open, unless it was answered otherwise.
    pub(crate) fn without_a_form(&mut self, now: Timestamp) {
        if self.is_running() {
            self.gates
                .iter_mut()
                .for_each(|gate| gate.without_a_form(now));
        }
    }

    /// The version of the text that consent is asked to, if it is asked for.
    #[must_use]
    pub fn consent_asked(&self) -> Option<&Code> {
        self.gates.iter().find_map(|gate| gate.rule.requires.text())
    }

    /// The service asks for consent to this version of the text from now on. Whoever consented to what was asked before is
    /// not asked anew, and nobody is once an emergency stopped the visit.
    pub(crate) fn ask_consent_to(&mut self, version: &Code, consent: &Consent, now: Timestamp) {
        let asked = self.consent_asked();
        let stands = asked.is_none_or(|asked| {
            asked == version || consent.act_on(asked) == Some(ConsentAct::Given)
        });
        if stands || self.emergency.is_some() {
            return;
        }
        let admitted = self.admitted;
        self.gates
            .iter_mut()
            .for_each(|gate| gate.ask_consent_to(version, admitted, now));
        // An outside system's gate follows nothing but its answer, and after admission none moves.
        let _ = self.learn(&Evidence::Consent(consent), now);
    }

    /// Asks an outside system again that did not answer in time. Staff may have it asked again when it refused, too.
    ///
    /// # Errors
    /// A [`GateRefusal`], and nothing changed. [`GateRefusal::GateExpired`]: the service does not
    /// let the patient ask again. [`GateRefusal::GateAnswered`]: it is open, or was refused by somebody else.
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

    /// The patient went, and is expected: nobody is hurried by a gate that is not answered.
    pub(crate) fn rest(&mut self) {
        self.admitted = false;
        self.gates.iter_mut().for_each(Gate::rest);
    }

    /// The patient came again: what is not answered is asked anew, and what was answered stands.
    pub(crate) fn ask_anew(&mut self, now: Timestamp) {
        self.gates.iter_mut().for_each(|gate| gate.ask_anew(now));
    }

    /// Every gate is open, and no answer meant an emergency.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.emergency.is_none() && self.gates.iter().all(Gate::is_open)
    }

    /// The gates that are not open, in order, with codes for the page. When there is an
    /// [`emergency`](Self::emergency), the page shows that instead.
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

    pub(super) fn is_running(&self) -> bool {
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

/// What one thing did to several gates: changed when any did, else unchanged when any was so, else
/// the first refusal.
pub(super) fn together(
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
