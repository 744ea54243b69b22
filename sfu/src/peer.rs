//! A leg's WebRTC peer. This is the one file that knows the engine behind it, `str0m` in RTP mode: ICE-lite,
//! DTLS 1.2 (where AES-GCM is negotiated), SRTP, NACK and retransmission. Whoever exchanges the engine
//! does it here.

use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use str0m::change::SdpOffer;
use str0m::config::{CryptoProvider, DtlsCert, DtlsVersion};
use str0m::format::{Codec, FormatParams};
use str0m::media::{Frequency, KeyframeRequestKind, Mid};
use str0m::net::{DatagramSend, Protocol, Receive};
use str0m::rtp::{Extension, ExtensionValues, RtpPacket, RtpWrite, Ssrc, Vp8Descriptor, Vp8Patch};
use str0m::{Candidate, Input, Output, Rtc, RtcConfig};
use vestibule_forwarding::{Forwarded, SenderReport, Slot, Source, vp8};

use crate::limits::{
    PAYLOAD_BYTES, REPORT_INTERVAL, RETRANSMISSION_AGE, RETRANSMISSION_PACKETS,
    RETRANSMISSION_RATIO, STREAMS_PER_PEER,
};
use crate::offer::{Offer, OfferError, SENDING};

/// What all peers of a process share: the cryptography and one certificate, so that none is made while
/// somebody waits to be connected.
#[derive(Clone)]
pub(crate) struct Engine {
    crypto: Arc<CryptoProvider>,
    certificate: DtlsCert,
}

/// The engine could not make its certificate.
#[derive(Debug, thiserror::Error)]
#[error("no DTLS certificate could be made")]
pub(crate) struct EngineError;

/// One peer: a leg's connection.
pub(crate) struct Peer {
    rtc: Rtc,
    offer: Offer,
    mids: Vec<Mid>,
    slots: Vec<SlotStream>,
    /// The sources of the streams that came so far.
    streams: Vec<(Ssrc, Source)>,
    due: Instant,
    down: bool,
}

/// The stream of a receive slot, as the answer announced it.
struct SlotStream {
    mid: Mid,
    ssrc: Ssrc,
    repair: Option<Ssrc>,
    /// The engine has the stream. It would report on one that never sent a packet, with timestamps from
    /// nowhere, and look after its timers: so it gets a stream with its first packet.
    live: bool,
}

/// What a peer has for the outside.
#[expect(
    clippy::large_enum_variant,
    reason = "one lives at a time, and boxing would allocate per packet"
)]
pub(crate) enum Event {
    /// A datagram is to be sent.
    Transmit(Transmit),
    /// ICE and DTLS are up.
    Up,
    /// The peer is finished: it said goodbye, or failed.
    Down,
    /// An RTP packet came and is authentic.
    Packet(Source, Packet),
    /// A sender report came.
    Report(Source, SenderReport),
    /// The client asks for a key frame on a slot.
    KeyFrame(Slot),
}

/// A datagram to be sent.
pub(crate) struct Transmit {
    /// The candidate that it leaves from.
    pub(crate) from: SocketAddr,
    /// Where it goes.
    pub(crate) to: SocketAddr,
    contents: DatagramSend,
}

impl Deref for Transmit {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.contents
    }
}

/// An RTP packet that came.
pub(crate) struct Packet(RtpPacket);

impl Packet {
    /// The packet as the forwarding sees it.
    pub(crate) fn view(&self) -> vestibule_forwarding::Packet<'_> {
        vestibule_forwarding::Packet {
            ssrc: *self.0.header.ssrc,
            sequence: *self.0.seq_no,
            timestamp: self.0.header.timestamp,
            payload: &self.0.payload,
        }
    }

    /// Whether it ends a picture (RFC 3551 section 4.1, RFC 7741 section 4.1).
    pub(crate) fn marker(&self) -> bool {
        self.0.header.marker
    }
}

impl Engine {
    pub(crate) fn new() -> Result<Self, EngineError> {
        let crypto = str0m::crypto::from_feature_flags();
        let certificate = crypto
            .dtls_provider
            .generate_certificate()
            .ok_or(EngineError)?;
        Ok(Self {
            crypto: Arc::new(crypto),
            certificate,
        })
    }

