//! The elements of a header extension block, in both of their forms (RFC 8285 section 4).

use super::Malformed;
use crate::octets::Reader;

/// What announces one-byte headers (section 4.2).
pub(super) const ONE_BYTE: u16 = 0xbede;
/// What announces two-byte headers; the low four bits are the application's (section 4.3).
const TWO_BYTE: u16 = 0x1000;
const TWO_BYTE_MASK: u16 = 0xfff0;
/// The one-byte id that ends the block.
const STOP: u8 = 15;
/// The id of a padding octet.
const PADDING: u8 = 0;

/// An element: the number that was agreed for it, and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// From 1 to 14, or to 255 in two-byte form.
    pub id: u8,
    /// From 1 to 16 octets, or up to 255 in two-byte form.
    pub value: &'a [u8],
}

/// A packet's extension elements; each lies within the block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extensions<'a> {
    form: Form,
    block: &'a [u8],
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Form {
    /// No block, or one that RFC 8285 does not know.
    #[default]
    Unknown,
    OneByte,
    TwoByte,
}

impl<'a> Extensions<'a> {
    #[inline]
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let [p0, p1, w0, w1] = reader.array().ok_or(Malformed::Extension)?;
        let profile = u16::from_be_bytes([p0, p1]);
        let length = 4 * usize::from(u16::from_be_bytes([w0, w1]));
        let block = reader.take(length).ok_or(Malformed::Extension)?;
        let form = match profile {
            ONE_BYTE => Form::OneByte,
            _ if profile & TWO_BYTE_MASK == TWO_BYTE => Form::TwoByte,
            _ => Form::Unknown,
        };
        let extensions = Self { form, block };
        let mut elements = extensions.iter();
        while elements.step()?.is_some() {}
        Ok(extensions)
    }

    /// The value of the first element with this number.
    #[must_use]
    #[inline]
    pub fn get(&self, id: u8) -> Option<&'a [u8]> {
        self.iter()
            .find(|element| element.id == id)
            .map(|element| element.value)
    }

    /// All elements.
    #[must_use]
    #[inline]
    pub fn iter(&self) -> Elements<'a> {
        Elements {
            form: self.form,
            rest: Reader::new(self.block),
        }
    }
}

impl<'a> IntoIterator for &Extensions<'a> {
    type Item = Element<'a>;
    type IntoIter = Elements<'a>;

    fn into_iter(self) -> Elements<'a> {
        self.iter()
    }
}

/// Walks over a block's elements.
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    form: Form,
    rest: Reader<'a>,
}

impl<'a> Elements<'a> {
    #[inline]
    fn step(&mut self) -> Result<Option<Element<'a>>, Malformed> {
        match self.form {
            Form::Unknown => Ok(None),
            Form::OneByte => self.one_byte(),
            Form::TwoByte => self.two_byte(),
        }
    }

    #[inline]
    fn one_byte(&mut self) -> Result<Option<Element<'a>>, Malformed> {
        while let Some(head) = self.rest.u8() {
            let (id, length) = (head >> 4, head & 0x0f);
            if id == STOP || (id == PADDING && length > 0) {
                // Whatever follows is not to be looked at (section 4.2).
                self.rest = Reader::new(&[]);
                return Ok(None);
            }
            if id != PADDING {
                return self.element(id, usize::from(length) + 1).map(Some);
            }
        }
        Ok(None)
    }

    #[inline]
    fn two_byte(&mut self) -> Result<Option<Element<'a>>, Malformed> {
        while let Some(id) = self.rest.u8() {
            if id != PADDING {
                let length = self.rest.u8().ok_or(Malformed::Element)?;
                return self.element(id, length.into()).map(Some);
            }
        }
        Ok(None)
    }

    #[inline]
    fn element(&mut self, id: u8, length: usize) -> Result<Element<'a>, Malformed> {
        let value = self.rest.take(length).ok_or(Malformed::Element)?;
        Ok(Element { id, value })
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    #[inline]
    fn next(&mut self) -> Option<Element<'a>> {
        self.step().ok().flatten()
    }
}
