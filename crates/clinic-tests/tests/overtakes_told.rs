//! Whoever waits where one practitioner looks and is passed over: for each of them there is a reason that is true of both, and
//! the log tells it to both; or the practitioner is asked for one. Of any two, of any three, and of queues by chance.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::BTreeMap;
use std::fmt::{Debug, Formatter};

use proptest::prelude::*;
use support::*;
use vestibule_clinic::audit::{Entry, Explanation, Replay};
use vestibule_clinic::calendar::Zone;
use vestibule_clinic::{
    AnsweredBy, Appointment, Arriving, Booking, Choice, Decision, GateAnswer, GateKind, Input,
    Language, Order, Overtake, Practitioner, Rank, Refusal, Service, Turn, Urgency,
};

/// The practitioner who looks: after the waiting rooms of services 1 and 2, and their own.
const DOCTOR: u32 = 2;

/// The service that is paid for, and counts an urgency for more than the other.
const PAID: u32 = 2;

/// Somebody who waits there, and what brings them to their place.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Guest {
    /// What for.
    service: u32,
    /// For this practitioner alone.
    named: bool,
    /// So many minutes after the other came their appointment begins.
    appointment: Option<u64>,
    urgent: bool,
    is: Is,
}

/// What becomes of somebody before anybody is admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    There,
    /// Away at that moment.
    Away,
    /// They were away, were called, and are back.
    Called,
    /// There, and speaks what this practitioner does not.
    Foreign,
    /// There, and has still to pay.
    Unready,
}

impl Debug for Guest {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let at = if self.named { "named" } else { "pool" };
        write!(f, "{at} {}", self.service)?;
        if let Some(minutes) = self.appointment {
            write!(f, ", appointment in {minutes} min")?;
        }
        if self.urgent {
            write!(f, ", urgent")?;
        }
        write!(f, ", {:?}", self.is)
    }
}

/// Everybody who could be one of two.
fn guests() -> Vec<Guest> {
    let mut guests = Vec::new();
    for (service, named) in [(1, false), (2, false), (1, true)] {
        for appointment in [None, Some(3), Some(25), Some(55)] {
            for urgent in [false, true] {
                for is in [Is::There, Is::Away, Is::Called, Is::Foreign, Is::Unready] {
                    // Whoever names a practitioner has no language that keeps them apart, and one service is to be paid.
                    if is == Is::Foreign && named || is == Is::Unready && service != PAID {
                        continue;
                    }
                    guests.push(Guest {
                        service,
                        named,
                        appointment,
                        urgent,
                        is,
                    });
                }
            }
        }
    }
    guests
}

/// A clinic with some people in it, and its log.
#[derive(Clone)]
struct Queue {
    world: World,
    log: Vec<Entry>,
}

impl Queue {
    fn waiting(guests: &[Guest]) -> Self {
        let world = World::waiting([]);
        let mut some = Self {
            world,
            log: Vec::new(),
        };
        some.found();
        for (number, guest) in (1..).zip(guests) {
            some.book(number, *guest);
        }
        for (number, guest) in (1..).zip(guests) {
            some.world.pass(minutes(1));
            some.comes(number, *guest);
        }
        for (number, guest) in (1..).zip(guests) {
            some.goes(number, *guest);
        }
        some
    }

    fn found(&mut self) {
        let gates = serde_json::json!([
            { "requires": { "gate": "payment" }, "opened_by": { "who": "hand" } },
        ]);
        self.tell(Input::SetService {
            service: Box::new(Service {
                gates: serde_json::from_value(gates).unwrap(),
                order: Order {
                    soon: minutes(45),
                    ..Order::default()
                },
                ..Service::named(service(PAID), "Dermatology")
            }),
        });
        self.tell(Input::SetPractitioner {
            practitioner: Box::new(Practitioner {
                languages: Language::parse("fr").into_iter().collect(),
                ..Practitioner::named(practitioner(DOCTOR), "Dr Martin", [1, 2].map(service))
            }),
        });
        self.tell(Input::PractitionerConnected {
            practitioner: practitioner(DOCTOR),
        });
    }

    fn tell(&mut self, input: Input) {
        let outputs = self.world.tell(input.clone());
        assert_eq!(outputs.answer, Ok(()), "{input:?}");
        self.log.extend(outputs.audit);
    }

    fn choice(guest: Guest) -> Choice {
        if guest.named {
            Choice::Named(practitioner(DOCTOR))
        } else {
            Choice::Next
        }
    }

