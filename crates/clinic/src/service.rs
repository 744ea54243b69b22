//! What can be consulted for.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use vestibule_vocab::ServiceId;

use crate::limits::{CODE_CHARS, LANGUAGES, NAME_CHARS, PRICE_CHARS};
use crate::{Language, Order, Refusal, text};

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
    /// Who comes before whom.
    pub order: Order,
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
            order: Order::default(),
        }
    }

    /// As it is kept: trimmed, within the limits.
    pub(crate) fn checked(self) -> Result<Self, Refusal> {
        if !is_code(&self.specialty) {
            return Err(Refusal::InvalidCode);
        }
        if self.languages.len() > LANGUAGES {
            return Err(Refusal::TooMany);
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
