//! One run: people join, the measured part, and what is left to come.

use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use vestibule_sfu::kernel_drops;

use crate::clock::Clock;
use crate::cores::Cores;
use crate::drops::Drops;
#[cfg(test)]
use crate::histogram::Histogram;
use crate::limits::{CALIBRATION_BYTES, DRAIN, JOINING, SETTLE};
use crate::machine::{self, CoreTime};
use crate::media::{Course, Drive, Loopback, Spec, Tally, calibrate};
use crate::progress::Progress;
use crate::server::{Metrics, Server};
use crate::traffic::Traffic;

/// What a run is made of.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) rooms: u32,
    pub(crate) people: u32,
    /// The length of the measured part.
    pub(crate) length: Duration,
    /// Rooms that join in a second.
    pub(crate) ramp: u32,
    pub(crate) traffic: Traffic,
    pub(crate) cores: Cores,
    pub(crate) address: IpAddr,
}

impl Plan {
    /// Streams that are to be heard, over all people.
    pub(crate) fn streams(&self) -> usize {
        let (rooms, people) = (self.rooms as usize, self.people as usize);
        rooms * people * people.saturating_sub(1) * self.traffic.streams()
    }
}

/// What a run showed.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    pub(crate) server: &'static str,
    pub(crate) plan: Plan,
    pub(crate) tally: Tally,
    /// The machine's own way from socket to socket.
    pub(crate) loopback: Loopback,
    /// How far the clients were when the measured part began.
    pub(crate) course: Course,
    pub(crate) length: Duration,
    /// What the process that forwards took.
    pub(crate) forwarding: Used,
    /// What the one beside it took, if there is one.
    pub(crate) signaling: Option<Used>,
    /// Processor time of the load tool in the measured part, in nanoseconds.
    pub(crate) own_time: u64,
    /// Of the cores that both run on, or of all.
    pub(crate) cores: CoreTime,
    /// How many cores that are.
    pub(crate) core_count: usize,
    /// Datagrams that the kernel dropped on the clients' sockets, and on the server's.
    pub(crate) dropped: (u64, u64),
    /// What the server dropped by its own count.
    pub(crate) drops: Told,
    /// Why it is not measured to the end: the server was gone before.
    pub(crate) broken_off: Option<String>,
}

/// What a server says that it dropped, or why that is not known; `None` when it does not count it.
pub(crate) type Told = Result<Option<Drops>, String>;

/// What a process of the server took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Used {
    /// Processor time until the measured part, in nanoseconds.
    pub(crate) joining: u64,
    /// Processor time in the measured part, in nanoseconds.
    pub(crate) time: u64,
    /// What its memory grew by until the end of the measured part, in KiB.
    pub(crate) grown: u64,
}

/// What a process had taken at one moment.
#[derive(Clone, Copy)]
struct Taken {
    /// Its processor time, in nanoseconds.
    time: u64,
    /// Its memory, in KiB.
    resident: u64,
}

impl Taken {
    /// Memory comes last: of a process that has ended it cannot be read, whatever is left of its time.
    fn by(pid: u32) -> io::Result<Self> {
        Ok(Self {
            time: machine::process_time(pid)?,
            resident: machine::resident(pid)?,
        })
    }
}

/// A process of the server, as it was before anybody joined.
#[derive(Clone, Copy)]
struct Watched {
    pid: u32,
    before: Taken,
}

impl Watched {
    fn begin(pid: u32) -> io::Result<Self> {
        let before = Taken::by(pid)?;
        Ok(Self { pid, before })
    }

    /// From the beginning of the measured part to its end.
    fn used(self, begin: Taken, end: Taken) -> Used {
        Used {
            joining: begin.time.saturating_sub(self.before.time),
            time: end.time.saturating_sub(begin.time),
            grown: end.resident.saturating_sub(self.before.resident),
        }
    }
}

/// The server's processes: the one that forwards, and the one beside it, if there is one.
type Processes = (Watched, Option<Watched>);

/// What they had taken at one moment.
type TakenByAll = (Taken, Option<Taken>);

