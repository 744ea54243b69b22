//! Somebody in a call: their keys, what they send under them, and what they make of what comes.

use std::net::SocketAddr;
use std::sync::LazyLock;

use vestibule_forwarding::Moment;
use vestibule_handshake::{Certificate, Credentials, Up};
use vestibule_rtp::FeedbackBuilder;
use vestibule_rtp::demux::{Protocol, protocol};
use vestibule_rtp::header::{Element, Fixed, write};
use vestibule_rtp::rtcp::packets;
use vestibule_srtp::{Inbound, KeyingMaterial, Outbound, Profile};

/// What Chromium offers, without its credentials. The numbers below are its.
const OFFER: &str = include_str!("../../../../sfu/src/offer/fixtures/chromium-156.sdp");

/// The camera comes in two layers.
const LAYERS: &str = "a=mid:1\r\na=rid:q send\r\na=rid:h send\r\na=simulcast:send q;h";

const TRANSPORT_CC: u8 = 3;
const MID: u8 = 4;
const RID: u8 = 10;
const OPUS: u8 = 111;
const VP8: u8 = 96;
const MICROPHONE: u32 = 1_301_851_400;
const CAMERA: u32 = 484_352_454;
const SCREEN: u32 = 1_863_856_333;

/// Elements of a header's extension, by their numbers.
type Named = &'static [(u8, &'static [u8])];

/// The camera's layers and the screen: their streams, and what a packet of each names.
const PICTURES: [(u32, Named); 3] = [
    (CAMERA, &[(MID, b"1"), (RID, b"q")]),
    (CAMERA + 1, &[(MID, b"1"), (RID, b"h")]),
    (SCREEN, &[(MID, b"2")]),
];

/// The largest datagram that is written.
const DATAGRAM_BYTES: usize = 1_500;

/// Where streams begin: there is something before it.
const FIRST: u64 = 1_000;

/// Packets of one picture.
const PICTURE: u64 = 4;

/// Behind what is sealed: a tag, and an index of SRTCP.
const ROOM: usize = 64;

/// How the numbers of a packet follow those of the last.
#[derive(Clone, Copy)]
pub(super) struct Numbers {
    /// Of which of [`PICTURES`].
    of: usize,
    /// What is added to the index.
    skipped: i64,
    ticks: u32,
    marker: bool,
    key_frame: bool,
}

impl Numbers {
    pub(super) fn from_bytes(one: u8, two: u8) -> Self {
        Self {
            of: usize::from(one & 3) % PICTURES.len(),
            skipped: skipped(one >> 2),
            ticks: u32::from(one >> 5) * 1_000,
            marker: two & 1 == 1,
            key_frame: two & 2 == 2,
        }
    }

    /// The next packet in order.
    pub(super) fn next(how: u8) -> Self {
        Self {
            of: usize::from(how >> 6) % PICTURES.len(),
            skipped: 1,
            ticks: 0,
            marker: false,
            key_frame: how & 0x20 != 0,
        }
    }
}

/// In order for the most, or again, late, or far ahead.
fn skipped(how: u8) -> i64 {
    match how & 7 {
        0 | 1 => 1,
        2 => 0,
        3 => 2,
        4 => -1,
        5 => -3,
        6 => 40,
        _ => 3_000,
    }
}

/// A stream that is sent.
#[derive(Clone, Copy)]
struct Stream {
    ssrc: u32,
    index: u64,
    timestamp: u32,
}

impl Stream {
    fn of(ssrc: u32) -> Self {
        Self {
            ssrc,
            index: FIRST,
            timestamp: 0,
        }
    }

    fn advance(&mut self, numbers: Numbers) {
        self.index = self.index.saturating_add_signed(numbers.skipped);
        self.timestamp = self.timestamp.wrapping_add(numbers.ticks);
    }
}

/// A stream that comes: its number, and the last packet's.
pub(super) type Coming = (u32, u16);

pub(super) struct Person {
    number: u8,
    connection: u32,
    inbound: Inbound,
    outbound: Outbound,
    /// The transport-wide number of the next packet that it sends.
    sent: u16,
    pub(super) streams: [u32; 4],
    microphone: Stream,
    pictures: [Stream; PICTURES.len()],
    /// What the answer announced, and what came of it last.
    pub(super) coming: Vec<Coming>,
    mids: Vec<String>,
    pub(super) arrivals: FeedbackBuilder,
    /// Of what comes so much is told as lost, in 256.
    pub(super) losing: u8,
    pub(super) last_report: u32,
}

fn keys(number: u8, connection: u32) -> KeyingMaterial {
    let profile = Profile::AeadAes256Gcm;
    let mut exported = vec![number; profile.keying_material_bytes()];
    let place = exported.iter_mut().zip(connection.to_be_bytes());
    place.for_each(|(to, from)| *to ^= from);
    KeyingMaterial::split(profile, &exported).expect("as many as are asked for")
}

