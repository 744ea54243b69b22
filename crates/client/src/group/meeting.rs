//! The group of one consultation as this page holds it, and what is said in it.

use std::collections::HashSet;
use std::time::Instant;

use aws_lc_rs::rand;
use vestibule_protocol::Base64Bytes;
use vestibule_vocab::{ConsultationId, InstanceId, ParticipantId};

use super::chat::ChatBook;
use super::counts::Counts;
use super::outbox::{Letter, Outbox, Sealed};
use super::payload::{ChatLine, HistoryLine, Payload};
use super::ports::{Encryption, Keys, Step, Told};
use super::roster::RosterBook;
use super::safety::{NONCE_BYTES, SafetyCode, SafetyRound, SafetyStatus};
use super::switcher::Switcher;
use crate::limits::HISTORY;
use crate::mls::{Applied, COMMITTER_LEAF, Group, Identity, Member, MlsMember, Rejection};
use vestibule_frames::{EpochKeys, EpochMember, EpochName};

/// The label and size of RFC 9605 section 5.2, for AES_128_GCM_SHA256_128.
const BASE_KEY_LABEL: &str = "SFrame 1.0 Base Key";
const BASE_KEY_BYTES: usize = 16;

/// Bytes of a group's id: the consultation's, and the generation.
const GENERATION_BYTES: usize = 4;

pub(super) struct Meeting {
    pub(super) consultation: ConsultationId,
    pub(super) me: Identity,
    pub(super) book: RosterBook,
    pub(super) outbox: Outbox,
    pub(super) switcher: Switcher,
    keys: Keys,
    chat: ChatBook,
    counts: Counts,
    /// The lines of ours that were sealed.
    said: u64,
    /// Who may still hand over what was written before this page came, and until when: one member, once.
    teller: Option<(u32, Instant)>,
    pub(super) group: Option<Group>,
    pub(super) generation: u32,
    /// Of the last epoch that this page was in, also of an earlier group.
    members: Vec<Member>,
    /// Participants who were members at any time.
    known: HashSet<ParticipantId>,
    round: Option<(EpochName, SafetyRound)>,
    code: Option<SafetyCode>,
    broken: bool,
}

impl Meeting {
    pub(super) fn new(consultation: ConsultationId, me: Identity, keys: Keys) -> Self {
        Self {
            consultation,
            me,
            book: RosterBook::default(),
            outbox: Outbox::default(),
            switcher: Switcher::default(),
            keys,
            chat: ChatBook::default(),
            counts: Counts::default(),
            said: 0,
            teller: None,
            group: None,
            generation: 0,
            members: Vec::new(),
            known: HashSet::new(),
            round: None,
            code: None,
            broken: false,
        }
    }

    pub(super) fn encryption(&self) -> Encryption {
        let others = self.group.as_ref().is_some_and(|it| it.members().len() > 1);
        match (self.broken, others && self.keys.lock().can_send()) {
            (true, _) => Encryption::Failed,
            (false, true) => Encryption::Ready,
            (false, false) => Encryption::Pending,
        }
    }

    pub(super) fn code(&self) -> Option<&SafetyCode> {
        self.code.as_ref().filter(|_| !self.broken)
    }

    /// The epoch that this page is in.
    pub(super) fn epoch(&self) -> Option<EpochName> {
        self.group.as_ref().map(|group| EpochName {
            generation: self.generation,
            epoch: group.epoch(),
        })
    }

    /// The id of the group of a generation.
    pub(super) fn group_id(&self, generation: u32) -> Vec<u8> {
        let consultation = self.consultation.as_bytes().as_slice();
        [consultation, &generation.to_be_bytes()].concat()
    }

