//! Why a calendar is refused.

use thiserror::Error;

/// Why hours, closures or a zone are not taken. Each variant is one stable code on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum CalendarError {
    /// Code `unknown_time_zone`.
    #[error("there is no such time zone; name one as the IANA does, such as Europe/Brussels")]
    UnknownZone,
    /// Code `invalid_time`.
    #[error("a time of day is written HH:MM, from 00:00 to 24:00, and a span begins before 24:00")]
    InvalidTime,
    /// Code `empty_span`.
    #[error("it ends no later than it begins; a whole day is from 00:00 to 24:00")]
    EmptySpan,
    /// Code `overlapping_spans`.
    #[error("two spans of the week overlap")]
    OverlappingSpans,
    /// Code `too_many_spans`.
    #[error("a day of the week has too many spans")]
    TooManySpans,
    /// Code `too_many_closures`.
    #[error("there are too many closures; those that are over can be removed")]
    TooManyClosures,
    /// Code `too_many_extra_openings`.
    #[error("there are too many extra openings; those that are over can be removed")]
    TooManyExtraOpenings,
    /// Code `invalid_text`.
    #[error(
        "the reason of a closure is too long, shows nothing, or has characters that nobody sees or that turn it around"
    )]
    InvalidReason,
}

impl CalendarError {
    /// Each of them, for whoever says what the codes mean.
    pub const ALL: [Self; 8] = [
        Self::UnknownZone,
        Self::InvalidTime,
        Self::EmptySpan,
        Self::OverlappingSpans,
        Self::TooManySpans,
        Self::TooManyClosures,
        Self::TooManyExtraOpenings,
        Self::InvalidReason,
    ];
}
