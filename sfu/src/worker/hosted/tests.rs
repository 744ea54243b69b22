//! A call by itself.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::channel;
use vestibule_congestion::Told;
use vestibule_control::CallPlan;
use vestibule_vocab::{CallId, LegId};

use super::{Hosted, Outside, Seat};
use crate::SfuConfig;
use crate::addresses::Addresses;
use crate::counters::{Counters, Out, Reason};
use crate::peer::{Engine, tests as peers};
use crate::tap::NoTap;
use crate::time::Timeline;
use crate::worker::{Demux, Outbox, Reports, Socket};

/// A worker's outside.
struct Bench {
    socket: Socket,
    outbox: Outbox,
    addresses: Addresses,
    demux: Demux,
    reports: Reports,
    counters: Counters,
    timeline: Timeline,
}

impl Bench {
    fn starting(now: Instant) -> Self {
        let socket = Socket::bind(([127, 0, 0, 1], 0).into()).unwrap();
        let bound = socket.local_addr().unwrap();
        // Nobody listens: what is told is lost.
        let (sender, _) = channel(100);
        Self {
            addresses: Addresses::of_worker(&SfuConfig::default(), bound, 0).unwrap(),
            socket,
            outbox: Outbox::default(),
            demux: Demux::default(),
            reports: Reports::new(sender, Arc::new(AtomicBool::new(false))),
            counters: Counters::default(),
            timeline: Timeline::starting(now),
        }
    }

    fn at(&mut self, now: Instant) -> Outside<'_> {
        Outside {
            now,
            socket: &self.socket,
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
}

/// An open call of one leg that has a connection, which is not up yet.
fn hosted(now: Instant, bench: &mut Bench) -> (Hosted, Seat) {
    let (call, leg) = (CallId::from_random(1), LegId::from_random(1));
    let mut hosted = Hosted::new(call, 0);
    let plan = CallPlan {
        call,
        legs: vec![leg],
        open: true,
    };
    let engine = Engine::new(bench.timeline).unwrap();
    let mut out = bench.at(now);
    hosted.set_plan(&plan, &mut out);
    let answer = hosted.offer(leg, 1, peers::OFFER, &engine, &mut out);
    assert!(answer.is_ok());
    let [seat, ..] = Seat::ALL;
    (hosted, seat)
}

#[test]
fn a_report_that_cannot_be_sealed_is_counted() {
    let now = Instant::now();
    let mut bench = Bench::starting(now);
    let (mut hosted, seat) = hosted(now, &mut bench);
    peers::write_without_room(hosted.peer(seat).unwrap(), now);
    hosted.pump(seat, &mut bench.at(now));
    let unsealed = Reason::Out(Out::NotWritten);
    assert_eq!(bench.counters.dropped_for(unsealed), 1);
}

/// How many packets a client is asked for again, when three are missing and two feedbacks before told of so many lost of ten.
fn asked_where(missing: u32) -> usize {
    let now = Instant::now();
    let mut bench = Bench::starting(now);
    let (mut hosted, seat) = hosted(now, &mut bench);
    let (mut inbound, mut outbound) = peers::connect(hosted.peer(seat).unwrap(), now);
    let later = now + Duration::from_millis(50);
    for at in [now, later] {
        let told = Told {
            arrived: 10 - missing,
            missing,
        };
        hosted.note_told(seat, told, &bench.at(at));
    }
    for sequence in [0, 1, 5, 6] {
        let mut packet = peers::picture(&mut outbound, 1, sequence);
        peers::receive(hosted.peer(seat).unwrap(), later, &mut packet);
    }
    let due = later + Duration::from_millis(10);
    hosted.send_reports(seat, &mut bench.at(due));
    let mut asked = 0;
    bench.outbox.leave(|row| {
        asked += peers::asked_for(&mut inbound, &mut row.contents.to_vec());
    });
    asked
}

#[test]
fn what_a_line_lost_that_broke_down_is_not_asked_for_again() {
    assert_eq!(asked_where(3), 3);
    assert_eq!(asked_where(9), 0);
}
