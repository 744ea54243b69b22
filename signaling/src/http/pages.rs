//! The web pages. Where they come from is the binary's business.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};

use crate::shared::Shared;

/// A file of the web build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its content.
    pub body: Bytes,
    /// Its content compressed by gzip, when that is worth it.
    pub gzip: Option<Bytes>,
    /// Its media type.
    pub media_type: &'static str,
    /// Its name holds a hash of its content, and so it never changes.
    pub immutable: bool,
}

/// Where the pages come from.
pub trait Pages: Send + Sync + 'static {
    /// The file of this path, without a leading slash.
    fn page(&self, path: &str) -> Option<Page>;
}

/// The addresses that people see, and the files behind them.
const NAMED: &[(&str, &str)] = &[
    ("/", "index.html"),
    ("/visit", "visit.html"),
    ("/console", "console.html"),
    ("/companion", "companion.html"),
];

pub(super) async fn serve(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let named = NAMED.iter().find(|(path, _)| *path == uri.path());
    let file = named.map_or(uri.path().trim_start_matches('/'), |(_, file)| file);
    match shared.pages.page(file) {
        Some(page) => respond(page, takes_gzip(&headers)),
        None => (StatusCode::NOT_FOUND, "Nothing is here.\n").into_response(),
    }
}

/// Whether the browser takes gzip (RFC 9110 section 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut codings = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    codings.any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("gzip") && !is_zero(weight)
    })
}

/// A weight of zero means "not this one".
fn is_zero(weight: &str) -> bool {
    let weight = weight.trim().strip_prefix("q=");
    weight.is_some_and(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0))
}

fn respond(page: Page, takes_gzip: bool) -> Response {
    let cache = if page.immutable {
        "public, max-age=31536000, immutable"
    } else if page.media_type.starts_with("text/html") {
        "no-store"
    } else {
        "no-cache"
    };
    let varies = page.gzip.is_some();
    let gzip = page.gzip.filter(|_| takes_gzip);
    let encoded = gzip.is_some();
    let mut response = gzip.unwrap_or(page.body).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(page.media_type),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if encoded {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if varies {
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::takes_gzip;

    #[test]
    fn gzip_is_sent_to_whoever_takes_it() {
        for (accepts, expected) in [
            ("gzip, deflate, br, zstd", true),
            ("br;q=1.0, GZIP;q=0.8", true),
            ("deflate,gzip", true),
            ("br", false),
            ("gzip;q=0", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepts));
            assert_eq!(takes_gzip(&headers), expected, "{accepts}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
