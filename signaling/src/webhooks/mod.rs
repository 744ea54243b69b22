//! Webhooks: what stands in the outbox goes out to other systems, signed, in order for each visit, and again until it is
//! taken.
//!
//! What to send when is decided by `schedule` and by one query of the store; which addresses may be sent to, by
//! `address`. `courier` is the task that does it.

mod address;
mod courier;
mod post;
mod resolver;
mod schedule;
mod secret;
mod settings;
mod target;

pub(crate) use courier::Courier;
pub use resolver::{Addresses as ResolvedAddresses, Resolver, SystemResolver};
pub use secret::{BadWebhookSecret, WebhookSecret};
pub use settings::WebhookSettings;
pub use target::{BadWebhookUrl, WebhookUrl};