    /// The generation of a group that somebody invites to, if it is one of this consultation's.
    pub(super) fn generation_of(&self, group: &Group) -> Result<u32, Rejection> {
        let bytes = group.id().last_chunk::<GENERATION_BYTES>();
        let generation = u32::from_be_bytes(*bytes.ok_or(Rejection::WrongGroup)?);
        if self.group_id(generation) == group.id() {
            Ok(generation)
        } else {
            Err(Rejection::WrongGroup)
        }
    }

    /// Follows a commit; false when this page is no member any more.
    pub(super) fn follow(
        &mut self,
        step: &mut Step<'_>,
        message: &[u8],
    ) -> Result<bool, Rejection> {
        let Some(mut group) = self.group.take() else {
            return Ok(false);
        };
        let applied = group.apply(step.member, message, &self.book);
        match applied {
            Ok(Applied::Next) => {
                self.take(step, group, self.generation)?;
                Ok(true)
            }
            Ok(Applied::RemovesUs) => {
                self.leave();
                Ok(false)
            }
            Err(rejection) => {
                self.group = Some(group);
                Err(rejection)
            }
        }
    }

    /// Takes up an epoch: its keys, the safety code, and who needs to be told what was said.
    pub(super) fn take(
        &mut self,
        step: &mut Step<'_>,
        group: Group,
        generation: u32,
    ) -> Result<(), Rejection> {
        let name = EpochName {
            generation,
            epoch: group.epoch(),
        };
        let had_keys = self.keys.lock().can_send();
        self.install(step, &group, name)?;
        let now_members = group.members().to_vec();
        let before = std::mem::replace(&mut self.members, now_members.clone());
        let (stayed, mut joined): (Vec<Member>, Vec<Member>) =
            now_members.into_iter().partition(|member| {
                let mut known = before.iter();
                known.any(|it| it.identity.instance == member.identity.instance)
            });
        let own_leaf = group.own_leaf();
        if before.is_empty() {
            self.expect_history(own_leaf, step.now);
        }
        joined.retain(|member| member.leaf != own_leaf);
        let left = somebody_left(&before, &self.members);
        let waits = had_keys && !left;
        let holders = holders(&stayed, own_leaf, waits);
        self.switcher.begin(name, &holders, step.now);
        self.switch_keys(step);
        self.counts.keep(&self.members);
        if left || !joined.is_empty() || self.code.is_none() {
            self.begin_round(&group, name)?;
        }
        self.hand_over(own_leaf, &stayed, &joined);
        let all = self.members.iter().map(|it| it.identity.participant);
        self.known.extend(all);
        self.group = Some(group);
        self.generation = generation;
        Ok(())
    }

    /// This page is no member any more.
    pub(super) fn leave(&mut self) {
        self.group = None;
        self.round = None;
    }

    /// Seals with the keys that are due.
    pub(super) fn switch_keys(&mut self, step: &Step<'_>) {
        if let Some(name) = self.switcher.due(step.now) {
            self.keys.lock().send_with(name);
        }
    }

    /// Writes a line of ours.
    pub(super) fn say(&mut self, step: &mut Step<'_>, line: ChatLine) {
        let payload = Payload::Chat {
            id: line.id.clone(),
            text: line.text.clone(),
            at: line.at,
            n: None,
        };
        let letter = Letter {
            payload,
            epoch: None,
        };
        if self.outbox.add(letter) {
            self.chat.read(line);
        } else {
            step.told.push(Told::Said {
                id: line.id,
                sent: false,
            });
        }
    }

    /// What became of a letter.
    pub(super) fn sent(&mut self, step: &mut Step<'_>, letter: &Letter, sent: bool) {
        if let Payload::Chat { id, n, .. } = &letter.payload {
            // What was refused leaves no gap behind.
            if !sent && *n == Some(self.said) {
                self.said -= 1;
            }
            step.told.push(Told::Said {
                id: id.clone(),
                sent,
            });
        }
    }

