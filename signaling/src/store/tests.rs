//! What is written is read again, on both databases.

#[path = "../../tests/support/postgres.rs"]
pub(crate) mod postgres;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use vestibule_clinic::audit::{Act, Actor, Entry};
use vestibule_clinic::quota::History;
use vestibule_clinic::{
    Answers, Arrival, Choice, CompanionRole, Companions, Conclusion, Consent, Consultation,
    ConsultationEnd, DeclineReason, Ended, GateRules, Gates, IdentityLevel, Known, Language,
    Outcome, Rank, Record, Service, Turn, Urgency, Visit, VisitState, WaitingRoom,
};
use vestibule_control::Talk;
use vestibule_delivery::{LogEntry, LogKind, Message};
use vestibule_vocab::{
    CallId, ClinicId, ConsultationId, InstanceId, InvitationId, LegId, Millis, PatientId,
    PractitionerId, Redacted, Role, ServiceId, SessionId, Timestamp, VisitId,
};

use super::audit::Chain;
use super::statement::statement;
use super::{
    Attendance, BatchKey, CallIds, ClaimError, ClinicRow, CommitError, Line, NewSession, News,
    NodeId, Store, Vault, Write,
};
use crate::identity::{Claims, Subject};

/// The version of a clinic whose practitioners were named.
const FOUNDED: u64 = 1;

async fn write(store: &Store, writes: &[Write]) -> Result<(), CommitError> {
    let turn = store.turn().await?;
    turn.commit(BatchKey::new().unwrap(), writes).await
}

/// A store, and the directory of its file, if it is one.
struct Opened {
    store: Store,
    _directory: tempfile::TempDir,
}

fn vault() -> Vault {
    Vault::of(&[7; 32]).unwrap()
}

async fn both() -> [Opened; 2] {
    let directory = || tempfile::tempdir().unwrap();
    let file = directory();
    let url = postgres::shared().database().parse().unwrap();
    let opened = [
        Opened {
            store: Store::open(&file.path().join("store"), vault())
                .await
                .unwrap(),
            _directory: file,
        },
        Opened {
            store: Store::connect(&url, vault()).await.unwrap(),
            _directory: directory(),
        },
    ];
    for Opened { store, .. } in &opened {
        let row = store.clinic_or(&clinic("First"), &service()).await.unwrap();
        assert_eq!(row, clinic("First"));
        assert_eq!(
            store
                .clinic_or(&clinic("Second"), &service())
                .await
                .unwrap(),
            row
        );
        store
            .name_practitioners(
                &[(doctor(2), "Dr Two"), (doctor(1), "Dr One")],
                service().id,
            )
            .await
            .unwrap();
    }
    opened
}

fn clinic(name: &str) -> ClinicRow {
    ClinicRow {
        id: ClinicId::from_random(1),
        name: name.to_owned(),
        service: service().id,
    }
}

fn service() -> Service {
    Service::named(ServiceId::from_random(1), "Family medicine")
}

fn doctor(number: u128) -> PractitionerId {
    PractitionerId::from_random(number)
}

fn visit(number: u64, state: VisitState) -> Visit {
    Visit {
        id: VisitId::from_random(number.into()),
        patient: PatientId::from_random(number.into()),
        service: service().id,
        choice: Choice::Regular(doctor(1)),
        language: Language::parse("nl").ok(),
        name: Redacted::new(format!("Zoë 🩺 {number}")),
        reason: Redacted::new("two\nlines".to_owned()),
        message: Redacted::new("a moment".to_owned()),
        appointment: None,
        urgency: Urgency::Soon,
        waiting_room: WaitingRoom::Practitioner(doctor(1)),
        rank: Rank {
            turn: Turn::Called,
            due: Timestamp(900 + number),
            arrival: Arrival(number),
        },
        extension: None,
        counts_from: Timestamp(1_000 + number),
        arrived_at: Timestamp(1_000 + number),
        asked: true,
        promise: None,
        gates: Gates::new(GateRules::default(), Timestamp(0)),
        answers: Answers::default(),
        consent: Consent::default(),
        companions: company(number),
        history: History::default(),
        elsewhere: BTreeMap::new(),
        known: Known {
            level: Some(IdentityLevel::High),
            ..Known::default()
        },
        state,
    }
}

