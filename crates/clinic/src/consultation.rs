//! A consultation: one practitioner with one visit's patient.

use vestibule_vocab::{ConsultationId, PatientId, PractitionerId, Redacted, Timestamp, VisitId};

/// The clinical encounter. Also the row that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consultation {
    /// Its id.
    pub id: ConsultationId,
    /// Its rank among the consultations of the clinic: which came last does not depend on the clock.
    pub number: u64,
    /// The visit that was admitted.
    pub visit: VisitId,
    /// Whose visit it is.
    pub patient: PatientId,
    /// The patient's name.
    pub name: Redacted<String>,
    /// Who admitted.
    pub practitioner: PractitionerId,
    /// When; never before the arrival.
    pub started_at: Timestamp,
    /// How and when it ended; absent while it lasts.
    pub ended: Option<Ended>,
}

/// The end of a consultation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub how: ConsultationEnd,
    /// When; never before the start.
    pub at: Timestamp,
}

/// How a consultation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConsultationEnd {
    /// The practitioner ended it.
    Completed,
    /// The patient left.
    PatientLeft,
    /// The patient was away for longer than the grace.
    PatientLost,
    /// The practitioner was away for longer than the grace; the visit waits again.
    PractitionerLost,
}
