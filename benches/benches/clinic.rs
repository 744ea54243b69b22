//! What a decision costs in memory, beside how many people wait. The floor puts one entry with the same texts into an
//! ordered map of as many.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use std::collections::BTreeMap;

use criterion::measurement::WallTime;
use criterion::{
    BatchSize, BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main,
};
use vestibule_clinic::quota::History;
use vestibule_clinic::{Arriving, Choice, Clinic, Decision, Input, Policy, Practitioner, Service};
use vestibule_vocab::{
    ConsultationId, PatientId, PractitionerId, Redacted, ServiceId, Timestamp, VisitId,
};

const PRACTITIONER: u128 = 1 << 64;
const SERVICE: u128 = 1 << 65;

fn arriving(number: u128) -> Arriving {
    Arriving {
        patient: PatientId::from_random(number),
        visit: VisitId::from_random(number),
        service: ServiceId::from_random(SERVICE),
        choice: Choice::Next,
        language: None,
        name: Redacted::new("Ada Peeters".to_owned()),
        reason: Redacted::new("A cough for three days".to_owned()),
        history: History::default(),
    }
}

fn arrival(number: u128) -> Input {
    Input::Arrive(Box::new(arriving(number)))
}

fn clinic_with(waiting: u128) -> Clinic {
    let mut clinic = Clinic::new(Policy {
        waiting: 10_000,
        ..Policy::default()
    });
    let practitioner = PractitionerId::from_random(PRACTITIONER);
    let service = ServiceId::from_random(SERVICE);
    let service = Box::new(Service::named(service, "General practice"));
    let card = Practitioner::named(practitioner, "Dr Martin", [service.id]);
    let _ = clinic.handle(Timestamp(0), Input::SetService { service });
    let card = Box::new(card);
    let _ = clinic.handle(Timestamp(0), Input::SetPractitioner { practitioner: card });
    let _ = clinic.handle(Timestamp(0), Input::PractitionerConnected { practitioner });
    for number in 0..waiting {
        let _ = clinic.handle(Timestamp(1), arrival(number));
    }
    clinic
}

fn decisions(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("Clinic::handle");
    for waiting in [10, 1_000, 5_000] {
        let clinic = clinic_with(waiting);
        group.bench_with_input(
            BenchmarkId::new("arrive", waiting),
            &clinic,
            |bench, clinic| {
                bench.iter_batched_ref(
                    || clinic.clone(),
                    |clinic| clinic.handle(Timestamp(2), arrival(waiting)),
                    BatchSize::LargeInput,
                );
            },
        );
        group.bench_with_input(
            BenchmarkId::new("admit", waiting),
            &clinic,
            |bench, clinic| {
                bench.iter_batched_ref(
                    || clinic.clone(),
                    |clinic| {
                        clinic.handle(
                            Timestamp(2),
                            Input::Decided {
                                practitioner: PractitionerId::from_random(PRACTITIONER),
                                decision: Decision::Admit {
                                    visit: VisitId::from_random(0),
                                    consultation: ConsultationId::from_random(3),
                                    overtake: None,
                                },
                            },
                        )
                    },
                    BatchSize::LargeInput,
                );
            },
        );
        floor(&mut group, waiting);
    }
    group.finish();
}

fn floor(group: &mut BenchmarkGroup<'_, WallTime>, waiting: u128) {
    let texts = |number| {
        let Arriving {
            visit,
            name,
            reason,
            ..
        } = arriving(number);
        (visit, (name, reason))
    };
    let map: BTreeMap<_, _> = (0..waiting).map(texts).collect();
    group.bench_function(BenchmarkId::new("floor: insert", waiting), |bench| {
        bench.iter_batched_ref(
            || map.clone(),
            |map| map.extend([texts(waiting)]),
            BatchSize::LargeInput,
        );
    });
}

criterion_group!(benches, decisions);
criterion_main!(benches);
