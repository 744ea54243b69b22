//! What can be consulted for.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use vestibule_vocab::{Millis, ServiceId};

use crate::calendar::OpeningHours;
use crate::limits::{CODE_CHARS, LANGUAGES, NAME_CHARS, PRICE_CHARS};
use crate::quota::Quota;
use crate::{Form, GateRule, GateRules, Language, Order, Refusal, text};

/// A service of the clinic, as it sets it. Also the row that is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// What people read: one line, 1 to 100 characters.
    pub name: String,
    /// A code such as `general_practice` or `dermatology`: 1 to 40 small letters, digits and underscores.
    pub specialty: String,
    /// What it is offered in; empty when the clinic does not say. At most 16.
    pub languages: BTreeSet<Language>,
    /// What it costs, in words: at most 300 characters.
    pub price: String,
    /// What is paid back, in words: at most 300 characters.
    pub reimbursement: String,
    /// It takes new visits. Those that wait are seen all the same.
    pub open: bool,
    /// When it takes new visits.
    #[serde(default)]
    pub hours: OpeningHours,
    /// Who comes before whom.
    pub order: Order,
    /// What a visit passes before it can be admitted.
    #[serde(default)]
    pub gates: GateRules,
    /// What is asked of a patient who waits.
    #[serde(default)]
    pub form: Option<Form>,
    /// How many consultations a patient has in a period; absent for as many as they like.
    #[serde(default)]
    pub quota: Option<Quota>,
    /// The queue closes before it promises more than the shifts of its practitioners can hold; absent where it is as long
    /// as people like.
    #[serde(default)]
    pub promise: Option<ShiftPromise>,
}

/// By what a queue is held to what the shifts can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShiftPromise {
    /// How long a consultation takes that is longer than most.
    pub typical: Millis,
    /// How long before their shift a practitioner is counted on.
    pub lead: Millis,
}

impl Service {
    /// A service that takes walk-ins and says no more than its name.
    #[must_use]
    pub fn named(id: ServiceId, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            specialty: "general_practice".to_owned(),
            languages: BTreeSet::new(),
            price: String::new(),
            reimbursement: String::new(),
            open: true,
            hours: OpeningHours::default(),
            order: Order::default(),
            gates: GateRules::default(),
            form: None,
            quota: None,
            promise: None,
        }
    }

    /// Gates that are built in open by a form that asks something, or never.
    ///
    /// # Errors
    /// [`Refusal::FormMissing`].
    pub fn has_its_form(&self) -> Result<(), Refusal> {
        let asks = self
            .form
            .as_ref()
            .is_some_and(|form| !form.questions().is_empty());
        if !asks && self.gates.rules().iter().any(GateRule::opens_by_the_form) {
            return Err(Refusal::FormMissing);
        }
        Ok(())
    }

    /// As it is kept: trimmed, within the limits.
    ///
    /// # Errors
    /// The [`Refusal`] of what it never can be.
    pub fn checked(self) -> Result<Self, Refusal> {
        if !is_code(&self.specialty) {
            return Err(Refusal::InvalidCode);
        }
        if self.languages.len() > LANGUAGES {
            return Err(Refusal::TooMany);
        }
        self.has_its_form()?;
        if self.order.urgent < self.order.soon {
            return Err(Refusal::InvalidOrder);
        }
        Ok(Self {
            name: text::line(&self.name, NAME_CHARS).ok_or(Refusal::InvalidName)?,
            price: text::lines(&self.price, PRICE_CHARS).ok_or(Refusal::InvalidText)?,
            reimbursement: text::lines(&self.reimbursement, PRICE_CHARS)
                .ok_or(Refusal::InvalidText)?,
            ..self
        })
    }
}

fn is_code(code: &str) -> bool {
    let fits = (1..=CODE_CHARS).contains(&code.len());
    fits && code
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
