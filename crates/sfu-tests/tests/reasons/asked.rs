//! What reports ask for that is not done, or not of anybody.

use super::support::World;
use super::support::publisher::{Publisher, TRACKS};
use super::support::raw::{Raw, numbers};
use super::{PATIENT, PRACTITIONER, REPORTER, counted, nack, publisher};
use vestibule_rtp::DoesNotFit;
use vestibule_rtp::rtcp::{Compound, ReportBlock, SenderInfo};

/// The stream of what came first, and the numbers of all that came on it.
fn came(raw: &Raw) -> (u32, Vec<u16>) {
    let (stream, _) = numbers(&raw.media[0]);
    let came = raw.media.iter().map(|it| numbers(it));
    let of_stream = came.filter(|it| it.0 == stream);
    (stream, of_stream.map(|it| it.1).collect())
}

/// How many packets were asked for again, sent again, and refused.
fn retransmissions(world: &World) -> [u64; 3] {
    ["asked", "sent", "refused"].map(|what| counted(world, &format!("retransmissions_{what}")))
}

/// Pictures that came to the practitioner, so many packets of so many octets and some.
fn pictures(packets: u16, octets: usize) -> (World, Publisher, Raw) {
    let mut world = World::start();
    let mut publisher = publisher(&mut world);
    let mut raw = world.join_raw(PRACTITIONER, 1);
    for from in (0..packets).step_by(20) {
        publisher.send_padded(&TRACKS[2..=2], from..from + 20, octets);
        world.until("pictures come", |_| {
            raw.run();
            publisher.raw.run();
            raw.media.len() == usize::from(from) + 20
        });
    }
    (world, publisher, raw)
}

/// Four octets tell of thousands of packets, and each is looked at.
#[test]
fn one_datagram_tells_of_so_many_packets_and_no_more() {
    let mut world = World::start();
    world.plan(&[PATIENT, PRACTITIONER], true);
    let mut raw = world.join_raw(PATIENT, 1);
    // 4,096 that did not arrive (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).
    let run = [
        0x8f, 205, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0x10, 0, 0, 0, 1, 0, 0x10, 0, 0, 0,
    ];
    raw.send_rtcp(&run);
    raw.send_rtcp(&run.repeat(2));
    world.until("it is counted", |world| {
        raw.run();
        world.dropped("rtcp_malformed") > 0
    });
    assert_eq!(world.dropped("rtcp_malformed"), 1);
}

#[test]
fn what_one_report_asks_for_beyond_the_limit_is_counted() {
    let mut world = World::start();
    let mut publisher = publisher(&mut world);
    let mut raw = world.join_raw(PRACTITIONER, 1);
    for from in (0..700).step_by(20) {
        publisher.send(&TRACKS[2..=2], from..from + 20);
        world.until("pictures come", |_| {
            raw.run();
            publisher.raw.run();
            raw.media.len() == usize::from(from) + 20
        });
    }
    let (stream, sequences) = came(&raw);
    let parts = [&sequences[..400], &sequences[400..600], &sequences[600..]];
    let parts = parts.map(|part| nack(stream, part));
    raw.send_rtcp(&parts.concat());
    world.until("it is answered", |world| {
        raw.run();
        world.dropped("asked_too_much") > 0
    });
    // The limit is 512.
    assert_eq!(world.dropped("asked_too_much"), 700 - 512);
    let [asked, sent, refused] = retransmissions(&world);
    assert_eq!((asked, sent + refused), (700, 700));
}

/// What goes on asking gets what a camera sends in a while, however little each report asks for.
#[test]
fn what_many_reports_ask_for_beyond_the_limit_is_counted() {
    let mut world = World::start();
    let mut publisher = publisher(&mut world);
    let mut raw = world.join_raw(PRACTITIONER, 1);
    publisher.send(&TRACKS[2..=2], 0..100);
    world.until("pictures come", |_| {
        raw.run();
        publisher.raw.run();
        raw.media.len() == 100
    });
    let (stream, sequences) = came(&raw);
    let request = nack(stream, &sequences);
    world.until("some is refused", |world| {
        raw.run();
        (0..20).for_each(|_| raw.send_rtcp(&request));
        world.dropped("asked_too_much") > 0
    });
}

