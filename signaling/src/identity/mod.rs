//! Who somebody is: join tokens, the device's proof, secrets that are stored as hashes.

mod key_file;
mod proof;
mod secret;
mod token;

pub(crate) use key_file::{KeyFileError, private_file, write_private_file};
pub(crate) use proof::{device_key_is_valid, proof_is_valid};
pub(crate) use secret::{SecretHash, hash_secret, sha256};
pub use token::{BadTokenKey, Claims, Subject, TokenError, TokenKey, Unsigned};
