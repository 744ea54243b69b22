//! Offers as they come, and as they must not.

use super::{Credentials, Local, Offer, OfferError, SECTIONS, SENDING};
use crate::limits::{SDP_BYTES, SDP_LINES};

/// An offer of the agreed form, as a browser writes it: with more codecs and extensions than are used.
fn offer() -> String {
    let mids: Vec<_> = (0..SECTIONS).map(|mid| mid.to_string()).collect();
    let mut sdp = format!(
        "v=0\r\no=- 4611 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {}\r\na=extmap-allow-mixed\r\n",
        mids.join(" ")
    );
    for index in 0..SECTIONS {
        sdp += &section(index);
    }
    sdp
}

/// What browsers name of pictures.
const FEEDBACK: [&str; 5] = ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"];

fn section(index: usize) -> String {
    let video = matches!(index, 1 | 2 | 4 | 6 | 8 | 10 | 11);
    let direction = if index < SENDING {
        "sendonly"
    } else {
        "recvonly"
    };
    let mut sdp = if video {
        "m=video 9 UDP/TLS/RTP/SAVPF 98 99 96 97\r\n".to_owned()
    } else {
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 0\r\n".to_owned()
    };
    sdp += "c=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:abCD\r\n";
    sdp += "a=ice-pwd:0123456789012345678901\r\na=ice-options:trickle\r\n";
    sdp += &format!(
        "a=fingerprint:sha-256 {}\r\na=setup:actpass\r\n",
        ["AB"; 32].join(":")
    );
    sdp += &format!("a=mid:{index}\r\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n");
    sdp += "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n";
    sdp +=
        "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n";
    sdp += &format!("a={direction}\r\na=rtcp-mux\r\na=rtcp-rsize\r\n");
    for feedback in FEEDBACK {
        let of = if video { 96 } else { 111 };
        if video || feedback == "transport-cc" {
            sdp += &format!("a=rtcp-fb:{of} {feedback}\r\n");
        }
    }
    if video {
        sdp += "a=extmap:13 urn:3gpp:video-orientation\r\n";
        sdp += "a=rtpmap:98 VP9/90000\r\na=rtpmap:99 rtx/90000\r\na=fmtp:99 apt=98\r\n";
        sdp += "a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n";
    } else {
        sdp += "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n";
        sdp += "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=rtpmap:0 PCMU/8000\r\n";
    }
    if index < SENDING && video {
        let ssrc = 1000 + index;
        sdp += &format!(
            "a=ssrc-group:FID {ssrc} {}\r\na=ssrc:{ssrc} cname:x\r\n",
            ssrc + 100
        );
    }
    sdp
}

fn refusal(sdp: &str) -> OfferError {
    Offer::parse(sdp).unwrap_err()
}

/// The offer with the first match replaced.
fn with(from: &str, to: &str) -> String {
    let sdp = offer();
    assert!(sdp.contains(from), "{from}");
    sdp.replacen(from, to, 1)
}

/// The offer with every match replaced.
fn with_all(from: &str, to: &str) -> String {
    offer().replace(from, to)
}

#[test]
fn an_offer_of_the_agreed_form_is_read() {
    let offer = Offer::parse(&offer()).unwrap();
    assert_eq!(
        (offer.codecs.opus, offer.codecs.vp8, offer.codecs.rtx),
        (111, 96, 97)
    );
    assert_eq!(offer.codecs.red, Some(63));
    assert_eq!(offer.extensions.mid, Some(4));
    assert_eq!(offer.extensions.transport_cc, Some(3));
    assert_eq!(offer.extensions.video_orientation, Some(13));
    assert_eq!(offer.mids().nth(11), Some("11"));
}

/// What Chromium 156 writes for the transceivers that the SDK makes.
#[test]
fn the_offer_of_a_browser_is_read() {
    let offer = Offer::parse(include_str!("fixtures/chromium-156.sdp")).unwrap();
    assert_eq!(
        (offer.codecs.opus, offer.codecs.vp8, offer.codecs.rtx),
        (111, 96, 97)
    );
    assert_eq!(offer.codecs.redundancy(), Some(111));
    let camera = offer.sending().nth(1).unwrap();
    assert_eq!(camera.stream, Some((484_352_454, Some(1_950_139_193))));
}

