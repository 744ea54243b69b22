//! The offer of a client, parsed into what the SFU needs and nothing else.
//!
//! The form is agreed: twelve media sections, see [`SECTIONS`]. It is checked whole before anything is touched,
//! and the answer is written anew from the parsed parts ([`Offer::answer`]): a line that was not understood here
//! has no effect.

mod answer;
mod codecs;
mod feedback;
mod lines;
mod section;

use vestibule_forwarding::Source;
use vestibule_forwarding::limits::SLOTS;
use vestibule_handshake::{Credentials, Fingerprint};

pub(crate) use answer::{Local, SlotSsrcs, slot_name};
pub(crate) use codecs::Codecs;
use feedback::Feedback;
use lines::Lines;
use section::{Section, is_video};

/// Media sections of an offer: three that the client sends, and its receive slots.
pub(crate) const SECTIONS: usize = SENDING + SLOTS;

/// Sections that the client sends on: microphone, camera, screen.
pub(crate) const SENDING: usize = 3;

/// The section of the camera.
const CAMERA: usize = 1;

/// An offer that is not taken. What is wrong with it is for the developer of a client, and says nothing
/// of what the offer contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OfferError {
    #[error("the offer is over a limit in size")]
    TooLarge,
    #[error("a line of the offer is not SDP")]
    Line,
    #[error("the offer's media sections are not those that were agreed")]
    Sections,
    #[error("the offer has an unusable or repeated mid")]
    Mid,
    #[error("the offer is not bundled with RTCP muxed")]
    Bundle,
    #[error("the offer lacks ICE credentials, or has several")]
    Ice,
    #[error("the offer lacks a SHA-256 fingerprint, or has several")]
    Fingerprint,
    #[error("the offer leaves no DTLS role to the SFU")]
    Setup,
    #[error("the offer lacks Opus or VP8, or numbers them inconsistently")]
    Codecs,
    #[error("the offer lacks NACK or picture loss indication for VP8")]
    Feedback,
    #[error("the offer's streams contradict each other")]
    Streams,
    #[error("the layers of the offer's camera are too many, repeated or unnamed")]
    Layers,
    #[error("the offer belongs to another connection")]
    OtherConnection,
    #[error("the offer could not be applied")]
    Engine,
}

/// What is used of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) ice: Credentials,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) codecs: Codecs,
    pub(crate) feedback: Feedback,
    pub(crate) extensions: Extensions,
    /// The mids of all sections, in order, with spaces between: they are kept as long as the connection is.
    mids: Box<str>,
    /// The SSRCs that the client will send on, of each section that it sends on.
    streams: [Option<(u32, Option<u32>)>; SENDING],
    /// The RIDs of the camera's layers.
    layers: Vec<String>,
}

/// A track that the client sends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Track<'a> {
    pub(crate) source: Source,
    pub(crate) mid: &'a str,
    /// The SSRCs that were announced for it: media, and retransmission.
    pub(crate) stream: Option<(u32, Option<u32>)>,
    /// The RIDs of its layers, the smallest first; none where it is one stream.
    pub(crate) layers: &'a [String],
}

/// The header extensions that are used, under the client's numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extensions {
    pub(crate) mid: Option<u8>,
    pub(crate) transport_cc: Option<u8>,
    pub(crate) video_orientation: Option<u8>,
    /// RFC 8852: the layer that a packet is of, and the one that it repairs.
    pub(crate) rid: Option<u8>,
    pub(crate) repaired_rid: Option<u8>,
}

impl Extensions {
    /// Whether it can be told which layer a packet is of.
    fn name_layers(&self) -> bool {
        self.mid.and(self.rid).and(self.repaired_rid).is_some()
    }
}

impl Offer {
    /// Reads an offer.
    pub(crate) fn parse(sdp: &str) -> Result<Self, OfferError> {
        let lines = Lines::new(sdp)?;
        let sections = lines.sections();
        if sections.len() != SECTIONS {
            return Err(OfferError::Sections);
        }
        let parsed = sections.iter().enumerate();
        let mut extensions = extensions(&lines);
        let mut parsed: Vec<Section> = parsed
            .map(|(index, section)| Section::parse(index, section, extensions.name_layers()))
            .collect::<Result<_, _>>()?;
        section::check_mids(&parsed)?;
        section::check_bundle(&lines, &parsed)?;
        section::check_streams(&parsed)?;
        let mut streams = [None; SENDING];
        for (place, section) in streams.iter_mut().zip(&parsed) {
            *place = section.stream;
        }
        let mids: Vec<_> = parsed.iter().map(|section| section.mid.clone()).collect();
        let layers = parsed.get_mut(CAMERA);
        let layers = layers.map(|camera| std::mem::take(&mut camera.layers));
        let codecs = Codecs::parse(&sections)?;
        let feedback = Feedback::parse(&lines, &sections, &codecs)?;
        if !feedback.tells_arrivals() {
            extensions.transport_cc = None;
        }
        let offer = Self {
            ice: ice(&lines)?,
            fingerprint: fingerprint(&lines)?,
            codecs,
            feedback,
            extensions,
            mids: mids.join(" ").into_boxed_str(),
            streams,
            layers: layers.unwrap_or_default(),
        };
        check_setup(&lines).map(|()| offer)
    }

