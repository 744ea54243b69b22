//! Garbage, from an address that is known and of somebody with keys.

use vestibule_control::LegState;
use vestibule_rtp::rtcp::Compound;

use super::support::client::Got;
use super::support::metrics::sum;
use super::support::raw::{Raw, numbers};
use super::support::{World, leg};
use super::{PATIENT, PRACTITIONER, consultation, undisturbed};

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

/// A part of RTCP: its first octet, its kind, and what is behind its header, which it counts truly.
fn part(first: u8, kind: u8, body: &[u8]) -> Vec<u8> {
    let words = (body.len() / 4) as u16;
    [&[first, kind][..], &words.to_be_bytes(), body].concat()
}

/// Feedback on transport, of so many packets in these chunks and times.
fn feedback(statuses: u16, rest: &[u8]) -> Vec<u8> {
    let head = [0, 0, 0, 9, 0, 0, 0, 9, 0, 0];
    let counted = statuses.to_be_bytes();
    part(0x8f, 205, &[&head[..], &counted, &[0; 4], rest].concat())
}

/// RTCP that lies, one for each way in which it can: of its own length, of what it counts, of its padding.
fn bad_reports() -> Vec<Vec<u8>> {
    let parties = [0, 0, 0, 9, 0, 0, 0, 9];
    let limit = |count: u8, bitrate: [u8; 3]| {
        let told = [&b"REMB"[..], &[count], &bitrate].concat();
        part(0x8f, 206, &[&parties[..], &told].concat())
    };
    vec![
        // A part beyond the end; what it counts beyond it: blocks of a sender's report and of a receiver's, who says goodbye.
        vec![0x80, 200, 0xff, 0xff, 0, 0, 0, 9],
        part(0x9f, 200, &[9; 24]),
        part(0x80, 200, &[9; 20]),
        part(0x9f, 201, &[9; 4]),
        part(0x9f, 203, &[9; 4]),
        // Padding of nothing, and of more than there is.
        part(0xa0, 201, &[9, 9, 9, 0]),
        part(0xa0, 201, &[9, 9, 9, 255]),
        // Feedback without entries, without a stream, with half an entry, of more streams than it names, of no number.
        part(0x81, 205, &parties),
        part(0x81, 206, &[9; 4]),
        part(0x84, 206, &[&parties[..], &[9; 12]].concat()),
        limit(255, [0, 0, 9]),
        limit(0, [0xff; 3]),
        // On transport: cut, on nothing, on more packets than may be, on packets in no chunk and in one of no kind, and
        // with fewer times than packets that came.
        part(0x8f, 205, &parties),
        feedback(0, &[0x20, 1, 0, 0]),
        feedback(4097, &[0x1f, 0xff, 0x1f, 0xff]),
        feedback(0xffff, &[]),
        feedback(7, &[]),
        feedback(7, &[0xff, 0xff, 0, 0]),
        feedback(9, &[0x20, 9, 1, 1]),
        // A second part of another version, one that is cut, and nothing but parts.
        [&part(0x80, 201, &[9; 4])[..], &[0x40, 201, 0, 0]].concat(),
        [&part(0x80, 201, &[9; 4])[..], &[0x80, 201]].concat(),
        part(0x80, 204, &[]).repeat(300),
    ]
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
        // Eight octets are sealed at the least, and say who sends them.
        assert!(report.len() >= 8);
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
    assert_eq!(world.states(3), [(1, LegState::Connected)]);
    assert!(
        world
            .clients
            .iter()
            .all(|it| it.got.iter().all(|got| got.counter < 1 << 40))
    );
}

/// What stands before what lies is taken, and the session goes on behind it.
#[test]
fn attack_15_reports_are_read_up_to_where_they_lie() {
    let mut world = consultation();
    world.plan(&[PATIENT, PRACTITIONER, 3], true);
    let mut raw = world.join_raw(3, 1);
    world.until("media comes", |_| {
        raw.run();
        !raw.media.is_empty()
    });
    let (stream, _) = numbers(&raw.media[0]);
    let mut buffer = [0; 64];
    let mut asks = Compound::new(&mut buffer);
    asks.picture_loss(9, stream).unwrap();
    let asked =
        |world: &World| sum(&world.metrics(), "vestibule_sfu_key_frames_asked_total") as usize;
    let (before, lies) = (asked(&world), bad_reports());
    for (at, lie) in (1..).zip(&lies) {
        raw.send_rtcp(&[asks.octets(), lie].concat());
        world.until("it came", |world| {
            raw.run();
            world.dropped("rtcp_malformed") == at
        });
    }
    assert_eq!(asked(&world), before + lies.len());
    raw.send_rtcp(asks.octets());
    world.until("what is whole is taken", |world| {
        raw.run();
        asked(world) == before + lies.len() + 1
    });
    undisturbed(&mut world);
    assert_eq!(world.states(3), [(1, LegState::Connected)]);
}

