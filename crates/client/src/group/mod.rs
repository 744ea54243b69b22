//! Drives the MLS group of a consultation: who joins, who is let go, which keys are in use, what is said.
//! Takes events one after the other and knows no socket and no clock.
//!
//! The practitioner's page begins the group and is its only committer: it makes the members those of the
//! roster. Everybody else follows the log.

mod backoff;
mod chat;
mod committer;
mod counts;
mod current;
mod cursor;
mod mailer;
mod meeting;
mod outbox;
mod payload;
mod ports;
mod roster;
mod safety;
mod switcher;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::time::Instant;

use vestibule_protocol::Base64Bytes;
use vestibule_protocol::client::Request;
use vestibule_protocol::server::ConsultationView;
use vestibule_vocab::{ConsultationId, Role};

pub(crate) use backoff::Backoff;
pub use payload::ChatLine;
pub use ports::{Encryption, Told};
pub(crate) use ports::{Failure, GroupEvent, Keys, Outcome, Output};
pub use safety::SafetyCode;

use current::Current;
use ports::{Errand, Step};

use crate::limits::{KEY_PACKAGES_PUBLISHED, RETRY};
use crate::mls::{Identity, MlsMember, Rejection};

/// One page's part in whatever consultation it is in.
pub(crate) struct GroupDriver {
    me: Identity,
    role: Role,
    member: MlsMember,
    keys: Keys,
    backoff: Backoff,
    flights: HashMap<u32, Flight>,
    last_token: u32,
    online: bool,
    publishing: bool,
    /// Counts the snapshots. One that was in hand when packages were last published says nothing of them.
    views: u64,
    published_at: u64,
    current: Option<Current>,
    shown: Option<(Encryption, Option<SafetyCode>)>,
}

struct Flight {
    errand: Errand,
    consultation: Option<ConsultationId>,
}

impl GroupDriver {
    /// Begins as this page, with a new key.
    pub(crate) fn new(me: Identity, role: Role, keys: Keys) -> Result<Self, Rejection> {
        Ok(Self {
            me,
            role,
            member: MlsMember::new(me)?,
            keys,
            backoff: Backoff::new(RETRY),
            flights: HashMap::new(),
            last_token: 0,
            online: false,
            publishing: false,
            views: 0,
            published_at: 0,
            current: None,
            shown: None,
        })
    }

    /// Takes an event, and does whatever is due after it.
    pub(crate) fn handle(&mut self, event: GroupEvent, now: Instant) -> Vec<Output> {
        let mut out = Vec::new();
        match event {
            GroupEvent::View(view) => self.see(view),
            GroupEvent::Online => self.go_online(now, &mut out),
            GroupEvent::Offline => self.go_offline(),
            GroupEvent::Outcome(token, outcome) => self.landed(token, outcome, now, &mut out),
            GroupEvent::Wake => {}
            GroupEvent::Log(consultation, entries) => {
                self.with_current(Some(consultation), now, &mut out, |current, step| {
                    current.read(step, &entries)
                });
            }
            GroupEvent::Acknowledged(consultation, instance, name) => {
                self.with_current(Some(consultation), now, &mut out, |current, _| {
                    current.meeting.switcher.acknowledged(name, instance);
                    true
                });
            }
            GroupEvent::Say(line) if self.current.is_none() => {
                let id = line.id;
                out.push(Output::Told(Told::Said { id, sent: false }));
            }
            GroupEvent::Say(line) => {
                self.with_current(None, now, &mut out, |current, step| {
                    current.meeting.say(step, line);
                    true
                });
            }
        }
        self.advance(now, &mut out);
        out
    }

    /// When [`GroupEvent::Wake`] is due at the latest.
    pub(crate) fn wake_at(&self, now: Instant) -> Option<Instant> {
        let current = self.current.as_ref();
        let times = current.into_iter().flat_map(Current::wake_times);
        let times = times.chain(self.backoff.until());
        times.filter(|time| *time > now).min()
    }

    fn go_online(&mut self, now: Instant, out: &mut Vec<Output>) {
        self.online = true;
        self.publishing = false;
        self.backoff.succeed();
        if let Some(current) = &mut self.current {
            current.online();
        }
        self.publish(now, out);
    }

    fn go_offline(&mut self) {
        self.online = false;
        if let Some(current) = &mut self.current {
            current.offline();
        }
    }

    fn see(&mut self, view: Option<ConsultationView>) {
        self.views += 1;
        let before = self.current.as_ref().map(|it| it.meeting.consultation);
        if view.as_ref().map(|view| view.consultation) != before {
            self.keys.lock().clear();
            self.current = view
                .as_ref()
                .map(|view| Current::begin(view, self.me, self.role, self.keys.clone()));
        }
        if let (Some(current), Some(view)) = (&mut self.current, view) {
            current.see(view);
        }
    }

