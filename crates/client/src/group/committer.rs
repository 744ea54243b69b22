//! The committer's work: it begins the group and makes its members those of the roster.

use std::time::Instant;

use vestibule_protocol::Base64Bytes;
use vestibule_protocol::client::Request;
use vestibule_protocol::server::{ParticipantView, Reply};
use vestibule_vocab::{InstanceId, ParticipantId};

use super::backoff::Backoff;
use super::meeting::Meeting;
use super::ports::{Errand, Outcome, Step};
use crate::limits::RETRY;
use crate::mls::{Group, Member, Rejection};

struct Pending {
    commit: Vec<u8>,
    welcome: Option<Vec<u8>>,
    /// A group that begins by this commit. One that goes on stays with the meeting, so that what is
    /// said meanwhile is heard.
    begun: Option<Group>,
    generation: u32,
    /// False when nobody knows whether it arrived: then the log tells.
    flying: bool,
}

pub(super) struct Committer {
    backoff: Backoff,
    pending: Option<Pending>,
    claiming: bool,
    /// The server said that the group moved on; if the log does not show our commit, it is lost.
    stale: bool,
}

/// What has to change so that the members are those of the roster.
struct Change {
    remove: Vec<u32>,
    add: Vec<InstanceId>,
}

impl Committer {
    pub(super) fn new() -> Self {
        Self {
            backoff: Backoff::new(RETRY),
            pending: None,
            claiming: false,
            stale: false,
        }
    }

    /// A commit is on its way: nothing may be sent in the epoch that it ends.
    pub(super) fn busy(&self) -> bool {
        self.pending.is_some()
    }

    pub(super) fn retry_at(&self) -> Option<Instant> {
        self.backoff.until()
    }

    /// A new socket: no reason to wait any longer.
    pub(super) fn online(&mut self) {
        self.backoff.succeed();
    }

    /// Does what is next, if anything; to be called when online and with the log read. `in_force` is the
    /// generation of the group in force, 0 for none.
    pub(super) fn advance(&mut self, step: &mut Step<'_>, meeting: &mut Meeting, in_force: u32) {
        if self.pending.is_some() {
            return self.fly(step, meeting);
        }
        if self.claiming || self.backoff.blocks(step.now) {
            return;
        }
        // Another page of ours began a newer group meanwhile: this one's is over.
        if in_force > meeting.generation {
            meeting.leave();
        }
        let Some(change) = change(meeting) else {
            return;
        };
        if change.add.is_empty() {
            if meeting.group.is_some() {
                self.commit(step, meeting, in_force, &[]);
            }
            return;
        }
        self.claiming = true;
        let request = Request::ClaimKeyPackages {
            consultation: meeting.consultation,
            instances: change.add,
        };
        step.ask(Errand::Claim, request);
    }

    /// The key packages came, or did not.
    pub(super) fn claimed(
        &mut self,
        step: &mut Step<'_>,
        meeting: &mut Meeting,
        in_force: u32,
        outcome: Outcome,
    ) {
        self.claiming = false;
        let packages = match outcome {
            Ok(Reply::KeyPackages { packages }) => packages,
            Ok(_) => return self.backoff.fail(step.now, None),
            Err(failure) => return self.backoff.fail(step.now, failure.retry_after),
        };
        let wanted = change(meeting).map_or(Vec::new(), |change| change.add);
        let packages: Vec<Vec<u8>> = packages
            .into_iter()
            .filter(|claimed| wanted.contains(&claimed.instance))
            .map(|claimed| claimed.package.0)
            .collect();
        if !packages.is_empty() {
            self.commit(step, meeting, in_force, &packages);
        }
    }

    /// An entry of our own came by the log.
    pub(super) fn seen(&mut self, step: &mut Step<'_>, meeting: &mut Meeting, message: &[u8]) {
        let ours = self.pending.as_ref();
        if ours.is_some_and(|pending| pending.commit == message) {
            self.merge(step, meeting);
        }
    }

    /// The log was read to its end.
    pub(super) fn synced(&mut self, meeting: &mut Meeting) {
        if std::mem::take(&mut self.stale) {
            self.abandon(meeting);
        }
    }

