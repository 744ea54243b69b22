//! The offer of a client, and the answer that is written from it.

use std::sync::OnceLock;

use vestibule_handshake::Certificate;
use vestibule_sfu::trial;

/// Media sections of every answer.
const SECTIONS: usize = 12;

/// An offer. What it says stands in the answer only as what was understood.
pub fn sdp(bytes: &[u8]) {
    static CERTIFICATE: OnceLock<Certificate> = OnceLock::new();
    let certificate =
        CERTIFICATE.get_or_init(|| Certificate::generate().expect("a certificate can be made"));
    let Ok(offer) = std::str::from_utf8(bytes) else {
        return;
    };
    let Some(answer) = trial::answer(certificate, offer) else {
        return;
    };
    assert!(answer.ends_with("\r\n"));
    let mut sections = 0;
    for line in answer.split_terminator("\r\n") {
        let form = line.as_bytes().get(1) == Some(&b'=');
        assert!(form && !line.contains(['\r', '\n', '\0']), "{line:?}");
        sections += usize::from(line.starts_with("m="));
    }
    assert_eq!(sections, SECTIONS);
    let ours = certificate.fingerprint().to_string();
    let named = answer.matches("a=fingerprint:").count();
    assert_eq!(
        answer.matches(&ours).count(),
        named,
        "no fingerprint but ours"
    );
}
