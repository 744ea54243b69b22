//! What is written is read, and whatever is read ends.

use proptest::prelude::*;

use super::{
    ArrivalClock, Compound, FeedbackHead, Packet, ReportBlock, SenderInfo, Sizer, packets,
};
use crate::ntp::Ntp;

fn report_block() -> impl Strategy<Value = ReportBlock> {
    let lost = -0x80_0000..=0x7f_ffff;
    (any::<[u32; 5]>(), any::<u8>(), lost).prop_map(|(numbers, fraction_lost, cumulative_lost)| {
        let [ssrc, highest, jitter, last_report, delay] = numbers;
        ReportBlock {
            ssrc,
            fraction_lost,
            cumulative_lost,
            highest,
            jitter,
            last_report,
            delay,
        }
    })
}

fn deltas() -> impl Strategy<Value = Vec<Option<i16>>> {
    let delta = prop_oneof![
        3 => Just(None),
        6 => (0_i16..256).prop_map(Some),
        1 => any::<i16>().prop_map(Some),
    ];
    let run = (delta, prop_oneof![4 => 1_usize..4, 1 => 1_usize..60]);
    prop::collection::vec(run, 1..40).prop_map(|runs| {
        let runs = runs.into_iter();
        runs.flat_map(|(delta, times)| std::iter::repeat_n(delta, times))
            .collect()
    })
}

proptest! {
    #[test]
    fn reports_come_back(
        (ssrc, ntp, numbers) in any::<(u32, u64, [u32; 3])>(),
        blocks in prop::collection::vec(report_block(), 0..32),
        bye in prop::collection::vec(any::<u32>(), 0..32),
    ) {
        let [timestamp, packet_count, octets] = numbers;
        let info = SenderInfo { ssrc, ntp: Ntp::from_bits(ntp), timestamp, packets: packet_count, octets };
        let mut buffer = [0xff; 2000];
        let mut compound = Compound::new(&mut buffer);
        compound.sender_report(&info, &blocks).unwrap();
        compound.receiver_report(ssrc, &blocks).unwrap();
        compound.description(ssrc, "somebody").unwrap();
        compound.bye(&bye).unwrap();
        let read: Vec<_> = packets(compound.octets()).map(Result::unwrap).collect();
        let [Packet::SenderReport(sent), Packet::ReceiverReport(received), Packet::Other { kind: 202 }, Packet::Bye(ended)] = read[..] else {
            return Err(TestCaseError::fail(format!("{read:?}")));
        };
        prop_assert_eq!(sent.info, info);
        prop_assert!(sent.blocks().eq(blocks.iter().copied()));
        prop_assert_eq!(received.sender, ssrc);
        prop_assert!(received.blocks().eq(blocks));
        prop_assert!(ended.sources().eq(bye));
    }

    #[test]
    fn a_list_of_numbers_comes_back(
        first in any::<u16>(),
        steps in prop::collection::vec(1_u16..40, 0..100),
        (sender, media) in any::<(u32, u32)>(),
    ) {
        let mut sequences = vec![first];
        for step in steps {
            sequences.push(sequences.last().unwrap().wrapping_add(step));
        }
        let octets = {
            let mut buffer = [0; 1200];
            let mut compound = Compound::new(&mut buffer);
            compound.nack(sender, media, sequences.iter().copied()).unwrap();
            compound.octets().to_vec()
        };
        let Some(Ok(Packet::Nack(nack))) = packets(&octets).next() else { return Err(TestCaseError::fail("a NACK")) };
        prop_assert_eq!((nack.sender, nack.media), (sender, media));
        prop_assert_eq!(nack.sequences().collect::<Vec<_>>(), sequences);
    }

    #[test]
    fn requests_and_bitrates_come_back(
        requests in prop::collection::vec(any::<(u32, u8)>(), 1..20),
        bitrate in any::<u64>(),
        sources in prop::collection::vec(any::<u32>(), 0..20),
    ) {
        let mut buffer = [0xff; 1200];
        let mut compound = Compound::new(&mut buffer);
        compound.full_intra(1, &requests).unwrap();
        compound.picture_loss(2, 3).unwrap();
        compound.remb(4, bitrate, &sources).unwrap();
        let read: Vec<_> = packets(compound.octets()).map(Result::unwrap).collect();
        let [Packet::FullIntra(intra), Packet::PictureLoss(loss), Packet::Remb(remb)] = read[..] else {
            return Err(TestCaseError::fail(format!("{read:?}")));
        };
        prop_assert!(intra.requests().eq(requests));
        prop_assert_eq!((loss.sender, loss.media), (2, 3));
        prop_assert!(remb.sources().eq(sources));
        prop_assert!(remb.bitrate <= bitrate && bitrate - remb.bitrate <= bitrate >> 17);
    }

    #[test]
    fn statuses_come_back(
        head in any::<(u32, u32, u16, u32, u8)>(),
        statuses in deltas(),
    ) {
        let (sender, media, base, reference, count) = head;
        let head = FeedbackHead { sender, media, base, reference: reference & 0xff_ffff, count };
        let mut buffer = [0xff; 6000];
        let mut compound = Compound::new(&mut buffer);
        let length = compound.transport_feedback(&head, statuses.iter().copied()).unwrap();
        let mut sizer = Sizer::default();
        statuses.iter().for_each(|status| sizer.add(*status));
        prop_assert_eq!(sizer.octets(), length);
        let Some(Ok(Packet::TransportFeedback(read))) = packets(compound.octets()).next() else {
            return Err(TestCaseError::fail("feedback"));
        };
        let same = FeedbackHead {
            sender: read.sender, media: read.media, base: read.base, reference: read.reference, count: read.count,
        };
        prop_assert_eq!(same, head);
        prop_assert!(read.statuses().map(|status| status.delta).eq(statuses));
    }

    #[test]
    fn no_octets_panic_and_reading_ends(
        octets in prop::collection::vec(any::<u8>(), 0..200),
        kinds in prop::collection::vec((0_u8..32, 200_u8..208, 0_usize..30), 0..8),
    ) {
        walk(&octets);
        // The same octets behind headers that are right.
        let mut framed = Vec::new();
        for (count, kind, words) in kinds {
            framed.extend([0x80 | count, kind, 0, words as u8]);
            framed.extend(octets.iter().cycle().chain(std::iter::repeat(&0)).take(4 * words));
        }
        walk(&framed);
    }
}

/// Reads all there is to read, and sees that it is no more than there can be.
fn walk(octets: &[u8]) {
    let mut clock = ArrivalClock::default();
    for packet in packets(octets).flatten() {
        match packet {
            Packet::SenderReport(report) => assert!(report.blocks().count() < 32),
            Packet::ReceiverReport(report) => assert!(report.blocks().count() < 32),
            Packet::Bye(bye) => assert!(bye.sources().count() < 32),
            Packet::Nack(nack) => assert!(nack.sequences().count() <= 17 * 128),
            Packet::FullIntra(request) => assert!(request.requests().count() <= octets.len() / 8),
            Packet::TransportFeedback(feedback) => {
                let statuses = feedback.statuses().len();
                assert_eq!(feedback.statuses().count(), statuses);
                assert_eq!(clock.read(&feedback).count(), statuses);
            }
            Packet::Remb(remb) => assert!(remb.sources().count() <= octets.len() / 4),
            Packet::PictureLoss(_) | Packet::Other { .. } => {}
        }
    }
}
