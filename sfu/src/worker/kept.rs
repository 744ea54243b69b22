//! What was received of a publisher's pictures lately, for whoever lost some of it.

use vestibule_forwarding::limits::LAYERS;
use vestibule_forwarding::{Moment, Source};
use vestibule_rtp::{Facts, History, Stored};

use crate::peer::Packet;

/// The packets of a seat's tracks that are worth sending again, of each layer by itself: a receiver may ask for what
/// it got of the last one. Sound that comes late is of no use.
#[derive(Default)]
pub(super) struct Kept {
    camera: [Layer; LAYERS],
    screen: Layer,
}

#[derive(Default)]
struct Layer {
    /// The stream that the layer is on.
    ssrc: u32,
    history: History,
}

impl Kept {
    pub(super) fn store(&mut self, now: Moment, source: Source, packet: &Packet<'_>) {
        let layer = match source {
            Source::Microphone => None,
            Source::Camera => self.camera.get_mut(usize::from(packet.layer)),
            Source::Screen => Some(&mut self.screen),
        };
        let Some(layer) = layer else { return };
        if layer.ssrc != packet.ssrc {
            layer.history.clear();
            layer.ssrc = packet.ssrc;
        }
        let facts = Facts {
            sequence: packet.sequence,
            timestamp: packet.timestamp,
            marker: packet.marker,
            orientation: packet.orientation,
        };
        layer.history.store(now, facts, packet.payload);
    }

    pub(super) fn find(
        &self,
        now: Moment,
        source: Source,
        ssrc: u32,
        sequence: u64,
    ) -> Option<Stored<'_>> {
        self.history(source, ssrc)?.find(now, sequence)
    }

    /// Whether a packet that is not found was here once.
    pub(super) fn is_gone(&self, now: Moment, source: Source, ssrc: u32, sequence: u64) -> bool {
        let history = self.history(source, ssrc);
        history.is_some_and(|history| history.is_gone(now, sequence))
    }

    fn history(&self, source: Source, ssrc: u32) -> Option<&History> {
        let layers = match source {
            Source::Microphone => return None,
            Source::Camera => &self.camera[..],
            Source::Screen => std::slice::from_ref(&self.screen),
        };
        let layer = layers.iter().find(|layer| layer.ssrc == ssrc)?;
        Some(&layer.history)
    }
}
