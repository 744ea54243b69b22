//! A client: another WebRTC engine instance, with full ICE, that sends counters and notes what it gets.

use std::collections::{HashMap, VecDeque};
use std::io::ErrorKind;
use std::net::{self, SocketAddr};
use std::os::fd::AsFd;
use std::time::{Duration, Instant, SystemTime};

use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{
    Direction, KeyframeRequestKind, MediaKind, Mid, Rid, Simulcast, SimulcastLayer,
};
use str0m::net::{Protocol, Receive, Transmit};
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite, VideoOrientation};
use str0m::{Candidate, Event, Input, Output, Rtc};
use vestibule_forwarding::vp8::Descriptor;

/// Decides on a datagram: true lets it through.
pub(crate) type Filter = Box<dyn FnMut(&[u8]) -> bool>;

/// How often a sending client sends a packet of each kind.
const PACE: Duration = Duration::from_millis(4);

/// Ticks in a second of the timestamps of sound and of pictures.
const SOUND_RATE: u32 = 48_000;
const PICTURE_RATE: u32 = 90_000;

/// The layers of a camera that has some, the smallest first.
const RIDS: [&str; 3] = ["q", "h", "f"];

/// Packets of one frame of video.
const FRAME: u64 = 3;

pub(crate) struct Client {
    pub(crate) rtc: Rtc,
    socket: UdpSocket,
    pending: Option<SdpPendingOffer>,
    /// In the order of the offer.
    pub(crate) mids: Vec<Mid>,
    pub(crate) connected: bool,
    pub(crate) closed: bool,
    pub(crate) sending: bool,
    /// The layers of the camera that are sent; none where it is one stream. To be set before the first offer.
    pub(crate) layers: Option<Vec<u8>>,
    /// The camera is off.
    pub(crate) sound_only: bool,
    /// Sound is sent with redundancy.
    pub(crate) redundant: bool,
    next: Instant,
    /// How many packets of each kind were sent, which is the next one's counter.
    pub(crate) sent: u64,
    pub(crate) got: Vec<Got>,
    /// Key-frame requests that came for our camera.
    pub(crate) asked: usize,
    pub(crate) outgoing: Filter,
    pub(crate) incoming: Filter,
    /// The last datagrams that were sent, newest last.
    pub(crate) trace: Vec<Vec<u8>>,
    pub(crate) server: Option<SocketAddr>,
    key_frame_wanted: bool,
    frame_at: Instant,
    begin: Instant,
    /// How much longer pictures are on the way than sound.
    pub(crate) pictures_late: Duration,
    on_the_way: VecDeque<(Instant, SocketAddr, Vec<u8>)>,
    /// By the last sender report of each media section: when its timestamp was zero.
    pub(crate) zero_at: HashMap<Mid, SystemTime>,
}

/// A packet that came.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) mid: Mid,
    pub(crate) ssrc: u32,
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
    pub(crate) counter: u64,
    /// The layer, and whether a key frame begins, of a picture.
    pub(crate) layer: u8,
    pub(crate) key: bool,
    pub(crate) picture_id: Option<u16>,
    pub(crate) marker: bool,
    /// The picture is turned by 90 degrees.
    pub(crate) turned: bool,
    /// It is sound with redundancy.
    pub(crate) redundant: bool,
}

