//! What a patient passes before they can be admitted, in words that both sides use: the form, the consent, the gates, the
//! wait, and whether a service takes anybody in.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use vestibule_vocab::{Redacted, ServiceId, Timestamp};

/// The languages in which the pages speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PageLanguage {
    /// French.
    Fr,
    /// Dutch.
    Nl,
    /// German.
    De,
    /// English.
    En,
}

/// One text of the clinic in the languages in which it wrote it: at least one.
pub type Texts = BTreeMap<PageLanguage, String>;

/// What a patient answered, by the codes of the questions.
pub type FormAnswers = BTreeMap<String, FormAnswer>;

/// One question of a service's form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Question {
    /// Unique in the form.
    pub code: String,
    /// What is asked.
    pub texts: Texts,
    /// What is answered.
    pub kind: QuestionKind,
    /// It must be answered when it is asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<_>")]
    pub required: bool,
    /// It is asked only when all of these hold, which name earlier questions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub ask_when: Vec<Condition>,
    /// The answers that mean an emergency; each by itself. The page judges them too, so that 112 shows without the server.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub red_flags: Vec<AnswerIs>,
}

/// What is answered to a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum QuestionKind {
    /// Yes or no.
    YesNo,
    /// One of these.
    OneOf {
        /// In order.
        options: Vec<QuestionOption>,
    },
    /// One or more of these.
    SeveralOf {
        /// In order.
        options: Vec<QuestionOption>,
    },
    /// A number. All values count the smallest step: with 1 decimal, 382 is 38.2.
    Number {
        /// What is counted; absent for a bare count.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        unit: Option<Texts>,
        /// Digits after the decimal point.
        decimals: u8,
        /// The least value, in steps.
        #[ts(type = "number")]
        min: i64,
        /// The greatest value, in steps.
        #[ts(type = "number")]
        max: i64,
    },
    /// Some lines in the patient's own words.
    ShortText {
        /// The most characters.
        max_chars: u32,
    },
}

/// One option of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuestionOption {
    /// Unique in the question.
    pub code: String,
    /// What it says.
    pub texts: Texts,
}

/// Something about the answer to an earlier question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Condition {
    /// Which question. Unanswered: the condition does not hold.
    pub question: String,
    /// What its answer must be.
    pub answer: AnswerIs,
}

/// What an answer may be found to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum AnswerIs {
    /// Yes.
    Yes,
    /// No.
    No,
    /// At least one of these options was chosen.
    AnyOf {
        /// Codes of options.
        options: BTreeSet<String>,
    },
    /// The number is this or more.
    AtLeast {
        /// In steps.
        #[ts(type = "number")]
        value: i64,
    },
    /// The number is this or less.
    AtMost {
        /// In steps.
        #[ts(type = "number")]
        value: i64,
    },
}

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum FormAnswer {
    /// Yes is `true`.
    YesNo(bool),
    /// The code of the option.
    OneOf(String),
    /// The codes of the options; none is as good as no answer.
    SeveralOf(BTreeSet<String>),
    /// In the steps of the question.
    Number(#[ts(type = "number")] i64),
    /// In the patient's own words; blank is as good as no answer.
    ShortText(Redacted<String>),
}

/// What a patient says about consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConsentAct {
    /// Yes.
    Given,
    /// No.
    Refused,
    /// Not any more.
    Revoked,
}

/// One thing that a patient said about consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConsentEntry {
    /// What.
    pub act: ConsentAct,
    /// When.
    pub at: Timestamp,
    /// Of which version of the text.
    pub version: String,
}

/// The consent that a service asks for, with all that was said about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ConsentView {
    /// The version of the text that is asked about.
    pub version: String,
    /// In order; the last counts, when it was said of this version.
    pub said: Vec<ConsentEntry>,
}

/// A gate: something that a visit passes before it can be admitted. Two insurers, or two companions, are two gates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum GateKind {
    /// How surely it is known who the patient is.
    Identity,
    /// Whether this patient may be seen at a distance here.
    Eligibility,
    /// Whether an insurer covers the patient.
    Entitlement {
        /// Which insurer, by its code.
        insurer: String,
    },
    /// The patient's consent.
    Consent,
    /// The symptom form.
    SymptomForm,
    /// No answer means an emergency.
    EmergencyScreen,
    /// The payment.
    Payment,
    /// Consultations of this patient in this period.
    Quota,
    /// Somebody who must be there too.
    Companion {
        /// As what: `parent`, `interpreter`, `second_practitioner` or `other`.
        role: String,
    },
    /// Camera and microphone.
    DeviceCheck,
}

/// Who opens a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GateOpener {
    /// It opens by itself, from what the patient does here and what is known.
    BuiltIn,
    /// A practitioner or staff.
    Hand,
    /// A system outside, such as a bank.
    System,
}

