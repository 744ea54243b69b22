//! A peer by itself, on a connection that no handshake made.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use vestibule_congestion::Bitrate;
use vestibule_forwarding::limits::KEY_FRAME_INTERVAL;
use vestibule_forwarding::{Slot, Source};
use vestibule_handshake::Up;
use vestibule_rtp::{FeedbackBuilder, rtcp};
use vestibule_srtp::{Inbound, MasterKey, Outbound, Profile};

use super::{Engine, Event, Peer, Way};
use crate::limits::{
    DARK_AFTER, LIMIT_REPEATED, MISSED_AFTER, MISSED_WITHOUT_FEEDBACK, MOVE_WITHIN, OUTGOING_BYTES,
    REPORT_BYTES, REPORT_INTERVAL,
};
use crate::offer::Offer;
use crate::time::Timeline;

pub(crate) const OFFER: &str = include_str!("../offer/fixtures/chromium-156.sdp");

/// The header extension that names the section in [`OFFER`].
const MID: u8 = 4;

/// The one that numbers packets across all sections.
const NUMBER: u8 = 3;

pub(crate) fn address(last: u8) -> SocketAddr {
    ([192, 0, 2, last], 4000).into()
}

fn key(first: u8) -> MasterKey {
    let profile = Profile::AeadAes256Gcm;
    let (key, salt) = (
        vec![first; profile.key_bytes()],
        vec![2; profile.salt_bytes()],
    );
    MasterKey::new(profile, &key, &salt).unwrap()
}

/// What a client opens with, and what it seals with.
pub(crate) type Keys = (Inbound, Outbound);

/// Has a peer's connection be up, as after its handshakes: both halves of its client.
pub(crate) fn connect(peer: &mut Peer, now: Instant) -> Keys {
    let (from, to) = (key(1), key(3));
    let client = (Inbound::new(&to).unwrap(), Outbound::new(&from).unwrap());
    let up = Up {
        inbound: from,
        outbound: to,
        local: address(1),
        remote: address(2),
    };
    peer.up(now, &up);
    client
}

/// Has a peer write a report that cannot be sealed: there is no room for what sealing adds.
pub(crate) fn write_without_room(peer: &mut Peer, now: Instant) {
    connect(peer, now);
    // The shortest report, which is on nothing.
    let written = peer.write_rtcp(now + REPORT_INTERVAL, true, &mut [0; 8]);
    assert_eq!(written, None);
}

fn peer(now: Instant) -> Peer {
    peer_of(now, OFFER)
}

fn peer_of(now: Instant, offer: &str) -> Peer {
    let engine = Engine::new(Timeline::starting(now)).unwrap();
    let offer = Offer::parse(offer).unwrap();
    engine.connect(now, &[address(1)], offer).unwrap().0
}

/// How many reports a peer tells that it could not seal.
fn unsealed(peer: &mut Peer) -> usize {
    let events = std::iter::from_fn(|| peer.poll());
    events.filter(|it| matches!(it, Event::Unsealed)).count()
}

#[test]
fn a_report_that_cannot_be_sealed_is_told_of() {
    let now = Instant::now();
    let mut peer = peer(now);
    write_without_room(&mut peer, now);
    assert_eq!(unsealed(&mut peer), 1);
    let later = now + 2 * REPORT_INTERVAL;
    let written = peer.write_rtcp(later, true, &mut [0; OUTGOING_BYTES]);
    assert!(written.is_some());
    assert_eq!(unsealed(&mut peer), 0);
}

/// A packet of the camera in a stream of its own.
fn picture(outbound: &mut Outbound, stream: u8, sequence: u16) -> Vec<u8> {
    picture_with(outbound, stream, sequence, &[MID << 4, b'1', 0, 0])
}

/// The same with these header extensions.
fn picture_with(outbound: &mut Outbound, stream: u8, sequence: u16, extensions: &[u8]) -> Vec<u8> {
    packet(outbound, (96, extensions), stream, sequence)
}

/// A packet of the microphone.
pub(crate) fn sound(outbound: &mut Outbound, stream: u8, sequence: u16) -> Vec<u8> {
    packet(outbound, (111, &[MID << 4, b'0', 0, 0]), stream, sequence)
}

/// What a client tells of nothing that it received.
pub(crate) fn report(outbound: &mut Outbound) -> Vec<u8> {
    let mut report = vec![0; OUTGOING_BYTES];
    let mut compound = rtcp::Compound::new(&mut report);
    let length = compound.receiver_report(1, &[]).unwrap();
    let sealed = outbound.seal_rtcp(&mut report, length).unwrap();
    report.truncate(sealed);
    report
}

