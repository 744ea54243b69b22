//! What a decision costs in memory, beside how many people wait. The floors put one entry with the same texts into an
//! ordered map of as many, which somebody's arrival does at least, and look at one of as many entries and change it, which
//! each decision does at least.
//!
//! The clinic is a busy one: each round somebody arrives, somebody leaves, the first is called and admitted and ends, somebody
//! who waits for the practitioner alone is admitted past all others, and as many wait as before. A benchmark plays whole
//! rounds and counts one of their inputs.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a benchmark that cannot run fails"
)]

use std::collections::{BTreeMap, VecDeque};
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{
    BatchSize, BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main,
};
use vestibule_clinic::quota::Had;
use vestibule_clinic::{
    Arriving, Choice, Clinic, Conclusion, Decision, Input, Outputs, Policy, Practitioner, Service,
};
use vestibule_vocab::{
    ConsultationId, Millis, PatientId, PractitionerId, Redacted, ServiceId, Timestamp, VisitId,
};

const PRACTITIONER: u128 = 1 << 64;
const SERVICE: u128 = 1 << 65;

/// How many wait.
const QUEUES: [u64; 4] = [100, 1_000, 5_000, 10_000];

/// Rounds that are played before anything counts: more lengths are observed then than an estimate looks back on.
const WARM_UP: u64 = 300;

/// The inputs that are measured, by the names of their benchmarks.
const INPUTS: [&str; 11] = [
    "arrive",
    "connect",
    "message",
    "disconnect",
    "call",
    "come back",
    "admit",
    "admit past all",
    "end",
    "leave",
    "tick",
];

fn arriving(number: u64) -> Arriving {
    Arriving {
        patient: PatientId::from_random(number.into()),
        visit: VisitId::from_random(number.into()),
        service: ServiceId::from_random(SERVICE),
        choice: Choice::Next,
        language: None,
        name: Redacted::new("Ada Peeters".to_owned()),
        reason: Redacted::new("A cough for three days".to_owned()),
        had: Had::default(),
    }
}

/// A clinic in which so many always wait. Visits are numbered in order of arrival.
struct Busy {
    clinic: Clinic,
    now: Timestamp,
    /// Who waits, the first first, and the number of whoever comes next.
    queue: VecDeque<u64>,
    next: u64,
    /// The input that counts, how often it was handed in and what that took.
    counted: Option<&'static str>,
    times: u32,
    spent: Duration,
}

impl Busy {
    fn with(waiting: u64) -> Self {
        let policy = Policy {
            waiting: 20_000,
            remember: Millis(1),
            ..Policy::default()
        };
        let mut busy = Self {
            clinic: Clinic::new(policy),
            now: Timestamp(1),
            queue: VecDeque::new(),
            next: 0,
            counted: None,
            times: 0,
            spent: Duration::ZERO,
        };
        let service = Service::named(ServiceId::from_random(SERVICE), "General practice");
        let practitioner = PractitionerId::from_random(PRACTITIONER);
        let card = Practitioner::named(practitioner, "Dr Martin", [service.id]);
        busy.take(
            "",
            Input::SetService {
                service: Box::new(service),
            },
        );
        let card = Box::new(card);
        busy.take("", Input::SetPractitioner { practitioner: card });
        busy.take("", Input::PractitionerConnected { practitioner });
        for _ in 0..waiting {
            busy.somebody_comes();
        }
        for _ in 0..WARM_UP {
            busy.round();
        }
        busy
    }

    /// What the input takes so many times.
    fn count(&mut self, input: &'static str, times: u64) -> Duration {
        (self.counted, self.times, self.spent) = (Some(input), 0, Duration::ZERO);
        for _ in 0..times {
            self.round();
        }
        self.spent.mul_f64(times as f64 / f64::from(self.times))
    }

    fn round(&mut self) {
        self.now = self.now.plus(Millis(2));
        self.take("tick", Input::Timeout);
        self.somebody_comes();
        self.a_message_to_the_middle();
        self.the_first_is_called_and_admitted();
        self.one_is_admitted_past_all();
        self.somebody_comes();
        // Not the last and not the first: an end of the queue is no ordinary place.
        self.the_last_but_one_leaves();
    }

    fn somebody_comes(&mut self) {
        let number = self.next;
        self.next += 1;
        self.queue.push_back(number);
        self.take("arrive", Input::Arrive(Box::new(arriving(number))));
        let patient = arriving(number).patient;
        self.take("connect", Input::PatientConnected { patient });
    }