    /// Reads an application message.
    pub(super) fn hear(&mut self, step: &mut Step<'_>, message: &[u8]) -> Result<(), Rejection> {
        let Some(group) = &mut self.group else {
            return Ok(());
        };
        let opened = group.open(step.member, message)?;
        let payload = Payload::decode(&opened.data).ok_or(Rejection::Unreadable)?;
        let name = EpochName {
            generation: self.generation,
            epoch: opened.epoch,
        };
        let from = opened.sender.identity.participant.to_text();
        match payload {
            Payload::Chat { id, text, at, n } => {
                let page = opened.sender.identity;
                let missing = n.map_or(0, |number| self.counts.line(page, number));
                miss(step, &from, missing);
                self.show(step, ChatLine { id, from, text, at });
            }
            Payload::History { lines, more } => {
                let may = self
                    .teller
                    .is_some_and(|(leaf, until)| leaf == opened.sender.leaf && step.now <= until);
                if may {
                    self.read_history(step, &from, lines);
                    self.teller = self.teller.filter(|_| more);
                }
            }
            Payload::SafetyCommitment { commitment, said } => {
                let page = opened.sender.identity;
                let missing = said.map_or(0, |count| self.counts.said(page, count));
                miss(step, &from, missing);
                if let Some(round) = self.round_of(name) {
                    round.committed(opened.sender.leaf, commitment.0);
                }
                self.reveal();
            }
            Payload::SafetyVerdict { same } => {
                // What is said of a former code does not concern this one.
                let concerns = self.round.as_ref().is_some_and(|(of, _)| {
                    of.generation == name.generation && name.epoch >= of.epoch
                });
                if concerns {
                    step.told.push(Told::Doubt { by: from, same });
                }
            }
            Payload::SafetyReveal { nonce } => {
                if let Some(round) = self.round_of(name) {
                    round.revealed(opened.sender.leaf, nonce.0);
                }
                self.conclude();
            }
        }
        Ok(())
    }

    /// The next letter, sealed; it is the caller's to send.
    pub(super) fn seal_next(&mut self, member: &MlsMember) -> Result<(), Rejection> {
        let (Some(epoch), Some(group)) = (self.epoch(), &mut self.group) else {
            return Ok(());
        };
        if group.members().len() < 2 {
            return Ok(());
        }
        let Some(mut letter) = self.outbox.next(epoch) else {
            return Ok(());
        };
        count(&mut letter.payload, &mut self.said);
        let message = group.seal(member, &letter.payload.encode())?;
        self.outbox.sealed = Some(Sealed {
            letter,
            message,
            epoch,
            flying: false,
        });
        Ok(())
    }

    fn show(&mut self, step: &mut Step<'_>, line: ChatLine) {
        if self.chat.read(line.clone()) {
            step.told.push(Told::Chat(line));
        }
    }

    /// Of those who may have stayed, the one with the lowest leaf hands history over, and nobody else.
    fn expect_history(&mut self, own_leaf: u32, now: Instant) {
        let others = self.members.iter().map(|member| member.leaf);
        let lowest = others.filter(|leaf| *leaf != own_leaf).min();
        self.teller = lowest.map(|leaf| (leaf, now + HISTORY));
    }

    fn read_history(&mut self, step: &mut Step<'_>, by: &str, lines: Vec<HistoryLine>) {
        for HistoryLine { line, told } in self.chat.read_history(by, lines) {
            step.told.push(if told {
                let by = by.to_owned();
                Told::Handed { by, line }
            } else {
                Told::Chat(line)
            });
        }
    }

    fn install(&self, step: &Step<'_>, group: &Group, name: EpochName) -> Result<(), Rejection> {
        let base_key = group.export_secret(step.member, BASE_KEY_LABEL, BASE_KEY_BYTES)?;
        let keys = EpochKeys {
            name,
            base_key,
            members: group.members().iter().map(epoch_member).collect(),
            own_leaf: group.own_leaf(),
        };
        self.keys.lock().install(keys, step.now);
        Ok(())
    }

