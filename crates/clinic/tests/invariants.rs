//! What holds whatever happens, and whatever the clock does.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use support::*;
use vestibule_clinic::{
    Clinic, Consultation, DeclineReason, Input, Missed, Outputs, Policy, Record, State, Visit,
    VisitState,
};
use vestibule_vocab::{ConsultationId, Millis, PatientId, PractitionerId, Timestamp, VisitId};

const PATIENTS: u32 = 5;
const PRACTITIONERS: u32 = 3;

/// How the clock moves before an input.
#[derive(Clone, Debug)]
enum Tick {
    Forward(u64),
    Back(u64),
    ToTimeout,
}

fn tick() -> impl Strategy<Value = Tick> {
    prop_oneof![
        6 => (0..20_000_u64).prop_map(Tick::Forward),
        1 => (0..1_000_000_u64).prop_map(Tick::Forward),
        1 => (0..2_000_000_u64).prop_map(Tick::Back),
        2 => Just(Tick::ToTimeout),
    ]
}

fn after(now: Timestamp, tick: &Tick, clinic: &Clinic) -> Timestamp {
    match tick {
        Tick::Forward(time) => now.plus(Millis(*time)),
        Tick::Back(time) => Timestamp(now.0.saturating_sub(*time)),
        Tick::ToTimeout => clinic.next_timeout().unwrap_or(now),
    }
}

fn some_patient() -> impl Strategy<Value = PatientId> {
    (0..PATIENTS).prop_map(patient)
}

fn some_practitioner() -> impl Strategy<Value = PractitionerId> {
    (0..PRACTITIONERS).prop_map(practitioner)
}

/// Patient `n` may begin the visits `n`, `n + 5`, `n + 10`..., so that most arrivals fit.
fn some_visit() -> impl Strategy<Value = (PatientId, VisitId)> {
    (0..PATIENTS, 0..4_u32)
        .prop_map(|(number, turn)| (patient(number), visit(number + turn * PATIENTS)))
}

fn some_text() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just("Ada"), 1 => Just(" "), 1 => Just("\u{0}")]
}

fn input() -> impl Strategy<Value = Input> {
    let consultation = (0..40_u32).prop_map(consultation);
    prop_oneof![
        2 => some_patient().prop_map(|patient| Input::PatientConnected { patient }),
        2 => some_patient().prop_map(|patient| Input::PatientDisconnected { patient }),
        2 => some_practitioner()
            .prop_map(|practitioner| Input::PractitionerConnected { practitioner }),
        1 => some_practitioner()
            .prop_map(|practitioner| Input::PractitionerDisconnected { practitioner }),
        6 => (some_visit(), some_text()).prop_map(|((patient, visit), name)| Input::Arrive {
            patient, visit, name: text(name), reason: text("cough"),
        }),
        1 => (some_patient(), some_visit())
            .prop_map(|(patient, (_, visit))| Input::Leave { patient, visit }),
        1 => some_visit().prop_map(|(patient, visit)| Input::Leave { patient, visit }),
        5 => (some_practitioner(), some_visit(), consultation.clone()).prop_map(
            |(practitioner, (_, visit), consultation)| Input::Admit {
                practitioner, visit, consultation,
            }
        ),
        1 => (some_practitioner(), some_visit(), some_text()).prop_map(
            |(practitioner, (_, visit), words)| Input::Decline {
                practitioner, visit, reason: DeclineReason::Other, message: text(words),
            }
        ),
        2 => (some_practitioner(), consultation)
            .prop_map(|(practitioner, consultation)| Input::End { practitioner, consultation }),
        3 => Just(Input::Timeout),
    ]
}

/// An input, or now and then a restart.
fn event() -> impl Strategy<Value = Option<Input>> {
    prop_oneof![40 => input().prop_map(Some), 1 => Just(None)]
}

/// New ids are drawn anew at each step, and one in ten is in use. What is ended is under way.
fn with_ids_of_now(input: Input, step: u32, clinic: &Clinic) -> Input {
    let under_way: Vec<_> = clinic.consultations().map(|one| one.id).collect();
    let one_of = |id: ConsultationId| {
        let number = usize::from(id.as_bytes()[15]);
        under_way.get(number.checked_rem(under_way.len())?).copied()
    };
    match input {
        Input::Admit {
            practitioner,
            visit,
            consultation: id,
        } => {
            let taken = one_of(id).filter(|_| id.as_bytes()[15] % 10 == 0);
            let consultation = taken.unwrap_or(consultation(1_000 + step));
            Input::Admit {
                practitioner,
                visit,
                consultation,
            }
        }
        Input::End {
            practitioner,
            consultation,
        } => {
            let consultation = one_of(consultation).unwrap_or(consultation);
            Input::End {
                practitioner,
                consultation,
            }
        }
        other @ (Input::PatientConnected { .. }
        | Input::PatientDisconnected { .. }
        | Input::PractitionerConnected { .. }
        | Input::PractitionerDisconnected { .. }
        | Input::Arrive { .. }
        | Input::Leave { .. }
        | Input::Decline { .. }
        | Input::Timeout) => other,
    }
}

