//! Derives session keys from a master key (RFC 3711 section 4.3; with AES-256, RFC 6188 section 3). The key
//! derivation rate is zero, as DTLS-SRTP has it (RFC 5764 section 4.1.2): keys are derived once.

use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use zeroize::Zeroizing;

use crate::bytes::xor;
use crate::keying::{KeyError, MasterKey};

/// Whether keys are for RTP or for RTCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rtp,
    Rtcp,
}

/// What a key is derived for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Encryption,
    Authentication,
    Salt,
}

/// The label's place within the salt: it is the seventh byte from the end of a 14-byte number.
const LABEL_AT: usize = 7;

fn label(kind: Kind, purpose: Purpose) -> u8 {
    let purpose = match purpose {
        Purpose::Encryption => 0,
        Purpose::Authentication => 1,
        Purpose::Salt => 2,
    };
    match kind {
        Kind::Rtp => purpose,
        Kind::Rtcp => purpose + 3,
    }
}

/// Derives as many bytes as asked for.
pub(crate) fn derive<const N: usize>(
    master: &MasterKey,
    kind: Kind,
    purpose: Purpose,
) -> Result<Zeroizing<[u8; N]>, KeyError> {
    expand(master.key(), master.salt(), label(kind, purpose))
}

/// The key stream under the master key, from the salt on, with the label in it.
pub(crate) fn expand<const N: usize>(
    key: &[u8],
    salt: &[u8; 14],
    label: u8,
) -> Result<Zeroizing<[u8; N]>, KeyError> {
    let mut first = [0; 16];
    xor(&mut first, salt);
    if let Some(byte) = first.get_mut(LABEL_AT) {
        *byte ^= label;
    }
    let mut derived = Zeroizing::new([0; N]);
    let first = EncryptionContext::Iv128(FixedLength::from(first));
    counter_mode(key)?
        .less_safe_encrypt(&mut *derived, first)
        .map_err(|_| KeyError::Library)?;
    Ok(derived)
}

/// AES in counter mode under a key of 16 or 32 bytes.
pub(crate) fn counter_mode(key: &[u8]) -> Result<EncryptingKey, KeyError> {
    let algorithm = if key.len() == 32 { &AES_256 } else { &AES_128 };
    let key = UnboundCipherKey::new(algorithm, key).map_err(|_| KeyError::Library)?;
    EncryptingKey::ctr(key).map_err(|_| KeyError::Library)
}
