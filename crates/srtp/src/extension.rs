//! Header extensions (RFC 8285).

use std::ops::Range;

/// How the elements of an extension block are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One-byte headers (RFC 8285 section 4.2).
    OneByte,
    /// Two-byte headers (RFC 8285 section 4.3).
    TwoByte,
    /// Something else, which this `defined by profile` number stands for (RFC 3550 section 5.3.1).
    Other(u16),
}

/// The extension block of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// How its elements are written.
    pub form: Form,
    /// Where they are in the packet: behind the block's own four bytes.
    pub elements: Range<usize>,
}

impl Form {
    /// The form that a `defined by profile` number stands for.
    pub(crate) fn from_number(number: u16) -> Self {
        match number {
            0xbede => Self::OneByte,
            0x1000..=0x100f => Self::TwoByte,
            other => Self::Other(other),
        }
    }
}

impl Extension {
    /// The elements of the block, of the packet that it was read from.
    #[must_use]
    pub fn elements<'a>(&self, packet: &'a [u8]) -> Elements<'a> {
        let rest = packet.get(self.elements.clone()).unwrap_or_default();
        Elements {
            form: self.form,
            rest,
        }
    }
}

/// The elements of an extension block: number and bytes each. It ends where the block does, or where it stops
/// making sense.
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    form: Form,
    rest: &'a [u8],
}

impl<'a> Iterator for Elements<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        while let Some((0, padding)) = self.rest.split_first() {
            self.rest = padding;
        }
        let element = match self.form {
            Form::OneByte => one_byte(self.rest),
            Form::TwoByte => two_byte(self.rest),
            Form::Other(_) => None,
        };
        let (number, value, rest) = element.unwrap_or((0, &[], &[]));
        self.rest = rest;
        (number != 0).then_some((number, value))
    }
}

/// Number 15 ends the block, and so does number 0 with a length (RFC 8285 section 4.2).
fn one_byte(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (head, rest) = bytes.split_first()?;
    let (number, length) = (head >> 4, usize::from(head & 0xf) + 1);
    if number == 15 {
        return None;
    }
    let (value, rest) = rest.split_at_checked(length)?;
    Some((number, value, rest))
}

fn two_byte(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let ([number, length], rest) = bytes.split_first_chunk()?;
    let (value, rest) = rest.split_at_checked(usize::from(*length))?;
    Some((*number, value, rest))
}

#[cfg(test)]
mod tests {
    use super::{Elements, Form};

    fn read(form: Form, bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
        let elements = Elements { form, rest: bytes };
        elements
            .map(|(number, value)| (number, value.to_vec()))
            .collect()
    }

    #[test]
    fn elements_with_one_byte_headers_are_read_past_padding() {
        let read = read(Form::OneByte, &[0x10, 7, 0, 0, 0x31, 8, 9, 0]);
        assert_eq!(read, [(1, vec![7]), (3, vec![8, 9])]);
    }

    #[test]
    fn elements_with_two_byte_headers_may_be_empty() {
        let read = read(Form::TwoByte, &[1, 0, 0, 200, 2, 8, 9, 0]);
        assert_eq!(read, [(1, vec![]), (200, vec![8, 9])]);
    }

    #[test]
    fn a_block_ends_where_it_stops_making_sense() {
        assert_eq!(
            read(Form::OneByte, &[0x10, 7, 0xf0, 1, 0x10, 7]),
            [(1, vec![7])]
        );
        assert_eq!(
            read(Form::OneByte, &[0x10, 7, 0x03, 1, 0x10, 7]),
            [(1, vec![7])]
        );
        assert_eq!(read(Form::OneByte, &[0x1f, 7]), []);
        assert_eq!(read(Form::TwoByte, &[1, 9, 7]), []);
        assert_eq!(read(Form::TwoByte, &[1]), []);
        assert_eq!(read(Form::Other(5), &[0x10, 7]), []);
    }
}
