//! A client: its handshakes, and what it sends and tells under its keys.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use vestibule_forwarding::Moment;
use vestibule_handshake::{Certificate, Credentials, Handshake, Output, Role, Up};
use vestibule_rtp::FeedbackBuilder;
use vestibule_rtp::demux::{Protocol, protocol};
use vestibule_rtp::header::{Element, Fixed, write};
use vestibule_rtp::ntp::Ntp;
use vestibule_rtp::rtcp::{Compound, SenderInfo};
use vestibule_srtp::{Inbound, Outbound, Profile};

use super::{DATAGRAM_BYTES, PACKETS};

/// What Chromium offers, without its credentials. The numbers below are its.
const OFFER: &str = include_str!("../../../sfu/src/offer/fixtures/chromium-156.sdp");

const TRANSPORT_CC: u8 = 3;
const MID: u8 = 4;
const OPUS: u8 = 111;
const VP8: u8 = 96;
const MICROPHONE: u32 = 1_301_851_400;
const CAMERA: u32 = 484_352_454;

/// The stream of the camera's second encoder, which no offer announced.
const SECOND: u32 = 7;

/// A fixed header and one block of extensions: transport-wide number and mid.
pub(super) const HEADER_BYTES: usize = 24;

/// The payload of a packet of a picture, and of a voice.
pub(crate) const PICTURE_BYTES: usize = 1_100;
pub(crate) const VOICE_BYTES: usize = 100;

const TAG_BYTES: usize = 16;

/// Ticks of the camera's and the microphone's timestamps between packets.
const PICTURE_TICKS: u32 = 4_800;
const VOICE_TICKS: u32 = 960;

/// How long a packet is on its way.
const ON_THE_WAY: Duration = Duration::from_millis(10);

/// What a client's reports come from.
const REPORTER: u32 = 1;

pub(super) struct Client {
    pub(super) address: SocketAddr,
    server: SocketAddr,
    handshake: Handshake,
    keys: Option<(Inbound, Outbound)>,
    /// The transport-wide number of the next packet that it sends.
    number: u16,
    camera: Stream,
    microphone: Stream,
    /// The transport-wide number of the next packet that it receives.
    next: u16,
    feedback: FeedbackBuilder,
    /// The picture's number in the last packet that came.
    picture: Option<u8>,
}

struct Stream {
    ssrc: u32,
    /// The extended number of the next packet.
    index: u64,
}

