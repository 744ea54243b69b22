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
pub(crate) struct Origins {
    all: BTreeSet<String>,
    /// That of the address which people were given.
    public: Option<String>,
}

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
        let host = authority.host().to_lowercase();
        let origin = origin(secure, &host, authority.port_u16());
        self.public = Some(origin.clone());
        self.all.insert(origin);
        Ok(())
    }

    /// Adds a host that is served on a port.
    pub(crate) fn add(&mut self, secure: bool, host: &str, port: Option<u16>) {
        self.all.insert(origin(secure, host, port));
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
        first.is_some_and(|origin| self.all.contains(origin)) && origins.next().is_none()
    }

    /// Ours as whoever asks knows it: the address that people were given; else the one that was asked, if it is ours.
    pub(crate) fn site(&self, headers: &HeaderMap) -> &str {
        let host = headers.get(header::HOST);
        let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
        let asked = self.all.iter().find(|origin| {
            let own = origin.split_once("://");
            own.is_some_and(|(_, own)| own.eq_ignore_ascii_case(host))
        });
        let site = self.public.as_ref().or(asked).or(self.all.first());
        site.map_or("", String::as_str)
    }

    /// The same hosts for WebSockets, for the content security policy.
    pub(crate) fn web_sockets(&self) -> impl Iterator<Item = String> {
        self.all
            .iter()
            .map(|origin| origin.replacen("http", "ws", 1))
    }
}

/// An origin as browsers write it (RFC 6454, section 6.2).
fn origin(secure: bool, host: &str, port: Option<u16>) -> String {
    let (scheme, default) = if secure { ("https", 443) } else { ("http", 80) };
    let port = port.filter(|port| *port != default);
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    format!("{scheme}://{host}{port}")
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
    fn the_site_is_the_public_one_or_else_the_one_that_was_asked() {
        let asked = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.append(header::HOST, HeaderValue::from_str(host).unwrap());
            headers
        };
        let mut origins = Origins::default();
        assert_eq!(origins.site(&HeaderMap::new()), "");
        origins.add_address(false, ([127, 0, 0, 1], 8080).into());
        origins.add(true, "clinic.local", Some(8443));
        assert_eq!(
            origins.site(&asked("Clinic.local:8443")),
            "https://clinic.local:8443"
        );
        assert_eq!(origins.site(&asked("evil.test")), "http://127.0.0.1:8080");
        origins.add_url("https://clinic.example").unwrap();
        assert_eq!(
            origins.site(&asked("127.0.0.1:8080")),
            "https://clinic.example"
        );
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
