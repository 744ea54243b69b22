//! A packet allocates nothing on its way through a running SFU: counted by the allocator itself.
#![allow(unsafe_code, reason = "a global allocator is unsafe to implement")]
#![allow(clippy::indexing_slicing, reason = "in a test a panic is the verdict")]
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks at what it asks for"
)]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use support::World;
use vestibule_sfu::{CallId, Forwarded, Packet, Seat, Source, Tap};

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's contract is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// From one packet that came to the next: how often nothing was allocated between, of how often.
#[derive(Default)]
struct Gaps {
    quiet: AtomicUsize,
    all: AtomicUsize,
}

struct Watch(Arc<Gaps>);

impl Tap for Watch {
    fn received(&self, _: CallId, _: (Seat, Source), _: &Packet<'_>, _: bool) {
        // The worker's own thread calls here.
        let quiet = ALLOCATIONS.replace(0) == 0;
        self.0
            .quiet
            .fetch_add(usize::from(quiet), Ordering::Relaxed);
        self.0.all.fetch_add(1, Ordering::Relaxed);
    }

    fn sent(&self, _: CallId, _: &Forwarded, _: &Packet<'_>, _: bool) {}
}

/// Checks, reports and what a client says of its line come a few times a second, between hundreds of packets.
#[test]
fn most_packets_come_in_and_go_out_without_one_allocation() {
    let gaps = Arc::new(Gaps::default());
    let mut world = World::start_tapped(Watch(Arc::clone(&gaps)));
    world.plan(&[1, 2], true);
    for person in [1, 2] {
        let client = world.join(person, 1);
        world.clients[client].sending = true;
    }
    // The buffers have grown to what they need.
    world.until("media flows", |_| gaps.all.load(Ordering::Relaxed) > 1000);
    let before = (
        gaps.quiet.load(Ordering::Relaxed),
        gaps.all.load(Ordering::Relaxed),
    );
    world.until("enough was seen", |_| {
        gaps.all.load(Ordering::Relaxed) > before.1 + 2000
    });
    let quiet = gaps.quiet.load(Ordering::Relaxed) - before.0;
    let all = gaps.all.load(Ordering::Relaxed) - before.1;
    assert!(
        quiet * 10 > all * 9,
        "nothing was allocated after {quiet} of {all} packets"
    );
}
