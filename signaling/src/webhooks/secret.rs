//! The secret of a webhook, and signatures by it (Standard Webhooks 1.0).

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::random::{self, NoRandomness};

/// What a secret begins with.
const PREFIX: &str = "whsec_";

/// How long the key may be, in bytes, as the standard says.
const KEY: std::ops::RangeInclusive<usize> = 24..=64;

/// The secret that a webhook's receiver has in common with us. Printed nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(Vec<u8>);

/// A text that is no secret. It is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a webhook's secret is `whsec_` and 24 to 64 bytes in base64")]
pub struct BadWebhookSecret;

impl WebhookSecret {
    /// A new one.
    pub(crate) fn new() -> Result<Self, NoRandomness> {
        Ok(Self(random::bytes::<32>()?.to_vec()))
    }

    /// As text, to be handed to the receiver.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }

    /// The header `webhook-signature` of a message: HMAC-SHA256 over its id, the time of the attempt in seconds, and its
    /// body.
    pub(super) fn sign(&self, id: &str, seconds: u64, body: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let tag = hmac::sign(&key, format!("{id}.{seconds}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(tag.as_ref()))
    }
}

impl FromStr for WebhookSecret {
    type Err = BadWebhookSecret;

    fn from_str(text: &str) -> Result<Self, BadWebhookSecret> {
        let key = text.strip_prefix(PREFIX).ok_or(BadWebhookSecret)?;
        let key = STANDARD.decode(key).map_err(|_| BadWebhookSecret)?;
        if KEY.contains(&key.len()) {
            Ok(Self(key))
        } else {
            Err(BadWebhookSecret)
        }
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WebhookSecret([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the standard's own library.
    #[test]
    fn a_signature_is_the_one_of_the_standard() {
        let secret: WebhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        let signature = secret.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_is_read_as_it_was_written_and_printed_nowhere() {
        let secret = WebhookSecret::new().unwrap();
        assert_eq!(secret.expose().parse(), Ok(secret.clone()));
        assert_eq!(format!("{secret:?}"), "WebhookSecret([redacted])");
        for wrong in [
            "",
            "whsec_",
            "whsec_c2hvcnQ=",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_!",
        ] {
            assert_eq!(wrong.parse::<WebhookSecret>(), Err(BadWebhookSecret));
        }
    }
}
