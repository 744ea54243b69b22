//! Errors of the HTTP API: the stable code in the body, a fitting status in front of it.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use vestibule_protocol::http::HttpError;
use vestibule_protocol::{ErrorBody, ErrorCode};

/// A refused request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failure(pub(crate) ErrorCode);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let error = ErrorBody::from(self.0);
        let retry = error.retry_after_ms;
        let mut response = (status(self.0), Json(HttpError { error })).into_response();
        if let Some(retry) = retry {
            let seconds = HeaderValue::from(retry.div_ceil(1000));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}

/// The codes that the HTTP API gives; any other would be a fault of ours.
fn status(code: ErrorCode) -> StatusCode {
    const STATUSES: &[(ErrorCode, StatusCode)] = &[
        (ErrorCode::Malformed, StatusCode::BAD_REQUEST),
        (ErrorCode::TooLarge, StatusCode::PAYLOAD_TOO_LARGE),
        (ErrorCode::OriginRefused, StatusCode::FORBIDDEN),
        (ErrorCode::TokenInvalid, StatusCode::UNAUTHORIZED),
        (ErrorCode::TokenExpired, StatusCode::UNAUTHORIZED),
        (ErrorCode::TokenUsed, StatusCode::UNAUTHORIZED),
        (ErrorCode::UnknownPatient, StatusCode::UNAUTHORIZED),
        (ErrorCode::ProofInvalid, StatusCode::UNAUTHORIZED),
        (
            ErrorCode::SignInUnavailable,
            StatusCode::SERVICE_UNAVAILABLE,
        ),
        (ErrorCode::LimitReached, StatusCode::SERVICE_UNAVAILABLE),
        (ErrorCode::NotFound, StatusCode::NOT_FOUND),
        (ErrorCode::RateLimited, StatusCode::TOO_MANY_REQUESTS),
        (ErrorCode::Unavailable, StatusCode::SERVICE_UNAVAILABLE),
    ];
    let known = STATUSES.iter().find(|(known, _)| *known == code);
    known.map_or(StatusCode::INTERNAL_SERVER_ERROR, |(_, status)| *status)
}