fn taken((forwarding, signaling): Processes) -> io::Result<TakenByAll> {
    let by = |process: Watched| Taken::by(process.pid);
    Ok((by(forwarding)?, signaling.map(by).transpose()?))
}

/// What the thread that signals and the one that drives know of each other.
#[derive(Default)]
struct Shared {
    /// One of them is done, and the other is to end.
    stop: AtomicBool,
    /// Rooms whose people have all been signalled.
    joined: AtomicU32,
}

impl Shared {
    fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Puts a server under load.
pub(crate) fn run(
    server: &mut dyn Server,
    plan: &Plan,
    progress: &mut Progress,
) -> anyhow::Result<Measured> {
    plan.cores.settle()?;
    let clock = Clock::starting(Instant::now());
    progress.phase("calibrating");
    let loopback = calibrate(plan.address, CALIBRATION_BYTES, clock)
        .with_context(|| format!("--address {} is none that this machine has", plan.address))?;
    let name = server.name();
    let signaling = server.signaling().map(Watched::begin).transpose()?;
    let processes = (Watched::begin(server.pid())?, signaling);
    let metrics = server.metrics();
    let limit = joining_limit(plan, server.room_time());
    let shared = Shared::default();
    let (connect, joining) = sync_channel(1024);
    thread::scope(|scope| {
        let signalling = scope.spawn(|| {
            let signalled = signal(server, plan, &connect, &shared);
            shared.stop();
            signalled
        });
        let driven = drive(
            clock,
            plan,
            (processes, metrics),
            (joining, limit, &shared),
            progress,
        );
        shared.stop();
        let signalled = signalling.join();
        let signalled = signalled.map_err(|_| anyhow::anyhow!("the signalling thread ended"))?;
        match (driven, signalled) {
            (Ok(driven), signalled) => {
                let broken_off = signalled.err().map(|error| format!("{error:#}"));
                Ok(driven.into_measured(name, plan, loopback, broken_off))
            }
            // What the server says is why.
            (Err(_), Err(error)) | (Err(error), Ok(())) => Err(error),
        }
    })
}

/// Has everybody join, and listens to the server until the end.
fn signal(
    server: &mut dyn Server,
    plan: &Plan,
    connect: &SyncSender<Spec>,
    shared: &Shared,
) -> anyhow::Result<()> {
    let begin = Instant::now();
    for room in 0..plan.rooms {
        let due = begin + Duration::from_secs(1) * room / plan.ramp.max(1);
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if shared.is_stopped() {
            return Ok(());
        }
        let joined = server.join(room, plan.people, &mut |spec| {
            // Nobody takes it when the run was broken off.
            let _ = connect.send(spec);
        });
        joined.with_context(|| format!("room {room} could not join"))?;
        shared.joined.store(room + 1, Ordering::Relaxed);
    }
    while !shared.is_stopped() {
        server.listen()?;
    }
    Ok(())
}

/// What the driving thread knows.
struct Driven {
    tally: Tally,
    course: Course,
    length: Duration,
    forwarding: Used,
    signaling: Option<Used>,
    own_time: u64,
    cores: CoreTime,
    core_count: usize,
    dropped: (u64, u64),
    drops: Told,
}

/// What clocks and counters say at one moment.
struct Reading {
    at: Instant,
    own: u64,
    cores: CoreTime,
}

impl Reading {
    fn take(cores: &[usize]) -> anyhow::Result<Self> {
        Ok(Self {
            at: Instant::now(),
            own: machine::process_time(std::process::id())?,
            cores: machine::core_time(cores)?,
        })
    }
}

fn drive(
    clock: Clock,
    plan: &Plan,
    (processes, metrics): (Processes, Option<Metrics>),
    (joining, limit, shared): (Receiver<Spec>, Duration, &Shared),
    progress: &mut Progress,
) -> anyhow::Result<Driven> {
    let mut drive = Drive::new(clock, plan.traffic, joining)?;
    let course = gather(&mut drive, plan, limit, shared, progress)?;
    drive.run_for(SETTLE)?;
    let told = ask_meanwhile(&mut drive, metrics)?;
    let cores = plan.cores.all();
    let (ours, theirs) = drive.ports();
    let drops = || (kernel_drops(&ours), kernel_drops(&theirs));
    let before = drops();
    let forwarded = taken(processes).context("what the server has taken")?;
    let begin = Reading::take(&cores)?;
    drive.count(true);
    let end = begin.at + plan.length;
    let last = until(end, (processes, forwarded), shared, |left| {
        let share = 1.0 - left.as_secs_f64() / plan.length.as_secs_f64();
        progress.share("measuring", share);
        drive.run_for(left.min(STEP).max(Duration::from_micros(1)))
    })?;
    drive.count(false);
    let after = Reading::take(&cores)?;
    drive.run_for(DRAIN)?;
    let dropped = drops();
    let drops = if shared.is_stopped() {
        Err("it is gone".to_owned())
    } else {
        meanwhile(told, ask(metrics))
    };
    let (forwarding, signaling) = processes;
    let signaling = signaling.zip(forwarded.1.zip(last.1));
    Ok(Driven {
        tally: drive.finish(),
        course,
        length: after.at - begin.at,
        forwarding: forwarding.used(forwarded.0, last.0),
        signaling: signaling.map(|(process, (begin, end))| process.used(begin, end)),
        own_time: after.own.saturating_sub(begin.own),
        cores: CoreTime {
            busy: after.cores.busy - begin.cores.busy,
            steal: after.cores.steal - begin.cores.steal,
        },
        core_count: match cores.len() {
            0 => thread::available_parallelism().map_or(1, usize::from),
            count => count,
        },
        dropped: (
            dropped.0.saturating_sub(before.0),
            dropped.1.saturating_sub(before.1),
        ),
        drops,
    })
}

/// Has steps made until the end of the measured part, each told how much of it is left: what the server had taken then. Of one
/// that is gone it is what it had taken before its last step, as nothing can be read of it any more.
fn until(
    end: Instant,
    (processes, begin): (Processes, TakenByAll),
    shared: &Shared,
    mut step: impl FnMut(Duration) -> io::Result<()>,
) -> io::Result<TakenByAll> {
    let mut last = begin;
    while let Some(left) = end.checked_duration_since(Instant::now()) {
        step(left)?;
        if shared.is_stopped() {
            break;
        }
        last = taken(processes).unwrap_or(last);
    }
    Ok(last)
}

/// How long the clients are driven between two looks at how far they are, and at whether the server is there.
const STEP: Duration = Duration::from_millis(100);

/// What the server has dropped so far.
fn ask(metrics: Option<Metrics>) -> Told {
    let drops = metrics.map(Metrics::drops).transpose();
    drops.map_err(|error| format!("{error:#}"))
}

/// The same before the measured part: the clients are driven until there is an answer, and what that costs both sides is
/// not measured.
fn ask_meanwhile(drive: &mut Drive, metrics: Option<Metrics>) -> io::Result<Told> {
    let asking = thread::spawn(move || ask(metrics));
    while !asking.is_finished() {
        drive.run_for(LOOK)?;
    }
    let told = asking.join();
    Ok(told.unwrap_or_else(|_| Err("the thread that asks for it ended".to_owned())))
}

/// How often it is looked whether the server has answered.
const LOOK: Duration = Duration::from_millis(1);

/// What was dropped between two answers.
fn meanwhile(before: Told, after: Told) -> Told {
    let answers = before?.zip(after?);
    Ok(answers.map(|(before, after)| after.since(&before)))
}

/// How long it may take until all rooms have joined, where each takes so long until the next one's turn.
fn joining_limit(plan: &Plan, room_time: Duration) -> Duration {
    let ramp = Duration::from_secs(1) * plan.rooms / plan.ramp.max(1);
    JOINING + ramp.max(room_time * plan.rooms)
}

/// Drives until all have joined and everybody hears everybody, or that has taken too long: how far they are. Whoever joined
/// later would do so within the measured part.
fn gather(
    drive: &mut Drive,
    plan: &Plan,
    limit: Duration,
    shared: &Shared,
    progress: &mut Progress,
) -> anyhow::Result<Course> {
    let (begin, streams) = (Instant::now(), plan.streams());
    let mut joined = None;
    loop {
        drive.run_for(STEP)?;
        anyhow::ensure!(!shared.is_stopped(), "joining failed");
        let (now, rooms) = (begin.elapsed(), shared.joined.load(Ordering::Relaxed));
        if rooms >= plan.rooms {
            joined.get_or_insert(now);
        }
        let course = drive.course();
        progress.share("joining", course.heard as f64 / streams.max(1) as f64);
        match gathered(now, limit, joined, course.heard >= streams) {
            Gathered::NotYet => {}
            Gathered::All => return Ok(course),
            Gathered::TooLate => anyhow::bail!(
                "only {rooms} of {} rooms have joined after {} s: try fewer --rooms",
                plan.rooms,
                now.as_secs()
            ),
        }
    }
}

/// Whether the measured part can begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gathered {
    NotYet,
    /// All that can be waited for are there.
    All,
    /// Not all rooms have joined, and they are waited for no longer.
    TooLate,
}