/// Somebody who comes along, and somebody who is invited to.
fn company(number: u64) -> Companions {
    let mut companions = Companions::default();
    let hour = Millis::from_secs(60 * 60);
    for (invited, role) in [
        (number * 10, CompanionRole::Parent),
        (number * 10 + 1, CompanionRole::Other),
    ] {
        let id = InvitationId::from_random(invited.into());
        let _ = companions.invite(id, role, hour, Timestamp(1_500)).unwrap();
    }
    let id = InvitationId::from_random((number * 10).into());
    let name = Redacted::new("Sofie".to_owned());
    let _ = companions
        .accept(id, id.into(), &name, Timestamp(1_600))
        .unwrap();
    companions
}

fn consultation(number: u64, ended: Option<Ended>) -> Consultation {
    Consultation {
        id: ConsultationId::from_random(number.into()),
        number,
        visit: VisitId::from_random(number.into()),
        patient: PatientId::from_random(number.into()),
        name: Redacted::new(format!("Zoë 🩺 {number}")),
        service: service().id,
        practitioner: doctor(number.into()),
        started_at: Timestamp(2_000),
        held_since: None,
        ended,
    }
}

fn entry(sequence: u64) -> LogEntry {
    LogEntry {
        consultation: ConsultationId::from_random(1),
        sequence,
        sender: InstanceId::from_random(9),
        kind: LogKind::Application,
        generation: u32::MAX,
        epoch: 7,
        message: Message::from(vec![0, 255, sequence.to_be_bytes()[7]]),
    }
}

/// Visits of every state, and their consultations.
fn a_day() -> (Vec<Visit>, Vec<Consultation>) {
    let at = Timestamp(3_000);
    let ended = |outcome| VisitState::Ended { outcome, at };
    let message = Redacted::new("in your own words".to_owned());
    let reason = DeclineReason::Emergency;
    let conclusion = Conclusion::InPersonNeeded;
    let visits = vec![
        visit(
            1,
            VisitState::InConsultation {
                consultation: ConsultationId::from_random(1),
            },
        ),
        visit(2, ended(Outcome::Completed { conclusion })),
        visit(3, VisitState::Waiting),
        visit(4, ended(Outcome::Left)),
        visit(5, ended(Outcome::ConnectionLost)),
        visit(6, ended(Outcome::Declined { reason, message })),
    ];
    let how = ConsultationEnd::Completed(conclusion);
    let number = 7;
    let consultations = vec![
        consultation(1, None),
        consultation(2, Some(Ended { how, at, number })),
    ];
    (visits, consultations)
}

fn records(visits: &[Visit], consultations: &[Consultation]) -> Vec<Write> {
    let visits = visits.iter().cloned().map(Arc::new).map(Record::Visit);
    let consultations = consultations
        .iter()
        .cloned()
        .map(Box::new)
        .map(Record::Consultation);
    visits.chain(consultations).map(Write::Record).collect()
}

fn call() -> CallIds {
    CallIds {
        call: CallId::from_random(1),
        legs: (2..5_u128)
            .map(|number| {
                let who = PatientId::from_random(number).into();
                (who, LegId::from_random(number))
            })
            .collect(),
    }
}

#[tokio::test]
async fn what_is_written_is_read_again() {
    for Opened { store, .. } in both().await {
        let (visits, consultations) = a_day();
        let mut writes = records(&visits, &consultations);
        let id = ConsultationId::from_random(1);
        writes.push(Write::Call(id, call()));
        writes.extend((1..=3).map(entry).map(Write::Log));
        writes.push(Write::DropLog(id, vec![1]));
        write(&store, &writes).await.unwrap();

        let mut loaded = store.load().await.unwrap();
        loaded.state.visits.sort_by_key(|it| it.rank.arrival);
        loaded.state.consultations.sort_by_key(|it| it.number);
        assert_eq!(loaded.version, FOUNDED + 1);
        assert_eq!(loaded.state.visits, visits);
        assert_eq!(loaded.state.consultations, consultations);
        assert_eq!(loaded.calls.get(&id), Some(&call()));
        assert_eq!(loaded.log.get(&id), Some(&vec![entry(2), entry(3)]));
        assert_eq!(loaded.state.practitioners.len(), 2);
        assert_eq!(loaded.state.services, [service()]);

        let forgotten = visits.iter().map(|it| Write::Record(Record::Forget(it.id)));
        write(&store, &forgotten.collect::<Vec<_>>()).await.unwrap();
        assert!(
            store.receipt(id).await.unwrap().is_some(),
            "it outlives the visit"
        );
        let loaded = store.load().await.unwrap();
        assert!(loaded.state.visits.is_empty() && loaded.state.consultations.is_empty());
        assert!(loaded.log.is_empty());
    }
}