impl Client {
    /// Offers a connection from an address of its own to the server's, which is answered.
    pub(super) fn join(
        now: Instant,
        (address, server): (SocketAddr, SocketAddr),
        offer: impl FnOnce(String) -> String,
    ) -> Self {
        let certificate = Certificate::generate().expect("a certificate");
        let ours = Credentials::random().expect("credentials");
        let answer = offer(offer_of(&ours, &certificate));
        let value = |name: &str| {
            let found = answer.lines().find_map(|line| line.strip_prefix(name));
            found.expect("it is answered").to_owned()
        };
        let theirs = Credentials {
            ufrag: value("a=ice-ufrag:"),
            password: value("a=ice-pwd:"),
        };
        let fingerprint = value("a=fingerprint:sha-256 ").parse();
        let mut handshake = Handshake::new(
            now,
            Role::Client,
            &[address],
            (ours, theirs),
            &certificate,
            fingerprint.expect("a fingerprint"),
        )
        .expect("a handshake");
        handshake.add_remote(server).expect("an address");
        Self {
            address,
            server,
            handshake,
            keys: None,
            number: 0,
            camera: Stream::of(CAMERA),
            microphone: Stream::of(MICROPHONE),
            next: 0,
            feedback: FeedbackBuilder::default(),
            picture: None,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.keys.is_some()
    }

    /// What its handshakes have to say.
    pub(super) fn speak(&mut self, now: Instant) -> Vec<Vec<u8>> {
        self.handshake.handle_timeout(now);
        let mut said = Vec::new();
        while let Some(output) = self.handshake.poll() {
            match output {
                Output::Transmit(transmit) => said.push(transmit.bytes),
                Output::Up(up) => self.up(&up),
                Output::AddressChanged { .. } | Output::Reached(_) => {}
                Output::Down(why) => panic!("the connection is down: {why}"),
            }
        }
        said
    }

    fn up(&mut self, up: &Up) {
        // The floors are of this one, which browsers agree on with the SFU as well.
        assert_eq!(up.inbound.profile(), Profile::AeadAes256Gcm);
        let inbound = Inbound::new(&up.inbound).expect("keys");
        let outbound = Outbound::new(&up.outbound).expect("keys");
        self.keys = Some((inbound, outbound));
    }

    /// Takes what came.
    pub(super) fn take(&mut self, now: Instant, moment: Moment, datagram: &mut [u8]) {
        match protocol(datagram) {
            Some(Protocol::Stun | Protocol::Dtls) => {
                self.handshake
                    .handle_datagram(now, self.server, self.address, datagram);
            }
            Some(Protocol::Rtp) => {
                let (inbound, _) = self.keys.as_mut().expect("keys");
                let rtp = inbound.open_rtp(datagram).expect("authentic").packet;
                let extension = rtp.extension.as_ref().expect("extensions");
                let mut elements = extension.elements(datagram);
                let number = elements.find_map(|(id, value)| {
                    (id == TRANSPORT_CC).then(|| value.first_chunk().copied())?
                });
                self.next = u16::from_be_bytes(number.expect("a number"));
                self.picture = datagram
                    .get(rtp.payload.clone())
                    .and_then(|it| it.get(3))
                    .copied();
                self.arrived(moment, 1);
            }
            Some(Protocol::Rtcp) | None => {}
        }
    }

    /// So many packets of media came, the next in order.
    pub(super) fn arrived(&mut self, now: Moment, packets: usize) {
        for _ in 0..packets {
            self.feedback.note(self.next, now.plus(ON_THE_WAY));
            self.next = self.next.wrapping_add(1);
        }
    }

    /// Panics unless the last picture has another number than its publisher gave it.
    pub(super) fn expect_rewritten(&self, publisher: &Self) {
        let given = publisher.camera.index.checked_sub(1).map(picture_id);
        assert!(self.picture.is_some(), "pictures come");
        assert_ne!(self.picture, given, "their numbers are written anew");
    }

    /// What it tells of what arrived.
    pub(super) fn feedback(&mut self, now: Moment) -> Option<(SocketAddr, Vec<u8>)> {
        self.feedback.next_timeout()?;
        let (now, mut buffer) = (now.plus(ON_THE_WAY), vec![0; DATAGRAM_BYTES]);
        let length = self.feedback.build(now, REPORTER, REPORTER, &mut buffer)?;
        Some(self.seal_rtcp(buffer, length))
    }

    /// What it tells of what it sent.
    pub(super) fn report(&mut self, now: Moment) -> (SocketAddr, Vec<u8>) {
        let mut buffer = vec![0; DATAGRAM_BYTES];
        let mut compound = Compound::new(&mut buffer);
        let info = SenderInfo {
            ssrc: self.camera.ssrc,
            ntp: Ntp::from_micros(now.as_micros()),
            timestamp: picture_time(self.camera.index),
            packets: 0,
            octets: 0,
        };
        compound.sender_report(&info, &[]).expect("room");
        let length = compound.len();
        self.seal_rtcp(buffer, length)
    }

    fn seal_rtcp(&mut self, mut buffer: Vec<u8>, length: usize) -> (SocketAddr, Vec<u8>) {
        let (_, outbound) = self.keys.as_mut().expect("keys");
        let sealed = outbound.seal_rtcp(&mut buffer, length);
        buffer.truncate(sealed.expect("sealed"));
        (self.address, buffer)
    }

    /// Its camera's encoder begins anew, under a stream of its own.
    pub(super) fn begin_anew(&mut self) {
        self.camera = Stream::of(SECOND);
    }

    /// The next packet of a picture.
    pub(super) fn picture(&mut self) -> Vec<u8> {
        let index = self.camera.index;
        let payload = payload(index);
        let fixed = Fixed {
            marker: ends_picture(index),
            payload_type: VP8,
            sequence: low(index),
            timestamp: picture_time(index),
            ssrc: self.camera.ssrc,
        };
        self.camera.index += 1;
        self.seal((index, &fixed), b"1", &payload)
    }

    /// The next packet of a voice.
    pub(super) fn voice(&mut self) -> Vec<u8> {
        let index = self.microphone.index;
        let fixed = Fixed {
            marker: false,
            payload_type: OPUS,
            sequence: low(index),
            timestamp: (index as u32).wrapping_mul(VOICE_TICKS),
            ssrc: self.microphone.ssrc,
        };
        self.microphone.index += 1;
        self.seal((index, &fixed), b"0", &[0xa5; VOICE_BYTES])
    }

    fn seal(&mut self, (index, fixed): (u64, &Fixed), mid: &[u8], payload: &[u8]) -> Vec<u8> {
        let number = self.number.to_be_bytes();
        self.number = self.number.wrapping_add(1);
        let elements = [(TRANSPORT_CC, &number[..]), (MID, mid)];
        let elements = elements.map(|(id, value)| Element { id, value });
        let mut buffer = vec![0; HEADER_BYTES + payload.len() + TAG_BYTES];
        let head = write(fixed, &elements, &mut buffer).expect("a header");
        assert_eq!(head, HEADER_BYTES);
        let length = head + payload.len();
        let place = buffer.get_mut(head..length).expect("room");
        place.copy_from_slice(payload);
        let (_, outbound) = self.keys.as_mut().expect("keys");
        let sealed = outbound.seal_rtp(&mut buffer, length, index);
        buffer.truncate(sealed.expect("sealed"));
        buffer
    }
}

impl Stream {
    fn of(ssrc: u32) -> Self {
        Self { ssrc, index: 0 }
    }
}

/// Whether a datagram is RTP.
pub(super) fn is_media(datagram: &[u8]) -> bool {
    protocol(datagram) == Some(Protocol::Rtp)
}

/// A packet's payload: a VP8 descriptor with a 15-bit `PictureID`, TL0PICIDX and TID, then sealed bytes. Each picture has as many
/// packets as a round; the first of all is a key frame.
pub(super) fn payload(index: u64) -> Vec<u8> {
    let begins = index.is_multiple_of(PACKETS as u64);
    let key_frame = index < PACKETS as u64;
    let start = if begins { 0x90 } else { 0x80 };
    let picture = picture_id(index);
    let mut payload = vec![
        start,
        0xe0,
        0x80,
        picture,
        picture,
        0x00,
        u8::from(!key_frame),
    ];
    payload.resize(PICTURE_BYTES, 0xa5);
    payload
}

fn picture_id(index: u64) -> u8 {
    ((index / PACKETS as u64) & 0xff) as u8
}

pub(super) fn picture_time(index: u64) -> u32 {
    ((index / PACKETS as u64) as u32).wrapping_mul(PICTURE_TICKS)
}

fn ends_picture(index: u64) -> bool {
    (index + 1).is_multiple_of(PACKETS as u64)
}

fn low(index: u64) -> u16 {
    (index & 0xffff) as u16
}

/// Chromium's offer made one of these credentials.
fn offer_of(ours: &Credentials, certificate: &Certificate) -> String {
    let line = |line: &str| match line.split_once(':') {
        Some(("a=ice-ufrag", _)) => format!("a=ice-ufrag:{}", ours.ufrag),
        Some(("a=ice-pwd", _)) => format!("a=ice-pwd:{}", ours.password),
        Some(("a=fingerprint", _)) => {
            format!("a=fingerprint:sha-256 {}", certificate.fingerprint())
        }
        _ => line.to_owned(),
    };
    let lines = OFFER.lines().map(|it| line(it) + "\r\n");
    lines.collect()
}
