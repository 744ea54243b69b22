//! Join tokens: as they come, and with a right signature over whatever they say.

use std::sync::LazyLock;

use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use vestibule_signaling::TokenKey;
use vestibule_vocab::{ClinicId, Timestamp};

struct Keys {
    token: TokenKey,
    pair: Ed25519KeyPair,
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let pkcs8 = TokenKey::generate().expect("the system gives randomness");
    let clinic = ClinicId::from_random(1);
    Keys {
        token: TokenKey::from_pkcs8(clinic, &pkcs8).expect("it was just made"),
        pair: Ed25519KeyPair::from_pkcs8(&pkcs8).expect("it was just made"),
    }
});

const NOW: Timestamp = Timestamp(1_800_000_000_000);

/// A token that somebody made up. Up to the first line's end the bytes are its header, and then its claims.
pub fn join_token(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    assert!(
        KEYS.token.check(&text, NOW).is_err(),
        "nobody guesses a signature"
    );
    let (header, claims) = text.split_once('\n').unwrap_or(("", &text));
    let signed = signed(header, claims);
    if let Ok(claims) = KEYS.token.check(&signed, NOW) {
        assert!(claims.expires_at > NOW, "what has expired is refused");
        assert!(header.contains("EdDSA"), "the algorithm is pinned");
    }
}

fn signed(header: &str, claims: &str) -> String {
    let encode = |part: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(part);
    let body = format!(
        "{}.{}",
        encode(header.as_bytes()),
        encode(claims.as_bytes())
    );
    let signature = encode(KEYS.pair.sign(body.as_bytes()).as_ref());
    format!("{body}.{signature}")
}
