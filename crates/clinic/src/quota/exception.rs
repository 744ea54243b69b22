//! Exceptions from the quota.

use serde::{Deserialize, Serialize};
use vestibule_vocab::{PractitionerId, Redacted};

use crate::{Refusal, text};

/// Why somebody may have a consultation beyond the quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionCode {
    /// It cannot wait, as staff judged.
    Urgent,
    /// A practitioner asked the patient to come back.
    FollowUp,
    /// The patient's own doctor is not available.
    OwnDoctorUnavailable,
    /// An earlier consultation failed for technical reasons.
    TechnicalFailure,
    /// Another reason, which the words name.
    Other,
}

/// One patient's leave to pass the quota. [`Exception::new`] reads what somebody typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Why, as a code.
    pub code: ExceptionCode,
    /// Who granted it.
    pub granted_by: PractitionerId,
    /// Why, in their own words, trimmed; may be empty.
    pub words: Redacted<String>,
}

impl Exception {
    /// An exception; refused with [`Refusal::InvalidText`] when the words are too long or not text.
    pub fn new(
        code: ExceptionCode,
        granted_by: PractitionerId,
        words: &Redacted<String>,
    ) -> Result<Self, Refusal> {
        let words = text::exception_words(words)?;
        Ok(Self {
            code,
            granted_by,
            words,
        })
    }
}
