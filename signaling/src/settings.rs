//! What a server is started with.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use ipnet::IpNet;
use serde::Deserialize;
use vestibule_clinic::Policy;
use vestibule_clinic::text::line;
use vestibule_protocol::limits::NAME_CHARS;
use vestibule_vocab::Millis;

use crate::clinic_file::ClinicFile;
use crate::clock::{Clock, WatchedClock};
use crate::http::{Page, Pages};
use crate::sfu::Launch;
use crate::shared::Rates;
use crate::sign_in::SignInSettings;
use crate::store::PostgresUrl;
use crate::tls::Certificate;
use crate::webhooks::WebhookSettings;

/// What a server is started with.
#[derive(Clone)]
pub struct Settings {
    /// The data directory.
    pub data: PathBuf,
    /// The store's address; without one, the data directory holds it.
    pub store: Option<PostgresUrl>,
    /// Where plain http is served: a loopback address.
    pub http: Option<SocketAddr>,
    /// Where https is served.
    pub https: Option<Https>,
    /// Where an address is taken by another program, a free port takes its place.
    pub any_port: bool,
    /// The address that people see, when a proxy or a name stands in front.
    pub public_url: Option<String>,
    /// The proxies in front whose `X-Forwarded-For` says who asks: rates are counted by that address.
    pub trusted_proxies: Vec<IpNet>,
    /// The rules of the waiting room.
    pub policy: Policy,
    /// What the clinic is called.
    pub names: Names,
    /// What it offers and who works there, where a file says so.
    pub clinic: Option<ClinicFile>,
    /// How an SFU process is started; without one there is no media.
    pub sfu: Option<Launch>,
    /// The web pages.
    pub pages: Arc<dyn Pages>,
    /// Links are signed with the key of the data directory from now on, whatever the store knows.
    pub renew_token_key: bool,
    /// Where the numbers of this server are read (Prometheus' text format, at `/metrics`); nowhere without one.
    pub metrics: Option<SocketAddr>,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// How often each kind of thing may be done.
    pub rates: Rates,
    /// How long what is over is kept.
    pub retention: Retention,
    /// What webhooks are sent with.
    pub webhooks: WebhookSettings,
    /// Where people sign in; nobody does without it.
    pub sign_in: Option<SignInSettings>,
}

/// Where https is served, and with what certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Https {
    /// Any address.
    pub address: SocketAddr,
    /// The certificate.
    pub certificate: Certificate,
}

/// How long what is over is kept. What people wrote in a visit is kept as long as the visit is remembered:
/// [`Policy::remember`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Receipts of consultations, from their end on.
    pub receipts: Millis,
    /// Entries of the audit log.
    pub audit: Millis,
    /// Events in the outbox, sent or not.
    pub events: Millis,
}

impl Default for Retention {
    /// Ten years for what bills and questions are about; a week for events, which outlasts every attempt to send them.
    fn default() -> Self {
        const DAY: u64 = 24 * 60 * 60;
        Self {
            receipts: Millis::from_secs(3_650 * DAY),
            audit: Millis::from_secs(3_650 * DAY),
            events: Millis::from_secs(7 * DAY),
        }
    }
}

/// What people read. What is not given stays as it is stored, or is the demonstration's in a new store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The clinic.
    pub clinic: Option<Name>,
    /// Its service.
    pub service: Option<Name>,
    /// Its practitioners, in the order in which they are stored; those beyond are new.
    pub practitioners: Vec<Name>,
}

/// A name that fits on a page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Name(String);

/// A name that does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a name of 1 to {NAME_CHARS} characters is needed, on one line, that shows something and has no character that nobody sees or that turns it around"
)]
pub struct BadName;

impl Name {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Name {
    type Error = BadName;

    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}

impl FromStr for Name {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        line(text, NAME_CHARS).map(Self).ok_or(BadName)
    }
}

impl Settings {
    /// A server on this data directory that serves nothing yet.
    #[must_use]
    pub fn new(data: PathBuf) -> Self {
        Self {
            data,
            store: None,
            http: None,
            https: None,
            any_port: false,
            public_url: None,
            trusted_proxies: Vec::new(),
            policy: Policy::default(),
            names: Names::default(),
            clinic: None,
            sfu: None,
            pages: Arc::new(NoPages),
            renew_token_key: false,
            metrics: None,
            clock: Arc::new(WatchedClock::new()),
            rates: Rates::default(),
            retention: Retention::default(),
            webhooks: WebhookSettings::default(),
            sign_in: None,
        }
    }
}

/// No pages at all.
struct NoPages;

impl Pages for NoPages {
    fn page(&self, _path: &str) -> Option<Page> {
        None
    }
}
