//! An offer written anew from its parsed parts.

use std::fmt::{self, Write};

use super::section::Section;
use super::{Offer, SENDING};

impl Offer {
    /// The offer in one fixed form: Opus and VP8 alone, the header extensions that are used, and for each
    /// receive slot the name of its media stream. The answer repeats these names: the audio and the
    /// video of a pair are one stream, so that the browser plays them in step.
    pub(crate) fn canonical(&self) -> String {
        let mut out = String::with_capacity(16 * 1024);
        // Writing to a string cannot fail.
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> fmt::Result {
        out.push_str("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE");
        for mid in self.mids() {
            write!(out, " {mid}")?;
        }
        out.push_str("\r\n");
        for (index, section) in self.sections.iter().enumerate() {
            self.write_section(out, index, section)?;
        }
        Ok(())
    }

    fn write_section(&self, out: &mut String, index: usize, section: &Section) -> fmt::Result {
        self.write_media(out, section)?;
        self.write_transport(out)?;
        write!(out, "a=mid:{}\r\n", section.mid)?;
        self.write_extensions(out, index, section)?;
        match index.checked_sub(SENDING) {
            None => {
                out.push_str("a=sendonly\r\n");
                write_stream(out, section)?;
            }
            Some(slot) => {
                out.push_str("a=recvonly\r\n");
                write!(out, "a=msid:slot-{} slot-{slot}\r\n", slot / 2)?;
            }
        }
        self.write_codec(out, index, section)
    }

    fn write_media(&self, out: &mut String, section: &Section) -> fmt::Result {
        let codecs = &self.codecs;
        if section.video {
            write!(
                out,
                "m=video 9 UDP/TLS/RTP/SAVPF {} {}\r\n",
                codecs.vp8, codecs.rtx
            )?;
        } else {
            write!(out, "m=audio 9 UDP/TLS/RTP/SAVPF {}\r\n", codecs.opus)?;
        }
        out.push_str("c=IN IP4 0.0.0.0\r\na=rtcp-mux\r\n");
        Ok(())
    }

    fn write_transport(&self, out: &mut String) -> fmt::Result {
        write!(
            out,
            "a=ice-ufrag:{}\r\na=ice-pwd:{}\r\n",
            self.ice.ufrag, self.ice.password
        )?;
        write!(
            out,
            "a=fingerprint:sha-256 {}\r\na=setup:actpass\r\n",
            self.fingerprint
        )
    }

    /// Congestion feedback is asked for where the client sends. Where it receives there is nothing that
    /// the SFU would do with it yet.
    fn write_extensions(&self, out: &mut String, index: usize, section: &Section) -> fmt::Result {
        let used = &self.extensions;
        let sending = index < SENDING;
        let extensions = [
            (used.mid, "urn:ietf:params:rtp-hdrext:sdes:mid"),
            (
                used.transport_cc.filter(|_| sending),
                "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
            ),
            (
                used.video_orientation.filter(|_| section.video),
                "urn:3gpp:video-orientation",
            ),
        ];
        for (number, uri) in extensions {
            if let Some(number) = number {
                write!(out, "a=extmap:{number} {uri}\r\n")?;
            }
        }
        Ok(())
    }

    fn write_codec(&self, out: &mut String, index: usize, section: &Section) -> fmt::Result {
        let codecs = &self.codecs;
        let (main, sending) = (
            if section.video {
                codecs.vp8
            } else {
                codecs.opus
            },
            index < SENDING,
        );
        if section.video {
            let rtx = codecs.rtx;
            write!(out, "a=rtpmap:{main} VP8/90000\r\n")?;
            for feedback in ["ccm fir", "nack", "nack pli"] {
                write!(out, "a=rtcp-fb:{main} {feedback}\r\n")?;
            }
            write!(
                out,
                "a=rtpmap:{rtx} rtx/90000\r\na=fmtp:{rtx} apt={main}\r\n"
            )?;
        } else {
            write!(out, "a=rtpmap:{main} opus/48000/2\r\n")?;
            write!(out, "a=fmtp:{main} minptime=10;useinbandfec=1;usedtx=1\r\n")?;
        }
        if sending {
            write!(out, "a=rtcp-fb:{main} transport-cc\r\n")?;
        }
        Ok(())
    }
}

fn write_stream(out: &mut String, section: &Section) -> fmt::Result {
    let Some((ssrc, repair)) = section.stream else {
        return Ok(());
    };
    if let Some(repair) = repair {
        write!(out, "a=ssrc-group:FID {ssrc} {repair}\r\n")?;
    }
    for ssrc in [Some(ssrc), repair].into_iter().flatten() {
        write!(out, "a=ssrc:{ssrc} cname:client\r\n")?;
    }
    Ok(())
}
