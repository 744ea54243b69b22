//! One patient: exported, or erased.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use serde::Serialize;
use serde_json::Value as Json;
use vestibule_clinic::audit::{Actor, Entry};
use vestibule_vocab::{PatientId, VisitId};

use super::Administration;
use crate::clock::{Clock as _, SystemClock};
use crate::store::{Dossier, EraseError, Line, StoreError};

/// All that is known of a patient.
#[derive(Serialize)]
struct Export {
    patient: PatientId,
    #[serde(flatten)]
    dossier: Dossier,
    /// What was decided about their visits, and what they did.
    audit: Vec<Numbered>,
}

/// An entry of the audit log.
#[derive(Serialize)]
struct Numbered {
    sequence: u64,
    entry: Json,
}

/// What became of an erasure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erasure {
    /// It was done.
    Done {
        /// How many visits that concerned.
        visits: usize,
    },
    /// The patient is known, but nothing is left that people wrote about them.
    NothingLeft,
    /// Nothing is known of this patient.
    Unknown,
}

impl Administration {
    /// Everything about one patient as JSON; `None` when nothing is known of them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn export(&self, patient: PatientId) -> Result<Option<String>, StoreError> {
        let dossier = self.store.dossier(patient).await?;
        let known = dossier.visits.iter().map(|visit| visit.id);
        let known = known.chain(dossier.receipts.iter().map(|receipt| receipt.visit));
        let audit = self.audit_of(patient, known.collect()).await?;
        let nothing = dossier.visits.is_empty() && dossier.receipts.is_empty();
        if nothing && dossier.regular.is_none() && audit.is_empty() {
            return Ok(None);
        }
        let export = Export {
            patient,
            dossier,
            audit,
        };
        let text = serde_json::to_string_pretty(&export);
        text.map(Some).map_err(|_| StoreError::Corrupt("visits"))
    }

    /// Erases what people wrote about one patient, for good, and says so in the audit log.
    ///
    /// # Errors
    /// [`EraseError`]; nothing changed.
    pub async fn erase(&self, patient: PatientId) -> Result<Erasure, EraseError> {
        let erased = self.store.erase(patient, SystemClock.now()).await?;
        Ok(match erased {
            Some(visits) => Erasure::Done { visits },
            None if self.export(patient).await?.is_some() => Erasure::NothingLeft,
            None => Erasure::Unknown,
        })
    }

    /// What the audit log has of a patient. Visits that are forgotten are known by what the patient did in them.
    async fn audit_of(
        &self,
        patient: PatientId,
        mut visits: BTreeSet<VisitId>,
    ) -> Result<Vec<Numbered>, StoreError> {
        let mut found = Vec::new();
        let mut unreadable = false;
        let see = |line: &Line| {
            let Ok(entry) = serde_json::from_str::<Entry>(&line.entry) else {
                unreadable = true;
                return ControlFlow::Break(());
            };
            let theirs =
                entry.actor == Actor::Patient(patient) || entry.act.patient() == Some(patient);
            if theirs {
                visits.extend(entry.act.visit());
            }
            let about = entry.act.visit().is_some_and(|it| visits.contains(&it));
            if (theirs || about)
                && let Ok(entry) = serde_json::from_str(&line.entry)
            {
                let sequence = line.sequence;
                found.push(Numbered { sequence, entry });
            }
            ControlFlow::Continue(())
        };
        self.store.read_audit(see).await?;
        if unreadable {
            return Err(StoreError::Corrupt("audit"));
        }
        Ok(found)
    }
}