    /// Makes a peer of a client's first offer on a connection, and the answer to it.
    pub(crate) fn connect(
        &self,
        now: Instant,
        candidates: &[SocketAddr],
        offer: Offer,
    ) -> Result<(Peer, String), OfferError> {
        let mut rtc = self.config(&offer).build(now);
        // The DTLS library panics on a ClientHello that comes before it was ever told the time.
        rtc.handle_input(Input::Timeout(now))
            .map_err(|_| OfferError::Engine)?;
        for address in candidates {
            let candidate = Candidate::host(*address, Protocol::Udp);
            rtc.add_local_candidate(candidate.map_err(|_| OfferError::Engine)?);
        }
        let mids: Vec<Mid> = offer.mids().map(Mid::from).collect();
        let mut peer = Peer {
            rtc,
            offer,
            mids,
            slots: Vec::new(),
            streams: Vec::new(),
            due: now,
            down: false,
        };
        let answer = peer.accept(&peer.offer.canonical())?;
        peer.slots = peer.announced_slots()?;
        peer.drop_silent_slots();
        Ok((peer, answer))
    }

    fn config(&self, offer: &Offer) -> RtcConfig {
        let mut config = RtcConfig::new()
            .set_crypto_provider(Arc::clone(&self.crypto))
            .set_dtls_cert(self.certificate.clone())
            .set_dtls_version(DtlsVersion::Dtls12)
            .set_ice_lite(true)
            .set_rtp_mode(true)
            .set_rtcp_report_interval_audio(REPORT_INTERVAL)
            .set_rtcp_report_interval_video(REPORT_INTERVAL)
            .clear_codecs()
            .clear_extension_map();
        let used = &offer.extensions;
        let extensions = [
            (used.mid, Extension::RtpMid),
            (used.transport_cc, Extension::TransportSequenceNumber),
            (used.video_orientation, Extension::VideoOrientation),
        ];
        for (number, extension) in extensions {
            if let Some(number) = number {
                config.extension_map().set(number, extension);
            }
        }
        add_codecs(&mut config, offer);
        config
    }
}

/// Opus with in-band error correction and silence left out, and VP8 with retransmission.
fn add_codecs(config: &mut RtcConfig, offer: &Offer) {
    let sound = FormatParams {
        min_p_time: Some(10),
        use_inband_fec: Some(true),
        use_dtx: Some(true),
        ..FormatParams::default()
    };
    let (codecs, numbers) = (config.codec_config(), &offer.codecs);
    let rate = Frequency::FORTY_EIGHT_KHZ;
    codecs.add_config(numbers.opus.into(), None, Codec::Opus, rate, Some(2), sound);
    let (vp8, rtx) = (numbers.vp8.into(), Some(numbers.rtx.into()));
    let (rate, picture) = (Frequency::NINETY_KHZ, FormatParams::default());
    codecs.add_config(vp8, rtx, Codec::Vp8, rate, None, picture);
}

impl Peer {
    /// Takes a further offer on the same connection: an ICE restart, or the same offer again.
    pub(crate) fn restart(&mut self, now: Instant, offer: &Offer) -> Result<String, OfferError> {
        let applied = self.offer.restarted_by(offer)?;
        // The engine would announce other SSRCs for the slots whose streams it does not have.
        for slot in &self.slots {
            declare(&mut self.rtc, slot);
        }
        let answer = self.accept(&applied.canonical());
        self.drop_silent_slots();
        let answer = answer?;
        self.offer = applied;
        self.handle_timeout(now);
        Ok(answer)
    }

    /// The fragment that a client's STUN checks name this peer by.
    pub(crate) fn ufrag(&mut self) -> String {
        self.rtc.direct_api().local_ice_credentials().ufrag
    }

    /// The mid of a receive slot.
    pub(crate) fn slot_mid(&self, slot: Slot) -> Option<String> {
        self.mids.get(SENDING + slot.index()).map(Mid::to_string)
    }

    /// When [`Self::handle_timeout`] is to be called next.
    pub(crate) fn due(&self) -> Instant {
        self.due
    }

