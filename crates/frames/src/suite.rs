//! AES-GCM and HKDF of aws-lc under the crate `sframe`, which brings header, labels and layout. Its own
//! back ends would bring a second cryptography library into the build.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, HKDF_SHA512, KeyType, Prk, Salt};
use sframe::CipherSuite;
use sframe::crypto::{
    AeadDecrypt, AeadEncrypt, DecryptionBufferView, EncryptionBufferView, KeyDerivation,
    get_hkdf_key_expand_label, get_hkdf_salt_expand_label,
};
use sframe::error::{Result, SframeError};
use sframe::header::{Counter, KeyId};
use sframe::key::{GenericDecryptionKey, GenericEncryptionKey};

/// A key to seal frames with.
pub(crate) type EncryptionKey = GenericEncryptionKey<Aead, Kdf>;
/// A key to open frames with.
pub(crate) type DecryptionKey = GenericDecryptionKey<Aead, Kdf>;

const NONCE_BYTES: usize = 12;

/// AES-GCM.
pub(crate) struct Aead;

/// Key derivation (RFC 9605 section 4.4.2).
pub(crate) struct Kdf;

/// What is derived for one key id.
pub(crate) struct Secret {
    key: LessSafeKey,
    salt: [u8; NONCE_BYTES],
}

impl Secret {
    /// Section 4.4.3: the salt, exclusive-or the counter in the last eight bytes.
    fn nonce(&self, counter: Counter) -> Nonce {
        let mut bytes = self.salt;
        let (_, low) = bytes.split_at_mut(NONCE_BYTES - size_of::<Counter>());
        for (byte, counted) in low.iter_mut().zip(counter.to_be_bytes()) {
            *byte ^= counted;
        }
        Nonce::assume_unique_for_key(bytes)
    }
}

impl TryFrom<CipherSuite> for Aead {
    type Error = SframeError;

    fn try_from(_: CipherSuite) -> Result<Self> {
        Ok(Self)
    }
}

impl AeadEncrypt for Aead {
    type Secret = Secret;

    fn encrypt<'a, B>(&self, secret: &Secret, buffer: B, counter: Counter) -> Result<()>
    where
        B: Into<EncryptionBufferView<'a>>,
    {
        let EncryptionBufferView { aad, data, tag } = buffer.into();
        let made = secret
            .key
            .seal_in_place_separate_tag(secret.nonce(counter), Aad::from(&*aad), data)
            .map_err(|_| SframeError::EncryptionFailure)?;
        tag.copy_from_slice(made.as_ref());
        Ok(())
    }
}

impl AeadDecrypt for Aead {
    type Secret = Secret;

    fn decrypt<'a, B>(&self, secret: &Secret, buffer: B, counter: Counter) -> Result<()>
    where
        B: Into<DecryptionBufferView<'a>>,
    {
        let DecryptionBufferView { aad, data } = buffer.into();
        secret
            .key
            .open_in_place(secret.nonce(counter), Aad::from(&*aad), data)
            .map_err(|_| SframeError::DecryptionFailure)?;
        Ok(())
    }
}

impl KeyDerivation for Kdf {
    type Secret = Secret;

    fn expand_from<M, K>(suite: CipherSuite, key_material: M, key_id: K) -> Result<Secret>
    where
        M: AsRef<[u8]>,
        K: Into<KeyId>,
    {
        let key_id = key_id.into();
        let (hash, aead) = match suite {
            CipherSuite::AesGcm128Sha256 => (HKDF_SHA256, &AES_128_GCM),
            CipherSuite::AesGcm256Sha512 => (HKDF_SHA512, &AES_256_GCM),
            _ => return Err(SframeError::UnsupportedCipherSuite),
        };
        let prk = Salt::new(hash, &[]).extract(key_material.as_ref());
        let mut key = vec![0; suite.key_len()];
        expand(&prk, &get_hkdf_key_expand_label(key_id, suite), &mut key)?;
        let mut salt = [0; NONCE_BYTES];
        expand(&prk, &get_hkdf_salt_expand_label(key_id, suite), &mut salt)?;
        let unbound = UnboundKey::new(aead, &key).map_err(|_| SframeError::KeyDerivationFailure)?;
        key.fill(0);
        Ok(Secret {
            key: LessSafeKey::new(unbound),
            salt,
        })
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand(prk: &Prk, label: &[u8], out: &mut [u8]) -> Result<()> {
    prk.expand(&[label], Length(out.len()))
        .and_then(|okm| okm.fill(out))
        .map_err(|_| SframeError::KeyDerivationFailure)
}
