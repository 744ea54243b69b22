//! Why no consultation may begin.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vestibule_vocab::Timestamp;

/// No consultation may begin now. Its reason is the stable code on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error, Serialize)]
#[error("no consultation may begin: {reason}")]
pub struct Shielded {
    /// Why; of several reasons, the one that lasts longest.
    pub reason: ShieldReason,
    /// Until when this reason holds; another may hold then. `None` when nobody can know.
    pub until: Option<Timestamp>,
}

/// Why the shield holds.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Error, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum ShieldReason {
    /// Code `pause`.
    #[error("the pause after the last consultation is not over")]
    Pause,
    /// Code `rest_due`.
    #[error("the longest stretch of work is over and a rest is due")]
    RestDue,
    /// Code `hour_cap`.
    #[error("this hour has as many consultations as are allowed")]
    HourCap,
    /// Code `day_cap`.
    #[error("this day has as many consultations as are allowed")]
    DayCap,
    /// Code `break_soon`.
    #[error("a planned break begins too soon")]
    BreakSoon,
    /// Code `on_break`: also a break that a consultation ran into, and that is taken after it.
    #[error("the practitioner has a break")]
    OnBreak,
    /// Code `shift_ending`.
    #[error("the shift ends too soon")]
    ShiftEnding,
    /// Code `off_shift`.
    #[error("the practitioner has no shift now")]
    OffShift,
    /// Code `in_consultation`.
    #[error("the practitioner is in a consultation")]
    InConsultation,
}