fn policy() -> impl Strategy<Value = Policy> {
    let time = |most: u64| prop_oneof![1 => Just(0), 9 => 0..most];
    (time(200_000), 1..6_usize, time(2_000_000)).prop_map(|(grace, waiting, remember)| Policy {
        grace: Millis(grace),
        waiting,
        remember: Millis(remember),
    })
}

/// What a store holds that does nothing but write what it is told.
#[derive(Default)]
struct Store {
    visits: BTreeMap<VisitId, Visit>,
    consultations: BTreeMap<ConsultationId, Consultation>,
}

impl Store {
    fn write(&mut self, record: &Record) {
        match record {
            Record::Visit(visit) => {
                let before = self.visits.insert(visit.id, visit.clone());
                let ended = before.is_some_and(|before| !before.state.is_active());
                assert!(!ended, "a visit ends once");
            }
            Record::Consultation(consultation) => {
                let before = self
                    .consultations
                    .insert(consultation.id, consultation.clone());
                let ended = before.is_some_and(|before| before.ended.is_some());
                assert!(!ended, "a consultation ends once");
            }
            Record::Forget(visit) => {
                let known = self.visits.remove(visit);
                assert!(known.is_some_and(|visit| !visit.state.is_active()));
                self.consultations
                    .retain(|_, consultation| consultation.visit != *visit);
            }
        }
    }

    fn state(&self) -> State {
        State {
            visits: self.visits.values().rev().cloned().collect(),
            consultations: self.consultations.values().rev().cloned().collect(),
        }
    }
}

/// All that a patient may see.
fn patients_picture(clinic: &Clinic, who: PatientId) -> String {
    let visit = clinic.visit_of(who);
    let warm = clinic.warm().filter(|warm| warm.patient == who);
    let consultation = clinic
        .consultations()
        .find(|consultation| consultation.patient == who);
    let with = consultation.map(|one| clinic.is_practitioner_connected(one.practitioner));
    format!("{visit:?} {warm:?} {consultation:?} {with:?}")
}

/// All that a practitioner may see.
fn practitioners_picture(clinic: &Clinic, who: PractitionerId) -> String {
    let waiting: Vec<_> = clinic.waiting().collect();
    let warm = clinic.warm().filter(|warm| warm.practitioner == who);
    let consultation = clinic.consultation_of(who);
    let with = consultation.and_then(|one| clinic.visit(one.visit));
    format!(
        "{waiting:?} {warm:?} {consultation:?} {with:?} {:?}",
        clinic.ended_of(who)
    )
}

fn the_changed_are_told(before: &Clinic, after: &Clinic, outputs: &Outputs) {
    let told = after.changed_patients(&outputs.changed);
    for who in (0..PATIENTS).map(patient).filter(|who| !told.contains(who)) {
        assert_eq!(patients_picture(before, who), patients_picture(after, who));
    }
    let told = after.changed_practitioners(&outputs.changed);
    for who in (0..PRACTITIONERS)
        .map(practitioner)
        .filter(|who| !told.contains(who))
    {
        if after.is_practitioner_connected(who) {
            assert_eq!(
                practitioners_picture(before, who),
                practitioners_picture(after, who)
            );
        }
    }
}

fn places_are_counted_from_one_in_order_of_arrival(clinic: &Clinic) {
    let waiting: Vec<_> = clinic.waiting().collect();
    for (index, line) in waiting.iter().enumerate() {
        assert_eq!(line.place as usize, index + 1);
        assert_eq!(clinic.place(line.visit.id), Some(line.place));
        assert_eq!(line.visit.state, VisitState::Waiting);
    }
    let arrivals: Vec<_> = waiting.iter().map(|line| line.visit.arrival).collect();
    assert!(arrivals.is_sorted_by(|one, other| one < other));
    let visits = clinic.state().visits;
    let all = visits
        .iter()
        .filter(|visit| visit.state == VisitState::Waiting)
        .count();
    assert_eq!(all, waiting.len());
}