#[tokio::test]
async fn m20_a_receipt_sums_up_what_flowed_in_all_calls_of_a_consultation_and_names_nobody() {
    let talk = |video_ms, audio_ms, neither_ms| Talk {
        video_ms,
        audio_ms,
        neither_ms,
    };
    for Opened { store, .. } in both().await {
        let (visits, consultations) = a_day();
        let id = consultations[0].id;
        let mut writes = records(&visits, &consultations);
        writes.push(Write::Call(id, call()));
        writes.push(Write::Talk(call().call, talk(1_000, 0, 10)));
        write(&store, &writes).await.unwrap();
        let other = CallIds {
            call: CallId::from_random(9),
            ..call()
        };
        let later = [
            Write::Call(id, other.clone()),
            Write::Talk(call().call, talk(16_000, 0, 10)),
            Write::Talk(other.call, talk(0, 2_000, 0)),
            Write::Talk(CallId::from_random(77), talk(5, 5, 5)),
        ];
        write(&store, &later).await.unwrap();
        let receipt = store.receipt(id).await.unwrap().unwrap();
        assert_eq!(receipt.talk, talk(16_000, 2_000, 10));
        assert_eq!(receipt.consultation.started_at, consultations[0].started_at);
        assert_eq!(receipt.consultation.ended, consultations[0].ended);
        assert_eq!(receipt.consultation.name.expose(), "");
        let mut past = store.past(consultations[0].patient).await.unwrap();
        past.retain(|it| it.id == id);
        assert_eq!(past, [receipt.consultation]);
        let by_visit = store.past_of_visit(consultations[0].visit).await.unwrap();
        assert!(by_visit.contains(&past[0]));
        assert_eq!(store.past(PatientId::from_random(77)).await.unwrap(), []);
        let unknown = VisitId::from_random(77);
        assert_eq!(store.past_of_visit(unknown).await.unwrap(), []);
        let nobody = ConsultationId::from_random(77);
        assert_eq!(store.receipt(nobody).await.unwrap(), None);
    }
}

/// The first line that does not follow from the one before.
fn first_broken(lines: &[Line]) -> Option<u64> {
    let mut chain = Chain {
        sequence: 0,
        hash: vec![0; 32],
    };
    let broken = lines.iter().find(|line| !chain.follow(line));
    broken.map(|_| chain.sequence)
}

fn act(number: u64) -> Write {
    Write::Audit(Entry {
        at: Timestamp(number),
        actor: Actor::Time,
        act: Act::Forgotten {
            visit: VisitId::from_random(number.into()),
        },
    })
}

#[tokio::test]
async fn what_was_decided_stays_written_in_order_and_a_changed_line_is_found() {
    for Opened { store, .. } in both().await {
        write(&store, &[act(1), act(2)]).await.unwrap();
        write(&store, &[]).await.unwrap();
        write(&store, &[act(3)]).await.unwrap();
        let mut lines = Vec::new();
        let see = |line: &Line| {
            lines.push(line.clone());
            ControlFlow::Continue(())
        };
        store.read_audit(see).await.unwrap();
        assert_eq!(lines.len(), 3);
        assert_eq!(first_broken(&lines), None);
        for number in 0..3 {
            let mut altered = lines.clone();
            altered[number].entry = altered[(number + 1) % 3].entry.clone();
            assert_eq!(first_broken(&altered), Some(number as u64 + 1));
        }
        let mut shortened = lines.clone();
        shortened.remove(1);
        assert_eq!(first_broken(&shortened), Some(2));
    }
}