    /// Takes a datagram. What is not authentic changes nothing.
    pub(crate) fn receive(
        &mut self,
        now: Instant,
        from: SocketAddr,
        to: SocketAddr,
        datagram: &[u8],
    ) {
        if let Ok(received) = Receive::new(Protocol::Udp, from, to, datagram) {
            // Errors here are of the datagram. One that ends the peer shows in `poll`.
            let _ = self.rtc.handle_input(Input::Receive(now, received));
        }
    }

    /// Lets time pass; what was written is sent then.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        // An error that ends the peer shows in `poll`.
        let _ = self.rtc.handle_input(Input::Timeout(now));
    }

    /// The next thing for the outside; `None` when there is nothing more until [`Self::due`] or an input.
    pub(crate) fn poll(&mut self) -> Option<Event> {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Transmit(transmit)) => {
                    return Some(Event::Transmit(Transmit {
                        from: transmit.source,
                        to: transmit.destination,
                        contents: transmit.contents,
                    }));
                }
                Ok(Output::Event(event)) => {
                    if let Some(event) = self.translate(event) {
                        return Some(event);
                    }
                }
                Ok(Output::Timeout(due)) => {
                    self.due = due;
                    return if self.rtc.is_alive() {
                        None
                    } else {
                        self.go_down()
                    };
                }
                Err(_) => {
                    self.rtc.disconnect();
                    return self.go_down();
                }
            }
        }
    }

    /// Sends a packet through a slot. It leaves with the next [`Self::handle_timeout`].
    pub(crate) fn write(&mut self, packet: &Packet, forwarded: &Forwarded, captured: Instant) {
        let rtp = self.rewritten(packet, forwarded, captured);
        let Some(slot) = self.slots.get_mut(forwarded.slot.index()) else {
            return;
        };
        if !slot.live {
            declare(&mut self.rtc, slot);
            slot.live = true;
        }
        if let Some(stream) = self.rtc.direct_api().stream_tx(&slot.ssrc) {
            stream.write_rtp(rtp);
        }
    }

    /// Asks the client for a key frame on one of its tracks.
    pub(crate) fn request_key_frame(&mut self, source: Source) {
        let Some(mid) = self.mids.get(place_of(source)).copied() else {
            return;
        };
        if let Some(stream) = self.rtc.direct_api().stream_rx_by_mid(mid, None) {
            stream.request_keyframe(KeyframeRequestKind::Pli);
        }
    }

    /// Says goodbye; what is left to send comes from [`Self::poll`].
    pub(crate) fn close(&mut self) {
        // A peer that never came up has nobody to say goodbye to.
        let _ = self.rtc.close();
    }

    fn accept(&mut self, canonical: &str) -> Result<String, OfferError> {
        let offer = SdpOffer::from_sdp_string(canonical).map_err(|_| OfferError::Engine)?;
        let answer = self
            .rtc
            .sdp_api()
            .accept_offer(offer)
            .map_err(|_| OfferError::Engine)?;
        Ok(answer.to_sdp_string())
    }

    fn rewritten(&self, packet: &Packet, forwarded: &Forwarded, captured: Instant) -> RtpWrite {
        let Packet(packet) = packet;
        let (video, codecs) = (forwarded.slot.is_video(), &self.offer.codecs);
        let extensions = ExtensionValues {
            video_orientation: packet.header.ext_vals.video_orientation,
            ..ExtensionValues::default()
        };
        let rtp = RtpWrite::new(
            if video { codecs.vp8 } else { codecs.opus }.into(),
            forwarded.sequence.into(),
            forwarded.timestamp,
            captured,
            Arc::clone(&packet.payload),
        );
        let rtp = rtp
            .marker(packet.header.marker)
            .ext_vals(extensions)
            .nackable(video);
        match forwarded.vp8.and_then(|new| patch(&packet.payload, new)) {
            Some(patch) => rtp.vp8_patch(patch),
            None => rtp,
        }
    }

    /// The streams that the engine announced for the slots.
    fn announced_slots(&mut self) -> Result<Vec<SlotStream>, OfferError> {
        let mut direct = self.rtc.direct_api();
        let receiving = self.mids.iter().skip(SENDING);
        let slots = receiving.map(|mid| {
            let stream = direct
                .stream_tx_by_mid(*mid, None)
                .ok_or(OfferError::Engine)?;
            Ok(SlotStream {
                mid: *mid,
                ssrc: stream.ssrc(),
                repair: stream.rtx(),
                live: false,
            })
        });
        slots.collect()
    }

    fn drop_silent_slots(&mut self) {
        let mut direct = self.rtc.direct_api();
        for slot in self.slots.iter().filter(|slot| !slot.live) {
            direct.remove_stream_tx(slot.ssrc);
        }
    }

    fn translate(&mut self, event: str0m::Event) -> Option<Event> {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "the engine's events are not ours"
        )]
        match event {
            str0m::Event::Connected => Some(Event::Up),
            str0m::Event::Closed => self.go_down(),
            str0m::Event::RtpPacket(packet) => self.packet(packet),
            str0m::Event::SenderFeedback(report) => {
                let source = self.source_of(report.mid)?;
                Some(Event::Report(source, sender_report(&report.sender_info)?))
            }
            str0m::Event::KeyframeRequest(request) => {
                let place = self.mids.iter().position(|mid| *mid == request.mid)?;
                Some(Event::KeyFrame(Slot::from_index(
                    place.checked_sub(SENDING)?,
                )?))
            }
            _ => None,
        }
    }

    fn packet(&mut self, packet: RtpPacket) -> Option<Event> {
        let source = match self.known_source(packet.header.ssrc) {
            Some(source) => source,
            None => self.new_stream(packet.header.ssrc)?,
        };
        if self.streams.len() > STREAMS_PER_PEER {
            self.rtc.disconnect();
            return self.go_down();
        }
        (packet.payload.len() <= PAYLOAD_BYTES).then_some(Event::Packet(source, Packet(packet)))
    }

    fn known_source(&self, ssrc: Ssrc) -> Option<Source> {
        let mut streams = self.streams.iter();
        streams
            .find(|(known, _)| *known == ssrc)
            .map(|(_, source)| *source)
    }

    fn new_stream(&mut self, ssrc: Ssrc) -> Option<Source> {
        let mid = self.rtc.direct_api().stream_rx(&ssrc)?.mid();
        let source = self.source_of(mid)?;
        self.streams.push((ssrc, source));
        Some(source)
    }

    fn source_of(&self, mid: Mid) -> Option<Source> {
        let sources = [Source::Microphone, Source::Camera, Source::Screen];
        sources
            .into_iter()
            .find(|source| self.mids.get(place_of(*source)) == Some(&mid))
    }

    fn go_down(&mut self) -> Option<Event> {
        let news = !self.down;
        self.down = true;
        news.then_some(Event::Down)
    }
}

