//! A consultation: one practitioner with one visit's patient.

use serde::{Deserialize, Serialize};
use vestibule_vocab::{
    ConsultationId, PatientId, PractitionerId, Redacted, ServiceId, Timestamp, VisitId,
};

/// The clinical encounter. Also the row that is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// What it is for.
    pub service: ServiceId,
    /// Who admitted.
    pub practitioner: PractitionerId,
    /// When; never before the arrival.
    pub started_at: Timestamp,
    /// Since when it is on hold; absent while the two are together.
    pub held_since: Option<Timestamp>,
    /// How and when it ended; absent while it lasts.
    pub ended: Option<Ended>,
}

/// The end of a consultation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// How.
    pub how: ConsultationEnd,
    /// When; never before the start.
    pub at: Timestamp,
    /// Its rank among the ends of the clinic: which came last does not depend on the clock.
    pub number: u64,
}

/// How a consultation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", content = "conclusion", rename_all = "snake_case")]
pub enum ConsultationEnd {
    /// The practitioner ended it.
    Completed(Conclusion),
    /// The practitioner handed the visit on; it waits elsewhere.
    Transferred,
    /// The patient left.
    PatientLeft,
    /// The patient was away for longer than the grace.
    PatientLost,
    /// The practitioner was away for longer than the grace; the visit waits again.
    PractitionerLost,
}

/// What a practitioner concludes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// It is done.
    #[default]
    Done,
    /// The patient is to be seen in person.
    InPersonNeeded,
    /// The patient was sent to emergency care.
    SentToEmergency,
    /// Nobody was there.
    NoShow,
}
