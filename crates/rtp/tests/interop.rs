//! An independent stack, `rtc` 0.21.1, reads what is written here and writes what is read here.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test a panic is the verdict"
)]

use bytes::Bytes;
use proptest::prelude::*;
use rtc_rtcp::goodbye::Goodbye;
use rtc_rtcp::payload_feedbacks::full_intra_request::{FirEntry, FullIntraRequest};
use rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc_rtcp::payload_feedbacks::receiver_estimated_maximum_bitrate::ReceiverEstimatedMaximumBitrate;
use rtc_rtcp::receiver_report::ReceiverReport;
use rtc_rtcp::reception_report::ReceptionReport;
use rtc_rtcp::sender_report::SenderReport;
use rtc_rtcp::source_description::{SdesType, SourceDescription};
use rtc_rtcp::transport_feedbacks::transport_layer_cc::{SymbolTypeTcc, TransportLayerCc};
use rtc_rtcp::transport_feedbacks::transport_layer_nack::{
    TransportLayerNack, nack_pairs_from_sequence_numbers,
};
use rtc_shared::marshal::{Marshal, Unmarshal};
use vestibule_rtp::header::{Element, Fixed, write};
use vestibule_rtp::ntp::Ntp;
use vestibule_rtp::rtcp::{self, Compound, FeedbackHead, ReportBlock, SenderInfo};
use vestibule_srtp::Rtp;

const FIXED: Fixed = Fixed {
    marker: true,
    payload_type: 96,
    sequence: 65_535,
    timestamp: 0xdead_beef,
    ssrc: 0xcafe_babe,
};

#[test]
fn rtc_reads_our_header() {
    let elements = [
        Element {
            id: 3,
            value: &[1, 2],
        },
        Element { id: 4, value: &[1] },
        Element {
            id: 9,
            value: b"mid-of-16-octets",
        },
    ];
    let mut buffer = [0; 100];
    let length = write(&FIXED, &elements, &mut buffer).unwrap();
    buffer[length] = 0x55;
    let mut octets = &buffer[..=length];
    let theirs = rtc_rtp::packet::Packet::unmarshal(&mut octets).unwrap();
    let header = &theirs.header;
    assert!(header.marker);
    assert_eq!(header.payload_type, 96);
    assert_eq!(header.sequence_number, 65_535);
    assert_eq!(
        (header.timestamp, header.ssrc),
        (FIXED.timestamp, FIXED.ssrc)
    );
    for element in elements {
        let value = header.get_extension(element.id).unwrap();
        assert_eq!(&value[..], element.value);
    }
    assert_eq!(&theirs.payload[..], [0x55]);
}

#[test]
fn we_read_their_headers_of_both_forms() {
    for profile in [0xbede, 0x1000] {
        let mut header = rtc_rtp::header::Header {
            version: 2,
            marker: true,
            payload_type: 96,
            sequence_number: FIXED.sequence,
            timestamp: FIXED.timestamp,
            ssrc: FIXED.ssrc,
            csrc: vec![1, 2, 3],
            extension: true,
            extension_profile: profile,
            ..Default::default()
        };
        header
            .set_extension(3, Bytes::from_static(&[1, 2]))
            .unwrap();
        header.set_extension(9, Bytes::from_static(b"0")).unwrap();
        let payload = Bytes::from_static(b"payload");
        let packet = rtc_rtp::packet::Packet { header, payload };
        let octets = packet.marshal().unwrap();
        let ours = Rtp::parse(&octets).unwrap();
        assert_eq!((ours.marker, ours.payload_type), (true, 96));
        assert_eq!(ours.sequence, FIXED.sequence);
        assert_eq!((ours.timestamp, ours.ssrc), (FIXED.timestamp, FIXED.ssrc));
        assert_eq!(octets[ours.csrcs], [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]);
        let elements: Vec<_> = ours.extension.unwrap().elements(&octets).collect();
        assert_eq!(elements, [(3, &[1, 2][..]), (9, b"0")]);
        assert_eq!(octets[ours.payload], b"payload"[..]);
    }
}

fn block() -> ReportBlock {
    ReportBlock {
        ssrc: 7,
        fraction_lost: 12,
        cumulative_lost: 345,
        highest: 0x0001_0002,
        jitter: 9,
        last_report: 10,
        delay: 11,
    }
}

