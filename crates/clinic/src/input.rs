//! What can happen to a clinic.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use vestibule_vocab::{
    ConsultationId, InvitationId, Millis, ParticipantId, PatientId, PractitionerId, Redacted,
    ServiceId, VisitId,
};

use crate::quota::{Had, History};
use crate::{
    Answer, AnsweredBy, Appointment, Choice, Code, CompanionRole, Conclusion, ConsentAct,
    DeclineReason, Duty, FormAnswer, GateException, GateKind, GateReason, IdentityLevel, Language,
    Overtake, Practitioner, Relation, Service, Urgency, WaitingRoom,
};

/// One thing that happened, or that somebody asked for. Who may ask for what by their role is
/// settled before: a request's `patient` or `practitioner` is the session's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Input {
    /// The clinic makes a service, or sets it anew.
    SetService {
        /// As it shall be.
        service: Box<Service>,
    },
    /// The clinic registers a practitioner, or sets them anew.
    SetPractitioner {
        /// As they shall be.
        practitioner: Box<Practitioner>,
    },
    /// A practitioner goes on duty, on a break, or off duty.
    SetDuty {
        /// Who.
        practitioner: PractitionerId,
        /// What.
        duty: Duty,
    },
    /// The clinic says who a patient's regular practitioner is from now on, or that it is nobody.
    SetRegular {
        /// Whose.
        patient: PatientId,
        /// Who; `None` for nobody.
        regular: Option<PractitionerId>,
    },
    /// A patient has a socket open again. Means nothing before they arrive.
    PatientConnected {
        /// Who.
        patient: PatientId,
    },
    /// A patient has no socket open any more.
    PatientDisconnected {
        /// Who.
        patient: PatientId,
    },
    /// A practitioner has a socket open.
    PractitionerConnected {
        /// Who.
        practitioner: PractitionerId,
    },
    /// A practitioner has no socket open any more.
    PractitionerDisconnected {
        /// Who.
        practitioner: PractitionerId,
    },
    /// The clinic plans a visit.
    Book(Box<Booking>),
    /// The clinic calls a planned visit off before its patient came.
    Cancel {
        /// Which.
        visit: VisitId,
    },
    /// A patient enters the waiting room, and is connected: to an appointment, or as a walk-in. Repeating it while
    /// waiting changes nothing.
    Arrive(Box<Arriving>),
    /// A patient gives up the place, or leaves the consultation and so ends it.
    Leave {
        /// Who.
        patient: PatientId,
        /// Their visit.
        visit: VisitId,
    },
    /// A patient whose practitioner went off duty says what they want.
    Answer {
        /// Who.
        patient: PatientId,
        /// Their visit.
        visit: VisitId,
        /// What.
        answer: Answer,
    },
    /// A patient answers the service's form, as far as they have come.
    AnswerForm {
        /// Who.
        patient: PatientId,
        /// Their visit.
        visit: VisitId,
        /// Each question's answer by its code.
        answers: Redacted<BTreeMap<Code, FormAnswer>>,
    },
    /// A patient says what they think of the text that they are to consent to.
    Consent {
        /// Who.
        patient: PatientId,
        /// Their visit.
        visit: VisitId,
        /// What they say.
        act: ConsentAct,
        /// Of which version of the text; of no matter when they take back what they gave.
        version: Code,
    },
    /// Vestibule has learnt something that gates may follow from.
    Learn(Learning),
    /// Somebody, or an outside system, answers a gate.
    Gate {
        /// Of which visit.
        visit: VisitId,
        /// Which.
        gate: GateKind,
        /// Who.
        by: AnsweredBy,
        /// What.
        answer: GateAnswer,
    },
    /// Somebody is invited to come with a patient.
    Invite(Inviting),
    /// An invitation is taken back; whoever accepted it is shown out.
    WithdrawInvitation(Withdrawing),
    /// A practitioner who was asked to come along says no.
    DeclineInvitation(Declining),
    /// Somebody comes by an invitation, and is connected. Repeated by the same person it changes nothing.
    AcceptInvitation(Box<Accepting>),
    /// A companion goes for good.
    CompanionLeaves {
        /// Who.
        companion: ParticipantId,
    },
    /// A companion has a socket open again. Means nothing before they accept an invitation.
    CompanionConnected {
        /// Who.
        companion: ParticipantId,
    },
    /// A companion has no socket open any more. The seat is kept; away for longer than the grace, they take no part in the
    /// consultation until back.
    CompanionDisconnected {
        /// Who.
        companion: ParticipantId,
    },
    /// A practitioner decides about a visit or a consultation.
    Decided {
        /// Who.
        practitioner: PractitionerId,
        /// What.
        decision: Decision,
    },
    /// The clock was found to have been set forward by so much, between now and when it was last looked at: that much
    /// of the time that it shows did not pass. Also when the machine slept.
    ClockSetForward {
        /// By how much.
        by: Millis,
    },
    /// The time of [`Clinic::next_timeout`](crate::Clinic::next_timeout) has come. Coming early or
    /// late does no harm.
    Timeout,
}

