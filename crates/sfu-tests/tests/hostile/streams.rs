//! Media under the names of somebody else.

use vestibule_control::LegState;

use vestibule_rtp::rtcp::{Compound, ReportBlock};

use super::support::World;
use super::support::metrics::sum;
use super::support::raw::Raw;
use super::{PATIENT, PRACTITIONER, arrived, consultation, undisturbed};

/// What the attacker's packets end in, as a counter that nobody reaches.
const EVIL: u64 = u64::MAX - 7;

/// The streams that a client sent on.
fn streams(world: &World, client: usize) -> Vec<u32> {
    let trace = world.clients[client].trace.iter();
    let media = trace.filter(|sent| super::support::client::is_rtp(sent));
    let mut streams: Vec<_> = media
        .map(|sent| u32::from_be_bytes(*sent[8..].first_chunk().unwrap()))
        .collect();
    streams.sort_unstable();
    streams.dedup();
    streams
}

/// A packet on a stream, which may name a mid under every number that an extension can have.
fn packet(sequence: u16, ssrc: u32, named: Option<(u8, &str)>) -> Vec<u8> {
    let mut packet = vec![if named.is_some() { 0x90 } else { 0x80 }, 111];
    packet.extend(sequence.to_be_bytes());
    packet.extend([0, 0, 0, 1]);
    packet.extend(ssrc.to_be_bytes());
    if let Some((id, mid)) = named {
        let mut block = vec![(id << 4) | (mid.len() as u8 - 1)];
        block.extend(mid.as_bytes());
        block.resize(block.len().next_multiple_of(4), 0);
        packet.extend([0xbe, 0xde]);
        packet.extend((block.len() as u16 / 4).to_be_bytes());
        packet.extend(block);
    }
    packet.extend(b"sound");
    packet.extend(EVIL.to_be_bytes());
    packet
}

/// Names a stream to have ended (BYE), and reports times of it that are not so (SR), as if the attacker sent it.
fn reports(ssrc: u32) -> [Vec<u8>; 2] {
    let ssrc = ssrc.to_be_bytes();
    let bye = [&[0x81, 203, 0, 1][..], &ssrc].concat();
    let report = [&[0x80, 200, 0, 6][..], &ssrc, &[0xff; 20]].concat();
    [bye, report]
}

/// A call of three, the third of whom does not keep to their own streams.
fn with_an_attacker() -> (World, Raw) {
    let mut world = consultation();
    world.plan(&[PATIENT, PRACTITIONER, 3], true);
    let raw = world.join_raw(3, 1);
    (world, raw)
}

#[test]
fn attack_16_the_stream_of_somebody_else_is_dropped_and_theirs_goes_on() {
    let (mut world, mut raw) = with_an_attacker();
    let victims = [streams(&world, 0), streams(&world, 1)].concat();
    let slots = [world.slots(PATIENT), world.slots(PRACTITIONER)];
    for (at, ssrc) in victims.iter().cycle().take(200).enumerate() {
        raw.send_rtp(&packet(at as u16, *ssrc, None));
        for report in reports(*ssrc) {
            raw.send_rtcp(&report);
        }
    }
    all_are_dropped(&mut world, 200);
    unaffected(&world, &slots.map(Option::unwrap));
}

#[test]
fn attack_16_the_mid_or_rid_of_somebody_else_is_dropped() {
    let (mut world, mut raw) = with_an_attacker();
    let mids: Vec<_> = world.clients[0]
        .mids
        .iter()
        .map(ToString::to_string)
        .collect();
    let slots = [world.slots(PATIENT), world.slots(PRACTITIONER)];
    let names = mids.iter().map(String::as_str).chain(["q", "h", "f"]);
    let mut sequence = 0;
    for name in names {
        for id in 1..15 {
            sequence += 1;
            let ssrc = 0xbad0_0000 + u32::from(id);
            raw.send_rtp(&packet(sequence, ssrc, Some((id, name))));
        }
    }
    all_are_dropped(&mut world, sequence.into());
    unaffected(&world, &slots.map(Option::unwrap));
}

/// A packet of a layer of the attacker's own camera. No picture begins with it: that the layer is known is all that matters.
fn layer(offer: &str, sequence: u16, ssrc: u32, rid: &str) -> Vec<u8> {
    let payload = [&[0x80, 0xe0, 0x80, 1, 1, 0x20, 1][..], &EVIL.to_be_bytes()].concat();
    Raw::picture((offer, 1), Some(rid), (ssrc, sequence), &payload)
}

#[test]
fn attack_16_a_layer_that_was_not_announced_is_dropped() {
    let mut world = consultation();
    world.plan(&[PATIENT, PRACTITIONER, 3], true);
    let (mut raw, offer) = world.join_raw_with_layers(3, 1);
    let slots = [world.slots(PATIENT), world.slots(PRACTITIONER)];
    for sequence in 0..200 {
        let ssrc = 0xbad0_0000 + u32::from(sequence % 20);
        raw.send_rtp(&layer(&offer, sequence, ssrc, "x"));
    }
    all_are_dropped(&mut world, 200);
    unaffected(&world, &slots.map(Option::unwrap));
}

