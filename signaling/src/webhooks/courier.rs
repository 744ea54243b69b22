//! The task that sends what is due.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::address::Allowed;
use super::post::Poster;
use super::schedule::{Answer, Next, next};
use super::settings::WebhookSettings;
use crate::clock::Clock;
use crate::limits;
use crate::metrics::{Attempt, Counters};
use crate::outward::{self, BadRoots};
use crate::random;
use crate::store::{Claimed, Settled, Store, StoreError, WebhookId};

/// Sends, for as long as the server runs. Stopped, what it was about to send is sent once its lease is over.
pub(crate) struct Courier {
    store: Store,
    clock: Arc<dyn Clock>,
    poster: Arc<Poster>,
    counters: Arc<Counters>,
    /// Attempts under way.
    attempts: JoinSet<WebhookId>,
    /// How many of them there are for each webhook: one that does not answer holds up no other.
    busy: HashMap<WebhookId, u32>,
}

impl Courier {
    pub(crate) fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        counters: Arc<Counters>,
        settings: &WebhookSettings,
    ) -> Result<Self, BadRoots> {
        let poster = Poster {
            allowed: Allowed(settings.allow_private.clone()),
            resolver: settings.resolver.clone(),
            tls: outward::tls(settings.roots.as_deref())?,
        };
        Ok(Self {
            store,
            clock,
            poster: Arc::new(poster),
            counters,
            attempts: JoinSet::new(),
            busy: HashMap::new(),
        })
    }

    pub(crate) async fn run(mut self) {
        let mut looks = looks();
        loop {
            if let Err(why) = self.send_what_is_due().await {
                tracing::warn!(%why, "what is to be sent out cannot be read");
                // The next look is soon enough.
                looks.tick().await;
            }
            let store = self.store.clone();
            tokio::select! {
                () = store.outgoing() => {}
                Some(done) = self.attempts.join_next() => self.ended(done.ok()),
                _ = looks.tick() => {}
            }
        }
    }

    async fn send_what_is_due(&mut self) -> Result<(), StoreError> {
        for webhook in self.store.enabled_webhooks().await? {
            let busy = self.busy.get(&webhook).copied().unwrap_or(0);
            let free = limits::WEBHOOK_AT_ONCE.saturating_sub(busy);
            if free == 0 {
                continue;
            }
            let now = self.clock.now();
            let until = now.plus(limits::WEBHOOK_LEASE);
            let claimed = self
                .store
                .claim_deliveries(&webhook, free, now, until)
                .await?;
            for claimed in claimed {
                self.begin(claimed);
            }
        }
        Ok(())
    }

    fn begin(&mut self, claimed: Claimed) {
        let busy = self.busy.entry(claimed.webhook.clone()).or_default();
        *busy = busy.saturating_add(1);
        let (store, clock) = (self.store.clone(), self.clock.clone());
        let (poster, counters) = (self.poster.clone(), self.counters.clone());
        self.attempts.spawn(async move {
            let (answer, code) = poster.post(&claimed, clock.now()).await;
            match settle(&store, clock.as_ref(), &claimed, (answer, code)).await {
                Ok(end) => counters.attempted(end),
                Err(why) => {
                    counters.attempted(Attempt::Again);
                    tracing::warn!(%why, "what became of an event that was sent out is not noted; it is sent again");
                }
            }
            claimed.webhook
        });
    }

    /// One that panicked is none that is known; its place is free with the next start.
    fn ended(&mut self, webhook: Option<WebhookId>) {
        if let Some(busy) = webhook.and_then(|it| self.busy.get_mut(&it)) {
            *busy = busy.saturating_sub(1);
        }
    }
}

fn looks() -> Interval {
    let mut looks = interval(limits::WEBHOOK_LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    looks
}

/// Notes what became of an attempt. An endpoint that says it is gone is sent nothing more.
async fn settle(
    store: &Store,
    clock: &dyn Clock,
    claimed: &Claimed,
    (answer, code): (Answer, String),
) -> Result<Attempt, StoreError> {
    let now = clock.now();
    let luck = u64::from_be_bytes(random::bytes()?);
    let attempts = claimed.attempts.saturating_add(1);
    let (end, state, due_at) = match next(answer, attempts, now, luck) {
        Next::Delivered => (Attempt::Delivered, "delivered", now),
        Next::Again { at } => (Attempt::Again, "due", at),
        Next::GivenUp => (Attempt::GivenUp, "failed", now),
    };
    let (webhook, event) = (&claimed.webhook, &claimed.event_id);
    match end {
        Attempt::Delivered => tracing::debug!(%webhook, event, "an event arrived"),
        Attempt::GivenUp => tracing::error!(%webhook, event, %code, "an event is given up"),
        Attempt::Again => {
            tracing::info!(%webhook, event, %code, "an event did not arrive; it is sent again")
        }
    }
    let settled = Settled {
        state,
        due_at,
        answer: code,
        at: now,
    };
    store.settle_delivery(claimed, &settled).await?;
    if answer == Answer::Gone {
        tracing::error!(%webhook, "a webhook says that it is gone, and is sent nothing more");
        store.enable_webhook(webhook, false).await?;
    }
    Ok(end)
}
