//! AES-GCM (RFC 7714).

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::bytes::xor;
use crate::derivation::{Kind, Purpose, derive};
use crate::rtcp::{CLEAR_BYTES, ENCRYPTED, INDEX_BYTES};
use crate::rtp::Outline;
use crate::{KeyError, MasterKey, Refusal};

const TAG_BYTES: usize = 16;

/// A session key with its salt.
pub(crate) struct Gcm {
    key: LessSafeKey,
    salt: [u8; NONCE_LEN],
}

impl std::fmt::Debug for Gcm {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Gcm")
    }
}

impl Gcm {
    pub(crate) fn derived(master: &MasterKey, kind: Kind) -> Result<Self, KeyError> {
        let salt = derive::<NONCE_LEN>(master, kind, Purpose::Salt)?;
        if master.profile().key_bytes() == 32 {
            let key = derive::<32>(master, kind, Purpose::Encryption)?;
            Self::with_session_key(&*key, *salt)
        } else {
            let key = derive::<16>(master, kind, Purpose::Encryption)?;
            Self::with_session_key(&*key, *salt)
        }
    }

    pub(crate) fn with_session_key(key: &[u8], salt: [u8; NONCE_LEN]) -> Result<Self, KeyError> {
        let algorithm = if key.len() == 32 {
            &AES_256_GCM
        } else {
            &AES_128_GCM
        };
        let key = UnboundKey::new(algorithm, key).map_err(|_| KeyError::Library)?;
        Ok(Self {
            key: LessSafeKey::new(key),
            salt,
        })
    }

    /// The header is what is authenticated beside the rest (RFC 7714 section 8.2).
    pub(super) fn open_rtp(
        &self,
        packet: &mut [u8],
        outline: &Outline,
        index: u64,
    ) -> Result<(), Refusal> {
        let nonce = self.rtp_nonce(outline.ssrc, index);
        let (header, sealed) = split(packet, outline.header)?;
        self.open(nonce, header, sealed)
    }

    pub(super) fn seal_rtp(
        &self,
        packet: &mut [u8],
        outline: &Outline,
        index: u64,
    ) -> Result<(), Refusal> {
        let nonce = self.rtp_nonce(outline.ssrc, index);
        let (header, rest) = split(packet, outline.header)?;
        self.seal(nonce, header, rest)
    }

    /// The first eight bytes and the index's word are what is authenticated beside the rest
    /// (RFC 7714 section 9.2).
    pub(super) fn open_rtcp(&self, packet: &mut [u8], ssrc: u32, word: u32) -> Result<(), Refusal> {
        let (packet, _) = split_end(packet, INDEX_BYTES)?;
        let (clear, sealed) = split(packet, CLEAR_BYTES)?;
        self.open(self.rtcp_nonce(ssrc, word), &beside(clear, word), sealed)
    }

    pub(super) fn seal_rtcp(&self, packet: &mut [u8], ssrc: u32, word: u32) -> Result<(), Refusal> {
        let (packet, place) = split_end(packet, INDEX_BYTES)?;
        place.copy_from_slice(&word.to_be_bytes());
        let (clear, rest) = split(packet, CLEAR_BYTES)?;
        self.seal(self.rtcp_nonce(ssrc, word), &beside(clear, word), rest)
    }

    fn open(&self, nonce: Nonce, beside: &[u8], sealed: &mut [u8]) -> Result<(), Refusal> {
        self.key
            .open_in_place(nonce, Aad::from(beside), sealed)
            .map_err(|_| Refusal::Forged)?;
        Ok(())
    }

    fn seal(&self, nonce: Nonce, beside: &[u8], rest: &mut [u8]) -> Result<(), Refusal> {
        let (text, tag) = split_end(rest, TAG_BYTES)?;
        self.key
            .seal_in_place_scatter(nonce, Aad::from(beside), text, &[], tag)
            .map_err(|_| Refusal::Library)
    }

    /// Two zero bytes, the SSRC, the roll-over counter and the sequence number, salted (RFC 7714 section 8.1).
    fn rtp_nonce(&self, ssrc: u32, index: u64) -> Nonce {
        self.nonce((u128::from(ssrc) << 48) | u128::from(index))
    }

    /// Two zero bytes, the SSRC, two zero bytes and the index of 31 bits, salted (RFC 7714 section 9.1).
    fn rtcp_nonce(&self, ssrc: u32, word: u32) -> Nonce {
        self.nonce((u128::from(ssrc) << 48) | u128::from(word & !ENCRYPTED))
    }

    fn nonce(&self, number: u128) -> Nonce {
        let mut nonce = self.salt;
        let [_, _, _, _, number @ ..] = number.to_be_bytes();
        xor(&mut nonce, &number);
        Nonce::assume_unique_for_key(nonce)
    }
}

fn beside(clear: &[u8], word: u32) -> [u8; CLEAR_BYTES + INDEX_BYTES] {
    let mut beside = [0; CLEAR_BYTES + INDEX_BYTES];
    let word = word.to_be_bytes();
    for (place, byte) in beside.iter_mut().zip(clear.iter().chain(&word)) {
        *place = *byte;
    }
    beside
}

fn split(packet: &mut [u8], at: usize) -> Result<(&mut [u8], &mut [u8]), Refusal> {
    packet.split_at_mut_checked(at).ok_or(Refusal::TooShort)
}

fn split_end(packet: &mut [u8], bytes: usize) -> Result<(&mut [u8], &mut [u8]), Refusal> {
    let at = packet.len().checked_sub(bytes).ok_or(Refusal::TooShort)?;
    split(packet, at)
}
