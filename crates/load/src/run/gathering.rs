//! Who is waited for until the measured part begins, and for how long.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::{Plan, Shared};
use crate::limits::JOINING;
use crate::media::{Course, Drive};
use crate::progress::Progress;

/// How long the clients are driven between two looks at how far they are, and at whether the server is there.
pub(super) const STEP: Duration = Duration::from_millis(100);

/// How long it may take until all rooms have joined, where each takes so long until the next one's turn.
pub(super) fn joining_limit(plan: &Plan, room_time: Duration) -> Duration {
    let ramp = Duration::from_secs(1) * plan.rooms / plan.ramp.max(1);
    JOINING + ramp.max(room_time * plan.rooms)
}

/// Drives until all have joined and everybody hears everybody, or that has taken too long: how far they are. Whoever joined
/// later would do so within the measured part.
pub(super) fn gather(
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
pub(super) enum Gathered {
    NotYet,
    /// All that can be waited for are there.
    All,
    /// Not all rooms have joined, and they are waited for no longer.
    TooLate,
}

/// `joined` is when all rooms had, and `heard` says that everybody hears everybody: the last have some time for that.
pub(super) fn gathered(
    now: Duration,
    limit: Duration,
    joined: Option<Duration>,
    heard: bool,
) -> Gathered {
    match joined {
        Some(joined) if heard || now >= joined + JOINING => Gathered::All,
        None if now >= limit => Gathered::TooLate,
        Some(_) | None => Gathered::NotYet,
    }
}
