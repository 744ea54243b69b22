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

/// Characters of a [`Code`](crate::Code): a few words joined by `_`, or the name of a system.
pub const CODE_CHARS: usize = 40;

/// Questions of one symptom form: more than anybody fills in while ill.
pub const QUESTIONS: usize = 50;

/// Options of one question: a list that fits a phone's page or two.
pub const OPTIONS: usize = 20;

/// Characters of a question in one language: two sentences, and an explanation.
pub const QUESTION_CHARS: usize = 300;

/// Characters of an option in one language: one line or two on a phone.
pub const OPTION_CHARS: usize = 100;

/// Characters of a unit in one language: `beats a minute` fits.
pub const UNIT_CHARS: usize = 20;

/// Bytes of all the texts of a form together: 50 questions of a sentence with a handful of options in
/// four languages fit, and a page loads it at once.
pub const FORM_BYTES: usize = 64 * 1024;

/// Conditions of one question: more than a clinic can keep in mind.
pub const CONDITIONS: usize = 5;

/// Red flags of one question: a number has two, one at each end.
pub const RED_FLAGS: usize = 5;

/// The greatest number of steps either way that is answered to a question: a thousand million, which
/// every JSON reader holds exactly.
pub const NUMBER: i64 = 1_000_000_000;

/// Digits after the decimal point of a number that is answered.
pub const NUMBER_DECIMALS: u8 = 3;

/// Characters that a form may allow for an answer in the patient's own words: as a reason.
pub const ANSWER_CHARS: usize = REASON_CHARS;
