//! What holds whatever is asked, in whatever order.

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
use vestibule_delivery::{
    Accepted, Caller, Delivery, LogEntry, LogKind, Refusal, StoredConsultation, framing,
};
use vestibule_vocab::{ConsultationId, Role};

/// Two consultations, with a practitioner of their own and patient 2 in both.
fn rosters() -> [(ConsultationId, Vec<(vestibule_vocab::ParticipantId, Role)>); 2] {
    let people = |doctor| {
        vec![
            (participant(doctor), Role::Practitioner),
            (participant(PATIENT), Role::Patient),
        ]
    };
    [(consultation(1), people(1)), (consultation(2), people(3))]
}

#[derive(Clone, Debug)]
enum Step {
    Attach(Caller),
    Detach(Caller),
    Publish(Caller, u8),
    Claim(Caller, u32, Caller),
    Commit {
        from: Caller,
        to: u32,
        message: Message,
        welcome: bool,
    },
    Send {
        from: Caller,
        to: u32,
        message: Message,
    },
    Acknowledge {
        from: Caller,
        to: u32,
        message: Message,
    },
    Open(u32),
    Close(u32),
}

/// A message that says it was made so far from the present generation and epoch.
#[derive(Clone, Debug)]
struct Message {
    generation: i64,
    epoch: i64,
    content: u8,
    size: usize,
}

fn some_page() -> impl Strategy<Value = Caller> {
    (1..4_u32, prop_oneof![8 => Just(0), 1 => Just(1_u32)])
        .prop_map(|(number, load)| page(number, load))
}

fn which() -> impl Strategy<Value = u32> {
    1..3_u32
}