/// What a client tells of the first packet that it was sent: it arrived.
pub(crate) fn feedback(outbound: &mut Outbound) -> Vec<u8> {
    let mut feedback = vec![0; OUTGOING_BYTES];
    let mut compound = rtcp::Compound::new(&mut feedback);
    let head = rtcp::FeedbackHead::default();
    let length = compound.transport_feedback(&head, [Some(0)].into_iter());
    let sealed = outbound.seal_rtcp(&mut feedback, length.unwrap()).unwrap();
    feedback.truncate(sealed);
    feedback
}

/// What a client is reminded of that it is to send at most.
pub(crate) fn limit(peer: &Peer, now: Instant) -> Option<Bitrate> {
    let now = peer.timeline.moment(now).plus(LIMIT_REPEATED);
    peer.media.as_ref()?.limit.due(now)
}

/// Has a peer's media go elsewhere, as after a check.
pub(crate) fn move_away(peer: &mut Peer, now: Instant) {
    let way = Way {
        from: address(1),
        to: address(3),
    };
    peer.go_another_way(now, way);
}

fn packet(
    outbound: &mut Outbound,
    (payload_type, extensions): (u8, &[u8]),
    stream: u8,
    sequence: u16,
) -> Vec<u8> {
    let mut packet = vec![0x90, payload_type];
    packet.extend(sequence.to_be_bytes());
    packet.extend([0, 0, 0, 1, 0, 0, 0, stream]);
    packet.extend([0xbe, 0xde, 0, (extensions.len() / 4) as u8]);
    packet.extend(extensions);
    packet.extend([0x10, 1]);
    let length = packet.len();
    packet.resize(length + 64, 0);
    let sealed = outbound.seal_rtp(&mut packet, length, sequence.into());
    packet.truncate(sealed.unwrap());
    packet
}

/// So many requests that the report would be as long as a datagram: those that leave no room for the seal are left out.
#[test]
fn a_report_leaves_room_for_its_seal_whatever_is_asked_for() {
    const STREAMS: u8 = 7;
    // Far enough apart that each takes an entry of its own, of four octets behind the head of its stream's twelve.
    const APART: u16 = 17;
    const ENTRIES: usize = 51;
    let now = Instant::now();
    let mut peer = peer(now);
    let (mut inbound, mut outbound) = connect(&mut peer, now);
    const MISSING: usize = (OUTGOING_BYTES - STREAMS as usize * 12) / 4;
    let mut left = MISSING;
    for stream in 1..=STREAMS {
        let missing = left.min(ENTRIES) as u16;
        left -= usize::from(missing);
        for sequence in (0..=missing * APART + 1).filter(|it| *it == 0 || it % APART != 0) {
            let mut packet = picture(&mut outbound, stream, sequence);
            let from = (address(2), address(1));
            assert!(peer.receive(now, from, &mut packet).is_ok());
        }
    }
    assert_eq!(left, 0);
    unsealed(&mut peer);

    let later = now + Duration::from_millis(50);
    let mut asked = Vec::new();
    let mut buffer = [0; OUTGOING_BYTES];
    for streams in [usize::from(STREAMS) - 1, 1] {
        let written = peer.write_rtcp(later, true, &mut buffer).unwrap();
        let length = inbound.open_rtcp(&mut buffer[..written]).unwrap();
        assert!(length <= REPORT_BYTES);
        let told = rtcp::packets(&buffer[..length]).map(Result::unwrap);
        let told = told.map(|part| {
            let rtcp::Packet::Nack(nack) = part else {
                panic!("{part:?} was told");
            };
            nack.sequences().count()
        });
        let told: Vec<_> = told.collect();
        assert_eq!(told.len(), streams, "what has no room is left for the next");
        asked.extend(told);
    }
    assert_eq!(unsealed(&mut peer), 0);
    assert_eq!(asked.iter().sum::<usize>(), MISSING);
}

/// How many packets of its first stream a client is told in its next report to have lost.
pub(crate) fn told_lost(peer: &mut Peer, now: Instant, inbound: &mut Inbound) -> Option<i32> {
    let mut buffer = [0; OUTGOING_BYTES];
    let written = peer.write_rtcp(now, true, &mut buffer)?;
    let length = inbound.open_rtcp(&mut buffer[..written]).unwrap();
    let told = rtcp::packets(&buffer[..length]).map(Result::unwrap);
    let mut blocks = told.filter_map(|part| match part {
        rtcp::Packet::ReceiverReport(report) => report.blocks().next(),
        rtcp::Packet::SenderReport(_)
        | rtcp::Packet::PictureLoss(_)
        | rtcp::Packet::FullIntra(_)
        | rtcp::Packet::TransportFeedback(_)
        | rtcp::Packet::Nack(_)
        | rtcp::Packet::Bye(_)
        | rtcp::Packet::Remb(_)
        | rtcp::Packet::Other { .. } => None,
    });
    blocks.next().map(|block| block.cumulative_lost)
}

