//! What the server sends.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use vestibule_vocab::{
    CallId, ConsultationId, InstanceId, InvitationId, LegId, ParticipantId, PractitionerId,
    Redacted, Role, ServiceId, Source, Timestamp, VisitId,
};

use crate::client::{DeclineReason, RequestId};
use crate::company::{AskedAlong, CompanionRole, CompanionSnapshot, InvitationView};
use crate::desk::{Conclusion, Duty, RegularPractitioner, Urgency, WaitingRoom};
use crate::intake::{Closed, PatientIntake, ServiceForm, VisitIntake, Wait};
use crate::{Base64Bytes, ErrorBody};

/// One message of the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The first message on a socket.
    Challenge {
        /// Versions that the server speaks, best first.
        protocol: Vec<u16>,
        /// Thirty-two random bytes to be signed.
        nonce: Base64Bytes,
    },
    /// The answer to a request that was carried out. What it changed is in the store.
    Reply {
        /// The request's.
        id: RequestId,
        /// The answer.
        reply: Reply,
    },
    /// The answer to a request that changed nothing, or to a message that could not be read.
    Refused {
        /// The request's; absent when the message could not be read.
        id: Option<RequestId>,
        /// Why.
        error: ErrorBody,
    },
    /// All that a patient sees. The newest replaces any earlier one; a lower revision is dropped.
    Patient(PatientSnapshot),
    /// All that a practitioner sees. The newest replaces any earlier one.
    Practitioner(PractitionerSnapshot),
    /// All that a companion sees. The newest replaces any earlier one.
    Companion(CompanionSnapshot),
    /// Which track flows through which receive slot of a leg. The newest replaces any earlier one.
    Slots {
        /// The leg.
        leg: LegId,
        /// The peer connection, as numbered in the offer.
        connection: u32,
        /// The bound slots; a slot that is not listed is silent.
        slots: Vec<Slot>,
    },
    /// Which layers of its camera a page is to send: what it encodes beyond them is wasted. Only a leg whose offer
    /// has several layers hears it. The newest replaces any earlier one.
    Layers {
        /// The leg.
        leg: LegId,
        /// The peer connection, as numbered in the offer.
        connection: u32,
        /// Places in the offer's list of layers, from 0, the smallest first.
        layers: Vec<u8>,
    },
    /// Whether a page may send its sound with redundancy (RED, RFC 2198), because everybody who receives it takes it.
    /// Only a leg whose offer has it hears this. The newest replaces any earlier one, and before it there is none.
    Redundancy {
        /// The leg.
        leg: LegId,
        /// The peer connection, as numbered in the offer.
        connection: u32,
        /// Whether it may.
        allowed: bool,
    },
    /// Entries of a consultation's MLS log, in order, none skipped within one message.
    Log {
        /// The consultation.
        consultation: ConsultationId,
        /// In order of `sequence`.
        entries: Vec<LogEntry>,
    },
    /// Somebody has taken up an epoch.
    Acknowledged {
        /// The consultation.
        consultation: ConsultationId,
        /// Whose page.
        instance: InstanceId,
        /// The group.
        generation: u32,
        /// The epoch taken up.
        #[ts(type = "number")]
        epoch: u64,
    },
    /// The server closes the socket after this.
    Closing {
        /// Why, and whether to come back.
        reason: ClosingReason,
    },
}

