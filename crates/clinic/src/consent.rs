//! The patient's consent, with all that became of it.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vestibule_vocab::Timestamp;

use crate::Code;
use crate::limits::CONSENT_ENTRIES;

/// The consent of one visit's patient: an append-only history. Also what is stored of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Consent {
    entries: Vec<ConsentEntry>,
}

/// One thing that the patient said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentEntry {
    /// What.
    pub act: ConsentAct,
    /// When; never before the entry before.
    pub at: Timestamp,
    /// To which version of the text.
    pub version: Code,
}

/// What a patient says about consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentAct {
    /// Yes.
    Given,
    /// No.
    Refused,
    /// Not any more.
    Revoked,
}

/// What an act did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a change is stored before anybody is told"]
pub enum ConsentChange {
    /// Nothing: it was so already.
    Unchanged,
    /// It is recorded.
    Recorded,
    /// It is recorded, and the practitioner in the consultation must be told at once. The
    /// consultation goes on: the practitioner ends it, or closes the record.
    TellPractitioner,
}

/// Why an act was not taken. Each variant is one stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Error)]
#[serde(rename_all = "snake_case")]
pub enum ConsentRefusal {
    /// Code `consent_not_asked`.
    #[error("this version of the text is not asked for")]
    ConsentNotAsked,
    /// Code `no_consent`.
    #[error("there is no consent to revoke")]
    NoConsent,
    /// Code `consent_changed_too_often`.
    #[error("the consent was given and taken back too often")]
    ConsentChangedTooOften,
}

impl Consent {
    /// The patient consents to this version of the text.
    ///
    /// # Errors
    /// [`ConsentRefusal::ConsentChangedTooOften`], and nothing changed.
    pub fn give(
        &mut self,
        version: &Code,
        now: Timestamp,
    ) -> Result<ConsentChange, ConsentRefusal> {
        if self.act_on(version) == Some(ConsentAct::Given) {
            return Ok(ConsentChange::Unchanged);
        }
        // One place is kept, so that what is given can always be taken back.
        if self.entries.len().saturating_add(1) >= CONSENT_ENTRIES {
            return Err(ConsentRefusal::ConsentChangedTooOften);
        }
        self.append(ConsentAct::Given, version, now);
        Ok(ConsentChange::Recorded)
    }

    /// The patient does not consent to this version of the text. After having consented to it, that
    /// is to revoke.
    ///
    /// # Errors
    /// [`ConsentRefusal::ConsentChangedTooOften`], and nothing changed.
    pub fn refuse(
        &mut self,
        version: &Code,
        in_consultation: bool,
        now: Timestamp,
    ) -> Result<ConsentChange, ConsentRefusal> {
        match self.act_on(version) {
            Some(ConsentAct::Given) => self.revoke(in_consultation, now),
            Some(ConsentAct::Refused | ConsentAct::Revoked) => Ok(ConsentChange::Unchanged),
            None if self.entries.len() >= CONSENT_ENTRIES => {
                Err(ConsentRefusal::ConsentChangedTooOften)
            }
            None => {
                let given = self.is_given();
                self.append(ConsentAct::Refused, version, now);
                Ok(told(given && in_consultation))
            }
        }
    }

    /// The patient takes back the consent, whatever version it was given to.
    ///
    /// # Errors
    /// [`ConsentRefusal::NoConsent`] when none is given; nothing changed.
    pub fn revoke(
        &mut self,
        in_consultation: bool,
        now: Timestamp,
    ) -> Result<ConsentChange, ConsentRefusal> {
        let last = self.entries.last().ok_or(ConsentRefusal::NoConsent)?;
        match last.act {
            ConsentAct::Given => {
                let version = last.version.clone();
                self.append(ConsentAct::Revoked, &version, now);
                Ok(told(in_consultation))
            }
            ConsentAct::Revoked => Ok(ConsentChange::Unchanged),
            ConsentAct::Refused => Err(ConsentRefusal::NoConsent),
        }
    }

    /// The patient may say this of this version of the text, where that one is asked for. What was said of a text may be
    /// said again, and taken back, whatever is asked for now; consent is given to nothing but what is asked for.
    ///
    /// # Errors
    /// [`ConsentRefusal::ConsentNotAsked`].
    pub(crate) fn may_say(
        &self,
        act: ConsentAct,
        version: &Code,
        asked: Option<&Code>,
    ) -> Result<(), ConsentRefusal> {
        let taken = match act {
            ConsentAct::Given => asked == Some(version),
            ConsentAct::Refused => asked == Some(version) || self.act_on(version).is_some(),
            ConsentAct::Revoked => true,
        };
        taken.then_some(()).ok_or(ConsentRefusal::ConsentNotAsked)
    }

    /// What was last said, when it was said of this version; what was said of another version does
    /// not hold for this one.
    #[must_use]
    pub fn act_on(&self, version: &Code) -> Option<ConsentAct> {
        let last = self.entries.last()?;
        (last.version == *version).then_some(last.act)
    }

    /// Consent is given now, to whatever version.
    #[must_use]
    pub fn is_given(&self) -> bool {
        let last = self.entries.last();
        last.is_some_and(|last| last.act == ConsentAct::Given)
    }

    /// All that was said, in order.
    #[must_use]
    pub fn history(&self) -> &[ConsentEntry] {
        &self.entries
    }

    fn append(&mut self, act: ConsentAct, version: &Code, now: Timestamp) {
        let last = self.entries.last().map(|entry| entry.at);
        self.entries.push(ConsentEntry {
            act,
            at: last.map_or(now, |last| last.max(now)),
            version: version.clone(),
        });
    }
}

fn told(practitioner: bool) -> ConsentChange {
    if practitioner {
        ConsentChange::TellPractitioner
    } else {
        ConsentChange::Recorded
    }
}
