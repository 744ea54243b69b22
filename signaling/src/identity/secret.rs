//! Secrets are kept as SHA-256 only: they carry 256 or 128 random bits, so a plain hash is enough,
//! and whoever reads the store cannot use what is in it.

use aws_lc_rs::digest::{SHA256, digest};

/// The SHA-256 of a secret.
pub(crate) type SecretHash = [u8; 32];

/// The hash under which a secret is looked up.
#[must_use]
pub(crate) fn hash_secret(secret: &str) -> SecretHash {
    sha256(secret.as_bytes())
}

/// SHA-256.
#[must_use]
pub(crate) fn sha256(bytes: &[u8]) -> SecretHash {
    let mut hash = SecretHash::default();
    for (to, from) in hash.iter_mut().zip(digest(&SHA256, bytes).as_ref()) {
        *to = *from;
    }
    hash
}
