//! What an offer names of RTCP: feedback (RFC 4585 section 4.2), reduced size (RFC 5506 section 5), and, of the same kind,
//! headers of both forms (RFC 8285 section 6). An answer says of all that no more than the offer does.

use super::lines::Lines;
use super::section::is_video;
use super::{Codecs, OfferError, SECTIONS};

const TRANSPORT: &str = "transport-cc";
const AGAIN: &str = "nack";
const KEY_FRAME: &str = "nack pli";

/// What is used of pictures, as the answer has it in a row.
const OF_PICTURES: [&str; 5] = [TRANSPORT, "goog-remb", "ccm fir", AGAIN, KEY_FRAME];

/// What is used of sound.
const OF_SOUND: [&str; 1] = [TRANSPORT];

/// What was named, of what is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Feedback {
    /// Those of [`OF_PICTURES`] and [`OF_SOUND`] that all sections of that kind name.
    of_pictures: [bool; OF_PICTURES.len()],
    of_sound: [bool; OF_SOUND.len()],
    /// Of each section: whether reports may be of reduced size.
    reduced: [bool; SECTIONS],
    /// Of each section, and of all: whether headers may be of both forms.
    mixed: [bool; SECTIONS],
    all_mixed: bool,
}

impl Feedback {
    /// Reads what the sections name of the codecs that are used.
    ///
    /// # Errors
    /// When packets of pictures cannot be asked for again, or key frames: nothing else mends a picture, or begins one.
    pub(super) fn parse(
        lines: &Lines<'_>,
        sections: &[Lines<'_>],
        codecs: &Codecs,
    ) -> Result<Self, OfferError> {
        let named = |video: bool, payload_type: u8, kind: &str| {
            let mut of_kind = (0..).zip(sections).filter(|(at, _)| is_video(*at) == video);
            of_kind.all(|(_, section)| names(section, payload_type, kind))
        };
        let of_pictures = OF_PICTURES.map(|kind| named(true, codecs.vp8, kind));
        let has = |name: &str| {
            let mut has = [false; SECTIONS];
            for (place, section) in has.iter_mut().zip(sections) {
                *place = section.has(name);
            }
            has
        };
        const MIXED: &str = "extmap-allow-mixed";
        let count = |lines: &Lines<'_>| lines.attribute(MIXED).count();
        let feedback = Self {
            of_pictures,
            of_sound: OF_SOUND.map(|kind| named(false, codecs.opus, kind)),
            reduced: has("rtcp-rsize"),
            mixed: has(MIXED),
            all_mixed: count(lines) > sections.iter().map(count).sum(),
        };
        let needed = [AGAIN, KEY_FRAME];
        let mends = needed
            .iter()
            .all(|it| feedback.of(true).any(|of| of == *it));
        mends.then_some(feedback).ok_or(OfferError::Feedback)
    }

    /// What was named of pictures or of sound.
    pub(super) fn of(&self, video: bool) -> impl Iterator<Item = &'static str> {
        let (kinds, named): (&'static [&'static str], &[bool]) = if video {
            (&OF_PICTURES, &self.of_pictures)
        } else {
            (&OF_SOUND, &self.of_sound)
        };
        let named = kinds.iter().zip(named).filter(|(_, named)| **named);
        named.map(|(kind, _)| *kind)
    }

    /// Whether it is told when packets of pictures arrived.
    pub(super) fn tells_arrivals(&self) -> bool {
        self.of(true).any(|kind| kind == TRANSPORT)
    }

    /// Whether reports may be of reduced size: all sections are one session, and Firefox says it of its pictures alone.
    pub(crate) fn is_reduced(&self) -> bool {
        self.reduced.contains(&true)
    }

    /// The same, as a section says it.
    pub(super) fn is_reduced_in(&self, section: usize) -> bool {
        self.reduced.get(section).copied().unwrap_or_default()
    }

    /// Whether headers may be of both forms, said of all sections.
    pub(super) fn is_mixed(&self) -> bool {
        self.all_mixed
    }

    /// The same, as a section says it.
    pub(super) fn is_mixed_in(&self, section: usize) -> bool {
        self.mixed.get(section).copied().unwrap_or_default()
    }
}

/// Whether a section names a kind of feedback for a payload type, or for all of them.
fn names(section: &Lines<'_>, payload_type: u8, kind: &str) -> bool {
    let named = section
        .attribute("rtcp-fb")
        .filter_map(|value| value.split_once(' '));
    let mut of_this = named.filter(|(of, _)| *of == "*" || of.parse() == Ok(payload_type));
    of_this.any(|(_, named)| named.trim_end() == kind)
}