    fn book(&mut self, number: u32, guest: Guest) {
        let Some(ahead) = guest.appointment else {
            return;
        };
        // Of two with the same practitioner one is after the other.
        let at = self.world.now.plus(minutes(2 + ahead + u64::from(number)));
        let length = minutes(1);
        self.tell(Input::Book(Box::new(Booking {
            service: service(guest.service),
            choice: Self::choice(guest),
            appointment: Appointment { at, length },
            ..booking(number, at)
        })));
    }

    fn comes(&mut self, number: u32, guest: Guest) {
        let foreign = guest.is == Is::Foreign;
        self.tell(Input::Arrive(Box::new(Arriving {
            service: service(guest.service),
            choice: Self::choice(guest),
            language: Language::parse("nl").ok().filter(|_| foreign),
            ..arriving(number)
        })));
        if guest.service == PAID && guest.is != Is::Unready {
            self.tell(Input::Gate {
                visit: visit(number),
                gate: GateKind::Payment,
                by: AnsweredBy::Practitioner {
                    practitioner: practitioner(3),
                },
                answer: GateAnswer::Open { exception: None },
            });
        }
        if guest.urgent {
            let (visit, urgency) = (visit(number), Urgency::Soon);
            // Of those who wait for whoever is free a colleague says it, who speaks everything.
            let by = if guest.named { DOCTOR } else { 3 };
            self.tell(decided(by, Decision::SetUrgency { visit, urgency }));
        }
    }

    fn goes(&mut self, number: u32, guest: Guest) {
        if matches!(guest.is, Is::There | Is::Foreign | Is::Unready) {
            return;
        }
        self.tell(Input::PatientDisconnected {
            patient: patient(number),
        });
        if guest.is == Is::Called {
            self.tell(call(DOCTOR, number));
            self.tell(Input::PatientConnected {
                patient: patient(number),
            });
        }
    }

    fn rank(&self, number: u32) -> Rank {
        self.world.clinic.visit(visit(number)).unwrap().visit.rank
    }

    /// What the log says of somebody.
    fn story(&self, number: u32) -> String {
        let mut explanation = Explanation::of(visit(number), Zone::parse("UTC").unwrap());
        for entry in &self.log {
            explanation.take(entry);
        }
        let sentences = explanation.sentences();
        sentences.into_iter().map(|it| it.text + "\n").collect()
    }

    /// Admits somebody, with a reason once one is asked for; what was said why, if it was.
    fn admit(&mut self, number: u32) -> bool {
        let outputs = self.world.tell(admission(DOCTOR, number));
        if outputs.answer == Ok(()) {
            self.log.extend(outputs.audit);
            return false;
        }
        assert_eq!(outputs.answer, Err(Refusal::OvertakeNeedsAReason));
        let agreed = Some(Overtake::ByAgreement);
        self.tell(admission_because(DOCTOR, number, agreed));
        true
    }
}

/// The code at the end of a sentence.
fn code(sentence: &str) -> &str {
    let begin = sentence
        .rfind("(`")
        .unwrap_or_else(|| panic!("no code in: {sentence}"));
    sentence[begin + 2..].split('`').next().unwrap()
}

/// Whom the story of whoever was admitted says that they passed: how many for each reason.
fn passed_by(story: &str) -> BTreeMap<String, u32> {
    let mut passed = BTreeMap::new();
    for told in story.split("It was seen before ").skip(1) {
        let count: u32 = told.split(' ').next().unwrap().parse().unwrap();
        let sentence = told.split("`).").next().unwrap();
        let plural = told.starts_with(&format!("{count} others in "));
        assert_eq!(plural, count > 1, "{told}");
        *passed
            .entry(code(&format!("{sentence}`)")).to_owned())
            .or_default() += count;
    }
    passed
}

/// What somebody is told who was passed by the only one who was admitted; nothing when they were not.
fn told_to(story: &str) -> Option<&str> {
    let mut told = story.lines().filter(|it| it.contains("was seen before it"));
    let first = told.next().map(code);
    assert_eq!(told.next(), None, "{story}");
    first
}

/// How the two stood: by the clinic, and from what brought them there.
struct Pair {
    admitted: Guest,
    passed: Guest,
    /// Whoever was passed stood before by rank.
    before: bool,
    /// The appointment of whoever was admitted is not near.
    early: bool,
}

impl Pair {
    /// What is told is so.
    fn bears(&self, code: &str) -> bool {
        let (admitted, passed) = (self.admitted, self.passed);
        match code {
            "called" => !self.before && admitted.is == Is::Called && passed.is != Is::Called,
            "urgency" => !self.before && admitted.urgent && !passed.urgent,
            "appointment" => {
                !self.before && (admitted.appointment.is_some() || passed.appointment.is_some())
            }
            "credit" => {
                let worth = |guest: Guest| if guest.service == PAID { 45 } else { 30 };
                !self.before && admitted.urgent && passed.urgent && worth(admitted) > worth(passed)
            }
            "away" => self.before && passed.is == Is::Away,
            "not_ready" => self.before && passed.is == Is::Unready,
            "other_language" => self.before && passed.is == Is::Foreign,
            "named" => self.before && self.comes_by_name(),
            // The practitioner was asked, for these alone.
            "by_agreement" => self.before && self.needs_a_reason(),
            _ => false,
        }
    }

