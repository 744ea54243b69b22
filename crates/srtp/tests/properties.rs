//! What holds for every packet: what is sealed opens, what was changed or comes again does not, and nothing that
//! is not authentic leaves a trace.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use proptest::prelude::*;
use support::{halves, rtcp, rtp, seal_rtcp, seal_rtp};
use vestibule_srtp::limits::{RTP_PACKETS, RTP_WINDOW, STREAMS};
use vestibule_srtp::{Inbound, Outbound, Profile, Refusal, Rtp};

fn profiles() -> impl Strategy<Value = Profile> {
    prop::sample::select(&Profile::ALL[..])
}

/// Any well-formed packet, its index below the first roll-over.
fn packets() -> impl Strategy<Value = (Vec<u8>, u64)> {
    let csrcs = prop::collection::vec(any::<u32>(), 0..16);
    let extension = prop::option::of((any::<u16>(), prop::collection::vec(any::<u32>(), 0..20)));
    let payload = prop::collection::vec(any::<u8>(), 0..1400);
    let rest = (any::<u8>(), any::<u32>(), any::<u16>(), 0_u8..200);
    (csrcs, extension, payload, rest).prop_map(|(csrcs, extension, payload, rest)| {
        let (second, ssrc, sequence, padding) = rest;
        let mut packet = rtp(ssrc, sequence.into(), &[]);
        packet[0] |= csrcs.len() as u8;
        packet[1] = second;
        packet.extend(csrcs.iter().flat_map(|csrc| csrc.to_be_bytes()));
        if let Some((number, words)) = extension {
            packet[0] |= 0x10;
            packet.extend(number.to_be_bytes());
            packet.extend((words.len() as u16).to_be_bytes());
            packet.extend(words.iter().flat_map(|word| word.to_be_bytes()));
        }
        packet.extend(payload);
        if padding > 0 {
            packet[0] |= 0x20;
            packet.resize(packet.len() + usize::from(padding), 0);
            *packet.last_mut().unwrap() = padding;
        }
        (packet, sequence.into())
    })
}

fn open(inbound: &mut Inbound, sealed: &[u8]) -> Result<u64, Refusal> {
    inbound
        .open_rtp(&mut sealed.to_vec())
        .map(|opened| opened.index)
}

fn seal(outbound: &mut Outbound, index: u64) -> Result<Vec<u8>, Refusal> {
    let packet = rtp(7, index, b"payload");
    let mut buffer = [&packet[..], &[0; 20]].concat();
    let length = outbound.seal_rtp(&mut buffer, packet.len(), index)?;
    buffer.truncate(length);
    Ok(buffer)
}

