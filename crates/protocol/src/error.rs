//! Errors on the wire: a stable code for programs, a sentence for people.

mod reason;

pub use reason::ErrorReason;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use vestibule_vocab::Timestamp;

/// Why something was refused. A refusal changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ErrorBody {
    /// Stable; programs decide by it.
    pub code: ErrorCode,
    /// One sentence for a developer or operator, with what to do next. No personal data.
    pub message: String,
    /// When the same request may be tried again, in milliseconds; absent when it would fail again, or nobody can know.
    pub retry_after_ms: Option<u32>,
    /// When what is closed takes people in again, should nothing else change; absent when nobody can know, or nothing is
    /// closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub opens_at: Option<Timestamp>,
    /// What it is exactly, where one code stands for several things.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reason: Option<ErrorReason>,
    /// The question whose answer does not fit, by its code in the form; absent when nothing is wrong with an answer, or no
    /// question can have that code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub question: Option<String>,
}

impl ErrorBody {
    /// The same refusal, with what it is exactly.
    #[must_use]
    pub fn because(self, reason: ErrorReason) -> Self {
        Self {
            message: reason.sentence().to_owned(),
            reason: Some(reason),
            ..self
        }
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident => $sentence:literal, $retry:expr;)*) => {
        /// The stable codes. New ones may be added; none changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
        #[serde(rename_all = "snake_case")]
        pub enum ErrorCode {
            $($(#[doc = $doc])* $name,)*
        }

        impl ErrorCode {
            /// Every code, for documentation and golden vectors.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The sentence that goes with the code.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }

            /// When the same request may be tried again.
            #[must_use]
            pub const fn retry_after_ms(self) -> Option<u32> {
                match self { $(Self::$name => $retry,)* }
            }
        }
    };
}

codes! {
    /// Not JSON, an unknown type, a missing, unknown or ill-typed field.
    Malformed => "The message could not be read; compare it with docs/protocol.md.", None;
    /// Larger than a limit.
    TooLarge => "The message is larger than the limit for its kind.", None;
    /// No version in common.
    UnsupportedProtocol => "None of the offered protocol versions is spoken here; update the client.", None;
    /// Something else came before a `hello` that was answered, or `hello` came twice.
    OutOfOrder => "This message is not expected now; open the session with one hello first.", None;
    /// The session is unknown or over.
    SessionUnknown => "The session is unknown or has ended; open the link again.", None;
    /// The device's signature is wrong.
    ProofInvalid => "The session belongs to another device; open the link there, or ask for a new one.", None;
    /// The token or link is not ours, not for this use, or altered.
    TokenInvalid => "The link is not valid; ask the clinic for a new one.", None;
    /// The token or link is past its time.
    TokenExpired => "The link has expired; ask the clinic for a new one.", None;
    /// The token was exchanged before.
    TokenUsed => "The link was already used on a device; continue there, or ask the clinic for a new one.", None;
    /// The sign-in is not under way any more.
    SignInExpired => "This sign-in was finished already, or took longer than ten minutes; begin it again.", None;
    /// The provider did not sign in, or its word is not to be believed.
    SignInRefused => "The identity provider did not confirm who this is; sign in again.", None;
    /// The provider does not answer, or is not set up as it is.
    SignInUnavailable => "The identity provider cannot be reached; try again, or use a link of the clinic.", Some(10_000);
    /// Whoever signed in is none of the clinic's practitioners.
    SignInUnknown => "Whoever signed in is not known here as a practitioner; ask the clinic to register this sign-in.", None;
    /// A practitioner signed in without a second factor.
    SecondFactorMissing => "Practitioners sign in with a second factor; turn it on at the identity provider, and sign in again.", None;
    /// The `Origin` header is absent or foreign (RFC 6455 section 10.2).
    OriginRefused => "Connections are accepted from this server's own pages only.", None;
    /// The role may not do this.
    NotPermitted => "This session may not do that.", None;
    /// Nothing of this id is here for this session.
    NotFound => "Nothing of that id is here.", None;
    /// Too many requests.
    RateLimited => "Too many requests; wait a moment.", Some(1000);
    /// The name shows nothing, is too long, or is not one line of text.
    InvalidName => "A name of 1 to 100 characters is needed, on one line, without characters that nobody sees or that turn it around.", None;
    /// The text is too long, shows nothing where something is needed, or is not text.
    InvalidText => "The text is too long, is empty where something is needed, or has characters that nobody sees or that turn it around; type it anew, and shorter.", None;
    /// The patient has an active visit already.
    VisitActive => "There is an active visit already.", None;
    /// The visit ended; a new link or token begins another.
    VisitEnded => "The visit has ended; come again by the clinic's link, or ask the clinic for another appointment.", None;
    /// The visit is not waiting any more.
    VisitNotWaiting => "The visit is no longer in the waiting room.", None;
    /// The waiting room is full.
    WaitingRoomFull => "The waiting room is full; try again later.", Some(60_000);
    /// The service takes no new visits.
    ServiceClosed => "The service takes no new visits now; those who wait are seen all the same. It opens again at opens_at, when that is known.", None;
    /// Whoever chose it would wait for ever.
    NobodyPractises => "Nobody practises this service; choose another one.", None;
    /// The practitioner who is named practises other services.
    NotPractised => "The practitioner does not practise that service; choose another of either.", None;
    /// Whoever asked for it would be seen by nobody.
    LanguageNotSpoken => "Nobody who practises this service speaks that language; choose one that the service offers, or none.", None;
    /// Gates ask for a form that the service has not.
    FormMissing => "Gates of the service ask for a form, and it has none; give it one, or take the gates away.", None;
    /// The order of a service puts `soon` before `urgent`.
    InvalidOrder => "The order of the service makes urgent visits count less than those that are to be seen soon; make urgent worth as much at least.", None;
    /// An appointment outside the shifts of whoever could keep it.
    OffShift => "The appointment is outside the shifts that are planned, or in a break of theirs; choose another time.", None;
    /// A break until a moment that is past.
    InvalidBreak => "A break ends in the future; give a later moment, or none.", None;
    /// The visit has not passed all its gates.
    GatesShut => "The visit has not passed all its gates; see which are missing.", None;
    /// A gate does not take this answer, or the service has none.
    GateRefused => "The gate does not take this answer now; see why by `reason`.", None;
    /// An answer does not fit its question.
    AnswerInvalid => "An answer does not fit its question; compare it with the form.", None;
    /// Consent cannot be changed so.
    ConsentRefused => "There is no consent to take back, or it was changed too often.", None;
    /// The visit asks for consent to another version of the text, or to none.
    ConsentNotAsked => "Consent to this version of the text is not asked for; read the visit again, the text has changed.", None;
    /// Somebody else used the invitation, or its companion has left.
    InvitationUsed => "The invitation was used already; ask for another one.", None;
    /// The invitation was taken back.
    InvitationWithdrawn => "The invitation was taken back; ask for another one.", None;
    /// Nobody accepted the invitation in time.
    InvitationExpired => "The invitation has expired; ask for another one.", None;
    /// Somebody who is there already comes as a companion.
    AlreadyCompanion => "This person is there already, or accompanies somebody else.", None;
    /// Five people are in the consultation.
    ConsultationFull => "The consultation has no room for one person more; somebody has to leave first.", None;
    /// The patient has had as many consultations as this period holds.
    QuotaReached => "The patient has had as many consultations as this period holds; come again at opens_at.", None;
    /// The practitioner's caps, pauses and breaks hold no consultation now.
    Shielded => "Caps, pauses, breaks and shifts hold no consultation now; see which by `reason`, and until when by opens_at, when that is known.", None;
    /// The practitioner said that they are off duty, or on a break.
    OffDuty => "You are off duty or on a break; go on duty first, then admit.", None;
    /// The shifts hold no more than those who wait and are booked need.
    QueueClosed => "The shifts hold no more than those who wait and are booked need; come again at opens_at, when that is known, or later.", Some(600_000);
    /// The patient is there, and need not be called.
    PatientThere => "The patient is there; admit them.", None;
    /// Somebody before has waited for longer than the ageing bound.
    OthersWaitTooLong => "Somebody before has waited too long to be passed over; see them first.", None;
    /// Somebody before could be admitted, and no reason is given.
    OvertakeNeedsAReason => "Somebody before could be admitted; admit them, or say why this one comes first (`overtake`).", None;
    /// A practitioner cannot give this reason here.
    NotAChoice => "This reason for an overtake does not fit here; choose another, or admit whoever is before.", None;
    /// The patient was not asked anything.
    NothingToChoose => "There is nothing to choose between now.", None;
    /// They wish for their regular practitioner and have none, or it is another one.
    NoRegular => "The clinic knows no regular practitioner of yours, or another one; choose somebody by name, or whoever is free next.", None;
    /// Somebody comes to an appointment and wishes for what it is not.
    BookedOtherwise => "The appointment is for another service or with another practitioner; come to it without that wish, or ask the clinic for another appointment.", None;
    /// The patient was erased, and the id leads to nobody any more.
    UnknownPatient => "The patient was erased, and nothing more is kept of them here; whoever comes again needs a new link of the clinic.", None;
    /// Two appointments of one person at one time.
    AppointmentOverlaps => "The patient or the practitioner has another appointment at that time; choose another time.", None;
    /// A time that is past, too far ahead, or of no sensible length.
    InvalidTime => "An appointment ends in the future, begins within two years, and lasts one minute to eight hours.", None;
    /// A code of the wrong form.
    InvalidCode => "A code is 1 to 40 small letters, digits and underscores.", None;
    /// More of them than are kept.
    TooMany => "There are more of them than are kept; remove some first.", None;
    /// The patient is away at this moment.
    PatientAway => "The patient's connection is interrupted; they can be admitted once they are back.", Some(2000);
    /// The practitioner is in a consultation.
    PractitionerBusy => "A consultation is under way; end it first.", None;
    /// There is no such consultation for this session.
    NotInConsultation => "There is no consultation under way here.", None;
    /// The offer is not an offer that the SFU takes.
    SdpInvalid => "The SDP offer does not have the expected form; see docs/protocol.md.", None;
    /// The SFU is restarting.
    SfuUnavailable => "The media server is not available for a moment.", Some(250);
    /// Another commit came first.
    StaleEpoch => "The group has moved on; apply the log and try again.", None;
    /// The MLS message's frame is not what this request carries.
    MlsInvalid => "The MLS message is not of the kind, group or form that is expected here.", None;
    /// Only the practitioner's page that began the group commits.
    NotCommitter => "Only the practitioner's page changes the group.", None;
    /// No key package of that instance is on the shelf.
    NoKeyPackage => "No key package is available for that page now.", Some(250);
    /// The log no longer reaches back that far.
    LogTruncated => "The log does not reach back that far; join the group anew.", None;
    /// A limit in number was reached.
    LimitReached => "A limit was reached; nothing was changed.", None;
    /// The store did not take it.
    Unavailable => "The server could not store this; nothing was changed. Try again.", Some(1000);
}

impl From<ErrorCode> for ErrorBody {
    fn from(code: ErrorCode) -> Self {
        Self {
            code,
            message: code.sentence().to_owned(),
            retry_after_ms: code.retry_after_ms(),
            opens_at: None,
            reason: None,
            question: None,
        }
    }
}