/// What Firefox ESR 153 writes for them: the fingerprint on session level, all sections but the first on port 0,
/// and extensions that it only receives.
#[test]
fn the_offer_of_firefox_is_read() {
    let offer = Offer::parse(include_str!("fixtures/firefox-153.sdp")).unwrap();
    assert_eq!(
        (offer.codecs.opus, offer.codecs.vp8, offer.codecs.rtx),
        (109, 120, 124)
    );
    assert_eq!(offer.codecs.redundancy(), None);
    assert_eq!(offer.extensions.mid, Some(3));
    assert_eq!(offer.extensions.transport_cc, Some(7));
    assert_eq!(offer.extensions.video_orientation, None);
    let camera = offer.sending().nth(1).unwrap();
    assert_eq!(camera.stream, Some((2_374_691_111, Some(1_900_766_568))));
}

/// The same connection after its host moved to another network.
#[test]
fn the_restart_of_firefox_is_the_same_connection() {
    let [first, restart] = [
        include_str!("fixtures/firefox-153.sdp"),
        include_str!("fixtures/firefox-153-restart.sdp"),
    ]
    .map(|sdp| Offer::parse(sdp).unwrap());
    assert_ne!(first.ice, restart.ice);
    assert_eq!(first.restarted_by(&restart).unwrap(), restart);
}

/// Firefox writes the fingerprint and a direction on session level, and says which way an extension is used.
#[test]
fn what_stands_on_session_level_is_found() {
    let fingerprint = format!("a=fingerprint:sha-256 {}\r\n", ["AB"; 32].join(":"));
    let sdp = with_all(&fingerprint, "").replacen(
        "t=0 0\r\n",
        &format!("t=0 0\r\na=sendrecv\r\n{fingerprint}"),
        1,
    );
    let sdp = sdp.replace("a=extmap:4 ", "a=extmap:4/sendonly ");
    let offer = Offer::parse(&sdp).unwrap();
    assert_eq!(offer.extensions.mid, Some(4));
}

#[test]
fn lines_may_end_with_a_line_feed_alone() {
    assert_eq!(
        Offer::parse(&with_all("\r\n", "\n")),
        Offer::parse(&offer())
    );
}

#[test]
fn sections_bundled_on_port_zero_are_taken() {
    let bundled = with("m=video 9 UDP", "m=video 0 UDP").replacen(
        "a=mid:1\r\n",
        "a=mid:1\r\na=bundle-only\r\n",
        1,
    );
    assert!(Offer::parse(&bundled).is_ok());
    assert_eq!(
        refusal(&with("m=video 9 UDP", "m=video 0 UDP")),
        OfferError::Sections
    );
    assert_eq!(
        refusal(&with("m=audio 9 UDP", "m=audio 0 UDP")),
        OfferError::Sections
    );
}

/// The answer to an offer, with SSRCs from one on.
fn answer(offer: &Offer) -> String {
    let mut next = 0;
    let slots = offer.slot_ssrcs(|| {
        next += 1;
        Ok(next)
    });
    offer.answer(&Local {
        ice: &Credentials {
            ufrag: "ours".to_owned(),
            password: "0123456789012345678901".to_owned(),
        },
        fingerprint: ["CD"; 32].join(":").parse().unwrap(),
        candidates: &[
            "192.0.2.7:4000".parse().unwrap(),
            "127.0.0.1:4000".parse().unwrap(),
        ],
        slots: &slots.unwrap(),
    })
}

#[test]
fn the_answer_has_nothing_that_is_not_used() {
    let answer = answer(&Offer::parse(&offer()).unwrap());
    for unused in ["VP9", "PCMU", "audio-level", "sendrecv", "abCD", "AB:AB"] {
        assert!(!answer.contains(unused), "{unused}");
    }
    assert_eq!(answer.matches("transport-wide-cc").count(), SECTIONS);
    assert_eq!(answer.matches("a=recvonly").count(), SENDING);
    assert_eq!(answer.matches("a=sendonly").count(), SECTIONS - SENDING);
    assert_eq!(answer.matches("a=ice-ufrag:ours\r\n").count(), SECTIONS);
    assert_eq!(answer.matches("a=candidate:").count(), 2);
    assert!(answer.lines().all(|line| line.as_bytes()[1] == b'='));
}

