//! The sockets that people connect to, and the addresses that they can be reached at.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};

use crate::http::{BadOrigin, Origins};
use crate::limits;
use crate::settings::Settings;

/// An address cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Plain http to other machines.
    #[error(
        "plain http is served to this machine only, and {0} is not a loopback address; browsers \
         give neither camera nor microphone to such a page. Serve https there, with --https"
    )]
    PlainHttp(SocketAddr),
    /// Somebody else listens there.
    #[error("the address {0} is taken by another program; choose another, for example with port {next}", next = .0.port().saturating_add(1))]
    Taken(SocketAddr),
    /// The system refused.
    #[error("the address {address} cannot be listened on: {source}")]
    Refused {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// Nothing to listen on.
    #[error("neither http nor https is served")]
    Nothing,
}

/// The sockets, bound but not yet served.
#[derive(Debug)]
pub(crate) struct Listeners {
    pub(crate) http: Option<TcpListener>,
    pub(crate) https: Option<TcpListener>,
    pub(crate) addresses: Addresses,
}

/// Where a server can be reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Where plain http is served.
    pub http: Option<SocketAddr>,
    /// Where https is served.
    pub https: Option<SocketAddr>,
    /// This machine's own addresses, for links that another device can open.
    pub machine: Vec<IpAddr>,
}

impl Listeners {
    pub(crate) fn bind(settings: &Settings) -> Result<Self, ListenError> {
        if let Some(address) = settings.http
            && !address.ip().is_loopback()
        {
            return Err(ListenError::PlainHttp(address));
        }
        let bind = |address| bind(address, settings.any_port);
        let http = settings.http.map(bind).transpose()?;
        let https = settings.https.as_ref().map(|it| bind(it.address));
        let https = https.transpose()?;
        if http.is_none() && https.is_none() {
            return Err(ListenError::Nothing);
        }
        let addresses = Addresses {
            http: http.as_ref().and_then(|it| it.local_addr().ok()),
            https: https.as_ref().and_then(|it| it.local_addr().ok()),
            machine: machine_addresses(),
        };
        Ok(Self {
            http,
            https,
            addresses,
        })
    }
}

/// Listens on the address, or where it is taken and any port will do, on a free port of it.
fn bind(address: SocketAddr, any_port: bool) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address)
        .and_then(with_room)
        .or_else(|source| {
            if source.kind() != io::ErrorKind::AddrInUse {
                return Err(ListenError::Refused { address, source });
            }
            if any_port && address.port() != 0 {
                return bind(SocketAddr::new(address.ip(), 0), false);
            }
            Err(ListenError::Taken(address))
        })
}

/// The standard library asks for a queue of 128; the last one that is asked for counts.
fn with_room(listener: TcpListener) -> io::Result<TcpListener> {
    rustix::net::listen(&listener, limits::LISTEN_QUEUE)?;
    Ok(listener)
}

/// The machine's addresses in its networks. A link-local IPv6 address is no use in a link.
fn machine_addresses() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let addresses = interfaces.iter().map(if_addrs::Interface::ip);
    let mut addresses: Vec<_> = addresses.filter(|it| is_reachable(*it)).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

fn is_reachable(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !address.is_loopback() && !address.is_link_local(),
        IpAddr::V6(address) => !address.is_loopback() && !address.is_unicast_link_local(),
    }
}

impl Addresses {
    /// The origins of the pages that are served here.
    pub(crate) fn origins(&self, public_url: Option<&str>) -> Result<Origins, BadOrigin> {
        let mut origins = Origins::default();
        for (address, secure) in [(self.http, false), (self.https, true)] {
            if let Some(address) = address {
                self.add(&mut origins, address, secure);
            }
        }
        if let Some(url) = public_url {
            origins.add_url(url)?;
        }
        Ok(origins)
    }

    fn add(&self, origins: &mut Origins, address: SocketAddr, secure: bool) {
        let everywhere = address.ip().is_unspecified();
        if everywhere || address.ip().is_loopback() {
            origins.add(secure, "localhost", Some(address.port()));
            origins.add(secure, "127.0.0.1", Some(address.port()));
            origins.add(secure, "[::1]", Some(address.port()));
        }
        if !everywhere {
            origins.add_address(secure, address);
            return;
        }
        for machine in &self.machine {
            origins.add_address(secure, SocketAddr::new(*machine, address.port()));
        }
    }

    /// The address to print: the public one, else this machine's own, else its network address.
    #[must_use]
    pub fn url(&self, public_url: Option<&str>) -> String {
        if let Some(url) = public_url {
            return url.trim_end_matches('/').to_owned();
        }
        match (self.http, self.https) {
            (Some(http), _) => format!("http://{http}"),
            (None, Some(https)) if https.ip().is_unspecified() => {
                format!("https://localhost:{}", https.port())
            }
            (None, Some(https)) => format!("https://{https}"),
            (None, None) => String::new(),
        }
    }

    /// The https addresses that other devices in the network can open.
    #[must_use]
    pub fn network_urls(&self) -> Vec<String> {
        let Some(https) = self.https.filter(|https| !https.ip().is_loopback()) else {
            return Vec::new();
        };
        if !https.ip().is_unspecified() {
            return vec![format!("https://{https}")];
        }
        let same_kind = self.machine.iter().filter(|machine| {
            // `0.0.0.0` takes IPv4 only; `::` takes both.
            https.is_ipv6() || machine.is_ipv4()
        });
        same_kind
            .map(|machine| format!("https://{}", SocketAddr::new(*machine, https.port())))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;
    use std::time::Duration;

    use super::{ListenError, Listeners};
    use crate::settings::Settings;

    fn settings(http: &str) -> Settings {
        Settings {
            http: Some(http.parse().unwrap()),
            ..Settings::new("unused".into())
        }
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        let error = Listeners::bind(&settings("0.0.0.0:0")).unwrap_err();
        assert!(error.to_string().contains("https"), "{error}");
        assert!(Listeners::bind(&settings("127.0.0.1:0")).is_ok());
    }

    #[test]
    fn a_waiting_room_that_comes_back_at_once_is_taken_in() {
        let listeners = Listeners::bind(&settings("127.0.0.1:0")).unwrap();
        let address = listeners.addresses.http.unwrap();
        // Nobody accepts: whoever finds no room waits in vain.
        let come = |_| TcpStream::connect_timeout(&address, Duration::from_secs(5));
        let all: Result<Vec<_>, _> = (0..400).map(come).collect();
        assert!(all.is_ok(), "{all:?}");
    }

    #[test]
    fn a_taken_address_is_said_to_be_taken() {
        let first = Listeners::bind(&settings("127.0.0.1:0")).unwrap();
        let taken = first.addresses.http.unwrap();
        let error = Listeners::bind(&settings(&taken.to_string())).unwrap_err();
        assert!(matches!(error, ListenError::Taken(address) if address == taken));
    }

    #[test]
    fn where_any_port_will_do_a_free_one_takes_the_place_of_a_taken_one() {
        let first = Listeners::bind(&settings("127.0.0.1:0")).unwrap();
        let taken = first.addresses.http.unwrap();
        let mut settings = settings(&taken.to_string());
        settings.any_port = true;
        let second = Listeners::bind(&settings).unwrap().addresses.http.unwrap();
        assert_eq!(second.ip(), taken.ip());
        assert_ne!(second.port(), taken.port());
    }
}
