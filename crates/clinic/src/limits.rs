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

/// Patients who have a regular practitioner here: the whole practice of a hundred general practitioners, at some tens of bytes
/// each.
pub const REGULARS: usize = 200_000;

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

/// Lengths of consultations, and of pauses, that an estimate looks back on: a day of two
/// practitioners, so that yesterday's pace is forgotten; half a kilobyte each.
pub const OBSERVED_LENGTHS: usize = 128;

/// Lengths without which no wait is estimated: with fewer, an 80 % interval is a guess.
pub const NEEDED_LENGTHS: usize = 20;

/// Departures from the waiting room after which the older half of the counts is forgotten: the
/// share of people who do not come moves with the season, not with the hour.
pub const OBSERVED_DEPARTURES: u32 = 512;

/// Times that the queue is played ahead for one estimate: its tenth and its ninetieth percentile
/// lie twelve from the end, and one estimate stays within some microseconds.
pub const REPLAYS: u32 = 128;

/// Practitioners who are played for one estimate: eight, before and after a break. A larger pool is
/// played as this many of them, with as much less of a queue.
pub const PLAYED_SERVERS: usize = 16;

/// Places that are estimated at once, for whoever shows a whole queue: a screen of it several times
/// over, at a kilobyte each while it lasts.
pub const ESTIMATED_PLACES: usize = 1_000;

/// The longest wait that is estimated: a patient is not asked to wait past one working day.
pub const ESTIMATED_WAIT: Millis = Millis::from_secs(10 * 60 * 60);

/// The longest consultation or pause that counts as observed. A longer one was forgotten, not held.
pub const OBSERVED_LENGTH: Millis = Millis::from_secs(4 * 60 * 60);

/// Kept and broken promises that one count holds before the next begins.
pub const COVERAGE_COUNT: u32 = 64;

/// Counts of promises that are looked back on: a thousand promises, a few days of a busy service.
pub const COVERAGE_COUNTS: usize = 16;

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

/// Stretches of open time and of work that are looked at for the next at which an appointment could be kept: two a day for
/// more than a month.
pub const TIMES_LOOKED_AT: usize = 80;

/// Shifts of a practitioner that are planned: two a day for a month.
pub const SHIFTS: usize = 62;

/// Planned breaks of a shift: one an hour of the longest.
pub const SHIFT_BREAKS: usize = 24;

/// Reasons that are followed one after another in search of the next free moment: a month of shifts
/// with each of their breaks and hours has fewer.
pub const SHIELD_STEPS: usize = 2_500;

/// How long a practitioner without planned shifts is taken to go on working.
pub const UNPLANNED_SHIFT: Millis = Millis::from_secs(12 * 60 * 60);

/// How far ahead the work of such a practitioner is looked at: a cap of a day ends within the longest day, of 25 hours, and
/// what is counted on then lies within their shift.
pub const UNPLANNED_AHEAD: Millis = Millis::from_secs((25 + 12) * 60 * 60);

/// How long before a shift begins nobody who waits for its practitioner is asked whether they take another: they came for
/// it.
pub const SHIFT_NEAR: Millis = Millis::from_secs(60 * 60);

/// How far ahead shifts are looked at to say when a full queue opens again: a week, as rosters are
/// made.
pub const POOL_HORIZON: Millis = Millis::from_secs(7 * 24 * 60 * 60);

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

/// How often a patient has an outside system asked again for one gate: each time is a message to it. Staff answer for
/// theirs, of which each waits until the one before has expired.
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

/// Places up to which somebody who arrives is promised an interval that is followed up. Further behind it is shown all
/// the same; an arrival behind thousands shall cost no more than one behind three.
pub const PROMISED_PLACES: u32 = 20;

/// Those who stand before whoever is admitted, of whom each is looked at for why they could not be: a long queue several times
/// over. Each takes some fifty bytes of the audit log when they could not, and a fraction of a microsecond.
pub const LOOKED_AT: usize = 250;

/// Sentences that explain one visit: a day in which a hundred others were seen before it, and all that happened besides.
pub const SENTENCES: usize = 1_000;
