//! Sends a recording: paced, sealed, in packets. Nothing leaves before there is a key to seal with.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rtc::rtcp;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use vestibule_vocab::Source;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_local::{TrackLocal as _, TrackLocalEvent};

use super::clip::Clip;
use super::key_frames::is_request;
use super::packets::Packets;
use super::sections::clock_rate;
use crate::group::Keys;
use vestibule_frames::{is_whole, seal};

/// One track that is sent, as long as its connection lasts.
pub(super) struct Sending {
    pub(super) source: Source,
    pub(super) ssrc: u32,
    pub(super) track: Arc<TrackLocalStaticRTP>,
    pub(super) keys: Keys,
    pub(super) clip: watch::Receiver<Option<Clip>>,
}

/// How far the recording is played.
struct Playing {
    clip: Clip,
    next: usize,
    /// The receiver needs a whole picture: all others are passed over.
    needs_whole: bool,
}

impl Sending {
    /// Plays until the track ends.
    pub(super) async fn run(mut self) {
        let mut packets = Packets::new(self.source, self.ssrc);
        let begin = Instant::now();
        loop {
            let Some(clip) = self.clip.borrow_and_update().clone() else {
                if self.clip.changed().await.is_err() {
                    return;
                }
                continue;
            };
            if !self.play(clip, &mut packets, begin).await {
                return;
            }
        }
    }

    /// Plays one recording until another takes its place; false when the track ended.
    async fn play(&mut self, clip: Clip, packets: &mut Packets, begin: Instant) -> bool {
        let mut pace = interval(clip.interval);
        // What was missed is not made good for: it would come in a burst.
        pace.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut playing = Playing {
            clip,
            next: 0,
            needs_whole: true,
        };
        loop {
            tokio::select! {
                _ = pace.tick() => {
                    if !self.send_next(&mut playing, packets, begin.elapsed()).await {
                        return false;
                    }
                }
                event = self.track.poll() => match event {
                    Some(TrackLocalEvent::OnRtcpPacket(asked)) => {
                        playing.needs_whole |= asks_for_whole(&asked);
                    }
                    Some(_) => {}
                    None => return false,
                },
                changed = self.clip.changed() => return changed.is_ok(),
            }
        }
    }

    async fn send_next(
        &self,
        playing: &mut Playing,
        packets: &mut Packets,
        elapsed: Duration,
    ) -> bool {
        let Some(frame) = playing.frame(self.source) else {
            return true;
        };
        let sealed = seal(&mut self.keys.lock(), self.source, &frame);
        let Some(sealed) = sealed else {
            // Whoever gets the first sealed frame has seen none before it.
            playing.needs_whole = true;
            return true;
        };
        let timestamp = ticks(elapsed, clock_rate(self.source));
        for packet in packets.of(&sealed, timestamp) {
            if self.track.write_rtp(packet).await.is_err() {
                return false;
            }
        }
        true
    }
}

impl Playing {
    /// The frame that is due; `None` while a whole one is waited for.
    fn frame(&mut self, source: Source) -> Option<bytes::Bytes> {
        let frame = self.clip.frames().get(self.next)?.clone();
        self.next = (self.next + 1) % self.clip.frames().len();
        // The end of the recording does not lead to its beginning: that is a whole picture again.
        if self.needs_whole && !is_whole(source, &frame) {
            return None;
        }
        self.needs_whole = false;
        Some(frame)
    }
}

fn asks_for_whole(packets: &[Box<dyn rtcp::Packet>]) -> bool {
    packets.iter().any(|packet| is_request(packet.as_ref()))
}

/// Timestamps count on from the beginning and wrap.
#[expect(clippy::cast_possible_truncation, reason = "RTP timestamps wrap")]
fn ticks(elapsed: Duration, rate: u32) -> u32 {
    (elapsed.as_micros() * u128::from(rate) / 1_000_000) as u32
}
