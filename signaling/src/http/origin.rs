//! The origins of our own pages. A WebSocket or a POST from any other page is refused: browsers let
//! every page open a WebSocket to every server (RFC 6455 section 10.2).

use std::collections::BTreeSet;
use std::net::SocketAddr;

use axum::http::{HeaderMap, Uri, header, uri::Scheme};

/// Not the address of a site.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not the address of a site, such as https://clinic.example")]
pub struct BadOrigin(String);

/// The origins whose pages may speak to us, as browsers write them (RFC 6454 section 6.2).
#[derive(Clone, Debug, Default)]
pub(crate) struct Origins(BTreeSet<String>);

impl Origins {
    /// Adds the site at this URL.
    ///
    /// # Errors
    /// [`BadOrigin`].
    pub(crate) fn add_url(&mut self, url: &str) -> Result<(), BadOrigin> {
        let bad = || BadOrigin(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| bad())?;
        let scheme = uri.scheme().ok_or_else(bad)?;
        let authority = uri.authority().ok_or_else(bad)?;
        let secure = *scheme == Scheme::HTTPS;
        if !secure && *scheme != Scheme::HTTP {
            return Err(bad());
        }
        self.add(
            secure,
            &authority.host().to_lowercase(),
            authority.port_u16(),
        );
        Ok(())
    }

    /// Adds a host that is served on a port.
    pub(crate) fn add(&mut self, secure: bool, host: &str, port: Option<u16>) {
        let (scheme, default) = if secure { ("https", 443) } else { ("http", 80) };
        let port = port.filter(|port| *port != default);
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        self.0.insert(format!("{scheme}://{host}{port}"));
    }

    /// Adds an address that is listened on.
    pub(crate) fn add_address(&mut self, secure: bool, address: SocketAddr) {
        let host = match address {
            SocketAddr::V4(address) => address.ip().to_string(),
            SocketAddr::V6(address) => format!("[{}]", address.ip()),
        };
        self.add(secure, &host, Some(address.port()));
    }

    /// Whether a request comes from one of our pages.
    #[must_use]
    pub(crate) fn allow(&self, headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let first = origins.next().and_then(|value| value.to_str().ok());
        first.is_some_and(|origin| self.0.contains(origin)) && origins.next().is_none()
    }

    /// The same hosts for WebSockets, for the content security policy.
    pub(crate) fn web_sockets(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|origin| origin.replacen("http", "ws", 1))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::Origins;

    fn from(origin: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.append(header::ORIGIN, HeaderValue::from_str(origin).unwrap());
        headers
    }

    #[test]
    fn only_our_own_origins_pass() {
        let mut origins = Origins::default();
        origins.add_url("https://Clinic.example:443/path").unwrap();
        origins.add_address(false, ([127, 0, 0, 1], 8080).into());
        assert!(origins.allow(&from("https://clinic.example")));
        assert!(origins.allow(&from("http://127.0.0.1:8080")));
        for foreign in [
            "http://clinic.example",
            "https://clinic.example:8443",
            "https://clinic.example.evil.test",
            "http://127.0.0.1",
            "null",
            "",
        ] {
            assert!(!origins.allow(&from(foreign)), "{foreign}");
        }
        assert!(!origins.allow(&HeaderMap::new()));
    }

    #[test]
    fn two_origins_are_none() {
        let mut origins = Origins::default();
        origins.add_url("https://clinic.example").unwrap();
        let mut headers = from("https://clinic.example");
        headers.append(header::ORIGIN, HeaderValue::from_static("null"));
        assert!(!origins.allow(&headers));
    }

    #[test]
    fn what_is_no_site_is_said_to_be_none() {
        for wrong in ["clinic.example", "ftp://clinic.example", "", "https://"] {
            let error = Origins::default().add_url(wrong).unwrap_err();
            assert!(
                error.to_string().contains("https://clinic.example"),
                "{wrong}"
            );
        }
    }
}
