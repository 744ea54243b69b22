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
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use support::client::is_rtp;
use support::{World, metrics};
use vestibule_rtp::limits::{HISTORY_CHUNK, HISTORY_CHUNKS};
use vestibule_sfu::{CallId, Forwarded, Packet, Seat, Source, Tap};

thread_local! {
    /// What this thread allocated of each kind since it was last asked.
    static ALLOCATIONS: Cell<[usize; KINDS]> = const { Cell::new([0; KINDS]) };
}

/// Chunks of what is kept to be sent again, by their size; what grows; and all else.
const KINDS: usize = 3;

struct Counting;

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let [chunks, growths, others] = ALLOCATIONS.get();
        ALLOCATIONS.set(match layout.size() {
            HISTORY_CHUNK => [chunks + 1, growths, others],
            _ => [chunks, growths, others + 1],
        });
        // SAFETY: the caller's contract is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let [chunks, growths, others] = ALLOCATIONS.get();
        ALLOCATIONS.set([chunks, growths + 1, others]);
        // SAFETY: the caller's contract is passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What the worker did, from the first packet that came on.
#[derive(Default)]
struct Seen {
    received: AtomicUsize,
    forwarded: AtomicUsize,
    /// Chunks that it allocated.
    chunks: AtomicUsize,
    /// All else is counted.
    counting: AtomicBool,
    growths: AtomicUsize,
    others: AtomicUsize,
}

struct Watch(Arc<Seen>);

impl Tap for Watch {
    fn received(&self, _: CallId, _: (Seat, Source), _: &Packet<'_>, _: bool) {
        // The worker's own thread calls here.
        let [chunks, growths, others] = ALLOCATIONS.replace([0; KINDS]);
        let seen = &*self.0;
        if seen.received.load(Ordering::Relaxed) > 0 {
            seen.chunks.fetch_add(chunks, Ordering::Relaxed);
        }
        if seen.counting.load(Ordering::Acquire) {
            seen.growths.fetch_add(growths, Ordering::Relaxed);
            seen.others.fetch_add(others, Ordering::Relaxed);
        }
        seen.received.fetch_add(1, Ordering::Release);
    }

    fn sent(&self, _: CallId, _: &Forwarded, _: &Packet<'_>, _: bool) {
        self.0.forwarded.fetch_add(1, Ordering::Relaxed);
    }
}

/// Lets both send, checks of the line (STUN) too or not. One in so many packets of media is lost, each way.
fn send(world: &mut World, checks: bool, lost: Option<usize>) {
    let lose = move || {
        let mut count = 0;
        move |datagram: &[u8]| {
            count += usize::from(is_rtp(datagram));
            is_rtp(datagram) && lost.is_some_and(|each| count % each == 0)
        }
    };
    for client in &mut world.clients {
        client.sending = true;
        let (mut on_the_way, mut on_the_way_back) = (lose(), lose());
        client.outgoing =
            Box::new(move |datagram| (checks || datagram[0] > 3) && !on_the_way(datagram));
        client.incoming = Box::new(move |datagram| !on_the_way_back(datagram));
    }
}

/// Runs until so many more packets came.
fn run(world: &mut World, seen: &Seen, packets: usize) {
    let enough = seen.received.load(Ordering::Acquire) + packets;
    world.until("media flows", |_| {
        seen.received.load(Ordering::Acquire) >= enough
    });
}

/// What grew once is as large as it needs to be: the keys of the few streams that there are, and when each peer is due.
const GROWTHS: usize = 16;

/// Neither packets of sound and pictures allocate, nor reports and feedback, in either direction. Four things do, and each
/// is bound:
/// - a check of the line (STUN), a few times each few seconds: here none comes while it is counted;
/// - what is told to signaling, at most once for each;
/// - the chunks of what is kept to be sent again, of which each who sends pictures gets so many and no more;
/// - what grows, as nobody knows beforehand how many streams there will be.
#[test]
fn packets_reports_and_feedback_come_in_and_go_out_without_one_allocation() {
    let seen = Arc::new(Seen::default());
    let mut world = World::start_tapped(Watch(Arc::clone(&seen)));
    world.plan(&[1, 2], true);
    for person in [1, 2] {
        world.join(person, 1);
    }
    nothing_is_allocated(&mut world, &seen, None);
    assert_eq!(seen.chunks.load(Ordering::Relaxed), 2 * HISTORY_CHUNKS);
    let growths = seen.growths.load(Ordering::Relaxed);
    assert!(growths <= GROWTHS, "{growths}");
}

/// Where packets are lost they are asked for and sent again, both ways, of three layers each.
#[test]
fn layers_and_what_is_lost_and_sent_again_allocate_nothing_either() {
    let seen = Arc::new(Seen::default());
    let mut world = World::start_tapped(Watch(Arc::clone(&seen)));
    world.plan(&[1, 2], true);
    for person in [1, 2] {
        let client = world.add_client();
        world.clients[client].layers = Some(vec![0, 1, 2]);
        world.connect_client(client, person, 1);
    }
    nothing_is_allocated(&mut world, &seen, Some(20));
    let chunks = seen.chunks.load(Ordering::Relaxed);
    assert_eq!(chunks, 2 * 3 * HISTORY_CHUNKS, "for each layer that comes");
    let page = world.metrics();
    let again = metrics::sum(&page, "vestibule_sfu_retransmissions_sent_total");
    assert!(again > 10.0, "{again}");
    let growths = seen.growths.load(Ordering::Relaxed);
    assert!(growths <= GROWTHS, "{growths}");
}

/// Media flows, and what the worker allocates is within what the tests say.
fn nothing_is_allocated(world: &mut World, seen: &Seen, lost: Option<usize>) {
    send(world, true, lost);
    // The buffers have grown to what they need.
    run(world, seen, 1000);
    for _ in 0..4 {
        send(world, false, lost);
        // The checks that were under way came before these.
        run(world, seen, 100);
        let told = world.told.len();
        let forwarded = seen.forwarded.load(Ordering::Relaxed);
        seen.counting.store(true, Ordering::Release);
        run(world, seen, 500);
        seen.counting.store(false, Ordering::Release);
        // Without an answer for long they would give up.
        send(world, true, lost);
        run(world, seen, 300);
        let told = world.told.len() - told;
        let others = seen.others.swap(0, Ordering::Relaxed);
        assert!(others <= told, "{others} with {told} told to signaling");
        assert!(seen.forwarded.load(Ordering::Relaxed) - forwarded > 300);
    }
}
