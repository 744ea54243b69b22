//! Order, quotas, and what protects those who work.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vestibule_clinic::quota::Quota;
use vestibule_clinic::shield::{Roster, RosterError, Shift};

use super::{Length, Moment, by_rules};
use crate::api::Problem;
use crate::api::refusal::told;

/// Who comes before whom: how much earlier a visit counts, and why.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Order)]
pub(in crate::api) struct OrderShape {
    /// What an appointment is worth against walk-ins.
    appointment: Length,
    /// So late one may come for an appointment and still count from its time.
    late: Length,
    /// What urgency `soon` is worth.
    soon: Length,
    /// What urgency `urgent` is worth.
    urgent: Length,
    /// The ageing bound: no credit is worth more, and whoever has waited for so long is passed over no more.
    bound: Length,
}

/// By what a queue is held to what the shifts can hold.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ShiftPromise)]
pub(in crate::api) struct PromiseShape {
    /// How long a consultation takes that is longer than most.
    typical: Length,
    /// How long before their shift a practitioner is counted on.
    lead: Length,
}

/// How many consultations of a service a patient may have, by the calendar of the clinic's zone.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Quota)]
pub(in crate::api) struct QuotaShape {
    /// In a day: 1 to 300.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 300)]
    day: Option<u16>,
    /// In a month: 1 to 300.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 300)]
    month: Option<u16>,
    /// In a year: 1 to 300.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 300)]
    year: Option<u16>,
    /// From which length on a consultation counts that the patient left or was lost from: two minutes unless said.
    #[serde(default = "two_minutes")]
    counts_after: Length,
}

fn two_minutes() -> Length {
    Length(Quota::default().counts_after.0)
}

/// How much a practitioner may be asked to do. Asks for nothing unless set.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Shield)]
pub(in crate::api) struct ShieldShape {
    /// Consultations that begin in one hour of the local clock: 1 to 300.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 300)]
    hour: Option<u16>,
    /// Consultations that begin on one local day: 1 to 300.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 300)]
    day: Option<u16>,
    /// The time after each consultation in which none begins.
    #[serde(default = "none")]
    pause: Length,
    /// The longest stretch of work, and the rest that ends it.
    #[serde(default)]
    stretch: Option<StretchShape>,
    /// The time before a planned break and before the end of a shift in which none begins.
    #[serde(default = "none")]
    buffer: Length,
}

fn none() -> Length {
    Length(0)
}

/// How long somebody may work without a break.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Stretch)]
struct StretchShape {
    /// Once work has lasted this long, no consultation begins before a rest.
    longest: Length,
    /// So long without a consultation is a rest.
    rest: Length,
}

/// One shift and its planned breaks.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Shift)]
pub(in crate::api) struct ShiftShape {
    /// When it begins.
    from: Moment,
    /// When it ends.
    to: Moment,
    /// The breaks within it, in any order; they may overlap. At most 24.
    #[serde(default)]
    breaks: Vec<BreakShape>,
}

/// A break of a shift.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Break)]
struct BreakShape {
    /// When it begins.
    from: Moment,
    /// When it ends.
    to: Moment,
}

/// Whether a practitioner sees patients.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
#[schema(as = Duty)]
pub(in crate::api) enum DutyShape {
    /// They do.
    On {},
    /// They will again.
    Break {
        /// When they are on duty again by themselves.
        until: Option<Moment>,
    },
    /// They do not today.
    Off {},
}

/// The shifts by the rules, or what is wrong with them under its own code.
pub(in crate::api) fn roster(shifts: &[ShiftShape]) -> Result<Roster, Problem> {
    let shifts: Vec<Shift> = by_rules(&shifts)?;
    Roster::new(shifts).map_err(roster_problem)
}

/// What is wrong with shifts.
pub(in crate::api) fn roster_problem(error: RosterError) -> Problem {
    let code = match error {
        RosterError::Empty => "empty_shift",
        RosterError::Overlapping => "overlapping_shifts",
        RosterError::BreakOutsideShift => "break_outside_shift",
        RosterError::TooManyBreaks => "too_many_breaks",
        RosterError::TooManyShifts => "too_many_shifts",
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    told(status, code, &error, "Mend the shifts and send them again")
}
