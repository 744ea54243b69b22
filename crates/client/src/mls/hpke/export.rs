//! Secrets that both ends of an HPKE context export (RFC 9180 section 5.3), for external commits.

use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, X25519, agree};
use openmls_traits::types::{CryptoError, ExporterSecret, HpkeConfig, KemOutput};

use super::{KEM, KEY_BYTES, check, labeled_expand, labeled_extract};

/// Section 5.1: "HPKE", the KEM, HKDF-SHA256, AES-128-GCM.
const HPKE: &[u8] = b"HPKE\x00\x20\x00\x01\x00\x01";
/// `mode_base`.
const BASE: &[u8] = &[0];

/// `SendExport` of section 6.2.
pub(in crate::mls) fn as_sender(
    config: &HpkeConfig,
    public: &[u8],
    info: &[u8],
    context: &[u8],
    length: usize,
) -> Result<(KemOutput, ExporterSecret), CryptoError> {
    check(config)?;
    let ephemeral = PrivateKey::generate(&X25519).map_err(|_| CryptoError::SenderSetupError)?;
    let kem_output = public_of(&ephemeral).ok_or(CryptoError::SenderSetupError)?;
    let shared = diffie_hellman(&ephemeral, public).ok_or(CryptoError::SenderSetupError)?;
    let exported = export(
        &shared,
        &[&kem_output, public].concat(),
        info,
        context,
        length,
    )?;
    Ok((kem_output, exported))
}

/// `ReceiveExport` of section 6.2.
pub(in crate::mls) fn as_receiver(
    config: &HpkeConfig,
    kem_output: &[u8],
    private: &[u8],
    info: &[u8],
    context: &[u8],
    length: usize,
) -> Result<ExporterSecret, CryptoError> {
    check(config)?;
    let private = PrivateKey::from_private_key(&X25519, private)
        .map_err(|_| CryptoError::ReceiverSetupError)?;
    let public = public_of(&private).ok_or(CryptoError::ReceiverSetupError)?;
    let shared = diffie_hellman(&private, kem_output).ok_or(CryptoError::ReceiverSetupError)?;
    export(
        &shared,
        &[kem_output, &public].concat(),
        info,
        context,
        length,
    )
}

fn public_of(private: &PrivateKey) -> Option<Vec<u8>> {
    let public = private.compute_public_key().ok()?;
    Some(public.as_ref().to_vec())
}

fn diffie_hellman(private: &PrivateKey, public: &[u8]) -> Option<Vec<u8>> {
    let public = UnparsedPublicKey::new(&X25519, public);
    agree(private, public, (), |shared| Ok(shared.to_vec())).ok()
}

/// The KEM's shared secret (section 4.1), the key schedule (section 5.1) and what is exported from it.
fn export(
    diffie_hellman: &[u8],
    kem_context: &[u8],
    info: &[u8],
    context: &[u8],
    length: usize,
) -> Result<ExporterSecret, CryptoError> {
    let length = u16::try_from(length).map_err(|_| CryptoError::HkdfOutputLengthInvalid)?;
    let extracted = labeled_extract(KEM, &[], b"eae_prk", diffie_hellman);
    let shared = labeled_expand(KEM, &extracted, b"shared_secret", kem_context, KEY_BYTES)?;
    let psk_id_hash = labeled_extract(HPKE, &[], b"psk_id_hash", &[]);
    let info_hash = labeled_extract(HPKE, &[], b"info_hash", info);
    let schedule = [BASE, &psk_id_hash, &info_hash].concat();
    let secret = labeled_extract(HPKE, &shared, b"secret", &[]);
    let exporter = labeled_expand(HPKE, &secret, b"exp", &schedule, KEY_BYTES)?;
    Ok(labeled_expand(HPKE, &exporter, b"sec", context, length)?.into())
}

#[cfg(test)]
mod tests {
    use super::super::derive_key_pair;
    use super::super::tests::{CONFIG, bytes};
    use super::{as_receiver, as_sender};

    /// RFC 9180, appendix A.1.1.
    #[test]
    fn a_receiver_exports_as_in_the_rfc() {
        let kem_output = bytes("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431");
        let private = bytes("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8");
        let info = bytes("4f6465206f6e2061204772656369616e2055726e");
        let expected = [
            (
                &b""[..],
                "3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee",
            ),
            (
                b"\x00",
                "2e8f0b54673c7029649d4eb9d5e33bf1872cf76d623ff164ac185da9e88c21a5",
            ),
            (
                b"TestContext",
                "e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931",
            ),
        ];
        for (context, value) in expected {
            let exported = as_receiver(&CONFIG, &kem_output, &private, &info, context, 32);
            assert_eq!(&*exported.unwrap(), bytes(value));
        }
    }

    #[test]
    fn both_ends_export_the_same() {
        let pair = derive_key_pair(&CONFIG, b"some keying material, long enough").unwrap();
        let sent = as_sender(&CONFIG, &pair.public, b"info", b"context", 40);
        let (kem_output, sent) = sent.unwrap();
        let received = |info: &[u8]| {
            let private = &pair.private;
            as_receiver(&CONFIG, &kem_output, private, info, b"context", 40).unwrap()
        };
        assert_eq!(*sent, *received(b"info"));
        assert_ne!(*sent, *received(b"other"));
    }
}