    fn begin_round(&mut self, group: &Group, name: EpochName) -> Result<(), Rejection> {
        let mut nonce = vec![0; NONCE_BYTES];
        rand::fill(&mut nonce).map_err(|_| Rejection::Invalid)?;
        let leaves = group.members().iter().map(|member| member.leaf);
        let (round, commitment) =
            SafetyRound::new(group.authenticator(), leaves, group.own_leaf(), nonce);
        self.round = Some((name, round));
        self.code = None;
        self.outbox.add_first(Letter {
            payload: Payload::SafetyCommitment {
                commitment: Base64Bytes(commitment),
                said: None,
            },
            epoch: Some(name),
        });
        Ok(())
    }

    fn round_of(&mut self, name: EpochName) -> Option<&mut SafetyRound> {
        let (of, round) = self.round.as_mut()?;
        (*of == name).then_some(round)
    }

    fn reveal(&mut self) {
        let Some((name, round)) = &mut self.round else {
            return;
        };
        let epoch = Some(*name);
        if let Some(nonce) = round.reveal() {
            let nonce = Base64Bytes(nonce);
            self.outbox.add(Letter {
                payload: Payload::SafetyReveal { nonce },
                epoch,
            });
        }
    }

    fn conclude(&mut self) {
        let Some((_, round)) = &self.round else {
            return;
        };
        match &round.status {
            SafetyStatus::Done(code) => self.code = Some(code.clone()),
            SafetyStatus::Broken => self.broken = true,
            SafetyStatus::Pending => {}
        }
    }

    /// Whoever stayed with the lowest leaf tells a page that returned what was written.
    fn hand_over(&mut self, own_leaf: u32, stayed: &[Member], joined: &[Member]) {
        let returned = joined
            .iter()
            .any(|member| self.known.contains(&member.identity.participant));
        let first = stayed.first().is_some_and(|first| first.leaf == own_leaf);
        if !(returned && first) {
            return;
        }
        let pieces = self.chat.history();
        let last = pieces.len().saturating_sub(1);
        for (index, lines) in pieces.into_iter().enumerate() {
            let more = index < last;
            self.outbox.add(Letter {
                payload: Payload::History { lines, more },
                epoch: None,
            });
        }
    }
}

/// Says how many lines we have written; a letter that comes back keeps its number.
fn count(payload: &mut Payload, lines: &mut u64) {
    match payload {
        Payload::SafetyCommitment { said, .. } => *said = Some(*lines),
        Payload::Chat { n, .. } if n.is_none() => {
            *lines += 1;
            *n = Some(*lines);
        }
        Payload::Chat { .. }
        | Payload::SafetyReveal { .. }
        | Payload::SafetyVerdict { .. }
        | Payload::History { .. } => {}
    }
}

fn miss(step: &mut Step<'_>, from: &str, lines: u64) {
    if lines > 0 {
        let from = from.to_owned();
        step.told.push(Told::Missing { from });
    }
}

/// The pages whose acknowledgement is waited for: those who hold the keys before, but for the committer,
/// who was first.
fn holders(stayed: &[Member], own_leaf: u32, waits: bool) -> Vec<InstanceId> {
    let others = stayed
        .iter()
        .filter(|it| waits && it.leaf != own_leaf && it.leaf != COMMITTER_LEAF);
    others.map(|member| member.identity.instance).collect()
}

/// A participant is no member any more, and holds the former key: not one frame more is sealed with it,
/// whoever is late. A page that gave way to another of the same participant is nobody who left.
fn somebody_left(before: &[Member], now: &[Member]) -> bool {
    let mut participants = before.iter().map(|member| member.identity.participant);
    participants.any(|gone| now.iter().all(|it| it.identity.participant != gone))
}

fn epoch_member(member: &Member) -> EpochMember {
    EpochMember {
        leaf: member.leaf,
        participant: member.identity.participant,
    }
}
