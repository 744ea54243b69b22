//! The address of a webhook, read and checked before anything is connected.

use std::str::FromStr;

use url::{Host, Url};

use crate::limits::WEBHOOK_URL;

/// Where a webhook is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookUrl(Url);

/// A text that is no address of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a webhook's address has the form https://HOST/PATH, without a name or password before the host and without a \
     fragment; http is for addresses of --webhook-allow-private only"
)]
pub struct BadWebhookUrl;

impl FromStr for WebhookUrl {
    type Err = BadWebhookUrl;

    fn from_str(text: &str) -> Result<Self, BadWebhookUrl> {
        if text.len() > WEBHOOK_URL {
            return Err(BadWebhookUrl);
        }
        let url = Url::parse(text).map_err(|_| BadWebhookUrl)?;
        let plain = url.username().is_empty() && url.password().is_none();
        let good = matches!(url.scheme(), "https" | "http") && plain && url.fragment().is_none();
        if good && url.host().is_some() {
            Ok(Self(url))
        } else {
            Err(BadWebhookUrl)
        }
    }
}

impl WebhookUrl {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// What is sent cannot be read on the way.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }

    pub(super) fn host(&self) -> Result<Host<&str>, BadWebhookUrl> {
        self.0.host().ok_or(BadWebhookUrl)
    }

    pub(super) fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(443)
    }

    /// The header `host`.
    pub(super) fn authority(&self) -> &str {
        self.0.authority()
    }

    /// What is asked for there.
    pub(super) fn path(&self) -> String {
        match self.0.query() {
            Some(query) => format!("{}?{query}", self.0.path()),
            None => self.0.path().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read() {
        let url: WebhookUrl = "https://Example.org/in?clinic=1".parse().unwrap();
        assert_eq!((url.authority(), url.port()), ("example.org", 443));
        assert_eq!(url.path(), "/in?clinic=1");
        let url: WebhookUrl = "http://10.0.0.5:8080".parse().unwrap();
        assert_eq!(
            (url.authority(), url.path().as_str()),
            ("10.0.0.5:8080", "/")
        );
        assert!(!url.is_encrypted());
    }

    #[test]
    fn what_is_no_address_of_a_webhook_is_refused() {
        for wrong in [
            "",
            "example.org",
            "ftp://example.org/",
            "file:///etc/passwd",
            "https://ada@example.org/",
            "https://:lovelace@example.org/",
            "https://example.org/#in",
            "https://",
            "unix:///run/socket",
        ] {
            assert_eq!(wrong.parse::<WebhookUrl>(), Err(BadWebhookUrl), "{wrong}");
        }
        assert!(
            format!("https://example.org/{}", "a".repeat(3_000))
                .parse::<WebhookUrl>()
                .is_err()
        );
    }

    /// Other ways to write 127.0.0.1 are the same address when it is judged.
    #[test]
    fn attack_24_an_address_in_disguise_is_seen_as_what_it_is() {
        for disguised in [
            "http://0x7f.1/",
            "http://2130706433/",
            "http://0177.0.0.1/",
            "http://127.1/",
        ] {
            let url: WebhookUrl = disguised.parse().unwrap();
            assert_eq!(
                url.host(),
                Ok(Host::Ipv4(std::net::Ipv4Addr::LOCALHOST)),
                "{disguised}"
            );
        }
    }
}
