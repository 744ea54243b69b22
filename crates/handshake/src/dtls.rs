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

/// Whether a datagram begins with a record of DTLS 1.2, by its header: what is in it the library finds out, and tells nobody.
pub(crate) fn begins_with_a_record(datagram: &[u8]) -> bool {
    let Some((header, rest)) = datagram.split_first_chunk::<HEADER_BYTES>() else {
        return false;
    };
    // A change of ciphers, an alert, a handshake's part, or data. The hello of a client may name version 1.0.
    let [20..=23, 0xfe, 0xfd | 0xff, .., high, low] = *header else {
        return false;
    };
    rest.len() >= usize::from(u16::from_be_bytes([high, low]))
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
    use super::begins_with_a_record;

    #[test]
    fn a_record_is_known_by_its_header() {
        let record = [22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 7, 7];
        assert!(begins_with_a_record(&record));
        assert!(begins_with_a_record(&[&record[..], &[1, 2, 3]].concat()));
        for length in 0..record.len() {
            assert!(!begins_with_a_record(&record[..length]), "{length} octets");
        }
        for (at, value) in [
            (0, 19),
            (0, 24),
            (0, 44),
            (1, 3),
            (2, 0xfc),
            (12, 3),
            (11, 1),
        ] {
            let mut other = record;
            other[at] = value;
            assert!(!begins_with_a_record(&other), "{value} at {at}");
        }
    }
}
