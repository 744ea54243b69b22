//! Which gates there are, and what each asks for.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Code, CompanionRole};

/// Names one gate of a visit. Two companions, or two insurers, are two gates.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "gate")]
pub enum GateKind {
    /// How surely it is known who the patient is.
    Identity,
    /// Whether this patient may be seen at a distance by this practitioner.
    Eligibility,
    /// Whether an insurer covers the patient.
    Entitlement {
        /// Which insurer.
        insurer: Code,
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
        /// As what.
        role: CompanionRole,
    },
    /// Camera, microphone and network.
    DeviceCheck,
}

/// A gate with what it asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "gate")]
pub enum Requirement {
    /// The session's token claims this level or a higher one.
    Identity {
        /// The least.
        level: IdentityLevel,
    },
    /// One of the first at least, when there are any, and each of the second.
    Eligibility {
        /// One of these suffices.
        #[serde(default)]
        any_of: BTreeSet<Relation>,
        /// None of these may be missing.
        #[serde(default)]
        all_of: BTreeSet<Relation>,
    },
    /// This insurer covers the patient.
    Entitlement {
        /// Which insurer.
        insurer: Code,
    },
    /// Consent to this version of the text.
    Consent {
        /// Which version.
        version: Code,
    },
    /// All required answers of the service's form.
    SymptomForm,
    /// The form is complete and has no red flag.
    EmergencyScreen,
    /// Paid, or not to be paid.
    Payment,
    /// Fewer consultations than the service allows.
    Quota,
    /// A companion in this role is present.
    Companion {
        /// Which role.
        role: CompanionRole,
    },
    /// The devices and the network will do.
    DeviceCheck,
}

/// How surely it is known who somebody is, as the session's token claims; a higher one includes the
/// lower. The last three are those of Regulation (EU) 910/2014, article 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityLevel {
    /// Holds an invitation link.
    Link,
    /// And a code that was sent apart.
    Code,
    /// Low.
    Low,
    /// Substantial.
    Substantial,
    /// High, such as an identity card.
    High,
}

/// What patient and practitioner are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The practitioner, or the practice, has the patient's record.
    KnownToPractitioner,
    /// Another practitioner referred the patient.
    Referred,
    /// They have met in person.
    SeenInPerson,
}

impl Requirement {
    /// The name of the gate.
    #[must_use]
    pub fn kind(&self) -> GateKind {
        match self {
            Self::Identity { .. } => GateKind::Identity,
            Self::Eligibility { .. } => GateKind::Eligibility,
            Self::Entitlement { insurer } => GateKind::Entitlement {
                insurer: insurer.clone(),
            },
            Self::Consent { .. } => GateKind::Consent,
            Self::SymptomForm => GateKind::SymptomForm,
            Self::EmergencyScreen => GateKind::EmergencyScreen,
            Self::Payment => GateKind::Payment,
            Self::Quota => GateKind::Quota,
            Self::Companion { role } => GateKind::Companion { role: *role },
            Self::DeviceCheck => GateKind::DeviceCheck,
        }
    }

    /// The version of the text that is to be consented to.
    pub(super) fn text(&self) -> Option<&Code> {
        match self {
            Self::Consent { version } => Some(version),
            Self::Identity { .. }
            | Self::Eligibility { .. }
            | Self::Entitlement { .. }
            | Self::SymptomForm
            | Self::EmergencyScreen
            | Self::Payment
            | Self::Quota
            | Self::Companion { .. }
            | Self::DeviceCheck => None,
        }
    }
}

impl fmt::Display for GateKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Identity => "identity",
            Self::Eligibility => "eligibility",
            Self::Entitlement { .. } => "entitlement",
            Self::Consent => "consent",
            Self::SymptomForm => "symptom_form",
            Self::EmergencyScreen => "emergency_screen",
            Self::Payment => "payment",
            Self::Quota => "quota",
            Self::Companion { .. } => "companion",
            Self::DeviceCheck => "device_check",
        })
    }
}
