//! The control link by itself, told by the test what workers tell.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc::channel;
use tokio::time::timeout;
use vestibule_control::{CONTROL_VERSION, CallPlan, FromSfu, ToSfu, read_frame, write_frame};
use vestibule_vocab::{CallId, LegId};

use super::{Control, End};
use crate::counters::Counter;
use crate::worker::tests::{of_leg, worker};
use crate::worker::{Command, Report};

/// What a linked signaling process is told next; none when its link ended.
async fn next(stream: &mut UnixStream) -> Option<FromSfu> {
    let told = timeout(Duration::from_secs(10), read_frame(stream)).await;
    told.expect("something is told, or the link ends").ok()
}

/// Links a signaling process; the calls that it is told of.
async fn link(path: &Path) -> (UnixStream, Vec<CallId>) {
    let mut stream = UnixStream::connect(path).await.unwrap();
    let version = CONTROL_VERSION;
    let hello = ToSfu::Hello { version };
    write_frame(&mut stream, &hello).await.unwrap();
    let Some(FromSfu::Hello { calls, .. }) = next(&mut stream).await else {
        panic!("no hello");
    };
    (stream, calls)
}

#[tokio::test]
async fn a_link_to_which_something_was_lost_ends_and_the_next_learns_which_calls_failed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sfu.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let (reports, receiver) = channel(8);
    let lost = Arc::new(AtomicBool::new(false));
    let (worker, _unheard, _) = worker(8);
    let mut control = Control::new(vec![worker], receiver, Arc::clone(&lost));
    let [failed, other, last] = [1, 2, 3].map(CallId::from_random);
    for call in [failed, other, last] {
        let (legs, open) = (Vec::new(), true);
        control.registry.worker_for(&CallPlan { call, legs, open });
    }
    let served = tokio::spawn(async move { control.serve(listener).await });

    let (mut stream, mut calls) = link(&path).await;
    calls.sort();
    let mut all = vec![failed, other, last];
    all.sort();
    assert_eq!(calls, all);
    let news = Report::News(FromSfu::Failed { call: failed });
    reports.send(news).await.unwrap();
    let told = next(&mut stream).await;
    assert_eq!(told, Some(FromSfu::Failed { call: failed }));

    lost.store(true, Ordering::Release);
    let news = Report::News(FromSfu::Failed { call: other });
    reports.send(news).await.unwrap();
    assert_eq!(next(&mut stream).await, None, "the link went on");

    let (mut stream, calls) = link(&path).await;
    assert_eq!(calls, [last]);
    write_frame(&mut stream, &ToSfu::Shutdown).await.unwrap();
    assert_eq!(served.await.unwrap(), Ok(End::Shutdown));
}

/// A plan that was under way when its call failed makes the call anew: nobody would ever close that one.
#[tokio::test]
async fn a_call_that_was_made_anew_after_it_failed_is_closed() {
    let (worker, reports, lost) = worker(8);
    let counters = Arc::clone(worker.counters());
    let (call, leg) = (CallId::from_random(1), LegId::from_random(1));
    let mut control = Control::new(vec![worker], reports, lost);
    let plan = CallPlan {
        call,
        legs: vec![leg],
        open: true,
    };
    control.registry.worker_for(&plan);
    control.command(0, of_leg(call, leg)).await.unwrap();
    let failed = Report::News(FromSfu::Failed { call });
    control.report(failed).await.unwrap();
    control.command(0, Command::Stop).await.unwrap();
    let ended = async { while !matches!(control.reports.recv().await, Some(Report::Ended)) {} };
    timeout(Duration::from_secs(10), ended).await.unwrap();
    assert_eq!(counters.value(Counter::Calls), 0);
}
