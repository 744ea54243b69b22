//! The payload types of Opus and VP8 in a client's numbering.

use super::OfferError;
use super::lines::Lines;
use super::section::is_video;

/// The payload types that are used, the same in all sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Codecs {
    pub(crate) opus: u8,
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
        Ok(Self { opus, vp8, rtx })
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