/// Gives a slot its stream, with bounds to what is kept for retransmission. One that it has stays.
fn declare(rtc: &mut Rtc, slot: &SlotStream) {
    if slot.live {
        return;
    }
    let mut direct = rtc.direct_api();
    let stream = direct.declare_stream_tx(slot.ssrc, slot.repair, slot.mid, None);
    stream.set_rtx_cache(
        RETRANSMISSION_PACKETS,
        RETRANSMISSION_AGE,
        Some(RETRANSMISSION_RATIO),
    );
}

/// Where a source's section stands in the offer.
fn place_of(source: Source) -> usize {
    match source {
        Source::Microphone => 0,
        Source::Camera => 1,
        Source::Screen => 2,
    }
}

/// The same rewriting as [`vp8::Descriptor::rewrite`], done by the engine while it writes the packet: the
/// payload stays shared among all who get it.
fn patch(payload: &[u8], new: vp8::Rewrite) -> Option<Vp8Patch> {
    let mut patch = Vp8Descriptor::parse(payload).ok()?.patch();
    if let Some(picture_id) = new.picture_id {
        patch = patch.picture_id(picture_id);
    }
    if let Some(tl0) = new.tl0 {
        patch = patch.tl0_pic_idx(tl0);
    }
    patch.build().ok()
}

fn sender_report(info: &str0m::rtp::rtcp::SenderInfo) -> Option<SenderReport> {
    let wallclock = info.ntp_time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    // The engine extends the timestamp; the report has its low 32 bits.
    let timestamp = info.rtp_time.numer() & u64::from(u32::MAX);
    Some(SenderReport {
        ssrc: *info.ssrc,
        wallclock_micros: u64::try_from(wallclock.as_micros()).ok()?,
        timestamp: u32::try_from(timestamp).ok()?,
    })
}
