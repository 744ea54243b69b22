//! Packets that came before, and packets whose tags do not fit.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use vestibule_control::LegState;
use vestibule_forwarding::Slot;
use vestibule_rtp::rtcp::Compound;
use vestibule_sfu::{CallId, Forwarded, Packet, Seat, Source, Tap};
use vestibule_srtp::limits::RTCP_WINDOW;

use super::support::World;
use super::support::client::is_rtp;
use super::support::metrics::sum;
use super::support::raw::{Raw, numbers};
use super::{PATIENT, PRACTITIONER, consultation, consultation_in, undisturbed};

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

/// A third person who is sent media, and what they ask for a key frame with.
fn who_asks() -> (World, Raw, Vec<u8>) {
    let mut world = consultation();
    world.plan(&[PATIENT, PRACTITIONER, 3], true);
    let mut raw = world.join_raw(3, 1);
    world.until("media comes", |_| {
        raw.run();
        !raw.media.is_empty()
    });
    let (stream, _) = numbers(&raw.media[0]);
    let mut buffer = [0; 64];
    let mut compound = Compound::new(&mut buffer);
    compound.receiver_report(REPORTER, &[]).unwrap();
    compound.picture_loss(REPORTER, stream).unwrap();
    let request = compound.octets().to_vec();
    (world, raw, request)
}

/// Whom reports are from.
const REPORTER: u32 = 1;

/// How many key frames receivers asked for, as the SFU heard.
fn asked(world: &World) -> f64 {
    sum(&world.metrics(), "vestibule_sfu_key_frames_asked_total")
}

/// Sends each of these, and sees that media flows meanwhile.
fn flood(world: &mut World, raw: &mut Raw, datagrams: &[Vec<u8>]) {
    for datagrams in datagrams.chunks(50) {
        datagrams.iter().for_each(|it| raw.send(it));
        let seen = world.clients[1].got.len();
        world.until("media flows", |world| {
            raw.run();
            world.clients[1].got.len() > seen
        });
    }
}

#[test]
fn attack_18_reports_that_are_sent_again_are_dropped_and_the_session_survives() {
    let (mut world, mut raw, request) = who_asks();
    let sealed = raw.seal_rtcp(&request);
    raw.send(&sealed);
    world.until("it is heard", |world| {
        raw.run();
        asked(world) == 1.0
    });
    flood(&mut world, &mut raw, &vec![sealed.clone(); 1000]);
    world.until("all were dropped", |world| {
        assert_eq!(asked(world), 1.0, "a replay was heard");
        world.dropped("srtp_replayed") == 1000
    });
    // From longer ago than is remembered.
    let mut nothing = [0; 8];
    let mut compound = Compound::new(&mut nothing);
    compound.receiver_report(REPORTER, &[]).unwrap();
    for _ in 0..RTCP_WINDOW {
        raw.send_rtcp(compound.octets());
    }
    flood(&mut world, &mut raw, &vec![sealed; 100]);
    world.until("all were dropped", |world| {
        assert_eq!(asked(world), 1.0, "a replay was heard");
        world.dropped("srtp_too_old") == 100
    });
    raw.send_rtcp(&request);
    world.until("what is new is heard", |world| {
        raw.run();
        asked(world) == 2.0
    });
    undisturbed(&mut world);
    assert_eq!(world.states(3), [(1, LegState::Connected)]);
}

/// Under GCM the index is behind the tag (RFC 7714 section 9), and begins with the bit that says that all is encrypted.
const INDEX_BYTES: usize = 4;
const ENCRYPTED: u32 = 1 << 31;

#[test]
fn attack_18_a_flood_of_reports_with_bad_tags_is_dropped_and_the_session_survives() {
    let (mut world, mut raw, request) = who_asks();
    let sealed = raw.seal_rtcp(&request);
    let index_at = sealed.len() - INDEX_BYTES;
    let forged = |at: usize| {
        let mut forged = sealed.clone();
        if at.is_multiple_of(2) {
            // With the next number, and one bit of what is sealed, of its tag or of who sends it turned.
            forged[4 + at / 2 % (index_at - 4)] ^= 1;
        } else {
            // With numbers far ahead, so that all that come later would be too old if they counted.
            let index = ENCRYPTED | (10_000 + at as u32);
            forged[index_at..].copy_from_slice(&index.to_be_bytes());
        }
        forged
    };
    let forged: Vec<_> = (0..4000).map(forged).collect();
    flood(&mut world, &mut raw, &forged);
    world.until("all were dropped", |world| {
        assert_eq!(asked(world), 0.0, "a forged report was heard");
        world.dropped("srtp_forged") == 4000
    });
    raw.send(&sealed);
    world.until("what was forged is heard as it was sealed", |world| {
        raw.run();
        asked(world) == 1.0
    });
    undisturbed(&mut world);
    assert_eq!(world.states(3), [(1, LegState::Connected)]);
}
