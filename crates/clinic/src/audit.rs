//! What is written down of every decision, so that it can be explained and replayed.
//!
//! An [`Entry`] says who did what to which visit, in codes: no name, no reason, no words that anybody typed.

mod replay;

mod explain;
mod overtaking;
mod words;

use serde::{Deserialize, Serialize};
use vestibule_vocab::{
    ApiKeyId, InvitationId, Millis, ParticipantId, PatientId, PractitionerId, ServiceId, Timestamp,
    VisitId,
};

pub use replay::{Contradiction, Replay, Replayed};

pub use explain::{Explanation, Sentence};
pub use overtaking::{Hindered, Hindrance, OneHindered, Overtaking, Passed};

use crate::{
    Appointment, Code, CompanionRole, ConsentAct, Duty, Event, GateException, GateKind, GateReason,
    Rank, Urgency, WaitingRoom,
};

/// One line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was decided, by the clock of the server that decided it.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What they did.
    pub act: Act,
}

/// Who does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub enum Actor {
    /// A patient.
    Patient(PatientId),
    /// A practitioner.
    Practitioner(PractitionerId),
    /// A companion.
    Companion(ParticipantId),
    /// The clinic's administration, by its file, its commands, or its rules.
    Administration,
    /// Another system, by the API key that it came with. The key's id opens nothing.
    System(ApiKeyId),
    /// The passing of time.
    Time,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Act {
    /// A service was set.
    ServiceSet {
        /// Which.
        service: ServiceId,
    },
    /// A practitioner was set.
    PractitionerSet {
        /// Who.
        practitioner: PractitionerId,
    },
    /// A practitioner's duty changed.
    DutySet {
        /// Whose.
        practitioner: PractitionerId,
        /// To what.
        duty: Duty,
    },
    /// A visit was planned.
    Booked {
        /// Which.
        visit: VisitId,
        /// For when.
        appointment: Appointment,
        /// Where it will wait, and how it would stand there.
        standing: Standing,
    },
    /// A walk-in came.
    WalkedIn {
        /// Which.
        visit: VisitId,
        /// Where it waits.
        standing: Standing,
    },
    /// A visit moved on.
    Moved {
        /// Which.
        visit: VisitId,
        /// How; without words.
        event: Event,
        /// Where it waits now, if it does.
        standing: Option<Standing>,
        /// Whom it was seen before who came earlier or stood before it, and why, if it was.
        overtook: Option<Overtaking>,
    },
    /// Staff changed how soon a visit is to be seen, and so its rank.
    Ranked {
        /// Which.
        visit: VisitId,
        /// How soon.
        urgency: Urgency,
        /// Where it waits now.
        standing: Standing,
    },
    /// A patient waits elsewhere by their own choice, because their practitioner went off duty.
    Redirected {
        /// Which.
        visit: VisitId,
        /// Where it waits now.
        standing: Standing,
    },
    /// A patient was asked whether they take whoever is free, because their practitioner went off duty or nobody speaks their
    /// language any more, and chose to wait on.
    WaitedOn {
        /// Which visit.
        visit: VisitId,
    },
    /// A gate of a visit was answered, or is open by another exception or by none any more, or nobody answered it in time; or it
    /// is asked, or not asked any more, since the visit was handed on to another service.
    Gated {
        /// Which visit.
        visit: VisitId,
        /// Which gate.
        gate: GateKind,
        /// How it stands now.
        outcome: GateOutcome,
        /// By which coded exception, if it is open by one.
        exception: Option<GateException>,
        /// Why it was refused, if it was. Logs had none of it once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<GateReason>,
    },
    /// The patient said something about consent.
    Consented {
        /// Of which visit.
        visit: VisitId,
        /// What.
        consent: ConsentAct,
        /// Of which version of the text.
        version: Code,
    },
    /// Something became of an invitation to come with the patient.
    Accompanied {
        /// To which visit.
        visit: VisitId,
        /// Which.
        invitation: InvitationId,
        /// As what.
        role: CompanionRole,
        /// What.
        step: CompanionStep,
    },
    /// Somebody is a patient's regular practitioner from now on, or nobody is.
    RegularSet {
        /// Whose.
        patient: PatientId,
        /// Who; none for nobody.
        practitioner: Option<PractitionerId>,
    },
    /// A visit that ended is not remembered any more.
    Forgotten {
        /// Which.
        visit: VisitId,
    },
    /// The clock was set forward, and of what somebody is waited for as much is left as was before.
    ClockSetForward {
        /// By how much.
        by: Millis,
    },
    /// What people wrote about a patient was erased, for good.
    Erased {
        /// Whose.
        patient: PatientId,
    },
}

impl Act {
    /// The visit that it concerns, if it concerns one.
    #[must_use]
    pub fn visit(&self) -> Option<VisitId> {
        match self {
            Self::ServiceSet { .. }
            | Self::PractitionerSet { .. }
            | Self::DutySet { .. }
            | Self::ClockSetForward { .. }
            | Self::RegularSet { .. }
            | Self::Erased { .. } => None,
            Self::Booked { visit, .. }
            | Self::WalkedIn { visit, .. }
            | Self::Moved { visit, .. }
            | Self::Ranked { visit, .. }
            | Self::Redirected { visit, .. }
            | Self::WaitedOn { visit }
            | Self::Gated { visit, .. }
            | Self::Consented { visit, .. }
            | Self::Accompanied { visit, .. }
            | Self::Forgotten { visit } => Some(*visit),
        }
    }
}

impl Act {
    /// The patient whom it names, if it does.
    #[must_use]
    pub fn patient(&self) -> Option<PatientId> {
        match self {
            Self::RegularSet { patient, .. } | Self::Erased { patient } => Some(*patient),
            Self::ServiceSet { .. }
            | Self::PractitionerSet { .. }
            | Self::DutySet { .. }
            | Self::ClockSetForward { .. }
            | Self::Booked { .. }
            | Self::WalkedIn { .. }
            | Self::Moved { .. }
            | Self::Ranked { .. }
            | Self::Redirected { .. }
            | Self::WaitedOn { .. }
            | Self::Gated { .. }
            | Self::Consented { .. }
            | Self::Accompanied { .. }
            | Self::Forgotten { .. } => None,
        }
    }
}

/// What becomes of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompanionStep {
    /// It was made.
    Invited,
    /// Somebody came by it.
    Accepted,
    /// It was taken back, and whoever came by it shown out.
    Withdrawn,
    /// Nobody came in time.
    Expired,
    /// Who came by it left for good.
    Left,
    /// Who came by it was away for too long.
    Lost,
    /// They came back after that.
    CameBack,
    /// The colleague who was asked said no.
    Declined,
}

/// How a gate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateOutcome {
    /// Asked by the service to which the visit was handed on, and not answered.
    Asked,
    /// Asked, and not answered.
    Pending,
    /// Passed.
    Open,
    /// Shut by an answer.
    Refused,
    /// Shut because nobody answered.
    Expired,
    /// Was shut, and is not asked by the service to which the visit was handed on.
    Dropped,
}

/// Where a visit waits, and what decides when it is its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Where.
    pub waiting_room: WaitingRoom,
    /// Before and behind whom.
    pub rank: Rank,
    /// The moment from which its waiting counts; the rank is earlier by its credit.
    pub counts_from: Timestamp,
}
