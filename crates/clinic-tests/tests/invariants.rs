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
use vestibule_clinic::estimate::Estimator;
use vestibule_clinic::quota::Had;
use vestibule_clinic::{
    Answer, AnsweredBy, Arriving, Booking, Choice, Clinic, Code, CompanionRole, Conclusion,
    ConsentAct, Consultation, Decision, DeclineReason, Declining, Duty, GateAnswer, GateKind,
    GateReason, GateRules, Host, Input, Inviting, Language, Missed, Outcome, Outputs, Overtake,
    Policy, Practitioner, Rank, Record, Service, State, Urgency, Visit, VisitState, WaitingRoom,
    Withdrawing,
};
use vestibule_vocab::{
    ConsultationId, Millis, ParticipantId, PatientId, PractitionerId, ServiceId, Timestamp, VisitId,
};

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

fn some_choice() -> impl Strategy<Value = Choice> {
    prop_oneof![
        3 => Just(Choice::Next),
        1 => some_practitioner().prop_map(Choice::Named),
        1 => some_practitioner().prop_map(Choice::Regular),
    ]
}

fn some_waiting_room() -> impl Strategy<Value = WaitingRoom> {
    prop_oneof![(1..4_u32).prop_map(pool), (0..PRACTITIONERS).prop_map(own)]
}

fn some_duty() -> impl Strategy<Value = Duty> {
    let until = prop_oneof![
        Just(None),
        (0..10_000_000_u64).prop_map(|at| Some(Timestamp(at)))
    ];
    prop_oneof![
        2 => Just(Duty::On),
        1 => Just(Duty::Off),
        1 => until.prop_map(|until| Duty::Break { until }),
    ]
}

fn some_urgency() -> impl Strategy<Value = Urgency> {
    prop_oneof![
        Just(Urgency::Routine),
        Just(Urgency::Soon),
        Just(Urgency::Urgent)
    ]
}

fn some_overtake() -> impl Strategy<Value = Option<Overtake>> {
    prop_oneof![
        4 => Just(None),
        1 => Just(Some(Overtake::ClinicalNeed)),
        1 => Just(Some(Overtake::Called)),
    ]
}

fn some_language() -> impl Strategy<Value = Option<Language>> {
    prop_oneof![2 => Just(None), 1 => Just(Language::parse("fr").ok())]
}

fn decision() -> impl Strategy<Value = Decision> {
    let id = || (0..40_u32).prop_map(consultation);
    prop_oneof![
        6 => (some_visit(), id(), some_overtake()).prop_map(|((_, visit), consultation, overtake)| {
            Decision::Admit { visit, consultation, overtake }
        }),
        2 => (some_visit(), any::<bool>())
            .prop_map(|((_, visit), connected)| Decision::Call {
                visit,
                connected,
                had: Had::default(),
            }),
        1 => (some_visit(), some_text()).prop_map(|((_, visit), words)| Decision::Decline {
            visit, reason: DeclineReason::Other, message: text(words),
        }),
        1 => (some_visit(), some_text())
            .prop_map(|((_, visit), words)| Decision::Message { visit, text: text(words) }),
        2 => (some_visit(), some_urgency())
            .prop_map(|((_, visit), urgency)| Decision::SetUrgency { visit, urgency }),
        2 => id().prop_map(|consultation| Decision::Hold { consultation }),
        2 => id().prop_map(|consultation| Decision::Resume { consultation }),
        2 => (id(), any::<bool>())
            .prop_map(|(consultation, regular)| Decision::TakeOn { consultation, regular }),
        3 => (some_visit(), some_waiting_room())
            .prop_map(|((_, visit), to)| Decision::Transfer { visit, to }),
        2 => id().prop_map(|consultation| Decision::End {
            consultation, conclusion: Conclusion::Done,
        }),
    ]
}

