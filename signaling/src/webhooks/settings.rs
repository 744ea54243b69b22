//! What webhooks are sent with.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use ipnet::IpNet;

use super::resolver::{Resolver, SystemResolver};

/// What webhooks are sent with.
#[derive(Clone)]
pub struct WebhookSettings {
    /// Addresses that may be sent to although they are not public, without encryption too.
    pub allow_private: Vec<IpNet>,
    /// A file with certificate authorities (PEM) that are trusted beside those that browsers trust.
    pub roots: Option<PathBuf>,
    /// What knows the addresses of names.
    pub resolver: Arc<dyn Resolver>,
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self {
            allow_private: Vec::new(),
            roots: None,
            resolver: Arc::new(SystemResolver),
        }
    }
}

impl fmt::Debug for WebhookSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WebhookSettings")
            .field("allow_private", &self.allow_private)
            .field("roots", &self.roots)
            .finish_non_exhaustive()
    }
}
