//! A resource with what it is found by.

use vestibule_vocab::{PatientId, PractitionerId, Timestamp, VisitId};

use super::Resource;

/// A resource with what it is found by.
pub(crate) struct Found {
    /// The resource.
    pub(super) resource: Resource,
    /// Its id.
    pub(super) id: String,
    /// How it stands, in the code of its kind; empty where the kind has none.
    pub(super) status: &'static str,
    /// Whose it is.
    pub(super) patient: Option<PatientId>,
    /// Who is the practitioner in it.
    pub(super) practitioner: Option<PractitionerId>,
    /// Which visit it belongs to.
    pub(super) visit: Option<VisitId>,
    /// When it is, or was.
    pub(super) when: Option<When>,
}

/// A moment, or a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct When {
    /// Its first moment.
    pub(super) from: Timestamp,
    /// The first moment behind it; absent while it lasts.
    pub(super) to: Option<Timestamp>,
}

impl When {
    /// One moment, which lasts as long as the finest step that is counted.
    pub(super) fn at(moment: Timestamp) -> Self {
        Self {
            from: moment,
            to: Some(Timestamp(moment.0.saturating_add(1))),
        }
    }
}
