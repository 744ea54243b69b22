//! Problem details (RFC 9457): every error has a stable code, and says what to do next.

use std::borrow::Cow;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use vestibule_vocab::Timestamp;

use super::shape::Moment;
use crate::store::StoreError;

/// Where what a code means is written.
const MEANINGS: &str = "/api/v1/docs#";

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $word:literal, $status:ident, $title:literal, $advice:literal;)*) => {
        /// The codes of the API's own errors.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Code {
            $($(#[$doc])* $code),*
        }

        impl Code {
            /// All of them.
            pub(super) const ALL: &'static [Self] = &[$(Self::$code),*];

            /// The word that stands for it, for good.
            pub(super) fn word(self) -> &'static str {
                match self { $(Self::$code => $word),* }
            }

            /// The status that it comes with.
            pub(super) fn status(self) -> StatusCode {
                match self { $(Self::$code => StatusCode::$status),* }
            }

            /// What it says, whatever the case.
            pub(super) fn title(self) -> &'static str {
                match self { $(Self::$code => $title),* }
            }

            /// What is to be done about it.
            pub(super) fn advice(self) -> &'static str {
                match self { $(Self::$code => $advice),* }
            }
        }
    };
}

codes! {
    Malformed = "malformed", BAD_REQUEST, "The request cannot be read",
        "Send what the document at /api/v1/openapi.json describes.";
    IdempotencyKeyMissing = "idempotency_key_missing", BAD_REQUEST, "The request has no usable Idempotency-Key",
        "Send a header Idempotency-Key of 1 to 200 visible ASCII characters, such as a UUID that is new for each thing asked.";
    Unauthorized = "unauthorized", UNAUTHORIZED, "No key that is good here",
        "Send Authorization: Bearer with a key that `vestibule api-key add` printed and nobody has revoked.";
    Forbidden = "forbidden", FORBIDDEN, "The key may not do this",
        "Ask the clinic for a key with the scope that is named here.";
    NotYourGate = "gate_not_yours", FORBIDDEN, "The gate is answered by somebody else",
        "Use a key that was made with --system and the name that the service's gate has for its system.";
    NotFound = "not_found", NOT_FOUND, "There is no such thing here",
        "Check the address and the id; a visit that ended is forgotten after a day.";
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "That cannot be done with this",
        "Use one of the methods that the header Allow names.";
    NoProvider = "no_identity_provider", CONFLICT, "Nobody signs in here",
        "Start the server with --oidc-issuer and --oidc-client, as docs/operations.md says.";
    NameTaken = "name_taken", CONFLICT, "Another one has this name",
        "Choose a name that no other service, or no other practitioner, has here: patients choose by it. To two people of one name add what tells them apart, such as the specialty.";
    InProgress = "in_progress", CONFLICT, "The same request is being carried out",
        "Repeat it in a moment with the same Idempotency-Key.";
    TooLarge = "too_large", PAYLOAD_TOO_LARGE, "The body is too large",
        "Send at most 256 KiB; leave out closures and shifts that are over.";
    WrongMediaType = "wrong_media_type", UNSUPPORTED_MEDIA_TYPE, "The body is not JSON",
        "Send JSON, with the header Content-Type: application/json.";
    IdempotencyKeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY, "The Idempotency-Key was given to something else",
        "Make a new Idempotency-Key for each new thing that you ask; a repeated request is the same to the byte.";
    InvalidCursor = "invalid_cursor", UNPROCESSABLE_ENTITY, "The cursor is none of this list",
        "Begin the list anew without a cursor, and pass on `next` as it comes.";
    UnknownReference = "unknown_reference", UNPROCESSABLE_ENTITY, "Something that is named is not here",
        "Name services and practitioners by the ids that this clinic's lists have.";
    UnknownPatient = "unknown_patient", UNPROCESSABLE_ENTITY, "The patient is not known here",
        "Send the id that an appointment was answered with: it is good for as long as something of the patient is kept, and never again once they were erased. To book for somebody new, leave `patient` out.";
    TwoPatients = "two_patients", UNPROCESSABLE_ENTITY, "The patient is named twice",
        "Send `patient` or `subject`, or neither for somebody who was never here.";
    RateLimited = "rate_limited", TOO_MANY_REQUESTS, "Too many requests",
        "Wait for as long as the header Retry-After says.";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "It could not be done now",
        "Repeat it in a moment, a write with the same Idempotency-Key: it is not done twice.";
}

/// Why a request was not carried out (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// Where what the code means is written.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference", example = "/api/v1/docs#not_found")]
    kind: String,
    /// What the code means, in a few words.
    #[schema(example = "There is no such thing here")]
    title: String,
    /// The status, once more.
    #[schema(minimum = 400, maximum = 599, example = 404)]
    status: u16,
    /// What is wrong here, and what to do next.
    detail: String,
    /// The stable code.
    #[schema(pattern = "^[a-z_]+$", example = "not_found")]
    code: Cow<'static, str>,
    /// When what is closed opens again, should nothing else change; only where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Moment>)]
    opens_at: Option<Timestamp>,
}

impl Problem {
    /// A problem of the API itself.
    pub(crate) fn of(code: Code) -> Self {
        Self::new(
            code.status(),
            code.word(),
            code.title(),
            code.advice().to_owned(),
        )
    }

    /// The same, saying first what is wrong here.
    pub(super) fn because(code: Code, what: &dyn std::fmt::Display) -> Self {
        let detail = format!("{}. {}", sentence(&what.to_string()), code.advice());
        Self::new(code.status(), code.word(), code.title(), detail)
    }

    /// A problem with a code of the clinic's rules.
    pub(super) fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        title: &str,
        detail: String,
    ) -> Self {
        let code = code.into();
        Self {
            kind: format!("{MEANINGS}{code}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail,
            code,
            opens_at: None,
        }
    }

    /// The same, with the moment at which what is closed opens again.
    pub(super) fn opening(self, opens_at: Option<Timestamp>) -> Self {
        Self { opens_at, ..self }
    }

    /// The same, saying this too.
    pub(super) fn adding(self, what: &str) -> Self {
        let detail = format!("{} {what}", self.detail);
        Self { detail, ..self }
    }

    /// The stable code.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    /// What is wrong, and what to do next.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// The status that it comes with.
    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// With a large letter and no full stop.
pub(super) fn sentence(words: &str) -> String {
    let words = words.trim_end_matches('.');
    let mut letters = words.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, kind);
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        if [
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::SERVICE_UNAVAILABLE,
        ]
        .contains(&status)
        {
            // Every rate lets one more through within a second.
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a request of another system could not be carried out");
        Self::of(Code::Unavailable)
    }
}

impl From<crate::random::NoRandomness> for Problem {
    fn from(_: crate::random::NoRandomness) -> Self {
        Self::of(Code::Unavailable)
    }
}
