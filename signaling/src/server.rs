//! A whole server: started in order, stopped in the opposite order.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::RustlsAcceptor;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use vestibule_protocol::server::ClosingReason;

use crate::administration::{STORE_FILE, ServerKeyError, server_key};
use crate::api::Api;
use crate::boxed::Boxed;
use crate::clinic_file::ClinicFile;
use crate::clinic_task::{ClinicTask, Event, FurnishError, RestoreFailed, Surroundings};
use crate::data::{DataDirectory, DataError};
use crate::founding::{FoundingError, Links, found, practitioner_links};
use crate::http::{BadOrigin, Limiters, SecurityHeaders, router};
use crate::limits;
use crate::listeners::{Addresses, ListenError, Listeners};
use crate::metrics::{self, Counters};
use crate::outward::BadRoots;
use crate::settings::{Names, Retention, Settings};
use crate::sfu::{SfuHandle, SfuStatus, Supervisor, no_sfu, supervise};
use crate::shared::Shared;
use crate::sign_in::SignIn;
use crate::socket::Registry;
use crate::store::{Store, StoreError};
use crate::tls::{Tls, TlsError, served_names};
use crate::webhooks::Courier;

/// The server could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address cannot be served.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The data directory cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The key of personal data cannot be used.
    #[error(transparent)]
    ServerKey(#[from] ServerKeyError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The clinic could not be set up.
    #[error(transparent)]
    Founding(#[from] FoundingError),
    /// The clinic's state could not be loaded.
    #[error(transparent)]
    Restore(#[from] RestoreFailed),
    /// The clinic could not be set as its file says.
    #[error(transparent)]
    Furnish(#[from] FurnishError),
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The public address is none.
    #[error(transparent)]
    PublicUrl(#[from] BadOrigin),
    /// Others cannot be known by their certificates.
    #[error(transparent)]
    Roots(#[from] BadRoots),
    /// A bound socket could not be served.
    #[error("a socket could not be served: {0}")]
    Serve(#[from] io::Error),
}

/// A server that runs until it is stopped.
pub struct Server {
    addresses: Addresses,
    links: Links,
    shared: Arc<Shared>,
    tls: Option<Tls>,
    web: Vec<Handle<SocketAddr>>,
    clinic: JoinHandle<()>,
    sweeper: JoinHandle<()>,
    courier: JoinHandle<()>,
    supervisor: Option<(watch::Sender<bool>, JoinHandle<()>)>,
    metrics: Option<Metrics>,
    // Last, so that the directory is free only when everything else is gone.
    _data: DataDirectory,
}

/// The port at which the server's numbers are read.
struct Metrics {
    /// Where, once the port could be had at the start.
    address: Option<SocketAddr>,
    task: JoinHandle<()>,
}

/// The SFU's part of a server. Nothing is started yet: a server that cannot start leaves no SFU behind.
struct Media {
    handle: SfuHandle,
    supervisor: Option<(watch::Sender<bool>, Supervisor)>,
}

impl Server {
    /// Starts everything. When this returns, people can connect.
    ///
    /// # Errors
    /// [`StartError`], with a sentence that says what to do.
    pub fn start(settings: Settings) -> Boxed<'static, Result<Self, StartError>> {
        Box::pin(Self::put_together(settings))
    }

    async fn put_together(settings: Settings) -> Result<Self, StartError> {
        let listeners = Listeners::bind(&settings)?;
        let data = DataDirectory::take(&settings.data)?;
        let store = open_store(&settings, &data).await?;
        let now = settings.clock.now();
        let names = given_names(&settings);
        let founded = found(&store, (&data, settings.renew_token_key), &names).await?;
        let addresses = listeners.addresses.clone();
        let origins = addresses.origins(settings.public_url.as_deref())?;
        let tls = load_tls(&settings, &data, &addresses)?;

        let (inbox, events) = mpsc::channel(limits::INBOX);
        let media = prepare_media(&settings, &data, inbox.clone());
        let registry = Arc::new(Registry::default());
        let tokens = Arc::new(founded.tokens);
        let counters = Arc::new(Counters::default());
        let around = Surroundings {
            store: store.clone(),
            clock: settings.clock.clone(),
            registry: registry.clone(),
            sfu: media.handle.clone(),
            tokens: tokens.clone(),
            policy: settings.policy,
            counters: counters.clone(),
            name: founded.clinic,
            service: founded.service,
        };
        let courier = Courier::new(
            store.clone(),
            settings.clock.clone(),
            counters.clone(),
            &settings.webhooks,
        )?;
        let clinic = load_clinic((around, events), settings.clinic.as_ref()).await?;
        let links = Links {
            practitioners: practitioner_links(&store, &tokens, now).await?,
            patient: founded.patient,
        };
        let shared = Arc::new(Shared {
            store,
            clock: settings.clock,
            registry,
            inbox,
            limiters: Limiters::new(&settings.rates, settings.trusted_proxies),
            api: Api::new(&settings.rates),
            counters,
            rates: settings.rates,
            origins,
            tokens,
            sign_in: settings.sign_in.map(SignIn::new).transpose()?,
            pages: settings.pages,
            sfu: media.handle.status(),
        });
        let metrics = start_metrics(settings.metrics, &shared).await;
        let web = serve(listeners, &shared, tls.as_ref())?;
        Ok(Self {
            addresses,
            links,
            web,
            clinic: tokio::spawn(clinic.run()),
            sweeper: tokio::spawn(sweep(shared.clone(), settings.retention)),
            courier: tokio::spawn(courier.run()),
            supervisor: media
                .supervisor
                .map(|(stop, supervisor)| (stop, tokio::spawn(supervisor.run()))),
            metrics,
            shared,
            tls,
            _data: data,
        })
    }

    /// Where it can be reached.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// The links of the demonstration clinic, without the address in front.
    #[must_use]
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// Whether an SFU is there, now and later.
    #[must_use]
    pub fn sfu(&self) -> watch::Receiver<SfuStatus> {
        self.shared.sfu.clone()
    }

    /// How many sessions are open.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.shared.registry.len()
    }

    /// Where its numbers are read, if the port could be had when it started.
    #[must_use]
    pub fn metrics(&self) -> Option<SocketAddr> {
        self.metrics.as_ref()?.address
    }

    /// Reads a given certificate again, for the handshakes to come.
    ///
    /// # Errors
    /// [`TlsError`]; the old certificate stays in use.
    pub fn reload_certificate(&self) -> Result<(), TlsError> {
        self.tls.as_ref().map_or(Ok(()), Tls::reload)
    }

    /// Stops: takes nobody in, says farewell, finishes what was begun, closes the store.
    pub fn stop(self) -> Boxed<'static, ()> {
        Box::pin(self.take_apart())
    }

    async fn take_apart(self) {
        for web in &self.web {
            web.graceful_shutdown(Some(limits::FAREWELL));
        }
        self.shared
            .registry
            .dismiss_all(ClosingReason::ShuttingDown);
        let _ = timeout(limits::FAREWELL, self.everybody_gone()).await;
        self.sweeper.abort();
        self.courier.abort();
        if let Some(metrics) = &self.metrics {
            metrics.task.abort();
        }
        if let Some((stop, supervisor)) = self.supervisor {
            stop.send_replace(true);
            let _ = timeout(limits::SFU_STOP * 2, supervisor).await;
        }
        let _ = self.shared.inbox.send(Event::Stop).await;
        if timeout(limits::LAST_BATCH, self.clinic).await.is_err() {
            tracing::error!("the last batch was not stored in time");
        }
        if let Err(error) = self.shared.store.close().await {
            tracing::error!(%error, "the journal stays beside the store until the next start");
        }
    }

    async fn everybody_gone(&self) {
        while !self.shared.registry.is_empty() {
            tokio::time::sleep(limits::FAREWELL / 100).await;
        }
    }
}

/// What the command line names, and the file does not.
fn given_names(settings: &Settings) -> Names {
    let file = settings.clinic.as_ref();
    file.map_or_else(
        || settings.names.clone(),
        |file| file.names(&settings.names),
    )
}

/// The clinic as it is stored, and as its file says.
async fn load_clinic(
    (around, events): (Surroundings, mpsc::Receiver<Event>),
    file: Option<&ClinicFile>,
) -> Result<ClinicTask, StartError> {
    let mut clinic = ClinicTask::load(around, events).await?;
    if let Some(file) = file {
        clinic.furnish(file).await?;
    }
    Ok(clinic)
}

async fn open_store(settings: &Settings, data: &DataDirectory) -> Result<Store, StartError> {
    let key = server_key(data.path())?;
    Ok(match &settings.store {
        Some(url) => Store::connect(url, key).await?,
        None => Store::open(&data.file(STORE_FILE), key).await?,
    })
}

fn load_tls(
    settings: &Settings,
    data: &DataDirectory,
    addresses: &Addresses,
) -> Result<Option<Tls>, TlsError> {
    let load = |https: &crate::settings::Https| {
        Tls::load(
            https.certificate.clone(),
            data.path(),
            &served_names(&addresses.machine),
            settings.clock.now(),
        )
    };
    settings.https.as_ref().map(load).transpose()
}

async fn start_metrics(address: Option<SocketAddr>, shared: &Arc<Shared>) -> Option<Metrics> {
    let address = address?;
    let bound = metrics::bind(address).await;
    Some(Metrics {
        address: bound.as_ref().and_then(|it| it.local_addr().ok()),
        task: tokio::spawn(metrics::serve(address, bound, shared.clone())),
    })
}

fn prepare_media(settings: &Settings, data: &DataDirectory, inbox: mpsc::Sender<Event>) -> Media {
    let Some(launch) = settings.sfu.clone() else {
        return Media {
            handle: no_sfu(),
            supervisor: None,
        };
    };
    let (supervisor, handle, stop) = supervise(data.file("sfu.sock"), launch, inbox);
    Media {
        handle,
        supervisor: Some((stop, supervisor)),
    }
}

/// Serves on all listeners. What is written leaves at once: a snapshot behind a reply would otherwise wait until the
/// reply is acknowledged, which takes 40 ms and more (RFC 896, RFC 1122 section 4.2.3.2).
fn serve(
    listeners: Listeners,
    shared: &Arc<Shared>,
    tls: Option<&Tls>,
) -> Result<Vec<Handle<SocketAddr>>, StartError> {
    let mut handles = Vec::new();
    if let Some(listener) = listeners.http {
        let app = app(shared, false);
        let server = axum_server::from_tcp(listener)?.acceptor(NoDelayAcceptor::new());
        let (server, handle) = guarded(server);
        tokio::spawn(server.serve(app));
        handles.push(handle);
    }
    if let (Some(listener), Some(tls)) = (listeners.https, tls) {
        let app = app(shared, tls.is_given());
        let acceptor = RustlsAcceptor::new(tls.config())
            .handshake_timeout(limits::TLS_HANDSHAKE)
            .acceptor(NoDelayAcceptor::new());
        let server = axum_server::from_tcp(listener)?.acceptor(acceptor);
        let (server, handle) = guarded(server);
        tokio::spawn(server.serve(app));
        handles.push(handle);
    }
    Ok(handles)
}

fn app(shared: &Arc<Shared>, lasting: bool) -> IntoMakeServiceWithConnectInfo<Router, SocketAddr> {
    let headers = SecurityHeaders::new(&shared.origins, lasting);
    router(shared.clone(), headers).into_make_service_with_connect_info()
}

/// Bounds what a connection may cost before a request of it is looked at.
fn guarded<A>(
    server: axum_server::Server<SocketAddr, A>,
) -> (axum_server::Server<SocketAddr, A>, Handle<SocketAddr>) {
    let handle = Handle::new();
    let mut server = server
        .handle(handle.clone())
        .first_request_timeout(limits::HEAD);
    let mut http1 = server.http_builder().http1();
    http1
        .header_read_timeout(limits::HEAD)
        .max_buf_size(limits::HEAD_BYTES);
    (server, handle)
}

/// Sweeps out what is over, for as long as the server runs.
async fn sweep(shared: Arc<Shared>, retention: Retention) {
    loop {
        let next = shared.clock.now().plus(limits::SWEEP);
        shared.clock.sleep_until(next).await;
        let now = shared.clock.now();
        shared.registry.dismiss_expired(now);
        if let Err(error) = shared.store.sweep(now).await {
            tracing::warn!(%error, "sessions that are over could not be swept out");
        }
        if let Err(error) = shared.store.retain(now, &retention).await {
            tracing::warn!(%error, "what is past its period could not be swept out");
        }
    }
}
