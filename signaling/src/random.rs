//! Random bits for ids, secrets and nonces, from the operating system through `aws-lc-rs`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The operating system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct NoRandomness;

/// `N` random bytes.
///
/// # Errors
/// [`NoRandomness`], which nothing here survives usefully.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// 128 random bits, as the ids of `vocab` are made of.
///
/// # Errors
/// [`NoRandomness`].
pub(crate) fn bits() -> Result<u128, NoRandomness> {
    Ok(u128::from_be_bytes(bytes()?))
}

/// A secret of 256 random bits as text that fits a URL and a JSON string.
///
/// # Errors
/// [`NoRandomness`].
pub(crate) fn secret() -> Result<String, NoRandomness> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<32>()?))
}
