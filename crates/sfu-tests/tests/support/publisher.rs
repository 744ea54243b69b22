//! Somebody who sends pictures packet by packet, and notes what is asked of them.

use vestibule_rtp::rtcp::{Packet, packets};

use super::World;
use super::raw::Raw;

/// A person who sends pictures as they like: three layers of a camera, and a screen.
pub(crate) struct Publisher {
    pub(crate) raw: Raw,
    offer: String,
}

/// The section of an offer, the layer, the stream.
pub(crate) type Track = (usize, Option<&'static str>, u32);

/// The layers of the camera, and the screen.
pub(crate) const TRACKS: [Track; 4] = [
    (1, Some("q"), 10),
    (1, Some("h"), 11),
    (1, Some("f"), 12),
    (2, None, 20),
];
pub(crate) const SCREEN: u32 = 20;

impl Publisher {
    /// On a leg that is planned.
    pub(crate) fn join(world: &mut World, number: u128) -> Self {
        let (raw, offer) = world.join_raw_with_layers(number, 1);
        Self { raw, offer }
    }

    /// Sends these packets of these tracks. The first begins a whole picture.
    pub(crate) fn send(
        &mut self,
        tracks: &[Track],
        sequences: impl IntoIterator<Item = u16> + Clone,
    ) {
        self.send_padded(tracks, sequences, 0);
    }

    /// The same, each so many octets larger.
    pub(crate) fn send_padded(
        &mut self,
        tracks: &[Track],
        sequences: impl IntoIterator<Item = u16> + Clone,
        larger: usize,
    ) {
        for &(section, rid, ssrc) in tracks {
            for sequence in sequences.clone() {
                let start = if sequence == 0 { 0x90 } else { 0x80 };
                let head = [
                    start,
                    0xe0,
                    0x80,
                    1,
                    1,
                    0x20,
                    u8::from(sequence != 0),
                    0,
                    0,
                    0,
                ];
                let payload = [&head[..], &vec![0; larger]].concat();
                self.send_payload((section, rid, ssrc), sequence, &payload);
            }
        }
    }

    /// Sends one packet of a track as it is.
    pub(crate) fn send_payload(&mut self, track: Track, sequence: u16, payload: &[u8]) {
        let (section, rid, ssrc) = track;
        let of = (self.offer.as_str(), section);
        let packet = Raw::picture(of, rid, (ssrc, sequence), payload);
        self.raw.send_rtp(&packet);
    }

    /// Sends one packet that repairs the screen.
    pub(crate) fn send_repair(&mut self, ssrc: u32, sequence: u16, payload: &[u8]) {
        let (screen, ..) = TRACKS[3];
        let packet = Raw::repair((&self.offer, screen), (ssrc, sequence), payload);
        self.raw.send_rtp(&packet);
    }

    /// Sends one packet of sound.
    pub(crate) fn send_sound(&mut self, ssrc: u32, sequence: u16, payload: &[u8]) {
        let packet = Raw::sound(&self.offer, (ssrc, sequence), payload);
        self.raw.send_rtp(&packet);
    }

    /// Of which streams this packet was asked for.
    pub(crate) fn asked(&self, sequence: u16) -> Vec<u32> {
        self.told(|packet| match packet {
            Packet::Nack(nack) => nack
                .sequences()
                .any(|it| it == sequence)
                .then_some(nack.media),
            _ => None,
        })
    }

    /// Of which streams a whole picture was asked for.
    pub(crate) fn wished(&self) -> Vec<u32> {
        self.told(|packet| match packet {
            Packet::PictureLoss(loss) => Some(loss.media),
            _ => None,
        })
    }

    /// What it was told to send at most, of this stream and all others.
    pub(crate) fn limits(&self, stream: u32) -> Vec<u64> {
        self.told(|packet| match packet {
            Packet::Remb(limit) if limit.sources().any(|it| it == stream) => Some(limit.bitrate),
            _ => None,
        })
    }

    fn told<T: Ord>(&self, of: impl Fn(&Packet<'_>) -> Option<T>) -> Vec<T> {
        let told = self.raw.told.iter();
        let told = told.flat_map(|told| packets(told).map(Result::unwrap));
        let mut streams: Vec<_> = told.filter_map(|packet| of(&packet)).collect();
        streams.sort_unstable();
        streams.dedup();
        streams
    }
}
