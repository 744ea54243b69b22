//! The limits of a clinic, each with its reason.

use vestibule_vocab::Millis;

/// Characters of a patient's name: the longest names on record fit; a page of text does not.
pub const NAME_CHARS: usize = 100;

/// Characters of a reason for the visit: a few sentences that fit a console's row.
pub const REASON_CHARS: usize = 500;

/// Characters of the practitioner's own words with a declined visit.
pub const DECLINE_MESSAGE_CHARS: usize = 300;

/// Practitioners connected at once: more than the largest on-call service of one clinic, and few
/// enough that a snapshot for each of them stays cheap.
pub const PRACTITIONERS: usize = 1_000;

/// Visits that have ended and are still remembered, so that a reload shows how: a busy day of 5,000
/// visits twice over. The oldest is forgotten first.
pub const ENDED_VISITS: usize = 10_000;

/// Bytes of a time zone's name: the longest of the IANA database has 32.
pub const ZONE_CHARS: usize = 64;

/// Spans that begin on one day of the week: morning, afternoon, evening and night, twice over.
pub const SPANS_A_DAY: usize = 8;

/// Closures of a service: each public holiday and each week of leave, for several years ahead.
pub const CLOSURES: usize = 200;

/// Extra openings of a service: one each week for several years.
pub const EXTRA_OPENINGS: usize = 200;

/// Characters of the reason of a closure: a sentence on a patient's page.
pub const CLOSURE_REASON_CHARS: usize = 200;

/// How far ahead the next opening is searched: a service that stays closed for a year is closed.
pub const OPENING_SEARCH: Millis = Millis::from_secs(366 * 24 * 60 * 60);

/// The highest cap on consultations in a period, and so how many are remembered: twelve hours of a
/// few minutes each in a day, or nearly one a day in a year.
pub const CAP: u16 = 300;

/// Characters of the words with which an exception is granted.
pub const EXCEPTION_CHARS: usize = 300;

/// Shifts of a practitioner that are planned: two a day for a month.
pub const SHIFTS: usize = 62;

/// Planned breaks of a shift: one an hour of the longest.
pub const SHIFT_BREAKS: usize = 24;

/// Reasons that are followed one after another in search of the next free moment: a month of shifts
/// with each of their breaks and hours has fewer.
pub const SHIELD_STEPS: usize = 2_500;

/// How long a practitioner without planned shifts is taken to go on working.
pub const UNPLANNED_SHIFT: Millis = Millis::from_secs(12 * 60 * 60);

/// How far ahead shifts are looked at to say when a full queue opens again: a week, as rosters are
/// made.
pub const POOL_HORIZON: Millis = Millis::from_secs(7 * 24 * 60 * 60);
