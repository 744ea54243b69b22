//! What the SFU's worker takes of the machine: its own time and memory, whatever else this process does meanwhile.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use vestibule_sfu::{CallId, Forwarded, Packet, Seat, Source, Tap};

use super::support::World;

thread_local! {
    /// What this thread allocated and did not free, in octets, and the most of it since it was looked at. What goes from
    /// thread to thread, as reports and commands do, counts for who allocated and for who freed it: little.
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn note(octets: isize) {
    let held = HELD.get().wrapping_add(octets);
    HELD.set(held);
    PEAK.set(PEAK.get().max(held));
}

struct Counting;

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size().cast_signed());
        // SAFETY: the caller's contract is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note(-layout.size().cast_signed());
        // SAFETY: the caller's contract is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What the worker noted when the last packet of media came to it.
#[derive(Default)]
struct Noted {
    packets: AtomicU64,
    nanos: AtomicU64,
    held: AtomicIsize,
    peak: AtomicIsize,
}

/// A look at a worker that is told of each packet of media, on the worker's own thread.
#[derive(Clone, Default)]
pub(crate) struct Meter(Arc<Noted>);

impl Tap for Meter {
    fn received(&self, _: CallId, _: (Seat, Source), _: &Packet<'_>, _: bool) {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        let nanos = time.tv_sec * 1_000_000_000 + time.tv_nsec;
        let noted = &self.0;
        noted.nanos.store(nanos.unsigned_abs(), Ordering::Relaxed);
        noted.held.store(HELD.get(), Ordering::Relaxed);
        let peak = PEAK.replace(HELD.get());
        noted.peak.fetch_max(peak, Ordering::Relaxed);
        noted.packets.fetch_add(1, Ordering::Release);
    }

    fn sent(&self, _: CallId, _: &Forwarded, _: &Packet<'_>, _: bool) {}
}

/// What something cost the worker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Its time on a processor.
    pub(crate) nanos: u64,
    /// How much more memory it had for a moment than before, in octets.
    pub(crate) octets: isize,
}

impl Meter {
    /// What it costs the worker to go through something, with some packets of the clients' media before and after and none
    /// between: that they come at all shows that the call goes on.
    pub(crate) fn cost(&self, world: &mut World, run: impl FnOnce(&mut World)) -> Cost {
        world.clients.iter_mut().for_each(|it| it.sending = true);
        self.look(world);
        world.clients.iter_mut().for_each(|it| it.sending = false);
        self.look_last(world);
        let noted = &self.0;
        let nanos = noted.nanos.load(Ordering::Relaxed);
        let held = noted.held.load(Ordering::Relaxed);
        noted.peak.store(held, Ordering::Relaxed);
        run(world);
        world.clients.iter_mut().for_each(|it| it.sending = true);
        self.look(world);
        Cost {
            nanos: noted.nanos.load(Ordering::Relaxed) - nanos,
            octets: noted.peak.load(Ordering::Relaxed) - held,
        }
    }

    /// Waits until packets came that left after this.
    fn look(&self, world: &mut World) {
        let packets = &self.0.packets;
        let before = packets.load(Ordering::Acquire);
        world.until("media flows", |_| {
            packets.load(Ordering::Acquire) > before + 20
        });
    }

    /// Waits until the last packets that are under way have come. One that is later only adds to the cost.
    fn look_last(&self, world: &mut World) {
        let packets = &self.0.packets;
        let mut last = (packets.load(Ordering::Acquire), Instant::now());
        world.until("nothing is under way", |_| {
            let now = packets.load(Ordering::Acquire);
            if now != last.0 {
                last = (now, Instant::now());
            }
            last.1.elapsed() > Duration::from_millis(100)
        });
    }
}
