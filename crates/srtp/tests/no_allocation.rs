//! Opening and sealing allocates nothing once a stream is known: counted by the allocator itself.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use allocation_counter::measure;
use support::{halves, rtcp, rtp};
use vestibule_srtp::{Profile, Refusal};

#[test]
fn opening_and_sealing_allocate_nothing() {
    for profile in Profile::ALL {
        let (mut outbound, mut inbound) = halves(profile);
        let (mut packet, mut report) = (rtp(7, 0, &[1; 1100]), rtcp(7, &[1; 60]));
        let (packet_bytes, report_bytes) = (packet.len(), report.len());
        packet.resize(packet_bytes + 20, 0);
        report.resize(report_bytes + 20, 0);
        let mut carry = |index: u64| {
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
        };
        // The first packet begins the stream.
        carry(0);
        let made = measure(|| (1..1000).for_each(carry));
        assert_eq!(made.count_total, 0, "{profile:?}");
    }
}