fn arriving_somehow() -> impl Strategy<Value = Arriving> {
    (
        some_visit(),
        some_text(),
        1..4_u32,
        some_choice(),
        some_language(),
    )
        .prop_map(|((patient, visit), name, of, choice, language)| Arriving {
            patient,
            visit,
            service: service(of),
            choice,
            language,
            name: text(name),
            ..arriving(0)
        })
}

fn booked_somehow() -> impl Strategy<Value = Booking> {
    (some_visit(), 0..10_000_000_u64, 1..4_u32, some_choice()).prop_map(
        |((patient, visit), at, of, choice)| Booking {
            patient,
            visit,
            service: service(of),
            choice,
            ..booking(0, Timestamp(at))
        },
    )
}

const INVITATIONS: u32 = 8;

/// Most often whoever the invitation itself names, and now and then a practitioner.
fn some_companion() -> impl Strategy<Value = ParticipantId> {
    prop_oneof![
        5 => (0..INVITATIONS).prop_map(companion),
        1 => some_practitioner().prop_map(ParticipantId::from),
    ]
}

fn some_host() -> impl Strategy<Value = Host> {
    prop_oneof![
        1 => some_patient().prop_map(|patient| Host::Patient { patient }),
        2 => some_practitioner().prop_map(|practitioner| Host::Practitioner { practitioner }),
    ]
}

/// What companions, and those who invite them, do.
fn company() -> impl Strategy<Value = Input> {
    let role = prop::sample::select(vec![CompanionRole::Parent, CompanionRole::Interpreter]);
    let colleague = prop::option::weighted(0.3, some_practitioner());
    prop_oneof![
        3 => (some_visit(), some_host(), 0..INVITATIONS, role, colleague, 60_000..600_000_u64).prop_map(
            |((_, visit), by, number, role, colleague, valid)| Input::Invite(Inviting {
                visit, by, invitation: invitation(number), role, colleague, valid: Millis(valid),
            })
        ),
        1 => (some_visit(), some_host(), 0..INVITATIONS).prop_map(|((_, visit), by, number)| {
            Input::WithdrawInvitation(Withdrawing { visit, by, invitation: invitation(number) })
        }),
        1 => (some_practitioner(), 0..INVITATIONS).prop_map(|(practitioner, number)| {
            Input::DeclineInvitation(Declining { practitioner, invitation: invitation(number) })
        }),
        4 => (0..PATIENTS, 0..4_u32, 0..INVITATIONS, some_companion(), any::<bool>()).prop_map(
            |(of, turn, number, other, own)| {
                let who = if own { companion(number) } else { other };
                accepts_as(of + turn * PATIENTS, number, who)
            }
        ),
        1 => some_companion().prop_map(|companion| Input::CompanionLeaves { companion }),
        2 => some_companion().prop_map(|companion| Input::CompanionConnected { companion }),
        2 => some_companion().prop_map(|companion| Input::CompanionDisconnected { companion }),
    ]
}

/// A service that may ask for a payment, for consent and for an interpreter.
fn some_service(number: u32, open: bool, pays: bool) -> Service {
    let gates = serde_json::json!([
        {
            "requires": { "gate": "payment" },
            "opened_by": { "who": "system", "system": "pay", "wait": 60_000, "then": "ask_again" },
        },
        {
            "requires": { "gate": "consent", "version": "v1" },
            "opened_by": { "who": "built_in" },
        },
        {
            "requires": { "gate": "companion", "role": "interpreter" },
            "opened_by": { "who": "built_in" },
        },
    ]);
    let gates = serde_json::from_value(gates).expect("good gates");
    Service {
        open,
        gates: if pays { gates } else { GateRules::default() },
        ..Service::named(service(number), "Any")
    }
}

fn gate_input(visit: VisitId, what: u32) -> Input {
    let system = AnsweredBy::System {
        system: Code::new("pay").expect("a code"),
    };
    let (by, answer) = match what {
        0 | 1 => (system, GateAnswer::Open { exception: None }),
        2 => (
            system,
            GateAnswer::Refuse {
                reason: GateReason::NotPaid,
                message: text("no"),
            },
        ),
        _ => (AnsweredBy::Patient, GateAnswer::AskAgain),
    };
    Input::Gate {
        visit,
        gate: GateKind::Payment,
        by,
        answer,
    }
}

