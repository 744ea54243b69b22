//! The answers to the symptom form, and the visit that they stop when one means an emergency.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vestibule_vocab::{Redacted, Timestamp};

use super::evidence::Verdict;
use super::gates::together;
use super::{AnsweredBy, FormRefusal, GateChange, GateKind, GateRefusal, Gates};
use crate::limits::QUESTIONS;
use crate::{Answers, Code, Form, FormAnswer};

/// The European emergency number (Directive (EU) 2018/1972, article 109).
pub const EMERGENCY_NUMBER: &str = "112";

/// What is recorded of an emergency: which questions, never what was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emergency {
    /// The codes of the questions whose answers raised it, in the order of the form. They tell of
    /// somebody's health, so they are not printed.
    pub questions: Redacted<Vec<Code>>,
    /// When.
    pub at: Timestamp,
}

/// What the answers to a form did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an emergency ends the visit"]
pub enum Screening {
    /// No red flag.
    Clear {
        /// The answers, to be kept.
        answers: Answers,
        /// The first required question without an answer; `None` when the form is complete.
        missing: Option<Code>,
        /// Whether gates opened.
        change: GateChange,
    },
    /// The visit is stopped: end it as an emergency, and show [`EMERGENCY_NUMBER`].
    Emergency(Emergency),
}

impl Gates {
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
        questions.truncate(QUESTIONS);
        let emergency = Emergency {
            questions: Redacted::new(questions),
            at: now,
        };
        self.emergency = Some(emergency.clone());
        Ok(emergency)
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
}

fn opens_with_form(gate: &GateKind) -> bool {
    matches!(gate, GateKind::SymptomForm | GateKind::EmergencyScreen)
}
