//! The whole way of a packet of a two-party call in memory: opened, noted, kept, forwarded, written anew and sealed,
//! as the SFU does it between its system calls. The floor beside it is what the cryptographic library alone takes for
//! the same bytes: AES-128-GCM, opened and sealed in place under keys that are ready.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]
#![allow(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::hint::black_box;
use std::net::SocketAddr;

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use criterion::measurement::WallTime;
use criterion::{
    BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main,
};
use vestibule_congestion::{Bitrate, Kind, Line, Pacer, Settings, Verdict};
use vestibule_forwarding::{Call, Forwarded, Moment, Packet, Seat, Source, vp8};
use vestibule_rtp::header::{Element, Fixed, write};
use vestibule_rtp::{Arrivals, Facts, FeedbackBuilder, History, Via};
use vestibule_sfu::parts::{Demux, Place};
use vestibule_srtp::{Inbound, KeyingMaterial, MasterKey, Outbound, Profile};
use vestibule_vocab::LegId;

/// A fixed header and one block of extensions: transport-wide number and mid.
const HEADER_BYTES: usize = 24;
const PAYLOAD_BYTES: usize = 1_100;
const PACKET_BYTES: usize = HEADER_BYTES + PAYLOAD_BYTES;
const TAG_BYTES: usize = 16;

/// Microseconds between packets: 150 a second.
const INTERVAL: u64 = 6_667;

/// The publisher's camera, and the one that it had before: the second is joined on to the first, so that every
/// packet's picture numbers are written anew.
const SSRC: u32 = 7;
const FORMER_SSRC: u32 = 6;

const TRANSPORT_CC: u8 = 3;
const MID: u8 = 9;

fn key(byte: u8) -> MasterKey {
    let profile = Profile::AeadAes128Gcm;
    let exported = vec![byte; profile.keying_material_bytes()];
    let keys = KeyingMaterial::split(profile, &exported).expect("the length is the profile's");
    keys.client
}

/// A packet's payload: a VP8 descriptor with a 15-bit PictureID, TL0PICIDX and TID, then sealed bytes.
fn payload(key_frame: bool, picture: u8) -> Vec<u8> {
    let frame = u8::from(!key_frame);
    let mut payload = vec![0x90, 0xe0, 0x80, picture, picture, 0x00, frame];
    payload.resize(PAYLOAD_BYTES, 0xa5);
    payload
}

/// Writes a packet as a browser does: its length.
fn write_packet(index: u64, ssrc: u32, payload: &[u8], buffer: &mut [u8]) -> usize {
    let fixed = Fixed {
        marker: false,
        payload_type: 96,
        sequence: low(index),
        timestamp: 90_000,
        ssrc,
    };
    let number = low(index).to_be_bytes();
    let elements = [element(TRANSPORT_CC, &number), element(MID, b"1")];
    let head = write(&fixed, &elements, buffer).expect("a header");
    let rest = buffer.get_mut(head..head + payload.len());
    rest.expect("room").copy_from_slice(payload);
    head + payload.len()
}

fn element(id: u8, value: &[u8]) -> Element<'_> {
    Element { id, value }
}

fn low(sequence: u64) -> u16 {
    (sequence & 0xffff) as u16
}

/// A publisher, who seals a new packet each time.
struct Publisher {
    srtp: Outbound,
    index: u64,
    delta: Vec<u8>,
}

impl Publisher {
    fn next(&mut self) -> Vec<u8> {
        self.index += 1;
        self.seal(SSRC, &self.delta.clone())
    }

    fn seal(&mut self, ssrc: u32, payload: &[u8]) -> Vec<u8> {
        let mut buffer = vec![0; PACKET_BYTES + TAG_BYTES];
        let length = write_packet(self.index, ssrc, payload, &mut buffer);
        let sealed = self.srtp.seal_rtp(&mut buffer, length, self.index);
        buffer.truncate(sealed.expect("sealed"));
        buffer
    }
}

/// What the SFU keeps of a publisher's picture, and of the one who sees it.
struct Relay {
    demux: Demux,
    address: SocketAddr,
    inbound: Inbound,
    arrivals: [(u32, Arrivals); 2],
    feedback: FeedbackBuilder,
    history: History,
    call: Call,
    pacer: Pacer<u32, 128>,
    line: Line,
    outbound: Outbound,
    out: [u8; 1_500],
    scratch: [u8; 1_200],
    now: u64,
}

impl Relay {
    fn new() -> Self {
        let [publisher, ..] = Seat::ALL;
        let place = Place {
            call: 0,
            seat: publisher,
        };
        let (mut demux, address) = (Demux::default(), ([10, 0, 0, 1], 40_000).into());
        demux.add(place, "ours".to_owned());
        demux.bind(place, address);
        let start = Moment::from_micros(0);
        Self {
            demux,
            address,
            inbound: Inbound::new(&key(1)).expect("keys"),
            arrivals: [FORMER_SSRC, SSRC].map(|ssrc| (ssrc, Arrivals::asking(90_000))),
            feedback: FeedbackBuilder::default(),
            history: History::default(),
            call: open_call(),
            pacer: Pacer::new(Bitrate::kbps(3000)),
            line: Line::new(start, Settings::default()),
            outbound: Outbound::new(&key(2)).expect("keys"),
            out: [0; 1_500],
            scratch: [0; 1_200],
            now: 0,
        }
    }

