//! HKDF-SHA256 (RFC 5869) in its two halves. The library's own refuses unusual keys by a panic.

use aws_lc_rs::hmac::{Context, HMAC_SHA256, Key, sign};

/// Blocks of 32 bytes that HKDF gives at most.
const BLOCKS: u8 = 255;

/// Section 2.2; also HMAC itself.
pub(super) fn extract(salt: &[u8], ikm: &[u8]) -> Vec<u8> {
    sign(&Key::new(HMAC_SHA256, salt), ikm).as_ref().to_vec()
}

/// Section 2.3; `None` when more is asked for than HKDF gives.
pub(super) fn expand(prk: &[u8], info: &[u8], length: usize) -> Option<Vec<u8>> {
    let key = Key::new(HMAC_SHA256, prk);
    let mut out = Vec::with_capacity(length + 32);
    let mut block: Vec<u8> = Vec::new();
    for index in 1..=BLOCKS {
        if out.len() >= length {
            break;
        }
        let mut context = Context::with_key(&key);
        for part in [&block, info, &[index]] {
            context.update(part);
        }
        block = context.sign().as_ref().to_vec();
        out.extend_from_slice(&block);
    }
    (out.len() >= length).then(|| {
        out.truncate(length);
        out
    })
}
