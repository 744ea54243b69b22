//! Writes a fresh header in front of a payload.

use super::{Element, Fixed};
use crate::octets::{DoesNotFit, Writer};

const VERSION: u8 = 2;
const EXTENDED: u8 = 0x10;
const MARKER: u8 = 0x80;
/// What announces elements in one-byte form.
const ONE_BYTE: u16 = 0xbede;

/// Why a header was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The buffer is too small.
    #[error(transparent)]
    DoesNotFit(#[from] DoesNotFit),
    /// An element that has no one-byte form: its number is not from 1 to 14, or its value not from 1 to 16
    /// octets long.
    #[error("an extension element has no one-byte form")]
    Element,
}

/// Writes a header without contributing sources, with its elements in one-byte form (RFC 8285
/// section 4.2), and returns its length in octets. The payload belongs right behind it.
///
/// # Errors
/// When it does not fit, or an element has no one-byte form.
pub fn write(
    fixed: &Fixed,
    elements: &[Element<'_>],
    buffer: &mut [u8],
) -> Result<usize, WriteError> {
    let mut writer = Writer::new(buffer);
    let extended = if elements.is_empty() { 0 } else { EXTENDED };
    writer.array(fixed.octets(extended))?;
    if !elements.is_empty() {
        write_block(elements, &mut writer)?;
    }
    Ok(writer.at())
}

fn write_block(elements: &[Element<'_>], writer: &mut Writer<'_>) -> Result<(), WriteError> {
    let start = writer.at();
    writer.u16(ONE_BYTE)?;
    writer.u16(0)?;
    for element in elements {
        writer.u8(element.head().ok_or(WriteError::Element)?)?;
        writer.few(element.value)?;
    }
    writer.align(start)?;
    let words = (writer.at() - start) / 4 - 1;
    let words = u16::try_from(words).map_err(|_| DoesNotFit)?;
    writer.patch(start + 2, &words.to_be_bytes());
    Ok(())
}

impl Fixed {
    fn octets(&self, flags: u8) -> [u8; 12] {
        let marker = if self.marker { MARKER } else { 0 };
        let [sequence_high, sequence_low] = self.sequence.to_be_bytes();
        let [t0, t1, t2, t3] = self.timestamp.to_be_bytes();
        let [s0, s1, s2, s3] = self.ssrc.to_be_bytes();
        [
            VERSION << 6 | flags,
            marker | (self.payload_type & !MARKER),
            sequence_high,
            sequence_low,
            t0,
            t1,
            t2,
            t3,
            s0,
            s1,
            s2,
            s3,
        ]
    }
}

impl Element<'_> {
    fn head(&self) -> Option<u8> {
        let length = u8::try_from(self.value.len()).ok()?.checked_sub(1)?;
        let writable = (1..=14).contains(&self.id) && length < 16;
        writable.then_some(self.id << 4 | length)
    }
}
