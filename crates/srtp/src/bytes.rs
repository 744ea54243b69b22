//! Reading and writing numbers within a packet.

use crate::Refusal;

/// The bytes from `at` on, as many as asked for.
pub(crate) fn array<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], Refusal> {
    let rest = bytes.get(at..).ok_or(Refusal::TooShort)?;
    rest.first_chunk().copied().ok_or(Refusal::TooShort)
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Result<u16, Refusal> {
    array(bytes, at).map(u16::from_be_bytes)
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Result<u32, Refusal> {
    array(bytes, at).map(u32::from_be_bytes)
}

/// Exclusive or, as far as the shorter one goes.
pub(crate) fn xor(bytes: &mut [u8], other: &[u8]) {
    for (byte, other) in bytes.iter_mut().zip(other) {
        *byte ^= other;
    }
}
