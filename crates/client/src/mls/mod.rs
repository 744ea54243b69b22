//! MLS (RFC 9420) as we use it, with OpenMLS behind it. Everything crosses as encoded `MLSMessage`s.

mod crypto;
mod group;
mod hpke;
mod identity;
mod kdf;
mod member;
mod policy;
#[cfg(test)]
mod tests;

pub(crate) use group::{Applied, Group};
pub(crate) use identity::{Identity, Member};
pub(crate) use member::MlsMember;
pub(crate) use policy::{COMMITTER_LEAF, Rejection, Roster};

use openmls::prelude::tls_codec::Deserialize as _;
use openmls::prelude::{MlsMessageBodyIn, MlsMessageIn};

/// Reads a whole `MLSMessage` and nothing behind it.
fn decode(message: &[u8]) -> Result<MlsMessageBodyIn, Rejection> {
    let decoded = MlsMessageIn::tls_deserialize_exact(message);
    Ok(decoded.map_err(|_| Rejection::Unreadable)?.extract())
}

/// The library's own failure, on bad input or not; there is nothing more to tell.
fn invalid<E>(_: E) -> Rejection {
    Rejection::Invalid
}
