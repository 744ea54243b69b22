//! `vestibule serve`: everything in one command.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::timeout;
use tracing_subscriber::EnvFilter;
use vestibule_sfu::SfuConfig;
use vestibule_signaling::{
    Certificate, ClinicFile, FurnishError, Https, Launch, Names, PostgresUrl, Retention, Server,
    Settings, SfuStatus, StartError,
};
use vestibule_vocab::Millis;

use crate::announcement::Announcer;
use crate::arguments::Serve;
use crate::pages::EmbeddedPages;

/// How long the links are held back for the SFU: it takes a fraction of a second.
const SFU_PATIENCE: Duration = Duration::from_secs(5);

/// Seconds of an hour.
const HOUR: u64 = 60 * 60;

/// How long a shutdown may take in all, below the ten seconds that service managers grant.
const STOP: Duration = Duration::from_millis(9_500);

/// Serves until a signal says to stop.
pub(crate) fn run(arguments: &Serve) -> anyhow::Result<()> {
    start_log(&arguments.log)?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(serve(arguments))
}

/// Sends the log to standard error.
pub(crate) fn start_log(filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter).with_context(|| format!("--log {filter}"))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .init();
    Ok(())
}

async fn serve(arguments: &Serve) -> anyhow::Result<()> {
    let mut signals = Signals::listen()?;
    let server = Server::start(settings(arguments)?).await;
    let server = server.map_err(|why| blamed(why, arguments))?;
    let mut sfu = server.sfu();
    let pid = first_sfu(&mut sfu).await;
    let announcer = Announcer::new(arguments, &server);
    announcer.ready(pid);
    if let Some(file) = &arguments.patient_link_file {
        let left = announcer.leave_patient_link(file);
        left.with_context(|| format!("--patient-link-file {}", file.display()))?;
    }
    loop {
        tokio::select! {
            Ok(()) = sfu.changed() => {
                if let SfuStatus::Up { pid } = *sfu.borrow_and_update() {
                    announcer.sfu_started(pid);
                }
            }
            _ = signals.renew.recv() => reload_certificate(&server),
            _ = signals.terminate.recv() => break,
            _ = signals.interrupt.recv() => break,
        }
    }
    announcer.stopping();
    if timeout(STOP, server.stop()).await.is_err() {
        tracing::error!("the shutdown took too long and was cut short");
    }
    Ok(())
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    renew: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            renew: signal(SignalKind::hangup())?,
        })
    }
}

async fn first_sfu(sfu: &mut watch::Receiver<SfuStatus>) -> Option<u32> {
    // The server is of use without media for a moment: people can wait already.
    let up = sfu.wait_for(|status| *status != SfuStatus::Down);
    let status = timeout(SFU_PATIENCE, up).await.ok()?.ok()?;
    match *status {
        SfuStatus::Up { pid } => Some(pid),
        SfuStatus::Down => None,
    }
}

fn reload_certificate(server: &Server) {
    match server.reload_certificate() {
        Ok(()) => tracing::info!("the certificate was read again"),
        Err(error) => tracing::error!(%error, "the certificate stays as it was"),
    }
}

/// What is wrong with a file is said with its name.
fn blamed(why: StartError, arguments: &Serve) -> anyhow::Error {
    let in_file = matches!(why, StartError::Furnish(FurnishError::File(_)));
    let file = arguments.clinic.as_deref().filter(|_| in_file);
    let why = anyhow::Error::new(why);
    match file {
        Some(file) => why.context(format!("--clinic {}", file.display())),
        None => why,
    }
}

fn clinic(file: &Path) -> anyhow::Result<ClinicFile> {
    ClinicFile::read(file).with_context(|| format!("--clinic {}", file.display()))
}

fn settings(arguments: &Serve) -> anyhow::Result<Settings> {
    let mut settings = Settings::new(arguments.data.clone());
    settings.store = store(arguments)?;
    settings.http = (!arguments.no_http).then_some(arguments.listen);
    settings.https = https(arguments);
    settings.any_port = arguments.any_port;
    settings.public_url.clone_from(&arguments.public_url);
    settings
        .trusted_proxies
        .clone_from(&arguments.trusted_proxy);
    settings.policy.grace = Millis::from_secs(arguments.grace_seconds);
    settings.policy.keep_place = Millis::from_secs(arguments.keep_place_seconds);
    settings.names = Names {
        clinic: arguments.clinic_name.clone(),
        service: arguments.service_name.clone(),
        practitioners: arguments.practitioner_name.clone(),
    };
    settings.policy.remember =
        Millis::from_secs(arguments.keep_personal_hours.saturating_mul(HOUR));
    settings.retention = Retention {
        receipts: days(arguments.keep_receipts_days),
        audit: days(arguments.keep_audit_days),
        events: days(arguments.keep_events_days),
    };
    settings
        .webhooks
        .allow_private
        .clone_from(&arguments.webhook_allow_private);
    settings.renew_token_key = arguments.renew_token_key;
    settings.metrics = arguments.signaling_metrics.0;
    settings.webhooks.roots.clone_from(&arguments.webhook_ca);
    settings.sign_in = arguments.oidc.settings()?;
    settings.clinic = arguments.clinic.as_deref().map(clinic).transpose()?;
    settings.pages = Arc::new(EmbeddedPages::new());
    settings.sfu = Some(launch(arguments)?);
    Ok(settings)
}

fn days(days: u64) -> Millis {
    Millis::from_secs(days.saturating_mul(24 * HOUR))
}

fn store(arguments: &Serve) -> anyhow::Result<Option<PostgresUrl>> {
    let url = arguments.store.as_ref().map(|url| url.expose().parse());
    url.transpose().context("--store")
}

fn https(arguments: &Serve) -> Option<Https> {
    let address = arguments.https()?;
    let certificate = match (&arguments.tls_cert, &arguments.tls_key) {
        (Some(chain), Some(key)) => Certificate::Given {
            chain: chain.clone(),
            key: key.clone(),
        },
        _ => Certificate::SelfSigned,
    };
    Some(Https {
        address,
        certificate,
    })
}

fn launch(arguments: &Serve) -> anyhow::Result<Launch> {
    let program = std::env::current_exe().context("this program cannot find itself")?;
    let config = sfu_config(arguments);
    let log = arguments.log.clone();
    Ok(Arc::new(move |listener| {
        let mut command = vestibule_sfu::command(&program, &config, listener);
        // Standard output is for the links; the log of both processes goes to standard error.
        command.stdout(Stdio::null()).env("RUST_LOG", &log);
        // What the media process does not need, it does not have.
        for secret in ["VESTIBULE_STORE", "PGPASSWORD"] {
            command.env_remove(secret);
        }
        command
    }))
}

fn sfu_config(arguments: &Serve) -> SfuConfig {
    let plain = SfuConfig::default();
    SfuConfig {
        bind: arguments.media_ip,
        first_port: arguments.media_port,
        workers: arguments.media_workers.map_or(plain.workers, usize::from),
        advertised: arguments.media_advertise.clone(),
        advertised_first_port: arguments.media_advertise_port,
        // Browsers on this machine may have no other address in common with it.
        loopback: !arguments.no_http,
        metrics: arguments.metrics.0,
    }
}