proptest! {
    #[test]
    fn what_is_sealed_opens((packet, index) in packets(), profile in profiles()) {
        let (mut outbound, mut inbound) = halves(profile);
        let mut sealed = seal_rtp(&mut outbound, &packet, index);
        prop_assert_eq!(sealed.len(), packet.len() + profile.rtp_overhead());
        let plain = Rtp::parse(&packet).unwrap();
        let opened = inbound.open_rtp(&mut sealed).unwrap();
        prop_assert_eq!(opened.index, index);
        prop_assert_eq!(&sealed[..packet.len()], &packet[..]);
        prop_assert_eq!(opened.packet, plain);
    }

    #[test]
    fn rtcp_that_is_sealed_opens(
        ssrc: u32,
        rest in prop::collection::vec(any::<u8>(), 0..1400),
        profile in profiles(),
    ) {
        let (mut outbound, mut inbound) = halves(profile);
        let packet = rtcp(ssrc, &rest);
        for _ in 0..3 {
            let mut sealed = seal_rtcp(&mut outbound, &packet);
            prop_assert_eq!(sealed.len(), packet.len() + profile.rtcp_overhead());
            let mut again = sealed.clone();
            prop_assert_eq!(inbound.open_rtcp(&mut sealed), Ok(packet.len()));
            prop_assert_eq!(&sealed[..packet.len()], &packet[..]);
            prop_assert_eq!(inbound.open_rtcp(&mut again), Err(Refusal::Replayed));
        }
    }

    /// Whatever order packets are sealed and arrive in, around a roll-over: each that is no older than the window
    /// opens once, with its own index.
    #[test]
    fn reordered_packets_keep_their_index_across_a_roll_over(
        order in Just((0x1_0000 - 500_u64..0x1_0000 + 500).collect::<Vec<_>>()).prop_shuffle(),
        profile in profiles(),
    ) {
        let (mut outbound, mut inbound) = halves(profile);
        // The stream begins within the first round, where a receiver's counter is zero.
        let first = seal(&mut outbound, 0x1_0000 - 501).unwrap();
        open(&mut inbound, &first).unwrap();
        for index in order {
            let sealed = seal(&mut outbound, index).unwrap();
            prop_assert_eq!(open(&mut inbound, &sealed), Ok(index));
            prop_assert_eq!(open(&mut inbound, &sealed), Err(Refusal::Replayed));
        }
    }

    /// Against a perfect memory: an index is sealed if it is new and within the window, and never twice.
    #[test]
    fn an_index_is_sealed_once(
        indices in prop::collection::vec(0_u64..3 * RTP_WINDOW, 1..200),
        profile in profiles(),
    ) {
        let (mut outbound, _) = halves(profile);
        let mut memory = std::collections::BTreeSet::new();
        for index in indices {
            let known = memory.last().is_none_or(|newest| index + RTP_WINDOW > *newest);
            let fresh = known && !memory.contains(&index);
            prop_assert_eq!(seal(&mut outbound, index).is_ok(), fresh);
            if fresh {
                memory.insert(index);
            }
        }
    }

    #[test]
    fn arbitrary_bytes_change_nothing(
        packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..80),
        profile in profiles(),
    ) {
        let (mut outbound, mut inbound) = halves(profile);
        let known = seal(&mut outbound, 1).unwrap();
        open(&mut inbound, &known).unwrap();
        let untouched = format!("{inbound:?}");
        for mut bytes in packets {
            prop_assert!(inbound.open_rtp(&mut bytes.clone()).is_err());
            prop_assert!(inbound.open_rtcp(&mut bytes.clone()).is_err());
            if let Some(first) = bytes.first_mut() {
                *first = 0x80 | *first & 0x3f;
                if bytes.len() > 12 {
                    bytes[8..12].copy_from_slice(&7_u32.to_be_bytes());
                }
                prop_assert!(inbound.open_rtp(&mut bytes.clone()).is_err());
                prop_assert!(inbound.open_rtcp(&mut bytes).is_err());
            }
        }
        prop_assert_eq!(format!("{inbound:?}"), untouched);
    }

    #[test]
    fn no_bytes_panic_and_the_parts_of_a_packet_are_the_packet(
        mut bytes in prop::collection::vec(any::<u8>(), 0..120),
        rtp in any::<bool>(),
        words in prop::option::of(0_u8..8),
    ) {
        if let Some(first) = bytes.first_mut().filter(|_| rtp) {
            *first = 0x80 | (*first & 0x3f);
        }
        // Most lengths of a block would be beyond the end.
        if let (Some(words), true) = (words, bytes.len() > 16) {
            bytes[0] = 0x90 | (bytes[0] & 0x20);
            bytes[12..16].copy_from_slice(&[0xbe, 0xde, 0, words]);
        }
        let Ok(packet) = Rtp::parse(&bytes) else { return Ok(()) };
        prop_assert_eq!(packet.csrcs.start, 12);
        let mut end = packet.csrcs.end;
        if let Some(block) = &packet.extension {
            prop_assert_eq!(block.elements.start, end + 4);
            end = block.elements.end;
            let values = block.elements(&bytes).map(|(_, value)| 1 + value.len());
            prop_assert!(values.sum::<usize>() <= block.elements.len());
        }
        prop_assert_eq!(packet.payload.start, end);
        prop_assert!(bytes.get(packet.payload.clone()).is_some());
        prop_assert_eq!(packet.payload.end + packet.padding, bytes.len());
    }

    #[test]
    fn sealing_arbitrary_bytes_does_not_panic(
        mut bytes in prop::collection::vec(any::<u8>(), 0..100),
        length in 0_usize..120,
        index in 0_u64..=RTP_PACKETS,
        profile in profiles(),
    ) {
        let (mut outbound, _) = halves(profile);
        let _ = outbound.seal_rtp(&mut bytes, length, index);
        let _ = outbound.seal_rtcp(&mut bytes, length);
    }
}

