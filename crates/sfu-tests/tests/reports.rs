//! What the SFU reports of the streams that it sends (RFC 3550 section 6.4), read where it arrives.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test a panic is the verdict"
)]
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks at what it asks for"
)]

mod support;

use std::collections::BTreeMap;

use support::World;
use support::publisher::{Publisher, TRACKS};
use support::raw::Raw;
use vestibule_rtp::rtcp::{Packet, packets};

const RECEIVER: u128 = 3;

/// Who receives, up to where the handshakes are through, and the answer.
fn receiver(world: &mut World) -> (Raw, String) {
    let mut told = String::new();
    let mut raw = world.begin_raw_misled(RECEIVER, 1, |answer| {
        told = answer.to_owned();
        told.clone()
    });
    world.until("the handshakes are through", |_| {
        raw.run();
        raw.is_up()
    });
    (raw, told)
}

/// What the sender reports of a datagram say: of each stream its packets and octets.
fn sender_reports(datagram: &[u8]) -> BTreeMap<u32, (u32, u32)> {
    let parts = packets(datagram).map(Result::unwrap);
    let infos = parts.filter_map(|part| match part {
        Packet::SenderReport(report) => Some(report.info),
        _ => None,
    });
    infos
        .map(|info| (info.ssrc, (info.packets, info.octets)))
        .collect()
}

/// The names of a datagram (RFC 3550 section 6.5): of each chunk the stream and its CNAME.
fn names(datagram: &[u8]) -> BTreeMap<u32, String> {
    const DESCRIPTION: u8 = 202;
    const CNAME: u8 = 1;
    let mut found = BTreeMap::new();
    let mut rest = datagram;
    while !rest.is_empty() {
        let words = usize::from(u16::from_be_bytes([rest[2], rest[3]]));
        let (part, behind) = rest.split_at(4 * (words + 1));
        rest = behind;
        if part[1] != DESCRIPTION {
            continue;
        }
        let mut chunks = &part[4..];
        for _ in 0..part[0] & 0x1f {
            assert_eq!(chunks[4], CNAME);
            let end = 6 + usize::from(chunks[5]);
            let ssrc = u32::from_be_bytes(*chunks.first_chunk().unwrap());
            let name = String::from_utf8(chunks[6..end].to_vec()).unwrap();
            found.insert(ssrc, name);
            // Zeros end it, at least one.
            chunks = &chunks[(end + 1).next_multiple_of(4)..];
        }
        assert!(chunks.is_empty());
    }
    found
}

/// The name that an answer tells of a stream.
fn announced(answer: &str, ssrc: u32) -> String {
    let line = format!("a=ssrc:{ssrc} cname:");
    let name = answer.lines().find_map(|it| it.strip_prefix(line.as_str()));
    name.unwrap().to_owned()
}

#[test]
fn each_stream_is_reported_on_under_the_name_that_the_answer_told() {
    let mut world = World::start();
    world.plan(&[1, 2, RECEIVER], true);
    let mut publishers = [1, 2].map(|number| Publisher::join(&mut world, number));
    let (mut raw, answer) = receiver(&mut world);
    let mut sequence = 0;
    world.until("sound and pictures of both are reported on", |_| {
        for publisher in &mut publishers {
            publisher.raw.run();
            publisher.send_sound(30, sequence, &[0; 20]);
            publisher.send(&TRACKS[..1], [sequence]);
        }
        sequence += 1;
        raw.run();
        let last = raw.told.iter().rev().map(|it| sender_reports(it));
        last.take(3).any(|reports| reports.len() == 4)
    });
    for told in raw.told.iter().filter(|it| !sender_reports(it).is_empty()) {
        let names = names(told);
        for ssrc in sender_reports(told).into_keys() {
            assert!(names.contains_key(&ssrc), "{ssrc} has no name");
        }
        for (ssrc, name) in names {
            assert_eq!(name, announced(&answer, ssrc));
        }
    }
    let told = raw.told.iter().find(|it| sender_reports(it).len() == 4);
    let mut names: Vec<_> = names(told.unwrap()).into_values().collect();
    names.sort_unstable();
    assert_eq!(names[0], names[1], "sound and picture of one person");
    assert_eq!(names[2], names[3]);
    assert_ne!(names[1], names[2]);
}

#[test]
fn reports_count_the_packets_and_octets_that_came() {
    const PACKETS: usize = 12;
    const LARGER: usize = 90;
    let mut world = World::start();
    world.plan(&[1, RECEIVER], true);
    let mut publisher = Publisher::join(&mut world, 1);
    let (mut raw, _) = receiver(&mut world);
    publisher.send_padded(&TRACKS[2..=2], 0..PACKETS as u16, LARGER);
    world.until("pictures come", |_| {
        raw.run();
        raw.media.len() == PACKETS
    });
    let ssrc = u32::from_be_bytes(*raw.media[0][8..].first_chunk().unwrap());
    raw.told.clear();
    world.until("they are reported on", |_| {
        raw.run();
        raw.told.iter().any(|it| !sender_reports(it).is_empty())
    });
    let reports = raw.told.iter().map(|it| sender_reports(it));
    let reports = reports.reduce(|mut all, more| {
        all.extend(more);
        all
    });
    let (packets, octets) = reports.unwrap()[&ssrc];
    assert_eq!(packets as usize, PACKETS);
    // A descriptor of six octets and four of the picture, as the publisher wrote them.
    assert_eq!(octets as usize, PACKETS * (10 + LARGER));
}
