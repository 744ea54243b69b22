//! The log: what late and returning pages get, what falls out, and the way back from the store.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod support;

use support::*;
use vestibule_delivery::{
    Accepted, Delivery, LogEntry, LogKind, Refusal, RestoreError, StoredConsultation, limits,
};

fn begin(delivery: &mut Delivery, generation: u32) -> Accepted {
    let doctor = page(DOCTOR, 0);
    delivery
        .commit(
            doctor,
            consultation(1),
            commit(generation, 0),
            Some(welcome()),
        )
        .expect("a group begins")
}

fn say(delivery: &mut Delivery, generation: u32) -> Accepted {
    let message = application(generation, 1);
    delivery
        .send(page(PATIENT, 0), consultation(1), message)
        .expect("accepted")
}

fn sync(delivery: &Delivery, after: u64) -> Result<Vec<u64>, Refusal> {
    let entries = delivery.sync(page(PATIENT, 0), consultation(1), after)?;
    Ok(entries.iter().map(|entry| entry.sequence).collect())
}

/// A log with as many entries as there may be: a commit, a Welcome and chat.
fn full() -> Delivery {
    let mut delivery = opened();
    let _ = begin(&mut delivery, 1);
    for _ in 2..limits::LOG_ENTRIES {
        assert_eq!(say(&mut delivery, 1).dropped, []);
    }
    delivery
}

#[test]
fn a_returning_page_gets_what_it_missed_its_own_messages_too() {
    let mut delivery = opened();
    let _ = begin(&mut delivery, 1);
    let _ = say(&mut delivery, 1);
    assert_eq!(sync(&delivery, 0), Ok(vec![1, 2, 3]));
    assert_eq!(sync(&delivery, 2), Ok(vec![3]));
    assert_eq!(sync(&delivery, 3), Ok(vec![]));
}

#[test]
fn a_page_that_saw_more_than_there_is_has_to_join_anew() {
    let mut delivery = opened();
    let _ = begin(&mut delivery, 1);
    assert_eq!(sync(&delivery, 3), Err(Refusal::LogTruncated));
}

#[test]
fn a_full_log_drops_the_oldest_chat_and_keeps_what_is_needed_to_join() {
    let mut delivery = full();
    assert_eq!(say(&mut delivery, 1).dropped, [3]);
    assert_eq!(say(&mut delivery, 1).dropped, [4]);
    let doctor = page(DOCTOR, 0);
    let commit = delivery.commit(doctor, consultation(1), commit(1, 1), Some(welcome()));
    assert_eq!(commit.expect("accepted").dropped, [5, 6]);
    let everything = sync(&delivery, 0).expect("all that is there");
    assert_eq!(everything[..3], [1, 2, 7]);
    assert_eq!(sync(&delivery, 5), Err(Refusal::LogTruncated));
    assert_eq!(sync(&delivery, 6).expect("nothing is missing")[0], 7);
}

#[test]
fn a_new_generation_makes_the_old_ones_commits_dispensable() {
    let mut delivery = full();
    let accepted = begin(&mut delivery, 2);
    assert_eq!(accepted.dropped, [1, 2]);
    let _ = say(&mut delivery, 2);
    let last = accepted.sequence + 2;
    assert_eq!(
        sync(&delivery, 0).expect("all that is there").last(),
        Some(&last)
    );
}

#[test]
fn the_log_is_bounded_in_bytes_too() {
    let mut delivery = opened();
    let _ = begin(&mut delivery, 1);
    let large = private(
        &group_id(consultation(1), 1),
        1,
        1,
        limits::MESSAGE_BYTES - 100,
    );
    let mut dropped = Vec::new();
    for _ in 0..=(limits::LOG_BYTES / large.len()) {
        let sent = delivery.send(page(PATIENT, 0), consultation(1), large.clone());
        dropped.extend(sent.expect("accepted").dropped);
    }
    assert_eq!(dropped, [3]);
    let entries = delivery
        .sync(page(PATIENT, 0), consultation(1), 0)
        .expect("what is there");
    let bytes: usize = entries
        .iter()
        .map(|entry| entry.message.as_bytes().len())
        .sum();
    assert!(bytes <= limits::LOG_BYTES && bytes > limits::LOG_BYTES - large.len());
}

