//! What a client sends.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use vestibule_vocab::{
    ConsultationId, InstanceId, InvitationId, LegId, PractitionerId, Redacted, VisitId,
};

use crate::Base64Bytes;
use crate::company::CompanionRole;
use crate::desk::{Answer, Conclusion, Duty, OvertakeReason, Urgency, WaitingRoom, Wish};
use crate::intake::{ConsentAct, FormAnswers, GateException, GateKind};

/// A request's number, chosen by the client, repeated in the reply. Unique among those unanswered.
pub type RequestId = u32;

/// One message of a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ClientMessage {
    /// Repeated in the reply.
    pub id: RequestId,
    /// What is asked.
    pub request: Request,
}

/// What can be asked. Before [`Request::Hello`] is answered, nothing else is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Opens the session on this socket. Reply: `welcome`, then a snapshot.
    Hello {
        /// Versions that the client speaks, best first.
        protocol: Vec<u16>,
        /// The session's secret, as granted.
        session: Redacted<String>,
        /// The device's signature, see [`crate::PROOF_LABEL`].
        proof: Base64Bytes,
        /// Random, made anew at each load of the page.
        instance: InstanceId,
    },
    /// Shows that the socket lives. Reply: `done`.
    Ping,
    /// A patient enters the waiting room, or a companion accepts the invitation. Repeating it while waiting changes nothing.
    /// Reply: `done`.
    Arrive {
        /// 1 to 100 characters after trimming.
        name: Redacted<String>,
        /// 0 to 500 characters after trimming; of no matter for a companion.
        reason: Redacted<String>,
        /// What and whom a patient asks for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        wish: Option<Wish>,
    },
    /// A patient whose practitioner went off duty says what they want. Reply: `done`.
    Answer {
        /// What.
        answer: Answer,
    },
    /// A patient hands in what they answered to the service's form, as far as they have come. An answer that means an
    /// emergency ends the visit, and the snapshot says so. Reply: `done`.
    AnswerForm {
        /// By the codes of the questions.
        #[ts(as = "FormAnswers")]
        answers: Redacted<FormAnswers>,
    },
    /// A patient says what they think of the text that they are to consent to, at any time of the visit. Reply: `done`.
    Consent {
        /// What they say.
        act: ConsentAct,
        /// Of which version of the text; of no matter when they take back what they gave.
        version: String,
    },
    /// A patient's page tried the camera and the microphone. Reply: `done`.
    CheckDevices {
        /// They will do.
        suitable: bool,
    },
    /// A patient who may not be seen at a distance otherwise gives the reason for which they may. Reply: `done`.
    ClaimException {
        /// One of those of the gate.
        exception: GateException,
    },
    /// A patient, or a practitioner who may see the visit, has an outside system asked again that did not answer in time; a
    /// practitioner also one that refused. Reply: `done`.
    AskAgain {
        /// At which gate.
        gate: GateKind,
        /// Of which visit, which a practitioner names; a patient's own when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        visit: Option<VisitId>,
    },
    /// A patient gives up the place, or leaves the consultation and so ends it; a companion goes for good. Before the time of
    /// an appointment too, which is called off so: whoever only closes the socket keeps it. Reply: `done`.
    Leave,
    /// A patient wants to go on with another device: whoever opens it with the token of the reply takes the place over.
    /// Reply: `moving`.
    Move,
    /// A patient tells the practitioner something after the consultation, whom nobody else is shown it. The last one
    /// stands. Reply: `done`.
    Feedback {
        /// 1 to 1,000 characters after trimming.
        text: Redacted<String>,
    },
    /// A practitioner writes to the patient's regular practitioner, during the consultation or after it. The last one
    /// stands; other systems are told that there is one, and fetch it. Reply: `done`.
    Note {
        /// The consultation that it is about.
        consultation: ConsultationId,
        /// 1 to 4,000 characters after trimming.
        text: Redacted<String>,
    },
    /// A patient, or a practitioner who may see the visit, invites somebody to come along. Reply: `invitation`; or `done`
    /// where a colleague is asked, who finds it in their own console.
    Invite {
        /// To which visit; a patient's own when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        visit: Option<VisitId>,
        /// As what.
        role: CompanionRole,
        /// Whom alone: a practitioner of the clinic whom another one asks to come as `second_practitioner`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        colleague: Option<PractitionerId>,
    },
    /// A practitioner wants to come along whom a colleague asked. Reply: `invitation`, with a token for themselves.
    Join {
        /// Which of those in their snapshot.
        invitation: InvitationId,
    },
    /// A practitioner whom a colleague asked says no; they can be asked anew. Reply: `done`.
    DeclineInvitation {
        /// Which of those in their snapshot.
        invitation: InvitationId,
    },
    /// Whoever may invite takes an invitation back; whoever came by it is shown out. Reply: `done`.
    WithdrawInvitation {
        /// To which visit; a patient's own when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        visit: Option<VisitId>,
        /// Which.
        invitation: InvitationId,
    },
    /// A practitioner begins the consultation with a waiting patient. Reply: `done`.
    Admit {
        /// Whom.
        visit: VisitId,
        /// Why before others who could be admitted. Needed unless the visit waits for this practitioner alone and the others
        /// wait elsewhere, in turn.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        overtake: Option<OvertakeReason>,
    },
    /// A practitioner calls a patient who is away, or who did not come. Back in time, they come first. Whoever did not come and
    /// has had as many consultations since as their quota holds is not called back (`quota_reached`, with `opens_at`).
    /// Reply: `done`.
    Call {
        /// Whom.
        visit: VisitId,
    },
    /// A practitioner writes to somebody who waits. The last message stands. Reply: `done`.
    Message {
        /// Whom.
        visit: VisitId,
        /// 0 to 300 characters after trimming; an empty one takes the last back.
        text: Redacted<String>,
    },
    /// A practitioner opens a gate of somebody who waits. Reply: `done`.
    OpenGate {
        /// Whose.
        visit: VisitId,
        /// Which.
        gate: GateKind,
        /// Why, where it is not theirs to open otherwise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        exception: Option<GateException>,
    },
    /// A practitioner says how soon somebody who waits is to be seen. Reply: `done`.
    SetUrgency {
        /// Whom.
        visit: VisitId,
        /// How soon.
        urgency: Urgency,
    },
    /// A practitioner hands a visit on: somebody who waits, or whom they are in a consultation with. The place goes by
    /// arrival, and the consultation ends. Handed on to another service, it is asked that one's gates, and what was answered to
    /// the same question stands; where the patient had as many consultations there as the quota holds, that is refused
    /// (`quota_reached`, with `opens_at`). A colleague who practises something else takes it as a visit of that; one who
    /// practises several other things is refused (`not_practised`). Reply: `done`.
    Transfer {
        /// Whom.
        visit: VisitId,
        /// Where to.
        to: WaitingRoom,
    },
    /// A practitioner puts the consultation on hold, and is free for another. Reply: `done`.
    Hold {
        /// Which.
        consultation: ConsultationId,
    },
    /// A practitioner goes on with a consultation that is on hold. Their page begins a new group. Reply: `done`.
    Resume {
        /// Which.
        consultation: ConsultationId,
    },
    /// A practitioner goes on duty, on a break, or off duty. Reply: `done`.
    SetDuty {
        /// What.
        duty: Duty,
    },
    /// A practitioner turns a waiting patient away. Reply: `done`.
    Decline {
        /// Whom.
        visit: VisitId,
        /// Why; shown to the patient in their language.
        reason: DeclineReason,
        /// The practitioner's own words, 0 to 300 characters; shown as they are.
        message: Redacted<String>,
    },
    /// A practitioner says that they are the patient's regular practitioner from now on, or are it no more: of whom they have
    /// in a consultation, on hold or not, or had in one that is remembered. Reply: `done`.
    TakeOn {
        /// In which consultation.
        consultation: ConsultationId,
        /// They are, in the place of whoever was; otherwise they are no more.
        regular: bool,
    },
    /// A practitioner ends the consultation. Reply: `done`.
    End {
        /// Which.
        consultation: ConsultationId,
        /// What they conclude; absent: it is done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        conclusion: Option<Conclusion>,
    },
    /// Connects a leg, or restarts its ICE. Reply: `answer`.
    ///
    /// The offer's media sections stand in this order: sendonly audio (microphone), sendonly video
    /// (camera), sendonly video (screen); then for each of four others recvonly audio and recvonly
    /// video; then one recvonly video for somebody's screen. Twelve in all, bundled, RTCP muxed.
    Offer {
        /// The leg, from the snapshot.
        leg: LegId,
        /// The client's number for its `RTCPeerConnection`. A number not seen on this leg replaces
        /// the peer; the same number again is an ICE restart of it.
        connection: u32,
        /// The offer.
        sdp: Redacted<String>,
    },
    /// Tells the others what this participant sends. Reply: `done`.
    SetMedia {
        /// The microphone is on.
        microphone: bool,
        /// The camera is on.
        camera: bool,
    },
    /// Says how much of the others' pictures is shown, so that nothing is sent in vain. It replaces what was said before
    /// on this connection; at its beginning everything counts as shown. Reply: `done`.
    Watch {
        /// The leg, from the snapshot.
        leg: LegId,
        /// The peer connection, as numbered in the offer.
        connection: u32,
        /// The slots that show less than everything.
        pictures: Vec<Watched>,
    },
    /// Replaces this instance's key packages. Reply: `done`.
    PublishKeyPackages {
        /// `MLSMessage`s with key packages (RFC 9420 section 6), each used once.
        packages: Vec<Base64Bytes>,
    },
    /// Takes one key package of each of these participants. Practitioner only. Reply: `key_packages`.
    ClaimKeyPackages {
        /// The consultation.
        consultation: ConsultationId,
        /// Instances to add; each must be in the roster.
        instances: Vec<InstanceId>,
    },
    /// Moves the group to its next epoch. Practitioner only. Reply: `accepted`, or `stale_epoch`.
    Commit {
        /// The consultation.
        consultation: ConsultationId,
        /// An `MLSMessage` with a commit. Its group id is the consultation's sixteen bytes and the
        /// generation as four bytes, big-endian; epoch 0 of the next generation begins a new group.
        commit: Base64Bytes,
        /// The `MLSMessage` with the Welcome, when somebody is added.
        welcome: Option<Base64Bytes>,
    },
    /// Sends an MLS application message of the present epoch to the group. Reply: `accepted`.
    Send {
        /// The consultation.
        consultation: ConsultationId,
        /// An `MLSMessage` with a private message.
        message: Base64Bytes,
    },
    /// Says that this instance has taken up an epoch. Reply: `done`.
    Acknowledge {
        /// The consultation.
        consultation: ConsultationId,
        /// The group.
        generation: u32,
        /// The epoch taken up.
        #[ts(type = "number")]
        epoch: u64,
    },
    /// Asks for the group's log after an entry, as after a lost socket. Reply: `done` after the
    /// entries, or `log_truncated`: then reload the group by a new instance.
    Sync {
        /// The consultation.
        consultation: ConsultationId,
        /// The last entry seen, 0 for none.
        #[ts(type = "number")]
        after: u64,
    },
}

/// How much of a slot's picture is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Watched {
    /// The slot's `mid` in the offer, 1 to 16 characters.
    pub mid: String,
    /// So many layers of the picture are of use, the smallest first: 1 to 3; or 0 while nothing of it is seen.
    pub layers: u8,
}

/// Why a practitioner turned a visit away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DeclineReason {
    /// Needs to be seen in person.
    InPersonNeeded,
    /// Not what this service is for.
    WrongService,
    /// No time left today.
    NoTimeLeft,
    /// Needs emergency care: shown with 112.
    Emergency,
    /// As an outcome alone, of an appointment to which its patient came: they had as many consultations as their quota holds. No
    /// practitioner says so (`not_a_choice`).
    QuotaReached,
    /// Anything else; the message says it.
    Other,
}