#[tokio::test]
async fn a_batch_is_written_whole_or_not_at_all() {
    for Opened { store, .. } in both().await {
        let (visits, consultations) = a_day();
        let mut writes = records(&visits, &consultations);
        // A second consultation of the first practitioner's under way: the store's own rule says no.
        let second = Consultation {
            practitioner: doctor(1),
            ..consultation(3, None)
        };
        writes.push(Write::Record(Record::Consultation(Box::new(second))));
        let refused = write(&store, &writes).await.unwrap_err();
        assert!(matches!(refused, CommitError::Store(_)));
        let loaded = store.load().await.unwrap();
        assert_eq!(loaded.version, FOUNDED);
        assert!(loaded.state.visits.is_empty());
    }
}

#[tokio::test]
async fn a_batch_is_found_by_its_key_when_its_answer_was_lost() {
    for Opened { store, .. } in both().await {
        let (written, other) = (BatchKey::new().unwrap(), BatchKey::new().unwrap());
        let turn = store.turn().await.unwrap();
        turn.commit(written, &[]).await.unwrap();
        write(&store, &[]).await.unwrap();
        assert_eq!(store.outcome_of(written).await.unwrap(), Some(FOUNDED + 1));
        assert_eq!(store.outcome_of(other).await.unwrap(), None);
    }
}

#[tokio::test]
async fn one_server_writes_at_a_time() {
    for Opened { store, .. } in both().await {
        let first = store.turn().await.unwrap();
        let second = store.turn();
        let second = tokio::time::timeout(Duration::from_millis(50), second).await;
        assert!(second.is_err(), "two had the turn at once");
        first.commit(BatchKey::new().unwrap(), &[]).await.unwrap();
        assert_eq!(store.turn().await.unwrap().version, FOUNDED + 1);
    }
}

#[tokio::test]
async fn who_was_behind_reads_what_was_written_and_no_more() {
    for Opened { store, .. } in both().await {
        let (visits, consultations) = a_day();
        let id = ConsultationId::from_random(1);
        let patient = Subject::Patient {
            patient: PatientId::from_random(3),
            visit: VisitId::from_random(3),
        };
        write(&store, &records(&visits, &consultations))
            .await
            .unwrap();
        let forget = Write::Record(Record::Forget(visits[3].id));
        write(&store, &[Write::Present(patient), forget])
            .await
            .unwrap();
        let more = [Write::Call(id, call()), Write::Log(entry(1))];
        write(&store, &more).await.unwrap();

        assert!(matches!(
            store.news(FOUNDED + 3).await.unwrap(),
            News::Nothing
        ));
        let News::Rows(delta) = store.news(FOUNDED + 1).await.unwrap() else {
            panic!("it was noted");
        };
        assert_eq!(delta.version, FOUNDED + 3);
        assert_eq!(delta.missed.forgotten, [visits[3].id]);
        assert_eq!(delta.missed.rows.consultations, consultations[..1]);
        assert_eq!(delta.missed.rows.visits, []);
        assert_eq!(delta.calls.get(&id), Some(&call()));
        assert_eq!(delta.logs.get(&id), Some(&vec![entry(1)]));
        let attendance = Attendance {
            participant: PatientId::from_random(3).into(),
            role: Role::Patient,
            node: store.node(),
        };
        assert_eq!(delta.people, [(attendance.participant, Some(attendance))]);

        statement("DELETE FROM commits WHERE version = 3")
            .run(&store.database)
            .await
            .unwrap();
        let News::Everything(loaded) = store.news(FOUNDED + 1).await.unwrap() else {
            panic!("a version is missing");
        };
        assert_eq!(loaded.version, FOUNDED + 3);
        assert_eq!(loaded.attendance, [attendance]);
    }
}

