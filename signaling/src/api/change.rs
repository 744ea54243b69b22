//! Writes: each goes through the clinic task, and is answered when it is stored.

use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::asked::Once;
use super::{Code, PREFIX, Problem};
use crate::clinic_task::{ApiRequest, Change, Event};
use crate::limits;
use crate::shared::Shared;
use crate::store::StoredAnswer;

/// Says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// What a write is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    stored: StoredAnswer,
    again: bool,
}

impl Answer {
    /// It is so now.
    pub(super) fn done(body: &impl Serialize) -> Self {
        Self::new(StatusCode::OK, None, body)
    }

    /// Something new is there, at this path below the API's own.
    pub(super) fn made(path: &str, body: &impl Serialize) -> Self {
        let location = format!("{PREFIX}{path}");
        Self::new(StatusCode::CREATED, Some(location), body)
    }

    fn new(status: StatusCode, location: Option<String>, body: &impl Serialize) -> Self {
        // Nothing of ours has a map whose keys are no text, which is all that could fail.
        let body = serde_json::to_string(body).unwrap_or_default();
        Self {
            stored: StoredAnswer {
                status: status.as_u16(),
                location,
                body,
            },
            again: false,
        }
    }

    /// What was answered before.
    pub(crate) fn again(stored: StoredAnswer) -> Self {
        Self {
            stored,
            again: true,
        }
    }

    /// As it is kept.
    pub(crate) fn stored(&self) -> StoredAnswer {
        self.stored.clone()
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.stored.status).unwrap_or(StatusCode::OK);
        let mut response = (status, self.stored.body).into_response();
        let headers = response.headers_mut();
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, json);
        let location = self.stored.location.and_then(|it| it.try_into().ok());
        if let Some(location) = location {
            headers.insert(header::LOCATION, location);
        }
        if self.again {
            headers.insert(REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}

/// Has the clinic carry something out, once.
pub(super) async fn carry_out(
    shared: &Arc<Shared>,
    once: Once,
    change: impl Change + 'static,
) -> Result<Answer, Problem> {
    let (reply, answer) = oneshot::channel();
    let request = ApiRequest {
        change: Box::new(change),
        by: once.by,
        key: once.key,
        underway: once.underway,
        reply,
    };
    send(shared, Event::Api(Box::new(request))).await?;
    heard(answer).await?
}

/// Hands an event to the clinic task.
pub(super) async fn send(shared: &Arc<Shared>, event: Event) -> Result<(), Problem> {
    let sent = timeout(limits::INBOX_WAIT, shared.inbox.send(event)).await;
    match sent {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Problem::of(Code::Unavailable)),
    }
}

/// Waits for what the clinic task answers.
pub(super) async fn heard<T>(answer: oneshot::Receiver<T>) -> Result<T, Problem> {
    match timeout(limits::API_ANSWER, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(_)) | Err(_) => Err(Problem::of(Code::Unavailable)),
    }
}