    /// The mids of all sections, in order.
    pub(crate) fn mids(&self) -> impl Iterator<Item = &str> {
        self.mids.split(' ')
    }

    /// The tracks that the client sends: microphone, camera, screen.
    pub(crate) fn sending(&self) -> impl Iterator<Item = Track<'_>> {
        let sources = [Source::Microphone, Source::Camera, Source::Screen];
        let tracks = sources.into_iter().zip(self.mids()).enumerate();
        tracks
            .zip(self.streams)
            .map(|((index, (source, mid)), stream)| Track {
                source,
                mid,
                stream,
                layers: self.layers_of(index),
            })
    }

    /// How many layers the camera comes in.
    pub(crate) fn camera_layers(&self) -> usize {
        self.layers.len().max(1)
    }

    /// The RIDs of the layers of a section.
    fn layers_of(&self, index: usize) -> &[String] {
        if index == CAMERA { &self.layers } else { &[] }
    }

    /// SSRCs for the receive slots, none of which is another's or the client's.
    ///
    /// # Errors
    /// When there is no randomness.
    pub(crate) fn slot_ssrcs(
        &self,
        mut random: impl FnMut() -> Result<u32, OfferError>,
    ) -> Result<[SlotSsrcs; SLOTS], OfferError> {
        let sent = self.streams.into_iter().flatten();
        let mut taken: Vec<u32> = vec![0];
        taken.extend(
            sent.flat_map(|(media, repair)| [Some(media), repair])
                .flatten(),
        );
        let mut fresh = || loop {
            let ssrc = random()?;
            if !taken.contains(&ssrc) {
                taken.push(ssrc);
                return Ok(ssrc);
            }
        };
        let mut slots = [SlotSsrcs {
            media: 0,
            repair: None,
        }; SLOTS];
        for (slot, index) in slots.iter_mut().zip(SENDING..) {
            slot.media = fresh()?;
            slot.repair = if is_video(index) {
                Some(fresh()?)
            } else {
                None
            };
        }
        Ok(slots)
    }

    /// The first offer of a connection with another's ICE credentials: what an ICE restart comes to.
    ///
    /// # Errors
    /// When anything else that matters is not the same, as the certificate's fingerprint.
    pub(crate) fn restarted_by(&self, other: &Self) -> Result<Self, OfferError> {
        let same = self.fingerprint == other.fingerprint && self.mids().eq(other.mids());
        if !same {
            return Err(OfferError::OtherConnection);
        }
        Ok(Self {
            ice: other.ice.clone(),
            ..self.clone()
        })
    }
}

/// The one value of an attribute that may stand on session level, in each section, or both.
fn only<'a>(lines: &Lines<'a>, name: &str, error: OfferError) -> Result<&'a str, OfferError> {
    let mut values = lines.attribute(name);
    let first = values.next().ok_or(error)?;
    if values.any(|value| value != first) {
        return Err(error);
    }
    Ok(first)
}

/// RFC 8839 section 5.4: 4 to 256 and 22 to 256 characters.
fn ice(lines: &Lines<'_>) -> Result<Credentials, OfferError> {
    let ufrag = only(lines, "ice-ufrag", OfferError::Ice)?;
    let password = only(lines, "ice-pwd", OfferError::Ice)?;
    let ice_char = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '/';
    let sizes = (4..=256).contains(&ufrag.len()) && (22..=256).contains(&password.len());
    if !sizes || !ufrag.chars().chain(password.chars()).all(ice_char) {
        return Err(OfferError::Ice);
    }
    Ok(Credentials {
        ufrag: ufrag.to_owned(),
        password: password.to_owned(),
    })
}

/// RFC 8122 section 5, and SHA-256 alone: 32 bytes in hexadecimal, colons between.
fn fingerprint(lines: &Lines<'_>) -> Result<Fingerprint, OfferError> {
    let value = only(lines, "fingerprint", OfferError::Fingerprint)?;
    let (hash, digits) = value.split_once(' ').ok_or(OfferError::Fingerprint)?;
    if !hash.eq_ignore_ascii_case("sha-256") {
        return Err(OfferError::Fingerprint);
    }
    digits.parse().map_err(|_| OfferError::Fingerprint)
}

/// The client leaves the choice, or begins the handshake itself: the SFU waits for it in both cases.
fn check_setup(lines: &Lines<'_>) -> Result<(), OfferError> {
    match only(lines, "setup", OfferError::Setup)? {
        "actpass" | "active" => Ok(()),
        _ => Err(OfferError::Setup),
    }
}

fn extensions(lines: &Lines<'_>) -> Extensions {
    let mut found = Extensions::default();
    for value in lines.attribute("extmap") {
        let Some((number, uri)) = section::extension(value) else {
            continue;
        };
        match uri {
            "urn:ietf:params:rtp-hdrext:sdes:mid" => found.mid = Some(number),
            "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01" => {
                found.transport_cc = Some(number);
            }
            "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id" => found.rid = Some(number),
            "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id" => {
                found.repaired_rid = Some(number);
            }
            "urn:3gpp:video-orientation" => found.video_orientation = Some(number),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests;
