//! A worker by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::timeout;
use vestibule_control::{CallPlan, FromSfu, OfferRefusal};
use vestibule_vocab::{CallId, LegId};

use super::{Asked, Command, Handle, Report, Reports, Shared, Socket, start};
use crate::SfuConfig;
use crate::addresses::Addresses;
use crate::counters::Counter;
use crate::peer::Engine;
use crate::tap::NoTap;
use crate::time::Timeline;

pub(crate) async fn next(reports: &mut Receiver<Report>) -> Report {
    let report = timeout(Duration::from_secs(10), reports.recv()).await;
    report.expect("the worker tells something").unwrap()
}

/// A worker that tells its reports here, of which so many may wait; whether some were lost.
pub(crate) fn worker(waiting: usize) -> (Handle, Receiver<Report>, Arc<AtomicBool>) {
    let ([worker], reports, lost) = workers(waiting);
    (worker, reports, lost)
}

/// Several workers of one SFU.
fn workers<const COUNT: usize>(
    waiting: usize,
) -> ([Handle; COUNT], Receiver<Report>, Arc<AtomicBool>) {
    let timeline = Timeline::starting(Instant::now());
    let (sender, reports) = channel(waiting);
    let lost = Arc::new(AtomicBool::new(false));
    let (engine, told) = (
        Engine::new(timeline).unwrap(),
        Reports::new(sender, Arc::clone(&lost)),
    );
    let workers = std::array::from_fn(|index| {
        let shared = Shared {
            engine: engine.clone(),
            reports: told.clone(),
            timeline,
            tap: Arc::new(NoTap),
        };
        let socket = Socket::bind(([127, 0, 0, 1], 0).into()).unwrap();
        let bound = socket.local_addr().unwrap();
        let addresses = Addresses::of_worker(&SfuConfig::default(), bound, index).unwrap();
        start(socket, addresses, shared).unwrap()
    });
    (workers, reports, lost)
}

/// A call without people.
fn empty(call: CallId) -> Command {
    Command::SetCall(CallPlan {
        call,
        legs: Vec::new(),
        open: true,
    })
}

#[tokio::test]
async fn a_failed_call_that_could_not_be_told_is_told_when_all_is_and_once() {
    let (worker, mut reports, lost) = worker(1);
    let call = CallId::from_random(1);
    worker.tell(empty(call)).await.unwrap();
    worker.tell(Command::Break).await.unwrap();
    // That something panicked takes the only place.
    let told = async {
        while !lost.load(Ordering::Acquire) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let told = timeout(Duration::from_secs(10), told).await;
    told.expect("what does not fit is noted to be lost");
    assert!(matches!(next(&mut reports).await, Report::Panicked(_)));
    worker.tell(Command::TellAll).await.unwrap();
    let Report::News(news) = next(&mut reports).await else {
        panic!("nothing was told of the call");
    };
    assert_eq!(news, FromSfu::Failed { call });
    worker.tell(Command::TellAll).await.unwrap();
    worker.tell(Command::Stop).await.unwrap();
    assert!(matches!(next(&mut reports).await, Report::Ended));
    worker.join().unwrap();
}

/// A call with this leg.
pub(crate) fn of_leg(call: CallId, leg: LegId) -> Command {
    Command::SetCall(CallPlan {
        call,
        legs: vec![leg],
        open: true,
    })
}

/// What is answered to an offer that is none, of a leg that is there or is not.
async fn answer(
    (worker, reports): (&Handle, &mut Receiver<Report>),
    call: CallId,
    leg: LegId,
) -> FromSfu {
    let asked = Asked {
        link: 1,
        request: 1,
    };
    let offer = Command::Offer {
        asked,
        call,
        leg,
        connection: 1,
        sdp: "of a leg that is there".to_owned(),
    };
    worker.tell(offer).await.unwrap();
    let Report::Reply { reply, .. } = next(reports).await else {
        panic!("the offer was not answered");
    };
    reply
}

/// What is told of a call after something panicked.
async fn failed(reports: &mut Receiver<Report>) -> FromSfu {
    assert!(matches!(next(reports).await, Report::Panicked(_)));
    let Report::News(news) = next(reports).await else {
        panic!("nothing was told of the call");
    };
    news
}

const OF_A_LEG_THAT_IS_THERE: FromSfu = FromSfu::Refused {
    request: 1,
    reason: OfferRefusal::InvalidOffer,
};

#[tokio::test]
async fn a_worker_that_panics_takes_no_other_down() {
    let ([first, second], mut reports, _) = workers(100);
    let (call, others) = (CallId::from_random(1), CallId::from_random(2));
    let leg = LegId::from_random(1);
    first.tell(of_leg(call, leg)).await.unwrap();
    second.tell(of_leg(others, leg)).await.unwrap();
    first.tell(Command::Break).await.unwrap();
    assert_eq!(failed(&mut reports).await, FromSfu::Failed { call });
    let answered = answer((&second, &mut reports), others, leg).await;
    assert_eq!(answered, OF_A_LEG_THAT_IS_THERE);
    let panics = [&first, &second].map(|it| it.counters().value(Counter::Panics));
    assert_eq!(panics, [1, 0]);
    for worker in [first, second] {
        worker.tell(Command::Stop).await.unwrap();
        worker.join().unwrap();
    }
}

#[tokio::test]
async fn a_worker_that_panics_tells_which_calls_failed_and_takes_others() {
    let (worker, mut reports, _) = worker(100);
    let (call, leg) = (CallId::from_random(1), LegId::from_random(1));
    worker.tell(of_leg(call, leg)).await.unwrap();
    worker.tell(Command::Break).await.unwrap();
    assert_eq!(failed(&mut reports).await, FromSfu::Failed { call });
    let call = CallId::from_random(2);
    worker.tell(of_leg(call, leg)).await.unwrap();
    let answered = answer((&worker, &mut reports), call, leg).await;
    assert_eq!(answered, OF_A_LEG_THAT_IS_THERE);
    assert_eq!(worker.counters().value(Counter::Panics), 1);
    assert!(!worker.has_ended());
    worker.tell(Command::Stop).await.unwrap();
    worker.join().unwrap();
}
