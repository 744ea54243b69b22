//! A certificate for this machine, signed by its own key: browsers warn about it once, and then let
//! a phone use its camera, which they do over https only.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use vestibule_vocab::{Millis, Timestamp};

use super::{KeyedChain, TlsError};
use crate::identity::write_private_file;
use crate::limits;

/// The names and addresses that a certificate is for.
pub(crate) type ServedNames = Vec<String>;

/// `localhost` and the machine's own addresses.
pub(crate) fn served_names(addresses: &[IpAddr]) -> ServedNames {
    let local = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut names: ServedNames = local.into();
    names.extend(addresses.iter().map(ToString::to_string));
    names
}

/// The certificate that is kept, or a new one when there is none for these names, or it is old.
pub(super) fn keep(
    data: &Path,
    names: &ServedNames,
    now: Timestamp,
) -> Result<KeyedChain, TlsError> {
    let path = data.join("self-signed.pem");
    let kept = std::fs::read_to_string(&path).ok();
    if let Some(keyed) = kept.and_then(|text| still_good(&text, names, now)) {
        return Ok(keyed);
    }
    let text = make(names, now)?;
    write_private_file(&path, text.as_bytes())?;
    read(&text).ok_or(TlsError::SelfSigned(rcgen::Error::CouldNotParseCertificate))
}

/// The file begins with two lines that a PEM reader skips: what the certificate is for, and when
/// it was made.
fn heading(names: &ServedNames) -> String {
    format!("names: {}", names.join(" "))
}

fn still_good(text: &str, names: &ServedNames, now: Timestamp) -> Option<KeyedChain> {
    let mut lines = text.lines();
    let made_at = lines.next()?.strip_prefix("made: ")?.parse().ok()?;
    let age = now.since(Timestamp(made_at));
    if lines.next()? != heading(names) || age > limits::SELF_SIGNED_RENEWAL {
        return None;
    }
    read(text)
}

fn read(text: &str) -> Option<KeyedChain> {
    Some(KeyedChain {
        chain: vec![CertificateDer::from_pem_slice(text.as_bytes()).ok()?],
        key: PrivateKeyDer::from_pem_slice(text.as_bytes()).ok()?,
    })
}

fn make(names: &ServedNames, now: Timestamp) -> Result<String, TlsError> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names.clone())?;
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, "Vestibule on this machine");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let moment = date_time_ymd(1970, 1, 1) + Duration::from_millis(now.0);
    // A clock that is a little behind ours must not see a certificate of the future.
    params.not_before = moment - length(limits::CLOCK_DIFFERENCE);
    params.not_after = moment + length(limits::SELF_SIGNED);
    let certificate = params.self_signed(&key)?;
    Ok(format!(
        "made: {}\n{}\n{}{}",
        now.0,
        heading(names),
        certificate.pem(),
        key.serialize_pem()
    ))
}

fn length(millis: Millis) -> Duration {
    Duration::from_millis(millis.0)
}

#[cfg(test)]
mod tests {
    use vestibule_vocab::Timestamp;

    use super::{keep, served_names};
    use crate::limits;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    #[test]
    fn a_certificate_is_kept_until_it_is_old_or_the_addresses_change() {
        let data = tempfile::tempdir().unwrap();
        let names = served_names(&[[192, 0, 2, 7].into()]);
        let first = keep(data.path(), &names, NOW).unwrap();
        let again = keep(data.path(), &names, NOW).unwrap();
        assert_eq!(first.chain, again.chain);

        let moved = served_names(&[[192, 0, 2, 8].into()]);
        let second = keep(data.path(), &moved, NOW).unwrap();
        assert_ne!(first.chain, second.chain);

        let later = NOW
            .plus(limits::SELF_SIGNED_RENEWAL)
            .plus(limits::CLOCK_DIFFERENCE);
        let third = keep(data.path(), &moved, later).unwrap();
        assert_ne!(second.chain, third.chain);
    }

    #[test]
    fn a_damaged_file_is_replaced() {
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join("self-signed.pem"), "made: x\n").unwrap();
        assert!(keep(data.path(), &served_names(&[]), NOW).is_ok());
    }
}
