//! A call by itself.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use tokio::sync::mpsc::channel;
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

#[test]
fn a_report_that_cannot_be_sealed_is_counted() {
    let now = Instant::now();
    let timeline = Timeline::starting(now);
    let socket = Socket::bind(([127, 0, 0, 1], 0).into()).unwrap();
    let bound = socket.local_addr().unwrap();
    let (sender, _reports) = channel(100);
    let counters = Counters::default();
    let mut out = Outside {
        now,
        socket: &socket,
        outbox: &mut Outbox::default(),
        behind: false,
        addresses: &Addresses::of_worker(&SfuConfig::default(), bound, 0).unwrap(),
        demux: &mut Demux::default(),
        reports: &Reports::new(sender, Arc::new(AtomicBool::new(false))),
        counters: &counters,
        timeline,
        tap: &NoTap,
    };
    let (call, leg) = (CallId::from_random(1), LegId::from_random(1));
    let mut hosted = Hosted::new(call, 0);
    let plan = CallPlan {
        call,
        legs: vec![leg],
        open: true,
    };
    hosted.set_plan(&plan, &mut out);
    let engine = Engine::new(timeline).unwrap();
    let answer = hosted.offer(leg, 1, peers::OFFER, &engine, &mut out);
    assert!(answer.is_ok());
    let [seat, ..] = Seat::ALL;
    peers::write_without_room(hosted.peer(seat).unwrap(), now);
    hosted.pump(seat, &mut out);
    assert_eq!(counters.dropped_for(Reason::Out(Out::NotWritten)), 1);
}