/// `joined` is when all rooms had, and `heard` says that everybody hears everybody: the last have some time for that.
fn gathered(now: Duration, limit: Duration, joined: Option<Duration>, heard: bool) -> Gathered {
    match joined {
        Some(joined) if heard || now >= joined + JOINING => Gathered::All,
        None if now >= limit => Gathered::TooLate,
        Some(_) | None => Gathered::NotYet,
    }
}

impl Driven {
    fn into_measured(
        self,
        server: &'static str,
        plan: &Plan,
        loopback: Loopback,
        broken_off: Option<String>,
    ) -> Measured {
        Measured {
            server,
            plan: plan.clone(),
            tally: self.tally,
            loopback,
            course: self.course,
            length: self.length,
            forwarding: self.forwarding,
            signaling: self.signaling,
            own_time: self.own_time,
            cores: self.cores,
            core_count: self.core_count,
            dropped: self.dropped,
            drops: self.drops,
            broken_off,
        }
    }
}

#[cfg(test)]
impl Measured {
    /// Two rooms of three that send pictures and sound: each of 24 streams was heard, and each of 100 packets delivered to
    /// two others within a millisecond.
    pub(crate) fn flawless() -> Self {
        let mut tally = Tally {
            sent: 100,
            delivered: 200,
            ..Tally::default()
        };
        (0..200).for_each(|_| tally.latency.note(1_000_000));
        Self {
            server: "a server",
            plan: Plan {
                rooms: 2,
                people: 3,
                length: Duration::from_secs(1),
                ramp: 1,
                traffic: Traffic {
                    video_rate: 150,
                    burst: 5,
                    video_bytes: 1100,
                    audio_rate: 50,
                    audio_bytes: 100,
                    segmented: false,
                    feedback: true,
                    nack: true,
                },
                cores: Cores::default(),
                address: IpAddr::from([127, 0, 0, 1]),
            },
            tally,
            loopback: Loopback {
                latency: Histogram::default(),
                cost: 0,
            },
            course: Course {
                clients: 6,
                up: 6,
                heard: 24,
            },
            length: Duration::from_secs(1),
            forwarding: Used::default(),
            signaling: None,
            own_time: 0,
            cores: CoreTime::default(),
            core_count: 2,
            dropped: (0, 0),
            drops: Ok(Some(Drops::default())),
            broken_off: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc::{Receiver, channel};
    use std::time::Duration;

    use super::{Gathered, Measured, Plan, gathered, joining_limit, meanwhile, run};
    use crate::drops::Drops;
    use crate::limits::{JANUS_ROOM, JOINING};
    use crate::media::Spec;
    use crate::progress::Progress;
    use crate::report::Report;
    use crate::server::{Metrics, Server};
    use crate::traffic::Traffic;

    const LINE: &str =
        "vestibule_sfu_dropped_total{worker=\"0\",direction=\"in\",reason=\"padding\"}";

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
}
