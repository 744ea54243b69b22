//! Opening and sealing allocates nothing once a stream is known: counted by the allocator itself.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]
#![allow(unsafe_code, reason = "a global allocator is unsafe to implement")]

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use support::{halves, rtcp, rtp};
use vestibule_srtp::{Profile, Refusal};

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

#[test]
fn opening_and_sealing_allocate_nothing() {
    for profile in Profile::ALL {
        let (mut outbound, mut inbound) = halves(profile);
        let (mut packet, mut report) = (rtp(7, 0, &[1; 1100]), rtcp(7, &[1; 60]));
        let (packet_bytes, report_bytes) = (packet.len(), report.len());
        packet.resize(packet_bytes + 20, 0);
        report.resize(report_bytes + 20, 0);
        let mut before = 0;
        for index in 0..1000_u64 {
            // The first packet begins the stream.
            if index == 1 {
                before = ALLOCATIONS.get();
            }
            packet[2..4].copy_from_slice(&(index as u16).to_be_bytes());
            let length = outbound.seal_rtp(&mut packet, packet_bytes, index).unwrap();
            assert_eq!(
                inbound.open_rtp(&mut packet[..length]).unwrap().index,
                index
            );
            let length = outbound.seal_rtcp(&mut report, report_bytes).unwrap();
            assert_eq!(inbound.open_rtcp(&mut report[..length]), Ok(report_bytes));
            // A flood of forgeries on streams that nobody has.
            packet[8] ^= 0xff;
            let forged = inbound.open_rtp(&mut packet);
            assert_eq!(forged, Err(Refusal::Forged));
            packet[8] ^= 0xff;
        }
        assert_eq!(ALLOCATIONS.get() - before, 0, "{profile:?}");
    }
}
