//! The command line.

use std::convert::Infallible;
use std::net::{AddrParseError, IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand};
use ipnet::IpNet;
use vestibule_signaling::{Name, Scope};
use vestibule_vocab::Redacted;

use crate::administration::{Audit, Patient, Webhook};
use crate::oidc::Oidc;

/// Where `--phone` serves https.
const PHONE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 8443);

/// A waiting room and video consultations, encrypted end to end.
#[derive(Debug, Parser)]
#[command(name = "vestibule", version, about)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve everything: pages, waiting room and media.
    Serve(Box<Serve>),
    /// Keys for other systems, which use the API at /api/v1.
    #[command(subcommand)]
    ApiKey(ApiKey),
    /// Check the audit log, or tell what it says of a visit.
    Audit(Audit),
    /// Say where events are sent, and send them again.
    Webhook(Webhook),
    /// Print everything about one patient as JSON.
    Export(Patient),
    /// Erase what people wrote about one patient, for good.
    Erase(Patient),
    /// The media process, started by `serve`.
    #[command(hide = true)]
    Sfu(Sfu),
}

/// What is done with keys. A server may run meanwhile.
#[derive(Debug, Subcommand)]
pub(crate) enum ApiKey {
    /// Make a key, and print it: it is shown this once.
    Add(NewApiKey),
    /// List the keys, without what opens anything.
    List(Clinic),
    /// Make a key good for nothing, at once.
    Revoke(RevokedApiKey),
}

#[derive(Debug, Args)]
pub(crate) struct NewApiKey {
    /// What the clinic calls it.
    #[arg(long)]
    pub(crate) label: String,

    /// What it may do, such as `appointments:write`; may be given several times. A word that is none lists them all.
    #[arg(long, required = true, value_name = "SCOPE")]
    pub(crate) scope: Vec<Scope>,

    /// The name in which it answers gates, as the services' gates name their system.
    #[arg(long, value_name = "NAME")]
    pub(crate) system: Option<String>,

    #[command(flatten)]
    pub(crate) clinic: Clinic,
}

#[derive(Debug, Args)]
pub(crate) struct RevokedApiKey {
    /// The key's id, as `list` shows it.
    pub(crate) id: String,

    #[command(flatten)]
    pub(crate) clinic: Clinic,
}

/// Whose keys.
#[derive(Debug, Args)]
pub(crate) struct Clinic {
    /// The server's data directory.
    #[arg(
        long,
        env = "VESTIBULE_DATA",
        default_value = "./data",
        value_name = "DIR"
    )]
    pub(crate) data: PathBuf,

    /// The PostgreSQL database that holds the store, if one does, as for `serve`.
    #[arg(
        long,
        env = "VESTIBULE_STORE",
        hide_env_values = true,
        value_name = "URL",
        value_parser = read_secret
    )]
    pub(crate) store: Option<Redacted<String>>,
}

