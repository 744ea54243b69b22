//! A page that follows a group, against members that are driven by hand.

use std::time::{Duration, Instant};

use vestibule_frames::{Binding, EpochKeys, EpochMember, EpochName, Keyring, open, seal};
use vestibule_protocol::server::ParticipantView;
use vestibule_vocab::{ConsultationId, InstanceId, ParticipantId, Redacted, Role, Source};

use super::meeting::Meeting;
use super::ports::{Keys, Step, Told};
use crate::mls::{Group, Identity, MlsMember};

fn identity(number: u128) -> Identity {
    Identity {
        participant: ParticipantId::from_random(number),
        instance: InstanceId::from_random(number),
    }
}

fn listed(number: u128) -> ParticipantView {
    let Identity {
        participant,
        instance,
    } = identity(number);
    ParticipantView {
        participant,
        role: if number == 1 {
            Role::Practitioner
        } else {
            Role::Patient
        },
        companion: None,
        name: Redacted::new(format!("Person {number}")),
        instance: Some(instance),
        connected: true,
        key_package: false,
        microphone: true,
        camera: true,
    }
}

/// A practitioner (1), a companion (3), and the page that is tried (2), in one group.
struct Table {
    now: Instant,
    doctor: MlsMember,
    group: Group,
    companion: (MlsMember, Group),
    member: MlsMember,
    page: Meeting,
    keys: Keys,
}

impl Table {
    fn set() -> Self {
        let now = Instant::now();
        let keys = Keys::default();
        let consultation = ConsultationId::from_random(9);
        let mut page = Meeting::new(consultation, identity(2), keys.clone());
        page.book.update(&[listed(1), listed(2), listed(3)]);
        let doctor = MlsMember::new(identity(1)).unwrap();
        let mut companion = MlsMember::new(identity(3)).unwrap();
        let mut member = MlsMember::new(identity(2)).unwrap();
        let packages = [
            companion.key_package().unwrap(),
            member.key_package().unwrap(),
        ];
        let mut group = doctor.begin(&page.group_id(1)).unwrap();
        let welcome = group.commit(&doctor, &packages, &[]).unwrap().welcome;
        group.merge(&doctor).unwrap();
        let welcome = welcome.unwrap();
        let at_companion = companion.join(&welcome, &page.book).unwrap();
        let joined = member.join(&welcome, &page.book).unwrap();
        let mut step = Step::new(&member, now);
        page.take(&mut step, joined, 1).unwrap();
        page.switch_keys(&step);
        Self {
            now,
            doctor,
            group,
            companion: (companion, at_companion),
            member,
            page,
            keys,
        }
    }

    /// The keys that the companion has.
    fn companions_keys(&self) -> Keyring {
        let (member, group) = &self.companion;
        let base_key = group
            .export_secret(member, "SFrame 1.0 Base Key", 16)
            .unwrap();
        let members = group.members().iter().map(|it| EpochMember {
            leaf: it.leaf,
            participant: it.identity.participant,
        });
        let mut keyring = Keyring::default();
        let keys = EpochKeys {
            name: EpochName {
                generation: 1,
                epoch: group.epoch(),
            },
            base_key,
            members: members.collect(),
            own_leaf: group.own_leaf(),
        };
        keyring.install(keys, self.now);
        keyring
    }

    /// Whether these keys open what the page sends now.
    fn is_heard_with(&self, keyring: &mut Keyring) -> bool {
        let sealed = seal(&mut self.keys.lock(), Source::Microphone, b"a word").unwrap();
        let binding = Binding {
            participant: self.page.me.participant,
            source: Source::Microphone,
        };
        open(keyring, Some(binding), &sealed, self.now).is_ok()
    }

    /// What the page tells when the practitioner, or else the companion, says this.
    fn tells(&mut self, from_doctor: bool, payload: &str) -> Vec<Told> {
        let (member, group) = match from_doctor {
            true => (&self.doctor, &mut self.group),
            false => (&self.companion.0, &mut self.companion.1),
        };
        let message = group.seal(member, payload.as_bytes()).unwrap();
        let mut step = Step::new(&self.member, self.now);
        self.page.hear(&mut step, &message).unwrap();
        step.told
    }

    fn follow(&mut self, add: &[Vec<u8>], remove: &[u32]) {
        let made = self.group.commit(&self.doctor, add, remove).unwrap();
        self.group.merge(&self.doctor).unwrap();
        let mut step = Step::new(&self.member, self.now);
        assert!(self.page.follow(&mut step, &made.commit).unwrap());
        self.page.switch_keys(&step);
    }
}

#[test]
fn who_was_removed_opens_no_frame_that_is_sealed_after_the_commit() {
    let mut table = Table::set();
    let fourth = MlsMember::new(identity(4)).unwrap().key_package().unwrap();
    let all = [listed(1), listed(2), listed(3), listed(4)];
    table.page.book.update(&all);
    table.follow(&[fourth], &[]);
    let mut companion = table.companions_keys();
    assert!(
        table.is_heard_with(&mut companion),
        "who joins delays nobody: the companion is waited for"
    );
    table.follow(&[], &[table.companion.1.own_leaf()]);
    assert!(!table.is_heard_with(&mut companion));
}

fn history(id: &str, from: u128, more: bool) -> String {
    let from = identity(from).participant.to_text();
    format!(
        r#"{{"type":"history","lines":[{{"id":"{id}","from":"{from}","text":"x","at":1}}],"more":{more}}}"#
    )
}

#[test]
fn history_is_taken_once_of_the_lowest_leaf_by_a_page_that_just_came() {
    let mut table = Table::set();
    assert_eq!(table.tells(false, &history("a", 3, false)), []);
    let told = table.tells(true, &history("b", 2, true));
    assert!(matches!(told.as_slice(), [Told::Handed { line, .. }] if line.id == "b"));
    let told = table.tells(true, &history("c", 1, false));
    assert!(matches!(told.as_slice(), [Told::Chat(line)] if line.id == "c"));
    assert_eq!(table.tells(true, &history("d", 2, false)), []);

    let mut table = Table::set();
    table.now += Duration::from_secs(61);
    assert_eq!(table.tells(true, &history("e", 2, false)), []);
}

#[test]
fn a_line_that_was_dropped_is_told_by_the_next() {
    let say =
        |id: &str, n: u64| format!(r#"{{"type":"chat","id":"{id}","text":"x","at":1,"n":{n}}}"#);
    let missing = |told: &[Told]| matches!(told, [Told::Missing { .. }, Told::Chat(_)]);
    let mut table = Table::set();
    assert!(!missing(&table.tells(true, &say("a", 1))));
    assert!(!missing(&table.tells(true, &say("b", 2))));
    assert!(missing(&table.tells(true, &say("d", 4))));
    let commitment = r#"{"type":"safety_commitment","commitment":"AAE=","said":5}"#;
    let told = table.tells(true, commitment);
    assert!(matches!(told.as_slice(), [Told::Missing { .. }]));
    assert!(!missing(&table.tells(true, &say("f", 6))));
}

#[test]
fn a_doubt_of_the_code_is_told() {
    let mut table = Table::set();
    let told = table.tells(true, r#"{"type":"safety_verdict","same":false}"#);
    assert!(matches!(told.as_slice(), [Told::Doubt { same: false, .. }]));
}