#[tokio::test]
async fn a_server_that_is_buried_is_gone_with_everybody() {
    for Opened { store, .. } in both().await {
        store.join().await.unwrap();
        let doctor = Subject::Practitioner(doctor(1));
        write(&store, &[Write::Present(doctor)]).await.unwrap();
        let beats = store.beat().await.unwrap();
        assert_eq!(beats.get(&store.node()), Some(&1));
        // Another server's people stay when somebody of that name leaves here.
        let other = NodeId::new().unwrap();
        let gone = Write::Gone(doctor.participant(), other);
        write(&store, &[gone]).await.unwrap();
        assert_eq!(store.load().await.unwrap().attendance.len(), 1);
        write(&store, &[Write::Bury(store.node())]).await.unwrap();
        assert_eq!(store.load().await.unwrap().attendance, []);
        assert!(store.beat().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_token_gives_one_session_until_both_are_swept_out() {
    for Opened { store, .. } in both().await {
        let claims = Claims {
            token_id: Redacted::new("once".to_owned()),
            subject: Subject::Practitioner(doctor(1)),
            level: IdentityLevel::High,
            device: None,
            expires_at: Timestamp(10),
        };
        let session = |number: u8| NewSession {
            id: SessionId::from_random(number.into()),
            secret_hash: [number; 32],
            device_key: vec![4, 2],
            expires_at: Timestamp(20),
        };
        store.claim(&claims, &session(1)).await.unwrap();
        let again = store.claim(&claims, &session(2)).await.unwrap_err();
        assert!(matches!(again, ClaimError::Used));
        let row = store.session(&[1; 32]).await.unwrap().unwrap();
        assert_eq!((row.subject, row.level), (claims.subject, claims.level));
        assert_eq!(row.device_key, [4, 2]);
        assert_eq!(store.session(&[2; 32]).await.unwrap(), None);

        store.sweep(Timestamp(20)).await.unwrap();
        assert_eq!(store.session(&[1; 32]).await.unwrap(), None);
        store.claim(&claims, &session(3)).await.unwrap();
    }
}

#[tokio::test]
async fn names_and_links_are_kept_in_their_order() {
    for Opened { store, .. } in both().await {
        store.rename_clinic(Some("Parc"), None).await.unwrap();
        let row = store.clinic_or(&clinic("Other"), &service()).await.unwrap();
        assert_eq!(row, clinic("Parc"));
        store
            .name_practitioners(
                &[(doctor(1), "Dr First"), (doctor(3), "Dr Three")],
                service().id,
            )
            .await
            .unwrap();
        let named = store.practitioners().await.unwrap();
        let names: Vec<&str> = named.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["Dr Two", "Dr First", "Dr Three"]);

        assert!(!store.is_walk_in_link(&[7; 32]).await.unwrap());
        store.add_walk_in_link(&[7; 32]).await.unwrap();
        store.add_walk_in_link(&[7; 32]).await.unwrap();
        assert!(store.is_walk_in_link(&[7; 32]).await.unwrap());
        store.probe().await.unwrap();
        store.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_batch_of_many_rows_is_stored_as_one_of_few() {
    // More than two statements' worth, and no round number.
    const MANY: u64 = 131;
    for Opened { store, .. } in both().await {
        let visits: Vec<Visit> = (1..=MANY)
            .map(|it| visit(it, VisitState::Waiting))
            .collect();
        let mut writes = records(&visits, &[]);
        writes.extend((1..=MANY).map(act));
        writes.extend(visits.iter().map(|it| {
            let (patient, visit) = (it.patient, it.id);
            Write::Present(Subject::Patient { patient, visit })
        }));
        write(&store, &writes).await.unwrap();
        let mut loaded = store.load().await.unwrap();
        loaded.state.visits.sort_by_key(|it| it.rank.arrival);
        assert_eq!(loaded.state.visits, visits);
        assert_eq!(loaded.attendance.len(), visits.len());
        let (_, end) = store.follow_audit().await.unwrap().unwrap();
        assert_eq!(end.sequence, MANY);

        let gone = visits.iter().skip(1);
        let gone = gone.map(|it| Write::Gone(it.patient.into(), store.node()));
        write(&store, &gone.collect::<Vec<_>>()).await.unwrap();
        assert_eq!(store.load().await.unwrap().attendance.len(), 1);
    }
}

#[tokio::test]
async fn of_a_row_that_is_decided_twice_the_last_stands() {
    for Opened { store, .. } in both().await {
        let (visits, consultations) = a_day();
        let id = consultations[0].id;
        let earlier = [
            visit(1, VisitState::Waiting),
            visit(3, VisitState::Expected),
        ];
        let mut writes = records(&earlier, &[consultation(2, None)]);
        let first = CallIds {
            call: CallId::from_random(9),
            ..call()
        };
        writes.extend([Write::Call(id, first.clone()), Write::Call(id, call())]);
        let talk = |video_ms| Talk {
            video_ms,
            ..Talk::default()
        };
        writes.extend([
            Write::Talk(first.call, talk(1)),
            Write::Talk(first.call, talk(7)),
        ]);
        writes.extend(records(&visits, &consultations));
        write(&store, &writes).await.unwrap();
        let mut loaded = store.load().await.unwrap();
        loaded.state.visits.sort_by_key(|it| it.rank.arrival);
        loaded.state.consultations.sort_by_key(|it| it.number);
        assert_eq!(loaded.state.visits, visits);
        assert_eq!(loaded.state.consultations, consultations);
        assert_eq!(loaded.calls.get(&id), Some(&call()));
        assert_eq!(store.receipt(id).await.unwrap().unwrap().talk, talk(7));

        // The call stays when the consultation is written without it.
        let held = Consultation {
            held_since: Some(Timestamp(2_500)),
            ..consultations[0].clone()
        };
        write(&store, &records(&[], &[held])).await.unwrap();
        let loaded = store.load().await.unwrap();
        assert_eq!(loaded.calls.get(&id), Some(&call()));
    }
}

#[tokio::test]
async fn one_batch_leads_from_one_visit_and_consultation_to_the_next() {
    let at = Timestamp(3_000);
    for Opened { store, .. } in both().await {
        let of_first = |number, held_since, ended| Consultation {
            practitioner: doctor(1),
            held_since,
            ..consultation(number, ended)
        };
        let held = Some(Timestamp(2_500));
        let (one, two) = (visit(1, VisitState::Waiting), visit(2, VisitState::Waiting));
        let before = [of_first(1, None, None), of_first(2, held, None)];
        write(&store, &records(&[one.clone(), two], &before))
            .await
            .unwrap();

        // The one on hold goes on, and the visit that was expected begins: each is written before the other has ended.
        let next = |state| Visit {
            patient: one.patient,
            ..visit(3, state)
        };
        let ended = Ended {
            how: ConsultationEnd::Completed(Conclusion::Done),
            at,
            number: 7,
        };
        let outcome = Outcome::Left;
        let over = visit(1, VisitState::Ended { outcome, at });
        let mut writes = records(&[next(VisitState::Expected)], &before[1..]);
        writes.extend(records(
            std::slice::from_ref(&over),
            &[of_first(1, None, Some(ended))],
        ));
        let after = [next(VisitState::Waiting)];
        writes.extend(records(&after, &[of_first(2, None, None)]));
        write(&store, &writes).await.unwrap();
        let loaded = store.load().await.unwrap();
        assert!(loaded.state.visits.contains(&over) && loaded.state.visits.contains(&after[0]));
        assert!(
            loaded
                .state
                .consultations
                .contains(&of_first(2, None, None))
        );
    }
}

#[tokio::test]
async fn a_visit_that_is_forgotten_takes_what_was_written_before_it_and_nothing_after() {
    for Opened { store, .. } in both().await {
        let outcome = Outcome::Left;
        let at = Timestamp(3_000);
        let over = visit(1, VisitState::Ended { outcome, at });
        let again = Visit {
            patient: over.patient,
            ..visit(2, VisitState::Waiting)
        };
        let mut writes = records(std::slice::from_ref(&over), &[]);
        writes.push(Write::Record(Record::Forget(over.id)));
        writes.extend(records(std::slice::from_ref(&again), &[]));
        write(&store, &writes).await.unwrap();
        assert_eq!(store.load().await.unwrap().state.visits, [again]);
    }
}

#[tokio::test]
async fn whoever_comes_and_goes_within_a_batch_is_where_they_were_last() {
    for Opened { store, .. } in both().await {
        let patient = |number: u128| Subject::Patient {
            patient: PatientId::from_random(number),
            visit: VisitId::from_random(number),
        };
        let here = |number| Write::Present(patient(number));
        let gone = |number| Write::Gone(patient(number).participant(), store.node());
        let writes = [
            here(1),
            here(1),
            here(2),
            gone(1),
            gone(3),
            here(3),
            gone(2),
            here(1),
        ];
        write(&store, &writes).await.unwrap();
        let there = store.load().await.unwrap().attendance;
        let mut there: Vec<_> = there.iter().map(|it| it.participant).collect();
        there.sort_unstable();
        let mut expected = [patient(1).participant(), patient(3).participant()];
        expected.sort_unstable();
        assert_eq!(there, expected);
    }
}
