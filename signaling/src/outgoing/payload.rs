//! The shape of what other systems are sent. It is documented in `docs/webhooks.md`, and only ever grows.

use serde::Serialize;
use vestibule_clinic::audit::Actor;
use vestibule_clinic::{
    Conclusion, ConsultationEnd, DeclineReason, GateException, GateKind, GateReason, Overtake,
    Urgency, WaitingRoom,
};
use vestibule_vocab::{
    ConsultationId, ParticipantId, PatientId, PractitionerId, ServiceId, VisitId,
};

use super::EventKind;
use super::moment::Moment;

/// The whole of it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Payload {
    #[serde(rename = "type")]
    pub(super) kind: EventKind,
    /// When it happened.
    pub(super) timestamp: Moment,
    pub(super) data: Data,
}

/// What every event says, and then what its kind says.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Data {
    pub(super) visit: VisitId,
    pub(super) patient: PatientId,
    pub(super) service: ServiceId,
    /// Who did it.
    pub(super) by: Doer,
    #[serde(flatten)]
    pub(super) details: Details,
}

/// Who did something.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub(super) enum Doer {
    Patient(PatientId),
    Practitioner(PractitionerId),
    Companion(ParticipantId),
    Administration,
    /// Which key it came with is between the clinic and its log.
    System,
    Time,
}

impl From<Actor> for Doer {
    fn from(actor: Actor) -> Self {
        match actor {
            Actor::Patient(patient) => Self::Patient(patient),
            Actor::Practitioner(practitioner) => Self::Practitioner(practitioner),
            Actor::Companion(companion) => Self::Companion(companion),
            Actor::Administration => Self::Administration,
            Actor::System(_) => Self::System,
            Actor::Time => Self::Time,
        }
    }
}

/// What the kinds say beside.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Details {
    Nothing {},
    Appointment {
        starts_at: Moment,
        ends_at: Moment,
        #[serde(skip_serializing_if = "Option::is_none")]
        practitioner: Option<PractitionerId>,
    },
    Arrived {
        waiting_room: WaitingRoom,
        /// It was planned.
        appointment: bool,
    },
    Waiting {
        waiting_room: WaitingRoom,
    },
    Called {
        practitioner: PractitionerId,
    },
    Ranked {
        urgency: Urgency,
    },
    Declined {
        reason: DeclineReason,
    },
    Completed {
        conclusion: Conclusion,
    },
    Started {
        #[serde(flatten)]
        consultation: Receipt,
        /// Why before others who came earlier, if it was.
        #[serde(skip_serializing_if = "Option::is_none")]
        overtook: Option<Overtake>,
    },
    Consultation(Receipt),
    Ended {
        #[serde(flatten)]
        consultation: Receipt,
        ended_at: Moment,
        seconds: u64,
        /// `how`, and with `completed` the `conclusion`.
        #[serde(flatten)]
        how: How,
    },
    Gate {
        #[serde(flatten)]
        gate: GateKind,
        /// Who is to answer it, when that is an outside system.
        #[serde(skip_serializing_if = "Option::is_none")]
        system: Option<String>,
        /// Until when.
        #[serde(skip_serializing_if = "Option::is_none")]
        expires_at: Option<Moment>,
        #[serde(skip_serializing_if = "Option::is_none")]
        exception: Option<GateException>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<GateReason>,
    },
    Consent {
        version: String,
    },
    Note {
        consultation: ConsultationId,
    },
}

/// What a receipt says of a consultation, whatever was said in it.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Receipt {
    pub(super) consultation: ConsultationId,
    pub(super) practitioner: PractitionerId,
    pub(super) started_at: Moment,
}

/// How a consultation ended.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct How {
    how: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    conclusion: Option<Conclusion>,
}

impl From<ConsultationEnd> for How {
    fn from(end: ConsultationEnd) -> Self {
        let (how, conclusion) = match end {
            ConsultationEnd::Completed(conclusion) => ("completed", Some(conclusion)),
            ConsultationEnd::Transferred => ("transferred", None),
            ConsultationEnd::PatientLeft => ("patient_left", None),
            ConsultationEnd::PatientLost => ("patient_lost", None),
            ConsultationEnd::PractitionerLost => ("practitioner_lost", None),
        };
        Self { how, conclusion }
    }
}