/// The stream of the attacker's screen.
const SCREEN: u32 = 0xbad0_0001;

/// Octets of a header without contributing sources and extension, and of the tag behind a packet.
const FIXED_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// Packets of which the header takes all that there is, as it counts contributing sources or words of an extension, so that the
/// padding that it tells of is none: beginning with a number, and each with the next.
fn headers_that_take_all(first: u16) -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    for sources in 0..=15_u8 {
        for words in [None, Some(0), Some(1), Some(100_u16)] {
            for padding in [0, 1, 255] {
                let extended = if words.is_some() { 0x10 } else { 0 };
                let mut packet = vec![0xa0 | extended | sources, 96];
                packet.extend((first + packets.len() as u16).to_be_bytes());
                packet.extend([0, 0, 0, 1]);
                packet.extend(SCREEN.to_be_bytes());
                let fixed = packet.len();
                packet.extend([padding].repeat(4 * usize::from(sources)));
                if let Some(words) = words {
                    packet.extend([0xbe, 0xde]);
                    packet.extend(words.to_be_bytes());
                    packet.extend([padding].repeat(4 * usize::from(words)));
                }
                // With nothing behind, the stream's name would be what the padding is read from.
                if packet.len() > fixed {
                    packets.push(packet);
                }
            }
        }
    }
    packets
}

/// Headers that count other than when they were sealed, and why each is dropped: what is behind is not authentic, or not there.
fn headers_that_count_otherwise(sealed: &[u8]) -> Vec<(Vec<u8>, &'static str)> {
    let why = |header: usize| {
        if header > sealed.len() {
            "srtp_malformed"
        } else if header + TAG_BYTES > sealed.len() {
            "srtp_too_short"
        } else {
            "srtp_forged"
        }
    };
    let sources = (1..=15_u8).map(|sources| {
        let mut packet = sealed.to_vec();
        packet[0] |= sources;
        (packet, why(FIXED_BYTES + 4 * usize::from(sources)))
    });
    let extensions = (0..20_u16).chain([1000, u16::MAX]).map(|words| {
        let mut packet = sealed.to_vec();
        packet[0] |= 0x10;
        packet[FIXED_BYTES + 2..][..2].copy_from_slice(&words.to_be_bytes());
        (packet, why(FIXED_BYTES + 4 + 4 * usize::from(words)))
    });
    sources.chain(extensions).collect()
}

#[test]
fn attack_15_headers_that_lie_of_their_length_are_dropped_and_counted_and_the_stream_goes_on() {
    let mut world = consultation();
    world.plan(&[PATIENT, PRACTITIONER, 3], true);
    let (mut raw, offer) = world.join_raw_with_layers(3, 1);
    let mut payload = descriptor(2, [true; 3]);
    payload.push(0);
    payload.extend(EVIL.to_be_bytes());
    let mut shown = 0;
    let mut show = |world: &mut World, raw: &mut Raw, sequence| {
        raw.send_rtp(&Raw::picture(
            (&offer, 2),
            None,
            (SCREEN, sequence),
            &payload,
        ));
        shown += 2;
        world.until("both see it", |world| {
            raw.run();
            saw(world, 3).len() == shown
        });
    };
    show(&mut world, &mut raw, 99);

    // Under keys: what GCM seals has its header within.
    let lies = headers_that_take_all(100);
    for lies in lies.chunks(50) {
        let all = world.dropped("srtp_malformed") + lies.len() as u64;
        lies.iter().for_each(|lie| raw.send_rtp(lie));
        world.until("all came", |world| world.dropped("srtp_malformed") == all);
    }
    let mut next = 100 + lies.len() as u16;
    show(&mut world, &mut raw, next);

    // Sealed as what it is, and then changed.
    let mut plain = vec![0x80, 96];
    next += 1;
    plain.extend(next.to_be_bytes());
    plain.extend([0, 0, 0, 1]);
    plain.extend(SCREEN.to_be_bytes());
    plain.extend(&payload);
    plain.resize(plain.len().next_multiple_of(4), 0);
    let sealed = raw.seal_rtp(&plain);
    let reasons = ["srtp_malformed", "srtp_too_short", "srtp_forged"];
    let lies = headers_that_count_otherwise(&sealed);
    let all = reasons.map(|why| {
        let lies = lies.iter().filter(|lie| lie.1 == why).count() as u64;
        assert!(lies > 0, "none is {why}");
        world.dropped(why) + lies
    });
    lies.iter().for_each(|(lie, _)| raw.send(lie));
    world.until("all came", |world| {
        reasons.map(|why| world.dropped(why)) == all
    });
    show(&mut world, &mut raw, next + 1);
    undisturbed(&mut world);
    assert_eq!(world.states(3), [(1, LegState::Connected)]);
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
    raw.send_rtp(&Raw::picture((&offer, 2), None, (SCREEN, 99), &payload));
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
        packet.extend(SCREEN.to_be_bytes());
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