/// A browser mends what is lost of its voice, and sends next to nothing while nobody speaks, where the answer asks for it.
#[test]
fn in_band_fec_and_dtx_are_asked_for_in_every_section_of_sound() {
    let answer = answer(&Offer::parse(&offer()).unwrap());
    let sections = answer.split("m=").filter(|it| it.starts_with("audio"));
    let asks = |section: &&str| {
        let mut parameters = section.lines().filter(|it| it.starts_with("a=fmtp:111 "));
        let has = |line: &str, what| line.split([' ', ';']).any(|it| it == what);
        parameters.any(|it| has(it, "useinbandfec=1") && has(it, "usedtx=1"))
    };
    assert_eq!(sections.clone().count(), 5);
    assert_eq!(sections.filter(asks).count(), 5);
}

/// The lines of an SDP as a browser or a test writes them: those of each section, those before the first in front.
fn parts(sdp: &str) -> Vec<Vec<&str>> {
    let mut parts = vec![Vec::new()];
    for line in sdp.lines() {
        if line.starts_with("m=") {
            parts.push(Vec::new());
        }
        parts.last_mut().unwrap().push(line);
    }
    parts
}

/// What is said of RTCP and of the form of headers.
fn agreed(part: &[&str]) -> Vec<String> {
    let names = ["a=rtcp-rsize", "a=extmap-allow-mixed", "a=rtcp-fb:"];
    let lines = part
        .iter()
        .filter(|line| names.iter().any(|name| line.starts_with(name)));
    lines.map(|line| (*line).to_owned()).collect()
}

#[test]
fn an_answer_agrees_to_nothing_that_its_part_of_the_offer_does_not_name() {
    let browsers = [
        include_str!("fixtures/chromium-156.sdp"),
        include_str!("fixtures/firefox-153.sdp"),
    ];
    for offered in browsers.map(str::to_owned).into_iter().chain([offer()]) {
        let answer = answer(&Offer::parse(&offered).unwrap());
        let (offered, answered) = (parts(&offered), parts(&answer));
        for (offered, answered) in offered.iter().zip(&answered) {
            let offered = agreed(offered);
            for line in agreed(answered) {
                assert!(offered.contains(&line), "{line} of {answered:?}");
            }
        }
        let pictures = agreed(&answered[2]);
        let feedback = pictures.iter().filter(|line| line.contains("rtcp-fb"));
        assert_eq!(feedback.count(), FEEDBACK.len(), "all that is used");
    }
}

#[test]
fn of_chromium_each_section_has_reports_of_reduced_size() {
    let answer = answer(&Offer::parse(include_str!("fixtures/chromium-156.sdp")).unwrap());
    assert_eq!(answer.matches("a=rtcp-rsize\r\n").count(), SECTIONS);
    assert_eq!(answer.matches("a=extmap-allow-mixed\r\n").count(), 1);
    let opus = answer.matches("a=rtcp-fb:111 transport-cc\r\n");
    assert_eq!(opus.count(), 5);
}

#[test]
fn feedback_that_a_section_does_not_name_is_not_answered() {
    for feedback in ["goog-remb", "ccm fir"] {
        let line = format!("a=rtcp-fb:96 {feedback}\r\n");
        for other in [with(&line, ""), with(&line, "a=rtcp-fb:98 goog-remb\r\n")] {
            let answer = answer(&Offer::parse(&other).unwrap());
            assert!(!answer.contains(feedback), "{feedback}");
        }
        // An asterisk stands for every payload type.
        let all = with_all(&line, &line.replace("96", "*"));
        let answer = answer(&Offer::parse(&all).unwrap());
        assert_eq!(answer.matches(line.as_str()).count(), 7);
    }
    let arrivals = Offer::parse(&with_all("a=rtcp-fb:96 transport-cc\r\n", "")).unwrap();
    assert_eq!(arrivals.extensions.transport_cc, None);
    let answer = answer(&arrivals);
    assert!(!answer.contains("transport-wide-cc") && !answer.contains("96 transport-cc"));
}

#[test]
fn pictures_are_mended_and_begun_anew() {
    for needed in ["nack", "nack pli"] {
        let line = format!("a=rtcp-fb:96 {needed}\r\n");
        assert_eq!(refusal(&with(&line, "")), OfferError::Feedback, "{needed}");
        let all = with_all(&line, &line.replace("96", "*"));
        assert!(Offer::parse(&all).is_ok(), "{needed}");
    }
}