    fn a_message_to_the_middle(&mut self) {
        let Arriving { visit, .. } = arriving(self.queue[self.queue.len() / 2]);
        let text = Redacted::new("It takes ten minutes longer".to_owned());
        self.decide("message", Decision::Message { visit, text });
    }

    fn the_first_is_called_and_admitted(&mut self) {
        let number = self.queue.pop_front().unwrap();
        let Arriving { patient, visit, .. } = arriving(number);
        let consultation = ConsultationId::from_random(number.into());
        self.take("disconnect", Input::PatientDisconnected { patient });
        let call = Decision::Call {
            visit,
            connected: false,
            had: Had::default(),
        };
        self.decide("call", call);
        self.take("come back", Input::PatientConnected { patient });
        let admit = Decision::Admit {
            visit,
            consultation,
            overtake: None,
        };
        self.decide("admit", admit);
        let conclusion = Conclusion::Done;
        let end = Decision::End {
            consultation,
            conclusion,
        };
        self.decide("end", end);
    }

    /// From another of the practitioner's waiting rooms: everybody in the service's came earlier and stands before.
    fn one_is_admitted_past_all(&mut self) {
        let number = self.next;
        self.next += 1;
        let choice = Choice::Named(PractitionerId::from_random(PRACTITIONER));
        let own = Arriving {
            choice,
            ..arriving(number)
        };
        let (patient, visit) = (own.patient, own.visit);
        self.take("", Input::Arrive(Box::new(own)));
        self.take("", Input::PatientConnected { patient });
        let consultation = ConsultationId::from_random(number.into());
        let admit = Decision::Admit {
            visit,
            consultation,
            overtake: None,
        };
        self.decide("admit past all", admit);
        let conclusion = Conclusion::Done;
        let end = Decision::End {
            consultation,
            conclusion,
        };
        self.decide("", end);
    }

    fn the_last_but_one_leaves(&mut self) {
        let number = self.queue.remove(self.queue.len() - 2).unwrap();
        let Arriving { patient, visit, .. } = arriving(number);
        self.take("leave", Input::Leave { patient, visit });
    }

    fn decide(&mut self, name: &'static str, decision: Decision) {
        let practitioner = PractitionerId::from_random(PRACTITIONER);
        self.take(
            name,
            Input::Decided {
                practitioner,
                decision,
            },
        );
    }

    fn take(&mut self, name: &'static str, input: Input) {
        if self.counted != Some(name) {
            self.clinic.handle(self.now, input).answer.unwrap();
            return;
        }
        let begin = Instant::now();
        let outputs = measured(&mut self.clinic, self.now, input);
        self.spent += begin.elapsed();
        self.times += 1;
        outputs.answer.unwrap();
    }
}

/// A function of its own: `make instructions` counts from here on, and not what else a round takes.
#[inline(never)]
fn measured(clinic: &mut Clinic, now: Timestamp, input: Input) -> Outputs {
    clinic.handle(now, input)
}

fn decisions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("Clinic::handle");
    for waiting in QUEUES {
        let mut busy = Busy::with(waiting);
        for input in INPUTS {
            group.bench_function(BenchmarkId::new(input, waiting), |bench| {
                bench.iter_custom(|times| busy.count(input, times));
            });
        }
        floors(&mut group, waiting);
    }
    group.finish();
}

/// Has no divisor in common with the numbers of who waits: its multiples visit all of them, far from each other.
const STEP: u64 = 7_919;

/// A visit as a floor knows it.
type Entry = (VisitId, (Redacted<String>, Redacted<String>, bool));

fn entry(number: u64) -> Entry {
    let Arriving {
        visit,
        name,
        reason,
        ..
    } = arriving(number);
    (visit, (name, reason, false))
}

fn floors(group: &mut BenchmarkGroup<'_, WallTime>, waiting: u64) {
    let map: BTreeMap<_, _> = (0..waiting).map(entry).collect();
    group.bench_function(BenchmarkId::new("floor: insert", waiting), |bench| {
        bench.iter_batched_ref(
            || (map.clone(), Some(entry(waiting))),
            |(map, new)| map.extend(new.take()),
            BatchSize::LargeInput,
        );
    });
    let mut entries: Vec<Entry> = (0..waiting).map(entry).collect();
    let mut number = 0;
    group.bench_function(BenchmarkId::new("floor: change", waiting), |bench| {
        bench.iter(|| {
            number = (number + STEP) % waiting;
            let (visit, (.., connected)) = &mut entries[number as usize];
            *connected ^= *visit == VisitId::from_random(black_box(number).into());
        });
    });
}

criterion_group!(benches, decisions);
criterion_main!(benches);
