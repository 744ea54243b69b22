//! OperationOutcome: every error, in FHIR's form.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::names::OURS;
use super::{Resource, respond};
use crate::api::Problem;
use crate::store::StoreError;

/// Why a request was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    status: StatusCode,
    /// The stable code, as in the API's own errors.
    code: String,
    /// What is wrong, and what to do next.
    diagnostics: String,
}

impl Outcome {
    /// What is asked cannot be read: what is wrong with it.
    pub(super) fn malformed(what: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", what)
    }

    /// There is no such resource here: what that may mean of its kind.
    pub(super) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", what)
    }

    /// There is no such kind of resource here, or no such way to ask for it.
    pub(super) fn no_such_kind() -> Self {
        let what = "There is no such address; /fhir/r4/metadata names what can be read";
        Self::new(StatusCode::NOT_FOUND, "unknown_address", what)
    }

    /// It can be read, and nothing else.
    pub(super) fn read_only() -> Self {
        let what = "Resources can be read and searched with GET, and nothing else";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", what)
    }

    /// Another format is asked for.
    pub(super) fn other_format() -> Self {
        let what = "Resources come as application/fhir+json and in no other format";
        Self::new(StatusCode::NOT_ACCEPTABLE, "wrong_format", what)
    }

    /// Too many requests came from one address.
    pub(crate) fn rate_limited() -> Self {
        Problem::of(crate::api::Code::RateLimited).into()
    }

    fn new(status: StatusCode, code: &str, diagnostics: &str) -> Self {
        Self {
            status,
            code: code.to_owned(),
            diagnostics: diagnostics.to_owned(),
        }
    }

    /// The kind of issue (R4, issue-type).
    fn issue(&self) -> &'static str {
        const ISSUES: &[(StatusCode, &str)] = &[
            (StatusCode::BAD_REQUEST, "invalid"),
            (StatusCode::UNAUTHORIZED, "login"),
            (StatusCode::FORBIDDEN, "forbidden"),
            (StatusCode::NOT_FOUND, "not-found"),
            (StatusCode::METHOD_NOT_ALLOWED, "not-supported"),
            (StatusCode::NOT_ACCEPTABLE, "not-supported"),
            (StatusCode::TOO_MANY_REQUESTS, "throttled"),
            (StatusCode::SERVICE_UNAVAILABLE, "transient"),
        ];
        let known = ISSUES.iter().find(|(status, _)| *status == self.status);
        known.map_or("processing", |(_, issue)| issue)
    }

    fn resource(&self) -> Resource {
        let code = json!({ "system": format!("{OURS}error"), "code": self.code });
        Resource::of(json!({
            "resourceType": "OperationOutcome",
            "issue": [{
                "severity": "error",
                "code": self.issue(),
                "details": { "coding": [code] },
                "diagnostics": self.diagnostics,
            }],
        }))
    }
}

impl IntoResponse for Outcome {
    fn into_response(self) -> Response {
        let mut response = respond(self.status, &self.resource());
        let headers = response.headers_mut();
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            // Every rate lets one more through within a second.
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            }
            _ => {}
        }
        response
    }
}

impl From<Problem> for Outcome {
    fn from(problem: Problem) -> Self {
        Self::new(problem.status(), problem.code(), problem.detail())
    }
}

impl From<StoreError> for Outcome {
    fn from(error: StoreError) -> Self {
        Problem::from(error).into()
    }
}
