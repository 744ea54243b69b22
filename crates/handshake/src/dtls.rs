//! DTLS 1.2 (RFC 6347) with keys for SRTP (RFC 5764). In version 1.3 the library takes the other side's order of
//! profiles, which with browsers is not AES-GCM.

use std::sync::Arc;
use std::time::Instant;

use dimpl::{Dtls as Library, Output, SrtpProfile};
use vestibule_srtp::{KeyingMaterial, Profile};

use crate::handshake::Down;
use crate::limits::{DATAGRAM_BYTES, RECORD_BYTES};
use crate::{Certificate, Fingerprint, Role};

/// A record's header: its type, its version, a number and its length (RFC 6347 section 4.1).
const HEADER_BYTES: usize = 13;

/// The headers of a datagram's records: what is in them the library finds out, and tells nobody. `None` stands for what is
/// left over and is no whole record; nothing comes after it.
fn records(mut datagram: &[u8]) -> impl Iterator<Item = Option<&[u8; HEADER_BYTES]>> {
    std::iter::from_fn(move || {
        if datagram.is_empty() {
            return None;
        }
        let record = split_record(datagram);
        datagram = record.map_or(&[], |(_, after)| after);
        Some(record.map(|(header, _)| header))
    })
}

/// The header of the first record, and what is behind it.
fn split_record(datagram: &[u8]) -> Option<(&[u8; HEADER_BYTES], &[u8])> {
    let (header, rest) = datagram.split_first_chunk::<HEADER_BYTES>()?;
    let [.., high, low] = *header;
    let after = rest.get(usize::from(u16::from_be_bytes([high, low]))..)?;
    Some((header, after))
}

/// Whether a datagram is a row of records, of which the first is of DTLS 1.2. The library throws one away whole that has
/// anything behind its last record.
pub(crate) fn is_of_records(datagram: &[u8]) -> bool {
    // A change of ciphers, an alert, a handshake's part, or data. The hello of a client may name version 1.0.
    matches!(datagram, [20..=23, 0xfe, 0xfd | 0xff, ..])
        && records(datagram).all(|record| record.is_some())
}

/// Whether the library may keep something of a datagram until what is missing before it comes, so that nobody can tell yet
/// whether it is of use: a part of the handshake or a change of ciphers, in plain text. What is encrypted it does not keep
/// while it has no key, and what else comes in plain text it uses at once or never.
pub(crate) fn may_wait(datagram: &[u8]) -> bool {
    records(datagram).any(|record| matches!(record, Some([20 | 22, _, _, 0, 0, ..])))
}

#[derive(Debug)]
pub(crate) struct Dtls {
    library: Library,
    expected: Fingerprint,
    verified: bool,
    connected: bool,
    through: bool,
    packets_sent: u32,
    keys: Option<KeyingMaterial>,
    due: Option<Instant>,
}

impl Dtls {
    pub(crate) fn new(
        now: Instant,
        role: Role,
        certificate: &Certificate,
        expected: Fingerprint,
    ) -> Result<Self, Down> {
        let config = Arc::clone(&certificate.config);
        let mut library = Library::new_12(config, certificate.pair.clone(), now);
        library.set_active(role == Role::Client);
        let mut dtls = Self {
            library,
            expected,
            verified: false,
            connected: false,
            through: false,
            packets_sent: 0,
            keys: None,
            due: None,
        };
        // The library must know the time before its first packet.
        dtls.handle_timeout(now)?;
        Ok(dtls)
    }

    /// Takes a datagram, at the time that [`Self::handle_timeout`] told.
    pub(crate) fn handle_datagram(&mut self, bytes: &[u8]) -> Result<(), Down> {
        self.library.handle_packet(bytes).map_err(|_| Down::Dtls)
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Result<(), Down> {
        self.library.handle_timeout(now).map_err(|_| Down::Dtls)
    }

    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        self.due
    }

    /// Whether the handshake is through.
    pub(crate) fn is_through(&self) -> bool {
        self.through
    }

    /// How many packets [`Self::drain`] had, modulo 2^32: to be compared with what it was before.
    pub(crate) fn packets_sent(&self) -> u32 {
        self.packets_sent
    }