#[test]
fn every_flipped_bit_is_refused() {
    for profile in Profile::ALL {
        let (mut outbound, mut inbound) = halves(profile);
        let sealed = seal(&mut outbound, 1).unwrap();
        let report = seal_rtcp(&mut outbound, &rtcp(7, b"rest"));
        let untouched = format!("{inbound:?}");
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(
                inbound.open_rtp(&mut changed).is_err(),
                "bit {bit} of {profile:?}"
            );
        }
        for bit in 0..report.len() * 8 {
            let mut changed = report.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            // The padding bit and the counts are within what is authenticated, too.
            assert!(
                inbound.open_rtcp(&mut changed).is_err(),
                "bit {bit} of {profile:?}"
            );
        }
        assert_eq!(format!("{inbound:?}"), untouched);
        assert_eq!(open(&mut inbound, &sealed), Ok(1));
        assert!(inbound.open_rtcp(&mut report.clone()).is_ok());
    }
}

#[test]
fn every_shortened_packet_is_refused() {
    for profile in Profile::ALL {
        let (mut outbound, mut inbound) = halves(profile);
        let sealed = seal(&mut outbound, 1).unwrap();
        let report = seal_rtcp(&mut outbound, &rtcp(7, b"rest"));
        for length in 0..sealed.len() {
            assert!(inbound.open_rtp(&mut sealed[..length].to_vec()).is_err());
        }
        for length in 0..report.len() {
            assert!(inbound.open_rtcp(&mut report[..length].to_vec()).is_err());
        }
    }
}

#[test]
fn streams_are_bounded_and_forgeries_begin_none() {
    for profile in Profile::ALL {
        let (mut outbound, mut inbound) = halves(profile);
        for ssrc in 0..10_000 {
            let forged = inbound.open_rtp(&mut rtp(ssrc, 1, &[0; 60]));
            assert_eq!(forged, Err(Refusal::Forged));
        }
        for ssrc in 0..STREAMS as u32 {
            let sealed = seal_rtp(&mut outbound, &rtp(ssrc, 1, b"x"), 1);
            assert_eq!(open(&mut inbound, &sealed), Ok(1));
            assert!(
                inbound
                    .open_rtcp(&mut seal_rtcp(&mut outbound, &rtcp(ssrc, b"")))
                    .is_ok()
            );
        }
        let mut one_more = [&rtp(1 << 20, 1, b"x")[..], &[0; 20]].concat();
        assert_eq!(
            outbound.seal_rtp(&mut one_more, 13, 1),
            Err(Refusal::TooManyStreams)
        );
        let (mut another, _) = halves(profile);
        let mut sealed = seal_rtp(&mut another, &rtp(1 << 20, 1, b"x"), 1);
        assert_eq!(inbound.open_rtp(&mut sealed), Err(Refusal::TooManyStreams));
        let mut sealed = seal_rtcp(&mut another, &rtcp(1 << 20, b""));
        assert_eq!(inbound.open_rtcp(&mut sealed), Err(Refusal::TooManyStreams));
        // Those that are known go on.
        let sealed = seal_rtp(&mut outbound, &rtp(5, 2, b"x"), 2);
        assert_eq!(open(&mut inbound, &sealed), Ok(2));
    }
}

#[test]
fn the_other_directions_key_opens_nothing() {
    for profile in Profile::ALL {
        let (mut outbound, _) = halves(profile);
        let mut inbound = Inbound::new(&support::keys(profile).server).unwrap();
        let sealed = seal(&mut outbound, 1).unwrap();
        assert_eq!(open(&mut inbound, &sealed), Err(Refusal::Forged));
    }
}

/// A long stream: the counter goes round three times, with losses.
#[test]
fn a_stream_is_followed_round_after_round() {
    let (mut outbound, mut inbound) = halves(Profile::AeadAes128Gcm);
    for index in (60_000..3 * 0x1_0000).step_by(31) {
        let sealed = seal(&mut outbound, index).unwrap();
        assert_eq!(open(&mut inbound, &sealed), Ok(index));
    }
}
