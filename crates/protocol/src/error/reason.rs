//! What a refusal is exactly, where one code stands for several things.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::ErrorCode;

macro_rules! reasons {
    ($($(#[doc = $doc:literal])* $name:ident of $code:ident => $sentence:literal;)*) => {
        /// What a refusal is exactly. New ones may be added; none changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
        #[serde(rename_all = "snake_case")]
        pub enum ErrorReason {
            $($(#[doc = $doc])* $name,)*
        }

        impl ErrorReason {
            /// Every reason, for documentation and golden vectors.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code that it comes with.
            #[must_use]
            pub const fn code(self) -> ErrorCode {
                match self { $(Self::$name => ErrorCode::$code,)* }
            }

            /// The sentence that goes with it, in place of the code's.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}

reasons! {
    /// The pause after a consultation.
    Pause of Shielded => "The pause after the last consultation is not over; admit at opens_at.";
    /// A rest after a long stretch of work.
    RestDue of Shielded => "The longest stretch of work is over and a rest is due; admit at opens_at.";
    /// The cap of an hour.
    HourCap of Shielded => "This hour has as many consultations as are allowed; admit at opens_at.";
    /// The cap of a day.
    DayCap of Shielded => "This day has as many consultations as are allowed; admit at opens_at.";
    /// A planned break is near.
    BreakSoon of Shielded => "A planned break begins too soon for another consultation; take it, and admit at opens_at.";
    /// A planned break, also one that is taken later.
    OnBreak of Shielded => "A break is planned now, or was missed and is due; take it, and admit at opens_at.";
    /// The end of a shift is near.
    ShiftEnding of Shielded => "The shift ends too soon for another consultation; hand on whoever waits, or have the roster changed.";
    /// No shift is planned now.
    OutsideShifts of Shielded => "No shift is planned now; admit at opens_at, when the next one begins, or have the roster changed.";
    /// A consultation goes on.
    InConsultation of Shielded => "A consultation is under way; end it first.";
    /// The cap of a day.
    Day of QuotaReached => "The patient has had as many consultations as a day holds; come again at opens_at.";
    /// The cap of a month.
    Month of QuotaReached => "The patient has had as many consultations as a month holds; come again at opens_at.";
    /// The cap of a year.
    Year of QuotaReached => "The patient has had as many consultations as a year holds; come again at opens_at.";
    /// The visit has no such gate.
    GateNotRequired of GateRefused => "The visit has no such gate; see which ones it has.";
    /// It is answered by another system, by Vestibule, or by the clinic.
    GateNotYours of GateRefused => "The gate is answered by somebody else: by what its rule names; wait for that answer.";
    /// It has an answer that stands.
    GateAnswered of GateRefused => "The gate has an answer already, and it stands.";
    /// The answer came too late.
    GateExpired of GateRefused => "The gate was not answered in time; it has to be asked again first, by the clinic where the patient may not.";
    /// The patient asked too often.
    GateAskedTooOften of GateRefused => "The gate was asked too often; the clinic can open it.";
    /// To open it by hand needs a coded exception.
    ExceptionNeeded of GateRefused => "To open the gate by hand, give one of the exceptions that the service allows (`exception`); where it allows none, this gate cannot be opened by hand.";
    /// The service does not allow this one.
    ExceptionNotAllowed of GateRefused => "The service does not allow this exception at the gate; give one that it allows.";
    /// It is refused for a reason of another kind of gate.
    ForeignReason of GateRefused => "The reason belongs to another kind of gate; give one of this kind, or `other`.";
    /// What staff wrote with the answer.
    GateTextInvalid of GateRefused => "The words with the answer are too long, or not text.";
    /// Another gate is not open.
    GatesNotOpen of GateRefused => "Another gate is not open; have it answered first.";
    /// The visit is over with its gates.
    AdmittedAlready of GateRefused => "The visit was admitted, and its gates do not change any more.";
    /// The visit was stopped.
    EmergencyFound of GateRefused => "An answer meant an emergency, and the visit was stopped.";
    /// The service asks nothing.
    NoForm of GateRefused => "The service has no form to answer.";
}