impl Person {
    pub(super) fn new(number: u8) -> Self {
        let keys = keys(number, 0);
        Self {
            number,
            connection: 0,
            inbound: Inbound::new(&keys.server).expect("the library takes every key"),
            outbound: Outbound::new(&keys.client).expect("the library takes every key"),
            sent: 0,
            streams: [MICROPHONE, CAMERA, CAMERA + 1, SCREEN],
            microphone: Stream::of(MICROPHONE),
            pictures: PICTURES.map(|(ssrc, _)| Stream::of(ssrc)),
            coming: Vec::new(),
            mids: Vec::new(),
            arrivals: FeedbackBuilder::default(),
            losing: 0,
            last_report: 0,
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        ([192, 0, 2, 2 + self.number], 4_000).into()
    }

    pub(super) fn connection(&self) -> u32 {
        self.connection
    }

    pub(super) fn mids(&self) -> &[String] {
        &self.mids
    }

    /// Begins anew: what is offered, and what both sides are up with.
    pub(super) fn offer(&mut self, connection: u32, server: SocketAddr) -> (String, Up) {
        let keys = keys(self.number, connection);
        *self = Self {
            connection,
            inbound: Inbound::new(&keys.server).expect("the library takes every key"),
            outbound: Outbound::new(&keys.client).expect("the library takes every key"),
            ..Self::new(self.number)
        };
        let up = Up {
            inbound: keys.client,
            outbound: keys.server,
            local: server,
            remote: self.address(),
        };
        (offer(), up)
    }

    pub(super) fn take_answer(&mut self, answer: &str) {
        let values =
            |name: &'static str| answer.lines().filter_map(move |it| it.strip_prefix(name));
        let streams = values("a=ssrc:").filter_map(|it| it.split(' ').next()?.parse().ok());
        self.coming = streams.map(|stream| (stream, 0)).collect();
        self.coming.dedup();
        self.mids = values("a=mid:").map(str::to_owned).collect();
    }

    /// A picture's packet, of these bytes if there are any.
    pub(super) fn picture(&mut self, numbers: Numbers, raw: &[u8]) -> Option<Vec<u8>> {
        let (_, named) = PICTURES.get(numbers.of)?;
        let stream = self.pictures.get_mut(numbers.of)?;
        stream.advance(numbers);
        let stream = *stream;
        let ordinary = descriptor(stream.index, numbers.key_frame);
        let fixed = Fixed {
            marker: numbers.marker || stream.index % PICTURE == PICTURE - 1,
            payload_type: VP8,
            sequence: low(stream.index),
            timestamp: stream.timestamp.wrapping_add(ticks(stream.index)),
            ssrc: stream.ssrc,
        };
        let payload = if raw.is_empty() { &ordinary } else { raw };
        self.seal((stream.index, &fixed), named, payload)
    }

    pub(super) fn voice(&mut self, numbers: Numbers, raw: &[u8]) -> Option<Vec<u8>> {
        self.microphone.advance(numbers);
        let stream = self.microphone;
        let fixed = Fixed {
            marker: numbers.marker,
            payload_type: OPUS,
            sequence: low(stream.index),
            timestamp: stream.timestamp.wrapping_add(ticks(stream.index)),
            ssrc: stream.ssrc,
        };
        self.seal((stream.index, &fixed), &[(MID, b"0")], raw)
    }

    fn seal(
        &mut self,
        (index, fixed): (u64, &Fixed),
        named: &[(u8, &[u8])],
        payload: &[u8],
    ) -> Option<Vec<u8>> {
        let number = self.sent.to_be_bytes();
        self.sent = self.sent.wrapping_add(1);
        let named = named.iter().map(|(id, value)| Element { id: *id, value });
        let number = Element {
            id: TRANSPORT_CC,
            value: &number,
        };
        let elements: Vec<_> = [number].into_iter().chain(named).collect();
        let mut buffer = vec![0; DATAGRAM_BYTES];
        let head = write(fixed, &elements, &mut buffer).ok()?;
        buffer.truncate(head);
        buffer.extend(payload);
        self.seal_rtp(buffer, index)
    }

    /// What says of itself that it is RTP.
    pub(super) fn any_rtp(&mut self, packet: &[u8]) -> Option<Vec<u8>> {
        let index = packet.get(2..4).and_then(|it| it.first_chunk());
        let index = index.map_or(0, |it| u16::from_be_bytes(*it));
        self.seal_rtp(packet.to_vec(), index.into())
    }

    fn seal_rtp(&mut self, mut buffer: Vec<u8>, index: u64) -> Option<Vec<u8>> {
        let length = buffer.len();
        buffer.resize(length + ROOM, 0);
        let length = self.outbound.seal_rtp(&mut buffer, length, index).ok()?;
        buffer.truncate(length);
        Some(buffer)
    }

    /// A compound that is written into a buffer: its length.
    pub(super) fn rtcp(
        &mut self,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) -> Option<Vec<u8>> {
        self.report(|_, part| write(part))
    }

    /// The same, of what it knows.
    pub(super) fn report(
        &mut self,
        write: impl FnOnce(&mut Self, &mut [u8]) -> Option<usize>,
    ) -> Option<Vec<u8>> {
        let mut buffer = vec![0; DATAGRAM_BYTES];
        let length = write(self, &mut buffer)?;
        let length = self.outbound.seal_rtcp(&mut buffer, length).ok()?;
        buffer.truncate(length);
        Some(buffer)
    }

    /// Takes what came: it is authentic, came once, and can be read.
    pub(super) fn take(&mut self, now: Moment, datagram: &mut [u8]) {
        match protocol(datagram) {
            Some(Protocol::Rtp) => self.take_rtp(now, datagram),
            Some(Protocol::Rtcp) => {
                let opened = self.inbound.open_rtcp(datagram);
                let length = opened.expect("what is reported is authentic and new");
                let compound = datagram.get(..length).unwrap_or_default();
                let readable = packets(compound).all(|part| part.is_ok());
                assert!(readable, "what is reported can be read");
            }
            Some(Protocol::Stun | Protocol::Dtls) | None => {}
        }
    }

    fn take_rtp(&mut self, now: Moment, datagram: &mut [u8]) {
        let opened = self.inbound.open_rtp(datagram);
        let packet = opened.expect("what is sent is authentic and new").packet;
        let known = self.coming.iter_mut().find(|it| it.0 == packet.ssrc);
        let (_, last) = known.expect("what is sent was announced");
        *last = packet.sequence;
        let mut elements = packet.extension.iter().flat_map(|it| it.elements(datagram));
        let number = elements.find(|(id, _)| *id == TRANSPORT_CC);
        let number = number.and_then(|(_, value)| value.first_chunk().copied());
        let number = u16::from_be_bytes(number.expect("what is sent is numbered"));
        if number.wrapping_mul(157).to_be_bytes()[1] >= self.losing {
            self.arrivals.note(number, now);
        }
    }
}

/// A VP8 descriptor with a 15-bit `PictureID`, TL0PICIDX and TID, and what is sealed behind it.
fn descriptor(index: u64, key_frame: bool) -> Vec<u8> {
    let begins = index.is_multiple_of(PICTURE);
    let start = if begins { 0x90 } else { 0x80 };
    let [.., high, picture] = (index / PICTURE).to_be_bytes();
    let delta = u8::from(!key_frame);
    let mut payload = vec![start, 0xe0, 0x80 | high, picture, picture, 0x00, delta];
    payload.resize(200, 0xa5);
    payload
}

fn ticks(index: u64) -> u32 {
    ((index / PICTURE) as u32).wrapping_mul(3_000)
}

fn low(index: u64) -> u16 {
    (index & 0xffff) as u16
}

/// The offer is long, and takes longer to read than a run takes; it is read each time, of the codecs that are taken alone.
fn offer() -> String {
    static OFFERED: LazyLock<String> = LazyLock::new(|| {
        let ours = Credentials::random().expect("there is randomness");
        let certificate = Certificate::generate().expect("a certificate can be made");
        let line = |line: &str| match line.split_once(':') {
            Some(("a=ice-ufrag", _)) => format!("a=ice-ufrag:{}", ours.ufrag),
            Some(("a=ice-pwd", _)) => format!("a=ice-pwd:{}", ours.password),
            Some(("a=fingerprint", _)) => {
                format!("a=fingerprint:sha-256 {}", certificate.fingerprint())
            }
            Some(("a=mid", "1")) => LAYERS.to_owned(),
            _ => with_codecs(line),
        };
        let lines = OFFER.lines().filter(|it| is_of_codecs(it));
        lines.map(|it| line(it) + "\r\n").collect()
    });
    OFFERED.clone()
}

/// Sound with redundancy, and pictures with what is sent again.
const CODECS: [&str; 4] = ["111", "63", "96", "97"];

/// A media section's first line, with these codecs.
fn with_codecs(line: &str) -> String {
    if !line.starts_with("m=") {
        return line.to_owned();
    }
    let words = line.split(' ').enumerate();
    let words = words.filter(|(place, word)| *place < 3 || CODECS.contains(word));
    words.map(|(_, word)| word).collect::<Vec<_>>().join(" ")
}

fn is_of_codecs(line: &str) -> bool {
    let of = ["a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"];
    let of = of.iter().find_map(|name| line.strip_prefix(name));
    let codec = of.and_then(|rest| rest.split(' ').next());
    codec.is_none_or(|codec| CODECS.contains(&codec))
}