fn whoever_is_seen_has_passed_the_gates(clinic: &Clinic) {
    for visit in clinic.state().visits {
        let seen = matches!(visit.state, VisitState::InConsultation { .. });
        assert!(!seen || visit.gates.ready());
    }
}

fn input() -> impl Strategy<Value = Input> {
    prop_oneof![
        4 => some_patient().prop_map(|patient| Input::PatientConnected { patient }),
        4 => some_patient().prop_map(|patient| Input::PatientDisconnected { patient }),
        4 => some_practitioner()
            .prop_map(|practitioner| Input::PractitionerConnected { practitioner }),
        2 => some_practitioner()
            .prop_map(|practitioner| Input::PractitionerDisconnected { practitioner }),
        2 => (some_practitioner(), some_duty())
            .prop_map(|(practitioner, duty)| Input::SetDuty { practitioner, duty }),
        2 => booked_somehow().prop_map(|booking| Input::Book(Box::new(booking))),
        1 => some_visit().prop_map(|(_, visit)| Input::Cancel { visit }),
        12 => arriving_somehow().prop_map(|arriving| Input::Arrive(Box::new(arriving))),
        2 => (some_patient(), some_visit())
            .prop_map(|(patient, (_, visit))| Input::Leave { patient, visit }),
        2 => some_visit().prop_map(|(patient, visit)| Input::Leave { patient, visit }),
        2 => (some_visit(), any::<bool>()).prop_map(|((patient, visit), on)| Input::Answer {
            patient, visit, answer: if on { Answer::WaitOn } else { Answer::TakeNext },
        }),
        2 => (some_patient(), prop::option::of(some_practitioner())).prop_map(
            |(patient, regular)| Input::SetRegular { patient, regular }
        ),
        20 => (some_practitioner(), decision())
            .prop_map(|(practitioner, decision)| Input::Decided { practitioner, decision }),
        6 => Just(Input::Timeout),
        14 => company(),
        1 => (1..3_u32, any::<bool>(), any::<bool>()).prop_map(|(number, open, pays)| {
            Input::SetService { service: Box::new(some_service(number, open, pays)) }
        }),
        4 => (some_visit(), 0..4_u32).prop_map(|((_, visit), what)| gate_input(visit, what)),
        1 => (some_visit(), any::<bool>()).prop_map(|((patient, visit), gives)| Input::Consent {
            patient,
            visit,
            act: if gives { ConsentAct::Given } else { ConsentAct::Revoked },
            version: Code::new("v1").expect("a code"),
        }),
        1 => some_practitioner().prop_map(|who| Input::SetPractitioner {
            practitioner: Box::new(Practitioner {
                languages: Language::parse("nl").into_iter().collect(),
                ..Practitioner::named(who, "Dr Martin", [service(1), service(2)])
            }),
        }),
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
    let Input::Decided {
        practitioner,
        decision,
    } = input
    else {
        return input;
    };
    let known = |id| one_of(id).unwrap_or(id);
    let decision = match decision {
        Decision::Admit {
            visit,
            consultation: id,
            overtake,
        } => {
            let taken = one_of(id).filter(|_| id.as_bytes()[15] % 10 == 0);
            let consultation = taken.unwrap_or(consultation(1_000 + step));
            Decision::Admit {
                visit,
                consultation,
                overtake,
            }
        }
        Decision::End {
            consultation,
            conclusion,
        } => Decision::End {
            consultation: known(consultation),
            conclusion,
        },
        Decision::TakeOn {
            consultation,
            regular,
        } => Decision::TakeOn {
            consultation: known(consultation),
            regular,
        },
        Decision::Hold { consultation } => Decision::Hold {
            consultation: known(consultation),
        },
        Decision::Resume { consultation } => Decision::Resume {
            consultation: known(consultation),
        },
        other @ (Decision::Call { .. }
        | Decision::Decline { .. }
        | Decision::Message { .. }
        | Decision::SetUrgency { .. }
        | Decision::Transfer { .. }) => other,
    };
    Input::Decided {
        practitioner,
        decision,
    }
}

fn policy() -> impl Strategy<Value = Policy> {
    let time = |most: u64| prop_oneof![1 => Just(0), 9 => 0..most];
    let times = (
        time(200_000),
        time(500_000),
        time(100_000),
        time(500_000),
        time(2_000_000),
    );
    (times, 1..6_usize).prop_map(
        |((grace, keep_place, called, expected, remember), waiting)| Policy {
            grace: Millis(grace),
            keep_place: Millis(keep_place),
            called: Millis(called),
            expected: Millis(expected),
            waiting,
            remember: Millis(remember),
        },
    )
}

/// What a store holds that does nothing but write what it is told.
#[derive(Default)]
struct Store {
    services: BTreeMap<ServiceId, Service>,
    practitioners: BTreeMap<PractitionerId, Practitioner>,
    estimators: BTreeMap<WaitingRoom, Estimator>,
    regulars: BTreeMap<PatientId, PractitionerId>,
    visits: BTreeMap<VisitId, Visit>,
    consultations: BTreeMap<ConsultationId, Consultation>,
}

impl Store {
    fn write(&mut self, record: &Record) {
        match record {
            Record::Service(one) => _ = self.services.insert(one.id, (**one).clone()),
            Record::Estimator(of, one) => _ = self.estimators.insert(*of, (**one).clone()),
            Record::Regular(patient, Some(who)) => _ = self.regulars.insert(*patient, *who),
            Record::Regular(patient, None) => {
                let before = self.regulars.remove(patient);
                assert!(before.is_some(), "nothing is taken away twice");
            }
            Record::Practitioner(one) => _ = self.practitioners.insert(one.id, (**one).clone()),
            Record::Visit(visit) => {
                let before = self.visits.insert(visit.id, (**visit).clone());
                let ended = before.is_some_and(|before| !before.state.is_active());
                let called = matches!(visit.state, VisitState::Admitted { .. });
                assert!(
                    !ended || called,
                    "a visit ends once, unless it is called back"
                );
            }
            Record::Consultation(consultation) => {
                let before = self
                    .consultations
                    .insert(consultation.id, (**consultation).clone());
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
            services: self.services.values().cloned().collect(),
            regulars: self.regulars.clone().into_iter().collect(),
            erased: Vec::new(),
            practitioners: self.practitioners.values().cloned().collect(),
            estimators: self.estimators.clone().into_iter().collect(),
            visits: self.visits.values().rev().cloned().collect(),
            consultations: self.consultations.values().rev().cloned().collect(),
        }
    }
}

/// All that a patient may see.
fn patients_picture(clinic: &Clinic, who: PatientId) -> String {
    let visit = clinic.visit_of(who);
    let warm = clinic.warm().find(|warm| warm.patient == who);
    let consultation = clinic
        .consultations()
        .find(|consultation| consultation.patient == who);
    let with = consultation.map(|one| clinic.is_practitioner_connected(one.practitioner));
    let regular = clinic.regular_of(who);
    format!("{visit:?} {warm:?} {consultation:?} {with:?} {regular:?}")
}

/// All that a practitioner may see.
fn practitioners_picture(clinic: &Clinic, who: PractitionerId) -> String {
    let waiting: Vec<_> = clinic.waiting_for(who).collect();
    let card = clinic
        .practitioner(who)
        .map(|card| (&card.services, card.duty));
    let held: Vec<_> = clinic.held_by(who).collect();
    let missed = clinic.missed_by(who);
    let warm = clinic.warm().find(|warm| warm.practitioner == who);
    let consultation = clinic.consultation_of(who);
    let with = consultation.and_then(|one| clinic.visit(one.visit));
    let ended = clinic.ended_of(who);
    let regular = |patient| clinic.regular_of(patient);
    let mine = waiting.iter().map(|line| regular(line.visit.patient));
    let mine: Vec<_> = mine.map(|it| it == Some(who)).collect();
    let theirs = consultation.or(ended).map(|it| regular(it.patient));
    format!(
        "{waiting:?} {card:?} {held:?} {missed:?} {warm:?} {consultation:?} {with:?} {ended:?} {mine:?} {theirs:?}",
    )
}

/// All that a companion may see.
fn companions_picture(clinic: &Clinic, who: ParticipantId) -> String {
    let visits = clinic.state().visits;
    let theirs = visits.iter().find(|visit| {
        let mut invitations = visit.companions.invitations().iter();
        invitations.any(|it| it.companion() == Some(who) || ParticipantId::from(it.id) == who)
    });
    let view = theirs.and_then(|visit| clinic.visit(visit.id));
    let consultation = view.and_then(|view| clinic.consultation(view.visit.state.consultation()?));
    let with = consultation.map(|one| clinic.companions_in(one).collect::<Vec<_>>());
    format!("{view:?} {consultation:?} {with:?}")
}

fn the_changed_are_told(before: &Clinic, after: &Clinic, outputs: &Outputs) {
    let told = after.changed_patients(&outputs.changed);
    for who in (0..PATIENTS).map(patient).filter(|who| !told.contains(who)) {
        assert_eq!(patients_picture(before, who), patients_picture(after, who));
    }
    let told = after.changed_companions(&outputs.changed);
    let invited = (0..INVITATIONS).map(companion);
    for who in invited.filter(|who| !told.contains(who)) {
        assert_eq!(
            companions_picture(before, who),
            companions_picture(after, who)
        );
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

fn places_are_counted_from_one_in_order_of_rank(clinic: &Clinic) {
    let visits = clinic.state().visits;
    let mut places: BTreeMap<WaitingRoom, Vec<(u32, Rank)>> = BTreeMap::new();
    for visit in visits
        .iter()
        .filter(|visit| visit.state == VisitState::Waiting)
    {
        let place = clinic.place(visit.id).expect("whoever waits has a place");
        places
            .entry(visit.waiting_room)
            .or_default()
            .push((place, visit.rank));
    }
    for places in places.values_mut() {
        places.sort_unstable();
        assert!(places.is_sorted_by_key(|(_, rank)| *rank));
        assert!(
            (1..)
                .zip(places.iter())
                .all(|(index, (place, _))| *place == index)
        );
    }
    for who in (0..PRACTITIONERS).map(practitioner) {
        let seen: Vec<_> = clinic.waiting_for(who).collect();
        assert!(seen.is_sorted_by_key(|line| line.visit.rank));
        assert!((1..).zip(&seen).all(|(index, line)| line.place == index));
    }
}

/// Whoever waits for one practitioner, and not for whoever is free, is asked as soon as that one is off duty, and only then.
fn whoever_waits_for_nobody_is_asked(clinic: &Clinic) {
    for visit in clinic.state().visits {
        let off = match visit.waiting_room {
            WaitingRoom::Service(_) => false,
            WaitingRoom::Practitioner(who) => clinic
                .practitioner(who)
                .is_none_or(|card| card.duty == Duty::Off),
        };
        assert!(off || !visit.asked || visit.state != VisitState::Waiting);
    }
}

/// Whoever comes along has one seat, in a visit that goes on; a practitioner who does is in no consultation of their own.
fn companions_have_one_place(clinic: &Clinic) {
    let mut seated = BTreeSet::new();
    for visit in clinic.state().visits {
        for seat in visit.companions.seated() {
            assert!(visit.state.is_active(), "a place ends with the visit");
            let person = seat.practitioner.map_or(seat.who, ParticipantId::from);
            assert!(seated.insert(person), "a companion has one place");
            let found = clinic.accompanied_by(seat.who).map(|view| view.visit.id);
            assert_eq!(found, Some(visit.id));
            assert!(seat.who != visit.patient.into());
        }
        let part = visit.companions.taking_part().count();
        assert!(part + 2 <= vestibule_clinic::limits::PEOPLE);
        for seat in visit.companions.taking_part() {
            let own = PractitionerId::from_bytes(*seat.who.as_bytes());
            let practitioner = seat.practitioner.unwrap_or(own);
            assert_eq!(clinic.consultation_of(practitioner), None);
        }
    }
}

fn nobody_is_in_two_places(clinic: &Clinic) {
    let visits = clinic.state().visits;
    let mut patients = BTreeSet::new();
    let here = |visit: &&Visit| visit.state.is_active() && visit.state != VisitState::Expected;
    for visit in visits.iter().filter(here) {
        assert!(
            patients.insert(visit.patient),
            "a patient has one active visit"
        );
    }
    let mut practitioners = BTreeSet::new();
    let mut in_consultation = 0;
    for one in clinic.consultations() {
        assert!(one.ended.is_none());
        let held = one.held_since.is_some();
        assert!(
            held || practitioners.insert(one.practitioner),
            "a practitioner is in one consultation"
        );
        assert_eq!(clinic.consultation_of(one.practitioner) == Some(one), !held);
        assert_eq!(
            clinic.held_by(one.practitioner).any(|other| other == one),
            held
        );
        let state = &clinic
            .visit(one.visit)
            .expect("its visit is there")
            .visit
            .state;
        assert_eq!(state.consultation(), Some(one.id));
        assert_eq!(matches!(state, VisitState::OnHold { .. }), held);
        in_consultation += 1;
    }
    let with_somebody = |state: &VisitState| state.consultation().is_some();
    let all = visits
        .iter()
        .filter(|visit| with_somebody(&visit.state))
        .count();
    assert_eq!(all, in_consultation);
}

/// Whoever was called, or did not come, is found by each practitioner who may see them, and by nobody else.
fn whoever_is_missed_is_found(clinic: &Clinic) {
    let did_not_come = |state: &VisitState| matches!(state, VisitState::Ended { outcome, .. } if *outcome == Outcome::NoShow);
    let is_missed = |visit: &&Visit| {
        matches!(visit.state, VisitState::Admitted { .. }) || did_not_come(&visit.state)
    };
    let visits = clinic.state().visits;
    for who in (0..PRACTITIONERS).map(practitioner) {
        let card = clinic.practitioner(who);
        let expected: BTreeSet<_> = visits
            .iter()
            .filter(is_missed)
            .filter(|visit| card.is_some_and(|card| card.may_see(visit)))
            .map(|visit| visit.id)
            .collect();
        let found: BTreeSet<_> = clinic.missed_by(who).iter().map(|visit| visit.id).collect();
        assert_eq!(found, expected);
    }
}

/// What was stored is the clinic, apart from who is connected.
fn restarted(clinic: &Clinic, store: &Store, policy: Policy, now: Timestamp) -> Clinic {
    let restored = Clinic::restore(policy, store.state(), now).expect("what was stored");
    let (old, new) = (clinic.state(), restored.state());
    assert_eq!(old.visits, new.visits);
    assert_eq!(old.regulars, new.regulars);
    assert!(clinic.consultations().eq(restored.consultations()));
    assert_eq!(old.consultations, new.consultations);
    for who in (0..PRACTITIONERS).map(practitioner) {
        assert_eq!(clinic.ended_of(who), restored.ended_of(who));
    }
    let order = |clinic: &Clinic, who| {
        let waiting = clinic.waiting_for(who);
        waiting.map(|line| line.visit.id).collect::<Vec<_>>()
    };
    for who in (0..PRACTITIONERS).map(practitioner) {
        assert_eq!(order(clinic, who), order(&restored, who));
        assert!(restored.waiting_for(who).all(|line| !line.connected));
    }
    assert!(old.services == new.services && old.practitioners == new.practitioners);
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
        assert!(outputs.audit.is_empty());
    }
    if outputs.records.is_empty() && outputs.changed.is_empty() {
        assert!(*clinic == before, "what nobody is told changed nothing");
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
    patients: BTreeSet<PatientId>,
}

impl Follower {
    fn note(&mut self, outputs: &Outputs) {
        let visits = outputs.records.iter().filter_map(|record| match record {
            Record::Visit(visit) => Some(visit.id),
            Record::Consultation(consultation) => Some(consultation.visit),
            Record::Forget(visit) => Some(*visit),
            Record::Service(_)
            | Record::Practitioner(_)
            | Record::Estimator(..)
            | Record::Regular(..) => None,
        });
        let patients = outputs.records.iter().filter_map(|record| {
            if let Record::Regular(patient, _) = record {
                return Some(*patient);
            }
            None
        });
        self.patients.extend(patients);
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
        let patients = std::mem::take(&mut self.patients);
        let (kept, left): (BTreeSet<_>, BTreeSet<_>) = patients
            .into_iter()
            .partition(|patient| store.regulars.contains_key(patient));
        let missed = Missed {
            rows: State {
                regulars: rows
                    .regulars
                    .into_iter()
                    .filter(|(patient, _)| kept.contains(patient))
                    .collect(),
                erased: rows.erased,
                services: rows.services,
                practitioners: rows.practitioners,
                estimators: rows.estimators,
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
            left: left.into_iter().collect(),
        };
        let mut changed = self.clinic.catch_up(now, missed);
        for input in attendance(leader) {
            changed.merge(self.clinic.handle(now, input).changed);
        }
        let outputs = Outputs {
            answer: Ok(()),
            records: Vec::new(),
            audit: Vec::new(),
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
    let companions = (0..INVITATIONS)
        .map(companion)
        .chain((0..PRACTITIONERS).map(|number| practitioner(number).into()));
    let companions = companions.map(|companion| {
        let view = clinic.accompanied_by(companion);
        let there = view.is_some_and(|view| {
            let mut companions = clinic.companions_of(view.visit);
            let is = |it: &vestibule_clinic::CompanionView<'_>| {
                it.invitation.companion() == Some(companion) && it.connected
            };
            companions.any(|it| is(&it))
        });
        if there {
            Input::CompanionConnected { companion }
        } else {
            Input::CompanionDisconnected { companion }
        }
    });
    patients.chain(practitioners).chain(companions)
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
        for input in founding() {
            decide(&mut clinic, &mut store, now, input);
        }
        for (step, (tick, event)) in (0..).zip(steps) {
            now = after(now, &tick, &clinic);
            match event {
                Some(input) => {
                    let input = with_ids_of_now(input, step, &clinic);
                    decide(&mut clinic, &mut store, now, input);
                }
                None => clinic = restarted(&clinic, &store, policy, now),
            }
            places_are_counted_from_one_in_order_of_rank(&clinic);
            whoever_waits_for_nobody_is_asked(&clinic);
            whoever_is_seen_has_passed_the_gates(&clinic);
            nobody_is_in_two_places(&clinic);
            companions_have_one_place(&clinic);
            whoever_is_missed_is_found(&clinic);
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
        for input in founding() {
            decide(&mut clinic, &mut store, now, input);
        }
        let mut follower = Follower {
            clinic: clinic.clone(), touched: BTreeSet::new(), patients: BTreeSet::new(),
        };
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
                assert!(mine.warm().eq(theirs.warm()));
                assert_eq!(mine.state().practitioners, theirs.state().practitioners);
                for who in (0..PRACTITIONERS).map(practitioner) {
                    assert_eq!(mine.consultation_of(who), theirs.consultation_of(who));
                    assert!(mine.held_by(who).eq(theirs.held_by(who)));
                    assert!(mine.waiting_for(who).eq(theirs.waiting_for(who)));
                    assert_eq!(mine.missed_by(who), theirs.missed_by(who));
                    assert_eq!(mine.ended_of(who), theirs.ended_of(who));
                }
            }
        }
    }
}
