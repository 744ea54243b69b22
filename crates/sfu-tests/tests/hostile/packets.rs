//! Garbage and replays, from an address that is known and of somebody with keys.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use vestibule_forwarding::Slot;
use vestibule_sfu::{CallId, Forwarded, Packet, Seat, Source, Tap};

use super::support::client::{Got, is_rtp};
use super::support::raw::Raw;
use super::support::{World, leg};
use super::{PATIENT, PRACTITIONER, consultation, consultation_in, undisturbed};

/// RTP that is well-formed up to where SRTP seals it, and not behind: paddings that lie, with the sequence number.
fn bad_paddings(sequence: u16) -> Vec<Vec<u8>> {
    let paddings = [0, 13, 255].into_iter().zip(sequence..);
    let packet = |(padding, sequence): (u8, u16)| {
        let mut packet = vec![0xa0, 111];
        packet.extend(sequence.to_be_bytes());
        packet.extend([0, 0, 0, 1, 0, 0, 0, 9]);
        packet.extend([7; 11]);
        packet.push(padding);
        packet
    };
    paddings.map(packet).collect()
}

/// RTCP whose lengths lie: in the header, the count of blocks, the entries of feedback, the padding.
fn bad_reports() -> Vec<Vec<u8>> {
    let mut reports = vec![
        vec![0x80, 200, 0xff, 0xff, 0, 0, 0, 9],
        vec![0x9f, 201, 0, 1, 0, 0, 0, 9],
        vec![0x8f, 205, 0, 2, 0, 0, 0, 9, 0, 0, 0, 9],
        vec![0xa0, 201, 0, 1, 0, 0, 0, 9],
        vec![0x9f, 203, 0, 1, 0, 0, 0, 9],
    ];
    // Transport-wide feedback of 65,535 packets in no chunk.
    let head = [0x8f, 205, 0, 4, 0, 0, 0, 9, 0, 0, 0, 9];
    reports.push([&head[..], &[0, 0, 0xff, 0xff, 0, 0, 0, 0]].concat());
    reports
}

/// Blocks of header extensions whose elements lie, by the form that they say they have: longer than the block, without
/// their bytes, reserved, of no known form, of nothing.
fn bad_extensions() -> Vec<Vec<u8>> {
    let block = |form: u16, elements: &[u8]| {
        let mut block = form.to_be_bytes().to_vec();
        block.extend((elements.len() as u16 / 4).to_be_bytes());
        block.extend(elements);
        block
    };
    let ids = (0..=15_u8).flat_map(|id| {
        let long = block(0xbede, &[(id << 4) | 15, 3, 3, 3]);
        let none = block(0xbede, &[0, 0, 0, id << 4]);
        let wide = block(0x1000, &[id, 255, 3, 3]);
        let cut = block(0x1000, &[0, 0, 0, id]);
        [long, none, wide, cut]
    });
    let rest = [
        block(0xbede, &[]),
        block(0x1000, &[]),
        block(0x1234, &[0x10, b'0', 0, 0]),
        block(0xbede, &[0xff; 256]),
        block(0x100f, &[0xff; 256]),
    ];
    ids.chain(rest).collect()
}

/// A packet with such a block, behind as many contributing sources as there can be.
fn with_extension(sequence: u16, block: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x9f, 111];
    packet.extend(sequence.to_be_bytes());
    packet.extend([0, 0, 0, 1, 0, 0, 0, 8]);
    packet.extend([0xee; 15 * 4]);
    packet.extend(block);
    packet.extend([7; 12]);
    packet
}

