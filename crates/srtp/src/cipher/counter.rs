//! AES in counter mode with HMAC-SHA1 (RFC 3711 section 4).

use aws_lc_rs::cipher::{EncryptingKey, EncryptionContext};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{self, HMAC_SHA1_FOR_LEGACY_USE_ONLY};
use aws_lc_rs::iv::FixedLength;

use crate::bytes::xor;
use crate::derivation::{Kind, Purpose, counter_mode, derive};
use crate::rtcp::{CLEAR_BYTES, ENCRYPTED, INDEX_BYTES};
use crate::rtp::Outline;
use crate::{KeyError, MasterKey, Refusal};

const TAG_BYTES: usize = 10;
const SALT_BYTES: usize = 14;
const AUTHENTICATION_BYTES: usize = 20;

/// Session keys for encryption and authentication, and the salt.
pub(crate) struct Counter {
    key: EncryptingKey,
    authentication: hmac::Key,
    salt: [u8; SALT_BYTES],
}

impl std::fmt::Debug for Counter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Counter")
    }
}

impl Counter {
    pub(crate) fn derived(master: &MasterKey, kind: Kind) -> Result<Self, KeyError> {
        let key = derive::<16>(master, kind, Purpose::Encryption)?;
        let authentication = derive::<AUTHENTICATION_BYTES>(master, kind, Purpose::Authentication)?;
        let salt = derive::<SALT_BYTES>(master, kind, Purpose::Salt)?;
        Ok(Self {
            key: counter_mode(&*key)?,
            authentication: hmac::Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &*authentication),
            salt: *salt,
        })
    }

    pub(super) fn open_rtp(
        &self,
        packet: &mut [u8],
        outline: &Outline,
        index: u64,
    ) -> Result<(), Refusal> {
        let (rest, tag) = split_end(packet)?;
        self.verify(rest, &roll_over(index), tag)?;
        self.apply(rest, outline.header, outline.ssrc, index)
    }

    pub(super) fn seal_rtp(
        &self,
        packet: &mut [u8],
        outline: &Outline,
        index: u64,
    ) -> Result<(), Refusal> {
        let (rest, tag) = split_end(packet)?;
        self.apply(rest, outline.header, outline.ssrc, index)?;
        self.sign(rest, &roll_over(index), tag);
        Ok(())
    }

    pub(super) fn open_rtcp(&self, packet: &mut [u8], ssrc: u32, word: u32) -> Result<(), Refusal> {
        let (rest, tag) = split_end(packet)?;
        self.verify(rest, &[], tag)?;
        self.apply_rtcp(rest, ssrc, word)
    }

    pub(super) fn seal_rtcp(&self, packet: &mut [u8], ssrc: u32, word: u32) -> Result<(), Refusal> {
        let (rest, tag) = split_end(packet)?;
        if let Some(place) = rest.last_chunk_mut::<INDEX_BYTES>() {
            *place = word.to_be_bytes();
        }
        self.apply_rtcp(rest, ssrc, word)?;
        self.sign(rest, &[], tag);
        Ok(())
    }

    fn apply_rtcp(&self, rest: &mut [u8], ssrc: u32, word: u32) -> Result<(), Refusal> {
        let end = rest.len().checked_sub(INDEX_BYTES);
        let text = end.and_then(|end| rest.get_mut(..end));
        let text = text.ok_or(Refusal::TooShort)?;
        self.apply(text, CLEAR_BYTES, ssrc, u64::from(word & !ENCRYPTED))
    }

    /// Encrypts or decrypts all from a place on (RFC 3711 section 4.1.1).
    fn apply(&self, text: &mut [u8], from: usize, ssrc: u32, index: u64) -> Result<(), Refusal> {
        let text = text.get_mut(from..).ok_or(Refusal::TooShort)?;
        let first = EncryptionContext::Iv128(FixedLength::from(self.first_block(ssrc, index)));
        self.key
            .less_safe_encrypt(text, first)
            .map_err(|_| Refusal::Library)?;
        Ok(())
    }

    /// The salt, the SSRC and the index, each shifted to its place; the last two bytes count blocks.
    pub(crate) fn first_block(&self, ssrc: u32, index: u64) -> [u8; 16] {
        let mut block = ((u128::from(ssrc) << 64) | (u128::from(index) << 16)).to_be_bytes();
        xor(&mut block, &self.salt);
        block
    }

    fn sign(&self, text: &[u8], behind: &[u8], tag: &mut [u8]) {
        let signed = self.signature(text, behind);
        for (place, byte) in tag.iter_mut().zip(signed.as_ref()) {
            *place = *byte;
        }
    }

    fn verify(&self, text: &[u8], behind: &[u8], tag: &[u8]) -> Result<(), Refusal> {
        let signed = self.signature(text, behind);
        let signed = signed.as_ref().get(..tag.len()).unwrap_or_default();
        verify_slices_are_equal(signed, tag).map_err(|_| Refusal::Forged)
    }

    fn signature(&self, text: &[u8], behind: &[u8]) -> hmac::Tag {
        let mut context = hmac::Context::with_key(&self.authentication);
        context.update(text);
        context.update(behind);
        context.sign()
    }
}

/// The roll-over counter, which is authenticated behind the packet (RFC 3711 section 4.2).
fn roll_over(index: u64) -> [u8; 4] {
    ((index >> 16) as u32).to_be_bytes()
}

/// The packet without its tag, and the tag.
fn split_end(packet: &mut [u8]) -> Result<(&mut [u8], &mut [u8]), Refusal> {
    let at = packet.len().checked_sub(TAG_BYTES);
    at.and_then(|at| packet.split_at_mut_checked(at))
        .ok_or(Refusal::TooShort)
}

#[cfg(test)]
impl Counter {
    pub(crate) fn with_session_keys(
        key: &[u8],
        authentication: &[u8],
        salt: [u8; SALT_BYTES],
    ) -> Result<Self, KeyError> {
        Ok(Self {
            key: counter_mode(key)?,
            authentication: hmac::Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, authentication),
            salt,
        })
    }
}
