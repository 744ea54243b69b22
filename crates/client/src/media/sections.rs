//! The media sections of an offer, in the order that is agreed with the SFU, and their codecs.

use rtc::peer_connection::configuration::interceptor_registry::{
    Registry, Slot, configure_nack, configure_rtcp_reports,
};
use rtc::peer_connection::configuration::media_engine::{
    MIME_TYPE_OPUS, MIME_TYPE_RTX, MIME_TYPE_VP8, MediaEngine,
};
use rtc::rtp_transceiver::rtp_sender::{
    RTCPFeedback, RTCRtpCodec, RTCRtpCodecParameters, RTCRtpHeaderExtensionCapability, RtpCodecKind,
};
use vestibule_vocab::Source;

use super::key_frames::KeyFrameRequests;
use crate::Error;
use crate::limits::OTHERS;

/// What we send, first in the offer: sound goes before picture when the network is narrow.
pub(super) const SENDS: [Source; 3] = [Source::Microphone, Source::Camera, Source::Screen];

/// What we receive, behind it: sound and picture of each of the others, and one screen.
pub(super) fn receives() -> impl Iterator<Item = RtpCodecKind> {
    let pair = [RtpCodecKind::Audio, RtpCodecKind::Video];
    let pairs = std::iter::repeat_n(pair, OTHERS).flatten();
    pairs.chain([RtpCodecKind::Video])
}

pub(super) fn kind_of(source: Source) -> RtpCodecKind {
    match source {
        Source::Microphone => RtpCodecKind::Audio,
        Source::Camera | Source::Screen => RtpCodecKind::Video,
    }
}

/// Ticks of the timestamps in a second.
pub(super) fn clock_rate(source: Source) -> u32 {
    match source {
        Source::Microphone => OPUS_RATE,
        Source::Camera | Source::Screen => VP8_RATE,
    }
}

pub(super) const OPUS: u8 = 111;
pub(super) const VP8: u8 = 96;
const RTX: u8 = 97;
const OPUS_RATE: u32 = 48_000;
pub(super) const VP8_RATE: u32 = 90_000;

/// Behind every interceptor of the stack, on the way to the application.
const NEAREST_TO_US: Slot = Slot::Custom(14_000);

const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";

/// The codec that carries a source.
pub(super) fn codec(source: Source) -> RTCRtpCodec {
    match source {
        Source::Microphone => RTCRtpCodec {
            mime_type: MIME_TYPE_OPUS.to_owned(),
            clock_rate: OPUS_RATE,
            channels: 2,
            sdp_fmtp_line: "minptime=10;useinbandfec=1".to_owned(),
            rtcp_feedback: Vec::new(),
        },
        Source::Camera | Source::Screen => RTCRtpCodec {
            mime_type: MIME_TYPE_VP8.to_owned(),
            clock_rate: VP8_RATE,
            channels: 0,
            sdp_fmtp_line: String::new(),
            rtcp_feedback: vec![feedback("ccm", "fir")],
        },
    }
}

fn feedback(kind: &str, parameter: &str) -> RTCPFeedback {
    RTCPFeedback {
        typ: kind.to_owned(),
        parameter: parameter.to_owned(),
    }
}

/// The codecs that the SFU takes and no others, reports, retransmission, and key-frame requests that reach
/// whoever sends.
pub(super) fn engine() -> Result<(MediaEngine, Registry), Error> {
    let mut engine = MediaEngine::default();
    let repair = RTCRtpCodec {
        mime_type: MIME_TYPE_RTX.to_owned(),
        clock_rate: VP8_RATE,
        channels: 0,
        sdp_fmtp_line: format!("apt={VP8}"),
        rtcp_feedback: Vec::new(),
    };
    let codecs = [
        (OPUS, codec(Source::Microphone), RtpCodecKind::Audio),
        (VP8, codec(Source::Camera), RtpCodecKind::Video),
        (RTX, repair, RtpCodecKind::Video),
    ];
    for (payload_type, rtp_codec, kind) in codecs {
        let parameters = RTCRtpCodecParameters {
            rtp_codec,
            payload_type,
            ..Default::default()
        };
        engine.register_codec(parameters, kind)?;
    }
    for kind in [RtpCodecKind::Audio, RtpCodecKind::Video] {
        let uri = MID.to_owned();
        engine.register_header_extension(RTCRtpHeaderExtensionCapability { uri }, kind, None)?;
    }
    let registry = configure_nack(Registry::new(), &mut engine);
    let registry = configure_rtcp_reports(registry);
    let registry = registry.with(NEAREST_TO_US, KeyFrameRequests::default());
    Ok((engine, registry))
}