/// Of each datagram of RTCP that is due when packets came and others are missing, the request and the feedback: the kinds of
/// its parts (RFC 3550 section 12.1).
fn kinds_told(offer: &str) -> Vec<Vec<u8>> {
    let now = Instant::now();
    let mut peer = peer_of(now, offer);
    let (mut inbound, mut outbound) = connect(&mut peer, now);
    for sequence in [0, 3, 4] {
        let number = [NUMBER << 4 | 1, 0, sequence as u8, 0, 0, 0];
        let extensions = [&[MID << 4, b'1'][..], &number].concat();
        let mut packet = picture_with(&mut outbound, 1, sequence, &extensions);
        receive(&mut peer, now, &mut packet);
    }
    let later = now + Duration::from_millis(100);
    let mut told = Vec::new();
    let mut buffer = [0; OUTGOING_BYTES];
    while let Some(written) = peer.write_rtcp(later, true, &mut buffer) {
        let length = inbound.open_rtcp(&mut buffer[..written]).unwrap();
        let mut rest = &buffer[..length];
        let mut kinds = Vec::new();
        while let [_, kind, high, low, ..] = rest {
            kinds.push(*kind);
            rest = &rest[4 * (usize::from(u16::from_be_bytes([*high, *low])) + 1)..];
        }
        told.push(kinds);
    }
    told
}

#[test]
fn reports_are_whole_where_reduced_size_was_not_offered() {
    const REPORT: u8 = 201;
    const NAME: u8 = 202;
    const REQUEST: u8 = 205;
    // A request for packets and feedback on transport are of one kind.
    assert_eq!(kinds_told(OFFER), [[REQUEST], [REQUEST]]);
    let whole = OFFER
        .replace("a=rtcp-rsize\n", "")
        .replace("a=rtcp-rsize\r\n", "");
    assert_eq!(kinds_told(&whole), [[REPORT, NAME, REQUEST]; 2]);
}

/// How many packets are asked for again in what a client is sent.
fn asked_for(inbound: &mut Inbound, datagram: &mut [u8]) -> usize {
    let length = inbound.open_rtcp(datagram).unwrap();
    let told = rtcp::packets(&datagram[..length]).map(Result::unwrap);
    let mut asked = 0;
    for part in told {
        if let rtcp::Packet::Nack(nack) = part {
            asked += nack.sequences().count();
        }
    }
    asked
}

/// How many packets a peer asks its client for again at a moment.
fn requests(peer: &mut Peer, now: Instant, inbound: &mut Inbound) -> usize {
    let mut buffer = [0; OUTGOING_BYTES];
    let mut asked = 0;
    while let Some(written) = peer.write_rtcp(now, true, &mut buffer) {
        asked += asked_for(inbound, &mut buffer[..written]);
    }
    asked
}

fn receive(peer: &mut Peer, now: Instant, datagram: &mut [u8]) {
    let from = (address(2), address(1));
    assert!(peer.receive(now, from, datagram).is_ok());
}

/// What is asked for when a packet comes a second after another, with three missing between: how many packets again, and
/// whether a whole picture.
fn asked_after_a_second(reports: bool) -> (usize, bool) {
    let now = Instant::now();
    let mut peer = peer(now);
    let (mut inbound, mut outbound) = connect(&mut peer, now);
    let mut come = |at, datagram: &mut [u8]| {
        let from = (address(2), address(1));
        assert!(peer.receive(at, from, datagram).is_ok());
    };
    come(now, &mut picture(&mut outbound, 1, 0));
    come(now, &mut picture(&mut outbound, 1, 1));
    if reports {
        come(now + DARK_AFTER / 2, &mut report(&mut outbound));
    }
    let later = now + DARK_AFTER;
    come(later, &mut picture(&mut outbound, 1, 5));
    while peer.poll().is_some() {}

    let again = requests(&mut peer, later + Duration::from_millis(20), &mut inbound);
    let mut events = std::iter::from_fn(|| peer.poll());
    let broken = events.any(|it| matches!(it, Event::Broken(Source::Camera, _)));
    (again, broken)
}

