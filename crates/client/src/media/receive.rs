//! Receives what comes by one slot: puts frames together, opens them, hands them on. Only frames of whom the
//! slot is bound to come through.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use rtc::media::io::sample_builder::SampleBuilder;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtp;
use rtc::rtp::codec::vp8::Vp8Packet;
use tokio::sync::mpsc;
use vestibule_vocab::{ParticipantId, Source};
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};

use super::sections::VP8_RATE;
use crate::group::Keys;
use crate::limits::{KEY_FRAME_REQUESTS, LATE_PACKETS};
use vestibule_frames::{Binding, Refusal, is_whole, open};

/// A frame of somebody, opened: an Opus packet or a VP8 frame.
#[derive(Clone, Debug)]
pub struct ReceivedFrame {
    /// Whose.
    pub participant: ParticipantId,
    /// What it shows.
    pub source: Source,
    /// The encoded frame.
    pub data: Bytes,
    /// The timestamp of its packets: 90,000 ticks a second for pictures, 48,000 for sound.
    pub timestamp: u32,
}

/// What the slots of the present connection carry, by `mid`.
#[derive(Clone, Default)]
pub(crate) struct Bindings(Arc<Mutex<HashMap<String, Binding>>>);

impl Bindings {
    /// A slot that is not named carries nothing.
    pub(crate) fn set(&self, bindings: HashMap<String, Binding>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = bindings;
    }

    fn get(&self, mid: &str) -> Option<Binding> {
        let bindings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bindings.get(mid).copied()
    }
}

/// One receive slot, as long as its connection lasts.
pub(super) struct Receiving {
    pub(super) mid: String,
    pub(super) video: bool,
    pub(super) keys: Keys,
    pub(super) bindings: Bindings,
    pub(super) frames: mpsc::Sender<ReceivedFrame>,
}

/// What the decoder of whoever gets the frames has seen.
#[derive(Default)]
struct Seen {
    bound: Option<Binding>,
    /// A whole picture came, and all after it.
    complete: bool,
    asked: Option<Instant>,
}

impl Receiving {
    /// Reads until the track ends.
    pub(super) async fn run(self, track: Arc<dyn TrackRemote>) {
        let mut builder = SampleBuilder::new(LATE_PACKETS, Vp8Packet::default(), VP8_RATE);
        let mut seen = Seen::default();
        while let Some(event) = track.poll().await {
            // The end of the track ends the loop; nothing else of it matters here.
            let TrackRemoteEvent::OnRtpPacket(packet) = event else {
                continue;
            };
            let ssrc = packet.header.ssrc;
            let mut asks = false;
            for (frame, timestamp, lost) in self.frames(&mut builder, packet) {
                asks |= self.take(&mut seen, &frame, timestamp, lost);
            }
            if asks && seen.may_ask(Instant::now()) {
                ask_for_whole(track.as_ref(), ssrc).await;
            }
        }
    }

    /// The frames that a packet completes, with their timestamps, and whether packets before are missing.
    fn frames(
        &self,
        builder: &mut SampleBuilder<Vp8Packet>,
        packet: rtp::Packet,
    ) -> Vec<(Bytes, u32, bool)> {
        if !self.video {
            let timestamp = packet.header.timestamp;
            return vec![(packet.payload, timestamp, false)];
        }
        let now = Instant::now();
        builder.push(now, packet);
        std::iter::from_fn(|| builder.pop(now))
            .map(|it| (it.data, it.packet_timestamp, it.prev_dropped_packets > 0))
            .collect()
    }

    /// Opens a frame and hands it on; true when a whole picture is needed.
    fn take(&self, seen: &mut Seen, frame: &[u8], timestamp: u32, lost: bool) -> bool {
        let binding = self.bindings.get(&self.mid);
        if seen.bound != binding {
            *seen = Seen {
                bound: binding,
                ..Seen::default()
            };
        }
        seen.complete &= !lost;
        let opened = open(&mut self.keys.lock(), binding, frame, Instant::now());
        match (opened, binding) {
            (Ok(data), Some(binding)) => {
                seen.complete |= is_whole(binding.source, &data);
                // Whoever is too slow misses frames, and the sender is not asked for more.
                let _ = self.frames.try_send(ReceivedFrame {
                    participant: binding.participant,
                    source: binding.source,
                    data: data.into(),
                    timestamp,
                });
                self.video && !seen.complete
            }
            (Err(Refusal::Unbound | Refusal::Replayed), _) | (Ok(_), None) => false,
            (Err(drop), _) => {
                tracing::trace!(?drop, "a frame was dropped");
                seen.complete = false;
                self.video
            }
        }
    }
}

impl Seen {
    fn may_ask(&mut self, now: Instant) -> bool {
        let recent = self
            .asked
            .is_some_and(|asked| now - asked < KEY_FRAME_REQUESTS);
        if !recent {
            self.asked = Some(now);
        }
        !recent
    }
}

async fn ask_for_whole(track: &dyn TrackRemote, media_ssrc: u32) {
    let request = PictureLossIndication {
        sender_ssrc: 0,
        media_ssrc,
    };
    // A track that is gone needs no picture.
    let _ = track.write_rtcp(vec![Box::new(request)]).await;
}
