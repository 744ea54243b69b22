//! After each restart: is everything there that was acknowledged, and nothing that was never sent?

use std::collections::BTreeMap;

use vestibule_protocol::client::Request;
use vestibule_protocol::server::{
    ConsultationView, LogEntry, Outcome, PatientSnapshot, Reply, ServerMessage, VisitState,
};

use crate::client::Page;
use crate::client::device::new_instance;
use crate::ledger::{Book, Ledger, OfPatient, OfPractitioner};
use crate::storm::{Patient, Practitioner};

/// Looks at everybody's page; gives back who was looked at.
pub async fn inspect(
    round: u32,
    practitioner: &Practitioner,
    patients: Vec<Patient>,
    ledger: &Ledger,
) -> Vec<Patient> {
    let mut waiting = BTreeMap::new();
    let mut consulting = Vec::new();
    // All come back at once, as after any restart.
    let looks = patients.into_iter().map(|patient| {
        tokio::spawn(async move {
            let mut page = patient.device.open_as(new_instance()).await;
            let seen = page.patient(|_| true).await;
            (patient, seen)
        })
    });
    let mut looked_at = Vec::new();
    for look in looks.collect::<Vec<_>>() {
        let (patient, seen) = look.await.unwrap();
        let what = format!("round {round}, patient {}", patient.number);
        let place = check(&what, &patient, &seen, &ledger.open());
        if let Some(place) = place {
            let before = waiting.insert(place, patient.number);
            assert_eq!(before, None, "{what}: two at place {place}");
        }
        if let Some(view) = seen.consultation {
            consulting.push(view);
        }
        if matches!(
            seen.visit.map(|it| it.state),
            Some(VisitState::Ended { .. })
        ) {
            ledger.close(patient.number);
        }
        looked_at.push(patient);
    }
    in_order(round, &waiting, &ledger.open());
    let mut console = practitioner.device.open_as(practitioner.instance).await;
    let seen = console.practitioner(|_| true).await;
    let listed: Vec<u32> = seen.waiting.iter().map(|entry| entry.place).collect();
    let places: Vec<u32> = waiting.keys().copied().collect();
    assert_eq!(
        listed, places,
        "round {round}: console and patients see the same places"
    );
    assert!(
        consulting.len() <= 1,
        "round {round}: one practitioner, one consultation"
    );
    assert_eq!(
        seen.consultation.as_ref().map(|it| it.consultation),
        consulting.first().map(|it| it.consultation),
        "round {round}: both are in the same consultation"
    );
    if let Some(view) = seen.consultation {
        check_log(round, &mut console, &view, ledger).await;
    }
    looked_at
}

/// One patient's visit against what is known of it; their place, if they wait.
fn check(what: &str, patient: &Patient, seen: &PatientSnapshot, book: &Book) -> Option<u32> {
    let own = book.patients[patient.number];
    let Some(visit) = &seen.visit else {
        assert!(!own.arrive.is_certain(), "{what}: the arrival is lost");
        return None;
    };
    assert!(own.arrive.was_sent(), "{what}: arrived without asking");
    let of = book.visits.get(&visit.visit).copied().unwrap_or_default();
    let ended = book.ends.get(&patient.device.participant.unwrap());
    let ended = ended.copied().unwrap_or_default();
    match &visit.state {
        VisitState::Waiting { place } => {
            nothing_ended(what, &own, &of);
            assert!(!of.admit.is_certain(), "{what}: the admission is lost");
            assert!(!ended.is_certain(), "{what}: the end is lost");
            assert!(seen.consultation.is_none(), "{what}: in two places");
            return Some(*place);
        }
        VisitState::InConsultation { .. } => {
            nothing_ended(what, &own, &of);
            assert!(of.admit.was_sent(), "{what}: nobody admitted them");
            assert!(!ended.is_certain(), "{what}: the end is lost");
            assert!(
                seen.consultation.is_some(),
                "{what}: in a consultation that is none"
            );
        }
        VisitState::Ended { outcome, .. } => {
            let asked = match outcome {
                Outcome::Left => own.leave,
                Outcome::Declined { .. } => of.decline,
                Outcome::Completed { .. } => ended,
                other => panic!("{what}: {other:?}, and nobody was away so long or asked for it"),
            };
            assert!(asked.was_sent(), "{what}: {outcome:?} without asking");
            assert!(seen.consultation.is_none(), "{what}: in two places");
        }
        state => panic!("{what}: {state:?}, which nobody asked for"),
    }
    None
}

fn nothing_ended(what: &str, own: &OfPatient, of: &OfPractitioner) {
    assert!(!own.leave.is_certain(), "{what}: the leaving is lost");
    assert!(!of.decline.is_certain(), "{what}: the declining is lost");
}

/// Whoever was acknowledged before another one asked stands before them.
fn in_order(round: u32, waiting: &BTreeMap<u32, usize>, book: &Book) {
    let places: Vec<u32> = waiting.keys().copied().collect();
    let expected: Vec<u32> = (1..).take(waiting.len()).collect();
    assert_eq!(
        places, expected,
        "round {round}: places count from 1 without gaps"
    );
    for (ahead_place, ahead) in waiting {
        for (behind_place, behind) in waiting.range(ahead_place + 1..) {
            let asked = book.patients[*ahead].arrive.sent;
            let acknowledged = book.patients[*behind].arrive.acknowledged;
            let overtaken = acknowledged.is_some() && acknowledged < asked;
            assert!(
                !overtaken,
                "round {round}: place {behind_place} was there before {ahead_place}"
            );
        }
    }
}

/// The log has no gaps, holds what was acknowledged at its place, and nothing that was never sent.
async fn check_log(round: u32, console: &mut Page, view: &ConsultationView, ledger: &Ledger) {
    let sync = Request::Sync {
        consultation: view.consultation,
        after: 0,
    };
    assert_eq!(console.ask(sync).await, Ok(Reply::Done));
    let log = logged(console);
    let known = ledger
        .open()
        .messages
        .get(&view.consultation)
        .cloned()
        .unwrap_or_default();
    for (place, entry) in (1..).zip(&log) {
        assert_eq!(entry.sequence, place, "round {round}: a gap in the log");
        assert!(
            known.sent.contains(&entry.message.0),
            "round {round}: a message of nobody"
        );
    }
    for (sequence, bytes) in &known.acknowledged {
        let entry = usize::try_from(*sequence)
            .ok()
            .and_then(|it| log.get(it - 1));
        let found = entry.map(|it| &it.message.0);
        assert_eq!(
            found,
            Some(bytes),
            "round {round}: message {sequence} is lost"
        );
    }
}

/// The entries that came before the answer to `sync`.
fn logged(console: &mut Page) -> Vec<LogEntry> {
    let messages = console.take_kept(|it| matches!(it, ServerMessage::Log { .. }));
    let entries = messages.into_iter().flat_map(|message| match message {
        ServerMessage::Log { entries, .. } => entries,
        other => panic!("{other:?}"),
    });
    entries.collect()
}
