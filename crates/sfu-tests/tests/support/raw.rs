//! Somebody who went through the handshakes and then sends what they like, under keys that count.

use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::time::Instant;

use vestibule_handshake::{Certificate, Credentials, Handshake, Output, Role};
use vestibule_srtp::{Inbound, MasterKey, Outbound, is_rtcp};

use super::client::is_rtp;

pub(crate) struct Raw {
    socket: UdpSocket,
    server: SocketAddr,
    handshake: Handshake,
    /// Both halves, once the handshakes are through.
    keys: Option<(Inbound, Outbound)>,
    /// What it seals with.
    key: Option<MasterKey>,
    /// Datagrams of DTLS are kept from the SFU.
    pub(crate) mute: bool,
    /// Neither DTLS nor checks are heard, as if its source were forged: answers to its checks alone, which need not be.
    pub(crate) deaf: bool,
    /// What was sent, by the bytes that were handed to the socket.
    pub(crate) sent: Vec<Vec<u8>>,
    /// How many bytes came.
    pub(crate) received: usize,
    /// The media that came, sealed as it is.
    pub(crate) media: Vec<Vec<u8>>,
    /// What came of reports and requests, opened.
    pub(crate) told: Vec<Vec<u8>>,
    /// The answers that came to checks.
    pub(crate) answers: Vec<Vec<u8>>,
}

impl Raw {
    /// An offer of somebody's is made one of this peer: the offer, and what is needed to take its answer.
    pub(crate) fn offer(theirs: &str) -> (String, Credentials, Certificate) {
        let (ours, certificate) = (
            Credentials::random().unwrap(),
            Certificate::generate().unwrap(),
        );
        let line = |line: &str| match line.split_once(':') {
            Some(("a=ice-ufrag", _)) => format!("a=ice-ufrag:{}", ours.ufrag),
            Some(("a=ice-pwd", _)) => format!("a=ice-pwd:{}", ours.password),
            Some(("a=fingerprint", _)) => {
                format!("a=fingerprint:sha-256 {}", certificate.fingerprint())
            }
            _ => line.to_owned(),
        };
        let lines = theirs.lines().map(|it| line(it) + "\r\n");
        (lines.collect(), ours, certificate)
    }

    /// Begins what the answer allows.
    pub(crate) fn start(ours: Credentials, certificate: &Certificate, answer: &str) -> Self {
        let value = |name: &str| {
            let found = answer.lines().find_map(|line| line.strip_prefix(name));
            found.unwrap().to_owned()
        };
        let theirs = Credentials {
            ufrag: value("a=ice-ufrag:"),
            password: value("a=ice-pwd:"),
        };
        let candidate = value("a=candidate:");
        let words: Vec<_> = candidate.split(' ').collect();
        let server = format!("{}:{}", words[4], words[5]).parse().unwrap();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let fingerprint = value("a=fingerprint:sha-256 ").parse().unwrap();
        let mut handshake = Handshake::new(
            Instant::now(),
            Role::Client,
            &[socket.local_addr().unwrap()],
            (ours, theirs),
            certificate,
            fingerprint,
        )
        .unwrap();
        handshake.add_remote(server).unwrap();
        Self {
            socket,
            server,
            handshake,
            keys: None,
            key: None,
            mute: false,
            deaf: false,
            sent: Vec::new(),
            received: 0,
            media: Vec::new(),
            told: Vec::new(),
            answers: Vec::new(),
        }
    }

