//! What was received of a publisher's pictures lately, for whoever lost some of it.

use vestibule_forwarding::{Moment, Source};
use vestibule_rtp::{Facts, History, Stored};

use crate::peer::Packet;

/// The packets of a seat's tracks that are worth sending again. Sound that comes late is of no use.
#[derive(Default)]
pub(super) struct Kept {
    camera: Track,
    screen: Track,
}

#[derive(Default)]
struct Track {
    /// The stream that the track is on.
    ssrc: u32,
    history: History,
}

impl Kept {
    pub(super) fn store(&mut self, now: Moment, source: Source, packet: &Packet<'_>) {
        let Some(track) = self.track(source) else {
            return;
        };
        if track.ssrc != packet.ssrc {
            track.history.clear();
            track.ssrc = packet.ssrc;
        }
        let facts = Facts {
            sequence: packet.sequence,
            timestamp: packet.timestamp,
            marker: packet.marker,
            orientation: packet.orientation,
        };
        track.history.store(now, facts, packet.payload);
    }

    pub(super) fn find(
        &mut self,
        now: Moment,
        source: Source,
        ssrc: u32,
        sequence: u64,
    ) -> Option<Stored<'_>> {
        let track = self.track(source).filter(|track| track.ssrc == ssrc)?;
        track.history.find(now, sequence)
    }

    fn track(&mut self, source: Source) -> Option<&mut Track> {
        match source {
            Source::Microphone => None,
            Source::Camera => Some(&mut self.camera),
            Source::Screen => Some(&mut self.screen),
        }
    }
}
