//! Golden bytes.

use std::time::Duration;

use super::{
    ArrivalClock, Compound, FeedbackHead, Malformed, Packet, ReportBlock, SenderInfo, packets,
};
use crate::DoesNotFit;
use crate::ntp::Ntp;

fn only(octets: &[u8]) -> Packet<'_> {
    let mut packets = packets(octets);
    let first = packets.next().unwrap().unwrap();
    assert_eq!(packets.next(), None);
    first
}

fn why(octets: &[u8]) -> Malformed {
    packets(octets).last().unwrap().unwrap_err()
}

fn written(write: impl Fn(&mut Compound<'_>) -> Result<usize, DoesNotFit>) -> Vec<u8> {
    let mut buffer = [0xff; 1200];
    let mut compound = Compound::new(&mut buffer);
    let length = write(&mut compound).unwrap();
    assert_eq!(length, compound.len());
    let octets = compound.octets().to_vec();
    for short in 0..length {
        let mut compound = Compound::new(&mut buffer[..short]);
        assert_eq!(write(&mut compound), Err(DoesNotFit), "{short} octets");
        assert!(compound.is_empty());
    }
    octets
}

/// A report as Chromium sends it, with one block; the block is that of pion's and `rtc`'s own test.
const BLOCK: [u8; 24] = [
    0xbc, 0x5e, 0x9a, 0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x46, 0xe1, 0x00, 0x00, 0x01, 0x11,
    0x09, 0xf3, 0x64, 0x32, 0x00, 0x02, 0x4a, 0x79,
];

fn block() -> ReportBlock {
    ReportBlock {
        ssrc: 0xbc5e_9a40,
        fraction_lost: 0,
        cumulative_lost: 0,
        highest: 0x46e1,
        jitter: 273,
        last_report: 0x09f3_6432,
        delay: 150_137,
    }
}

#[test]
fn a_receiver_report() {
    let golden = [
        &[0x81, 0xc9, 0x00, 0x07, 0x90, 0x2f, 0x9e, 0x2e][..],
        &BLOCK,
    ]
    .concat();
    let Packet::ReceiverReport(report) = only(&golden) else {
        panic!("a receiver report");
    };
    assert_eq!(report.sender, 0x902f_9e2e);
    assert!(report.blocks().eq([block()]));
    let ours = written(|compound| compound.receiver_report(0x902f_9e2e, &[block()]));
    assert_eq!(ours, golden);
}

#[test]
fn a_sender_report() {
    let head = [
        0x81, 0xc8, 0x00, 0x0c, 0x90, 0x2f, 0x9e, 0x2e, 0xda, 0x8b, 0xd1, 0xfc, 0xdd, 0xdd, 0xa0,
        0x5a, 0xaa, 0xf4, 0xed, 0xd5, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02,
    ];
    let golden = [&head[..], &BLOCK].concat();
    let info = SenderInfo {
        ssrc: 0x902f_9e2e,
        ntp: Ntp::from_bits(0xda8b_d1fc_dddd_a05a),
        timestamp: 0xaaf4_edd5,
        packets: 1,
        octets: 2,
    };
    let Packet::SenderReport(report) = only(&golden) else {
        panic!("a sender report");
    };
    assert_eq!(report.info, info);
    assert!(report.blocks().eq([block()]));
    let ours = written(|compound| compound.sender_report(&info, &[block()]));
    assert_eq!(ours, golden);
}

/// RFC 3550 figure 2: 6.125 s of delay and transit together, of which 5.25 s at the receiver.
#[test]
fn the_round_trip_of_the_rfc() {
    let block = ReportBlock {
        last_report: 0xb705_2000,
        delay: 0x0005_4000,
        ..ReportBlock::default()
    };
    let at = Ntp::from_bits(0xb44d_b710_8000_0000);
    assert_eq!(block.round_trip(at), Some(Duration::from_millis(6125)));
    let before = Ntp::from_bits(0xb44d_b705_0000_0000);
    assert_eq!(block.round_trip(before), None);
    assert_eq!(ReportBlock::default().round_trip(at), None);
}

#[test]
fn cumulative_loss_has_a_sign() {
    for lost in [-1, -0x80_0000, 0x7f_ffff, 5] {
        let block = ReportBlock {
            cumulative_lost: lost,
            ..ReportBlock::default()
        };
        let octets = written(|compound| compound.receiver_report(1, &[block]));
        let Packet::ReceiverReport(report) = only(&octets) else {
            panic!("a receiver report");
        };
        assert_eq!(report.blocks().next().unwrap().cumulative_lost, lost);
    }
}

#[test]
fn a_goodbye_with_a_reason() {
    let golden = [
        0x81, 0xcb, 0x00, 0x03, 0x90, 0x2f, 0x9e, 0x2e, 0x03, b'F', b'O', b'O', 0, 0, 0, 0,
    ];
    let Packet::Bye(bye) = only(&golden) else {
        panic!("a goodbye");
    };
    assert!(bye.sources().eq([0x902f_9e2e]));
    let ours = written(|compound| compound.bye(&[0x902f_9e2e]));
    assert_eq!(ours, [0x81, 0xcb, 0, 1, 0x90, 0x2f, 0x9e, 0x2e]);
}

#[test]
fn a_description() {
    let ours = written(|compound| compound.description(0x902f_9e2e, "abc"));
    let golden = [
        0x81, 0xca, 0x00, 0x03, 0x90, 0x2f, 0x9e, 0x2e, 1, 3, b'a', b'b', b'c', 0, 0, 0,
    ];
    assert_eq!(ours, golden);
    assert_eq!(only(&ours), Packet::Other { kind: 202 });
    let ours = written(|compound| compound.description(1, "ab"));
    assert_eq!(ours.len(), 16, "a zero ends the items even where none pads");
}

#[test]
fn a_nack() {
    // 0xaaaa; then the second, fourth and sixteenth of those that follow 0xfffe, over the round.
    let golden = [
        0x81, 0xcd, 0x00, 0x04, 0x90, 0x2f, 0x9e, 0x2e, 0x90, 0x2f, 0x9e, 0x2e, 0xaa, 0xaa, 0x00,
        0x00, 0xff, 0xfe, 0x80, 0x0a,
    ];
    let Packet::Nack(nack) = only(&golden) else {
        panic!("a NACK");
    };
    assert_eq!((nack.sender, nack.media), (0x902f_9e2e, 0x902f_9e2e));
    let sequences: Vec<_> = nack.sequences().collect();
    assert_eq!(sequences, [0xaaaa, 0xfffe, 0, 2, 14]);
    let ours =
        written(|compound| compound.nack(0x902f_9e2e, 0x902f_9e2e, sequences.iter().copied()));
    assert_eq!(ours, golden);
}

#[test]
fn what_a_nack_asks_for_beyond_what_is_read_is_counted() {
    let mut octets = vec![0x81, 205, 0, 132];
    octets.extend([0; 8]);
    // Of each entry the first number, and of the last two one and sixteen further ones.
    (0..130_u8).for_each(|entry| octets.extend([entry, 0, 0, 0]));
    let masks = octets.len() - 8;
    octets[masks + 2..masks + 4].copy_from_slice(&[0, 1]);
    octets[masks + 6..masks + 8].copy_from_slice(&[0xff, 0xff]);
    let Some(Ok(Packet::Nack(nack))) = packets(&octets).next() else {
        panic!("no NACK");
    };
    assert_eq!(nack.sequences().count(), 128);
    assert_eq!(nack.unread(), 2 + 17);
}

#[test]
fn a_nack_of_nothing_is_not_written() {
    let mut buffer = [0; 40];
    assert_eq!(Compound::new(&mut buffer).nack(1, 2, []), Ok(0));
}

#[test]
fn key_frame_requests() {
    let golden = [
        0x81, 0xce, 0, 2, 0x90, 0x2f, 0x9e, 0x2e, 0x12, 0x34, 0x56, 0x78,
    ];
    let Packet::PictureLoss(loss) = only(&golden) else {
        panic!("a picture loss indication");
    };
    assert_eq!((loss.sender, loss.media), (0x902f_9e2e, 0x1234_5678));
    assert_eq!(
        written(|compound| compound.picture_loss(0x902f_9e2e, 0x1234_5678)),
        golden
    );

    let golden = [
        0x84, 0xce, 0, 4, 0x90, 0x2f, 0x9e, 0x2e, 0, 0, 0, 0, 0x12, 0x34, 0x56, 0x78, 0x42, 0, 0, 0,
    ];
    let Packet::FullIntra(request) = only(&golden) else {
        panic!("a full intra request");
    };
    assert!(request.requests().eq([(0x1234_5678, 0x42)]));
    assert_eq!(
        written(|compound| compound.full_intra(0x902f_9e2e, &[(0x1234_5678, 0x42)])),
        golden
    );
}

/// The packet of pion's and `rtc`'s own tests.
#[test]
fn a_bitrate() {
    let golden = [
        143, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, b'R', b'E', b'M', b'B', 1, 26, 32, 223, 72, 116,
        237, 22,
    ];
    let Packet::Remb(remb) = only(&golden) else {
        panic!("a REMB");
    };
    assert_eq!((remb.sender, remb.bitrate), (1, 8_927_168));
    assert!(remb.sources().eq([1_215_622_422]));
    assert_eq!(
        written(|compound| compound.remb(1, 8_927_168, &[1_215_622_422])),
        golden
    );
    let mut beyond = golden;
    beyond[17] = 0xff;
    assert_eq!(why(&beyond), Malformed::Bitrate);
    let mut application = golden;
    application[12] = b'X';
    assert_eq!(only(&application), Packet::Other { kind: 206 });
}

/// From a session of Chromium's, as in pion's and `rtc`'s own tests: a run of one, and one octet of padding.
#[test]
fn transport_wide_feedback() {
    let golden = [
        0xaf, 0xcd, 0x00, 0x05, 0xfa, 0x17, 0xfa, 0x17, 0x43, 0x03, 0x2f, 0xa0, 0x00, 0x99, 0x00,
        0x01, 0x3d, 0xe8, 0x02, 0x17, 0x20, 0x01, 0x94, 0x01,
    ];
    let Packet::TransportFeedback(feedback) = only(&golden) else {
        panic!("a transport-wide feedback");
    };
    assert_eq!((feedback.base, feedback.count), (153, 23));
    assert_eq!(feedback.reference, 4_057_090);
    let statuses: Vec<_> = feedback.statuses().collect();
    assert_eq!(statuses.len(), 1);
    assert_eq!((statuses[0].sequence, statuses[0].delta), (153, Some(0x94)));
    let head = FeedbackHead {
        sender: 0xfa17_fa17,
        media: 0x4303_2fa0,
        base: 153,
        reference: 4_057_090,
        count: 23,
    };
    let ours = written(|compound| compound.transport_feedback(&head, [Some(0x94)].into_iter()));
    assert_eq!(ours, golden);
}

#[test]
fn each_kind_of_chunk() {
    let head = FeedbackHead::default();
    let chunks = |statuses: &[Option<i16>]| {
        let octets =
            written(|compound| compound.transport_feedback(&head, statuses.iter().copied()));
        let Packet::TransportFeedback(feedback) = only(&octets) else {
            panic!("a transport-wide feedback");
        };
        let deltas: Vec<_> = feedback.statuses().map(|status| status.delta).collect();
        assert_eq!(deltas, statuses);
        u16::from_be_bytes([octets[20], octets[21]])
    };
    assert_eq!(chunks(&[Some(1); 20]), 0x2014, "a run of small deltas");
    assert_eq!(chunks(&[Some(-1); 20]), 0x4014, "a run of large deltas");
    let sparse: Vec<_> = (0..14).map(|at| (at == 0).then_some(4)).collect();
    assert_eq!(chunks(&sparse), 0xa000, "fourteen symbols of one bit");
    let mixed = [Some(0), None, Some(256), Some(255), None, None, Some(-4)];
    assert_eq!(chunks(&mixed), 0xd242, "seven symbols of two bits");
    let mut gap = vec![None; 500];
    gap.push(Some(3));
    assert_eq!(chunks(&gap), 0x01f4, "a run of absent ones");
}

#[test]
fn arrival_times_add_up() {
    let head = FeedbackHead {
        base: 65_535,
        reference: 2,
        ..FeedbackHead::default()
    };
    let statuses = [Some(3), None, Some(400), Some(-2)];
    let octets = written(|compound| compound.transport_feedback(&head, statuses.into_iter()));
    let Packet::TransportFeedback(feedback) = only(&octets) else {
        panic!("a transport-wide feedback");
    };
    let arrivals: Vec<_> = ArrivalClock::default().read(&feedback).collect();
    let first = arrivals[0].1.unwrap();
    let since = |at: usize| {
        arrivals[at]
            .1
            .map(|arrived| arrived.since(first).as_micros())
    };
    assert_eq!(arrivals[0].0, 65_535);
    assert_eq!(arrivals[1], (0, None));
    assert_eq!((arrivals[2].0, since(2)), (1, Some(100_000)));
    assert_eq!((arrivals[3].0, since(3)), (2, Some(99_500)));
}

#[test]
fn bad_parts_have_their_reasons_and_good_ones_stay() {
    let good = [0x80, 0xc9, 0, 1, 0, 0, 0, 7];
    let cases: [(&[u8], Malformed); 14] = [
        (&[0x80, 0xc9, 0], Malformed::Cut),
        (&[0x80, 0xc9, 0, 2, 0, 0, 0, 0], Malformed::Cut),
        (&[0x40, 0xc9, 0, 0], Malformed::Version),
        (&[0xa0, 0xc9, 0, 0], Malformed::Padding),
        (&[0xa0, 0xc9, 0, 1, 0, 0, 0, 0], Malformed::Padding),
        (&[0xa0, 0xc9, 0, 1, 0, 0, 0, 8], Malformed::Padding),
        (&[0xa0, 0xc9, 0, 1, 0, 0, 0, 3], Malformed::Report),
        (&[0x81, 0xc9, 0, 1, 0, 0, 0, 1], Malformed::Report),
        (&[0x80, 0xc8, 0, 1, 0, 0, 0, 1], Malformed::Report),
        (&[0x82, 0xcb, 0, 1, 0, 0, 0, 1], Malformed::Bye),
        (&[0x81, 0xcd, 0, 1, 0, 0, 0, 1], Malformed::Feedback),
        (
            &[0x81, 0xcd, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1],
            Malformed::Feedback,
        ),
        (&[0x81, 0xce, 0, 1, 0, 0, 0, 1], Malformed::Feedback),
        (
            &[0x84, 0xce, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1],
            Malformed::Feedback,
        ),
    ];
    for (bad, reason) in cases {
        let octets = [&good[..], bad].concat();
        let read: Vec<_> = packets(&octets).collect();
        assert_eq!(read.len(), 2);
        assert!(matches!(read[0], Ok(Packet::ReceiverReport(_))));
        assert_eq!(read[1], Err(reason), "{bad:?}");
    }
    let octets = [cases[7].0, &good].concat();
    let read: Vec<_> = packets(&octets).collect();
    assert!(matches!(read[..], [Err(_), Ok(_)]), "behind a bad body");
}

#[test]
fn hostile_statuses_are_refused() {
    let feedback = |statuses: u16, chunks: &[u8]| {
        let mut octets = vec![0x8f, 0xcd, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 3];
        octets.extend(statuses.to_be_bytes());
        octets.extend([0, 0, 0, 0]);
        octets.extend(chunks);
        octets.resize(octets.len().next_multiple_of(4), 0);
        octets[3] = u8::try_from(octets.len() / 4 - 1).unwrap();
        octets
    };
    assert_eq!(why(&feedback(0, &[])), Malformed::Statuses);
    assert_eq!(why(&feedback(1, &[])), Malformed::Statuses);
    assert_eq!(why(&feedback(65_535, &[0x1f; 64])), Malformed::Statuses);
    assert_eq!(
        why(&feedback(3, &[0x60, 3])),
        Malformed::Statuses,
        "reserved"
    );
    assert_eq!(
        why(&feedback(1, &[0; 64])),
        Malformed::Statuses,
        "runs of none"
    );
    assert_eq!(why(&feedback(4096, &[0x3f, 0xff])), Malformed::Deltas);
    assert_eq!(why(&feedback(3, &[0x40, 3, 1, 1])), Malformed::Deltas);
    let longest = feedback(4096, &[0x1f, 0xff]);
    let Packet::TransportFeedback(longest) = only(&longest) else {
        panic!("a transport-wide feedback");
    };
    assert_eq!(longest.statuses().count(), 4096);
}

#[test]
fn a_datagram_of_nothing_but_headers_ends() {
    let octets = [0x80, 0xcc, 0, 0].repeat(375);
    let read: Vec<_> = packets(&octets).collect();
    assert_eq!(read.len(), 65);
    assert_eq!(read[64], Err(Malformed::TooMany));
}