/// Why the server closes a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ClosingReason {
    /// The same session opened elsewhere; do not come back by yourself.
    Replaced,
    /// The server stops or restarts; come back.
    ShuttingDown,
    /// The session has ended; a new link is needed.
    SessionEnded,
    /// This socket did not read fast enough; come back.
    TooSlow,
    /// This socket broke the protocol; the error sent before says how.
    Protocol,
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Reply {
    /// Carried out and stored.
    Done,
    /// The session is open on this socket.
    Welcome {
        /// The version chosen.
        protocol: u16,
        /// Whose session it is.
        role: Role,
        /// The name of this participant in consultations.
        participant: ParticipantId,
        /// The server's clock, to show waiting times from.
        server_time: Timestamp,
    },
    /// Another device can go on: it is told the token, as a link to the page with `#j=` and the token.
    Moving {
        /// A join token for the same visit, good once.
        token: Redacted<String>,
        /// Until when.
        expires_at: Timestamp,
    },
    /// The SFU's answer to an offer.
    Answer {
        /// The answer.
        sdp: Redacted<String>,
    },
    /// The key packages that were asked for, and taken off the shelf.
    KeyPackages {
        /// One for each instance asked for.
        packages: Vec<ClaimedKeyPackage>,
    },
    /// An invitation stands.
    Invitation {
        /// Its id.
        invitation: InvitationId,
        /// A join token for whoever is invited, good once: it goes behind `#j=` of a link to `/companion`.
        token: Redacted<String>,
        /// When it is good no more, if nobody has come by then.
        expires_at: Timestamp,
    },
    /// An MLS message has its place in the log. The sender gets it in no `log` message unless it
    /// asks by `sync`.
    Accepted {
        /// Its place.
        #[ts(type = "number")]
        sequence: u64,
    },
}

/// A key package taken off the shelf.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ClaimedKeyPackage {
    /// Who published it.
    pub instance: InstanceId,
    /// The `MLSMessage`.
    pub package: Base64Bytes,
}

/// One entry of a consultation's MLS log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct LogEntry {
    /// Its place, from 1, without gaps.
    #[ts(type = "number")]
    pub sequence: u64,
    /// Who sent it, as the server saw it; the message's own signature is what counts.
    pub sender: InstanceId,
    /// What it is.
    pub kind: LogKind,
    /// The `MLSMessage`.
    pub message: Base64Bytes,
}

/// What a log entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LogKind {
    /// For members of the epoch that the commit was made in.
    Commit,
    /// For those whom the commit just before it added.
    Welcome,
    /// For members of its epoch.
    Application,
}

/// The clinic and service as a patient sees them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ClinicCard {
    /// The clinic's name.
    pub clinic: String,
    /// The service's name.
    pub service: String,
}

/// All that a patient sees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PatientSnapshot {
    /// Grows with every change, also across a restart of the server.
    #[ts(type = "number")]
    pub revision: u64,
    /// Where they are.
    pub card: ClinicCard,
    /// Their visit; absent before they arrive.
    pub visit: Option<PatientVisit>,
    /// What they can ask for. With an appointment that names nobody its service, with those who could keep it; empty with one
    /// that names somebody, and once they have arrived.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub offered: Vec<OfferedService>,
    /// Their regular practitioner, if the clinic knows of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub regular: Option<RegularPractitioner>,
    /// A leg to connect, from the time the visit comes near the head of the queue.
    pub leg: Option<Leg>,
    /// The consultation, while it lasts.
    pub consultation: Option<ConsultationView>,
}

/// A service that can be consulted for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OfferedService {
    /// Its id.
    pub service: ServiceId,
    /// Its name.
    pub name: String,
    /// What it costs, in words; may be empty.
    pub price: String,
    /// What is paid back, in words; may be empty.
    pub reimbursement: String,
    /// What a patient may ask to be seen in, by ISO 639: what it is offered in, or else what its practitioners speak, as far as
    /// one of them does; empty when the clinic does not say.
    pub languages: Vec<String>,
    /// Who practises it.
    pub practitioners: Vec<OfferedPractitioner>,
    /// It takes nobody in now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub closed: Option<Closed>,
}

/// A practitioner whom a patient can ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OfferedPractitioner {
    /// Their id.
    pub practitioner: PractitionerId,
    /// Their name.
    pub name: Redacted<String>,
    /// They see patients now.
    pub on_duty: bool,
}

