//! Why a gate was opened although what it asks for is missing.

use serde::{Deserialize, Serialize};

use super::GateKind;

/// A coded reason, recorded with the gate that it opened. Each belongs to one kind of gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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

impl GateException {
    /// It can be a reason to open such a gate.
    #[must_use]
    pub fn fits(self, gate: &GateKind) -> bool {
        match self {
            Self::OwnDoctorNotAvailable | Self::OnCallService | Self::CannotTravel => {
                matches!(gate, GateKind::Eligibility)
            }
            Self::IdentityVouched => matches!(gate, GateKind::Identity),
            Self::EntitlementProven => matches!(gate, GateKind::Entitlement { .. }),
            Self::AskedByVoice => {
                matches!(gate, GateKind::SymptomForm | GateKind::EmergencyScreen)
            }
            Self::PaidOtherwise | Self::PaymentWaived => matches!(gate, GateKind::Payment),
            Self::MedicallyNeeded => matches!(gate, GateKind::Quota),
            Self::CompanionNotNeeded => matches!(gate, GateKind::Companion { .. }),
            Self::DeviceAccepted => matches!(gate, GateKind::DeviceCheck),
        }
    }
}