#[test]
fn reports_are_of_reduced_size_where_a_section_says_so() {
    let offers = [
        (offer(), true, SECTIONS),
        (with_all("a=rtcp-rsize\r\n", ""), false, 0),
        (with("a=rtcp-rsize\r\n", ""), true, SECTIONS - 1),
    ];
    for (sdp, reduced, said) in offers {
        let offer = Offer::parse(&sdp).unwrap();
        assert_eq!(offer.feedback.is_reduced(), reduced);
        assert_eq!(answer(&offer).matches("a=rtcp-rsize\r\n").count(), said);
    }
    let forms = answer(&Offer::parse(&with("a=extmap-allow-mixed\r\n", "")).unwrap());
    assert!(!forms.contains("extmap-allow-mixed"));
}

#[test]
fn redundancy_is_answered_behind_opus_where_all_sections_of_sound_have_it() {
    let audio = "m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\n";
    let with_redundancy = answer(&Offer::parse(&offer()).unwrap());
    let lines = "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n";
    assert_eq!(with_redundancy.matches(audio).count(), 5);
    assert_eq!(with_redundancy.matches(lines).count(), 5);
    for (from, to) in [
        ("a=rtpmap:63 red/48000/2\r\n", ""),
        ("a=fmtp:63 111/111\r\n", ""),
        ("a=fmtp:63 111/111", "a=fmtp:63 111/0"),
        ("red/48000/2", "red/8000"),
        ("63 red/48000/2\r\na=fmtp:63", "97 red/48000/2\r\na=fmtp:97"),
    ] {
        for other in [with(from, to), with_all(from, to)] {
            let other = Offer::parse(&other).unwrap();
            assert_eq!(other.codecs.red, None, "{to}");
            assert!(!answer(&other).contains("red/"));
        }
    }
}

#[test]
fn the_audio_and_video_of_a_pair_are_one_media_stream() {
    let answer = answer(&Offer::parse(&offer()).unwrap());
    let streams = answer
        .lines()
        .filter_map(|line| line.strip_prefix("a=msid:"));
    let streams: Vec<_> = streams
        .map(|msid| msid.split(' ').next().unwrap())
        .collect();
    let pairs = [
        "slot-0", "slot-0", "slot-1", "slot-1", "slot-2", "slot-2", "slot-3", "slot-3", "slot-4",
    ];
    assert_eq!(streams, pairs);
}

#[test]
fn the_slots_take_no_ssrc_that_is_taken() {
    let offer = Offer::parse(&offer()).unwrap();
    let mut dice = [0, 1001, 1101, 5, 5, 6].into_iter().chain(7..);
    let slots = offer.slot_ssrcs(|| Ok(dice.next().unwrap())).unwrap();
    let all = slots
        .iter()
        .flat_map(|slot| [Some(slot.media), slot.repair]);
    let all: Vec<_> = all.flatten().collect();
    assert_eq!(all, (5..5 + 14).collect::<Vec<_>>());
}

#[test]
fn injected_lines_refuse_the_whole() {
    for injected in [
        "a=mid:1\rm=audio 9 UDP/TLS/RTP/SAVPF 111",
        "a=mid:1\u{0}",
        "a=mid:1\u{b}x",
        "a=mid:1\u{85}",
    ] {
        assert_eq!(
            refusal(&with("a=mid:1\r\n", &format!("{injected}\r\n"))),
            OfferError::Line,
            "{injected:?}"
        );
    }
    assert_eq!(
        refusal(&with("a=mid:1\r\n", "a=mid:1\r\n\r\n")),
        OfferError::Line
    );
    assert_eq!(refusal(&with("s=-", "nonsense")), OfferError::Line);
    assert_eq!(refusal(""), OfferError::Line);
    assert_eq!(refusal("m=audio 9 x 0\r\n"), OfferError::Line);
}

#[test]
fn ten_thousand_sections_and_other_excess_are_refused() {
    let sections = offer() + &"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n".repeat(10_000);
    assert_eq!(refusal(&sections), OfferError::TooLarge);
    assert_eq!(
        refusal(&("v=0\r\n".to_owned() + &"a=x\r\n".repeat(SDP_LINES))),
        OfferError::TooLarge
    );
    assert_eq!(
        refusal(&format!("v=0\r\na={}\r\n", "x".repeat(2000))),
        OfferError::TooLarge
    );
    assert_eq!(refusal(&"v".repeat(SDP_BYTES + 1)), OfferError::TooLarge);
    assert_eq!(refusal(&(offer() + &section(11))), OfferError::Sections);
    let last = offer().rfind("m=video").unwrap();
    assert_eq!(refusal(&offer()[..last]), OfferError::Sections);
}

