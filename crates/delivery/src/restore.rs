//! The way back from the store.

use thiserror::Error;
use vestibule_vocab::{ConsultationId, ParticipantId, Role};

use crate::consultation::Consultation;
use crate::limits::CONSULTATIONS;
use crate::{Delivery, LogEntry};

/// A consultation under way, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredConsultation {
    /// Which.
    pub consultation: ConsultationId,
    /// Who is in it, and as what.
    pub roster: Vec<(ParticipantId, Role)>,
    /// Its log, in order of sequence.
    pub log: Vec<LogEntry>,
}

/// Why stored rows are not consultations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RestoreError {
    /// Two consultations have one id, or there are more consultations or people than the limits.
    #[error("the stored consultations are not distinct, or are more than the limit")]
    Consultations,
    /// Entries belong elsewhere, are out of order, or their epochs do not follow one another.
    #[error("the stored log of {0:?} was not written here")]
    Log(ConsultationId),
}

impl Delivery {
    /// The consultations that were stored. Pages and key packages come back with their sockets.
    pub fn restore(stored: Vec<StoredConsultation>) -> Result<Self, RestoreError> {
        let mut delivery = Self::new();
        if stored.len() > CONSULTATIONS {
            return Err(RestoreError::Consultations);
        }
        for one in stored {
            let consultation = restored(one)?;
            let earlier = delivery
                .consultations
                .insert(consultation.id(), consultation);
            if earlier.is_some() {
                return Err(RestoreError::Consultations);
            }
        }
        Ok(delivery)
    }
}

pub(crate) fn restored(stored: StoredConsultation) -> Result<Consultation, RestoreError> {
    let StoredConsultation {
        consultation: id,
        roster,
        log,
    } = stored;
    let mut consultation =
        Consultation::new(id, &roster).map_err(|_| RestoreError::Consultations)?;
    for entry in log {
        if !consultation.restore(entry) {
            return Err(RestoreError::Log(id));
        }
    }
    Ok(consultation)
}
