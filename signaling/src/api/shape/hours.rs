//! Opening hours.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vestibule_clinic::calendar::{
    CalendarError, LocalTime, OpeningHours, Span as RuleSpan, Timetable, Zone,
};

use super::super::refusal::told;
use super::{Moment, by_rules};
use crate::api::Problem;

/// When a service takes new visits.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Hours {
    /// The time zone by whose clock the hours are read, by its name in the IANA database.
    #[schema(example = "Europe/Brussels")]
    zone: String,
    /// An ordinary week.
    regular: Week,
    /// When it is closed all the same, in any order; they may overlap. At most 200.
    #[serde(default)]
    closures: Vec<Closure>,
    /// When it is open all the same, even during a closure. At most 200.
    #[serde(default)]
    extra: Vec<Extent>,
}

/// An ordinary week.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Week {
    /// Day and night.
    Always,
    /// The hours of each day.
    Weekly(Days),
}

/// The spans that begin on each day of the week, at most 8 a day; a day without any is closed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Days {
    #[serde(default)]
    monday: Vec<Span>,
    #[serde(default)]
    tuesday: Vec<Span>,
    #[serde(default)]
    wednesday: Vec<Span>,
    #[serde(default)]
    thursday: Vec<Span>,
    #[serde(default)]
    friday: Vec<Span>,
    #[serde(default)]
    saturday: Vec<Span>,
    #[serde(default)]
    sunday: Vec<Span>,
}

/// A span by the local clock. One that ends no later in the day than it begins passes midnight.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Span {
    /// Its beginning, before `24:00`.
    #[schema(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "09:00")]
    from: String,
    /// Its end.
    #[schema(pattern = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", example = "17:30")]
    to: String,
}

/// A time during which a service is closed although its week says otherwise.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Closure {
    /// When.
    extent: Extent,
    /// Why, in words for patients: at most 200 characters.
    #[serde(default)]
    reason: String,
}

/// How long a closure or an extra opening lasts.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Extent {
    /// Whole days, by the local calendar.
    Days(DateRange),
    /// A span that begins on one date, by the local clock.
    Hours(DateSpan),
    /// From one moment to another.
    Moments(Moments),
}

/// From one date to another.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DateRange {
    /// The first.
    #[schema(format = Date, example = "2026-12-24")]
    first: String,
    /// The last, which is part of it.
    #[schema(format = Date, example = "2026-12-26")]
    last: String,
}

/// A span on a date.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DateSpan {
    /// The date.
    #[schema(format = Date, example = "2026-12-24")]
    date: String,
    /// The span.
    span: Span,
}

/// From one moment up to another.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Moments {
    /// The first moment.
    from: Moment,
    /// The first moment after it.
    to: Moment,
}

impl Hours {
    fn spans(&self) -> impl Iterator<Item = &Span> {
        let days = match &self.regular {
            Week::Always => Vec::new(),
            Week::Weekly(days) => days.spans(),
        };
        let closures = self.closures.iter().map(|closure| &closure.extent);
        let dated = closures.chain(&self.extra).filter_map(|it| match it {
            Extent::Hours(hours) => Some(&hours.span),
            Extent::Days(_) | Extent::Moments(_) => None,
        });
        days.into_iter().chain(dated)
    }
}

impl Days {
    fn spans(&self) -> Vec<&Span> {
        let days = [
            &self.monday,
            &self.tuesday,
            &self.wednesday,
            &self.thursday,
            &self.friday,
            &self.saturday,
            &self.sunday,
        ];
        days.into_iter().flatten().collect()
    }
}

impl Span {
    fn check(&self) -> Result<(), CalendarError> {
        RuleSpan::new(LocalTime::parse(&self.from)?, LocalTime::parse(&self.to)?)?;
        Ok(())
    }
}

/// Opening hours by the rules, or what is wrong with them under its own code.
pub(in crate::api) fn opening_hours(hours: &Hours) -> Result<OpeningHours, Problem> {
    Zone::parse(&hours.zone).map_err(calendar_problem)?;
    for span in hours.spans() {
        span.check().map_err(calendar_problem)?;
    }
    let timetable: Timetable = by_rules(hours)?;
    OpeningHours::new(timetable).map_err(calendar_problem)
}

/// What is wrong with hours.
pub(in crate::api) fn calendar_problem(error: CalendarError) -> Problem {
    let code = match error {
        CalendarError::UnknownZone => "unknown_time_zone",
        CalendarError::InvalidTime => "invalid_time",
        CalendarError::EmptySpan => "empty_span",
        CalendarError::OverlappingSpans => "overlapping_spans",
        CalendarError::TooManySpans => "too_many_spans",
        CalendarError::TooManyClosures => "too_many_closures",
        CalendarError::TooManyExtraOpenings => "too_many_extra_openings",
        CalendarError::InvalidReason => "invalid_text",
    };
    let status = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    told(status, code, &error, "Mend the hours and send them again")
}
