//! The cryptography of OpenMLS on aws-lc, for suite 1 alone. The providers that OpenMLS brings pull in
//! HPKE crates under MPL-2.0 and a second set of primitives.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use aws_lc_rs::{digest, rand};
use openmls::prelude::tls_codec::SecretVLBytes;
use openmls_memory_storage::MemoryStorage;
use openmls_traits::OpenMlsProvider;
use openmls_traits::crypto::OpenMlsCrypto;
use openmls_traits::random::OpenMlsRand;
use openmls_traits::signatures::{Signer, SignerError};
use openmls_traits::types::{
    AeadType, Ciphersuite, CryptoError, ExporterSecret, HashType, HpkeCiphertext, HpkeConfig,
    HpkeKeyPair, KemOutput, SignatureScheme,
};

use super::{hpke, kdf};

/// The suite of our groups.
pub(crate) const SUITE: Ciphersuite = Ciphersuite::MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519;

/// What OpenMLS is given: this cryptography, the system's randomness, memory for storage.
#[derive(Default)]
pub(crate) struct Provider {
    crypto: Crypto,
    storage: MemoryStorage,
}

impl OpenMlsProvider for Provider {
    type CryptoProvider = Crypto;
    type RandProvider = Crypto;
    type StorageProvider = MemoryStorage;

    fn storage(&self) -> &MemoryStorage {
        &self.storage
    }

    fn crypto(&self) -> &Crypto {
        &self.crypto
    }

    fn rand(&self) -> &Crypto {
        &self.crypto
    }
}

/// Suite 1 on aws-lc.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Crypto;

impl OpenMlsRand for Crypto {
    type Error = CryptoError;

    fn random_array<const N: usize>(&self) -> Result<[u8; N], CryptoError> {
        let mut bytes = [0; N];
        rand::fill(&mut bytes).map_err(|_| CryptoError::InsufficientRandomness)?;
        Ok(bytes)
    }

    fn random_vec(&self, length: usize) -> Result<Vec<u8>, CryptoError> {
        let mut bytes = vec![0; length];
        rand::fill(&mut bytes).map_err(|_| CryptoError::InsufficientRandomness)?;
        Ok(bytes)
    }
}

impl OpenMlsCrypto for Crypto {
    fn supports(&self, suite: Ciphersuite) -> Result<(), CryptoError> {
        if suite == SUITE {
            Ok(())
        } else {
            Err(CryptoError::UnsupportedCiphersuite)
        }
    }

    fn supported_ciphersuites(&self) -> Vec<Ciphersuite> {
        vec![SUITE]
    }

    fn hkdf_extract(
        &self,
        hash: HashType,
        salt: &[u8],
        ikm: &[u8],
    ) -> Result<SecretVLBytes, CryptoError> {
        // RFC 5869 section 2.2: extracting is one HMAC.
        self.hmac(hash, salt, ikm)
    }

    fn hmac(
        &self,
        hash: HashType,
        key: &[u8],
        message: &[u8],
    ) -> Result<SecretVLBytes, CryptoError> {
        check_hash(hash)?;
        Ok(kdf::extract(key, message).into())
    }

    fn hkdf_expand(
        &self,
        hash: HashType,
        prk: &[u8],
        info: &[u8],
        length: usize,
    ) -> Result<SecretVLBytes, CryptoError> {
        check_hash(hash)?;
        let out = kdf::expand(prk, info, length);
        Ok(out.ok_or(CryptoError::HkdfOutputLengthInvalid)?.into())
    }

    fn hash(&self, hash: HashType, data: &[u8]) -> Result<Vec<u8>, CryptoError> {
        check_hash(hash)?;
        Ok(digest::digest(&digest::SHA256, data).as_ref().to_vec())
    }

    fn aead_encrypt(
        &self,
        algorithm: AeadType,
        key: &[u8],
        data: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let (key, nonce) = aead(algorithm, key, nonce)?;
        let mut sealed = data.to_vec();
        key.seal_in_place_append_tag(nonce, Aad::from(aad), &mut sealed)
            .map_err(|_| CryptoError::CryptoLibraryError)?;
        Ok(sealed)
    }

    fn aead_decrypt(
        &self,
        algorithm: AeadType,
        key: &[u8],
        sealed: &[u8],
        nonce: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let (key, nonce) = aead(algorithm, key, nonce)?;
        let mut buffer = sealed.to_vec();
        key.open_in_place(nonce, Aad::from(aad), &mut buffer)
            .map(|opened| opened.to_vec())
            .map_err(|_| CryptoError::AeadDecryptionError)
    }

