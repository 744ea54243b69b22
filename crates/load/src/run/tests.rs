use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::driving::meanwhile;
use super::gathering::{Gathered, gathered, joining_limit};
use super::{Measured, Plan, run};
use crate::drops::Drops;
use crate::limits::{JANUS_ROOM, JOINING};
use crate::media::Spec;
use crate::progress::Progress;
use crate::report::Report;
use crate::server::{Metrics, Server};
use crate::traffic::Traffic;

const LINE: &str = "vestibule_sfu_dropped_total{worker=\"0\",direction=\"in\",reason=\"padding\"}";

/// A server that nobody hears anything of: this process, and one that is gone as soon as it has told its metrics, which is
/// asked for right before the measured part.
struct Doomed {
    metrics: Metrics,
    joined: Arc<AtomicU32>,
    /// How many rooms had joined when it told them.
    told: Receiver<u32>,
    joined_then: Option<u32>,
}

/// How long it listens at a time.
const LOOK: Duration = Duration::from_millis(50);

impl Doomed {
    fn start() -> Self {
        let metrics = Metrics::choose().unwrap();
        let listener = TcpListener::bind(metrics.address()).unwrap();
        let (tell, told) = channel();
        let joined = Arc::<AtomicU32>::default();
        let count = joined.clone();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]).unwrap();
            write!(stream, "HTTP/1.1 200 OK\r\n\r\n{LINE} 1\n").unwrap();
            tell.send(count.load(Ordering::Relaxed)).unwrap();
        });
        Self {
            metrics,
            joined,
            told,
            joined_then: None,
        }
    }
}

impl Server for Doomed {
    fn name(&self) -> &'static str {
        "doomed"
    }

    fn pid(&self) -> u32 {
        std::process::id()
    }

    fn metrics(&self) -> Option<Metrics> {
        Some(self.metrics)
    }

    fn join(&mut self, _: u32, _: u32, _: &mut dyn FnMut(Spec)) -> anyhow::Result<()> {
        self.joined.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn listen(&mut self) -> anyhow::Result<()> {
        self.joined_then = self.told.recv_timeout(LOOK).ok();
        anyhow::ensure!(self.joined_then.is_none(), "it fell over");
        Ok(())
    }
}

/// Of two rooms in which nobody sends, so that nobody is waited for.
fn silent(length: Duration) -> Plan {
    let plan = Measured::flawless().plan;
    Plan {
        length,
        traffic: Traffic {
            video_rate: 0,
            audio_rate: 0,
            ..plan.traffic
        },
        ramp: 1000,
        ..plan
    }
}

#[test]
fn a_server_that_is_gone_ends_the_measured_part_and_what_there_is_of_it_is_told() {
    let hour = Duration::from_secs(3600);
    let plan = silent(hour);
    let measured = run(&mut Doomed::start(), &plan, &mut Progress::new()).unwrap();
    assert_eq!(measured.broken_off.as_deref(), Some("it fell over"));
    assert!(measured.length > Duration::ZERO && measured.length < hour);
    assert_eq!(measured.drops, Err("it is gone".to_owned()));
    let report = Report::of(&measured);
    assert!(!report.went_well(1.0, 5.0));
    let remark = report.remarks.first().unwrap();
    assert!(remark.starts_with("the server was gone after "), "{remark}");
    assert!(remark.ends_with(": it fell over"), "{remark}");
}

#[test]
fn what_is_measured_begins_when_all_rooms_have_joined() {
    // Nobody sends, so that all who are there are heard at once.
    let plan = Plan {
        rooms: 4,
        ramp: 2,
        ..silent(Duration::from_secs(1))
    };
    let mut server = Doomed::start();
    run(&mut server, &plan, &mut Progress::new()).unwrap();
    assert_eq!(server.joined_then, Some(4));
}

#[test]
fn rooms_are_waited_for_and_then_streams_and_neither_without_end() {
    let second = Duration::from_secs(1);
    let limit = 30 * second;
    let at = |seconds, joined, heard| gathered(seconds * second, limit, joined, heard);
    assert_eq!(at(29, None, true), Gathered::NotYet);
    assert_eq!(at(30, None, true), Gathered::TooLate);
    let last = Some(29 * second);
    assert_eq!(at(29, last, true), Gathered::All);
    assert_eq!(at(31, last, false), Gathered::NotYet);
    assert_eq!(at(49, last, false), Gathered::All);
}

#[test]
fn rooms_that_join_one_after_the_other_have_the_time_that_takes() {
    let plan = Plan {
        rooms: 50,
        ramp: 50,
        ..silent(Duration::from_secs(1))
    };
    let second = Duration::from_secs(1);
    assert_eq!(joining_limit(&plan, Duration::ZERO), JOINING + second);
    let janus = joining_limit(&plan, JANUS_ROOM);
    assert!(janus >= JOINING + 60 * second, "{janus:?}");
}

#[test]
fn what_was_dropped_meanwhile_is_known_when_it_was_told_both_times() {
    let told = |count| Ok(Drops::read(&format!("{LINE} {count}\n")));
    assert_eq!(meanwhile(told(3), told(7)), told(4));
    assert_eq!(meanwhile(Ok(None), Ok(None)), Ok(None));
    let failed = || Err("why".to_owned());
    assert_eq!(meanwhile(failed(), told(7)), failed());
    assert_eq!(meanwhile(told(3), failed()), failed());
}
