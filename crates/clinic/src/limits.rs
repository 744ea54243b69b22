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

/// Characters of a [`Code`](crate::Code): a few words joined by `_`, or the name of a system.
pub const STABLE_CODE_CHARS: usize = 40;

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

/// Gates of one service: each kind once, and some insurers and companions.
pub const GATES: usize = 20;

/// The shortest wait for an outside system: a request, its answer, and a moment's trouble.
pub const GATE_WAIT_MIN: Millis = Millis::from_secs(1);

/// The longest wait for an outside system: a bank transfer takes some days.
pub const GATE_WAIT_MAX: Millis = Millis::from_secs(7 * 24 * 60 * 60);

/// How often an outside system is asked again for one gate: each time is a message to it.
pub const GATE_ASKS: u32 = 10;

/// Characters of the words with a refused gate: as with a declined visit.
pub const GATE_MESSAGE_CHARS: usize = DECLINE_MESSAGE_CHARS;

/// Entries of one visit's consent. The last place is kept for taking it back.
pub const CONSENT_ENTRIES: usize = 50;

/// People in one consultation: a screen shows five, and the receive slots of a leg are for four
/// others.
pub const PEOPLE: usize = 5;

/// Companions in one consultation: all but the patient and the practitioner.
pub const COMPANIONS: usize = PEOPLE - 2;

/// Invitations of one visit, whatever became of them: each seat several times over.
pub const INVITATIONS: usize = 20;

/// The shortest time for which an invitation is good: long enough to be read and opened.
pub const INVITATION_VALID_MIN: Millis = Millis::from_secs(60);

/// The longest time for which an invitation is good: from the booking of an appointment some months
/// ahead.
pub const INVITATION_VALID_MAX: Millis = Millis::from_secs(366 * 24 * 60 * 60);
