//! The answer to an offer (RFC 9429 section 5.3.1), written from its parsed parts.
//!
//! It agrees to one fixed form, and to nothing that the offer does not name: Opus, with redundancy where the client has it,
//! and VP8, the header extensions that are used, and for each receive slot a stream of ours under the name of its pair: the
//! audio and the video of a pair are one media stream, so that the browser plays them in step.

use std::fmt::{self, Write};
use std::net::SocketAddr;

use vestibule_forwarding::limits::SLOTS;

use super::section::is_video;
use super::{Credentials, Fingerprint, Offer, SENDING};

/// The SFU's side of a connection, as its answer tells it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local<'a> {
    pub(crate) ice: &'a Credentials,
    pub(crate) fingerprint: Fingerprint,
    /// Where the SFU can be reached, the best first.
    pub(crate) candidates: &'a [SocketAddr],
    /// The stream of each receive slot.
    pub(crate) slots: &'a [SlotSsrcs; SLOTS],
}

/// The SSRCs of a receive slot: of its packets and, where it has pictures, of their retransmissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SlotSsrcs {
    pub(crate) media: u32,
    pub(crate) repair: Option<u32>,
}

/// What is told of a media section.
#[derive(Clone, Copy)]
struct Section<'a> {
    index: usize,
    video: bool,
    layers: &'a [String],
}

/// The priority of a host candidate (RFC 8445 section 5.1.2.1), less its place in the list.
const HOST_PRIORITY: u32 = (126 << 24) | (65_535 << 8) | 255;

/// The names of the pairs of slots, the screen's at the end.
const NAMES: [&str; SLOTS.div_ceil(2)] = ["slot-0", "slot-1", "slot-2", "slot-3", "slot-4"];

/// The canonical name (RFC 3550 section 6.5.1) of a slot's streams, by its place: the audio and the video of a pair have one.
pub(crate) fn slot_name(slot: usize) -> &'static str {
    NAMES.get(slot / 2).copied().unwrap_or_default()
}

/// Headers of both forms are taken (RFC 8285 section 6).
const MIXED: &str = "a=extmap-allow-mixed\r\n";

impl Offer {
    /// The answer.
    pub(crate) fn answer(&self, local: &Local<'_>) -> String {
        let mut out = String::with_capacity(16 * 1024);
        // Writing to a string cannot fail.
        let _ = self.write_answer(&mut out, local);
        out
    }

    fn write_answer(&self, out: &mut String, local: &Local<'_>) -> fmt::Result {
        out.push_str("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE");
        for mid in self.mids() {
            write!(out, " {mid}")?;
        }
        out.push_str("\r\na=ice-lite\r\n");
        if self.feedback.is_mixed() {
            out.push_str(MIXED);
        }
        for (index, mid) in self.mids().enumerate() {
            let section = Section {
                index,
                video: is_video(index),
                layers: self.layers_of(index),
            };
            self.write_media(out, section)?;
            if index == 0 {
                write_candidates(out, local.candidates)?;
            }
            write_transport(out, local)?;
            write!(out, "a=mid:{mid}\r\n")?;
            self.write_extensions(out, section)?;
            self.write_codec(out, section)?;
            write_layers(out, section.layers)?;
            match index.checked_sub(SENDING) {
                None => out.push_str("a=recvonly\r\n"),
                Some(slot) => write_slot(out, slot, local.slots.get(slot))?,
            }
        }
        Ok(())
    }

    fn write_media(&self, out: &mut String, section: Section<'_>) -> fmt::Result {
        let codecs = &self.codecs;
        if section.video {
            let (vp8, rtx) = (codecs.vp8, codecs.rtx);
            write!(out, "m=video 9 UDP/TLS/RTP/SAVPF {vp8} {rtx}\r\n")?;
        } else {
            write!(out, "m=audio 9 UDP/TLS/RTP/SAVPF {}", codecs.opus)?;
            if let Some(red) = codecs.red {
                write!(out, " {red}")?;
            }
            out.push_str("\r\n");
        }
        out.push_str("c=IN IP4 0.0.0.0\r\na=rtcp-mux\r\n");
        if self.feedback.is_reduced_in(section.index) {
            out.push_str("a=rtcp-rsize\r\n");
        }
        if self.feedback.is_mixed_in(section.index) {
            out.push_str(MIXED);
        }
        Ok(())
    }

