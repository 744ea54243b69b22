//! What becomes of the gates of a visit that is handed on to another service.

use vestibule_vocab::Timestamp;

use super::{
    AnsweredBy, Evidence, Gate, GateKind, GateRefusal, GateRule, GateRules, GateState, Gates,
    Known, OpenedBy, Requirement,
};
use crate::Consent;

impl Gates {
    /// The gates of the service to which the visit is handed on. What was answered and is asked there in the same way is not
    /// asked twice; whether both have the same form says whether answers to it count.
    pub(crate) fn handed_on(&self, required: GateRules, same_form: bool, now: Timestamp) -> Self {
        let rules = required.into_rules().into_iter();
        let gates = rules.map(|rule| {
            let kind = rule.requires.kind();
            let before = self.gates.iter().find(|gate| gate.kind() == kind);
            match before.filter(|gate| gate.counts_for(&rule, same_form)) {
                Some(gate) => Gate {
                    rule,
                    ..gate.clone()
                },
                None => Gate::new(rule, now),
            }
        });
        Self {
            gates: gates.collect(),
            admitted: false,
            emergency: self.emergency.clone(),
        }
    }

    /// What is known already is not asked. A gate that is open follows consent alone, which may have been taken back.
    pub(crate) fn learn_what_is_known(&mut self, known: &Known, consent: &Consent, now: Timestamp) {
        // A service without one of these gates has nothing to learn.
        let _ = self.learn(&Evidence::Consent(consent), now);
        if let Some(level) = known.level.filter(|_| self.is_shut(&GateKind::Identity)) {
            let _ = self.learn(&Evidence::Identity(level), now);
        }
        if self.is_shut(&GateKind::Eligibility) {
            let evidence = |claimed| Evidence::Eligibility {
                relations: &known.relations,
                claimed,
            };
            let learnt = self.learn(&evidence(known.claimed), now);
            if learnt == Err(GateRefusal::ExceptionNotAllowed) {
                let _ = self.learn(&evidence(None), now);
            }
        }
    }

    fn is_shut(&self, kind: &GateKind) -> bool {
        let mut gates = self.gates.iter();
        gates.any(|gate| gate.kind() == *kind && !gate.is_open())
    }
}

impl Gate {
    /// How it stands says how a gate of the same kind stands that another service asks for by this rule.
    fn counts_for(&self, rule: &GateRule, same_form: bool) -> bool {
        let by_whom = match (&self.rule.opened_by, &rule.opened_by) {
            (OpenedBy::BuiltIn, OpenedBy::BuiltIn) | (OpenedBy::Hand, OpenedBy::Hand) => true,
            (OpenedBy::System { system, .. }, OpenedBy::System { system: other, .. }) => {
                system == other
            }
            (OpenedBy::BuiltIn | OpenedBy::Hand | OpenedBy::System { .. }, _) => false,
        };
        by_whom && asks_no_more(&self.rule, rule, same_form) && self.stands_under(rule)
    }

    /// An answer that would have been taken there, too. A system is asked again for what it did not open: it may be another
    /// matter there.
    fn stands_under(&self, rule: &GateRule) -> bool {
        match &self.state {
            GateState::Open { exception, .. } => {
                exception.is_none_or(|exception| rule.exceptions.contains(&exception))
            }
            GateState::Refused { by, .. } => !matches!(by, AnsweredBy::System { .. }),
            GateState::Pending { .. } => !matches!(rule.opened_by, OpenedBy::System { .. }),
            GateState::Expired { .. } => false,
        }
    }
}

/// Whoever passed the first has what the second asks for.
fn asks_no_more(first: &GateRule, second: &GateRule, same_form: bool) -> bool {
    match (&first.requires, &second.requires) {
        (Requirement::Identity { level }, Requirement::Identity { level: asked }) => level >= asked,
        // How many consultations somebody had is another number in each service.
        (Requirement::Quota, Requirement::Quota) => false,
        (one, other) => one == other && (same_form || !second.opens_by_the_form()),
    }
}
