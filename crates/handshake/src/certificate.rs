//! The certificate that a side proves itself with, and the fingerprint that is signalled for it.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};

use crate::limits::{DTLS_BYTES, DTLS_DATAGRAMS, DTLS_RETRIES, DTLS_RETRY};

const FINGERPRINT_BYTES: usize = 32;

/// A self-signed certificate with its key, and the settings of DTLS: what all connections of a process share.
#[derive(Clone)]
pub struct Certificate {
    pub(crate) pair: dimpl::DtlsCertificate,
    pub(crate) config: Arc<dimpl::Config>,
}

/// The cryptographic library made no certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no DTLS certificate could be made")]
pub struct CertificateError;

impl Certificate {
    /// Makes one.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn generate() -> Result<Self, CertificateError> {
        let pair = dimpl::certificate::generate_self_signed_certificate();
        // No cookies: ICE has proved the sender before DTLS is answered, and a flight is small.
        let config = dimpl::Config::builder()
            .mtu(DTLS_BYTES)
            .max_queue_rx(DTLS_DATAGRAMS)
            .flight_start_rto(DTLS_RETRY)
            .flight_retries(DTLS_RETRIES)
            .use_server_cookie(false)
            .build();
        Ok(Self {
            pair: pair.map_err(|_| CertificateError)?,
            config: Arc::new(config.map_err(|_| CertificateError)?),
        })
    }

    /// What is signalled for it.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.pair.certificate)
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "Certificate({})", self.fingerprint())
    }
}

/// The SHA-256 hash of a certificate (RFC 8122 section 5). Other hashes are not taken: all browsers send this one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; FINGERPRINT_BYTES]);

/// A fingerprint is not written as 32 bytes in hexadecimal with colons between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a SHA-256 fingerprint")]
pub struct FingerprintError;

impl Fingerprint {
    pub(crate) fn of(certificate: &[u8]) -> Self {
        let mut bytes = [0; FINGERPRINT_BYTES];
        for (place, byte) in bytes.iter_mut().zip(digest(&SHA256, certificate).as_ref()) {
            *place = *byte;
        }
        Self(bytes)
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    /// Reads it as in SDP, without the name of the hash before it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = [0; FINGERPRINT_BYTES];
        let mut pairs = text.split(':');
        for place in &mut bytes {
            let pair = pairs.next().filter(|pair| pair.len() == 2);
            let pair = pair.filter(|pair| pair.bytes().all(|digit| digit.is_ascii_hexdigit()));
            *place = u8::from_str_radix(pair.ok_or(FingerprintError)?, 16)
                .map_err(|_| FingerprintError)?;
        }
        match pairs.next() {
            None => Ok(Self(bytes)),
            Some(_) => Err(FingerprintError),
        }
    }
}

impl Display for Fingerprint {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        for (place, byte) in self.0.iter().enumerate() {
            let colon = if place == 0 { "" } else { ":" };
            write!(formatter, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::{Certificate, Fingerprint};

    #[test]
    fn a_fingerprint_is_written_and_read() {
        let fingerprint = Certificate::generate().unwrap().fingerprint();
        let written = fingerprint.to_string();
        assert_eq!(written.len(), 95);
        assert_eq!(written.parse(), Ok(fingerprint));
        assert_eq!(written.to_lowercase().parse(), Ok(fingerprint));
    }

    #[test]
    fn what_is_no_fingerprint_is_refused() {
        let written = Certificate::generate().unwrap().fingerprint().to_string();
        for wrong in [
            "",
            "AB",
            &written[1..],
            &written[..93],
            &format!("{written}:00"),
        ] {
            assert!(wrong.parse::<Fingerprint>().is_err(), "{wrong}");
        }
        assert!(
            written
                .replacen(&written[..2], "+1", 1)
                .parse::<Fingerprint>()
                .is_err()
        );
    }
}