impl Input {
    /// Somebody came or went. A server that hears of it from another one hands it in as well, and stores nothing of what
    /// follows.
    pub(crate) fn is_presence(&self) -> bool {
        match self {
            Self::PatientConnected { .. }
            | Self::PatientDisconnected { .. }
            | Self::PractitionerConnected { .. }
            | Self::PractitionerDisconnected { .. }
            | Self::CompanionConnected { .. }
            | Self::CompanionDisconnected { .. } => true,
            Self::SetService { .. }
            | Self::SetPractitioner { .. }
            | Self::SetDuty { .. }
            | Self::SetRegular { .. }
            | Self::Book(_)
            | Self::Cancel { .. }
            | Self::Arrive(_)
            | Self::Leave { .. }
            | Self::Answer { .. }
            | Self::AnswerForm { .. }
            | Self::Consent { .. }
            | Self::Learn(_)
            | Self::Gate { .. }
            | Self::Invite(_)
            | Self::WithdrawInvitation(_)
            | Self::DeclineInvitation(_)
            | Self::AcceptInvitation(_)
            | Self::CompanionLeaves { .. }
            | Self::Decided { .. }
            | Self::ClockSetForward { .. }
            | Self::Timeout => false,
        }
    }
}

/// What a practitioner decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Decision {
    /// Begins a consultation with a waiting patient.
    Admit {
        /// Whom.
        visit: VisitId,
        /// The new consultation's id, random and never used before.
        consultation: ConsultationId,
        /// Why before others who came earlier and are there, if they said.
        overtake: Option<Overtake>,
    },
    /// Calls a patient who is away, or who did not come. Back in time, they come first.
    Call {
        /// Whom.
        visit: VisitId,
        /// The patient has a socket open, which the clinic does not follow once a visit has ended.
        connected: bool,
        /// The patient's consultations that count for quotas, where they did not come: they may have had some since.
        had: Had,
    },
    /// Turns a waiting patient away.
    Decline {
        /// Whom.
        visit: VisitId,
        /// Why.
        reason: DeclineReason,
        /// The practitioner's own words; trimmed here, may be empty.
        message: Redacted<String>,
    },
    /// Writes to somebody who waits. The last message stands; an empty one takes it back.
    Message {
        /// Whom.
        visit: VisitId,
        /// What; trimmed here.
        text: Redacted<String>,
    },
    /// Says how soon somebody who waits is to be seen.
    SetUrgency {
        /// Whom.
        visit: VisitId,
        /// How soon.
        urgency: Urgency,
    },
    /// Puts a consultation on hold, and is free for another.
    Hold {
        /// Which.
        consultation: ConsultationId,
    },
    /// Goes on with a consultation that is on hold.
    Resume {
        /// Which.
        consultation: ConsultationId,
    },
    /// Hands a visit on: somebody who waits with them, or whom they are in a consultation with. The place
    /// goes by arrival.
    Transfer {
        /// Whom.
        visit: VisitId,
        /// Where to.
        to: WaitingRoom,
    },
    /// Is the regular practitioner of a patient from now on, whom they have in a consultation or had in one, or is it no
    /// more.
    TakeOn {
        /// In which consultation, under way or ended.
        consultation: ConsultationId,
        /// They are from now on; otherwise they are no more.
        regular: bool,
    },
    /// Ends a consultation, on hold or not.
    End {
        /// Which.
        consultation: ConsultationId,
        /// What they conclude.
        conclusion: Conclusion,
    },
}

