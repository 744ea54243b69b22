//! Session descriptions: the offer that the SFU agrees to (`docs/media.md`), and what is read of a server's.

use std::fmt::Write;
use std::net::SocketAddr;

use anyhow::Context as _;
use vestibule_handshake::{Credentials, Fingerprint};

use crate::media::{Numbers, Streams};
use crate::ours::Ours;

/// What our offers and answers number.
pub(crate) const NUMBERS: Numbers = Numbers {
    opus: 111,
    vp8: 96,
    rtx: 97,
    mid: Some(1),
    transport_cc: Some(2),
};

const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
const TRANSPORT_CC: &str =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

/// The priority of a host candidate (RFC 8445 section 5.1.2.1).
const HOST_PRIORITY: u32 = (126 << 24) | (65_535 << 8) | 255;

/// Sections of the SFU's offer that are sent, and all of them.
const SENDING: usize = 3;
const SECTIONS: usize = 12;

/// What is read of a server's description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Theirs {
    pub(crate) credentials: Credentials,
    pub(crate) fingerprint: Fingerprint,
    /// Where the server can be reached, as it orders them.
    pub(crate) candidates: Vec<SocketAddr>,
    /// Streams of the server, and those that repair them.
    pub(crate) repairs: Vec<(u32, u32)>,
    pub(crate) numbers: Numbers,
    /// The kind and the mid of each section.
    pub(crate) sections: Vec<(String, String)>,
}

/// The offer of a person who sends microphone and camera and receives from four others.
pub(crate) fn sfu_offer(ours: &Ours, streams: &Streams) -> String {
    let mids: Vec<String> = (0..SECTIONS).map(|index| index.to_string()).collect();
    let mut out = head("actpass", ours, &mids);
    for (index, mid) in mids.iter().enumerate() {
        let media = (is_video(index), mid.as_str());
        let direction = if index < SENDING {
            "sendonly"
        } else {
            "recvonly"
        };
        section(&mut out, media, direction, NUMBERS, ours);
        match index {
            0 => streams_of(&mut out, streams.audio, None),
            1 => streams_of(&mut out, streams.video, Some(streams.repair)),
            _ => {}
        }
    }
    out
}

/// An offer that sends microphone and camera, and nothing else. It leaves the server no choice of the DTLS role:
/// where it has one, Janus takes ours.
pub(crate) fn publishing_offer(ours: &Ours, streams: &Streams) -> String {
    let mids = [streams.audio_mid.clone(), streams.video_mid.clone()];
    let mut out = head("active", ours, &mids);
    let (audio, video) = ((false, &*streams.audio_mid), (true, &*streams.video_mid));
    section(&mut out, audio, "sendonly", NUMBERS, ours);
    streams_of(&mut out, streams.audio, None);
    section(&mut out, video, "sendonly", NUMBERS, ours);
    streams_of(&mut out, streams.video, Some(streams.repair));
    out
}

/// An answer that receives all that an offer has.
pub(crate) fn receiving_answer(ours: &Ours, offer: &Theirs) -> String {
    let mids: Vec<String> = offer.sections.iter().map(|(_, mid)| mid.clone()).collect();
    let mut out = head("active", ours, &mids);
    for (kind, mid) in &offer.sections {
        let media = (kind == "video", mid.as_str());
        section(&mut out, media, "recvonly", offer.numbers, ours);
    }
    out
}

fn head(setup: &str, ours: &Ours, mids: &[String]) -> String {
    let Credentials { ufrag, password } = &ours.credentials;
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {}\r\na=ice-ufrag:{ufrag}\r\n\
         a=ice-pwd:{password}\r\na=fingerprint:sha-256 {}\r\na=setup:{setup}\r\n",
        mids.join(" "),
        ours.fingerprint(),
    )
}