impl Client {
    /// One that takes sound with redundancy (RED), or does not.
    pub(crate) fn new(registry: &Registry, token: Token, redundancy: bool) -> Self {
        let socket = bind(registry, token);
        let mut rtc = Rtc::builder()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, redundancy)
            .enable_vp8(true)
            .build(Instant::now());
        rtc.handle_input(Input::Timeout(Instant::now())).unwrap();
        let host = Candidate::host(socket.local_addr().unwrap(), Protocol::Udp).unwrap();
        rtc.add_local_candidate(host);
        Self {
            rtc,
            socket,
            pending: None,
            mids: Vec::new(),
            connected: false,
            closed: false,
            sending: false,
            layers: None,
            sound_only: false,
            redundant: false,
            next: Instant::now(),
            sent: 0,
            got: Vec::new(),
            asked: 0,
            outgoing: Box::new(|_| true),
            incoming: Box::new(|_| true),
            trace: Vec::new(),
            server: None,
            key_frame_wanted: true,
            frame_at: Instant::now(),
            begin: Instant::now(),
            pictures_late: Duration::ZERO,
            on_the_way: VecDeque::new(),
            zero_at: HashMap::new(),
        }
    }

    /// Another hold of its socket: what leaves it seems to be the client's.
    pub(crate) fn twin(&self) -> net::UdpSocket {
        let twin = self.socket.as_fd().try_clone_to_owned();
        twin.unwrap().into()
    }

    /// The first offer, of the agreed form; or the next one, with ICE restarted.
    pub(crate) fn offer(&mut self) -> String {
        let mut changes = self.rtc.sdp_api();
        if self.mids.is_empty() {
            use Direction::{RecvOnly, SendOnly};
            use MediaKind::{Audio, Video};
            let sending = [(Audio, SendOnly), (Video, SendOnly), (Video, SendOnly)];
            let pairs = [(Audio, RecvOnly), (Video, RecvOnly)].repeat(4);
            for (kind, direction) in sending.into_iter().chain(pairs).chain([(Video, RecvOnly)]) {
                let camera = self.mids.len() == 1;
                let layers = self.layers.as_ref().filter(|_| camera).map(|_| simulcast());
                let mid = changes.add_media(kind, direction, None, None, layers);
                self.mids.push(mid);
            }
        } else {
            changes.ice_restart(true);
        }
        let (offer, pending) = changes.apply().unwrap();
        self.pending = Some(pending);
        offer.to_sdp_string()
    }

    pub(crate) fn accept(&mut self, answer: &str) {
        let answer = SdpAnswer::from_sdp_string(answer).unwrap();
        let pending = self.pending.take().unwrap();
        self.rtc.sdp_api().accept_answer(pending, answer).unwrap();
    }

    pub(crate) fn change_socket(&mut self, registry: &Registry, token: Token) {
        let old = Candidate::host(self.socket.local_addr().unwrap(), Protocol::Udp).unwrap();
        self.socket = bind(registry, token);
        let new = Candidate::host(self.socket.local_addr().unwrap(), Protocol::Udp).unwrap();
        self.rtc.direct_api().invalidate_candidate(&old);
        self.rtc.add_local_candidate(new);
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    /// Sends raw bytes to the SFU from this client's address.
    pub(crate) fn send_raw(&self, datagram: &[u8]) {
        self.socket.send_to(datagram, self.server.unwrap()).unwrap();
    }

    pub(crate) fn request_key_frame(&mut self, mid: Mid) {
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_rx_by_mid(mid, None).unwrap();
        stream.request_keyframe(KeyframeRequestKind::Pli);
    }

    /// What came on a media section.
    pub(crate) fn got_on(&self, mid: &str) -> Vec<Got> {
        let wanted = Mid::from(mid);
        self.got
            .iter()
            .filter(|got| got.mid == wanted)
            .cloned()
            .collect()
    }

    pub(crate) fn run(&mut self, now: Instant) {
        self.receive(now);
        if self.sending && self.connected && now >= self.next {
            self.next = now + PACE;
            self.send(now);
        }
        self.rtc.handle_input(Input::Timeout(now)).unwrap();
        self.pump();
        self.let_pictures_arrive(now);
    }

    fn receive(&mut self, now: Instant) {
        let mut buffer = [0; 2048];
        loop {
            match self.socket.recv_from(&mut buffer) {
                Ok((length, from)) => {
                    let datagram = &buffer[..length];
                    if (self.incoming)(datagram) {
                        self.deliver(now, from, datagram);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                // The SFU's port is closed: it ended.
                Err(_) => {}
            }
        }
    }

    fn deliver(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) {
        let to = self.socket.local_addr().unwrap();
        if let Ok(received) = Receive::new(Protocol::Udp, from, to, datagram) {
            self.rtc
                .handle_input(Input::Receive(now, received))
                .unwrap();
            self.pump();
        }
    }

    fn pump(&mut self) {
        while self.rtc.is_alive() {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(_) => return,
                Output::Transmit(transmit) => self.transmit(&transmit),
                Output::Event(event) => self.note(event),
            }
        }
        self.closed = true;
    }

    fn transmit(&mut self, transmit: &Transmit) {
        let (to, contents) = (transmit.destination, transmit.contents.to_vec());
        self.server = Some(to);
        self.trace.push(contents.clone());
        if !(self.outgoing)(&contents) {
            return;
        }
        if is_picture(&contents) && !self.pictures_late.is_zero() {
            let leaves = Instant::now() + self.pictures_late;
            self.on_the_way.push_back((leaves, to, contents));
        } else {
            let _ = self.socket.send_to(&contents, to);
        }
    }

    /// Sends the pictures whose time on the way is over.
    fn let_pictures_arrive(&mut self, now: Instant) {
        while let Some((leaves, to, contents)) = self.on_the_way.pop_front() {
            if leaves > now {
                self.on_the_way.push_front((leaves, to, contents));
                return;
            }
            let _ = self.socket.send_to(&contents, to);
        }
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::Connected => self.connected = true,
            Event::Closed => self.closed = true,
            Event::KeyframeRequest(request) if request.mid == self.mids[1] => {
                self.asked += 1;
                self.key_frame_wanted = true;
            }
            Event::RtpPacket(packet) => self.note_packet(&packet),
            Event::SenderFeedback(report) => {
                let info = report.sender_info;
                let ticks = f64::from(info.rtp_time.numer() as u32);
                let since = Duration::from_secs_f64(ticks / f64::from(self.rate(report.mid)));
                self.zero_at.insert(report.mid, info.ntp_time - since);
            }
            _ => {}
        }
    }

    fn note_packet(&mut self, packet: &RtpPacket) {
        let header = &packet.header;
        let stream = self.rtc.direct_api().stream_rx(&header.ssrc).unwrap().mid();
        let picture = self.rate(stream) == PICTURE_RATE;
        let descriptor = Descriptor::parse(&packet.payload).filter(|_| picture);
        let mut codecs = self.rtc.codec_config().iter();
        let redundant = codecs.any(|params| params.red() == Some(header.payload_type));
        self.got.push(Got {
            mid: stream,
            ssrc: *header.ssrc,
            sequence: *packet.seq_no,
            timestamp: header.timestamp,
            counter: counter(&packet.payload),
            layer: packet.payload.get(LAYER_AT).copied().unwrap_or_default(),
            key: descriptor.is_some_and(|read| read.key_frame_start()),
            picture_id: descriptor.and_then(|read| read.picture_id()),
            marker: header.marker,
            turned: header.ext_vals.video_orientation == Some(VideoOrientation::Deg90),
            redundant,
        });
    }

    /// Ticks in a second of a media section's timestamps.
    fn rate(&self, mid: Mid) -> u32 {
        let place = self.mids.iter().position(|known| *known == mid).unwrap();
        let sound = place == 0 || (place % 2 == 1 && place >= 3);
        if sound { SOUND_RATE } else { PICTURE_RATE }
    }

    /// One packet of sound and one of video, both with the same counter.
    fn send(&mut self, now: Instant) {
        let counter = self.sent;
        self.sent += 1;
        let first = counter.is_multiple_of(FRAME);
        let key = self.key_frame_wanted && first;
        self.key_frame_wanted &= !key;
        self.frame_at = if first { now } else { self.frame_at };
        let sound = [b"sound".as_slice(), &counter.to_be_bytes()].concat();
        self.write((0, None), now, &sound, true);
        if self.sound_only {
            return;
        }
        let frame = (counter / FRAME) as u16 & 0x7fff;
        let [high, low] = frame.to_be_bytes();
        let start = if first { 0x90 } else { 0x80 };
        let mut picture = vec![start, 0xe0, 0x80 | high, low, low, 0x20, u8::from(!key)];
        picture.extend([0; 400]);
        picture.extend(counter.to_be_bytes());
        let last = counter % FRAME == FRAME - 1;
        let Some(layers) = self.layers.clone() else {
            return self.write((1, None), self.frame_at, &picture, last);
        };
        for layer in layers {
            picture[LAYER_AT] = layer;
            let rid = Rid::from(RIDS[usize::from(layer)]);
            self.write((1, Some(rid)), self.frame_at, &picture, last);
        }
    }

    fn write(
        &mut self,
        (section, rid): (usize, Option<Rid>),
        captured: Instant,
        payload: &[u8],
        last: bool,
    ) {
        let mid = self.mids[section];
        let rate = self.rate(mid);
        let codec = if rate == SOUND_RATE {
            Codec::Opus
        } else {
            Codec::Vp8
        };
        let mut codecs = self.rtc.codec_config().iter();
        let params = codecs.find(|params| params.spec().codec == codec).unwrap();
        let red = params.red().filter(|_| self.redundant);
        let payload_type = red.unwrap_or(params.pt());
        let time = captured.duration_since(self.begin).as_secs_f64() * f64::from(rate);
        let sequence = (self.sent + 1000).into();
        let turned = ExtensionValues {
            video_orientation: last.then_some(VideoOrientation::Deg90),
            ..ExtensionValues::default()
        };
        let write = RtpWrite::new(payload_type, sequence, time as u32, captured, payload)
            .marker(last)
            .ext_vals(turned)
            .nackable(codec == Codec::Vp8);
        let mut direct = self.rtc.direct_api();
        direct.stream_tx_by_mid(mid, rid).unwrap().write_rtp(write);
    }
}