#[test]
fn attack_16_a_flood_of_streams_of_ones_own_layers_ends_ones_own_connection_alone() {
    let mut world = consultation();
    world.plan(&[PATIENT, PRACTITIONER, 3], true);
    let (mut raw, offer) = world.join_raw_with_layers(3, 1);
    for sequence in 0..200 {
        let rid = ["q", "h", "f"][usize::from(sequence) % 3];
        let ssrc = 0xbad0_0000 + u32::from(sequence);
        raw.forget_streams();
        raw.send_rtp(&layer(&offer, sequence, ssrc, rid));
    }
    world.until("the attacker is out", |world| {
        // Whoever is silent would be out some day anyway.
        raw.run();
        world.states(3).last() == Some(&(1, LegState::Closed))
    });
    undisturbed(&mut world);
    assert!(world.dropped("too_many_streams") > 0);
}

/// Reports that all of a stream is lost, and asks for a whole picture and for packets of it again.
fn complaints(ssrc: u32) -> Vec<u8> {
    let mut buffer = [0; 256];
    let mut compound = Compound::new(&mut buffer);
    let block = ReportBlock {
        ssrc,
        fraction_lost: 255,
        cumulative_lost: 0x7f_ffff,
        ..ReportBlock::default()
    };
    compound.receiver_report(1, &[block]).unwrap();
    compound.picture_loss(1, ssrc).unwrap();
    compound.full_intra(1, &[(ssrc, 1)]).unwrap();
    compound.nack(1, ssrc, 4096..4200).unwrap();
    compound.octets().to_vec()
}

/// The streams that the SFU sends to a client.
fn received(world: &World, client: usize) -> Vec<u32> {
    let mut streams: Vec<_> = world.clients[client].got.iter().map(|it| it.ssrc).collect();
    streams.sort_unstable();
    streams.dedup();
    streams
}

#[test]
fn attack_16_complaints_about_streams_of_somebody_else_move_nobody() {
    let (mut world, mut raw) = with_an_attacker();
    let told = |world: &World| {
        let page = world.metrics();
        ["key_frames_asked", "retransmissions_asked"]
            .map(|what| sum(&page, &format!("vestibule_sfu_{what}_total")))
    };
    undisturbed(&mut world);
    let before = told(&world);
    let all: Vec<_> = [0, 1]
        .iter()
        .flat_map(|client| [streams(&world, *client), received(&world, *client)])
        .flatten()
        .collect();
    let came = arrived(&world);
    for ssrc in all.iter().cycle().take(200) {
        raw.send_rtcp(&complaints(*ssrc));
    }
    world.until("all came", |world| arrived(world) >= came + 200);
    undisturbed(&mut world);
    let now = told(&world);
    // What the newcomer's own joining asked for is no receiver's request.
    assert_eq!((now[0], before[0]), (0.0, 0.0));
    // The others may lack a packet of their own: each complaint asked for a hundred.
    assert!(now[1] - before[1] < 200.0, "{now:?} after {before:?}");
    assert_eq!(world.dropped("rtcp_malformed"), 0);
    assert_eq!(world.dropped("unknown_stream_report"), 200);
}

#[test]
fn attack_16_a_flood_of_reporters_ends_ones_own_connection_alone() {
    let (mut world, mut raw) = with_an_attacker();
    for reporter in 0..200_u32 {
        let ssrc = (0xbad0_0000 + reporter).to_be_bytes();
        raw.forget_streams();
        raw.send_rtcp(&[&[0x80, 201, 0, 1][..], &ssrc].concat());
    }
    world.until("the attacker is out", |world| {
        // Whoever is silent would be out some day anyway.
        raw.run();
        world.states(3).last() == Some(&(1, LegState::Closed))
    });
    undisturbed(&mut world);
    assert!(world.dropped("too_many_streams") > 0);
}

/// So many of the attacker's packets are dropped, none goes to anybody, and the others go on.
fn all_are_dropped(world: &mut World, sent: u64) {
    undisturbed(world);
    world.until("all came", |world| {
        nobody_got_any(world);
        world.dropped("unknown_stream") >= sent
    });
}

fn nobody_got_any(world: &World) {
    for client in &world.clients {
        let any = client.got.iter().any(|got| got.counter == EVIL);
        assert!(!any, "a packet of the attacker's was forwarded");
    }
}

/// Nothing of the attacker's came to anybody, and everybody's slots are as they were.
fn unaffected(world: &World, slots: &[(u32, Vec<vestibule_control::Binding>); 2]) {
    for (person, before) in [PATIENT, PRACTITIONER].into_iter().zip(slots) {
        let (_, now) = world.slots(person).unwrap();
        assert!(before.1.iter().all(|bound| now.contains(bound)), "{person}");
    }
    nobody_got_any(world);
}
