//! Companions: those who come with a patient, by invitation.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use vestibule_vocab::{ConsultationId, InvitationId, Redacted};

use crate::server::{ClinicCard, ConsultationView, Leg};

/// As what somebody comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CompanionRole {
    /// A parent or guardian.
    Parent,
    /// An interpreter.
    Interpreter,
    /// A second practitioner.
    SecondPractitioner,
    /// Anybody else whom the patient wants there.
    Other,
}

/// An invitation that stands, as the patient and the practitioner see it, or that a colleague declined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct InvitationView {
    /// Which.
    pub invitation: InvitationId,
    /// As what.
    pub role: CompanionRole,
    /// Which practitioner of the clinic it is for; absent when it is for whoever has the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub colleague: Option<Redacted<String>>,
    /// Who came by it; absent before somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<Redacted<String>>,
    /// Who came by it is there now.
    pub connected: bool,
    /// The practitioner whom it was for said no. A patient is not shown it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(as = "Option<bool>", optional)]
    pub declined: bool,
}

/// That a colleague asks a practitioner to come along, as the one who is asked sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AskedAlong {
    /// By which invitation.
    pub invitation: InvitationId,
    /// Who asks.
    pub by: Redacted<String>,
    /// They came, and have a seat.
    pub joined: bool,
}

/// All that a companion sees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct CompanionSnapshot {
    /// Grows with every change, also across a restart of the server.
    #[ts(type = "number")]
    pub revision: u64,
    /// Where they are.
    pub card: ClinicCard,
    /// As what they are invited; absent when nothing is known of the invitation any more.
    pub role: Option<CompanionRole>,
    /// What they are called, where the clinic knows it; then what `arrive` says is of no matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<Redacted<String>>,
    /// With whom they come; absent before they accept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub patient: Option<Redacted<String>>,
    /// How far it is.
    pub state: CompanionState,
    /// A leg to connect, while they are in the consultation.
    pub leg: Option<Leg>,
    /// The consultation, while it lasts.
    pub consultation: Option<ConsultationView>,
}

/// How far a companion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CompanionState {
    /// They have not said who they are yet: `arrive` accepts the invitation.
    Invited,
    /// Waits with the patient.
    Waiting {
        /// The patient's place, from 1; absent before the patient has come, and when called.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        place: Option<u32>,
    },
    /// In the consultation.
    InConsultation {
        /// Which.
        consultation: ConsultationId,
    },
    /// They were away for too long and take no part; `arrive` brings them back. The page of a practitioner who saw
    /// somebody else meanwhile is the only one that stays here: all others are back with their socket.
    Away,
    /// The practitioner goes on with the consultation later.
    OnHold {
        /// Which.
        consultation: ConsultationId,
    },
    /// Over, for good.
    Over {
        /// Why.
        why: CompanionEnd,
    },
}

/// Why there is no place for a companion any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CompanionEnd {
    /// They left.
    Left,
    /// The invitation was taken back.
    Withdrawn,
    /// The invitation was not accepted in time.
    Expired,
    /// The patient's visit is over.
    VisitEnded,
}