    fn signature_key_gen(
        &self,
        scheme: SignatureScheme,
    ) -> Result<(Vec<u8>, Vec<u8>), CryptoError> {
        check_scheme(scheme)?;
        let seed = self.random_vec(SEED_BYTES)?;
        let pair = key_pair(&seed)?;
        Ok((seed, pair.public_key().as_ref().to_vec()))
    }

    fn verify_signature(
        &self,
        scheme: SignatureScheme,
        data: &[u8],
        public: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        check_scheme(scheme)?;
        UnparsedPublicKey::new(&ED25519, public)
            .verify(data, signature)
            .map_err(|_| CryptoError::InvalidSignature)
    }

    fn sign(
        &self,
        scheme: SignatureScheme,
        data: &[u8],
        seed: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        check_scheme(scheme)?;
        Ok(key_pair(seed)?.sign(data).as_ref().to_vec())
    }

    fn hpke_seal(
        &self,
        config: HpkeConfig,
        public: &[u8],
        info: &[u8],
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<HpkeCiphertext, CryptoError> {
        hpke::seal(&config, public, info, aad, plaintext)
    }

    fn hpke_open(
        &self,
        config: HpkeConfig,
        sealed: &HpkeCiphertext,
        private: &[u8],
        info: &[u8],
        aad: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        hpke::open(&config, sealed, private, info, aad)
    }

    fn hpke_setup_sender_and_export(
        &self,
        config: HpkeConfig,
        public: &[u8],
        info: &[u8],
        context: &[u8],
        length: usize,
    ) -> Result<(KemOutput, ExporterSecret), CryptoError> {
        only_in_tests()?;
        hpke::export::as_sender(&config, public, info, context, length)
    }

    fn hpke_setup_receiver_and_export(
        &self,
        config: HpkeConfig,
        kem_output: &[u8],
        private: &[u8],
        info: &[u8],
        context: &[u8],
        length: usize,
    ) -> Result<ExporterSecret, CryptoError> {
        only_in_tests()?;
        hpke::export::as_receiver(&config, kem_output, private, info, context, length)
    }

    fn derive_hpke_keypair(
        &self,
        config: HpkeConfig,
        ikm: &[u8],
    ) -> Result<HpkeKeyPair, CryptoError> {
        hpke::derive_key_pair(&config, ikm)
    }
}

/// A leaf's signature key.
pub(crate) struct LeafKey(Ed25519KeyPair);

impl LeafKey {
    pub(super) fn generate() -> Result<Self, CryptoError> {
        let pair = Ed25519KeyPair::generate().map_err(|_| CryptoError::InsufficientRandomness)?;
        Ok(Self(pair))
    }

    pub(super) fn public(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }
}

impl Signer for LeafKey {
    fn sign(&self, payload: &[u8]) -> Result<Vec<u8>, SignerError> {
        Ok(self.0.sign(payload).as_ref().to_vec())
    }

    fn signature_scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}

const SEED_BYTES: usize = 32;

/// HPKE exports for external commits alone (RFC 9420 section 8.3), which a participant neither makes nor
/// takes. Tests make some, to see them refused.
fn only_in_tests() -> Result<(), CryptoError> {
    if cfg!(test) {
        Ok(())
    } else {
        Err(CryptoError::UnsupportedCiphersuite)
    }
}

fn key_pair(seed: &[u8]) -> Result<Ed25519KeyPair, CryptoError> {
    Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| CryptoError::CryptoLibraryError)
}

fn check_hash(hash: HashType) -> Result<(), CryptoError> {
    match hash {
        HashType::Sha2_256 => Ok(()),
        HashType::Sha2_384 | HashType::Sha2_512 => Err(CryptoError::UnsupportedHashAlgorithm),
    }
}

fn check_scheme(scheme: SignatureScheme) -> Result<(), CryptoError> {
    if scheme == SignatureScheme::ED25519 {
        Ok(())
    } else {
        Err(CryptoError::UnsupportedSignatureScheme)
    }
}

fn aead(
    algorithm: AeadType,
    key: &[u8],
    nonce: &[u8],
) -> Result<(LessSafeKey, Nonce), CryptoError> {
    if algorithm != AeadType::Aes128Gcm {
        return Err(CryptoError::UnsupportedAeadAlgorithm);
    }
    let key = UnboundKey::new(&AES_128_GCM, key).map_err(|_| CryptoError::InvalidLength)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CryptoError::InvalidLength)?;
    Ok((LessSafeKey::new(key), nonce))
}
