//! Where events are sent, and what became of each.

use std::fmt;

use vestibule_vocab::{Redacted, Timestamp};

use super::convert::Columns;
use super::database::Row;
use super::statement::statement;
use super::vault::Vault;
use super::{Store, StoreError};
use crate::limits;
use crate::random::{self, NoRandomness};

/// What a webhook is found by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebhookId(String);

impl WebhookId {
    /// A new one.
    pub(crate) fn new() -> Result<Self, NoRandomness> {
        let bits = u64::from_be_bytes(random::bytes()?);
        Ok(Self(format!("wh_{bits:016x}")))
    }

    /// The id of this text, whether there is such a webhook or not.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// What its secret is sealed for.
    fn sealed_for(&self) -> String {
        format!("webhook secret {}", self.0)
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WebhookId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A webhook as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Registration {
    pub(crate) id: WebhookId,
    pub(crate) url: String,
    /// Names of the kinds of events that it wants; none stands for all.
    pub(crate) kinds: Vec<String>,
    pub(crate) enabled: bool,
    pub(crate) created_at: Timestamp,
}

/// How the deliveries of a webhook stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) registration: Registration,
    /// So many are still to be sent.
    pub(crate) due: u64,
    /// So many were given up.
    pub(crate) failed: u64,
    /// What was last answered, whatever it was.
    pub(crate) answer: Option<String>,
    /// What was last answered to one that was not taken.
    pub(crate) not_taken: Option<String>,
}

/// How much is not done of what is to be sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Backlog {
    /// So much is still to be sent.
    pub(crate) due: u64,
    /// So much was given up.
    pub(crate) given_up: u64,
}

/// One delivery that this server has a lease on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claimed {
    pub(crate) webhook: WebhookId,
    /// The event's number.
    pub(crate) event: u64,
    /// The event's id, the same each time that it is sent.
    pub(crate) event_id: String,
    pub(crate) url: String,
    pub(crate) secret: Redacted<String>,
    pub(crate) body: String,
    /// How often it was tried before.
    pub(crate) attempts: u32,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    pub(crate) state: &'static str,
    pub(crate) due_at: Timestamp,
    /// What was answered, as a code.
    pub(crate) answer: String,
    /// When.
    pub(crate) at: Timestamp,
}

/// A delivery is next when it is due, nobody is about to send it, and no earlier one about the same visit is still to be
/// sent.
const NEXT: &str = "SELECT deliveries.webhook, deliveries.event, deliveries.attempts, \
     outbox.id, outbox.body, webhooks.url, webhooks.secret \
     FROM deliveries JOIN outbox ON outbox.sequence = deliveries.event \
     JOIN webhooks ON webhooks.id = deliveries.webhook \
     WHERE deliveries.webhook = $1 AND deliveries.state = 'due' AND deliveries.due_at <= $2 \
     AND deliveries.leased_until <= $2 AND NOT EXISTS (SELECT 1 FROM deliveries AS earlier \
     WHERE earlier.webhook = deliveries.webhook AND earlier.visit = deliveries.visit \
     AND earlier.event < deliveries.event AND earlier.state = 'due') \
     ORDER BY deliveries.event LIMIT $3";