fn nobody_is_in_two_places(clinic: &Clinic) {
    let visits = clinic.state().visits;
    let mut patients = BTreeSet::new();
    for visit in visits.iter().filter(|visit| visit.state.is_active()) {
        assert!(
            patients.insert(visit.patient),
            "a patient has one active visit"
        );
    }
    let mut practitioners = BTreeSet::new();
    let mut in_consultation = 0;
    for one in clinic.consultations() {
        assert!(one.ended.is_none());
        assert!(
            practitioners.insert(one.practitioner),
            "a practitioner is in one consultation"
        );
        assert_eq!(clinic.consultation_of(one.practitioner), Some(one));
        let state = &clinic
            .visit(one.visit)
            .expect("its visit is there")
            .visit
            .state;
        assert_eq!(
            *state,
            VisitState::InConsultation {
                consultation: one.id
            }
        );
        in_consultation += 1;
    }
    let with_somebody = |state: &VisitState| matches!(state, VisitState::InConsultation { .. });
    let all = visits
        .iter()
        .filter(|visit| with_somebody(&visit.state))
        .count();
    assert_eq!(all, in_consultation);
}

/// What was stored is the clinic, apart from who is connected.
fn restarted(clinic: &Clinic, store: &Store, policy: Policy, now: Timestamp) -> Clinic {
    let restored = Clinic::restore(policy, store.state(), now).expect("what was stored");
    let (old, new) = (clinic.state(), restored.state());
    assert_eq!(old.visits, new.visits);
    assert!(clinic.consultations().eq(restored.consultations()));
    assert!(
        old.consultations
            .iter()
            .all(|shown| new.consultations.contains(shown))
    );
    let order = |clinic: &Clinic| {
        clinic
            .waiting()
            .map(|line| line.visit.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(order(clinic), order(&restored));
    assert!(restored.waiting().all(|line| !line.connected));
    assert_eq!(restored.practitioners().count(), 0);
    restored
}

fn nothing_ends_before_it_began(store: &Store) {
    for visit in store.visits.values() {
        if let VisitState::Ended { at, .. } = visit.state {
            assert!(at >= visit.arrived_at);
        }
    }
    for one in store.consultations.values() {
        assert!(one.ended.is_none_or(|ended| ended.at >= one.started_at));
    }
}

/// One input, with what holds for every input.
fn decide(clinic: &mut Clinic, store: &mut Store, now: Timestamp, input: Input) {
    let before = clinic.clone();
    let is_timeout = input == Input::Timeout;
    let outputs = clinic.handle(now, input);
    if outputs.answer.is_err() {
        assert!(*clinic == before, "a refused input changes nothing");
        assert!(outputs.records.is_empty() && outputs.changed.is_empty());
    }
    if is_timeout {
        let next = clinic.next_timeout();
        assert!(
            next.is_none_or(|next| next > now),
            "{next:?} is past {now:?}"
        );
    }
    outputs
        .records
        .iter()
        .for_each(|record| store.write(record));
    the_changed_are_told(&before, clinic, &outputs);
}

fn everybody_leaves(clinic: &mut Clinic, store: &mut Store, mut now: Timestamp) {
    let gone = (0..PATIENTS).map(|number| Input::PatientDisconnected {
        patient: patient(number),
    });
    for input in gone {
        let outputs = clinic.handle(now, input);
        outputs
            .records
            .iter()
            .for_each(|record| store.write(record));
    }
    while let Some(timeout) = clinic.next_timeout() {
        now = now.max(timeout);
        let outputs = clinic.handle(now, Input::Timeout);
        outputs
            .records
            .iter()
            .for_each(|record| store.write(record));
    }
    assert!(store.visits.is_empty(), "every visit ends and is forgotten");
}

/// Another server's clinic, which reads now and then what this one's stored.
struct Follower {
    clinic: Clinic,
    touched: BTreeSet<VisitId>,
}

impl Follower {
    fn note(&mut self, outputs: &Outputs) {
        let visits = outputs.records.iter().map(|record| match record {
            Record::Visit(visit) => visit.id,
            Record::Consultation(consultation) => consultation.visit,
            Record::Forget(visit) => *visit,
        });
        self.touched.extend(visits);
    }

    /// Reads the rows that were touched, and then who is connected.
    fn catch_up(&mut self, now: Timestamp, store: &Store, leader: &Clinic) {
        let before = self.clinic.clone();
        let rows = store.state();
        let touched = std::mem::take(&mut self.touched);
        let (touched, gone): (BTreeSet<_>, BTreeSet<_>) = touched
            .iter()
            .copied()
            .partition(|visit| store.visits.contains_key(visit));
        let missed = Missed {
            rows: State {
                visits: rows
                    .visits
                    .into_iter()
                    .filter(|it| touched.contains(&it.id))
                    .collect(),
                consultations: rows
                    .consultations
                    .into_iter()
                    .filter(|it| touched.contains(&it.visit))
                    .collect(),
            },
            forgotten: gone.into_iter().collect(),
        };
        let mut changed = self.clinic.catch_up(now, missed);
        for input in attendance(leader) {
            changed.merge(self.clinic.handle(now, input).changed);
        }
        let outputs = Outputs {
            answer: Ok(()),
            records: Vec::new(),
            changed,
        };
        the_changed_are_told(&before, &self.clinic, &outputs);
    }
}

/// Who is connected and who is not, as inputs.
fn attendance(clinic: &Clinic) -> impl Iterator<Item = Input> {
    let patients = (0..PATIENTS).map(patient).map(|patient| {
        if clinic.visit_of(patient).is_some_and(|it| it.connected) {
            Input::PatientConnected { patient }
        } else {
            Input::PatientDisconnected { patient }
        }
    });
    let practitioners = (0..PRACTITIONERS).map(practitioner).map(|practitioner| {
        if clinic.is_practitioner_connected(practitioner) {
            Input::PractitionerConnected { practitioner }
        } else {
            Input::PractitionerDisconnected { practitioner }
        }
    });
    patients.chain(practitioners)
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_happens(policy in policy(), steps in vec((tick(), event()), 1..200)) {
        let mut now = Timestamp(5_000_000);
        let mut clinic = Clinic::new(policy);
        let mut store = Store::default();
        for (step, (tick, event)) in (0..).zip(steps) {
            now = after(now, &tick, &clinic);
            match event {
                Some(input) => {
                    let input = with_ids_of_now(input, step, &clinic);
                    decide(&mut clinic, &mut store, now, input);
                }
                None => clinic = restarted(&clinic, &store, policy, now),
            }
            places_are_counted_from_one_in_order_of_arrival(&clinic);
            nobody_is_in_two_places(&clinic);
            nothing_ends_before_it_began(&store);
            let _ = restarted(&clinic, &store, policy, now);
        }
        everybody_leaves(&mut clinic, &mut store, now);
    }

    #[test]
    fn a_server_that_catches_up_sees_what_was_decided_elsewhere(
        policy in policy(),
        steps in vec((tick(), event()), 1..200),
        pauses in vec(1..8_usize, 1..20),
    ) {
        let mut now = Timestamp(5_000_000);
        let mut clinic = Clinic::new(policy);
        let mut store = Store::default();
        let mut follower = Follower { clinic: clinic.clone(), touched: BTreeSet::new() };
        let looks: BTreeSet<usize> = pauses.iter().cycle().scan(0, |at, pause| {
            *at += pause;
            Some(*at)
        }).take_while(|at| *at < 200).collect();
        for (step, (tick, event)) in (0..).zip(steps) {
            now = after(now, &tick, &clinic);
            if let Some(input) = event {
                let outputs = clinic.handle(now, with_ids_of_now(input, step, &clinic));
                outputs.records.iter().for_each(|record| store.write(record));
                follower.note(&outputs);
            }
            if looks.contains(&(step as usize)) {
                follower.catch_up(now, &store, &clinic);
                assert_eq!(follower.clinic.state().visits, clinic.state().visits);
                assert!(follower.clinic.consultations().eq(clinic.consultations()));
                let visits = |clinic: &Clinic| {
                    let ids = clinic.state().visits.into_iter().map(|it| it.id);
                    ids.map(|id| format!("{:?}", clinic.visit(id))).collect::<Vec<_>>()
                };
                assert_eq!(visits(&follower.clinic), visits(&clinic));
                let (mine, theirs) = (&follower.clinic, &clinic);
                assert!(mine.waiting().eq(theirs.waiting()));
                assert_eq!(mine.warm(), theirs.warm());
                for who in (0..PRACTITIONERS).map(practitioner) {
                    assert_eq!(mine.consultation_of(who), theirs.consultation_of(who));
                    // One whose last is forgotten may be shown the one before, as after a restart.
                    let shown = theirs.ended_of(who);
                    assert!(shown.is_none() || shown == mine.ended_of(who));
                }
            }
        }
    }
}
