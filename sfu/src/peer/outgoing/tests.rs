//! What goes to a client, by itself.

use std::time::Duration;

use vestibule_congestion::Bitrate;
use vestibule_forwarding::{Forwarded, Moment, Seat, Skip, Slot};
use vestibule_rtp::Refusal;
use vestibule_rtp::ntp::Ntp;
use vestibule_rtp::rtcp::{self, Compound, FeedbackHead, ReportBlock};
use vestibule_srtp::{MasterKey, Outbound, Profile};

use super::{Outgoing, Piece, Probe, Turned, low};
use crate::limits::PACED_PACKETS;
use crate::offer::{Codecs, Extensions, SlotSsrcs};
use crate::peer::{Leaves, Packet};

/// To a client that tells what arrived: pictures wait for their turn.
fn outgoing(now: Moment) -> Outgoing {
    outgoing_on(now, |_| None)
}

/// The same, with such streams of retransmissions.
fn outgoing_on(now: Moment, repair: impl Fn(usize) -> Option<u32>) -> Outgoing {
    let [profile, ..] = Profile::ALL;
    let (key, salt) = (vec![1; profile.key_bytes()], vec![2; profile.salt_bytes()]);
    let key = MasterKey::new(profile, &key, &salt).unwrap();
    let ssrcs = std::array::from_fn(|slot| SlotSsrcs {
        media: slot as u32,
        repair: repair(slot),
    });
    let codecs = Codecs {
        opus: 111,
        red: None,
        vp8: 96,
        rtx: 97,
    };
    let srtp = Outbound::new(&key).unwrap();
    let mut outgoing = Outgoing::new(now, srtp, &ssrcs, codecs, Extensions::default());
    let mut buffer = [0; 64];
    let mut compound = Compound::new(&mut buffer);
    let arrived = [Some(0)].into_iter();
    compound
        .transport_feedback(&FeedbackHead::default(), arrived)
        .unwrap();
    let told = rtcp::packets(compound.octets()).next();
    let Some(Ok(rtcp::Packet::TransportFeedback(told))) = told else {
        panic!("no feedback was written");
    };
    outgoing.take_feedback(now, &told);
    outgoing
}

const SLOT: Slot = Slot::SCREEN;

/// A large packet of a picture is to go with this number.
fn take(outgoing: &mut Outgoing, now: Moment, sequence: u64) -> Leaves {
    take_through(outgoing, SLOT, now, sequence)
}

/// The same, through this slot.
fn take_through(outgoing: &mut Outgoing, slot: Slot, now: Moment, sequence: u64) -> Leaves {
    let [seat, ..] = Seat::ALL;
    let forwarded = Forwarded {
        seat,
        slot,
        sequence,
        timestamp: 0,
        captured: now,
        vp8: None,
    };
    let packet = Packet {
        ssrc: 1,
        layer: 0,
        sequence,
        timestamp: 0,
        marker: false,
        orientation: None,
        redundancy: None,
        payload: &[0; 1000],
    };
    outgoing.take(now, &forwarded, &packet)
}

#[test]
fn what_finds_no_place_was_not_sent() {
    let now = Moment::from_micros(1_000_000);
    let mut outgoing = outgoing(now);
    let full = (1..1000).find(|it| take(&mut outgoing, now, *it) == Leaves::Full);
    let full = full.unwrap();
    let sent = |sequence| outgoing.sent_sequence(SLOT, low(sequence));
    assert_eq!((sent(full - 1), sent(full)), (Some(full - 1), None));
}

/// So many packets left, each in its time; the time after them.
fn sent(outgoing: &mut Outgoing, from: Moment, packets: u64) -> Moment {
    let at = |sequence| from.plus(Duration::from_secs(sequence));
    for sequence in 1..=packets {
        assert_eq!(take(outgoing, at(sequence), sequence), Leaves::Now);
    }
    at(packets + 1)
}

/// A packet with a payload of so many bytes.
fn piece(sequence: u64, bytes: usize) -> Piece<'static> {
    Piece {
        slot: SLOT,
        sequence,
        timestamp: 0,
        marker: false,
        orientation: None,
        redundant: false,
        vp8: None,
        payload: &[0; 1000][..bytes],
    }
}

