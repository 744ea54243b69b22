//! Of any two who wait where one practitioner looks: whoever is seen before the other has a reason that is true, and the log
//! tells it to both; or the practitioner is asked for one.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::fmt::{Debug, Formatter};

use support::*;
use vestibule_clinic::audit::{Entry, Explanation};
use vestibule_clinic::calendar::Zone;
use vestibule_clinic::{
    Appointment, Arriving, Booking, Choice, Decision, Input, Language, Overtake, Practitioner,
    Rank, Refusal, Turn, Urgency,
};

/// The practitioner who looks: after the waiting rooms of services 1 and 2, and their own.
const DOCTOR: u32 = 2;

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
                for is in [Is::There, Is::Away, Is::Called, Is::Foreign] {
                    // Whoever names a practitioner has no language that keeps them apart.
                    if is == Is::Foreign && named {
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

/// A clinic with two people in it, and its log.
#[derive(Clone)]
struct Two {
    world: World,
    log: Vec<Entry>,
}

impl Two {
    fn waiting(guests: [Guest; 2]) -> Self {
        let world = World::waiting([]);
        let mut two = Self {
            world,
            log: Vec::new(),
        };
        two.tell(Input::SetPractitioner {
            practitioner: Box::new(Practitioner {
                languages: Language::parse("fr").into_iter().collect(),
                ..Practitioner::named(practitioner(DOCTOR), "Dr Martin", [1, 2].map(service))
            }),
        });
        two.tell(Input::PractitionerConnected {
            practitioner: practitioner(DOCTOR),
        });
        for (number, guest) in (1..).zip(guests) {
            two.book(number, guest);
        }
        for (number, guest) in (1..).zip(guests) {
            two.world.pass(minutes(1));
            two.comes(number, guest);
        }
        for (number, guest) in (1..).zip(guests) {
            two.goes(number, guest);
        }
        two
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
        if guest.urgent {
            let (visit, urgency) = (visit(number), Urgency::Soon);
            // Of those who wait for whoever is free a colleague says it, who speaks everything.
            let by = if guest.named { DOCTOR } else { 3 };
            self.tell(decided(by, Decision::SetUrgency { visit, urgency }));
        }
    }

    fn goes(&mut self, number: u32, guest: Guest) {
        if matches!(guest.is, Is::There | Is::Foreign) {
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

/// The code that a story gives for one visit having been seen before the other.
fn code(sentence: &str) -> &str {
    let begin = sentence
        .rfind("(`")
        .unwrap_or_else(|| panic!("no code in: {sentence}"));
    sentence[begin + 2..].split('`').next().unwrap()
}

/// Whether the reason that the order gave by itself is so.
fn is_true(code: &str, early: bool, admitted: Guest, passed: Guest) -> bool {
    match code {
        "called" => admitted.is == Is::Called,
        "urgency" => admitted.urgent,
        "appointment" => admitted.appointment.is_some() || passed.appointment.is_some(),
        "nobody_before_was_ready" => matches!(passed.is, Is::Away | Is::Foreign),
        "named" => {
            let in_turn = passed.is != Is::Called && passed.urgent <= admitted.urgent;
            admitted.named && !passed.named && in_turn && !early
        }
        _ => false,
    }
}

fn could_be_admitted(guest: Guest) -> bool {
    matches!(guest.is, Is::There | Is::Called)
}

#[test]
fn every_overtake_of_any_two_has_a_true_reason_and_is_told_to_both() {
    let (mut overtakes, mut asked_for) = (0, 0);
    for first in guests() {
        for second in guests() {
            let two = Two::waiting([first, second]);
            for (number, other) in [(1, 2), (2, 1)] {
                let (admitted, passed) = match number {
                    1 => (first, second),
                    _ => (second, first),
                };
                if !could_be_admitted(admitted) {
                    continue;
                }
                let mut two = two.clone();
                let case = format!("{admitted:?} before {passed:?}, who came as number {other}");
                let (own, theirs) = (two.rank(number), two.rank(other));
                let before = theirs < own;
                let overtakes_them = theirs.arrival < own.arrival || before;
                let early = admitted.appointment.is_some()
                    && own.turn == Turn::InTurn
                    && two.world.now < own.due;
                let asked = two.admit(number);
                let (own, theirs) = (two.story(number), two.story(other));
                let of_other = theirs
                    .lines()
                    .filter(|it| it.contains("was seen before it"));
                let of_other: Vec<&str> = of_other.collect();
                if !overtakes_them {
                    assert!(!asked && of_other.is_empty(), "{case}:\n{theirs}");
                    assert!(own.contains("It was seen in turn"), "{case}:\n{own}");
                    continue;
                }
                overtakes += 1;
                asked_for += u32::from(asked);
                let own = own.lines().find(|it| it.contains("It was seen before"));
                let own = own.unwrap_or_else(|| panic!("{case} is not told to the one"));
                let [of_other] = of_other[..] else {
                    panic!("{case} is not told to the other:\n{theirs}");
                };
                assert_eq!(code(own), code(of_other), "{case}");
                if asked {
                    assert!(before && could_be_admitted(passed), "asked in vain: {case}");
                    assert_eq!(code(own), "by_agreement");
                } else {
                    let said = code(own);
                    assert!(is_true(said, early, admitted, passed), "{said}: {case}");
                }
            }
        }
    }
    assert!(
        overtakes > 1_000 && asked_for > 100,
        "{overtakes} {asked_for}"
    );
}
