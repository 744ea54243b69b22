//! The payload types of Opus and VP8 in a client's numbering.

use super::OfferError;
use super::lines::Lines;
use super::section::is_video;

/// The payload types that are used, the same in all sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Codecs {
    pub(crate) opus: u8,
    /// Opus with redundancy (RED, RFC 2198), where the client has it.
    pub(crate) red: Option<u8>,
    pub(crate) vp8: u8,
    /// Retransmissions of VP8 (RFC 4588).
    pub(crate) rtx: u8,
}

impl Codecs {
    /// Finds the codecs in the sections, which must agree: bundled, a payload type means one thing.
    pub(super) fn parse(sections: &[Lines<'_>]) -> Result<Self, OfferError> {
        let of = |video: bool| {
            let kind = sections
                .iter()
                .enumerate()
                .filter(move |(index, _)| is_video(*index) == video);
            kind.map(|(_, section)| section)
        };
        let opus = agreed(of(false).map(|section| payload_type(section, "opus/48000/2")))?;
        let vp8 = agreed(of(true).map(|section| payload_type(section, "VP8/90000")))?;
        let rtx = agreed(of(true).map(|section| repair_of(section, vp8)))?;
        if opus == vp8 || opus == rtx || vp8 == rtx {
            return Err(OfferError::Codecs);
        }
        // Nobody needs it: where the sections do not agree, there is none.
        let red = agreed(of(false).map(|section| redundant(section, opus))).ok();
        Ok(Self {
            opus,
            red: red.filter(|red| ![opus, vp8, rtx].contains(red)),
            vp8,
            rtx,
        })
    }

    /// The payload type of pictures, of sound, or of sound with redundancy, if there is any.
    pub(crate) fn of(&self, video: bool, redundant: bool) -> Option<u8> {
        match (video, redundant) {
            (true, _) => Some(self.vp8),
            (false, false) => Some(self.opus),
            (false, true) => self.red,
        }
    }

    /// What the blocks of this client's sound with redundancy name Opus by. Whoever names it otherwise cannot take
    /// them: they are sealed.
    pub(crate) fn redundancy(&self) -> Option<u8> {
        self.red.map(|_| self.opus)
    }
}

/// The one number that all sections have.
fn agreed(mut numbers: impl Iterator<Item = Option<u8>>) -> Result<u8, OfferError> {
    let first = numbers.next().flatten().ok_or(OfferError::Codecs)?;
    if numbers.all(|number| number == Some(first)) {
        return Ok(first);
    }
    Err(OfferError::Codecs)
}

/// The first payload type of a codec.
fn payload_type(section: &Lines<'_>, codec: &str) -> Option<u8> {
    let maps = section
        .attribute("rtpmap")
        .filter_map(|map| map.split_once(' '));
    let mut found = maps.filter(|(_, name)| name.trim_end().eq_ignore_ascii_case(codec));
    dynamic(found.next()?.0)
}

/// The payload type of Opus with redundancy: RED whose every block may be Opus and nothing else (RFC 2198 section 5).
fn redundant(section: &Lines<'_>, opus: u8) -> Option<u8> {
    let red = payload_type(section, "red/48000/2")?;
    let mut parameters = section
        .attribute("fmtp")
        .filter_map(|line| line.split_once(' '));
    let (_, blocks) = parameters.find(|(number, _)| number.parse() == Ok(red))?;
    let mut blocks = blocks.trim_end().split('/');
    blocks.all(|block| block.parse() == Ok(opus)).then_some(red)
}

/// The payload type of the retransmissions of another.
fn repair_of(section: &Lines<'_>, repaired: u8) -> Option<u8> {
    let parameters = section
        .attribute("fmtp")
        .filter_map(|line| line.split_once(' '));
    let mut repairs = parameters.filter(|(_, values)| {
        let apt = values
            .split(';')
            .find_map(|value| value.trim().strip_prefix("apt="));
        apt.and_then(|apt| apt.parse().ok()) == Some(repaired)
    });
    dynamic(repairs.next()?.0)
}

/// A payload type as RTP and RTCP on one port allow it (RFC 5761 section 4).
fn dynamic(number: &str) -> Option<u8> {
    let number = number.parse().ok()?;
    ((35..64).contains(&number) || (96..128).contains(&number)).then_some(number)
}