fn section(
    out: &mut String,
    (video, mid): (bool, &str),
    direction: &str,
    numbers: Numbers,
    ours: &Ours,
) {
    let Numbers { opus, vp8, rtx, .. } = numbers;
    let (kind, types) = if video {
        ("video", format!("{vp8} {rtx}"))
    } else {
        ("audio", opus.to_string())
    };
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "m={kind} 9 UDP/TLS/RTP/SAVPF {types}\r\nc=IN IP4 0.0.0.0\r\na=rtcp-mux\r\na=rtcp-rsize\r\n\
         a=mid:{mid}\r\na={direction}\r\na=candidate:1 1 udp {HOST_PRIORITY} {} {} typ host\r\n",
        ours.candidate.ip(),
        ours.candidate.port(),
    );
    for (number, uri) in [(numbers.mid, MID), (numbers.transport_cc, TRANSPORT_CC)] {
        if let Some(number) = number {
            let _ = write!(out, "a=extmap:{number} {uri}\r\n");
        }
    }
    let _ = if video {
        write!(
            out,
            "a=rtpmap:{vp8} VP8/90000\r\na=rtcp-fb:{vp8} transport-cc\r\na=rtcp-fb:{vp8} ccm fir\r\n\
             a=rtcp-fb:{vp8} nack\r\na=rtcp-fb:{vp8} nack pli\r\na=rtpmap:{rtx} rtx/90000\r\n\
             a=fmtp:{rtx} apt={vp8}\r\n",
        )
    } else {
        write!(
            out,
            "a=rtpmap:{opus} opus/48000/2\r\na=fmtp:{opus} minptime=10;useinbandfec=1\r\n\
             a=rtcp-fb:{opus} transport-cc\r\n",
        )
    };
}

fn streams_of(out: &mut String, media: u32, repair: Option<u32>) {
    if let Some(repair) = repair {
        let _ = write!(out, "a=ssrc-group:FID {media} {repair}\r\n");
    }
    for ssrc in [Some(media), repair].into_iter().flatten() {
        let _ = write!(
            out,
            "a=ssrc:{ssrc} cname:load\r\na=ssrc:{ssrc} msid:load load-{media}\r\n"
        );
    }
}

/// Which kind stands at which place of [`sfu_offer`].
fn is_video(index: usize) -> bool {
    match index {
        0 => false,
        1 | 2 => true,
        _ => (index - SENDING) % 2 == 1 || index == SECTIONS - 1,
    }
}

impl Theirs {
    /// Reads a server's offer or answer.
    ///
    /// # Errors
    /// When something is missing that is needed.
    pub(crate) fn read(sdp: &str) -> anyhow::Result<Self> {
        let lines: Vec<&str> = sdp.lines().map(str::trim_end).collect();
        let first = |name: &'static str| values(&lines, name).next();
        let credentials = Credentials {
            ufrag: first("ice-ufrag:").context("no ice-ufrag")?.to_owned(),
            password: first("ice-pwd:").context("no ice-pwd")?.to_owned(),
        };
        let fingerprint = values(&lines, "fingerprint:").find_map(|value| {
            let (hash, digits) = value.split_once(' ')?;
            let known = hash.eq_ignore_ascii_case("sha-256");
            known.then(|| digits.parse().ok())?
        });
        Ok(Self {
            credentials,
            fingerprint: fingerprint.context("no SHA-256 fingerprint")?,
            candidates: values(&lines, "candidate:").filter_map(candidate).collect(),
            repairs: values(&lines, "ssrc-group:FID ").filter_map(pair).collect(),
            numbers: numbers(&lines),
            sections: sections(&lines),
        })
    }
}

/// The values of an attribute, wherever it stands.
fn values<'a>(lines: &'a [&'a str], name: &'static str) -> impl Iterator<Item = &'a str> {
    let attributes = lines.iter().filter_map(|line| line.strip_prefix("a="));
    attributes.filter_map(move |attribute| attribute.strip_prefix(name))
}

/// A UDP host candidate's address (RFC 8839 section 5.1).
fn candidate(value: &str) -> Option<SocketAddr> {
    let mut words = value.split(' ').skip(2);
    let udp = words.next()?.eq_ignore_ascii_case("udp");
    let (ip, port) = (words.nth(1)?.parse().ok()?, words.next()?.parse().ok()?);
    udp.then(|| SocketAddr::new(ip, port))
}