#[test]
fn sections_of_another_kind_order_or_direction_are_refused() {
    assert_eq!(
        refusal(&with("m=audio 9", "m=video 9")),
        OfferError::Sections
    );
    assert_eq!(
        refusal(&with("m=audio 9", "m=application 9")),
        OfferError::Sections
    );
    assert_eq!(
        refusal(&with("UDP/TLS/RTP/SAVPF", "RTP/AVP")),
        OfferError::Sections
    );
    assert_eq!(
        refusal(&with("a=sendonly", "a=sendrecv")),
        OfferError::Sections
    );
    assert_eq!(
        refusal(&with("a=recvonly", "a=inactive")),
        OfferError::Sections
    );
    assert_eq!(
        refusal(&with("a=recvonly", "a=sendonly")),
        OfferError::Sections
    );
    assert_eq!(
        refusal(&with("a=recvonly\r\n", "a=recvonly\r\na=sendonly\r\n")),
        OfferError::Sections
    );
    assert_eq!(refusal(&with("a=recvonly\r\n", "")), OfferError::Sections);
}

#[test]
fn mids_are_short_and_stand_once() {
    for (mid, bundle) in [
        ("0", "0 0 2"),
        ("", "0  2"),
        ("a b", "0 a b 2"),
        ("12345678901234567", "0 12345678901234567 2"),
    ] {
        let sdp = with("a=mid:1\r\n", &format!("a=mid:{mid}\r\n")).replacen(
            "BUNDLE 0 1 2",
            &format!("BUNDLE {bundle}"),
            1,
        );
        assert_eq!(refusal(&sdp), OfferError::Mid, "{mid}");
    }
    assert_eq!(
        refusal(&with("a=mid:1\r\n", "a=mid:1\r\na=mid:12\r\n")),
        OfferError::Mid
    );
    assert_eq!(refusal(&with("a=mid:1\r\n", "")), OfferError::Mid);
}

#[test]
fn all_is_bundled_and_muxed() {
    assert_eq!(
        refusal(&with("BUNDLE 0 1 2", "BUNDLE 0 1")),
        OfferError::Bundle
    );
    assert_eq!(
        refusal(&with("a=group:BUNDLE", "a=group:LS")),
        OfferError::Bundle
    );
    assert_eq!(refusal(&with("a=rtcp-mux\r\n", "")), OfferError::Bundle);
}

#[test]
fn credentials_and_fingerprint_are_one_and_well_formed() {
    assert_eq!(
        refusal(&with("a=ice-ufrag:abCD", "a=ice-ufrag:abCE")),
        OfferError::Ice
    );
    assert_eq!(
        refusal(&with_all("a=ice-ufrag:abCD", "a=ice-ufrag:ab:D")),
        OfferError::Ice
    );
    assert_eq!(
        refusal(&with_all(
            "a=ice-pwd:0123456789012345678901",
            "a=ice-pwd:0123"
        )),
        OfferError::Ice
    );
    assert_eq!(
        refusal(&with_all("a=ice-ufrag:abCD\r\n", "")),
        OfferError::Ice
    );
    assert_eq!(
        refusal(&with("sha-256 AB", "sha-256 AC")),
        OfferError::Fingerprint
    );
    assert_eq!(
        refusal(&with_all("sha-256", "sha-1")),
        OfferError::Fingerprint
    );
    assert_eq!(refusal(&with_all("AB:AB", "AB")), OfferError::Fingerprint);
    assert_eq!(
        refusal(&with_all("sha-256 AB", "sha-256 XX")),
        OfferError::Fingerprint
    );
    assert_eq!(
        refusal(&with_all("setup:actpass", "setup:passive")),
        OfferError::Setup
    );
}

