//! HPKE (RFC 9180), base mode, DHKEM(X25519, HKDF-SHA256) with AES-128-GCM: what MLS suite 1 uses. Sealing
//! and opening are `rustls`', over aws-lc; deriving a key pair is what it lacks, and exporting.

pub(super) mod export;

use aws_lc_rs::agreement::{PrivateKey, X25519};
use openmls_traits::types::{
    CryptoError, HpkeAeadType, HpkeCiphertext, HpkeConfig, HpkeKdfType, HpkeKemType, HpkeKeyPair,
};
use rustls::crypto::aws_lc_rs::hpke::DH_KEM_X25519_HKDF_SHA256_AES_128;
use rustls::crypto::hpke::{EncapsulatedSecret, Hpke as _, HpkePrivateKey, HpkePublicKey};

use super::kdf;

/// Section 4.1: "KEM", and DHKEM(X25519, HKDF-SHA256).
const KEM: &[u8] = b"KEM\x00\x20";
const VERSION: &[u8] = b"HPKE-v1";
/// Nsk of section 7.1, Nsecret and Nh.
const KEY_BYTES: u16 = 32;

/// Ours is one suite.
fn check(config: &HpkeConfig) -> Result<(), CryptoError> {
    let HpkeConfig(kem, kdf, aead) = config;
    let ours = *kem == HpkeKemType::DhKem25519
        && *kdf == HpkeKdfType::HkdfSha256
        && *aead == HpkeAeadType::AesGcm128;
    if ours {
        Ok(())
    } else {
        Err(CryptoError::UnsupportedCiphersuite)
    }
}

pub(super) fn seal(
    config: &HpkeConfig,
    public: &[u8],
    info: &[u8],
    aad: &[u8],
    plaintext: &[u8],
) -> Result<HpkeCiphertext, CryptoError> {
    check(config)?;
    let public = HpkePublicKey(public.to_vec());
    let (kem_output, ciphertext) = DH_KEM_X25519_HKDF_SHA256_AES_128
        .seal(info, aad, plaintext, &public)
        .map_err(|_| CryptoError::HpkeEncryptionError)?;
    Ok(HpkeCiphertext {
        kem_output: kem_output.0.into(),
        ciphertext: ciphertext.into(),
    })
}

pub(super) fn open(
    config: &HpkeConfig,
    sealed: &HpkeCiphertext,
    private: &[u8],
    info: &[u8],
    aad: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    check(config)?;
    let encapsulated = EncapsulatedSecret(sealed.kem_output.as_slice().to_vec());
    let private = HpkePrivateKey::from(private.to_vec());
    DH_KEM_X25519_HKDF_SHA256_AES_128
        .open(
            &encapsulated,
            info,
            aad,
            sealed.ciphertext.as_slice(),
            &private,
        )
        .map_err(|_| CryptoError::HpkeDecryptionError)
}

/// `DeriveKeyPair` of section 7.1.3.
pub(super) fn derive_key_pair(config: &HpkeConfig, ikm: &[u8]) -> Result<HpkeKeyPair, CryptoError> {
    check(config)?;
    let extracted = labeled_extract(KEM, &[], b"dkp_prk", ikm);
    let private = labeled_expand(KEM, &extracted, b"sk", &[], KEY_BYTES)?;
    let key = PrivateKey::from_private_key(&X25519, &private)
        .map_err(|_| CryptoError::CryptoLibraryError)?;
    let public = key
        .compute_public_key()
        .map_err(|_| CryptoError::CryptoLibraryError)?;
    Ok(HpkeKeyPair {
        private: private.into(),
        public: public.as_ref().to_vec(),
    })
}

/// `LabeledExtract` of section 4.
fn labeled_extract(suite: &[u8], salt: &[u8], label: &[u8], ikm: &[u8]) -> Vec<u8> {
    kdf::extract(salt, &[VERSION, suite, label, ikm].concat())
}

/// `LabeledExpand` of section 4.
fn labeled_expand(
    suite: &[u8],
    prk: &[u8],
    label: &[u8],
    info: &[u8],
    length: u16,
) -> Result<Vec<u8>, CryptoError> {
    let info = [&length.to_be_bytes()[..], VERSION, suite, label, info].concat();
    kdf::expand(prk, &info, length.into()).ok_or(CryptoError::HkdfOutputLengthInvalid)
}

#[cfg(test)]
mod tests {
    use super::{derive_key_pair, open, seal};
    use openmls_traits::types::{HpkeAeadType, HpkeConfig, HpkeKdfType, HpkeKemType};

    pub(super) const CONFIG: HpkeConfig = HpkeConfig(
        HpkeKemType::DhKem25519,
        HpkeKdfType::HkdfSha256,
        HpkeAeadType::AesGcm128,
    );

    pub(super) fn bytes(hex: &str) -> Vec<u8> {
        let digits = |i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(digits).collect()
    }

    /// RFC 9180, appendix A.1.1: the recipient's pair.
    #[test]
    fn a_pair_is_derived_as_in_the_rfc() {
        let ikm = bytes("6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037");
        let pair = derive_key_pair(&CONFIG, &ikm).unwrap();
        assert_eq!(
            &*pair.private,
            bytes("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8")
        );
        assert_eq!(
            pair.public,
            bytes("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d")
        );
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_context_alone() {
        let pair = derive_key_pair(&CONFIG, b"some keying material, long enough").unwrap();
        let sealed = seal(&CONFIG, &pair.public, b"info", b"aad", b"text").unwrap();
        let opened = open(&CONFIG, &sealed, &pair.private, b"info", b"aad");
        assert_eq!(opened.unwrap(), b"text");
        assert!(open(&CONFIG, &sealed, &pair.private, b"other", b"aad").is_err());
    }
}
