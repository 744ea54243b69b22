//! What a server is started with.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use serde::Deserialize;
use vestibule_clinic::Policy;
use vestibule_protocol::limits::NAME_CHARS;

use crate::clinic_file::ClinicFile;
use crate::clock::{Clock, SystemClock};
use crate::http::{Page, Pages};
use crate::sfu::Launch;
use crate::shared::Rates;
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
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// How often each kind of thing may be done.
    pub rates: Rates,
    /// What webhooks are sent with.
    pub webhooks: WebhookSettings,
}

/// Where https is served, and with what certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Https {
    /// Any address.
    pub address: SocketAddr,
    /// The certificate.
    pub certificate: Certificate,
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
#[error("a name of 1 to {NAME_CHARS} characters is needed, without control characters")]
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
        let text = text.trim();
        let fits = (1..=NAME_CHARS).contains(&text.chars().count());
        if fits && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadName)
        }
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
            policy: Policy::default(),
            names: Names::default(),
            clinic: None,
            sfu: None,
            pages: Arc::new(NoPages),
            clock: Arc::new(SystemClock),
            rates: Rates::default(),
            webhooks: WebhookSettings::default(),
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
