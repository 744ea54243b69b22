//! A call by itself.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{Receiver, channel};
use vestibule_congestion::Told;
use vestibule_congestion::limits::MAX_BITRATE;
use vestibule_control::{CallPlan, FromSfu, LegState};
use vestibule_forwarding::Slot;
use vestibule_forwarding::limits::INTERRUPTED_AFTER;
use vestibule_vocab::{CallId, LegId};

use super::{Hosted, Outside, Seat};
use crate::SfuConfig;
use crate::addresses::Addresses;
use crate::counters::{Counters, Out, Reason};
use crate::limits::{MISSED_WITHOUT_FEEDBACK, REPORT_INTERVAL};
use crate::peer::{Engine, tests as peers};
use crate::tap::NoTap;
use crate::time::Timeline;
use crate::worker::reports::Report;
use crate::worker::{Demux, Exit, Outbox, Reports, Row};

/// What leaves is lost.
struct Nowhere;

impl Exit for Nowhere {
    fn send(&self, row: &Row<'_>, sent: &mut dyn FnMut(usize, bool)) {
        row.datagrams().for_each(|it| sent(it.len(), false));
    }
}

/// A worker's part of what a call reaches.
struct Around {
    now: Instant,
    timeline: Timeline,
    outbox: Outbox,
    addresses: Addresses,
    demux: Demux,
    reports: Reports,
    told: Receiver<Report>,
    counters: Counters,
}

impl Around {
    fn new() -> Self {
        let now = Instant::now();
        let (sender, told) = channel(1000);
        Self {
            now,
            timeline: Timeline::starting(now),
            addresses: Addresses::of_worker(&SfuConfig::default(), peers::address(1), 0).unwrap(),
            outbox: Outbox::default(),
            demux: Demux::default(),
            reports: Reports::new(sender, Arc::new(AtomicBool::new(false))),
            told,
            counters: Counters::default(),
        }
    }

    fn out(&mut self) -> Outside<'_> {
        Outside {
            now: self.now,
            exit: &Nowhere,
            outbox: &mut self.outbox,
            behind: false,
            addresses: &self.addresses,
            demux: &mut self.demux,
            reports: &self.reports,
            counters: &self.counters,
            timeline: self.timeline,
            tap: &NoTap,
        }
    }

    /// An open call of so many, who all offered.
    fn call(&mut self, people: usize) -> Hosted {
        let call = CallId::from_random(1);
        let legs = (1..=people as u128).map(LegId::from_random);
        let plan = CallPlan {
            call,
            legs: legs.collect(),
            open: true,
        };
        let mut hosted = Hosted::new(call, 0);
        hosted.set_plan(&plan, &mut self.out());
        let engine = Engine::new(self.timeline).unwrap();
        for leg in plan.legs {
            let answer = hosted.offer(leg, 1, peers::OFFER, &engine, &mut self.out());
            assert!(answer.is_ok());
        }
        hosted
    }

    /// The same, who are all connected: both halves of each client.
    fn connected(&mut self, people: usize) -> (Hosted, Vec<peers::Keys>) {
        let mut hosted = self.call(people);
        let clients = Seat::ALL.into_iter().take(people).map(|seat| {
            let client = peers::connect(hosted.peer(seat).unwrap(), self.now);
            hosted.pump(seat, &mut self.out());
            client
        });
        let clients = clients.collect();
        (hosted, clients)
    }
}

#[test]
fn a_report_that_cannot_be_sealed_is_counted() {
    let mut around = Around::new();
    let mut hosted = around.call(1);
    let [seat, ..] = Seat::ALL;
    peers::write_without_room(hosted.peer(seat).unwrap(), around.now);
    hosted.pump(seat, &mut around.out());
    assert_eq!(around.counters.dropped_for(Reason::Out(Out::NotWritten)), 1);
}

/// Each receiver tells of two or three packets of fifty where a twentieth is lost.
#[test]
fn what_each_of_several_loses_of_a_voice_is_told_to_who_speaks() {
    for people in 2..=5 {
        let mut around = Around::new();
        let (mut hosted, mut clients) = around.connected(people);
        let [speaker, listeners @ ..] = Seat::ALL;
        let (inbound, outbound) = &mut clients[0];
        for sequence in 0..150 {
            let mut packet = peers::sound(outbound, 1, sequence);
            let (from, to) = (peers::address(2), peers::address(1));
            let taken = hosted.receive(speaker, from, to, &mut packet, &mut around.out());
            assert!(taken.is_ok());
        }
        for lost in [2, 3, 2] {
            for listener in &listeners[..people - 1] {
                hosted.pass_on_loss(*listener, Slot::audio(0).unwrap(), lost);
            }
        }
        let peer = hosted.peer(speaker).unwrap();
        let told = peers::told_lost(peer, around.now + REPORT_INTERVAL, inbound);
        assert_eq!(told, Some(7), "of {people}");
    }
}

