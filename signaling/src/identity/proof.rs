//! The device's proof: a signature over the socket's nonce and the session's secret by a key that
//! never leaves the device. A stolen session secret opens nothing elsewhere.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use vestibule_protocol::proof_message;

/// The length of an uncompressed P-256 point (SEC 1 section 2.3.3).
const DEVICE_KEY_BYTES: usize = 65;

/// Whether these bytes are a P-256 public key in uncompressed form, on the curve.
#[must_use]
pub(crate) fn device_key_is_valid(key: &[u8]) -> bool {
    key.len() == DEVICE_KEY_BYTES && ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key).is_ok()
}

/// Whether `proof` was made by the device for this nonce and session, see [`vestibule_protocol::PROOF_LABEL`].
#[must_use]
pub(crate) fn proof_is_valid(device_key: &[u8], nonce: &[u8], secret: &str, proof: &[u8]) -> bool {
    let message = proof_message(nonce, secret);
    ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, device_key)
        .is_ok_and(|key| key.verify_sig(&message, proof).is_ok())
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};

    use super::{device_key_is_valid, proof_is_valid};

    fn sign(pair: &EcdsaKeyPair, nonce: &[u8], secret: &str) -> Vec<u8> {
        let message = [
            b"vestibule session proof v1\0".as_slice(),
            nonce,
            b"\0",
            secret.as_bytes(),
        ]
        .concat();
        let signature = pair.sign(&SystemRandom::new(), &message).unwrap();
        signature.as_ref().to_vec()
    }

    #[test]
    fn a_proof_holds_for_its_nonce_its_secret_and_its_device_only() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let other = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let key = pair.public_key().as_ref();
        let proof = sign(&pair, &[7; 32], "secret");
        assert!(proof_is_valid(key, &[7; 32], "secret", &proof));
        assert!(!proof_is_valid(key, &[8; 32], "secret", &proof));
        assert!(!proof_is_valid(key, &[7; 32], "other", &proof));
        let stranger = other.public_key().as_ref();
        assert!(!proof_is_valid(stranger, &[7; 32], "secret", &proof));
        assert!(!proof_is_valid(key, &[7; 32], "secret", &[]));
    }

    #[test]
    fn a_device_key_is_an_uncompressed_point_on_the_curve() {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let key = pair.public_key().as_ref();
        assert!(device_key_is_valid(key));
        assert!(!device_key_is_valid(&key[..64]));
        assert!(!device_key_is_valid(&[4; 65]));
        assert!(!device_key_is_valid(b""));
    }
}
