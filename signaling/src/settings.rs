//! What a server is started with.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use vestibule_clinic::Policy;

use crate::clock::{Clock, SystemClock};
use crate::http::{Page, Pages};
use crate::sfu::Launch;
use crate::shared::Rates;
use crate::tls::Certificate;

/// What a server is started with.
#[derive(Clone)]
pub struct Settings {
    /// The data directory.
    pub data: PathBuf,
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
    /// What the demonstration clinic is called.
    pub names: Names,
    /// How an SFU process is started; without one there is no media.
    pub sfu: Option<Launch>,
    /// The web pages.
    pub pages: Arc<dyn Pages>,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// How often each kind of thing may be done.
    pub rates: Rates,
}

/// Where https is served, and with what certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Https {
    /// Any address.
    pub address: SocketAddr,
    /// The certificate.
    pub certificate: Certificate,
}

/// What people read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The clinic.
    pub clinic: String,
    /// Its service.
    pub service: String,
    /// Its practitioner.
    pub practitioner: String,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            clinic: "Demonstration clinic".to_owned(),
            service: "General practice".to_owned(),
            practitioner: "Dr Martin".to_owned(),
        }
    }
}

impl Settings {
    /// A server on this data directory that serves nothing yet.
    #[must_use]
    pub fn new(data: PathBuf) -> Self {
        Self {
            data,
            http: None,
            https: None,
            any_port: false,
            public_url: None,
            policy: Policy::default(),
            names: Names::default(),
            sfu: None,
            pages: Arc::new(NoPages),
            clock: Arc::new(SystemClock),
            rates: Rates::default(),
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
