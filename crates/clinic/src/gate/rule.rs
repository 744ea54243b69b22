//! Which gates a service requires, and who opens each.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vestibule_vocab::Millis;

use super::{GateException, GateKind, Requirement};
use crate::Code;
use crate::limits::{COMPANIONS, GATE_WAIT_MAX, GATE_WAIT_MIN, GATES};

/// One gate of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateRule {
    /// What it asks for.
    pub requires: Requirement,
    /// Who opens it.
    pub opened_by: OpenedBy,
    /// The exceptions that this service allows.
    #[serde(default)]
    pub exceptions: BTreeSet<GateException>,
}

/// Who opens a gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "who")]
pub enum OpenedBy {
    /// Vestibule itself, from [`Evidence`](super::Evidence). There is none for entitlement and
    /// payment.
    BuiltIn,
    /// A practitioner or staff, each time.
    Hand,
    /// An outside system, through the API.
    System {
        /// Its name.
        system: Code,
        /// How long its answer is waited for.
        wait: Millis,
        /// What follows when it does not come.
        then: AfterWait,
    },
}

/// What follows when an outside system did not answer in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterWait {
    /// The gate stays shut; only a practitioner or staff may have it asked again.
    Refuse,
    /// The patient too may ask again.
    AskAgain,
}

/// The gates of a service that were checked, in the order in which they are shown. Reading them
/// back from the store checks them again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<GateRule>", into = "Vec<GateRule>")]
pub struct GateRules(Vec<GateRule>);

/// Why gates were not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}: {fault}", .gate.as_ref().map_or("gates".to_owned(), ToString::to_string))]
pub struct GateRuleError {
    /// What is wrong.
    pub fault: GateRuleFault,
    /// With which gate; absent when it is all of them.
    pub gate: Option<GateKind>,
}

/// What may be wrong with the gates of a service. Each variant is one stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Error)]
#[serde(rename_all = "snake_case")]
pub enum GateRuleFault {
    /// Code `too_many_gates`.
    #[error("there are too many gates")]
    TooManyGates,
    /// Code `too_many_companions`.
    #[error("more companions are required than a consultation has room for")]
    TooManyCompanions,
    /// Code `duplicate_gate`.
    #[error("the gate is there twice")]
    DuplicateGate,
    /// Code `not_built_in`.
    #[error("nothing built in can open the gate")]
    NotBuiltIn,
    /// Code `invalid_wait`.
    #[error("the wait is too short or too long")]
    InvalidWait,
    /// Code `foreign_exception`.
    #[error("an exception belongs to another kind of gate")]
    ForeignException,
    /// Code `asks_nothing`.
    #[error("the gate asks for nothing")]
    AsksNothing,
    /// Code `patient_only`.
    #[error("nobody but the patient can open the gate")]
    PatientOnly,
}

impl GateRuleFault {
    /// Each of them, for whoever says what the codes mean.
    pub const ALL: [Self; 8] = [
        Self::TooManyGates,
        Self::TooManyCompanions,
        Self::DuplicateGate,
        Self::NotBuiltIn,
        Self::InvalidWait,
        Self::ForeignException,
        Self::AsksNothing,
        Self::PatientOnly,
    ];
}

impl GateRules {
    /// Checks the gates of a service.
    ///
    /// # Errors
    /// The first [`GateRuleError`], which names the gate.
    pub fn new(rules: Vec<GateRule>) -> Result<Self, GateRuleError> {
        if rules.len() > GATES {
            return Err(GateRuleFault::TooManyGates.at(None));
        }
        let mut seen = BTreeSet::new();
        for rule in &rules {
            let gate = rule.requires.kind();
            rule.check(&gate)
                .map_err(|fault| fault.at(Some(gate.clone())))?;
            if !seen.insert(gate.clone()) {
                return Err(GateRuleFault::DuplicateGate.at(Some(gate)));
            }
        }
        let is_companion = |gate: &&GateKind| matches!(gate, GateKind::Companion { .. });
        if seen.iter().filter(is_companion).count() > COMPANIONS {
            return Err(GateRuleFault::TooManyCompanions.at(None));
        }
        Ok(Self(rules))
    }

    /// The version of the text that consent is asked to, if it is asked for.
    pub(crate) fn consent_asked(&self) -> Option<&Code> {
        self.0.iter().find_map(|rule| rule.requires.text())
    }

    /// The rules, in order.
    #[must_use]
    pub fn rules(&self) -> &[GateRule] {
        &self.0
    }

    pub(super) fn into_rules(self) -> Vec<GateRule> {
        self.0
    }
}

impl TryFrom<Vec<GateRule>> for GateRules {
    type Error = GateRuleError;

    fn try_from(rules: Vec<GateRule>) -> Result<Self, GateRuleError> {
        Self::new(rules)
    }
}

impl From<GateRules> for Vec<GateRule> {
    fn from(rules: GateRules) -> Self {
        rules.into_rules()
    }
}

impl GateRule {
    /// Answers to the service's form open it, and nothing else that comes by itself.
    pub(crate) fn opens_by_the_form(&self) -> bool {
        let of_the_form = matches!(
            self.requires,
            Requirement::SymptomForm | Requirement::EmergencyScreen
        );
        of_the_form && self.opened_by == OpenedBy::BuiltIn
    }

    fn check(&self, gate: &GateKind) -> Result<(), GateRuleFault> {
        match &self.opened_by {
            OpenedBy::BuiltIn if !has_evidence(gate) => return Err(GateRuleFault::NotBuiltIn),
            OpenedBy::Hand if matches!(gate, GateKind::Consent) => {
                return Err(GateRuleFault::PatientOnly);
            }
            OpenedBy::System { wait, .. } if !(GATE_WAIT_MIN..=GATE_WAIT_MAX).contains(wait) => {
                return Err(GateRuleFault::InvalidWait);
            }
            OpenedBy::BuiltIn | OpenedBy::Hand | OpenedBy::System { .. } => {}
        }
        if self
            .exceptions
            .iter()
            .any(|exception| !exception.fits(gate))
        {
            return Err(GateRuleFault::ForeignException);
        }
        match &self.requires {
            Requirement::Eligibility { any_of, all_of }
                if any_of.is_empty() && all_of.is_empty() =>
            {
                Err(GateRuleFault::AsksNothing)
            }
            Requirement::Identity { .. }
            | Requirement::Eligibility { .. }
            | Requirement::Entitlement { .. }
            | Requirement::Consent { .. }
            | Requirement::SymptomForm
            | Requirement::EmergencyScreen
            | Requirement::Payment
            | Requirement::Quota
            | Requirement::Companion { .. }
            | Requirement::DeviceCheck => Ok(()),
        }
    }
}

impl GateRuleFault {
    fn at(self, gate: Option<GateKind>) -> GateRuleError {
        GateRuleError { fault: self, gate }
    }
}

/// Money and cover are known outside only.
fn has_evidence(gate: &GateKind) -> bool {
    match gate {
        GateKind::Entitlement { .. } | GateKind::Payment => false,
        GateKind::Identity
        | GateKind::Eligibility
        | GateKind::Consent
        | GateKind::SymptomForm
        | GateKind::EmergencyScreen
        | GateKind::Quota
        | GateKind::Companion { .. }
        | GateKind::DeviceCheck => true,
    }
}
