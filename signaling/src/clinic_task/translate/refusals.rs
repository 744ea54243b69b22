//! What a refusal is exactly.

use vestibule_clinic::GateRefusal;
use vestibule_clinic::calendar::Period;
use vestibule_clinic::shield::ShieldReason;
use vestibule_protocol::ErrorReason;

pub(super) fn shielded(reason: ShieldReason) -> ErrorReason {
    match reason {
        ShieldReason::Pause => ErrorReason::Pause,
        ShieldReason::RestDue => ErrorReason::RestDue,
        ShieldReason::HourCap => ErrorReason::HourCap,
        ShieldReason::DayCap => ErrorReason::DayCap,
        ShieldReason::BreakSoon => ErrorReason::BreakSoon,
        ShieldReason::OnBreak => ErrorReason::OnBreak,
        ShieldReason::ShiftEnding => ErrorReason::ShiftEnding,
        ShieldReason::OffShift => ErrorReason::OutsideShifts,
        ShieldReason::InConsultation => ErrorReason::InConsultation,
    }
}

pub(super) fn quota(period: Period) -> Option<ErrorReason> {
    match period {
        // No quota is of an hour.
        Period::Hour => None,
        Period::Day => Some(ErrorReason::Day),
        Period::Month => Some(ErrorReason::Month),
        Period::Year => Some(ErrorReason::Year),
    }
}

pub(super) fn gate(refusal: GateRefusal) -> ErrorReason {
    match refusal {
        GateRefusal::GateNotRequired => ErrorReason::GateNotRequired,
        GateRefusal::GateNotYours => ErrorReason::GateNotYours,
        GateRefusal::GateAnswered => ErrorReason::GateAnswered,
        GateRefusal::GateExpired => ErrorReason::GateExpired,
        GateRefusal::GateAskedTooOften => ErrorReason::GateAskedTooOften,
        GateRefusal::ExceptionNeeded => ErrorReason::ExceptionNeeded,
        GateRefusal::ExceptionNotAllowed => ErrorReason::ExceptionNotAllowed,
        GateRefusal::ForeignReason => ErrorReason::ForeignReason,
        GateRefusal::InvalidText => ErrorReason::GateTextInvalid,
        GateRefusal::NotReady => ErrorReason::GatesNotOpen,
        GateRefusal::Admitted => ErrorReason::AdmittedAlready,
        GateRefusal::Emergency => ErrorReason::EmergencyFound,
    }
}