#[test]
fn attack_15_what_lies_of_its_lengths_is_dropped_and_counted_also_under_keys() {
    let mut world = consultation();
    world.plan(&[PATIENT, PRACTITIONER, 3], true);
    let mut raw = world.join_raw(3, 1);
    for round in 0..20 {
        for packet in bad_paddings(100 + round * 3) {
            raw.send_rtp(&packet);
        }
    }
    world.until("all came", |world| world.dropped("srtp_malformed") == 60);
    for report in bad_reports() {
        let all = world.dropped("rtcp_malformed") + 20;
        (0..20).for_each(|_| raw.send_rtcp(&report));
        world.until("all came", |world| world.dropped("rtcp_malformed") == all);
    }
    let (blocks, unknown) = (bad_extensions(), world.dropped("unknown_stream"));
    let all = unknown + blocks.len() as u64;
    for (sequence, head) in (100..).zip(blocks) {
        raw.send_rtp(&with_extension(sequence, &head));
    }
    world.until("all came", |world| world.dropped("unknown_stream") == all);
    // Of what SRTP itself reads before it opens: versions, contributing sources, extensions.
    for first in 0x80..=0xbf_u8 {
        for length in [12, 16, 40, 300] {
            let mut packet = vec![0xff; length];
            packet[..4].copy_from_slice(&[first, 111, 9, 9]);
            raw.send(&packet);
        }
    }
    undisturbed(&mut world);
    assert!(world.dropped("srtp_too_short") > 0 && world.dropped("srtp_forged") > 0);
    // Nothing of it was forwarded, and the peer lives.
    raw.run();
    assert!(
        world
            .clients
            .iter()
            .all(|it| it.got.iter().all(|got| got.counter < 1 << 40))
    );
}

/// The same on a stream that is known: what an extension says is read there, and what lies says nothing.
#[test]
fn attack_15_extensions_that_lie_on_a_known_stream_are_not_believed_and_its_pictures_go_on() {
    let mut world = consultation();
    world.plan(&[PATIENT, PRACTITIONER, 3], true);
    let (mut raw, offer) = world.join_raw_with_layers(3, 1);
    let mut payload = descriptor(2, [true; 3]);
    payload.push(0);
    payload.extend(EVIL.to_be_bytes());
    let ssrc = 0xbad0_0001;
    raw.send_rtp(&Raw::picture((&offer, 2), None, (ssrc, 99), &payload));
    let all_saw = |world: &World, raw: &mut Raw, pictures| {
        raw.run();
        let saw = saw(world, 3);
        let count = |person| saw.iter().filter(|it| it.0 == person).count();
        count(PATIENT) == pictures && count(PRACTITIONER) == pictures
    };
    world.until("both see it", |world| all_saw(world, &mut raw, 1));
    let blocks = bad_extensions();
    for (at, block) in (0..).zip(&blocks) {
        let mut packet = vec![0x90, 96];
        packet.extend((100_u16 + at).to_be_bytes());
        packet.extend([0, 0, 0, 1]);
        packet.extend(ssrc.to_be_bytes());
        packet.extend(block);
        packet.extend(&payload);
        raw.send_rtp(&packet);
        let so_far = usize::from(at) + 2;
        world.until("both see it", |world| all_saw(world, &mut raw, so_far));
    }
    let turned = |it: &&Got| it.counter == EVIL && it.turned;
    for client in &world.clients {
        assert_eq!(client.got.iter().filter(turned).count(), 0);
    }
    undisturbed(&mut world);
}

/// A descriptor of a picture by its parts (RFC 7741 section 4.2): its PictureID of no, one or two octets, and whether it
/// has TL0PICIDX, TID and KEYIDX.
fn descriptor(picture_id: usize, [tl0, tid, key_index]: [bool; 3]) -> Vec<u8> {
    let extension = (u8::from(picture_id > 0) << 7)
        | (u8::from(tl0) << 6)
        | (u8::from(tid) << 5)
        | (u8::from(key_index) << 4);
    let mut descriptor = vec![0x90, extension];
    descriptor.extend([&[][..], &[0x01], &[0x81, 0x02]][picture_id]);
    descriptor.extend([5].iter().filter(|_| tl0));
    descriptor.extend([0x20].iter().filter(|_| tid || key_index));
    descriptor
}