/// A patient's own visit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PatientVisit {
    /// Its id.
    pub visit: VisitId,
    /// When they came; absent while they are expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub arrived_at: Option<Timestamp>,
    /// What it is for, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub service: Option<String>,
    /// How much longer it waits; absent when too little is known to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub wait: Option<Wait>,
    /// What it has still to pass, or passed here; absent when its service asks for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub intake: Option<PatientIntake>,
    /// For whom it waits, by name; absent: for whoever is free next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub practitioner: Option<Redacted<String>>,
    /// What staff wrote to them while they wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub message: Option<Redacted<String>>,
    /// In which language they want to be seen; absent: in any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub language: Option<String>,
    /// Their practitioner went off duty, or nobody speaks their language any more where they wait for whoever is free: do they
    /// wait on, or take whoever is free next?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<_>")]
    pub asked: bool,
    /// Nobody practises any more what they wait for: they keep their place, and are seen once somebody does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<_>")]
    pub nobody_practises: bool,
    /// When it is planned for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub appointment: Option<Timestamp>,
    /// Who comes along, or is invited to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub companions: Vec<InvitationView>,
    /// How far it is.
    pub state: VisitState,
}

/// How far a visit is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum VisitState {
    /// It has an appointment, and the patient has not arrived yet.
    Expected,
    /// In the waiting room.
    Waiting {
        /// From 1, the next to be admitted.
        place: u32,
    },
    /// The practitioner called while the patient was away, who comes first when back in time.
    Called,
    /// With the practitioner.
    InConsultation {
        /// Which.
        consultation: ConsultationId,
    },
    /// The practitioner goes on with the consultation later; nothing is sent or received meanwhile.
    OnHold {
        /// Which.
        consultation: ConsultationId,
    },
    /// Over.
    Ended {
        /// How.
        outcome: Outcome,
        /// When.
        at: Timestamp,
    },
}

/// How a visit ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Outcome {
    /// The practitioner ended the consultation.
    Completed {
        /// What they concluded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        conclusion: Option<Conclusion>,
    },
    /// The patient left, from the waiting room or the consultation.
    Left,
    /// The practitioner turned it away.
    Declined {
        /// Why.
        reason: DeclineReason,
        /// The practitioner's words, may be empty.
        message: Redacted<String>,
    },
    /// The patient was away for longer than the clinic's grace.
    ConnectionLost,
    /// The patient did not come: to the appointment, or when called.
    NoShow,
    /// The appointment was called off.
    Cancelled,
    /// An answer meant an emergency: shown with 112.
    Emergency,
    /// The practitioner handed the visit on, and it waits elsewhere.
    Transferred,
}

/// A leg that the client is to keep connected. When `leg` changes, make a new peer connection; when
/// it disappears, close it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Leg {
    /// The SFU's side of the consultation.
    pub call: CallId,
    /// This participant's authorisation on it.
    pub leg: LegId,
    /// False while the leg is kept warm before admission: connect, send nothing.
    pub open: bool,
}

/// A consultation as its participants see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ConsultationView {
    /// Its id.
    pub consultation: ConsultationId,
    /// Of which visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub visit: Option<VisitId>,
    /// When the patient was admitted.
    pub started_at: Timestamp,
    /// The roster: nobody else may be a member of the MLS group.
    pub participants: Vec<ParticipantView>,
    /// Who comes along, or is invited to; for the practitioner alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub companions: Vec<InvitationView>,
    /// Since when there is sound and no picture both ways, while that is so; for the practitioner alone. It counts as a
    /// consultation by telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub sound_only_since: Option<Timestamp>,
    /// The MLS group that is in force; absent until the practitioner has begun one.
    pub group: Option<GroupView>,
}

/// A participant as the others see them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ParticipantView {
    /// Who.
    pub participant: ParticipantId,
    /// As what.
    pub role: Role,
    /// As what a companion comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub companion: Option<CompanionRole>,
    /// Their name.
    pub name: Redacted<String>,
    /// The page that is connected now, or was last; absent before the first.
    pub instance: Option<InstanceId>,
    /// Their socket is open, and their media is not interrupted.
    pub connected: bool,
    /// A key package of `instance` is on the shelf.
    pub key_package: bool,
    /// Their microphone is on.
    pub microphone: bool,
    /// Their camera is on.
    pub camera: bool,
}

/// The MLS group that is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GroupView {
    /// Grows when a practitioner's page begins anew.
    pub generation: u32,
    /// The page that began it: the only committer.
    pub committer: InstanceId,
    /// The epoch after the last commit.
    #[ts(type = "number")]
    pub epoch: u64,
}

