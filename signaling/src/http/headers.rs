//! Headers that every response carries.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::Origins;

/// The headers of one listener.
#[derive(Clone, Debug)]
pub(crate) struct SecurityHeaders(Vec<(HeaderName, HeaderValue)>);

impl SecurityHeaders {
    /// `lasting`: the certificate is one that people trust, and so https may be promised for a year
    /// (RFC 6797). A self-signed one must not lock anybody out.
    pub(crate) fn new(origins: &Origins, lasting: bool) -> Self {
        let mut headers = vec![
            (
                header::X_CONTENT_TYPE_OPTIONS,
                HeaderValue::from_static("nosniff"),
            ),
            (
                header::REFERRER_POLICY,
                HeaderValue::from_static("no-referrer"),
            ),
            (
                HeaderName::from_static("permissions-policy"),
                HeaderValue::from_static(
                    "camera=(self), microphone=(self), display-capture=(self), \
                     speaker-selection=(self), geolocation=(), payment=(), usb=()",
                ),
            ),
            (
                HeaderName::from_static("cross-origin-opener-policy"),
                HeaderValue::from_static("same-origin"),
            ),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                HeaderValue::from_static("same-origin"),
            ),
        ];
        if let Ok(policy) = HeaderValue::from_str(&content_policy(origins)) {
            headers.push((header::CONTENT_SECURITY_POLICY, policy));
        }
        if lasting {
            let year = HeaderValue::from_static("max-age=31536000");
            headers.push((header::STRICT_TRANSPORT_SECURITY, year));
        }
        Self(headers)
    }
}

/// Nothing that is not ours, nothing inline. WebSockets are named because not every browser counts
/// them under `'self'`. IPv6 addresses cannot be named: a source's host is letters, digits and dots
/// (CSP level 3, section 2.3.1), and browsers complain of anything else.
fn content_policy(origins: &Origins) -> String {
    let sockets: Vec<String> = origins
        .web_sockets()
        .filter(|socket| !socket.contains('['))
        .collect();
    format!(
        "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; \
         img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; \
         manifest-src 'self'; connect-src 'self' {}; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
        sockets.join(" ")
    )
}

pub(super) async fn add(
    State(headers): State<Arc<SecurityHeaders>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in &headers.0 {
        response.headers_mut().insert(name.clone(), value.clone());
    }
    response
}