    fn comes_by_name(&self) -> bool {
        let in_turn = self.passed.is != Is::Called && self.passed.urgent <= self.admitted.urgent;
        self.admitted.named && !self.passed.named && in_turn && !self.early
    }

    fn needs_a_reason(&self) -> bool {
        could_be_admitted(self.passed) && self.before && !self.comes_by_name()
    }
}

fn could_be_admitted(guest: Guest) -> bool {
    matches!(guest.is, Is::There | Is::Called)
}

/// How often somebody was passed, and how often a reason was asked for.
#[derive(Default)]
struct Seen {
    overtakes: u32,
    asked_for: u32,
    codes: BTreeMap<String, u32>,
}

/// Admits each of these who can be, each time as if none had been before.
fn each_is_admitted(guests: &[Guest], seen: &mut Seen) {
    let waiting = Queue::waiting(guests);
    for (number, admitted) in (1..).zip(guests) {
        if could_be_admitted(*admitted) {
            one_is_admitted(waiting.clone(), guests, (number, *admitted), seen);
        }
    }
}

fn one_is_admitted(
    mut some: Queue,
    guests: &[Guest],
    (number, admitted): (u32, Guest),
    seen: &mut Seen,
) {
    let own = some.rank(number);
    let early =
        admitted.appointment.is_some() && own.turn == Turn::InTurn && some.world.now < own.due;
    let others: Vec<(u32, Guest, Rank)> = (1..)
        .zip(guests)
        .filter(|(other, _)| *other != number)
        .map(|(other, passed)| (other, *passed, some.rank(other)))
        .collect();
    let asked = some.admit(number);
    let case = format!("{number} of {guests:?}");
    let mut told: BTreeMap<String, u32> = BTreeMap::new();
    let mut needed = false;
    for (other, passed, theirs) in others {
        let before = theirs < own;
        let pair = Pair {
            admitted,
            passed,
            before,
            early,
        };
        needed |= pair.needs_a_reason();
        let story = some.story(other);
        let said = told_to(&story);
        let is_passed = theirs.arrival < own.arrival || before;
        assert_eq!(
            said.is_some(),
            is_passed,
            "{other} is told {said:?}: {case}"
        );
        if let Some(said) = said {
            assert!(pair.bears(said), "{other} is told `{said}`: {case}");
            *told.entry(said.to_owned()).or_default() += 1;
        }
    }
    assert_eq!(asked, needed, "{case}");
    let own = some.story(number);
    assert_eq!(passed_by(&own), told, "{case}: {own}");
    assert_eq!(
        own.contains("It was seen in turn"),
        told.is_empty(),
        "{case}"
    );
    seen.asked_for += u32::from(asked);
    for (code, count) in told {
        seen.overtakes += count;
        *seen.codes.entry(code).or_default() += count;
    }
    let mut replay = Replay::new();
    for entry in &some.log {
        replay
            .read(entry)
            .unwrap_or_else(|why| panic!("{why}: {case}"));
    }
}

#[test]
fn every_overtake_of_any_two_has_a_true_reason_and_is_told_to_both() {
    let mut seen = Seen::default();
    for first in guests() {
        for second in guests() {
            each_is_admitted(&[first, second], &mut seen);
        }
    }
    let Seen {
        overtakes,
        asked_for,
        codes,
    } = seen;
    assert!(
        overtakes > 1_000 && asked_for > 100 && codes.len() == 9,
        "{overtakes} {asked_for} {codes:?}"
    );
}

#[test]
fn every_overtake_of_any_three_has_a_true_reason_for_each_and_is_told_to_all() {
    let mut some = guests();
    some.retain(|it| match it.appointment {
        None => it.service != PAID || it.is != Is::Called,
        Some(ahead) => ahead == 25 && it.is == Is::There && !it.urgent,
    });
    let mut seen = Seen::default();
    for first in &some {
        for second in &some {
            for third in &some {
                each_is_admitted(&[*first, *second, *third], &mut seen);
            }
        }
    }
    assert_eq!(seen.codes.len(), 9, "{:?}", seen.codes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_overtake_in_a_queue_has_a_true_reason_for_each_and_is_told_to_all(
        guests in prop::collection::vec(prop::sample::select(guests()), 4..12),
    ) {
        each_is_admitted(&guests, &mut Seen::default());
    }
}