/// Where a picture's payload names its layer: behind the descriptor and the key-frame bit.
const LAYER_AT: usize = 7;

fn simulcast() -> Simulcast {
    let mut simulcast = Simulcast::new();
    RIDS.iter()
        .for_each(|rid| simulcast.add_send_layer(SimulcastLayer::new(rid)));
    simulcast
}

fn bind(registry: &Registry, token: Token) -> UdpSocket {
    let mut socket = UdpSocket::bind(([127, 0, 0, 1], 0).into()).unwrap();
    registry
        .register(&mut socket, token, Interest::READABLE)
        .unwrap();
    socket
}

/// The counter in a payload, which ends it.
pub(crate) fn counter(payload: &[u8]) -> u64 {
    payload
        .last_chunk()
        .map_or(u64::MAX, |bytes| u64::from_be_bytes(*bytes))
}

/// Whether a datagram is RTP and not RTCP.
pub(crate) fn is_rtp(datagram: &[u8]) -> bool {
    let range = datagram.len() > 2 && (128..192).contains(&datagram[0]);
    range && !(64..96).contains(&(datagram[1] & 0x7f))
}

/// RTP as long as the clients' video.
fn is_picture(datagram: &[u8]) -> bool {
    is_rtp(datagram) && datagram.len() > 400
}

/// Loses every `each`th packet of video.
pub(crate) fn lose_video(each: u64) -> Filter {
    let mut count = 0;
    Box::new(move |datagram| {
        count += u64::from(is_picture(datagram));
        !is_picture(datagram) || count % each != 0
    })
}
