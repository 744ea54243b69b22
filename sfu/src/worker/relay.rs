//! What a worker does, told to it: commands, datagrams and moments come in, and rows of datagrams leave. It has no thread, no
//! socket, and reads no clock.

use std::sync::Arc;
use std::time::Instant;

use vestibule_control::{CallPlan, FromSfu, OfferRefusal};
use vestibule_forwarding::LegId;
use vestibule_vocab::CallId;

use super::agenda::Agenda;
use super::backlog::Backlog;
use super::demux::{Demux, Place};
use super::guesses::Guesses;
use super::hosted::{Hosted, Outside};
use super::outbox::{Exit, Outbox, send_row};
use super::reports::{Asked, Report};
use super::socket::Datagram;
use super::{Command, Shared, stun};
use crate::addresses::Addresses;
use crate::counters::{Counter, Counters, In, Out, Reason};
use crate::panics;
use crate::peer::{Peer, Up};

/// A moment at which a worker is awake, and where its datagrams leave.
#[derive(Clone, Copy)]
pub struct Wake<'a> {
    /// What time it is.
    pub now: Instant,
    /// Where datagrams leave.
    pub exit: &'a dyn Exit,
}

/// Whether the worker goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Continue {
    Yes,
    No,
}

/// The calls of a worker, and what their packets go through.
pub(crate) struct Relay {
    /// Boxed: a call is large, and a vector that grows has room for twice as many.
    calls: Vec<Option<Box<Hosted>>>,
    /// Calls that failed, of which nobody could be told yet.
    failed: Vec<CallId>,
    demux: Demux,
    guesses: Guesses,
    addresses: Addresses,
    counters: Arc<Counters>,
    shared: Shared,
    backlog: Backlog,
    agenda: Agenda,
    /// Datagrams that leave before the worker sleeps.
    outbox: Outbox,
}

impl Relay {
    pub(crate) fn new(addresses: Addresses, counters: Arc<Counters>, shared: Shared) -> Self {
        Self {
            calls: Vec::new(),
            failed: Vec::new(),
            demux: Demux::default(),
            guesses: Guesses::default(),
            addresses,
            counters,
            shared,
            backlog: Backlog::default(),
            agenda: Agenda::default(),
            outbox: Outbox::default(),
        }
    }

