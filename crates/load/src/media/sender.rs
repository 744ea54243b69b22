//! What a client sends: a microphone and a camera.

use vestibule_rtp::header::{self, Element, Fixed};
use vestibule_rtp::ntp::Ntp;
use vestibule_rtp::rtcp::SenderInfo;
use vestibule_rtp::{Resent, rtx};
use vestibule_srtp::Outbound;

use super::client::Numbers;
use super::payload::{Picture, Stamp};
use crate::clock::moment;
use crate::limits::{HISTORY, MID_PACKETS, ROUND_TRIP};
use crate::traffic::Traffic;

/// Ticks of the RTP timestamp in a second, of sound (RFC 7587) and of pictures (RFC 7741).
pub(super) const SOUND_RATE: u32 = 48_000;
pub(super) const PICTURE_RATE: u32 = 90_000;

/// The streams that a client sends on, as its offer names them.
#[derive(Clone, Debug)]
pub(crate) struct Streams {
    pub(crate) audio: u32,
    pub(crate) video: u32,
    /// Of pictures that are sent again.
    pub(crate) repair: u32,
    pub(crate) audio_mid: String,
    pub(crate) video_mid: String,
}

pub(super) struct Sender {
    audio: Flow,
    video: Flow,
    repair: Flow,
    numbers: Numbers,
    traffic: Traffic,
    /// The next packet's number over all streams.
    transport: u16,
    picture: Picture,
    key_frame_wanted: bool,
    history: Box<[Option<Sent>]>,
    /// Keeps a server that lost much from being buried under what it lost.
    resent: Resent,
}

/// One stream.
struct Flow {
    ssrc: u32,
    payload_type: u8,
    mid: String,
    /// The extended sequence number of the next packet.
    next: u64,
    /// What was sent, as reports count it.
    packets: u32,
    octets: u32,
}

/// All that is needed to write a packet of pictures again.
#[derive(Clone, Copy)]
struct Sent {
    sequence: u64,
    at: u64,
    marker: bool,
    picture: Picture,
    stamp: Stamp,
}

/// A packet's content.
struct Content<'a> {
    /// The number that the packet had, in front of one that is sent again.
    original: &'a [u8],
    picture: Option<Picture>,
    stamp: Stamp,
    octets: usize,
}

impl Sender {
    pub(super) fn new(streams: &Streams, numbers: Numbers, traffic: Traffic) -> Self {
        let flow = |ssrc, payload_type, mid: &str| Flow {
            ssrc,
            payload_type,
            mid: mid.to_owned(),
            // Anywhere in the first round (RFC 3711 section 3.3.1), so that roll-overs come at all times.
            next: u64::from(ssrc.wrapping_mul(40_503) & 0x7fff),
            packets: 0,
            octets: 0,
        };
        Self {
            audio: flow(streams.audio, numbers.opus, &streams.audio_mid),
            video: flow(streams.video, numbers.vp8, &streams.video_mid),
            repair: flow(streams.repair, numbers.rtx, &streams.video_mid),
            numbers,
            traffic,
            transport: 0,
            picture: Picture {
                id: 0,
                tl0: 0,
                key_frame: true,
                begins: true,
            },
            key_frame_wanted: true,
            history: vec![None; HISTORY].into_boxed_slice(),
            resent: Resent::default(),
        }
    }

    /// The stream of the camera.
    pub(super) fn camera(&self) -> u32 {
        self.video.ssrc
    }

    /// The stream of the microphone.
    pub(super) fn microphone(&self) -> u32 {
        self.audio.ssrc
    }

    /// The next picture is a key frame.
    pub(super) fn request_key_frame(&mut self) {
        self.key_frame_wanted = true;
    }

    /// Writes a packet of sound and seals it: its length.
    pub(super) fn write_audio(
        &mut self,
        stamp: Stamp,
        srtp: &mut Outbound,
        buffer: &mut [u8],
    ) -> Option<usize> {
        let content = Content {
            original: &[],
            picture: None,
            stamp,
            octets: self.traffic.audio_bytes,
        };
        let timestamp = ticks(stamp.sent, SOUND_RATE);
        let transport = next(&mut self.transport);
        let head = (false, timestamp, transport);
        self.audio.write(self.numbers, head, &content, srtp, buffer)
    }

    /// Begins the next picture.
    pub(super) fn begin_picture(&mut self) {
        self.picture = Picture {
            id: self.picture.id.wrapping_add(1) & 0x7fff,
            tl0: self.picture.tl0.wrapping_add(1),
            key_frame: std::mem::take(&mut self.key_frame_wanted),
            begins: true,
        };
    }