#[derive(Debug, Args)]
pub(crate) struct Sfu {
    /// What `serve` passes on: where media is received, and what clients are told. Not for use by hand.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) rest: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where the database, the keys and the certificate are kept.
    #[arg(
        long,
        env = "VESTIBULE_DATA",
        default_value = "./data",
        value_name = "DIR"
    )]
    pub(crate) data: PathBuf,

    /// The PostgreSQL database that holds the store: postgres://NAME:PASSWORD@HOST:PORT/DATABASE. Without it, the data
    /// directory does. A password that others on this machine shall not see belongs into the environment variable.
    #[arg(
        long,
        env = "VESTIBULE_STORE",
        hide_env_values = true,
        value_name = "URL",
        value_parser = read_secret
    )]
    pub(crate) store: Option<Redacted<String>>,

    /// What patients and practitioners read as the clinic's name; stored, so that saying it once is enough.
    #[arg(long, env = "VESTIBULE_CLINIC_NAME", value_name = "NAME")]
    pub(crate) clinic_name: Option<Name>,

    /// What they read as the service's name.
    #[arg(long, env = "VESTIBULE_SERVICE_NAME", value_name = "NAME")]
    pub(crate) service_name: Option<Name>,

    /// What they read as the practitioner's name; may be given several times, and each has a link.
    #[arg(long, env = "VESTIBULE_PRACTITIONER_NAME", value_name = "NAME")]
    pub(crate) practitioner_name: Vec<Name>,

    /// Where plain http is served: this machine only.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    pub(crate) listen: SocketAddr,

    /// Serve no plain http.
    #[arg(long)]
    pub(crate) no_http: bool,

    /// What the clinic offers and who works there: a JSON file, set anew at each start. See docs/operations.md.
    #[arg(long, env = "VESTIBULE_CLINIC", value_name = "FILE")]
    pub(crate) clinic: Option<PathBuf>,

    /// Where https is served. Without a certificate, one is made for this machine's addresses.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) https: Option<SocketAddr>,

    /// The certificate's chain, a PEM file. Read again on SIGHUP.
    #[arg(long, requires = "tls_key", requires = "https", value_name = "FILE")]
    pub(crate) tls_cert: Option<PathBuf>,

    /// The certificate's private key, a PEM file.
    #[arg(long, requires = "tls_cert", value_name = "FILE")]
    pub(crate) tls_key: Option<PathBuf>,

    /// Serve https to this network, on port 8443, so that a phone can join. `--https` says otherwise.
    #[arg(long)]
    pub(crate) phone: bool,

    /// Take a free port where another program has the one to listen on.
    #[arg(long)]
    pub(crate) any_port: bool,

    /// The address that people see, when it is another than what is served.
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,

    /// A proxy in front, such as 127.0.0.1 or 10.0.0.0/8: rates are counted by the address that its X-Forwarded-For
    /// tells; may be given several times.
    #[arg(
        long,
        env = "VESTIBULE_TRUSTED_PROXY",
        value_delimiter = ',',
        value_name = "CIDR",
        value_parser = network
    )]
    pub(crate) trusted_proxy: Vec<IpNet>,

    /// The address that media is received on.
    #[arg(long, default_value = "0.0.0.0", value_name = "ADDRESS")]
    pub(crate) media_ip: IpAddr,

    /// The first UDP port of media, one for each worker; 0 takes free ones.
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    pub(crate) media_port: u16,

    /// How many media workers there are, from 1 to 64. By default one for each core, and two at most.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) media_workers: Option<u8>,

    /// An address that clients are told to send media to, as behind NAT; may be given several times.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) media_advertise: Vec<IpAddr>,

    /// The first UDP port that clients are told, where NAT maps ports.
    #[arg(long, value_name = "PORT")]
    pub(crate) media_advertise_port: Option<u16>,

    /// Where the media process tells its numbers to Prometheus, at `/metrics`; `off` for nowhere. They name nobody.
    #[arg(
        long,
        env = "VESTIBULE_METRICS",
        default_value = "127.0.0.1:9465",
        value_name = "ADDRESS:PORT"
    )]
    pub(crate) metrics: Metrics,

    /// Where this process tells its numbers to Prometheus, at `/metrics`; `off` for nowhere. They name nobody.
    #[arg(
        long,
        env = "VESTIBULE_SIGNALING_METRICS",
        default_value = "127.0.0.1:9464",
        value_name = "ADDRESS:PORT"
    )]
    pub(crate) signaling_metrics: Metrics,

    /// Sign links with the key of the data directory from now on, although the store knows another one. Links that were given
    /// out are then good no more.
    #[arg(long)]
    pub(crate) renew_token_key: bool,

    /// How long somebody may be away from a consultation before it ends.
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    pub(crate) grace_seconds: u64,

    /// How long a place in the waiting room is kept for somebody who is away.
    #[arg(long, default_value_t = 900, value_name = "SECONDS")]
    pub(crate) keep_place_seconds: u64,

    /// How long a visit is kept after its end: its patient's name and consent, and that who was there can see how it ended.
    #[arg(long, default_value_t = 24, value_name = "HOURS")]
    pub(crate) keep_personal_hours: u64,

    /// How long receipts of consultations are kept: who, when, and how it ended.
    #[arg(long, default_value_t = 3_650, value_name = "DAYS")]
    pub(crate) keep_receipts_days: u64,

    /// How long entries of the audit log are kept.
    #[arg(long, default_value_t = 3_650, value_name = "DAYS")]
    pub(crate) keep_audit_days: u64,

    /// How long events are kept that webhooks are sent, also those that did not arrive.
    #[arg(long, default_value_t = 7, value_name = "DAYS")]
    pub(crate) keep_events_days: u64,

    /// Addresses that webhooks may be sent to although they are not public, without https too: of an intranet, such as
    /// 10.2.0.0/16; may be given several times.
    #[arg(
        long,
        env = "VESTIBULE_WEBHOOK_ALLOW_PRIVATE",
        value_delimiter = ',',
        value_name = "CIDR",
        value_parser = network
    )]
    pub(crate) webhook_allow_private: Vec<IpNet>,

    /// Certificate authorities (PEM) that are trusted with webhooks beside those that browsers trust.
    #[arg(long, env = "VESTIBULE_WEBHOOK_CA", value_name = "FILE")]
    pub(crate) webhook_ca: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) oidc: Oidc,

    /// Print the links and what happens as lines of JSON.
    #[arg(long)]
    pub(crate) json_links: bool,

    /// Write the patient's link to this file once everything is up, for a program that waits for it.
    #[arg(long, value_name = "FILE")]
    pub(crate) patient_link_file: Option<PathBuf>,

    /// What is logged, such as `info` or `vestibule_signaling=debug`.
    #[arg(long, env = "RUST_LOG", default_value = "warn", value_name = "FILTER")]
    pub(crate) log: String,
}

/// Takes any words: those that are wrong are complained about later, by somebody who does not repeat them.
pub(crate) fn read_secret(text: &str) -> Result<Redacted<String>, Infallible> {
    Ok(Redacted::new(text.to_owned()))
}

/// A network, or one address.
fn network(text: &str) -> Result<IpNet, AddrParseError> {
    let network = text.parse().ok();
    network.map_or_else(|| text.parse().map(IpAddr::into), Ok)
}

/// Where metrics are told, if they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Metrics(pub(crate) Option<SocketAddr>);

impl FromStr for Metrics {
    type Err = AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(Self(None)),
            address => address.parse().map(|address| Self(Some(address))),
        }
    }
}

impl Serve {
    /// Where https is asked for.
    pub(crate) fn https(&self) -> Option<SocketAddr> {
        self.https.or(self.phone.then_some(PHONE))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::{Arguments, Command};

    /// Numbers name nobody, and are nobody's business all the same.
    #[test]
    fn nobody_elsewhere_reads_the_numbers_unless_they_are_let() {
        let read = Arguments::try_parse_from(["vestibule", "serve"]).unwrap();
        let Command::Serve(serve) = read.command else {
            panic!("it serves");
        };
        for metrics in [serve.metrics, serve.signaling_metrics] {
            assert!(metrics.0.unwrap().ip().is_loopback(), "{metrics:?}");
        }
    }
}