/// Payloads that lie about what is in them: each descriptor that there can be, cut behind each of its octets so that
/// something is missing, and those with a TL0PICIDX that no TID belongs to, with a picture behind.
fn lying_pictures() -> Vec<Vec<u8>> {
    let mut lying = vec![vec![0x10], vec![0x00], vec![0x80], vec![0xff]];
    for number in 0..24 {
        let parts = [number & 1, number & 2, number & 4].map(|part| part != 0);
        let whole = descriptor(number >> 3, parts);
        lying.extend((1..=whole.len()).map(|length| whole[..length].to_vec()));
        if let [true, false, _] = parts {
            lying.push([&whole[..], &[0; 200]].concat());
        }
    }
    lying
}

#[test]
fn attack_15_pictures_that_lie_of_what_is_in_them_are_dropped_and_counted_and_whole_ones_go_on() {
    let mut world = consultation();
    world.plan(&[PATIENT, PRACTITIONER, 3], true);
    let (mut raw, offer) = world.join_raw_with_layers(3, 1);
    let mut sent = [0, 0];
    // A layer of the camera, and the screen, which has none.
    for (place, (section, layer)) in [(1, Some("q")), (2, None)].into_iter().enumerate() {
        let ssrc = 0xbad0_0000 + section as u32;
        for payload in lying_pictures() {
            let stream = (ssrc, sent[place]);
            raw.send_rtp(&Raw::picture((&offer, section), layer, stream, &payload));
            sent[place] += 1;
        }
    }
    let lying = u64::from(sent[0] + sent[1]);
    world.until("all came", |world| {
        assert_eq!(saw(world, 3), [], "a lie was forwarded");
        world.dropped("picture_malformed") >= lying
    });
    undisturbed(&mut world);
    assert_eq!(world.dropped("picture_malformed"), lying);
    assert_eq!(saw(&world, 3), [], "a lie was forwarded");
    // One with nothing in it is no lie: it fills a gap. And what is whole is forwarded.
    let mut whole = descriptor(2, [true; 3]);
    whole.push(0);
    whole.extend(EVIL.to_be_bytes());
    for payload in [&[][..], &whole] {
        let stream = (0xbad0_0001, sent[0]);
        raw.send_rtp(&Raw::picture((&offer, 1), Some("q"), stream, payload));
        sent[0] += 1;
    }
    world.until("both see it", |world| {
        raw.run();
        let saw = saw(world, 3);
        [PATIENT, PRACTITIONER]
            .iter()
            .all(|it| saw.contains(&(*it, EVIL)))
    });
    undisturbed(&mut world);
    assert_eq!(world.dropped("picture_malformed"), lying);
}

/// What the attacker's picture ends in, as a counter that nobody reaches.
const EVIL: u64 = u64::MAX - 7;

/// What the first two people got of somebody, by its counters.
fn saw(world: &World, publisher: u128) -> Vec<(u128, u64)> {
    let mut saw = Vec::new();
    for (person, client) in [PATIENT, PRACTITIONER].into_iter().zip(&world.clients) {
        let (_, bindings) = world.slots(person).unwrap();
        let theirs = bindings.iter().filter(|it| it.publisher == leg(publisher));
        let got = theirs.flat_map(|bound| client.got_on(&bound.mid));
        saw.extend(got.map(|got| (person, got.counter)));
    }
    saw
}