/// 256 packets are kept at most.
#[test]
fn what_is_asked_for_and_kept_no_more_is_counted() {
    let (mut world, _publisher, mut raw) = pictures(300, 0);
    let (stream, sequences) = came(&raw);
    raw.send_rtcp(&nack(stream, &sequences[..1]));
    world.until("it is counted", |world| {
        raw.run();
        world.dropped("history_missing") == 1
    });
    assert_eq!(retransmissions(&world), [1, 0, 1]);
}

#[test]
fn what_is_asked_for_twice_at_once_is_sent_once_and_counted() {
    let (mut world, _publisher, mut raw) = pictures(20, 0);
    let (stream, sequences) = came(&raw);
    raw.send_rtcp(&nack(stream, &sequences[5..6]).repeat(2));
    world.until("it is counted", |world| {
        raw.run();
        world.dropped("resent_just_now") == 1
    });
    assert_eq!(retransmissions(&world), [2, 1, 1]);
}

/// Ten times is as often as a packet is sent again.
#[test]
fn what_is_asked_for_again_and_again_is_counted() {
    let (mut world, mut publisher, mut raw) = pictures(20, 0);
    // On a busy machine it is kept no more before it was sent so often: then it is tried with another.
    let (mut next, mut gone) = (20, 0);
    world.until("it is counted", |world| {
        raw.run();
        publisher.raw.run();
        let (stream, sequences) = came(&raw);
        raw.send_rtcp(&nack(stream, &sequences[sequences.len() - 1..]));
        if world.dropped("history_missing") > gone {
            gone = world.dropped("history_missing");
            publisher.send(&TRACKS[2..=2], next..=next);
            next += 1;
        }
        world.dropped("resent_too_often") > 0
    });
    let [_, sent, _] = retransmissions(&world);
    assert!(sent >= 10);
}

/// What is sent again is half of what was sent at most, beside 16 KiB, and 64 KiB at once.
#[test]
fn what_is_asked_for_beyond_the_share_of_repairs_is_counted() {
    let (mut world, _publisher, mut raw) = pictures(100, 1000);
    let (stream, sequences) = came(&raw);
    raw.send_rtcp(&nack(stream, &sequences));
    world.until("it is answered", |world| {
        raw.run();
        let [_, sent, refused] = retransmissions(world);
        sent + refused == 100
    });
    let [_, sent, refused] = retransmissions(&world);
    // Each has 1,010 octets.
    assert_eq!((sent, refused), (64, 36));
    assert_eq!(world.dropped("resent_budget"), 36);
}

/// What a report says or asks for of a stream.
fn reports_on(stream: u32) -> Vec<Vec<u8>> {
    let block = ReportBlock {
        ssrc: stream,
        ..ReportBlock::default()
    };
    let made = |make: &dyn Fn(&mut Compound<'_>) -> Result<usize, DoesNotFit>| {
        let mut buffer = [0; 128];
        let mut compound = Compound::new(&mut buffer);
        make(&mut compound).unwrap();
        compound.octets().to_vec()
    };
    vec![
        made(&|it| it.receiver_report(REPORTER, &[block])),
        made(&|it| it.sender_report(&SenderInfo::default(), &[block])),
        made(&|it| it.nack(REPORTER, stream, [7])),
        made(&|it| it.picture_loss(REPORTER, stream)),
        made(&|it| it.full_intra(REPORTER, &[(stream, 1)])),
    ]
}

#[test]
fn a_report_on_a_stream_that_its_sender_is_not_sent_is_counted_and_its_other_parts_are_taken() {
    let (mut world, _publisher, mut raw) = pictures(20, 0);
    let (stream, sequences) = came(&raw);
    // Nothing is odd of what is on a stream that is sent.
    for report in reports_on(stream) {
        raw.send_rtcp(&report);
    }
    world.until("they are taken", |world| {
        raw.run();
        counted(world, "key_frames_asked") == 2
    });
    assert_eq!(world.dropped("unknown_stream_report"), 0);
    let [before, ..] = retransmissions(&world);
    // Each datagram counts once, however much of it is odd.
    let wanted = nack(stream, &sequences[..1]);
    for (at, report) in (1..).zip(reports_on(TRACKS[2].2)) {
        raw.send_rtcp(&[&report[..], &report, &wanted].concat());
        world.until("it is counted", |world| {
            raw.run();
            world.dropped("unknown_stream_report") == at
        });
        let [asked, ..] = retransmissions(&world);
        assert_eq!(asked, before + at);
    }
    assert_eq!(counted(&world, "key_frames_asked"), 2);
    assert_eq!(world.dropped("rtcp_malformed"), 0);
}