    /// Carries out a command.
    pub(crate) fn obey(&mut self, wake: Wake<'_>, command: Command) -> Continue {
        match command {
            Command::SetCall(plan) => self.set_call(wake, plan),
            Command::CloseCall(call) => self.close_call(wake, call),
            Command::Offer {
                asked,
                call,
                leg,
                connection,
                sdp,
            } => self.offer(wake, asked, (call, leg), connection, &sdp),
            Command::Watch {
                call,
                leg,
                connection,
                pictures,
            } => {
                let index = self.index_of(call);
                let watch = |hosted: &mut Hosted, _: &mut Outside<'_>| {
                    hosted.watch(leg, connection, &pictures);
                };
                index.and_then(|index| self.with_call(wake, index, watch));
            }
            Command::TellAll => {
                self.each_call(wake, |call, out| call.tell_all(out));
                self.tell_failed();
            }
            Command::Stop => {
                self.each_call(wake, Hosted::close);
                return Continue::No;
            }
            #[cfg(test)]
            Command::Break => panic!("a test asked for it"),
        }
        Continue::Yes
    }

    /// Hands a datagram to the peer that it is for.
    pub(crate) fn deliver(&mut self, wake: Wake<'_>, datagram: Datagram<'_>) {
        self.counters.datagram_in(datagram.contents.len());
        if let Err(why) = self.hand_over(wake, datagram) {
            self.counters.dropped(why);
        }
    }

    /// Does what is due, and has every call that was touched send and tell what it has: before the worker sleeps.
    pub(crate) fn settle(&mut self, wake: Wake<'_>) {
        self.handle_timeouts(wake);
        self.settle_touched(wake);
        self.send_waiting(wake);
    }

    /// Has all leave that waits for more.
    pub(super) fn send_waiting(&mut self, wake: Wake<'_>) {
        let counters = &self.counters;
        self.outbox.leave(|row| send_row(wake.exit, counters, row));
    }

    /// When there is something to do next, whatever comes.
    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        self.agenda.next()
    }

    /// Takes note of whether there was more to take than a wake takes.
    pub(super) fn note_backlog(&mut self, now: Instant, more: bool) {
        if self.backlog.note(now, more) {
            self.counters.count(Counter::FallenBehind);
        }
    }

    /// Something panicked outside of any call. All calls end, and whatever may be what panicked is forgotten; calls that
    /// take their place find it as it was in the beginning.
    pub(super) fn start_afresh(&mut self, wake: Wake<'_>, place: String) {
        self.note_panic(place);
        self.demux = Demux::default();
        self.agenda = Agenda::default();
        self.guesses = Guesses::default();
        self.backlog = Backlog::default();
        let waiting = std::mem::take(&mut self.outbox).waiting();
        self.counters.all_dropped(Out::NoConnection, waiting as u64);
        for index in 0..self.calls.len() {
            self.fail(wake, index);
        }
    }

    /// Has a leg's peer be up, whatever its handshakes are at: for trials alone, as no command leads here.
    pub(crate) fn bring_up(&mut self, wake: Wake<'_>, call: CallId, leg: LegId, up: &Up) {
        if let Some(index) = self.index_of(call) {
            self.with_call(wake, index, |call, out| call.bring_up(leg, up, out));
        }
    }

    /// The peer at a place.
    pub(crate) fn peer(&mut self, place: Place) -> Option<&mut Peer> {
        self.calls.get_mut(place.call)?.as_mut()?.peer(place.seat)
    }

    /// Tells that the worker ends.
    pub(super) fn end(&self) {
        self.shared.reports.tell(Report::Ended);
    }

    fn hand_over(&mut self, wake: Wake<'_>, datagram: Datagram<'_>) -> Result<(), Reason> {
        let from = datagram.from;
        let place = self.demux.route(from, datagram.contents)?;
        // Who proved their address is always heard, whoever guesses beside them.
        let guess = stun::is_stun(datagram.contents) && !self.demux.is_bound(place, from);
        if guess && !self.guesses.may_try(wake.now, from.ip(), place) {
            return Err(In::TooManyGuesses.into());
        }
        let to = self.addresses.candidate_for(datagram.local);
        let to = to.ok_or(In::UnknownAddress)?;
        let taken = self.with_call(wake, place.call, |call, out| {
            call.receive(place.seat, from, to, datagram.contents, out)
        });
        let taken = taken.unwrap_or(Err(In::CallFailed.into()));
        if guess && taken == Err(In::StunUnauthentic.into()) {
            self.guesses.failed(wake.now, from.ip(), place);
        }
        taken
    }

    fn set_call(&mut self, wake: Wake<'_>, plan: CallPlan) {
        let index = self
            .index_of(plan.call)
            .unwrap_or_else(|| self.free_index());
        if self.calls.len() <= index {
            self.calls.push(None);
        }
        let Some(place) = self.calls.get_mut(index) else {
            return;
        };
        place.get_or_insert_with(|| Box::new(Hosted::new(plan.call, index)));
        self.count_calls();
        self.with_call(wake, index, |call, out| call.set_plan(&plan, out));
    }

    fn close_call(&mut self, wake: Wake<'_>, id: CallId) {
        let Some(index) = self.index_of(id) else {
            return;
        };
        self.with_call(wake, index, Hosted::close);
        if let Some(place) = self.calls.get_mut(index) {
            *place = None;
        }
        self.count_calls();
    }

    fn count_calls(&self) {
        let calls = self.calls.iter().flatten().count();
        self.counters.set(Counter::Calls, calls as u64);
    }

    fn offer(
        &mut self,
        wake: Wake<'_>,
        asked: Asked,
        (call, leg): (CallId, LegId),
        connection: u32,
        sdp: &str,
    ) {
        let engine = self.shared.engine.clone();
        let index = self.index_of(call);
        let taken = index.and_then(|index| {
            self.with_call(wake, index, |call, out| {
                call.offer(leg, connection, sdp, &engine, out)
            })
        });
        let Asked { link, request } = asked;
        let (reply, why) = match taken.unwrap_or(Err((OfferRefusal::UnknownLeg, None))) {
            Ok(sdp) => (FromSfu::Answer { request, sdp }, None),
            Err((reason, why)) => (FromSfu::Refused { request, reason }, why),
        };
        self.shared.reports.tell(Report::Reply { link, reply, why });
    }

    fn handle_timeouts(&mut self, wake: Wake<'_>) {
        while let Some(index) = self.agenda.take_due(wake.now) {
            self.with_call(wake, index, Hosted::handle_timeout);
        }
    }

    fn settle_touched(&mut self, wake: Wake<'_>) {
        while let Some(index) = self.agenda.take_touched() {
            let due = self.outside(wake, index, |call, out| {
                call.settle(out);
                call.due()
            });
            self.agenda.set_due(index, due.flatten());
        }
    }

    fn each_call(&mut self, wake: Wake<'_>, mut run: impl FnMut(&mut Hosted, &mut Outside<'_>)) {
        for index in 0..self.calls.len() {
            self.with_call(wake, index, &mut run);
        }
    }

    /// Does something with a call, which is settled before the worker sleeps.
    fn with_call<T>(
        &mut self,
        wake: Wake<'_>,
        index: usize,
        run: impl FnOnce(&mut Hosted, &mut Outside<'_>) -> T,
    ) -> Option<T> {
        self.agenda.touch(index);
        self.outside(wake, index, run)
    }

    fn outside<T>(
        &mut self,
        wake: Wake<'_>,
        index: usize,
        run: impl FnOnce(&mut Hosted, &mut Outside<'_>) -> T,
    ) -> Option<T> {
        let outcome = self.try_outside(wake, index, run)?;
        let failed = |place| {
            self.note_panic(place);
            self.fail(wake, index);
        };
        outcome.map_err(failed).ok()
    }

    /// Does something with a call; if it panics, where.
    fn try_outside<T>(
        &mut self,
        wake: Wake<'_>,
        index: usize,
        run: impl FnOnce(&mut Hosted, &mut Outside<'_>) -> T,
    ) -> Option<Result<T, String>> {
        let call = self.calls.get_mut(index)?.as_mut()?;
        let mut outside = Outside {
            now: wake.now,
            exit: wake.exit,
            outbox: &mut self.outbox,
            behind: self.backlog.is_behind(),
            addresses: &self.addresses,
            demux: &mut self.demux,
            reports: &self.shared.reports,
            counters: &self.counters,
            timeline: self.shared.timeline,
            tap: &*self.shared.tap,
        };
        Some(panics::catch(|| run(call, &mut outside)))
    }

    fn note_panic(&self, place: String) {
        self.counters.count(Counter::Panics);
        self.shared.reports.tell(Report::Panicked(place));
    }

    /// Ends a call in which something panicked. Its people are told by signaling, which gives the call another id: what
    /// their connections had here is gone, and cannot be gone on with.
    fn fail(&mut self, wake: Wake<'_>, index: usize) {
        let _ = self.try_outside(wake, index, |call, out| call.abandon(out));
        let Some(failed) = self.calls.get_mut(index).and_then(Option::take) else {
            return;
        };
        self.failed.push(failed.id());
        // What is torn down may panic as well.
        let _ = panics::catch(|| drop(failed));
        self.count_calls();
        self.tell_failed();
    }

    /// Who cannot be told now links anew, and asks to be told all.
    fn tell_failed(&mut self) {
        let reports = &self.shared.reports;
        self.failed
            .retain(|call| !reports.tell(Report::News(FromSfu::Failed { call: *call })));
    }

    fn index_of(&self, id: CallId) -> Option<usize> {
        self.calls
            .iter()
            .position(|call| call.as_ref().is_some_and(|it| it.id() == id))
    }

    fn free_index(&self) -> usize {
        self.calls
            .iter()
            .position(Option::is_none)
            .unwrap_or(self.calls.len())
    }
}

#[cfg(test)]
mod tests;