    /// Carries a datagram through: the length of what leaves.
    fn carry(&mut self, datagram: &mut [u8]) -> Option<usize> {
        self.now += INTERVAL;
        let now = Moment::from_micros(self.now);
        let place = self.demux.place_of(self.address, datagram)?;
        let rtp = self.inbound.open_rtp(datagram).ok()?.packet;
        let datagram = &*datagram;
        let mut elements = rtp.extension.as_ref()?.elements(datagram);
        let number = elements
            .find_map(|(id, value)| (id == TRANSPORT_CC).then(|| value.first_chunk().copied())?);
        self.feedback.note(u16::from_be_bytes(number?), now);
        let payload = datagram.get(rtp.payload.clone())?;
        let mut streams = self.arrivals.iter_mut();
        let (_, arrivals) = streams.find(|(ssrc, _)| *ssrc == rtp.ssrc)?;
        let noted = arrivals.note(now, rtp.sequence, rtp.timestamp, Via::Stream);
        let packet = Packet {
            layer: 0,
            ssrc: rtp.ssrc,
            sequence: noted.ok()?,
            timestamp: rtp.timestamp,
            payload,
        };
        let facts = Facts {
            sequence: packet.sequence,
            timestamp: packet.timestamp,
            marker: rtp.marker,
            orientation: None,
        };
        self.call.heard(now, place.seat);
        self.history.store(now, facts, payload);
        let mut forwarded = None;
        self.call
            .forward(now, place.seat, Source::Camera, &packet, |out| {
                forwarded = Some(out);
                true
            });
        self.tell(now);
        self.send(now, &forwarded?, payload)
    }

    /// The feedback to the publisher, each time that it is due.
    fn tell(&mut self, now: Moment) {
        if self.feedback.next_timeout().is_some_and(|due| due <= now) {
            let told = self.feedback.build(now, 1, SSRC, &mut self.scratch);
            black_box(told);
        }
    }

    fn send(&mut self, now: Moment, forwarded: &Forwarded, payload: &[u8]) -> Option<usize> {
        let size = payload.len() as u16;
        let verdict = self.pacer.submit(now, Kind::Video, size, 0);
        if !matches!(verdict, Verdict::Now(_)) {
            return None;
        }
        let number = self.line.on_sent(now, size).to_be_bytes();
        let fixed = Fixed {
            marker: false,
            payload_type: 96,
            sequence: low(forwarded.sequence),
            timestamp: forwarded.timestamp,
            ssrc: 9,
        };
        let elements = [element(TRANSPORT_CC, &number), element(MID, b"1")];
        let head = write(&fixed, &elements, &mut self.out).ok()?;
        let length = head + payload.len();
        let copy = self.out.get_mut(head..length)?;
        copy.copy_from_slice(payload);
        let descriptor = vp8::Descriptor::parse(copy)?;
        descriptor.rewrite(copy, forwarded.vp8?);
        let sealed = self
            .outbound
            .seal_rtp(&mut self.out, length, forwarded.sequence);
        sealed.ok()
    }
}

fn open_call() -> Call {
    let mut call = Call::default();
    let start = Moment::from_micros(0);
    let plan = [1, 2].map(LegId::from_random);
    call.set_plan(start, &plan, true, |_| {})
        .expect("room for two");
    for seat in Seat::ALL.into_iter().take(plan.len()) {
        call.attach(start, seat, 1);
        call.connected(start, seat);
    }
    call
}

/// A function of its own: `make instructions` counts from here on, and not what the publisher does.
#[inline(never)]
fn measured(relay: &mut Relay, datagram: &mut [u8]) -> usize {
    let sent = relay.carry(datagram).expect("sent");
    black_box(&relay.out);
    sent
}

fn whole(group: &mut BenchmarkGroup<'_, WallTime>) {
    let mut relay = Relay::new();
    let mut publisher = Publisher {
        srtp: Outbound::new(&key(1)).expect("keys"),
        index: 1,
        delta: payload(false, 1),
    };
    relay.carry(&mut publisher.seal(FORMER_SSRC, &payload(true, 100)));
    publisher.index += 1;
    relay.carry(&mut publisher.seal(SSRC, &payload(true, 1)));
    group.bench_function("open, forward, rewrite, seal", |bench| {
        bench.iter_batched_ref(
            || publisher.next(),
            |datagram| measured(&mut relay, datagram),
            BatchSize::NumIterations(32),
        );
    });
}

fn floor(group: &mut BenchmarkGroup<'_, WallTime>) {
    let key = |byte: u8| {
        let key = UnboundKey::new(&AES_128_GCM, &[byte; 16]).expect("a key");
        LessSafeKey::new(key)
    };
    let (inbound, outbound) = (key(1), key(2));
    let nonce = || Nonce::assume_unique_for_key([7; 12]);
    let mut sealed = vec![0xa5; PACKET_BYTES];
    let (header, text) = sealed.split_at_mut(HEADER_BYTES);
    let tag = inbound.seal_in_place_separate_tag(nonce(), Aad::from(header), text);
    sealed.extend(tag.expect("sealed").as_ref());
    group.bench_function("floor: AES-128-GCM, opened and sealed", |bench| {
        bench.iter_batched_ref(
            || sealed.clone(),
            |packet| {
                let (header, text) = packet.split_at_mut(HEADER_BYTES);
                let opened = inbound.open_in_place(nonce(), Aad::from(&*header), text);
                let text = opened.expect("opened");
                let tag = outbound.seal_in_place_separate_tag(nonce(), Aad::from(&*header), text);
                black_box(tag).expect("sealed").as_ref().len()
            },
            BatchSize::NumIterations(32),
        );
    });
}

fn path(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("path");
    group.throughput(Throughput::Elements(1));
    whole(&mut group);
    floor(&mut group);
    group.finish();
}

criterion_group!(benches, path);
criterion_main!(benches);
