//! RTCP as it comes out of SRTCP.

use vestibule_rtp::DoesNotFit;
use vestibule_rtp::limits::NACK_ENTRIES;
use vestibule_rtp::rtcp::{ArrivalClock, Compound, FeedbackHead, Packet, packets};

/// A compound packet. What is read of it is written, and reads the same.
pub fn rtcp(bytes: &[u8]) {
    let mut clock = ArrivalClock::default();
    let mut parts = 0;
    for packet in packets(bytes) {
        parts += 1;
        assert!(parts <= 65, "reading ends");
        let Ok(packet) = packet else { continue };
        if let Packet::TransportFeedback(feedback) = packet {
            let arrivals = clock.read(&feedback).count();
            assert_eq!(arrivals, feedback.statuses().len());
        }
        let mut buffer = vec![0xff; 512 * 1024];
        let mut compound = Compound::new(&mut buffer);
        match write(&packet, &mut compound) {
            Ok(0) | Err(DoesNotFit) => {}
            Ok(_) => {
                let again = packets(compound.octets()).next();
                let again = again.and_then(Result::ok).expect("it is read again");
                assert_same(&packet, &again);
            }
        }
    }
}

fn write(packet: &Packet<'_>, compound: &mut Compound<'_>) -> Result<usize, DoesNotFit> {
    match packet {
        Packet::SenderReport(report) => {
            let blocks: Vec<_> = report.blocks().collect();
            compound.sender_report(&report.info, &blocks)
        }
        Packet::ReceiverReport(report) => {
            let blocks: Vec<_> = report.blocks().collect();
            compound.receiver_report(report.sender, &blocks)
        }
        Packet::Bye(bye) => compound.bye(&bye.sources().collect::<Vec<_>>()),
        Packet::Nack(nack) => {
            let mut sequences: Vec<_> = nack.sequences().collect();
            sequences.sort_unstable();
            compound.nack(nack.sender, nack.media, sequences)
        }
        Packet::PictureLoss(loss) => compound.picture_loss(loss.sender, loss.media),
        Packet::FullIntra(intra) => {
            let requests: Vec<_> = intra.requests().collect();
            compound.full_intra(intra.sender, &requests)
        }
        Packet::TransportFeedback(feedback) => {
            let head = FeedbackHead {
                sender: feedback.sender,
                media: feedback.media,
                base: feedback.base,
                reference: feedback.reference,
                count: feedback.count,
            };
            let deltas = feedback.statuses().map(|status| status.delta);
            let deltas: Vec<_> = deltas.collect();
            compound.transport_feedback(&head, deltas.iter().copied())
        }
        Packet::Remb(remb) => {
            let sources: Vec<_> = remb.sources().collect();
            compound.remb(remb.sender, remb.bitrate, &sources)
        }
        Packet::Other { .. } => Ok(0),
    }
}

/// Each packet against what was written of it. Blocks and entries are compared by value: how they stood on the
/// wire may differ.
fn assert_same(one: &Packet<'_>, other: &Packet<'_>) {
    match (one, other) {
        (Packet::SenderReport(one), Packet::SenderReport(other)) => {
            assert_eq!(one.info, other.info);
            assert!(one.blocks().eq(other.blocks()));
        }
        (Packet::ReceiverReport(one), Packet::ReceiverReport(other)) => {
            assert!(one.blocks().eq(other.blocks()));
        }
        (Packet::Bye(one), Packet::Bye(other)) => assert!(one.sources().eq(other.sources())),
        (Packet::Nack(one), Packet::Nack(other)) => {
            let mut wanted: Vec<_> = one.sequences().collect();
            wanted.sort_unstable();
            wanted.dedup();
            // As many as were read may take an entry more than are read, when they are split at zero.
            assert!(other.sequences().eq(wanted) || one.sequences().count() > NACK_ENTRIES);
        }
        (Packet::PictureLoss(one), Packet::PictureLoss(other)) => assert_eq!(one, other),
        (Packet::FullIntra(one), Packet::FullIntra(other)) => {
            assert!(one.requests().eq(other.requests()));
        }
        (Packet::TransportFeedback(one), Packet::TransportFeedback(other)) => {
            assert!(one.statuses().eq(other.statuses()));
        }
        (Packet::Remb(one), Packet::Remb(other)) => {
            assert_eq!(one.bitrate, other.bitrate);
            assert!(one.sources().eq(other.sources()));
        }
        (one, other) => panic!("{one:?} was read again as {other:?}"),
    }
}
