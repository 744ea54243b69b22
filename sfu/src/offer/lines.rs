//! The lines of an SDP, and nothing of their meaning.

use super::OfferError;
use crate::limits::{SDP_BYTES, SDP_LINE_BYTES, SDP_LINES};

/// The lines of a whole SDP or of one media section, each as its letter and its value.
#[derive(Clone, Debug)]
pub(super) struct Lines<'a>(Vec<(u8, &'a str)>);

impl<'a> Lines<'a> {
    /// Splits an SDP. Lines end with CRLF or LF; any other control character refuses the whole.
    pub(super) fn new(sdp: &'a str) -> Result<Self, OfferError> {
        if sdp.len() > SDP_BYTES {
            return Err(OfferError::TooLarge);
        }
        let mut lines = Vec::new();
        for line in sdp.split_terminator('\n') {
            let line = line.strip_suffix('\r').unwrap_or(line);
            if lines.len() == SDP_LINES || line.len() > SDP_LINE_BYTES {
                return Err(OfferError::TooLarge);
            }
            lines.push(split(line)?);
        }
        if lines.first() != Some(&(b'v', "0")) {
            return Err(OfferError::Line);
        }
        Ok(Self(lines))
    }

    /// The media sections, each from its `m=` line on.
    pub(super) fn sections(&self) -> Vec<Self> {
        let mut sections = Vec::new();
        for line in &self.0 {
            if line.0 == b'm' {
                sections.push(Self(Vec::new()));
            }
            if let Some(Self(section)) = sections.last_mut() {
                section.push(*line);
            }
        }
        sections
    }

    /// The value of the `m=` line of a section.
    pub(super) fn media(&self) -> &'a str {
        let media = self.0.iter().find(|(letter, _)| *letter == b'm');
        media.map_or("", |(_, value)| value)
    }

    /// The values of an attribute; empty where it has none.
    pub(super) fn attribute(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let attributes = self.0.iter().filter(|(letter, _)| *letter == b'a');
        attributes.filter_map(move |(_, attribute)| {
            let (found, value) = attribute.split_once(':').unwrap_or((attribute, ""));
            (found == name).then_some(value)
        })
    }

    /// Whether an attribute is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.attribute(name).next().is_some()
    }
}

/// `x=value`, without control characters.
fn split(line: &str) -> Result<(u8, &str), OfferError> {
    let (letter, value) = line.split_once('=').ok_or(OfferError::Line)?;
    match letter.as_bytes() {
        [letter @ b'a'..=b'z'] if !value.chars().any(char::is_control) => Ok((*letter, value)),
        _ => Err(OfferError::Line),
    }
}
