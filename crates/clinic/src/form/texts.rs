//! What a clinic says to patients, in the languages of the pages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::FormFault;
use crate::text;

/// The languages in which the pages speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageLanguage {
    /// French.
    Fr,
    /// Dutch.
    Nl,
    /// German.
    De,
    /// English.
    En,
}

/// One text in some of the languages. The clinic wrote it: it is not personal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Texts(pub BTreeMap<PageLanguage, String>);

impl Texts {
    /// The text in `language`; when the clinic wrote none, in the first language that it wrote, in
    /// the order of [`PageLanguage`]. Never empty in a form that was checked.
    #[must_use]
    pub fn in_language(&self, language: PageLanguage) -> &str {
        let text = self.0.get(&language).or_else(|| self.0.values().next());
        text.map_or("", String::as_str)
    }

    /// All languages together.
    pub(super) fn bytes(&self) -> usize {
        self.0.values().map(String::len).sum()
    }

    /// Some language is there, and none is blank or longer than `limit` characters.
    pub(super) fn check(&self, limit: usize) -> Result<(), FormFault> {
        if self.0.is_empty() {
            return Err(FormFault::TextMissing);
        }
        self.0.values().try_for_each(|text| check(text, limit))
    }
}

fn check(text: &str, limit: usize) -> Result<(), FormFault> {
    if text.trim().is_empty() {
        return Err(FormFault::TextMissing);
    }
    if !text::at_most(text, limit) {
        return Err(FormFault::TextTooLong);
    }
    if !text::is_text(text) {
        return Err(FormFault::InvalidText);
    }
    if !text::shows(text) {
        return Err(FormFault::TextMissing);
    }
    Ok(())
}