#[test]
fn opus_and_vp8_are_there_and_numbered_alike() {
    assert_eq!(
        refusal(&with_all("VP8/90000", "AV1/90000")),
        OfferError::Codecs
    );
    assert_eq!(
        refusal(&with_all("opus/48000/2", "opus/48000")),
        OfferError::Codecs
    );
    assert_eq!(
        refusal(&with("a=rtpmap:96 VP8", "a=rtpmap:100 VP8")),
        OfferError::Codecs
    );
    assert_eq!(
        refusal(&with_all("a=fmtp:97 apt=96", "a=fmtp:97 apt=98")),
        OfferError::Codecs
    );
    assert_eq!(
        refusal(&with_all("a=rtpmap:96 VP8", "a=rtpmap:72 VP8")),
        OfferError::Codecs
    );
    assert_eq!(
        refusal(&with_all("a=rtpmap:111 opus", "a=rtpmap:96 opus")),
        OfferError::Codecs
    );
}

#[test]
fn no_stream_is_claimed_twice() {
    assert_eq!(refusal(&with_all("1002", "1001")), OfferError::Streams);
    assert_eq!(
        refusal(&with("a=ssrc:1001 ", "a=ssrc:4294967296 ")),
        OfferError::Streams
    );
    assert_eq!(
        refusal(&with("a=ssrc:1001 ", "a=ssrc:0 ")),
        OfferError::Streams
    );
}

#[test]
fn an_ice_restart_changes_the_credentials_and_nothing_else() {
    let first = Offer::parse(&offer()).unwrap();
    let restart = Offer::parse(&with_all("ice-ufrag:abCD", "ice-ufrag:wxyz")).unwrap();
    let applied = first.restarted_by(&restart).unwrap();
    assert_eq!(applied, restart);
    assert_ne!(applied, first);
    let certificate = Offer::parse(&with_all("sha-256 AB", "sha-256 CD")).unwrap();
    assert_eq!(
        first.restarted_by(&certificate),
        Err(OfferError::OtherConnection)
    );
    let mid = with("a=mid:1\r\n", "a=mid:x\r\n").replacen("BUNDLE 0 1 ", "BUNDLE 0 x ", 1);
    assert_eq!(
        first.restarted_by(&Offer::parse(&mid).unwrap()),
        Err(OfferError::OtherConnection)
    );
}

const RIDS: &str = "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n\
    a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n";

/// The offer with the camera in these layers, as Chromium writes it: without SSRCs.
fn layered(simulcast: &str) -> String {
    let camera = format!("a=mid:1\r\n{RIDS}a=rid:q send\r\na=rid:h send\r\n{simulcast}\r\n");
    with("a=mid:1\r\n", &camera)
}

#[test]
fn the_layers_of_a_camera_are_read_and_answered() {
    let offer = Offer::parse(&layered("a=simulcast:send q;h;~f")).unwrap();
    let camera = offer.sending().nth(1).unwrap();
    assert_eq!(camera.layers, ["q", "h", "f"]);
    assert_eq!(camera.stream, None, "packets say what they are of");
    assert_eq!(
        (offer.extensions.rid, offer.extensions.repaired_rid),
        (Some(10), Some(11))
    );
    assert_eq!(offer.camera_layers(), 3);
    let answer = answer(&offer);
    assert_eq!(answer.matches("a=simulcast:recv q;h;f\r\n").count(), 1);
    for rid in ["q", "h", "f"] {
        assert_eq!(answer.matches(&format!("a=rid:{rid} recv\r\n")).count(), 1);
    }
    for line in RIDS.lines() {
        assert_eq!(answer.matches(line).count(), 1, "{line}");
    }
}

#[test]
fn a_camera_without_layers_is_one_stream() {
    for plain in [
        offer(),
        layered("a=simulcast:recv q;h"),
        layered("a=simulcast:send q"),
        layered("a=simulcast:send q;h").replace("repaired-rtp-stream-id", "other"),
    ] {
        let offer = Offer::parse(&plain).unwrap();
        assert_eq!(offer.camera_layers(), 1);
        assert!(offer.sending().nth(1).unwrap().stream.is_some());
        let answer = answer(&offer);
        assert!(!answer.contains("simulcast") && !answer.contains("stream-id"));
    }
}

#[test]
fn layers_are_few_named_and_distinct() {
    for refused in [
        "q;h;f;g",
        "q;q",
        "q;",
        "q;h,f",
        "q; h",
        "",
        "q;12345678901234567",
    ] {
        let sdp = layered(&format!("a=simulcast:send {refused}"));
        assert_eq!(refusal(&sdp), OfferError::Layers, "{refused}");
    }
    assert_eq!(refusal(&layered("a=simulcast:send")), OfferError::Layers);
}