    /// Takes what came and does what is due.
    pub(crate) fn run(&mut self) {
        let mut buffer = [0; 2048];
        loop {
            match self.socket.recv_from(&mut buffer) {
                Ok((length, from)) => self.take(from, &buffer[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("the socket failed: {error}"),
            }
        }
        self.handshake.handle_timeout(Instant::now());
        self.pump();
    }

    pub(crate) fn is_up(&self) -> bool {
        self.keys.is_some()
    }

    /// Where it sends to.
    pub(crate) fn server(&self) -> SocketAddr {
        self.server
    }

    /// The last check that it sent.
    pub(crate) fn last_check(&self) -> Vec<u8> {
        let checks = self.sent.iter().rev();
        let mut checks = checks.filter(|it| it.starts_with(&[0, 1]));
        checks.next().unwrap().clone()
    }

    /// Sends bytes as they are.
    pub(crate) fn send(&mut self, datagram: &[u8]) {
        self.sent.push(datagram.to_vec());
        // The kernel may refuse what an earlier datagram came back for.
        let _ = self.socket.send_to(datagram, self.server);
    }

    /// Forgets the streams that it sent on: nobody but us counts them on our side.
    pub(crate) fn forget_streams(&mut self) {
        let (_, outbound) = self.keys.as_mut().unwrap();
        *outbound = Outbound::new(self.key.as_ref().unwrap()).unwrap();
    }

    /// Seals an RTP packet, if SRTP can, and sends it.
    pub(crate) fn send_rtp(&mut self, packet: &[u8]) {
        let sealed = self.seal_rtp(packet);
        self.send(&sealed);
    }

    /// An RTP packet as it is sealed, if SRTP can.
    pub(crate) fn seal_rtp(&mut self, packet: &[u8]) -> Vec<u8> {
        let mut buffer = packet.to_vec();
        buffer.resize(packet.len() + 64, 0);
        let index = u16::from_be_bytes([packet[2], packet[3]]);
        let (_, outbound) = self.keys.as_mut().unwrap();
        let sealed = outbound.seal_rtp(&mut buffer, packet.len(), index.into());
        buffer.truncate(sealed.unwrap());
        buffer
    }

    /// Seals an RTCP packet and sends it.
    pub(crate) fn send_rtcp(&mut self, packet: &[u8]) {
        let sealed = self.seal_rtcp(packet);
        self.send(&sealed);
    }

    /// An RTCP packet as it is sealed.
    pub(crate) fn seal_rtcp(&mut self, packet: &[u8]) -> Vec<u8> {
        let mut buffer = packet.to_vec();
        buffer.resize(packet.len() + 64, 0);
        let (_, outbound) = self.keys.as_mut().unwrap();
        let length = outbound.seal_rtcp(&mut buffer, packet.len()).unwrap();
        buffer.truncate(length);
        buffer
    }

    /// A packet of a picture in a section of an offer, of a layer if one is named. What follows its head is `payload`.
    pub(crate) fn picture(
        (offer, section): (&str, usize),
        rid: Option<&str>,
        (ssrc, sequence): (u32, u16),
        payload: &[u8],
    ) -> Vec<u8> {
        let video = offer.split("m=video").nth(section).unwrap();
        Self::packet((offer, video), rid, (96, ssrc, sequence), payload)
    }

    /// A packet that repairs the picture in a section of an offer (RFC 4588). What follows its head is `payload`.
    pub(crate) fn repair(
        (offer, section): (&str, usize),
        (ssrc, sequence): (u32, u16),
        payload: &[u8],
    ) -> Vec<u8> {
        let video = offer.split("m=video").nth(section).unwrap();
        let mut lines = video.lines();
        let parameters = lines.find_map(|it| it.strip_suffix(" apt=96")).unwrap();
        let number = parameters.strip_prefix("a=fmtp:").unwrap().parse().unwrap();
        Self::packet((offer, video), None, (number, ssrc, sequence), payload)
    }

    /// A packet of sound in the first section of an offer.
    pub(crate) fn sound(offer: &str, (ssrc, sequence): (u32, u16), payload: &[u8]) -> Vec<u8> {
        let audio = offer.split("m=audio").nth(1).unwrap();
        Self::packet((offer, audio), None, (111, ssrc, sequence), payload)
    }

    fn packet(
        (offer, section): (&str, &str),
        rid: Option<&str>,
        (payload_type, ssrc, sequence): (u8, u32, u16),
        payload: &[u8],
    ) -> Vec<u8> {
        let mid = section.lines().find_map(|line| line.strip_prefix("a=mid:"));
        let named = [("sdes:mid", mid), ("sdes:rtp-stream-id", rid)];
        let mut block = Vec::new();
        for (name, value) in named {
            let Some(value) = value else { continue };
            block.push((extension(offer, name) << 4) | (value.len() as u8 - 1));
            block.extend(value.as_bytes());
        }
        block.resize(block.len().next_multiple_of(4), 0);
        let mut packet = vec![0x90, payload_type];
        packet.extend(sequence.to_be_bytes());
        packet.extend([0, 0, 0, 1]);
        packet.extend(ssrc.to_be_bytes());
        packet.extend([0xbe, 0xde]);
        packet.extend((block.len() as u16 / 4).to_be_bytes());
        packet.extend(block);
        packet.extend(payload);
        packet
    }

    fn take(&mut self, from: SocketAddr, datagram: &[u8]) {
        self.received += datagram.len();
        if is_rtp(datagram) {
            self.media.push(datagram.to_vec());
        }
        if datagram.starts_with(&[1, 1]) {
            self.answers.push(datagram.to_vec());
        }
        if is_rtcp(datagram) {
            let mut opened = datagram.to_vec();
            let (inbound, _) = self.keys.as_mut().unwrap();
            let length = inbound.open_rtcp(&mut opened).unwrap();
            opened.truncate(length);
            self.told.push(opened);
        }
        if self.deaf && !datagram.starts_with(&[1, 1]) {
            return;
        }
        let local = self.socket.local_addr().unwrap();
        self.handshake
            .handle_datagram(Instant::now(), from, local, datagram);
        self.pump();
    }

    fn pump(&mut self) {
        while let Some(output) = self.handshake.poll() {
            match output {
                Output::Transmit(transmit) => {
                    let dtls = (20..64).contains(&transmit.bytes[0]);
                    if !(dtls && self.mute) {
                        self.send(&transmit.bytes);
                    }
                }
                Output::Up(up) => {
                    let inbound = Inbound::new(&up.inbound).unwrap();
                    self.keys = Some((inbound, Outbound::new(&up.outbound).unwrap()));
                    self.key = Some(up.outbound.clone());
                }
                Output::AddressChanged { .. } | Output::Reached(_) | Output::Down(_) => {}
            }
        }
    }
}

/// The stream of a packet that came, and its number there.
pub(crate) fn numbers(packet: &[u8]) -> (u32, u16) {
    let stream = u32::from_be_bytes(*packet[8..].first_chunk().unwrap());
    (stream, u16::from_be_bytes([packet[2], packet[3]]))
}

/// The number of a header extension in an offer.
pub(crate) fn extension(offer: &str, name: &str) -> u8 {
    let line = offer.lines().find(|line| line.ends_with(name)).unwrap();
    let (_, rest) = line.split_once("a=extmap:").unwrap();
    rest.split([' ', '/']).next().unwrap().parse().unwrap()
}