impl Store {
    /// Registers a webhook with its secret, which is `whsec_` and base64; `false` when there are as many as there may be.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn add_webhook(
        &self,
        it: &Registration,
        secret: &Redacted<String>,
    ) -> Result<bool, StoreError> {
        let sealed = self
            .vault
            .seal_secret(&it.id.sealed_for(), secret.expose())?;
        let kinds = match it.kinds.as_slice() {
            [] => String::new(),
            kinds => format!(" {} ", kinds.join(" ")),
        };
        let mut transaction = self.database.begin().await?;
        let made = statement(
            "INSERT INTO webhooks (id, url, secret, kinds, enabled, created_at) \
             SELECT $1, $2, $3, $4, $5, $6 WHERE (SELECT COUNT(*) FROM webhooks) < $7",
        )
        .bind(it.id.as_str())
        .bind(it.url.as_str())
        .bind(sealed.as_slice())
        .bind(kinds.as_str())
        .bind(u32::from(it.enabled))
        .bind(it.created_at)
        .bind(limits::WEBHOOKS)
        .execute(&mut transaction)
        .await?;
        transaction.commit().await?;
        Ok(made == 1)
    }

    /// Forgets a webhook, and what was to be sent to it; `false` when there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn remove_webhook(&self, id: &WebhookId) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let gone = statement("DELETE FROM webhooks WHERE id = $1")
            .bind(id.as_str())
            .execute(&mut transaction)
            .await?;
        transaction.commit().await?;
        Ok(gone == 1)
    }

    /// Sends to a webhook from now on, or not any more; `false` when there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn enable_webhook(
        &self,
        id: &WebhookId,
        enabled: bool,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.database.begin().await?;
        let known = statement("UPDATE webhooks SET enabled = $1 WHERE id = $2")
            .bind(u32::from(enabled))
            .bind(id.as_str())
            .execute(&mut transaction)
            .await?;
        transaction.commit().await?;
        Ok(known == 1)
    }

    /// Every webhook, and how it stands, in the order in which they were made.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn webhooks(&self) -> Result<Vec<Standing>, StoreError> {
        let rows = statement(
            "SELECT id, url, kinds, enabled, created_at, \
             (SELECT COUNT(*) FROM deliveries WHERE webhook = id AND state = 'due') AS due, \
             (SELECT COUNT(*) FROM deliveries WHERE webhook = id AND state = 'failed') AS failed, \
             (SELECT answer FROM deliveries WHERE webhook = id AND answered_at IS NOT NULL \
             ORDER BY answered_at DESC, event DESC LIMIT 1) AS answer, \
             (SELECT answer FROM deliveries WHERE webhook = id AND answered_at IS NOT NULL \
             AND state <> 'delivered' AND attempts > 0 ORDER BY answered_at DESC, event DESC LIMIT 1) AS not_taken \
             FROM webhooks ORDER BY created_at, id",
        )
        .fetch(&mut self.database.look().await?)
        .await?;
        rows.iter().map(read_standing).collect()
    }

    /// How much is not done of what is to be sent, of all webhooks.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn backlog(&self) -> Result<Backlog, StoreError> {
        let rows = statement(
            "SELECT (SELECT COUNT(*) FROM deliveries WHERE webhook = id AND state = 'due') AS due, \
             (SELECT COUNT(*) FROM deliveries WHERE webhook = id AND state = 'failed') AS failed \
             FROM webhooks",
        )
        .fetch(&mut self.database.look().await?)
        .await?;
        let mut backlog = Backlog::default();
        for row in &rows {
            let columns = Columns::of("deliveries", row);
            backlog.due = backlog.due.saturating_add(columns.number("due")?);
            backlog.given_up = backlog.given_up.saturating_add(columns.number("failed")?);
        }
        Ok(backlog)
    }

    /// Which webhooks are sent to.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn enabled_webhooks(&self) -> Result<Vec<WebhookId>, StoreError> {
        let rows = statement("SELECT id FROM webhooks WHERE enabled = 1 ORDER BY id")
            .fetch(&mut self.database.look().await?)
            .await?;
        let ids = rows.iter().map(|row| {
            let columns = Columns::of("webhooks", row);
            Ok(WebhookId(columns.text("id")?))
        });
        ids.collect()
    }

    /// Takes a lease, until then, on what is next to be sent to a webhook, at most so many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn claim_deliveries(
        &self,
        webhook: &WebhookId,
        at_most: u32,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Claimed>, StoreError> {
        let next = statement(NEXT)
            .bind(webhook.as_str())
            .bind(now)
            .bind(at_most)
            .fetch(&mut self.database.look().await?)
            .await?;
        if next.is_empty() {
            return Ok(Vec::new());
        }
        let mut claimed = Vec::new();
        let mut transaction = self.database.begin().await?;
        for row in &next {
            let claim = read_claimed(&self.vault, row)?;
            // Another server may have come first.
            let ours = statement(
                "UPDATE deliveries SET leased_by = $1, leased_until = $2 \
                 WHERE webhook = $3 AND event = $4 AND state = 'due' AND leased_until <= $5",
            )
            .bind(self.node)
            .bind(until)
            .bind(claim.webhook.as_str())
            .bind(claim.event)
            .bind(now)
            .execute(&mut transaction)
            .await?;
            if ours == 1 {
                claimed.push(claim);
            }
        }
        transaction.commit().await?;
        Ok(claimed)
    }

    /// Notes what became of an attempt. Nothing when the lease was lost meanwhile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn settle_delivery(
        &self,
        claimed: &Claimed,
        settled: &Settled,
    ) -> Result<(), StoreError> {
        statement(
            "UPDATE deliveries SET state = $1, attempts = attempts + 1, due_at = $2, answer = $3, \
             answered_at = $4, leased_by = NULL, leased_until = 0 \
             WHERE webhook = $5 AND event = $6 AND leased_by = $7",
        )
        .bind(settled.state)
        .bind(settled.due_at)
        .bind(settled.answer.as_str())
        .bind(settled.at)
        .bind(claimed.webhook.as_str())
        .bind(claimed.event)
        .bind(self.node)
        .run(&self.database)
        .await?;
        Ok(())
    }

    /// The number of the first event to be sent again: the one of this id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn event_of_id(&self, id: &str) -> Result<Option<u64>, StoreError> {
        let found = statement("SELECT sequence FROM outbox WHERE id = $1")
            .bind(id)
            .find(&self.database)
            .await?;
        found.map(|row| sequence(&row)).transpose()
    }

    /// The number of the first event that happened then or later.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn event_since(&self, at: Timestamp) -> Result<Option<u64>, StoreError> {
        let found =
            statement("SELECT sequence FROM outbox WHERE at >= $1 ORDER BY sequence LIMIT 1")
                .bind(at)
                .find(&self.database)
                .await?;
        found.map(|row| sequence(&row)).transpose()
    }

    /// Sends to a webhook again what it wants of the events from this one on; how many those are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn replay(&self, id: &WebhookId, from: u64) -> Result<u64, StoreError> {
        let mut transaction = self.database.begin().await?;
        let count = statement(
            "INSERT INTO deliveries (webhook, event, visit, state, attempts, due_at, leased_until) \
             SELECT webhooks.id, outbox.sequence, outbox.visit, 'due', 0, 0, 0 FROM outbox, webhooks \
             WHERE webhooks.id = $1 AND outbox.sequence >= $2 \
             AND (kinds = '' OR kinds LIKE '% ' || outbox.kind || ' %') \
             ON CONFLICT (webhook, event) DO UPDATE SET state = 'due', attempts = 0, due_at = 0, \
             leased_by = NULL, leased_until = 0",
        )
        .bind(id.as_str())
        .bind(from)
        .execute(&mut transaction)
        .await?;
        transaction.commit().await?;
        Ok(count)
    }
}

