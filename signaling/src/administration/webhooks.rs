//! Webhooks, as the administration sees and sets them.

use vestibule_vocab::{Redacted, Timestamp};

use super::Administration;
use crate::limits;
use crate::outgoing::EventKind;
use crate::random::NoRandomness;
use crate::store::{Registration, StoreError, WebhookId};
use crate::webhooks::{WebhookSecret, WebhookUrl};

/// A webhook that was registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWebhook {
    /// What it is found by.
    pub id: WebhookId,
    /// What its receiver checks signatures with.
    pub secret: WebhookSecret,
}

/// How a webhook stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookStanding {
    /// What it is found by.
    pub id: WebhookId,
    /// Where it is.
    pub url: String,
    /// The kinds of events that it wants; none stands for all.
    pub kinds: Vec<String>,
    /// It is sent to.
    pub enabled: bool,
    /// So many events are still to be sent.
    pub due: u64,
    /// So many were given up.
    pub failed: u64,
    /// What was last answered, as a code, whether it was taken or not; absent before the first, and when all that was sent is
    /// not kept any more.
    pub answer: Option<String>,
    /// What was last answered to one that was not taken, and is still to be sent or was given up.
    pub not_taken: Option<String>,
}

/// From where on events are sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplayFrom {
    /// From the event of this id.
    Event(String),
    /// From this moment.
    Moment(Timestamp),
}

/// Something about webhooks cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// There is none of this id.
    #[error("there is no webhook {0}; `vestibule webhook list` shows those that there are")]
    NotFound(WebhookId),
    /// There are as many as there may be.
    #[error(
        "there are {} webhooks already, and no more may be made",
        limits::WEBHOOKS
    )]
    TooMany,
    /// There is no event of this id.
    #[error("there is no event {0}, or it is not kept any more")]
    NoSuchEvent(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No id or secret could be made.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl Administration {
    /// Registers a webhook. Without a secret, one is made.
    ///
    /// # Errors
    /// [`WebhookError`].
    pub async fn add_webhook(
        &self,
        url: &WebhookUrl,
        kinds: &[EventKind],
        secret: Option<WebhookSecret>,
        now: Timestamp,
    ) -> Result<NewWebhook, WebhookError> {
        let secret = match secret {
            Some(secret) => secret,
            None => WebhookSecret::new()?,
        };
        let registration = Registration {
            id: WebhookId::new()?,
            url: url.as_str().to_owned(),
            kinds: kinds.iter().map(|kind| kind.name().to_owned()).collect(),
            enabled: true,
            created_at: now,
        };
        let words = Redacted::new(secret.expose());
        if !self.store.add_webhook(&registration, &words).await? {
            return Err(WebhookError::TooMany);
        }
        let id = registration.id;
        Ok(NewWebhook { id, secret })
    }

    /// Every webhook, and how it stands.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn webhooks(&self) -> Result<Vec<WebhookStanding>, StoreError> {
        let all = self.store.webhooks().await?.into_iter();
        let all = all.map(|it| WebhookStanding {
            id: it.registration.id,
            url: it.registration.url,
            kinds: it.registration.kinds,
            enabled: it.registration.enabled,
            due: it.due,
            failed: it.failed,
            answer: it.answer,
            not_taken: it.not_taken,
        });
        Ok(all.collect())
    }

    /// Forgets a webhook, and what was to be sent to it.
    ///
    /// # Errors
    /// [`WebhookError::NotFound`], or that the store failed.
    pub async fn remove_webhook(&self, id: &WebhookId) -> Result<(), WebhookError> {
        found(id, self.store.remove_webhook(id).await?)
    }

    /// Sends to a webhook from now on, or not any more. What happens meanwhile is not sent by itself.
    ///
    /// # Errors
    /// [`WebhookError::NotFound`], or that the store failed.
    pub async fn enable_webhook(&self, id: &WebhookId, enabled: bool) -> Result<(), WebhookError> {
        found(id, self.store.enable_webhook(id, enabled).await?)
    }

    /// Sends again what a webhook wants of the events from there on, those that arrived too. How many those are.
    ///
    /// # Errors
    /// [`WebhookError`].
    pub async fn replay(&self, id: &WebhookId, from: &ReplayFrom) -> Result<u64, WebhookError> {
        let known = self.store.webhooks().await?;
        found(id, known.iter().any(|it| it.registration.id == *id))?;
        let first = match from {
            ReplayFrom::Event(event) => {
                let first = self.store.event_of_id(event).await?;
                Some(first.ok_or_else(|| WebhookError::NoSuchEvent(event.clone()))?)
            }
            ReplayFrom::Moment(at) => self.store.event_since(*at).await?,
        };
        match first {
            Some(first) => Ok(self.store.replay(id, first).await?),
            None => Ok(0),
        }
    }
}

fn found(id: &WebhookId, found: bool) -> Result<(), WebhookError> {
    if found {
        Ok(())
    } else {
        Err(WebhookError::NotFound(id.clone()))
    }
}