/// A coded reason to open a gate although what it asks for is missing. Each belongs to one kind of gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GateException {
    /// Eligibility: the patient's own doctor is not available.
    OwnDoctorNotAvailable,
    /// Eligibility: the practitioner is on call for everybody.
    OnCallService,
    /// Eligibility: the patient cannot travel.
    CannotTravel,
    /// Identity: somebody of the clinic knows the patient.
    IdentityVouched,
    /// Entitlement: somebody saw the proof.
    EntitlementProven,
    /// Form and emergency screen: the questions were asked by voice.
    AskedByVoice,
    /// Payment: paid by another way.
    PaidOtherwise,
    /// Payment: nothing is asked of this patient.
    PaymentWaived,
    /// Quota: one consultation more is medically needed.
    MedicallyNeeded,
    /// Companion: the patient can do without.
    CompanionNotNeeded,
    /// Device check: it will have to do.
    DeviceAccepted,
}

/// Why a gate was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum GateReason {
    /// The identity is not sure enough.
    LevelTooLow,
    /// The patient may not be seen at a distance here.
    NotEligible,
    /// The insurer does not cover the patient.
    NotEntitled,
    /// The patient does not consent.
    ConsentRefused,
    /// The patient does not consent any more.
    ConsentRevoked,
    /// The payment failed or was taken back.
    NotPaid,
    /// The consultations of this period are used up.
    QuotaReached,
    /// The devices will not do.
    DeviceUnsuitable,
    /// Anything else; the message says it.
    Other,
}

/// Why a gate stands shut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum WhyShut {
    /// It was not answered.
    Pending {
        /// Until when the answer is waited for; absent when nobody is hurried.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        expires_at: Option<Timestamp>,
    },
    /// It was refused.
    Refused {
        /// Why.
        reason: GateReason,
        /// In the clinic's words; may be empty.
        message: Redacted<String>,
    },
    /// The outside system did not answer in time.
    Expired {
        /// The patient may have it asked again; otherwise only staff may.
        may_ask_again: bool,
    },
}

/// A gate that stands shut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ShutGate {
    /// Which.
    pub gate: GateKind,
    /// Who opens it.
    pub opened_by: GateOpener,
    /// Why it is shut.
    pub why: WhyShut,
    /// The exceptions by which this service lets it be opened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub exceptions: Vec<GateException>,
}

/// What a visit has still to pass, as its patient sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PatientIntake {
    /// The service's form, until all its required questions are answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub form: Option<Vec<Question>>,
    /// The form was handed in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<_>")]
    pub answered: bool,
    /// The consent that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub consent: Option<ConsentView>,
    /// The gates that stand shut, in the order in which they are shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub shut: Vec<ShutGate>,
    /// What the service costs, in words, while it is to be paid.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub price: String,
    /// What is paid back of it, in words, while it is to be paid.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub reimbursement: String,
}

/// What a visit has passed and has still to pass, as a practitioner sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VisitIntake {
    /// Whose form was answered: one of the snapshot's `forms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub form: Option<ServiceId>,
    /// What was answered to it.
    #[serde(default, skip_serializing_if = "no_answers")]
    #[ts(optional, as = "Option<FormAnswers>")]
    pub answers: Redacted<FormAnswers>,
    /// The consent that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub consent: Option<ConsentView>,
    /// The gates that stand shut: with any, the visit cannot be admitted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<_>")]
    pub shut: Vec<ShutGate>,
}

fn no_answers(answers: &Redacted<FormAnswers>) -> bool {
    answers.expose().is_empty()
}

/// The form that some visits of a practitioner's were answered by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ServiceForm {
    /// Of which service.
    pub service: ServiceId,
    /// Its questions, in order.
    pub questions: Vec<Question>,
}

/// How much longer a patient waits: between the two for four people in five. Whole minutes, rounded outward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Wait {
    /// From which moment on.
    pub from: Timestamp,
    /// At least so many minutes.
    pub low: u32,
    /// At most so many minutes.
    pub high: u32,
}

/// A service takes nobody in now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Closed {
    /// Why.
    pub reason: ClosedReason,
    /// When it opens again, should nothing else change; absent when that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub opens_at: Option<Timestamp>,
    /// The clinic's own words, such as a holiday's name; may be empty.
    #[serde(default, skip_serializing_if = "no_words")]
    #[ts(optional, as = "Option<_>")]
    pub words: Redacted<String>,
}

fn no_words(words: &Redacted<String>) -> bool {
    words.expose().is_empty()
}

/// Why a service takes nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ClosedReason {
    /// The clinic closed it.
    Closed,
    /// Nobody practises it.
    NobodyPractises,
    /// It is outside the opening hours.
    OutsideHours,
    /// No practitioner is on shift.
    NobodyOnShift,
    /// The shifts hold no more than those who wait and are booked need.
    ShiftsFull,
}