/// The client asks for it again.
fn again(outgoing: &mut Outgoing, now: Moment, sequence: u64, bytes: usize) -> Leaves {
    outgoing.take_again(now, &piece(sequence, bytes))
}

#[test]
fn what_waits_to_be_sent_again_is_not_sent_twice_for_being_asked_for_twice() {
    const LOST: u64 = 20;
    let just_now = Leaves::Refused(Refusal::JustNow);
    let mut outgoing = outgoing(Moment::from_micros(1_000_000));
    let round_trip = Duration::from_millis(30);
    outgoing.set_round_trip(round_trip);
    let now = sent(&mut outgoing, Moment::from_micros(1_000_000), LOST);
    let asked = |outgoing: &mut Outgoing, now| {
        let all = (1..=LOST).map(|sequence| again(outgoing, now, sequence, 1000));
        all.collect::<Vec<_>>()
    };
    assert!(asked(&mut outgoing, now).contains(&Leaves::Later));
    let waiting = outgoing.waiting();
    // No turn comes meanwhile, and those that left at once were asked for a round trip later.
    let all = asked(&mut outgoing, now.plus(round_trip));
    let refused = all.iter().filter(|it| **it == just_now).count();
    assert_eq!(refused, waiting);
    let mut left = now.plus(Duration::from_secs(1));
    let mut last = None;
    while let Some(turned) = outgoing.turn(left) {
        last = Some((left, turned));
        left = left.plus(Duration::from_secs(1));
    }
    let Some((left, Turned::Packet(_, sequence, true))) = last else {
        panic!("{last:?} was the last");
    };
    let later = |millis| left.plus(Duration::from_millis(millis));
    assert_eq!(again(&mut outgoing, later(29), sequence, 1000), just_now);
    let next = again(&mut outgoing, later(1_000), sequence, 1000);
    assert_eq!(next, Leaves::Now);
}

#[test]
fn what_finds_no_place_to_be_sent_again_counts_for_nothing() {
    const BYTES: usize = 10;
    const ASKED: u64 = PACED_PACKETS as u64 + 40;
    let mut outgoing = outgoing(Moment::from_micros(1_000_000));
    let now = sent(&mut outgoing, Moment::from_micros(1_000_000), ASKED);
    let full = (1..=ASKED).find(|it| again(&mut outgoing, now, *it, BYTES) == Leaves::Full);
    let full = full.unwrap();
    for _ in 0..1000 {
        assert_eq!(again(&mut outgoing, now, full, BYTES), Leaves::Full);
    }
    let mut now = now;
    while outgoing.waiting() > 0 {
        now = now.plus(Duration::from_secs(1));
        assert!(outgoing.turn(now).is_some());
    }
    let now = now.plus(Duration::from_secs(1));
    assert_eq!(again(&mut outgoing, now, full, BYTES), Leaves::Now);
}

/// What a report says of packets and octets that were sent.
fn reported(outgoing: &Outgoing, now: Moment) -> Option<(u32, u32)> {
    let mut buffer = [0; 1000];
    let mut compound = Compound::new(&mut buffer);
    let ntp = Ntp::from_micros(1_000_000);
    outgoing.write_reports(now, ntp, &mut compound).unwrap();
    let mut parts = rtcp::packets(compound.octets()).map(Result::unwrap);
    match parts.next() {
        Some(rtcp::Packet::SenderReport(report)) => Some((report.info.packets, report.info.octets)),
        _ => None,
    }
}

