//! How much memory two people take beside what is kept of their pictures: counted by the allocator itself.
#![allow(unsafe_code, reason = "a global allocator is unsafe to implement")]
#![allow(clippy::indexing_slicing, reason = "in a test a panic is the verdict")]
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks at what it asks for"
)]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicIsize, Ordering};

use support::World;
use vestibule_rtp::limits::{HISTORY_CHUNK, HISTORY_PACKETS};

/// What the worker's thread holds, in octets.
static HELD: AtomicIsize = AtomicIsize::new(0);

thread_local! {
    /// This thread is the worker's, once it is known.
    static WORKER: Cell<Option<bool>> = const { Cell::new(None) };
}

fn on_the_worker() -> bool {
    WORKER.get().unwrap_or_else(|| {
        // The name is looked up once: it may allocate.
        WORKER.set(Some(false));
        let is = std::thread::current().name() == Some("sfu-worker");
        WORKER.set(Some(is));
        is
    })
}

/// The sizes of what is kept to be sent again: its chunks, and its index.
const HISTORY: [usize; 2] = [HISTORY_CHUNK, HISTORY_PACKETS * 24];

/// Before each block stands what it counts for: blocks go from thread to thread.
struct Counting;

impl Counting {
    fn with_mark(layout: Layout) -> (Layout, usize) {
        let mark = layout
            .align()
            .max(align_of::<isize>())
            .max(size_of::<isize>());
        let whole = Layout::from_size_align(mark + layout.size(), mark);
        (whole.unwrap_or(layout), mark)
    }
}

// SAFETY: every block is the system's, larger by a mark at its beginning that has the block's alignment.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let counts = on_the_worker() && !HISTORY.contains(&layout.size());
        let counted = if counts {
            layout.size().cast_signed()
        } else {
            0
        };
        let (whole, mark) = Self::with_mark(layout);
        // SAFETY: the layout is not empty, as it has the mark, which the block begins with.
        unsafe {
            let block = System.alloc(whole);
            if block.is_null() {
                return block;
            }
            block.cast::<isize>().write(counted);
            HELD.fetch_add(counted, Ordering::Relaxed);
            block.add(mark)
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        let (whole, mark) = Self::with_mark(layout);
        // SAFETY: the block was made above, with the same layout.
        unsafe {
            let block = pointer.sub(mark);
            HELD.fetch_sub(block.cast::<isize>().read(), Ordering::Relaxed);
            System.dealloc(block, whole);
        }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Two people come, and see and hear each other for a while.
fn converse(world: &mut World, people: [u128; 2]) -> [usize; 2] {
    world.plan(&people, true);
    let clients = people.map(|person| world.join(person, 1));
    for client in clients {
        world.clients[client].sending = true;
    }
    world.until("both got pictures and sound", |world| {
        clients
            .iter()
            .all(|client| world.clients[*client].got.len() > 1000)
    });
    clients
}

/// All is to be 64 KiB at the most. Of these the cryptographic library takes 9, which are not counted here, and the allocator 3
/// beside and between blocks. What is left has room for some losses on a machine that is busy.
const MOST: isize = 52 * 1024;

#[test]
fn two_people_take_little_beside_what_is_kept_of_their_pictures() {
    let mut world = World::start();
    // The first ones to come have the worker take what it needs for all.
    let gone = converse(&mut world, [1, 2]);
    world.plan(&[3, 4], true);
    world.until("they are gone", |world| {
        gone.iter().all(|client| world.clients[*client].closed)
    });
    let before = HELD.load(Ordering::Relaxed);
    converse(&mut world, [3, 4]);
    let taken = HELD.load(Ordering::Relaxed) - before;
    assert!(taken < MOST, "{taken} octets");
    assert!(taken > MOST / 2, "{taken} octets are not all that there is");
}