/// All that a practitioner sees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PractitionerSnapshot {
    /// Grows with every change, also across a restart of the server.
    #[ts(type = "number")]
    pub revision: u64,
    /// Where they work.
    pub card: ClinicCard,
    /// Their own name.
    pub name: Redacted<String>,
    /// Whether they see patients; absent when the clinic does not know them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub duty: Option<Duty>,
    /// What they have on hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub held: Vec<HeldConsultation>,
    /// Who was called and is awaited, or did not come and can be called back: the awaited first, then the latest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub missed: Vec<MissedVisit>,
    /// Where they can hand a visit on to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub transfers: Vec<TransferTarget>,
    /// Where colleagues ask them to come along.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub asked_along: Vec<AskedAlong>,
    /// What patients told them after consultations, the latest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub feedback: Vec<Feedback>,
    /// The waiting room, in order.
    pub waiting: Vec<WaitingEntry>,
    /// The forms that are answered in `waiting` and `intake`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub forms: Vec<ServiceForm>,
    /// What the patient of the consultation answered and consented to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub intake: Option<VisitIntake>,
    /// A leg to connect: the consultation's, or a warm one for whoever is next.
    pub leg: Option<Leg>,
    /// The consultation, while it lasts.
    pub consultation: Option<ConsultationView>,
    /// The regular practitioner of the patient in `consultation`, or else in `ended`, if the clinic knows of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub regular: Option<RegularPractitioner>,
    /// The last consultation that ended, until another begins.
    pub ended: Option<EndedConsultation>,
}

/// One line of the waiting room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct WaitingEntry {
    /// Whose place it is.
    pub visit: VisitId,
    /// From 1.
    pub place: u32,
    /// The patient's name.
    pub name: Redacted<String>,
    /// Why they came; may be empty.
    pub reason: Redacted<String>,
    /// Since when they wait.
    pub arrived_at: Timestamp,
    /// What for, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub service: Option<String>,
    /// What they answered and have still to pass; absent when the service asks for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub intake: Option<VisitIntake>,
    /// How soon they are to be seen.
    #[serde(default, skip_serializing_if = "Urgency::is_routine")]
    #[ts(optional, as = "Option<_>")]
    pub urgency: Urgency,
    /// When they have an appointment for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub appointment: Option<Timestamp>,
    /// What was written to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub message: Option<Redacted<String>>,
    /// In which language they want to be seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub language: Option<String>,
    /// They wait for this practitioner alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<_>")]
    pub named: bool,
    /// This practitioner is their regular one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<_>")]
    pub regular: bool,
    /// Who waits with them, or is invited to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub companions: Vec<InvitationView>,
    /// Their socket is open; a patient who is away cannot be admitted.
    pub connected: bool,
}

/// A consultation that goes on later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct HeldConsultation {
    /// Which.
    pub consultation: ConsultationId,
    /// Of which visit.
    pub visit: VisitId,
    /// The patient's name.
    pub name: Redacted<String>,
    /// Since when.
    pub since: Timestamp,
    /// The patient's socket is open.
    pub connected: bool,
}

/// Somebody who was called and is awaited, or who did not come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct MissedVisit {
    /// Whose visit.
    pub visit: VisitId,
    /// The patient's name.
    pub name: Redacted<String>,
    /// They were called, and may still come.
    pub called: bool,
}

/// What a patient told after a consultation, without a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Feedback {
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: Redacted<String>,
}

/// Somewhere to hand a visit on to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct TransferTarget {
    /// Where.
    pub to: WaitingRoom,
    /// The service's or the practitioner's name.
    pub name: Redacted<String>,
    /// Somebody is on duty there.
    pub on_duty: bool,
}

/// A consultation that ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct EndedConsultation {
    /// Which.
    pub consultation: ConsultationId,
    /// The patient's name.
    pub name: Redacted<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
}

/// A track bound to a receive slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Slot {
    /// The `mid` of the offer's receiving media section.
    pub mid: String,
    /// Whose track.
    pub participant: ParticipantId,
    /// What it shows.
    pub source: Source,
}