#[test]
fn what_was_lost_while_the_line_was_dark_is_followed_by_a_whole_picture() {
    assert_eq!(asked_after_a_second(false), (0, true));
}

#[test]
fn what_was_lost_where_only_the_camera_was_silent_is_asked_for_again() {
    assert_eq!(asked_after_a_second(true), (3, false));
}

/// Whether somebody is found to lack what was sent, of whom the second of two reports comes so long after the first, and who tells of
/// transport or does not.
fn missed_after(silence: Duration, feedback_too: bool) -> bool {
    let now = Instant::now();
    let mut peer = peer(now);
    let (_, mut outbound) = connect(&mut peer, now);
    let mut come = |at, datagram: &mut [u8]| {
        let from = (address(2), address(1));
        assert!(peer.receive(at, from, datagram).is_ok());
    };
    if feedback_too {
        come(now, &mut feedback(&mut outbound));
    }
    come(now, &mut report(&mut outbound));
    come(now + silence, &mut report(&mut outbound));
    let mut events = std::iter::from_fn(|| peer.poll());
    events.any(|it| matches!(it, Event::Missed))
}

/// Reports come one to one and a half seconds apart, feedback on transport many times a second.
#[test]
fn one_report_that_is_lost_is_no_outage() {
    assert!(!missed_after(Duration::from_secs(3), false));
    assert!(missed_after(MISSED_WITHOUT_FEEDBACK, false));
    assert!(!missed_after(Duration::from_millis(1500), true));
    assert!(missed_after(MISSED_AFTER, true));
}

/// How many packets are asked for again 200 ms after they were first, where the client's first feedback comes so long after what
/// it tells of, the others so long, and the last.
fn asked_twice(first: Duration, then: Duration, last: Duration) -> usize {
    let now = Instant::now();
    let mut peer = peer(now);
    let (mut inbound, mut outbound) = connect(&mut peer, now);
    let timeline = Timeline::starting(now);
    receive(&mut peer, now, &mut picture(&mut outbound, 1, 0));
    let slot = Slot::video(0).unwrap();
    let mut feedback = FeedbackBuilder::default();
    let mut heard = now;
    for number in 0..30 {
        let leaves = now + Duration::from_millis(50) * u32::from(number);
        heard = leaves
            + match number {
                0 => first,
                1..29 => then,
                _ => last,
            };
        let mut buffer = [0; OUTGOING_BYTES];
        let written = peer.write_padding(timeline.moment(leaves), slot, 100, &mut buffer);
        assert!(written.is_some());
        let arrives = timeline.moment(heard);
        feedback.note(number, arrives);
        let length = feedback.build(arrives, 1, 1, &mut buffer).unwrap();
        let sealed = outbound.seal_rtcp(&mut buffer, length).unwrap();
        receive(&mut peer, heard, &mut buffer[..sealed]);
    }

    for sequence in [1, 5, 6] {
        receive(&mut peer, heard, &mut picture(&mut outbound, 1, sequence));
    }
    let [first, again] = [10, 210].map(|millis| {
        let at = heard + Duration::from_millis(millis);
        requests(&mut peer, at, &mut inbound)
    });
    assert_eq!(first, 3);
    again
}

#[test]
fn what_is_asked_for_is_waited_for_as_long_as_the_line_takes() {
    let (no_time, long) = (Duration::ZERO, Duration::from_millis(400));
    assert_eq!(asked_twice(no_time, no_time, no_time), 3);
    let told = asked_twice(long, long, long);
    assert_eq!(told, 3, "a report tells how long");
    let queued = asked_twice(no_time, long, long);
    assert_eq!(queued, 0, "it may be in the queue");
    let again = asked_twice(no_time, long, no_time);
    assert_eq!(again, 3, "the queue is gone");
}

#[test]
fn a_client_that_is_further_away_where_it_moved_to_is_not_behind_a_queue() {
    let congested = |moves| {
        let now = Instant::now();
        let mut peer = peer(now);
        let (_, mut outbound) = connect(&mut peer, now);
        let timeline = Timeline::starting(now);
        let slot = Slot::video(0).unwrap();
        let mut feedback = FeedbackBuilder::default();
        let mut buffer = [0; OUTGOING_BYTES];
        for number in 0..30_u16 {
            let leaves = now + Duration::from_millis(500) * u32::from(number);
            let way = Duration::from_millis(if number < 20 { 20 } else { 300 });
            if number == 20 && moves {
                let to = Way {
                    from: address(1),
                    to: address(3),
                };
                peer.go_another_way(leaves, to);
            }
            let written = peer.write_padding(timeline.moment(leaves), slot, 100, &mut buffer);
            assert!(written.is_some());
            let arrives = timeline.moment(leaves + way);
            feedback.note(number, arrives);
            let length = feedback.build(arrives, 1, 1, &mut buffer).unwrap();
            let sealed = outbound.seal_rtcp(&mut buffer, length).unwrap();
            receive(&mut peer, leaves + way, &mut buffer[..sealed]);
        }
        peer.line().unwrap().congested
    };
    assert!(congested(false));
    assert!(!congested(true));
}