    /// Writes the next packet of the picture and seals it: its length. `at` is the picture's own moment.
    pub(super) fn write_video(
        &mut self,
        (at, marker): (u64, bool),
        stamp: Stamp,
        srtp: &mut Outbound,
        buffer: &mut [u8],
    ) -> Option<usize> {
        let sent = Sent {
            sequence: self.video.next,
            at,
            marker,
            picture: self.picture,
            stamp,
        };
        self.picture.begins = false;
        self.resent.sent(self.traffic.video_bytes);
        if let Some(place) = self.history.get_mut(place(sent.sequence)) {
            *place = Some(sent);
        }
        let content = Content {
            original: &[],
            picture: Some(sent.picture),
            stamp,
            octets: self.traffic.video_bytes,
        };
        let head = (marker, ticks(at, PICTURE_RATE), next(&mut self.transport));
        self.video.write(self.numbers, head, &content, srtp, buffer)
    }

    /// The kernel did not take so many of the last packets of pictures. They were not sent, and should one be sent again as the
    /// server asks for it, it counts no more than they do.
    pub(super) fn refused(&mut self, packets: usize) {
        let end = self.video.next;
        for sequence in end.saturating_sub(packets as u64)..end {
            if let Some(Some(sent)) = self.history.get_mut(place(sequence)) {
                sent.stamp.counts = false;
            }
        }
    }

    /// Writes a packet of pictures again and seals it: its length. Nothing when it is too long ago,
    /// was just sent again, or more than its share was.
    pub(super) fn write_again(
        &mut self,
        now: u64,
        sequence: u16,
        srtp: &mut Outbound,
        buffer: &mut [u8],
    ) -> Option<usize> {
        let sent = (*self.history.get(place(sequence.into()))?)?;
        if low(sent.sequence) != sequence {
            return None;
        }
        let (now, octets) = (moment(now), self.traffic.video_bytes);
        let allowed = self.resent.allow(now, sent.sequence, octets, ROUND_TRIP);
        allowed.ok()?;
        let content = Content {
            original: &sequence.to_be_bytes(),
            picture: Some(sent.picture),
            stamp: sent.stamp,
            octets: self.traffic.video_bytes + rtx::OVERHEAD,
        };
        let transport = next(&mut self.transport);
        let head = (sent.marker, ticks(sent.at, PICTURE_RATE), transport);
        self.repair
            .write(self.numbers, head, &content, srtp, buffer)
    }

    /// What the next report says of each stream that anything was sent on.
    pub(super) fn reports(&self, now: u64) -> impl Iterator<Item = SenderInfo> {
        let flows = [(&self.audio, SOUND_RATE), (&self.video, PICTURE_RATE)];
        let flows = flows.into_iter().filter(|(flow, _)| flow.packets > 0);
        flows.map(move |(flow, rate)| SenderInfo {
            ssrc: flow.ssrc,
            ntp: Ntp::from_micros(now / 1000),
            timestamp: ticks(now, rate),
            packets: flow.packets,
            octets: flow.octets,
        })
    }
}

impl Flow {
    fn write(
        &mut self,
        numbers: Numbers,
        (marker, timestamp, transport): (bool, u32, [u8; 2]),
        content: &Content<'_>,
        srtp: &mut Outbound,
        buffer: &mut [u8],
    ) -> Option<usize> {
        let fixed = Fixed {
            marker,
            payload_type: self.payload_type,
            sequence: low(self.next),
            timestamp,
            ssrc: self.ssrc,
        };
        let begins = u64::from(self.packets) < MID_PACKETS;
        let said = [
            numbers.transport_cc.map(|id| (id, &transport[..])),
            numbers
                .mid
                .filter(|_| begins)
                .map(|id| (id, self.mid.as_bytes())),
        ];
        let mut elements = [Element { id: 0, value: &[] }; 2];
        let mut count = 0;
        for (place, (id, value)) in elements.iter_mut().zip(said.into_iter().flatten()) {
            *place = Element { id, value };
            count += 1;
        }
        let head = header::write(&fixed, elements.get(..count)?, buffer).ok()?;
        let length = head + content.octets;
        content.write(buffer.get_mut(head..length)?);
        let index = self.next;
        self.next += 1;
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(content.octets as u32);
        srtp.seal_rtp(buffer, length, index).ok()
    }
}

impl Content<'_> {
    /// What lies in the buffer from before is as good a filling as any.
    fn write(&self, payload: &mut [u8]) {
        let picture = self.picture.map(Picture::octets);
        let picture = picture.as_ref().map_or(&[][..], |octets| &octets[..]);
        let mut places = payload.iter_mut();
        let octets = self.original.iter().chain(picture);
        for (octet, place) in octets.chain(&self.stamp.octets()).zip(&mut places) {
            *place = *octet;
        }
    }
}

/// Takes a number over all streams.
fn next(transport: &mut u16) -> [u8; 2] {
    let number = *transport;
    *transport = number.wrapping_add(1);
    number.to_be_bytes()
}

/// Where a packet is kept.
fn place(sequence: u64) -> usize {
    (sequence % HISTORY as u64) as usize
}

fn low(sequence: u64) -> u16 {
    (sequence & 0xffff) as u16
}

/// A moment in ticks of a stream, modulo 2^32.
fn ticks(nanos: u64, rate: u32) -> u32 {
    let ticks = u128::from(nanos) * u128::from(rate) / 1_000_000_000;
    (ticks & u128::from(u32::MAX)) as u32
}
