//! The limits of a clinic, each with its reason.

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

/// Services of a clinic: a hospital's outpatient departments, with room to spare.
pub const SERVICES: usize = 500;

/// Practitioners whom a clinic may register.
pub const REGISTERED: usize = 5_000;

/// Services that one practitioner practises: what their console shows is merged from so many queues.
pub const SERVICES_EACH: usize = 32;

/// Languages of a service or a practitioner.
pub const LANGUAGES: usize = 16;

/// Characters of a code such as a specialty's.
pub const CODE_CHARS: usize = 40;

/// Characters of a price or of what is paid back, in words.
pub const PRICE_CHARS: usize = 300;

/// Characters of what staff write to somebody who waits.
pub const MESSAGE_CHARS: usize = 300;

/// Consultations that one practitioner may have on hold: a nurse who hands over several, not a second queue.
pub const HELD: usize = 5;

/// Visits that were called or did not come, as a practitioner sees them and looks for them in each waiting room: who
/// may be called back is among the latest.
pub const MISSED: usize = 20;

/// Visits that are expected: the appointments of a large clinic for some weeks.
pub const EXPECTED: usize = 20_000;

/// Visits at the front of a waiting room that are looked at for whom to prepare a call. Whoever waits behind so many who
/// speak another language is connected when admitted.
pub const LOOK_AHEAD: usize = 8;
