//! STUN: checks of anybody, and those of somebody who knows the password.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Instant;

use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};
use vestibule_handshake::{Certificate, Credentials, Handshake, Output, Role};
use vestibule_sfu::trial;

const UFRAG: &str = "ours";
const PASSWORD: &str = "0123456789012345678901";

/// The header (RFC 8489 section 5), and of an attribute its type and length.
const HEADER_BYTES: usize = 20;
const HEAD_BYTES: usize = 4;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const USERNAME: u16 = 0x0006;
const PRIORITY: u16 = 0x0024;
const INTEGRITY_BYTES: usize = 20;

/// More attributes than fit a datagram find nothing new.
const ATTRIBUTES_BYTES: usize = 1400;

/// A datagram as it is; then the attributes of a check that is signed.
pub fn stun(bytes: &[u8]) {
    if let Some(fragment) = trial::fragment(bytes) {
        let text = fragment.as_bytes();
        assert!(text.is_empty() || bytes.windows(text.len()).any(|window| window == text));
    }
    let sent = answers(bytes);
    assert_eq!(sent, 0, "nobody without the password is answered");
    let attributes = bytes.get(..bytes.len().min(ATTRIBUTES_BYTES));
    let check = signed(attributes.unwrap_or_default());
    let sent = answers(&check);
    assert!(sent <= check.len() + 100, "{sent} bytes are an answer");
}

/// How many bytes a server sends for a datagram.
fn answers(datagram: &[u8]) -> usize {
    let now = Instant::now();
    let mut server = server(now);
    server.doubt(now, address(2), address(1));
    server.handle_datagram(now, address(2), address(1), datagram);
    let mut sent = 0;
    while let Some(output) = server.poll() {
        match output {
            Output::Transmit(transmit) => sent += transmit.bytes.len(),
            Output::Up(_)
            | Output::AddressChanged { .. }
            | Output::Reached(_)
            | Output::Down(_) => {
                panic!("a check alone brings nothing up or down, and answers nothing")
            }
        }
    }
    sent
}

fn server(now: Instant) -> Handshake {
    static CERTIFICATE: OnceLock<Certificate> = OnceLock::new();
    let certificate =
        CERTIFICATE.get_or_init(|| Certificate::generate().expect("a certificate can be made"));
    let credentials = |ufrag: &str| Credentials {
        ufrag: ufrag.to_owned(),
        password: PASSWORD.to_owned(),
    };
    let pair = (credentials(UFRAG), credentials("them"));
    let fingerprint = certificate.fingerprint();
    Handshake::new(
        now,
        Role::Server,
        &[address(1)],
        pair,
        certificate,
        fingerprint,
    )
    .expect("the address can be reached")
}

fn address(last: u8) -> SocketAddr {
    ([192, 0, 2, last], 4000).into()
}

/// A binding request with a user name, a priority, these attributes, and the message integrity over all (RFC 8489 section 14.5).
fn signed(attributes: &[u8]) -> Vec<u8> {
    let name = format!("{UFRAG}:them.");
    let mut check = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    check.extend([7; 12]);
    check.extend(USERNAME.to_be_bytes());
    check.extend([0, 9]);
    check.extend(name.as_bytes());
    check.resize(check.len().next_multiple_of(4), 0);
    check.extend(PRIORITY.to_be_bytes());
    check.extend([0, 4, 0x6e, 0, 0x1e, 0xff]);
    check.extend(attributes);
    check.resize(check.len().next_multiple_of(4), 0);
    let length = check.len() - HEADER_BYTES + HEAD_BYTES + INTEGRITY_BYTES;
    let length = u16::try_from(length)
        .expect("attributes are few")
        .to_be_bytes();
    for (place, byte) in check.iter_mut().skip(2).zip(length) {
        *place = byte;
    }
    let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, PASSWORD.as_bytes());
    let integrity = sign(&key, &check);
    check.extend(MESSAGE_INTEGRITY.to_be_bytes());
    check.extend([0, 20]);
    check.extend(integrity.as_ref());
    check
}

#[cfg(test)]
mod tests {
    use super::{answers, signed};

    #[test]
    fn a_signed_check_is_answered() {
        assert!(answers(&signed(&[])) > 0);
    }
}
