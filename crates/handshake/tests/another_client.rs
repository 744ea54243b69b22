//! Against a client that is another library's whole: `str0m`, with its own ICE, DTLS and SRTP around the same protocols
//! that browsers speak.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use str0m::config::{DtlsVersion, Fingerprint as TheirFingerprint};
use str0m::media::MediaKind;
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, IceCreds, Input, Output as TheirOutput, Rtc, RtcConfig};
use vestibule_handshake::{Certificate, Credentials, Handshake, Output, Role, Up};
use vestibule_srtp::{Inbound, Outbound, is_rtcp};

const CLIENT_SSRC: u32 = 11;
const SERVER_SSRC: u32 = 22;

fn address(last: u8) -> SocketAddr {
    ([192, 0, 2, last], 4000).into()
}

fn theirs(credentials: &Credentials) -> IceCreds {
    IceCreds {
        ufrag: credentials.ufrag.clone(),
        pass: credentials.password.clone(),
    }
}

struct World {
    now: Instant,
    client: Rtc,
    server: Handshake,
    up: Option<Up>,
    /// RTP that came to the server, still sealed.
    sealed: Vec<Vec<u8>>,
    /// Payloads that came to the client.
    received: Vec<Vec<u8>>,
}

impl World {
    fn new() -> Self {
        let now = Instant::now();
        let (ours, clients) = (
            Credentials::random().unwrap(),
            Credentials::random().unwrap(),
        );
        let certificate = Certificate::generate().unwrap();
        let mut client = RtcConfig::new()
            .set_rtp_mode(true)
            .set_dtls_version(DtlsVersion::Dtls12)
            .build(now);
        client.handle_input(Input::Timeout(now)).unwrap();
        client.add_local_candidate(Candidate::host(address(2), Protocol::Udp).unwrap());
        client.add_remote_candidate(Candidate::host(address(1), Protocol::Udp).unwrap());
        let mut direct = client.direct_api();
        let fingerprint = direct.local_dtls_fingerprint().to_string();
        let (_, fingerprint) = fingerprint.split_once(' ').unwrap();
        direct.set_ice_controlling(true);
        direct.set_local_ice_credentials(theirs(&clients));
        direct.set_remote_ice_credentials(theirs(&ours));
        direct.set_remote_fingerprint(
            format!("sha-256 {}", certificate.fingerprint())
                .parse::<TheirFingerprint>()
                .unwrap(),
        );
        direct.start_dtls(true).unwrap();
        direct.declare_media("a".into(), MediaKind::Audio);
        direct.declare_stream_tx(CLIENT_SSRC.into(), None, "a".into(), None);
        direct.expect_stream_rx(SERVER_SSRC.into(), None, "a".into(), None);
        let server = Handshake::new(
            now,
            Role::Server,
            &[address(1)],
            (ours, clients),
            &certificate,
            fingerprint.parse().unwrap(),
        );
        Self {
            now,
            client,
            server: server.unwrap(),
            up: None,
            sealed: Vec::new(),
            received: Vec::new(),
        }
    }

    fn tell_client(&mut self, bytes: &[u8]) {
        let received = Receive::new(Protocol::Udp, address(1), address(2), bytes).unwrap();
        self.client
            .handle_input(Input::Receive(self.now, received))
            .unwrap();
    }

    fn step(&mut self) {
        self.now += Duration::from_millis(10);
        self.client.handle_input(Input::Timeout(self.now)).unwrap();
        loop {
            match self.client.poll_output().unwrap() {
                TheirOutput::Timeout(_) => break,
                TheirOutput::Transmit(sent) if (128..192).contains(&sent.contents[0]) => {
                    if !is_rtcp(&sent.contents) {
                        self.sealed.push(sent.contents.to_vec());
                    }
                }
                TheirOutput::Transmit(sent) => {
                    let (from, to) = (sent.source, sent.destination);
                    self.server
                        .handle_datagram(self.now, from, to, &sent.contents);
                }
                TheirOutput::Event(Event::RtpPacket(packet)) => {
                    self.received.push(packet.payload.to_vec());
                }
                TheirOutput::Event(_) => {}
            }
        }
        if self
            .server
            .next_timeout()
            .is_some_and(|due| due <= self.now)
        {
            self.server.handle_timeout(self.now);
        }
        while let Some(output) = self.server.poll() {
            match output {
                Output::Transmit(transmit) => self.tell_client(&transmit.bytes),
                Output::Up(up) => self.up = Some(*up),
                Output::AddressChanged { .. } | Output::Reached(_) => {}
                Output::Down(reason) => panic!("{reason}"),
            }
        }
    }
}

#[test]
fn another_librarys_client_comes_up_and_media_flows_both_ways() {
    let mut world = World::new();
    for _ in 0..200 {
        world.step();
    }
    let up = world.up.take().unwrap();
    let mut inbound = Inbound::new(&up.inbound).unwrap();
    let mut outbound = Outbound::new(&up.outbound).unwrap();

    let mut direct = world.client.direct_api();
    let stream = direct.stream_tx(&CLIENT_SSRC.into()).unwrap();
    stream.write_rtp(RtpWrite::new(
        111.into(),
        7.into(),
        960,
        world.now,
        b"from the client".to_vec(),
    ));
    for _ in 0..20 {
        world.step();
    }
    let mut sealed = world.sealed.pop().unwrap();
    let opened = inbound.open_rtp(&mut sealed).unwrap();
    assert_eq!((opened.packet.ssrc, opened.index), (CLIENT_SSRC, 7));
    assert_eq!(&sealed[opened.packet.payload], b"from the client");

    let mut packet = vec![0x80, 111, 0, 5, 0, 0, 0, 0];
    packet.extend(SERVER_SSRC.to_be_bytes());
    packet.extend(b"from the server");
    let length = packet.len();
    packet.resize(length + 16, 0);
    outbound.seal_rtp(&mut packet, length, 5).unwrap();
    world.tell_client(&packet);
    for _ in 0..20 {
        world.step();
    }
    assert_eq!(world.received, [b"from the server"]);
}
