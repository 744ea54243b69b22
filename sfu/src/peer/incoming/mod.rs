//! What comes from a client: `open` is what is done with every packet of its tracks, `streams` which track a packet is on,
//! `telling` what the client is told of them.

mod dropped;
mod open;
mod streams;
mod telling;

use std::time::Duration;

use vestibule_forwarding::limits::LAYERS;
use vestibule_forwarding::{Moment, SenderReport, Source};
use vestibule_rtp::FeedbackBuilder;
use vestibule_rtp::ntp::Ntp;
use vestibule_srtp::Inbound;

use super::allowance::Allowance;
use super::wishes::Wishes;
use crate::limits::{DARK_AFTER, SOUND_PER_SECOND};
use crate::offer::{Codecs, Extensions, Offer};
pub(crate) use dropped::Dropped;
use streams::{Role, Streams};

pub(super) struct Incoming {
    srtp: Inbound,
    extensions: Extensions,
    codecs: Codecs,
    streams: Streams,
    /// The highest layer of the camera that somebody is to get; none while nobody is to get any.
    highest: Option<u8>,
    /// What the client may send of sound.
    sound: Allowance,
    feedback: FeedbackBuilder,
    pub(super) wishes: Wishes,
    /// When something authentic came last.
    heard: Option<Moment>,
    /// See [`Incoming::soonest`].
    soonest: Option<Moment>,
}

impl Incoming {
    pub(super) fn new(srtp: Inbound, offer: &Offer) -> Self {
        Self {
            srtp,
            extensions: offer.extensions,
            codecs: offer.codecs,
            streams: Streams::of(offer),
            highest: Some(LAYERS as u8 - 1),
            sound: Allowance::new(SOUND_PER_SECOND, SOUND_PER_SECOND),
            feedback: FeedbackBuilder::default(),
            wishes: Wishes::default(),
            heard: None,
            soonest: None,
        }
    }

    /// Sets the highest layer of the camera that somebody is to get. What is lost of higher ones is not asked for any more:
    /// a line that became narrow would be full of it.
    pub(super) fn set_highest(&mut self, highest: Option<u8>) {
        self.highest = highest;
    }

    /// When there is something to write next, as far as the last packet matters.
    pub(super) fn soonest(&self) -> Option<Moment> {
        self.soonest
    }

    /// Opens an RTCP packet where it lies: its plain bytes.
    pub(super) fn open_rtcp<'d>(
        &mut self,
        now: Moment,
        datagram: &'d mut [u8],
    ) -> Result<&'d [u8], Dropped> {
        let length = self.srtp.open_rtcp(datagram).map_err(Dropped::Srtp)?;
        self.hear(now);
        Ok(datagram.get(..length).unwrap_or_default())
    }

    /// Takes a sender report: the track that it is of, if its stream carries one.
    pub(super) fn take_report(
        &mut self,
        now: Moment,
        ntp: Ntp,
        report: &SenderReport,
    ) -> Option<Source> {
        let mut streams = self.streams.iter_mut();
        let stream = streams.find(|it| it.ssrc == report.ssrc && !it.role.repairs)?;
        stream.arrivals.sender_report(now, ntp);
        Some(stream.role.source)
    }

    /// So many packets of a layer's present stream were lost on their way to who receives it.
    pub(super) fn lost_beyond(&mut self, source: Source, layer: u8, packets: u64) {
        if let Some(stream) = self.streams.last_of(Role::of(source, layer)) {
            stream.arrivals.lost_beyond(packets);
        }
    }

    /// How long it takes until a packet that was asked for can be there.
    pub(super) fn set_round_trip(&mut self, round_trip: Duration) {
        for stream in self.streams.iter_mut() {
            stream.arrivals.set_round_trip(round_trip);
        }
    }

    /// When there is something to write next.
    pub(super) fn next_timeout(&self) -> Option<Moment> {
        let streams = self.streams.iter();
        let requests = streams.filter_map(|it| it.arrivals.next_timeout());
        let told = self.feedback.next_timeout().into_iter();
        requests.chain(told).chain(self.wishes.next_timeout()).min()
    }

    /// The stream that a layer of a source is on now.
    pub(super) fn stream_of(&self, source: Source, layer: u8) -> Option<u32> {
        let role = Role::of(source, layer);
        let mut streams = self.streams.iter().rev();
        streams.find(|it| it.role == role).map(|it| it.ssrc)
    }

    /// A stream of pictures, if any came.
    pub(super) fn pictures(&self) -> Option<u32> {
        let mut streams = self.streams.iter().rev();
        streams
            .find(|it| it.role.is_video() && !it.role.repairs)
            .map(|it| it.ssrc)
    }

    /// Takes note that something authentic came, and whether it ends a darkness.
    fn hear(&mut self, now: Moment) {
        let before = self.heard.replace(now);
        if before.is_some_and(|before| now >= before.plus(DARK_AFTER)) {
            let streams = self.streams.iter_mut();
            streams.for_each(|stream| stream.arrivals.line_was_dark());
        }
    }
}