#[test]
fn reports_count_what_left_and_nothing_else() {
    let now = Moment::from_micros(1_000_000);
    let mut outgoing = outgoing(now);
    let written = |outgoing: &mut Outgoing, sequence, room: usize| {
        let piece = piece(sequence, 1000);
        outgoing.write(now, &piece, &mut vec![0; room]).is_some()
    };
    assert_eq!(reported(&outgoing, now), None);
    assert_eq!(take(&mut outgoing, now, 1), Leaves::Now);
    assert!(written(&mut outgoing, 1, 1500));
    assert_eq!(reported(&outgoing, now), Some((1, 1000)));
    // One that waits, and may be found to be too late.
    let later = (2..100).find(|it| take(&mut outgoing, now, *it) == Leaves::Later);
    assert_eq!(reported(&outgoing, now), Some((1, 1000)));
    // There is room for the packet and not for what sealing adds.
    assert!(!written(&mut outgoing, 2, 1000 + 12 + 8));
    assert_eq!(reported(&outgoing, now), Some((1, 1000)));
    let turned = outgoing.turn(now.plus(Duration::from_secs(1)));
    assert_eq!(turned, later.map(|it| Turned::Packet(SLOT, it, false)));
    assert!(written(&mut outgoing, later.unwrap(), 1500));
    assert_eq!(reported(&outgoing, now), Some((2, 2000)));
    let skip = Skip {
        sequence: 2_000,
        timestamp: 0,
    };
    let skipped = outgoing.write_skip(now, SLOT, skip, &mut [0; 100]);
    assert!(skipped.is_some());
    assert_eq!(reported(&outgoing, now), Some((3, 2000)));
}

#[test]
fn what_is_lost_is_told_of_around_numbers_that_were_left_out() {
    let now = Moment::from_micros(1_000_000);
    let mut outgoing = outgoing(now);
    let lost = |outgoing: &mut Outgoing, cumulative_lost| {
        let block = ReportBlock {
            ssrc: outgoing.slots.get(SLOT).unwrap().ssrcs.media,
            cumulative_lost,
            ..ReportBlock::default()
        };
        outgoing.lost(&block).map_or(0, |(_, lost)| lost)
    };
    let later = |seconds| now.plus(Duration::from_secs(seconds));
    // One number never came here.
    for (second, sequence) in [(1, 1), (2, 2), (3, 4)] {
        assert_ne!(take(&mut outgoing, later(second), sequence), Leaves::Full);
    }
    assert_eq!(lost(&mut outgoing, 1), 0);
    for sequence in [1_028, 1_029] {
        let skip = Skip {
            sequence,
            timestamp: 0,
        };
        let written = outgoing.write_skip(later(4), SLOT, skip, &mut [0; 100]);
        assert!(written.is_some());
    }
    assert_eq!(lost(&mut outgoing, 2), 1);
    for (second, sequence) in [(5, 1_030), (6, 1_031), (7, 1_032)] {
        assert_ne!(take(&mut outgoing, later(second), sequence), Leaves::Full);
    }
    assert_eq!(lost(&mut outgoing, 4), 2);
}

#[test]
fn a_packet_whose_number_means_another_by_its_turn_is_told_of() {
    let now = Moment::from_micros(1_000_000);
    let mut outgoing = outgoing(now);
    let mut take = |sequence| take(&mut outgoing, now, sequence);
    let first = (1..100).find(|sequence| take(*sequence) == Leaves::Later);
    let last = first.unwrap() + (1 << 15) + 1;
    assert_eq!(take(last), Leaves::Later);
    assert_eq!(outgoing.waiting(), 2);
    let mut turn = |seconds| outgoing.turn(now.plus(Duration::from_secs(seconds)));
    assert_eq!(turn(1), Some(Turned::TooLate));
    assert_eq!(turn(2), Some(Turned::Packet(SLOT, last, false)));
    assert_eq!(turn(3), None);
}

#[test]
fn a_probe_repeats_what_flows_and_not_what_has_stopped() {
    let start = Moment::from_micros(1_000_000);
    let mut outgoing = outgoing_on(start, |slot| Some(slot as u32 + 100));
    outgoing.set_wanted(Bitrate::kbps(4_000));
    let [stopped, flows] = [0, 1].map(|pair| Slot::video(pair).unwrap());
    take_through(&mut outgoing, stopped, start, 20);
    let now = start.plus(Duration::from_secs(5));
    take_through(&mut outgoing, flows, now, 30);
    let probes = (0..1000).filter_map(|micros| {
        let now = now.plus(Duration::from_micros(100 * micros));
        let probe = outgoing.probe(now)?;
        outgoing.departures.number(now, 1000);
        Some(probe)
    });
    let of = probes.map(|probe| match probe {
        Probe::Repeat(slot, _) | Probe::Padding(slot, _) => slot,
    });
    let of: Vec<_> = of.collect();
    assert!(!of.is_empty());
    assert!(of.iter().all(|slot| *slot == flows), "{of:?}");
}
