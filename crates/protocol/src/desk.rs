//! The words of the desk, which both sides use: services, practitioners, urgency, duty.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use vestibule_vocab::{PractitionerId, Redacted, ServiceId, Timestamp};

/// What a patient asks for on arrival. What is absent is left to the clinic, or is as it was booked. With an appointment, a
/// `service` or `practitioner` that is not the booked one is refused (`booked_otherwise`); one that names nobody may be asked to
/// be with a practitioner of its service, or the regular one, who could have been booked for it. The language may be another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default)]
pub struct Wish {
    /// What for; absent: what the clinic offers to everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub service: Option<ServiceId>,
    /// By whom; absent: whoever is free next.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub practitioner: Option<PractitionerId>,
    /// By the patient's regular practitioner, whoever the clinic says that is; `practitioner` is left out, or is that one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<_>")]
    pub regular: bool,
    /// In which language: two or three small letters of ISO 639.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub language: Option<String>,
}

/// A patient's regular practitioner: one at most, kept across visits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RegularPractitioner {
    /// Their id.
    pub practitioner: PractitionerId,
    /// Their name.
    pub name: Redacted<String>,
    /// It is whoever reads this.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<_>")]
    pub own: bool,
}

/// Where somebody waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub enum WaitingRoom {
    /// For whoever of a service is free next.
    Service(ServiceId),
    /// For one practitioner.
    Practitioner(PractitionerId),
}

/// How soon a visit is to be seen. Staff alone set it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// In turn.
    #[default]
    Routine,
    /// Before others who came somewhat earlier.
    Soon,
    /// Before everybody who did not come much earlier.
    Urgent,
}

impl Urgency {
    /// In turn, as nearly everybody.
    #[must_use]
    pub fn is_routine(&self) -> bool {
        *self == Self::Routine
    }
}

/// Why a practitioner sees somebody before others who could be admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum OvertakeReason {
    /// For a clinical need.
    ClinicalNeed,
    /// To see again somebody whom they know.
    Continuity,
    /// Because it takes little time.
    QuickMatter,
    /// Because those before agreed to it.
    ByAgreement,
    /// To see the people of this waiting room first. Not when somebody in it is before.
    WaitingRoomFirst,
}

/// Whether a practitioner sees patients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Duty {
    /// They do.
    On,
    /// They will again.
    Break {
        /// When they are on duty again by themselves; absent: when they say so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        until: Option<Timestamp>,
    },
    /// They do not today.
    Off,
}

/// What a patient answers whose practitioner went off duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Waits on, until that one is back.
    WaitOn,
    /// Takes whoever of the service is free next; the place goes by arrival.
    TakeNext,
}

/// What a practitioner concludes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// It is done.
    Done,
    /// The patient is to be seen in person.
    InPersonNeeded,
    /// The patient was sent to emergency care.
    SentToEmergency,
    /// Nobody was there.
    NoShow,
}
