//! Gates: what a service asks for, and how they are answered.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vestibule_clinic::{GateRule, GateRules};

use super::{CodeWord, Length, by_rules};
use crate::api::Problem;
use crate::api::refusal::wrong;

/// One gate of a service.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GateRule)]
pub(in crate::api) struct GateRuleShape {
    /// What it asks for.
    requires: RequirementShape,
    /// Who opens it.
    opened_by: OpenedByShape,
    /// The exceptions that this service allows.
    #[serde(default)]
    exceptions: Vec<ExceptionShape>,
}

/// What a gate asks for.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "gate", deny_unknown_fields)]
#[schema(as = Requirement)]
enum RequirementShape {
    /// The session's token claims this level or a higher one.
    Identity {
        /// The least.
        level: LevelShape,
    },
    /// One of the first at least, when there are any, and each of the second.
    Eligibility {
        /// One of these suffices.
        #[serde(default)]
        any_of: Vec<RelationShape>,
        /// None of these may be missing.
        #[serde(default)]
        all_of: Vec<RelationShape>,
    },
    /// This insurer covers the patient.
    Entitlement {
        /// Which insurer.
        insurer: CodeWord,
    },
    /// Consent to this version of the text.
    Consent {
        /// Which version.
        version: CodeWord,
    },
    /// All required answers of the service's form.
    SymptomForm {},
    /// The form is complete and has no red flag.
    EmergencyScreen {},
    /// Paid, or not to be paid.
    Payment {},
    /// Fewer consultations than the service allows.
    Quota {},
    /// A companion in this role is present.
    Companion {
        /// Which role.
        role: RoleShape,
    },
    /// The devices and the network will do.
    DeviceCheck {},
}

/// The name of a gate of a visit.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "gate", deny_unknown_fields)]
pub(in crate::api) enum GateName {
    /// How surely it is known who the patient is.
    Identity {},
    /// Whether this patient may be seen at a distance by this practitioner.
    Eligibility {},
    /// Whether an insurer covers the patient.
    Entitlement {
        /// Which insurer.
        insurer: CodeWord,
    },
    /// The patient's consent.
    Consent {},
    /// The symptom form.
    SymptomForm {},
    /// No answer means an emergency.
    EmergencyScreen {},
    /// The payment.
    Payment {},
    /// Consultations of this patient in this period.
    Quota {},
    /// Somebody who must be there too.
    Companion {
        /// As what.
        role: RoleShape,
    },
    /// Camera, microphone and network.
    DeviceCheck {},
}

/// Who opens a gate.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "who", deny_unknown_fields)]
#[schema(as = OpenedBy)]
enum OpenedByShape {
    /// Vestibule itself.
    BuiltIn {},
    /// A practitioner or staff, each time.
    Hand {},
    /// An outside system, through this API.
    System {
        /// Its name: that of the key with which it answers.
        system: CodeWord,
        /// How long its answer is waited for: a second to a week.
        wait: Length,
        /// What follows when it does not come.
        then: AfterWaitShape,
    },
}

/// What follows when an outside system did not answer in time.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AfterWait)]
enum AfterWaitShape {
    /// The gate stays shut; only a practitioner or staff may have it asked again.
    Refuse,
    /// The patient too may ask again.
    AskAgain,
}

/// How surely it is known who somebody is; a higher one includes the lower.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = IdentityLevel)]
pub(in crate::api) enum LevelShape {
    /// Holds an invitation link.
    Link,
    /// And a code that was sent apart.
    Code,
    /// Low, as in Regulation (EU) 910/2014.
    Low,
    /// Substantial.
    Substantial,
    /// High, such as an identity card.
    High,
}

/// What patient and practitioner are to each other.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Relation)]
pub(in crate::api) enum RelationShape {
    /// The practitioner, or the practice, has the patient's record.
    KnownToPractitioner,
    /// Another practitioner referred the patient.
    Referred,
    /// They have met in person.
    SeenInPerson,
}

/// Why a gate was opened although what it asks for is missing. Each belongs to one kind of gate.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = GateException)]
pub(in crate::api) enum ExceptionShape {
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
    /// Symptom form and emergency screen: the questions were asked by voice.
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
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = GateReason)]
pub(in crate::api) enum ReasonShape {
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
    /// The devices or the network will not do.
    DeviceUnsuitable,
    /// Anything else; the message says it.
    Other,
}

/// As what a companion comes.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CompanionRole)]
pub(in crate::api) enum RoleShape {
    /// A parent or guardian.
    Parent,
    /// An interpreter.
    Interpreter,
    /// A second practitioner.
    SecondPractitioner,
    /// Anybody else whom the patient wants there.
    Other,
}

/// The gates of a service by the rules, or what is wrong with them under its own code.
pub(in crate::api) fn gate_rules(shapes: &[GateRuleShape]) -> Result<GateRules, Problem> {
    let rules: Vec<GateRule> = by_rules(&shapes)?;
    GateRules::new(rules).map_err(|error| wrong(&error.fault, &error))
}