    fn advance(&mut self, now: Instant, out: &mut Vec<Output>) {
        if self.online {
            let needs = self.current.as_ref().is_some_and(Current::needs_packages);
            if needs && self.views != self.published_at && !self.backoff.blocks(now) {
                self.publish(now, out);
            }
            let may_sync = !self.backoff.blocks(now);
            self.with_current(None, now, out, |current, step| {
                current.advance(step, may_sync);
                true
            });
        }
        self.with_current(None, now, out, |current, step| {
            current.meeting.switch_keys(step);
            true
        });
        self.show(out);
    }

    /// Runs a step of the present consultation, if it is this one, and sends what comes of it. A step that
    /// says false has lost the group.
    fn with_current(
        &mut self,
        consultation: Option<ConsultationId>,
        now: Instant,
        out: &mut Vec<Output>,
        run: impl FnOnce(&mut Current, &mut Step<'_>) -> bool,
    ) {
        let Some(current) = &mut self.current else {
            return;
        };
        let id = current.meeting.consultation;
        if consultation.is_some_and(|wanted| wanted != id) {
            return;
        }
        let mut step = Step::new(&self.member, now);
        let kept = run(current, &mut step);
        for sequence in std::mem::take(&mut step.placed) {
            current.placed(sequence);
        }
        current.synced &= !step.sync;
        let Step {
            asks,
            told,
            rejected,
            ..
        } = step;
        out.extend(told.into_iter().map(Output::Told));
        out.extend(rejected.into_iter().map(Output::Rejected));
        for (errand, request) in asks {
            self.ask(errand, Some(id), request, out);
        }
        if !kept {
            out.push(Output::Lost);
        }
    }

    fn landed(&mut self, token: u32, outcome: Outcome, now: Instant, out: &mut Vec<Output>) {
        let Some(flight) = self.flights.remove(&token) else {
            return;
        };
        match flight.errand {
            Errand::Acknowledge => {}
            Errand::Publish => {
                self.publishing = false;
                if let Err(failure) = outcome {
                    self.backoff.fail(now, failure.retry_after);
                }
            }
            Errand::Sync => {
                match Current::sync_failed(&outcome) {
                    Some(failure) => self.backoff.fail(now, failure.retry_after),
                    None => self.backoff.succeed(),
                }
                self.with_current(flight.consultation, now, out, |current, _| {
                    current.finish_sync(&outcome)
                });
            }
            Errand::Claim | Errand::Commit | Errand::Send => {
                self.with_current(flight.consultation, now, out, |current, step| {
                    current.landed(step, flight.errand, outcome);
                    true
                });
            }
        }
    }

    /// Patients are added by a key package; practitioners begin groups and need none.
    fn publish(&mut self, now: Instant, out: &mut Vec<Output>) {
        if self.role == Role::Practitioner || self.publishing {
            return;
        }
        self.published_at = self.views;
        let made: Result<Vec<_>, _> = (0..KEY_PACKAGES_PUBLISHED)
            .map(|_| self.member.key_package().map(Base64Bytes))
            .collect();
        match made {
            Ok(packages) => {
                self.publishing = true;
                let request = Request::PublishKeyPackages { packages };
                self.ask(Errand::Publish, None, request, out);
            }
            Err(rejection) => {
                out.push(Output::Rejected(rejection));
                self.backoff.fail(now, None);
            }
        }
    }

    fn ask(
        &mut self,
        errand: Errand,
        consultation: Option<ConsultationId>,
        request: Request,
        out: &mut Vec<Output>,
    ) {
        self.last_token = self.last_token.wrapping_add(1);
        let flight = Flight {
            errand,
            consultation,
        };
        self.flights.insert(self.last_token, flight);
        out.push(Output::Ask(self.last_token, request));
    }

    fn show(&mut self, out: &mut Vec<Output>) {
        let state = self.current.as_ref().map(|current| {
            let meeting = &current.meeting;
            (meeting.encryption(), meeting.code().cloned())
        });
        if state == self.shown {
            return;
        }
        let (encryption, code) = state.clone().unwrap_or((Encryption::Pending, None));
        let before = self.shown.take().unwrap_or((Encryption::Pending, None));
        if encryption != before.0 {
            out.push(Output::Told(Told::Encryption(encryption)));
        }
        if code != before.1 {
            out.push(Output::Told(Told::SafetyCode(code)));
        }
        self.shown = state;
    }
}
