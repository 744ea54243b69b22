//! Headers of RTP packets (RFC 3550 section 5.1) and their extensions (RFC 8285), as they are written. Whatever comes was
//! sealed, and is read where it is opened: by `vestibule_srtp`.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! |V=2|P|X|  CC   |M|     PT      |       sequence number         |
//! |                           timestamp                           |
//! |                             SSRC                              |
//! |                     CSRC, CC times                            |
//! |           0xBEDE (X)          |      length in words          |
//! |                     extension elements                        |
//! |                     payload, then padding (P)                 |
//! ```

mod write;

pub use write::{WriteError, write};

/// The fields that every packet has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fixed {
    /// What it marks is the payload format's to say: with VP8 the last packet of a picture.
    pub marker: bool,
    /// The payload type, 7 bits.
    pub payload_type: u8,
    /// The sequence number.
    pub sequence: u16,
    /// The timestamp, in ticks of the payload format's clock.
    pub timestamp: u32,
    /// The stream.
    pub ssrc: u32,
}

/// An element: the number that was agreed for it, and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// From 1 to 14.
    pub id: u8,
    /// From 1 to 16 octets.
    pub value: &'a [u8],
}

#[cfg(test)]
mod tests;