/// Datagrams that are nothing, of every kind that shares the port (RFC 7983).
fn garbage() -> Vec<Vec<u8>> {
    let mut garbage = vec![Vec::new()];
    for first in 0..=255_u8 {
        for length in [1, 3, 12, 60, 1400, 2000] {
            garbage.push(vec![first; length]);
        }
        // DTLS records of every kind, and RTCP with lengths that lie.
        garbage.push(vec![first, 254, 253, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
        let record = [22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 1, 0, 12];
        garbage.push([&record[..], &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, first]].concat());
        let (count, kind) = (0x80 | (first & 31), 200 + first % 8);
        garbage.push(vec![count, kind, first, first, 0, 0, 0, 1, 9, 9, 9, 9]);
    }
    garbage
}

#[test]
fn attack_15_garbage_from_a_known_address_is_dropped() {
    let mut world = consultation();
    let before = world.all_dropped();
    let mut counted = 0;
    for datagrams in garbage().chunks(50) {
        counted += datagrams.len() as u64;
        datagrams
            .iter()
            .for_each(|it| world.clients[0].send_raw(it));
        let seen = world.clients[1].got.len();
        world.until("media flows", |world| world.clients[1].got.len() > seen);
    }
    world.until("all was counted", |world| {
        world.all_dropped() >= before + counted
    });
    undisturbed(&mut world);
    for reason in [
        "unknown_protocol",
        "srtp_forged",
        "dtls_malformed",
        "dtls_unused",
    ] {
        assert!(world.dropped(reason) > 0, "{reason}");
    }
}

/// Each packet of RTP that the first client sent.
fn sent_media(world: &World) -> Vec<Vec<u8>> {
    let trace = world.clients[0].trace.iter();
    trace.filter(|sent| is_rtp(sent)).cloned().collect()
}

/// Which packets the SFU sends to whom, by their place in a slot, and how many it sends there that it sent before: who gets
/// them would throw a copy away unseen.
#[derive(Clone, Default)]
struct Repeats {
    sent: Arc<Mutex<HashSet<(Seat, Slot, u64)>>>,
    repeated: Arc<AtomicUsize>,
}

impl Tap for Repeats {
    fn received(&self, _: CallId, _: (Seat, Source), _: &Packet<'_>, _: bool) {}

    fn sent(&self, _: CallId, forwarded: &Forwarded, _: &Packet<'_>, _: bool) {
        let place = (forwarded.seat, forwarded.slot, forwarded.sequence);
        let new = self.sent.lock().unwrap().insert(place);
        self.repeated
            .fetch_add(usize::from(!new), Ordering::Relaxed);
    }
}

#[test]
fn attack_18_replays_are_dropped_and_the_session_survives() {
    let repeats = Repeats::default();
    let mut world = consultation_in(World::start_tapped(repeats.clone()));
    let replays = sent_media(&world);
    for replays in replays.chunks(50) {
        replays.iter().for_each(|it| world.clients[0].send_raw(it));
        let seen = world.clients[1].got.len();
        world.until("media flows", |world| world.clients[1].got.len() > seen);
    }
    world.until("all were dropped", |world| {
        let repeated = repeats.repeated.load(Ordering::Relaxed);
        assert_eq!(repeated, 0, "a replay was forwarded");
        let dropped = ["srtp_replayed", "srtp_too_old"].map(|why| world.dropped(why));
        dropped.iter().sum::<u64>() >= replays.len() as u64
    });
    undisturbed(&mut world);
    assert_eq!(repeats.repeated.load(Ordering::Relaxed), 0);
    assert!(repeats.sent.lock().unwrap().len() > replays.len());
}

#[test]
fn attack_18_a_flood_of_bad_tags_is_dropped_and_the_session_survives() {
    let mut world = consultation();
    let trace = sent_media(&world);
    for (at, sent) in trace.iter().cycle().take(4000).enumerate() {
        let mut forged = sent.clone();
        // Numbers that did not come yet, so that no replay window has a say.
        let ahead = u16::from_be_bytes([sent[2], sent[3]]).wrapping_add(10_000 + at as u16);
        forged[2..4].copy_from_slice(&ahead.to_be_bytes());
        world.clients[0].send_raw(&forged);
        if at % 50 == 49 {
            let seen = world.clients[1].got.len();
            world.until("media flows", |world| world.clients[1].got.len() > seen);
        }
    }
    undisturbed(&mut world);
    assert!(world.dropped("srtp_forged") > 3000);
}