    /// Says goodbye.
    pub(crate) fn close(&mut self) {
        // Before the handshake is through there is nobody to say goodbye to.
        let _ = self.library.close();
    }

    /// Takes all that the library has, and sends it; the keys, once, when both sides are proved.
    pub(crate) fn drain(
        &mut self,
        mut send: impl FnMut(&[u8]),
    ) -> Result<Option<KeyingMaterial>, Down> {
        let (mut small, mut large) = ([0; DATAGRAM_BYTES], Vec::new());
        let mut buffer = &mut small[..];
        loop {
            match self.library.poll_output(buffer) {
                Output::Packet(bytes) => {
                    self.packets_sent = self.packets_sent.wrapping_add(1);
                    send(bytes);
                }
                Output::Timeout(due) => {
                    self.due = Some(due);
                    return self.outcome();
                }
                Output::PeerCert(certificate) => {
                    if Fingerprint::of(certificate) != self.expected {
                        return Err(Down::WrongFingerprint);
                    }
                    self.verified = true;
                }
                Output::KeyingMaterial(exported, profile) => {
                    let profile = known(profile).ok_or(Down::NoProfile)?;
                    let keys = KeyingMaterial::split(profile, &exported);
                    self.keys = Some(keys.map_err(|_| Down::Dtls)?);
                }
                Output::Connected => self.connected = true,
                Output::CloseNotify => return Err(Down::Goodbye),
                // Application data, of which we use none.
                Output::BufferTooSmall { needed } if needed <= RECORD_BYTES => {
                    large.resize(RECORD_BYTES, 0);
                    buffer = &mut large;
                }
                Output::BufferTooSmall { .. } => return Err(Down::Dtls),
                Output::ApplicationData(_) => {}
                _ => {}
            }
        }
    }

    fn outcome(&mut self) -> Result<Option<KeyingMaterial>, Down> {
        if !self.connected {
            return Ok(None);
        }
        self.connected = false;
        self.through = true;
        match self.keys.take() {
            Some(keys) if self.verified => Ok(Some(keys)),
            Some(_) => Err(Down::WrongFingerprint),
            None => Err(Down::NoProfile),
        }
    }
}

fn known(profile: SrtpProfile) -> Option<Profile> {
    match profile {
        SrtpProfile::AEAD_AES_128_GCM => Some(Profile::AeadAes128Gcm),
        SrtpProfile::AEAD_AES_256_GCM => Some(Profile::AeadAes256Gcm),
        SrtpProfile::AES128_CM_SHA1_80 => Some(Profile::AesCm128HmacSha1_80),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_of_records, may_wait};

    const RECORD: [u8; 15] = [22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 7, 7];

    /// The record with another octet.
    fn with(at: usize, value: u8) -> [u8; 15] {
        let mut other = RECORD;
        other[at] = value;
        other
    }

    #[test]
    fn records_are_known_by_their_headers() {
        let two = RECORD.repeat(2);
        for length in 0..=two.len() {
            let whole = length > 0 && length % RECORD.len() == 0;
            assert_eq!(is_of_records(&two[..length]), whole, "{length} octets");
        }
        for (at, value) in [
            (0, 19),
            (0, 24),
            (0, 44),
            (1, 3),
            (2, 0xfc),
            (12, 1),
            (12, 3),
            (11, 1),
        ] {
            assert!(!is_of_records(&with(at, value)), "{value} at {at}");
        }
        // Of what else is behind it the library finds out.
        assert!(is_of_records(&[RECORD, with(0, 44)].concat()));
    }

    #[test]
    fn only_parts_of_a_handshake_and_changes_of_ciphers_in_plain_text_may_wait() {
        let (change, encrypted) = (with(0, 20), with(4, 1));
        assert!(may_wait(&RECORD) && may_wait(&change));
        for other in [encrypted, with(3, 1), with(0, 21), with(0, 23)] {
            assert!(!may_wait(&other), "{other:?}");
            assert!(may_wait(&[other, RECORD].concat()));
        }
    }
}