    pub(super) fn landed(
        &mut self,
        step: &mut Step<'_>,
        meeting: &mut Meeting,
        outcome: &Outcome,
    ) {
        let Some(pending) = &mut self.pending else {
            return;
        };
        pending.flying = false;
        let failure = match outcome {
            Ok(Reply::Accepted { sequence }) => {
                step.placed.push(*sequence);
                // The Welcome stands just behind its commit.
                if pending.welcome.is_some() {
                    step.placed.push(sequence + 1);
                }
                return self.merge(step, meeting);
            }
            Ok(_) => return self.abandon(meeting),
            Err(failure) => failure,
        };
        if !failure.is_unclear() && failure.retry_after.is_none() {
            self.abandon(meeting);
        }
        self.backoff.fail(step.now, failure.retry_after);
        self.stale |= failure.is_unclear() && failure.code.is_some();
        step.sync |= failure.is_unclear();
    }

    fn commit(
        &mut self,
        step: &mut Step<'_>,
        meeting: &mut Meeting,
        in_force: u32,
        packages: &[Vec<u8>],
    ) {
        match prepare(step, meeting, in_force, packages) {
            Ok(pending) => {
                self.pending = Some(pending);
                self.fly(step, meeting);
            }
            Err(rejection) => {
                step.rejected.push(rejection);
                self.backoff.fail(step.now, None);
            }
        }
    }

    fn fly(&mut self, step: &mut Step<'_>, meeting: &Meeting) {
        let Some(pending) = &mut self.pending else {
            return;
        };
        if pending.flying || self.backoff.blocks(step.now) {
            return;
        }
        pending.flying = true;
        let request = Request::Commit {
            consultation: meeting.consultation,
            commit: Base64Bytes(pending.commit.clone()),
            welcome: pending.welcome.clone().map(Base64Bytes),
        };
        step.ask(Errand::Commit, request);
    }

    fn merge(&mut self, step: &mut Step<'_>, meeting: &mut Meeting) {
        let Some(pending) = self.pending.take() else {
            return;
        };
        self.backoff.succeed();
        let Some(mut group) = pending.begun.or_else(|| meeting.group.take()) else {
            return;
        };
        let merged = group
            .merge(step.member)
            .and_then(|()| meeting.take(step, group, pending.generation));
        if let Err(rejection) = merged {
            step.rejected.push(rejection);
            meeting.leave();
        }
    }

    /// The group went where we cannot follow: a new one takes its place.
    fn abandon(&mut self, meeting: &mut Meeting) {
        if self.pending.take().is_some() {
            meeting.leave();
        }
    }
}

fn prepare(
    step: &Step<'_>,
    meeting: &mut Meeting,
    in_force: u32,
    packages: &[Vec<u8>],
) -> Result<Pending, Rejection> {
    let remove = change(meeting).map_or(Vec::new(), |change| change.remove);
    let generation = match meeting.group {
        Some(_) => meeting.generation,
        None => meeting.generation.max(in_force) + 1,
    };
    let mut begun = match meeting.group {
        Some(_) => None,
        None => Some(step.member.begin(&meeting.group_id(generation))?),
    };
    let group = begun.as_mut().or(meeting.group.as_mut());
    let group = group.ok_or(Rejection::Invalid)?;
    let made = group.commit(step.member, packages, &remove)?;
    if let Err(rejection) = group.check_pending(&meeting.book) {
        group.give_up(step.member)?;
        return Err(rejection);
    }
    Ok(Pending {
        commit: made.commit,
        welcome: made.welcome,
        begun,
        generation,
        flying: false,
    })
}

/// A page that was replaced keeps its leaf until the new one has a key package: then both change in one
/// commit. Nothing to do gives `None`.
fn change(meeting: &Meeting) -> Option<Change> {
    let none: &[Member] = &[];
    let members = meeting.group.as_ref().map_or(none, Group::members);
    reconcile(members, meeting.me.participant, meeting.book.participants())
}

fn reconcile(
    members: &[Member],
    own: ParticipantId,
    roster: &[ParticipantView],
) -> Option<Change> {
    let others = members.iter().filter(|it| it.identity.participant != own);
    let remove = others
        .filter(|member| {
            let participant = member.identity.participant;
            let entry = roster.iter().find(|it| it.participant == participant);
            entry.is_none_or(|entry| is_replaced(member, entry))
        })
        .map(|member| member.leaf)
        .collect::<Vec<_>>();
    let add = roster
        .iter()
        .filter(|entry| entry.participant != own && entry.key_package)
        .filter_map(|entry| entry.instance)
        .filter(|instance| members.iter().all(|it| it.identity.instance != *instance))
        .collect::<Vec<_>>();
    let any = !remove.is_empty() || !add.is_empty();
    any.then_some(Change { remove, add })
}

fn is_replaced(member: &Member, entry: &ParticipantView) -> bool {
    entry.key_package
        && entry
            .instance
            .is_some_and(|instance| instance != member.identity.instance)
}