fn their_block() -> ReceptionReport {
    ReceptionReport {
        ssrc: 7,
        fraction_lost: 12,
        total_lost: 345,
        last_sequence_number: 0x0001_0002,
        jitter: 9,
        last_sender_report: 10,
        delay: 11,
    }
}

const INFO: SenderInfo = SenderInfo {
    ssrc: 1,
    ntp: Ntp::from_bits(0x0102_0304_0506_0708),
    timestamp: 2,
    packets: 3,
    octets: 4,
};

#[test]
fn rtc_reads_our_compound() {
    let mut buffer = [0; 600];
    let mut compound = Compound::new(&mut buffer);
    compound.sender_report(&INFO, &[block()]).unwrap();
    compound.receiver_report(5, &[block(), block()]).unwrap();
    compound.description(1, "somebody").unwrap();
    compound.nack(5, 6, [1, 2, 40, 41, 57]).unwrap();
    compound.picture_loss(5, 6).unwrap();
    compound.full_intra(5, &[(6, 200)]).unwrap();
    compound.remb(5, 1_000_000, &[6, 7]).unwrap();
    compound.bye(&[1, 2]).unwrap();
    let theirs = rtc_rtcp::packet::unmarshal(&mut compound.octets()).unwrap();
    assert_eq!(theirs.len(), 8);

    let report = theirs[0].as_any().downcast_ref::<SenderReport>().unwrap();
    assert_eq!((report.ssrc, report.ntp_time), (1, INFO.ntp.to_bits()));
    let counts = (report.rtp_time, report.packet_count, report.octet_count);
    assert_eq!(counts, (2, 3, 4));
    assert_eq!(report.reports, [their_block()]);
    let report = theirs[1].as_any().downcast_ref::<ReceiverReport>().unwrap();
    assert_eq!((report.ssrc, report.reports.len()), (5, 2));
    let about = theirs[2].as_any().downcast_ref::<SourceDescription>();
    let chunk = &about.unwrap().chunks[0];
    assert_eq!(
        (chunk.source, &chunk.items[0].text[..]),
        (1, &b"somebody"[..])
    );
    assert_eq!(chunk.items[0].sdes_type, SdesType::SdesCname);
    let nack = theirs[3].as_any().downcast_ref::<TransportLayerNack>();
    let nacks = nack.unwrap().nacks.iter();
    let lost: Vec<_> = nacks.flat_map(|pair| pair.packet_list()).collect();
    assert_eq!(lost, [1, 2, 40, 41, 57]);
    let loss = theirs[4].as_any().downcast_ref::<PictureLossIndication>();
    assert_eq!(loss.unwrap().media_ssrc, 6);
    let intra = theirs[5].as_any().downcast_ref::<FullIntraRequest>();
    let entry = &intra.unwrap().fir[0];
    assert_eq!((entry.ssrc, entry.sequence_number), (6, 200));
    let remb = theirs[6]
        .as_any()
        .downcast_ref::<ReceiverEstimatedMaximumBitrate>();
    let remb = remb.unwrap();
    assert!((remb.bitrate - 1_000_000.0).abs() < 10.0);
    assert_eq!(remb.ssrcs, [6, 7]);
    let bye = theirs[7].as_any().downcast_ref::<Goodbye>().unwrap();
    assert_eq!(bye.sources, [1, 2]);
}