/// How many key frames a peer asks its client for at a moment.
fn key_frames_asked(peer: &mut Peer, now: Instant, inbound: &mut Inbound) -> usize {
    let mut buffer = [0; OUTGOING_BYTES];
    let mut asked = 0;
    while let Some(written) = peer.write_rtcp(now, true, &mut buffer) {
        let length = inbound.open_rtcp(&mut buffer[..written]).unwrap();
        let parts = rtcp::packets(&buffer[..length]).map(Result::unwrap);
        asked += parts
            .filter(|it| matches!(it, rtcp::Packet::PictureLoss(_)))
            .count();
    }
    asked
}

/// When a peer is due, told from a beginning: moments are whole microseconds.
fn due_after(peer: &mut Peer, now: Instant) -> Duration {
    let due = peer.due(now).unwrap().duration_since(now);
    Duration::from_micros(due.as_micros().next_multiple_of(10) as u64)
}

#[test]
fn a_client_is_asked_for_one_key_frame_of_a_track_at_a_time() {
    let now = Instant::now();
    let mut peer = peer(now);
    let (mut inbound, mut outbound) = connect(&mut peer, now);
    let mut first = picture(&mut outbound, 1, 0);
    let from = (address(2), address(1));
    assert!(peer.receive(now, from, &mut first).is_ok());
    peer.request_key_frame(Source::Camera, 0);
    assert_eq!(key_frames_asked(&mut peer, now, &mut inbound), 1);
    // What was to be told of the packet is told.
    let told = now + KEY_FRAME_INTERVAL / 2;
    assert_eq!(key_frames_asked(&mut peer, told, &mut inbound), 0);
    peer.request_key_frame(Source::Camera, 0);
    assert_eq!(key_frames_asked(&mut peer, told, &mut inbound), 0);
    assert_eq!(due_after(&mut peer, now), KEY_FRAME_INTERVAL);
    let later = now + KEY_FRAME_INTERVAL;
    assert_eq!(key_frames_asked(&mut peer, later, &mut inbound), 1);
}

/// A peer whose client sends from elsewhere, and is to be asked for a key frame.
fn asked_while_it_moves(now: Instant) -> (Peer, Inbound, Outbound) {
    let mut peer = peer(now);
    let (mut inbound, mut outbound) = connect(&mut peer, now);
    let mut first = picture(&mut outbound, 1, 0);
    let elsewhere = (address(3), address(1));
    assert!(peer.receive(now, elsewhere, &mut first).is_ok());
    peer.request_key_frame(Source::Camera, 0);
    assert_eq!(key_frames_asked(&mut peer, now, &mut inbound), 0);
    (peer, inbound, outbound)
}

#[test]
fn a_client_that_moves_is_asked_for_key_frames_where_it_is() {
    let now = Instant::now();
    let (mut peer, mut inbound, mut outbound) = asked_while_it_moves(now);
    let later = now + Duration::from_millis(20);
    move_away(&mut peer, later);
    // What was on its way from the old address holds nothing up.
    let mut late = picture(&mut outbound, 1, 1);
    assert!(
        peer.receive(later, (address(2), address(1)), &mut late)
            .is_ok()
    );
    assert!(peer.due(later).is_some_and(|due| due <= later));
    assert_eq!(key_frames_asked(&mut peer, later, &mut inbound), 1);
}

#[test]
fn a_client_that_sends_from_elsewhere_and_does_not_move_is_asked_a_little_later() {
    let now = Instant::now();
    let (mut peer, mut inbound, _) = asked_while_it_moves(now);
    let sooner = now + MOVE_WITHIN - Duration::from_millis(1);
    assert_eq!(key_frames_asked(&mut peer, sooner, &mut inbound), 0);
    let later = now + MOVE_WITHIN;
    assert_eq!(key_frames_asked(&mut peer, later, &mut inbound), 1);
}
