//! Somebody's client: it sends what it is told to send, as browsers do.

use vestibule_congestion::Bitrate;
use vestibule_forwarding::limits::{LAYER_BITRATES, LAYERS, LEAST_PICTURE, VOICE, VOICE_ALONE};
use vestibule_forwarding::{Layers, Packet, Source};

/// A screen at its best.
const SCREEN: Bitrate = Bitrate::kbps(1_500);

/// A voice without headers.
const SOUND: Bitrate = Bitrate::kbps(40);

/// What a client sends more in a tick, at most, than in the one before.
const GROWTH: f64 = 1.02;

/// The largest packet: what a screen at its best makes in a tick fits.
const LARGEST: usize = 16_000;

/// A picture's payload: a descriptor that begins a picture, and what tells a key frame (RFC 7741 sections 4.2 and 4.3).
const KEY: [u8; LARGEST] = payload(0);
const DELTA: [u8; LARGEST] = payload(1);

const fn payload(inter_frame: u8) -> [u8; LARGEST] {
    let mut payload = [0; LARGEST];
    payload[0] = 0x10;
    payload[1] = inter_frame;
    payload
}

/// A track, and the layer of it.
pub(crate) type Stream = (Source, u8);

pub(crate) struct Client {
    /// How many layers its camera comes in.
    layers: usize,
    /// It shares a screen.
    screen: bool,
    /// What it sends, its voice included; it never sends more than it was told.
    sends: Bitrate,
    /// The layers that it is to send.
    wanted: Layers,
    /// Streams that are to begin anew.
    asked: Vec<Stream>,
    sequence: u64,
}

impl Client {
    pub(crate) fn new(layers: usize, screen: bool) -> Self {
        Self {
            layers,
            screen,
            sends: Bitrate::kbps(300),
            wanted: Layers::only(highest(layers)),
            asked: Vec::new(),
            sequence: 70_000,
        }
    }

    /// The layers of its camera that it is to send; the highest stands for those above it. Who has one is told of none.
    pub(crate) fn want(&mut self, wanted: Layers) {
        let highest = highest(self.layers);
        if highest == 0 {
            return;
        }
        let wanted = wanted.iter().map(|layer| layer.min(highest));
        self.wanted = wanted.collect();
    }

    pub(crate) fn ask(&mut self, stream: Stream) {
        self.asked.push(stream);
    }

    /// What it may send at most: less at once, more little by little.
    pub(crate) fn tell(&mut self, most: Bitrate) {
        self.sends = self.sends.times(GROWTH).max(Bitrate::kbps(50)).min(most);
    }

    /// What it sends of each stream now.
    pub(crate) fn streams(&self) -> Vec<(Stream, Bitrate)> {
        let voice = self.sends.times(0.2).max(VOICE_ALONE).min(VOICE);
        let pictures = self.sends.minus(voice);
        let camera = if self.screen {
            pictures.times(0.5)
        } else {
            pictures
        };
        let mut streams = vec![((Source::Microphone, 0), SOUND)];
        streams.extend(self.camera(camera));
        if self.screen {
            let taken = streams.iter().skip(1).map(|(_, bitrate)| *bitrate);
            let left = pictures.minus(taken.fold(Bitrate::ZERO, Bitrate::plus));
            streams.push(((Source::Screen, 0), left.max(LEAST_PICTURE).min(SCREEN)));
        }
        streams
    }

    /// The smallest layer gets what it takes at its best, then the next.
    fn camera(&self, mut left: Bitrate) -> Vec<(Stream, Bitrate)> {
        let mut streams = Vec::new();
        for layer in self.wanted.iter() {
            let best = if self.layers == 1 {
                LAYER_BITRATES[LAYERS - 1]
            } else {
                LAYER_BITRATES[usize::from(layer)]
            };
            let least = streams.is_empty() || left >= LEAST_PICTURE;
            if least {
                let bitrate = left.min(best).max(LEAST_PICTURE);
                left = left.minus(bitrate);
                streams.push(((Source::Camera, layer), bitrate));
            }
        }
        streams
    }

    /// One packet of a stream, as large as what the stream sends in a tick.
    pub(crate) fn packet(&mut self, stream: Stream, octets: usize) -> Packet<'static> {
        let (source, layer) = stream;
        let begins = self.asked.contains(&stream);
        self.asked.retain(|asked| *asked != stream);
        self.sequence += 1;
        let payload: &'static [u8] = if begins { &KEY } else { &DELTA };
        Packet {
            ssrc: 1 + 10 * source as u32 + u32::from(layer),
            layer,
            sequence: self.sequence,
            timestamp: 0,
            payload: &payload[..octets.clamp(20, LARGEST)],
        }
    }
}

fn highest(layers: usize) -> u8 {
    layers.saturating_sub(1) as u8
}