#[test]
fn we_read_their_compound() {
    let theirs: Vec<Box<dyn rtc_rtcp::Packet>> = vec![
        Box::new(SenderReport {
            ssrc: 1,
            ntp_time: INFO.ntp.to_bits(),
            rtp_time: 2,
            packet_count: 3,
            octet_count: 4,
            reports: vec![their_block()],
            ..Default::default()
        }),
        Box::new(ReceiverReport {
            ssrc: 5,
            reports: vec![their_block()],
            ..Default::default()
        }),
        Box::new(TransportLayerNack {
            sender_ssrc: 5,
            media_ssrc: 6,
            nacks: nack_pairs_from_sequence_numbers(&[65_534, 65_535, 0, 200]),
        }),
        Box::new(PictureLossIndication {
            sender_ssrc: 5,
            media_ssrc: 6,
        }),
        Box::new(FullIntraRequest {
            sender_ssrc: 5,
            media_ssrc: 6,
            fir: vec![FirEntry {
                ssrc: 6,
                sequence_number: 9,
            }],
        }),
        Box::new(ReceiverEstimatedMaximumBitrate {
            sender_ssrc: 5,
            bitrate: 500_000.0,
            ssrcs: vec![6],
        }),
        Box::new(Goodbye {
            sources: vec![1],
            reason: Bytes::from_static(b"bye"),
        }),
    ];
    let octets = rtc_rtcp::packet::marshal(&theirs).unwrap();
    let ours: Vec<_> = rtcp::packets(&octets).map(Result::unwrap).collect();
    let [
        rtcp::Packet::SenderReport(sent),
        rtcp::Packet::ReceiverReport(received),
        rtcp::Packet::Nack(nack),
        rtcp::Packet::PictureLoss(loss),
        rtcp::Packet::FullIntra(intra),
        rtcp::Packet::Remb(remb),
        rtcp::Packet::Bye(bye),
    ] = ours[..]
    else {
        panic!("{ours:?}");
    };
    assert_eq!(sent.info, INFO);
    assert!(sent.blocks().eq([block()]));
    assert!(received.blocks().eq([block()]));
    let lost: Vec<_> = nack.sequences().collect();
    assert_eq!(lost, [65_534, 65_535, 0, 200]);
    assert_eq!((loss.sender, loss.media), (5, 6));
    assert!(intra.requests().eq([(6, 9)]));
    assert!(remb.bitrate.abs_diff(500_000) < 10, "{}", remb.bitrate);
    assert!(bye.sources().eq([1]));
}

fn deltas() -> impl Strategy<Value = Vec<Option<i16>>> {
    let delta = prop_oneof![
        2 => Just(None),
        6 => (0_i16..256).prop_map(Some),
        1 => any::<i16>().prop_map(Some),
    ];
    let run = (delta, prop_oneof![4 => 1_usize..4, 1 => 1_usize..60]);
    prop::collection::vec(run, 1..30).prop_map(|runs| {
        let runs = runs.into_iter();
        runs.flat_map(|(delta, times)| std::iter::repeat_n(delta, times))
            .collect()
    })
}

proptest! {
    /// They read our feedback, and what they write of it, we read again.
    #[test]
    fn feedback_goes_both_ways(base in any::<u16>(), reference in 0_u32..1 << 23, statuses in deltas()) {
        let head = FeedbackHead { sender: 1, media: 2, base, reference, count: 3 };
        let mut buffer = [0; 4000];
        let mut compound = Compound::new(&mut buffer);
        compound.transport_feedback(&head, statuses.iter().copied()).unwrap();
        let theirs = rtc_rtcp::packet::unmarshal(&mut compound.octets()).unwrap();
        let feedback = theirs[0].as_any().downcast_ref::<TransportLayerCc>().unwrap();
        prop_assert_eq!(feedback.base_sequence_number, base);
        prop_assert_eq!(usize::from(feedback.packet_status_count), statuses.len());
        prop_assert_eq!((feedback.reference_time, feedback.fb_pkt_count), (reference, 3));
        let expected: Vec<_> = statuses.iter().flatten().map(|delta| i64::from(*delta) * 250).collect();
        let micros: Vec<_> = feedback.recv_deltas.iter().map(|delta| delta.delta).collect();
        prop_assert_eq!(micros, expected);
        let large = SymbolTypeTcc::PacketReceivedLargeDelta;
        let wide = feedback.recv_deltas.iter().filter(|delta| delta.type_tcc_packet == large).count();
        let beyond = statuses.iter().flatten().filter(|delta| !(0..256).contains(&i32::from(**delta))).count();
        prop_assert_eq!(wide, beyond);

        let again = feedback.marshal().unwrap();
        let Some(Ok(rtcp::Packet::TransportFeedback(ours))) = rtcp::packets(&again).next() else {
            return Err(TestCaseError::fail("feedback"));
        };
        prop_assert!(ours.statuses().map(|status| status.delta).eq(statuses));
    }
}