fn sequence(row: &Row) -> Result<u64, StoreError> {
    Columns::of("outbox", row).number("sequence")
}

fn read_standing(row: &Row) -> Result<Standing, StoreError> {
    let columns = Columns::of("webhooks", row);
    let kinds = columns.text("kinds")?;
    Ok(Standing {
        registration: Registration {
            id: WebhookId(columns.text("id")?),
            url: columns.text("url")?,
            kinds: kinds.split_whitespace().map(str::to_owned).collect(),
            enabled: columns.number("enabled")? == 1,
            created_at: Timestamp(columns.number("created_at")?),
        },
        due: columns.number("due")?,
        failed: columns.number("failed")?,
        answer: columns.optional_text("answer")?,
        not_taken: columns.optional_text("not_taken")?,
    })
}

/// A secret that is not sealed under our key stands for none: the attempt fails with a code that is shown, and other webhooks
/// go on.
fn read_claimed(vault: &Vault, row: &Row) -> Result<Claimed, StoreError> {
    let columns = Columns::of("deliveries", row);
    let webhook = WebhookId(columns.text("webhook")?);
    let secret = vault.open_secret(&webhook.sealed_for(), &columns.bytes("secret")?);
    Ok(Claimed {
        webhook,
        event: columns.number("event")?,
        event_id: columns.text("id")?,
        url: columns.text("url")?,
        secret: Redacted::new(secret.unwrap_or_default()),
        body: columns.text("body")?,
        attempts: u32::try_from(columns.number("attempts")?).unwrap_or(u32::MAX),
    })
}