/// Reports are lost first where a line becomes narrow.
#[test]
fn what_is_known_of_a_line_holds_where_its_reports_are_lost_and_not_where_somebody_moves() {
    let mut around = Around::new();
    let (mut hosted, mut clients) = around.connected(2);
    let [seat, ..] = Seat::ALL;
    let (_, outbound) = &mut clients[0];
    let ways = (peers::address(2), peers::address(1));
    let mut reports = |hosted: &mut Hosted, around: &mut Around| {
        let mut report = peers::report(outbound);
        let taken = hosted.receive(seat, ways.0, ways.1, &mut report, &mut around.out());
        assert!(taken.is_ok());
    };
    reports(&mut hosted, &mut around);
    let lost = Told {
        arrived: 1,
        missing: 9,
    };
    for _ in 0..20 {
        around.now += Duration::from_millis(50);
        hosted.note_told(seat, lost, &around.out());
    }
    let is_small = |hosted: &Hosted| hosted.stations[seat.index()].camera().small;
    assert!(is_small(&hosted));
    around.now += MISSED_WITHOUT_FEEDBACK;
    reports(&mut hosted, &mut around);
    assert!(is_small(&hosted));
    peers::move_away(hosted.peer(seat).unwrap(), around.now);
    hosted.pump(seat, &mut around.out());
    assert!(!is_small(&hosted));
}

/// What is told of somebody's connection.
fn state_of(news: &FromSfu) -> Option<LegState> {
    if let FromSfu::Leg { state, .. } = news {
        Some(*state)
    } else {
        None
    }
}

/// Somebody without camera and microphone, or who waits: their checks come seconds apart, and one may be lost.
#[test]
fn who_reports_is_there_though_they_send_no_media() {
    let mut around = Around::new();
    let (mut hosted, mut clients) = around.connected(1);
    let [seat, ..] = Seat::ALL;
    let (_, outbound) = &mut clients[0];
    let cut_off = |hosted: &mut Hosted, around: &mut Around| {
        hosted.handle_timeout(&mut around.out());
        hosted.settle(&mut around.out());
        let told = std::iter::from_fn(|| around.told.try_recv().ok());
        let states = told.filter_map(|it| match it {
            Report::News(news) => state_of(&news),
            Report::Reply { .. } | Report::Panicked(_) | Report::Ended => None,
        });
        states.last() == Some(LegState::Interrupted)
    };
    for _ in 0..4 {
        around.now += INTERRUPTED_AFTER / 2;
        let mut report = peers::report(outbound);
        let ways = (peers::address(2), peers::address(1));
        let taken = hosted.receive(seat, ways.0, ways.1, &mut report, &mut around.out());
        assert!(taken.is_ok());
        assert!(!cut_off(&mut hosted, &mut around));
    }
    around.now += INTERRUPTED_AFTER;
    assert!(cut_off(&mut hosted, &mut around));
}

#[test]
fn the_limit_of_a_line_ends_with_who_was_on_it() {
    let mut around = Around::new();
    let (mut hosted, mut clients) = around.connected(2);
    let [stays, leaves, ..] = Seat::ALL;
    let ways = (peers::address(2), peers::address(1));
    for (seat, (_, outbound)) in [stays, leaves].into_iter().zip(&mut clients) {
        let mut feedback = peers::feedback(outbound);
        let taken = hosted.receive(seat, ways.0, ways.1, &mut feedback, &mut around.out());
        assert!(taken.is_ok());
    }
    hosted.settle(&mut around.out());
    let limit = |hosted: &mut Hosted, around: &Around| {
        let peer = hosted.peer(stays).unwrap();
        peers::limit(peer, around.now).unwrap()
    };
    assert!(limit(&mut hosted, &around) < MAX_BITRATE);
    hosted.drop_peer(leaves, &mut around.out());
    hosted.settle(&mut around.out());
    assert_eq!(limit(&mut hosted, &around), MAX_BITRATE);
}