#[test]
fn commits_of_one_generation_have_a_limit_and_the_next_generation_has_room_again() {
    let mut delivery = opened();
    let doctor = page(DOCTOR, 0);
    let mut epoch = 0;
    while let Ok(accepted) = delivery.commit(doctor, consultation(1), commit(1, epoch), None) {
        assert_eq!(accepted.dropped, []);
        epoch += 1;
    }
    assert_eq!(epoch, limits::LOG_ENTRIES as u64);
    let before = delivery.clone();
    let refused = delivery.commit(doctor, consultation(1), commit(1, epoch), None);
    assert_eq!(refused, Err(Refusal::LimitReached));
    assert!(delivery == before);
    let accepted = begin(&mut delivery, 2);
    assert_eq!(
        (accepted.sequence, accepted.dropped),
        (epoch + 1, vec![1, 2])
    );
}

/// What a store holds after these answers.
fn stored(delivery: &Delivery) -> StoredConsultation {
    let log = delivery
        .sync(page(PATIENT, 0), consultation(1), 0)
        .expect("what is there");
    StoredConsultation {
        consultation: consultation(1),
        roster: roster(),
        log,
    }
}

fn restored(stored: StoredConsultation) -> Result<Delivery, RestoreError> {
    let mut delivery = Delivery::restore(vec![stored])?;
    delivery.attach(page(DOCTOR, 0)).expect("there is room");
    delivery.attach(page(PATIENT, 0)).expect("there is room");
    Ok(delivery)
}

#[test]
fn after_a_restart_the_group_goes_on_where_it_was() {
    let mut delivery = full();
    let _ = say(&mut delivery, 1);
    let mut again = restored(stored(&delivery)).expect("what was stored");
    assert!(again == delivery);
    assert_eq!(say(&mut again, 1), say(&mut delivery, 1));
}

#[test]
fn a_log_of_which_the_first_generation_was_partly_dropped_can_be_restored() {
    let mut delivery = full();
    let _ = begin(&mut delivery, 2);
    let again = restored(stored(&delivery)).expect("what was stored");
    assert!(again == delivery);
}

#[test]
fn rows_that_were_not_written_here_are_no_log() {
    let mut delivery = opened();
    let _ = begin(&mut delivery, 1);
    let _ = say(&mut delivery, 1);
    let good = stored(&delivery);
    let change = |change: &dyn Fn(&mut Vec<LogEntry>)| {
        let mut stored = good.clone();
        change(&mut stored.log);
        restored(stored).err()
    };
    let wrong = Some(RestoreError::Log(consultation(1)));
    assert_eq!(change(&|_| ()), None);
    assert_eq!(change(&|log| log.swap(1, 2)), wrong);
    assert_eq!(change(&|log| log[2].sequence = 2), wrong);
    assert_eq!(change(&|log| log[0].consultation = consultation(2)), wrong);
    let next_commit = |log: &mut Vec<LogEntry>| {
        (log[2].kind, log[2].sender) = (LogKind::Commit, log[0].sender);
    };
    assert_eq!(change(&next_commit), None);
    let by_another = |log: &mut Vec<LogEntry>| log[2].kind = LogKind::Commit;
    assert_eq!(change(&by_another), wrong);
    let fork = |log: &mut Vec<LogEntry>| {
        next_commit(log);
        log[2].epoch = 0;
    };
    assert_eq!(change(&fork), wrong);
    let twice = Delivery::restore(vec![good.clone(), good]);
    assert_eq!(twice.err(), Some(RestoreError::Consultations));
}

#[test]
fn more_consultations_than_the_limit_are_not_restored() {
    let limit = u32::try_from(limits::CONSULTATIONS).expect("a small limit");
    let rows = |count| {
        let one = |number| StoredConsultation {
            consultation: consultation(number),
            roster: Vec::new(),
            log: Vec::new(),
        };
        (0..count).map(one).collect()
    };
    assert!(Delivery::restore(rows(limit)).is_ok());
    let restored = Delivery::restore(rows(limit + 1));
    assert_eq!(restored.err(), Some(RestoreError::Consultations));
}

#[test]
fn nothing_that_can_be_printed_shows_a_message() {
    let mut delivery = opened();
    let printed = format!("{:?} {delivery:?}", begin(&mut delivery, 1));
    assert!(printed.contains("bytes]"));
    assert!(!printed.contains("7, 7, 7"));
}
