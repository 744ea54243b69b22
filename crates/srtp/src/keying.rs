//! Master keys, and what the DTLS handshake exports for both directions.

use zeroize::Zeroizing;

use crate::Profile;

/// A master key with its salt: what one direction's session keys are derived from (RFC 3711 section 3.2.1).
/// It is not printable, and wiped when dropped.
#[derive(Clone)]
pub struct MasterKey {
    profile: Profile,
    key: Zeroizing<[u8; 32]>,
    salt: Zeroizing<[u8; 14]>,
}

/// The master keys of both directions.
#[derive(Clone)]
pub struct KeyingMaterial {
    /// Of what the DTLS client sends.
    pub client: MasterKey,
    /// Of what the DTLS server sends.
    pub server: MasterKey,
}

/// Keys could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The bytes are not as many as the profile asks for.
    #[error("keys of another length than the profile asks for")]
    WrongLength,
    /// The cryptographic library failed, which it has no reason to.
    #[error("the cryptographic library failed")]
    Library,
}

impl MasterKey {
    /// A master key of its bytes.
    ///
    /// # Errors
    /// When they are not as many as [`Profile::key_bytes`] and [`Profile::salt_bytes`] say.
    pub fn new(profile: Profile, key: &[u8], salt: &[u8]) -> Result<Self, KeyError> {
        if key.len() != profile.key_bytes() || salt.len() != profile.salt_bytes() {
            return Err(KeyError::WrongLength);
        }
        Ok(Self {
            profile,
            key: padded(key),
            salt: padded(salt),
        })
    }

    /// The profile that it is for.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.profile
    }

    pub(crate) fn key(&self) -> &[u8] {
        self.key.get(..self.profile.key_bytes()).unwrap_or_default()
    }

    /// The salt as the derivation wants it: one of twelve bytes has two zero bytes behind it
    /// (RFC 7714 section 11).
    pub(crate) fn salt(&self) -> &[u8; 14] {
        &self.salt
    }
}

impl KeyingMaterial {
    /// Splits what the DTLS exporter gave for the label `EXTRACTOR-dtls_srtp`: the client's key, the server's key,
    /// the client's salt, the server's salt (RFC 5764 section 4.2).
    ///
    /// # Errors
    /// When it is not of [`Profile::keying_material_bytes`].
    pub fn split(profile: Profile, exported: &[u8]) -> Result<Self, KeyError> {
        let (key, salt) = (profile.key_bytes(), profile.salt_bytes());
        let (keys, salts) = exported
            .split_at_checked(2 * key)
            .ok_or(KeyError::WrongLength)?;
        if salts.len() != 2 * salt {
            return Err(KeyError::WrongLength);
        }
        let (client_key, server_key) = keys.split_at(key);
        let (client_salt, server_salt) = salts.split_at(salt);
        Ok(Self {
            client: MasterKey::new(profile, client_key, client_salt)?,
            server: MasterKey::new(profile, server_key, server_salt)?,
        })
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("MasterKey");
        shown
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for KeyingMaterial {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.client.fmt(formatter)
    }
}

/// The bytes with zeros behind them.
fn padded<const N: usize>(bytes: &[u8]) -> Zeroizing<[u8; N]> {
    let mut padded = Zeroizing::new([0; N]);
    for (place, byte) in padded.iter_mut().zip(bytes) {
        *place = *byte;
    }
    padded
}

#[cfg(test)]
mod tests {
    use super::{KeyError, KeyingMaterial};
    use crate::Profile;

    #[test]
    fn keys_come_first_and_the_clients_before_the_servers() {
        for profile in Profile::ALL {
            let (key, salt) = (profile.key_bytes(), profile.salt_bytes());
            let mut exported = [vec![1; key], vec![2; key]].concat();
            exported.extend([vec![3; salt], vec![4; salt]].concat());
            let keys = KeyingMaterial::split(profile, &exported).unwrap();
            assert_eq!(
                (keys.client.key(), keys.server.key()),
                (&exported[..key], &exported[key..2 * key])
            );
            assert_eq!(keys.client.salt()[..salt], vec![3; salt]);
            assert_eq!(keys.server.salt()[..salt], vec![4; salt]);
        }
    }

    #[test]
    fn another_length_is_refused() {
        for profile in Profile::ALL {
            let right = profile.keying_material_bytes();
            for length in (0..right).chain(right + 1..right + 40) {
                let split = KeyingMaterial::split(profile, &vec![0; length]);
                assert_eq!(split.err(), Some(KeyError::WrongLength));
            }
        }
    }

    #[test]
    fn keys_are_not_printed() {
        let keys = KeyingMaterial::split(Profile::AeadAes128Gcm, &[0xab; 56]).unwrap();
        let shown = format!("{keys:?} {:?}", keys.client);
        assert!(!shown.contains("171") && !shown.contains("ab,"), "{shown}");
    }
}