fn pair(value: &str) -> Option<(u32, u32)> {
    let (media, repair) = value.split_once(' ')?;
    Some((media.parse().ok()?, repair.trim().parse().ok()?))
}

fn numbers(lines: &[&str]) -> Numbers {
    let payload_type = |codec: &str| {
        let mut maps = values(lines, "rtpmap:").filter_map(|map| map.split_once(' '));
        maps.find(|(_, name)| name.eq_ignore_ascii_case(codec))
            .and_then(|(number, _)| number.parse().ok())
    };
    let extension = |uri: &str| {
        let mut maps = values(lines, "extmap:").filter_map(|map| map.split_once(' '));
        let found = maps.find(|(_, name)| *name == uri);
        found.and_then(|(number, _)| number.split('/').next()?.parse().ok())
    };
    Numbers {
        opus: payload_type("opus/48000/2").unwrap_or(NUMBERS.opus),
        vp8: payload_type("VP8/90000").unwrap_or(NUMBERS.vp8),
        rtx: payload_type("rtx/90000").unwrap_or(NUMBERS.rtx),
        mid: extension(MID),
        transport_cc: extension(TRANSPORT_CC),
    }
}

fn sections(lines: &[&str]) -> Vec<(String, String)> {
    let mut sections: Vec<(String, String)> = Vec::new();
    for line in lines {
        if let Some(media) = line.strip_prefix("m=") {
            let kind = media.split(' ').next().unwrap_or_default();
            sections.push((kind.to_owned(), String::new()));
        } else if let (Some(mid), Some((_, place))) =
            (line.strip_prefix("a=mid:"), sections.last_mut())
        {
            mid.clone_into(place);
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Instant;

    use vestibule_handshake::Certificate;

    use super::{NUMBERS, Theirs, receiving_answer, sfu_offer};
    use crate::media::Streams;
    use crate::ours::Ours;

    fn streams() -> Streams {
        Streams {
            audio: 11,
            video: 12,
            repair: 13,
            audio_mid: "0".to_owned(),
            video_mid: "1".to_owned(),
        }
    }

    #[test]
    fn an_offer_says_what_it_has() {
        let certificate = Certificate::generate().unwrap();
        let address = Ipv4Addr::LOCALHOST.into();
        let ours = Ours::bind(address, &certificate, Instant::now()).unwrap();
        let offer = Theirs::read(&sfu_offer(&ours, &streams())).unwrap();
        assert_eq!(offer.credentials, ours.credentials);
        assert_eq!(offer.fingerprint, ours.fingerprint());
        assert_eq!(offer.candidates.first(), Some(&ours.candidate));
        assert_eq!(offer.numbers, NUMBERS);
        assert_eq!(offer.repairs, [(12, 13)]);
        let kinds: Vec<_> = offer.sections.iter().map(|(kind, _)| &kind[..1]).collect();
        assert_eq!(kinds.concat(), "avvavavavavv");

        let answer = Theirs::read(&receiving_answer(&ours, &offer)).unwrap();
        assert_eq!(answer.sections, offer.sections);
    }

    #[test]
    fn candidates_are_those_of_udp() {
        let sdp = "a=ice-ufrag:abcd\r\na=ice-pwd:secret\r\n\
             a=fingerprint:sha-256 00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:\
             00:00:00:00:00:00:00:00:00\r\n\
             a=candidate:1 1 tcp 5 192.0.2.1 9 typ host tcptype active\r\n\
             a=candidate:1 1 udp 7 192.0.2.1 5000 typ host\r\na=candidate:2 1 UDP 6 2001:db8::1 5001 typ host\r\n";
        let read = Theirs::read(sdp).unwrap();
        let expected = ["192.0.2.1:5000", "[2001:db8::1]:5001"];
        assert_eq!(
            read.candidates,
            expected.map(|address| address.parse().unwrap())
        );
    }

    #[test]
    fn what_is_missing_is_said() {
        let error = Theirs::read("v=0\r\n").unwrap_err();
        assert_eq!(error.to_string(), "no ice-ufrag");
    }
}
