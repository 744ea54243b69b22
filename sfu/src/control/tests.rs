//! The control link by itself, without workers.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc::channel;
use tokio::time::timeout;
use vestibule_control::{CONTROL_VERSION, CallPlan, FromSfu, ToSfu, read_frame, write_frame};
use vestibule_vocab::CallId;

use super::{Control, End, Registry};
use crate::worker::Report;

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
    let mut control = Control::new(Vec::new(), receiver, Arc::clone(&lost));
    control.registry = Registry::new(1);
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