    fn write_extensions(&self, out: &mut String, section: Section<'_>) -> fmt::Result {
        let used = &self.extensions;
        let extensions = [
            (used.mid, "urn:ietf:params:rtp-hdrext:sdes:mid"),
            (
                used.transport_cc,
                "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
            ),
            (
                used.video_orientation.filter(|_| section.video),
                "urn:3gpp:video-orientation",
            ),
            (
                used.rid.filter(|_| !section.layers.is_empty()),
                "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
            ),
            (
                used.repaired_rid.filter(|_| !section.layers.is_empty()),
                "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
            ),
        ];
        for (number, uri) in extensions {
            if let Some(number) = number {
                write!(out, "a=extmap:{number} {uri}\r\n")?;
            }
        }
        Ok(())
    }

    fn write_codec(&self, out: &mut String, section: Section<'_>) -> fmt::Result {
        let codecs = &self.codecs;
        if !section.video {
            let opus = codecs.opus;
            write!(out, "a=rtpmap:{opus} opus/48000/2\r\n")?;
            write!(out, "a=fmtp:{opus} minptime=10;useinbandfec=1;usedtx=1\r\n")?;
            for feedback in self.feedback.of(false) {
                write!(out, "a=rtcp-fb:{opus} {feedback}\r\n")?;
            }
            return codecs.red.map_or(Ok(()), |red| {
                write!(
                    out,
                    "a=rtpmap:{red} red/48000/2\r\na=fmtp:{red} {opus}/{opus}\r\n"
                )
            });
        }
        let (vp8, rtx) = (codecs.vp8, codecs.rtx);
        write!(out, "a=rtpmap:{vp8} VP8/90000\r\n")?;
        for feedback in self.feedback.of(true) {
            write!(out, "a=rtcp-fb:{vp8} {feedback}\r\n")?;
        }
        write!(
            out,
            "a=rtpmap:{rtx} rtx/90000\r\na=fmtp:{rtx} apt={vp8}\r\n"
        )
    }
}

/// Takes every layer that the client offers to send.
fn write_layers(out: &mut String, layers: &[String]) -> fmt::Result {
    if layers.is_empty() {
        return Ok(());
    }
    for rid in layers {
        write!(out, "a=rid:{rid} recv\r\n")?;
    }
    write!(out, "a=simulcast:recv {}\r\n", layers.join(";"))
}

fn write_candidates(out: &mut String, candidates: &[SocketAddr]) -> fmt::Result {
    for (place, address) in (0_u32..).zip(candidates) {
        let priority = HOST_PRIORITY.saturating_sub(place << 8);
        let (ip, port) = (address.ip(), address.port());
        write!(
            out,
            "a=candidate:{} 1 udp {priority} {ip} {port} typ host\r\n",
            place + 1
        )?;
    }
    Ok(())
}

fn write_transport(out: &mut String, local: &Local<'_>) -> fmt::Result {
    let Credentials { ufrag, password } = local.ice;
    write!(out, "a=ice-ufrag:{ufrag}\r\na=ice-pwd:{password}\r\n")?;
    write!(
        out,
        "a=fingerprint:sha-256 {}\r\na=setup:passive\r\n",
        local.fingerprint
    )
}

fn write_slot(out: &mut String, slot: usize, ssrcs: Option<&SlotSsrcs>) -> fmt::Result {
    let name = slot_name(slot);
    write!(out, "a=sendonly\r\na=msid:{name} slot-{slot}\r\n")?;
    let Some(SlotSsrcs { media, repair }) = ssrcs else {
        return Ok(());
    };
    if let Some(repair) = repair {
        write!(out, "a=ssrc-group:FID {media} {repair}\r\n")?;
    }
    for ssrc in [Some(media), repair.as_ref()].into_iter().flatten() {
        write!(out, "a=ssrc:{ssrc} cname:{name}\r\n")?;
        write!(out, "a=ssrc:{ssrc} msid:{name} slot-{slot}\r\n")?;
    }
    Ok(())
}