/// From whom Vestibule knows something about a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Teller {
    /// From its patient: by the session that they opened, or what they did on their page.
    Patient,
    /// From the clinic.
    Clinic,
}

/// What Vestibule knows of a visit by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Knowledge {
    /// The level that the session's token claims.
    Identity {
        /// Which.
        level: IdentityLevel,
    },
    /// What patient and practitioner are to each other.
    Eligibility {
        /// What is so.
        relations: BTreeSet<Relation>,
        /// What the patient says when it is not.
        claimed: Option<GateException>,
    },
    /// The page tried the devices and the network.
    Device {
        /// They will do.
        suitable: bool,
    },
}

/// What is answered to a gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum GateAnswer {
    /// It is open.
    Open {
        /// The coded exception by which, if it is one.
        exception: Option<GateException>,
    },
    /// It stays shut.
    Refuse {
        /// Why.
        reason: GateReason,
        /// In words; trimmed here, may be empty.
        message: Redacted<String>,
    },
    /// The outside system that did not answer, or refused, is to be asked again.
    AskAgain,
}

/// Who says who comes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Host {
    /// The visit's own patient.
    Patient {
        /// Who.
        patient: PatientId,
    },
    /// A practitioner who may see the visit, or who is in a consultation with its patient.
    Practitioner {
        /// Who.
        practitioner: PractitionerId,
    },
    /// The clinic, for any visit.
    Administration,
}

/// An invitation that is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inviting {
    /// To which visit.
    pub visit: VisitId,
    /// By whom.
    pub by: Host,
    /// Its id, random and never used before.
    pub invitation: InvitationId,
    /// As what somebody is invited.
    pub role: CompanionRole,
    /// Whom alone, when that is a colleague of the practitioner who invites: as a second practitioner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colleague: Option<PractitionerId>,
    /// For how long it is good when nobody accepts it.
    pub valid: Millis,
}

/// An invitation that is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawing {
    /// To which visit.
    pub visit: VisitId,
    /// By whom.
    pub by: Host,
    /// Which.
    pub invitation: InvitationId,
}

/// An invitation that the colleague whom it is for declines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declining {
    /// Who.
    pub practitioner: PractitionerId,
    /// Which.
    pub invitation: InvitationId,
}

/// An invitation that is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepting {
    /// To which visit.
    pub visit: VisitId,
    /// Which.
    pub invitation: InvitationId,
    /// By whom. A practitioner comes under their own id.
    pub companion: ParticipantId,
    /// The practitioner whose device it is, where it is known to be one's: they are taken to be that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub practitioner: Option<PractitionerId>,
    /// What they are called; trimmed here, see [`limits`](crate::limits).
    pub name: Redacted<String>,
}

/// A visit that is planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// The visit's id, random and never used before.
    pub visit: VisitId,
    /// Whose.
    pub patient: PatientId,
    /// What for.
    pub service: ServiceId,
    /// With whom.
    pub choice: Choice,
    /// In which language.
    pub language: Option<Language>,
    /// Trimmed here; see [`limits`](crate::limits).
    pub name: Redacted<String>,
    /// When.
    pub appointment: Appointment,
    /// The patient's consultations that count for the service's quota, as they are stored.
    #[serde(default)]
    pub history: History,
}

/// What Vestibule has learnt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learning {
    /// Of which visit.
    pub visit: VisitId,
    /// From whom.
    pub from: Teller,
    /// What.
    pub knowledge: Knowledge,
}

/// A patient who arrives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arriving {
    /// Who: the subject of the join token.
    pub patient: PatientId,
    /// The one visit that the join token stands for.
    pub visit: VisitId,
    /// What for: for an appointment what it was booked for.
    pub service: ServiceId,
    /// Whom they ask for: for an appointment whom it is with, or nobody. One that names nobody may be asked to be with
    /// somebody.
    pub choice: Choice,
    /// In which language. An appointment's is its own unless they say.
    pub language: Option<Language>,
    /// Trimmed here; see [`limits`](crate::limits).
    pub name: Redacted<String>,
    /// Trimmed here; may be empty.
    pub reason: Redacted<String>,
    /// The patient's consultations that count for quotas.
    #[serde(default)]
    pub had: Had,
}
