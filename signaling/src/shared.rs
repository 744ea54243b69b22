//! What every request handler and every session may reach.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use crate::api::Api;
use crate::clinic_task::Event;
use crate::clock::Clock;
use crate::http::{Limiters, Origins, Pages};
use crate::identity::TokenKey;
use crate::metrics::Counters;
use crate::rate::Rate;
use crate::sfu::SfuStatus;
use crate::sign_in::SignIn;
use crate::socket::Registry;
use crate::store::Store;

/// How often each kind of thing may be done.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Messages of one session.
    pub messages: Rate,
    /// Pages and their parts, from one address.
    pub pages: Rate,
    /// WebSockets opened from one address.
    pub sockets: Rate,
    /// Tokens and sessions asked for from one address.
    pub exchanges: Rate,
    /// Requests of another system with one key.
    pub api: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            messages: crate::limits::MESSAGES,
            pages: crate::limits::PAGES,
            sockets: crate::limits::SOCKETS,
            exchanges: crate::limits::EXCHANGES,
            api: crate::limits::API,
        }
    }
}

/// What every request handler and every session may reach.
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) inbox: mpsc::Sender<Event>,
    pub(crate) rates: Rates,
    pub(crate) limiters: Limiters,
    pub(crate) origins: Origins,
    pub(crate) tokens: Arc<TokenKey>,
    /// The provider that people sign in at, if there is one.
    pub(crate) sign_in: Option<SignIn>,
    pub(crate) pages: Arc<dyn Pages>,
    pub(crate) api: Api,
    pub(crate) counters: Arc<Counters>,
    pub(crate) sfu: watch::Receiver<SfuStatus>,
}