fn message(content: u8) -> impl Strategy<Value = Message> {
    let generation = prop_oneof![8 => Just(0_i64), 2 => Just(1), 1 => -1..3_i64];
    let epoch = prop_oneof![8 => Just(0_i64), 1 => -2..3_i64];
    let content = prop_oneof![20 => Just(content), 1 => 0..5_u8];
    let size = prop_oneof![2 => Just(30_usize), 2 => 20_000..25_000_usize];
    (generation, epoch, content, size).prop_map(|(generation, epoch, content, size)| Message {
        generation,
        epoch,
        content,
        size,
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => some_page().prop_map(Step::Attach),
        1 => some_page().prop_map(Step::Detach),
        3 => (some_page(), 0..10_u8).prop_map(|(by, count)| Step::Publish(by, count)),
        2 => (some_page(), which(), some_page())
            .prop_map(|(by, to, whom)| Step::Claim(by, to, whom)),
        12 => (some_page(), which(), message(3), any::<bool>()).prop_map(
            |(from, to, message, welcome)| Step::Commit { from, to, message, welcome }
        ),
        20 => (some_page(), which(), message(1))
            .prop_map(|(from, to, message)| Step::Send { from, to, message }),
        2 => (some_page(), which(), message(1))
            .prop_map(|(from, to, message)| Step::Acknowledge { from, to, message }),
        1 => which().prop_map(Step::Open),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let rarely_closed = prop_oneof![60 => step(), 1 => which().prop_map(Step::Close)];
    vec(rarely_closed, 1..250)
}

impl Message {
    /// The generation and epoch, counted from those in force. A generation to come begins at 0.
    fn moment(&self, delivery: &Delivery, which: ConsultationId) -> (u32, u64) {
        let now = delivery
            .group(which)
            .map_or((0, 0), |group| (group.generation, group.epoch));
        let generation = u32::try_from(i64::from(now.0) + self.generation).unwrap_or(0);
        let base = if generation == now.0 { now.1 } else { 0 };
        let epoch = i64::try_from(base).expect("few epochs") + self.epoch;
        (generation, u64::try_from(epoch).unwrap_or(0))
    }

    fn bytes(&self, delivery: &Delivery, which: ConsultationId) -> Vec<u8> {
        let (generation, epoch) = self.moment(delivery, which);
        private(&group_id(which, generation), epoch, self.content, self.size)
    }
}

/// What a store holds that writes what it is told, and what it was ever told.
#[derive(Default)]
struct Store {
    logs: BTreeMap<ConsultationId, BTreeMap<u64, LogEntry>>,
    written: BTreeMap<ConsultationId, u64>,
    commits: BTreeSet<(ConsultationId, u32, u64)>,
}

impl Store {
    fn open(&mut self, which: ConsultationId) {
        self.logs.entry(which).or_default();
    }

    fn close(&mut self, which: ConsultationId) {
        self.logs.remove(&which);
        self.written.remove(&which);
        self.commits
            .retain(|&(consultation, _, _)| consultation != which);
    }

    fn write(&mut self, which: ConsultationId, accepted: &Accepted) {
        let log = self.logs.get_mut(&which).expect("the consultation is open");
        let written = self.written.entry(which).or_default();
        assert_eq!(accepted.sequence, *written + 1);
        for sequence in &accepted.dropped {
            assert!(
                log.remove(sequence).is_some(),
                "only what is there can be dropped"
            );
        }
        for entry in &accepted.entries {
            *written += 1;
            assert_eq!(entry.sequence, *written, "the log is written without gaps");
            log.insert(entry.sequence, entry.clone());
            if entry.kind == LogKind::Commit {
                let moment = (which, entry.generation, entry.epoch);
                assert!(self.commits.insert(moment), "an epoch has one commit");
            }
        }
    }

    fn stored(&self) -> Vec<StoredConsultation> {
        let open = rosters().into_iter().filter_map(|(consultation, roster)| {
            let log = self.logs.get(&consultation)?.values().cloned().collect();
            Some(StoredConsultation {
                consultation,
                roster,
                log,
            })
        });
        open.collect()
    }
}

fn take(delivery: &mut Delivery, store: &mut Store, step: Step) -> Result<(), Refusal> {
    match step {
        Step::Attach(page) => delivery.attach(page),
        Step::Detach(page) => {
            delivery.detach(page);
            Ok(())
        }
        Step::Publish(page, count) => {
            delivery.publish_key_packages(page, (0..count).map(key_package).collect())
        }
        Step::Claim(from, to, whom) => {
            let wanted = [whom.instance];
            delivery
                .claim_key_packages(from, consultation(to), &wanted)
                .map(|_| ())
        }
        Step::Commit {
            from,
            to,
            message,
            welcome: with,
        } => {
            let which = consultation(to);
            let commit = message.bytes(delivery, which);
            let accepted = delivery.commit(from, which, commit, with.then(welcome))?;
            store.write(which, &accepted);
            Ok(())
        }
        Step::Send { from, to, message } => {
            let which = consultation(to);
            let accepted = delivery.send(from, which, message.bytes(delivery, which))?;
            store.write(which, &accepted);
            Ok(())
        }
        Step::Acknowledge { from, to, message } => {
            let (generation, epoch) = message.moment(delivery, consultation(to));
            delivery
                .acknowledge(from, consultation(to), generation, epoch)
                .map(|_| ())
        }
        Step::Open(number) => {
            let [first, second] = rosters();
            let (which, roster) = if number == 1 { first } else { second };
            store.open(which);
            delivery.open(which, &roster)
        }
        Step::Close(number) => {
            delivery.close(consultation(number));
            store.close(consultation(number));
            Ok(())
        }
    }
}

fn groups(delivery: &Delivery) -> [Option<(u32, u64)>; 2] {
    [1, 2].map(|number| {
        let group = delivery.group(consultation(number))?;
        Some((group.generation, group.epoch))
    })
}

/// The group and the whole log, as whoever is in the consultation gets it.
fn contents(delivery: &Delivery) -> impl PartialEq + use<> {
    let mut delivery = delivery.clone();
    delivery.attach(page(PATIENT, 7)).expect("there is room");
    let logs = [1, 2].map(|number| delivery.sync(page(PATIENT, 7), consultation(number), 0));
    (groups(&delivery), logs)
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_is_asked(steps in steps()) {
        let (mut delivery, mut store) = (Delivery::new(), Store::default());
        for (which, roster) in rosters() {
            delivery.open(which, &roster).expect("there is room");
            store.open(which);
        }
        for number in 1..4 {
            delivery.attach(page(number, 0)).expect("there is room");
        }
        for step in steps {
            let before = delivery.clone();
            let closes = matches!(step, Step::Close(_));
            if take(&mut delivery, &mut store, step).is_err() {
                prop_assert!(delivery == before, "what is refused changes nothing");
            }
            let grown = groups(&before).iter().zip(&groups(&delivery)).all(|(old, new)| old <= new);
            prop_assert!(closes || grown, "generations and epochs only grow");
            let restored = Delivery::restore(store.stored()).expect("what was stored");
            prop_assert!(contents(&restored) == contents(&delivery), "a restart loses nothing");
        }
    }

    #[test]
    fn no_bytes_are_too_strange_to_be_read(bytes in vec(any::<u8>(), 0..200)) {
        let _ = framing::read(&bytes);
    }

    #[test]
    fn a_damaged_message_is_read_within_its_bounds(
        content in 0..5_u8,
        size in 0..100_usize,
        cut in 0..200_usize,
        damage in vec((0..200_usize, any::<u8>()), 0..4),
    ) {
        let mut bytes = private(&group_id(consultation(1), 1), 3, content, size);
        for (index, byte) in damage {
            if let Some(place) = bytes.get_mut(index) {
                *place = byte;
            }
        }
        bytes.truncate(cut);
        if let Ok(framing::Frame::Group(frame)) = framing::read(&bytes) {
            prop_assert!(frame.group_id.len() < bytes.len());
        }
    }
}
