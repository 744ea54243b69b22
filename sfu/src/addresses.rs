//! The addresses that clients are told.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::SfuConfig;
use crate::limits::CANDIDATES;

/// A worker's addresses as clients see them, and how datagrams are matched with them.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    candidates: Vec<SocketAddr>,
    /// The machine has them itself and all are bound: an answer leaves from the one that was asked.
    choose_source: bool,
}

impl Addresses {
    /// The addresses of the worker that is bound to `bound`, the `index`th.
    ///
    /// # Errors
    /// When the machine's interfaces cannot be listed.
    pub(crate) fn of_worker(
        config: &SfuConfig,
        bound: SocketAddr,
        index: usize,
    ) -> io::Result<Self> {
        let advertised = config
            .advertised
            .iter()
            .copied()
            .filter(|ip| ip.is_ipv4() == bound.is_ipv4());
        let advertised: Vec<_> = advertised.collect();
        let own = advertised.is_empty();
        let ips = match own {
            false => advertised,
            true if bound.ip().is_unspecified() => machine(config, bound.is_ipv4())?,
            true => vec![bound.ip()],
        };
        let port = advertised_port(config, index).unwrap_or(bound.port());
        Ok(Self {
            candidates: ips
                .into_iter()
                .take(CANDIDATES)
                .map(|ip| SocketAddr::new(ip, port))
                .collect(),
            choose_source: own && bound.ip().is_unspecified(),
        })
    }

    /// What clients are told.
    pub(crate) fn candidates(&self) -> &[SocketAddr] {
        &self.candidates
    }

    /// The candidate that a datagram was sent to. Behind NAT it cannot be told, and any will do.
    pub(crate) fn candidate_for(&self, local: Option<IpAddr>) -> Option<SocketAddr> {
        let mut candidates = self.candidates.iter().copied();
        let exact = candidates.find(|candidate| Some(candidate.ip()) == local);
        exact.or(self.candidates.first().copied())
    }

    /// The address that a datagram is to leave from; `None` leaves it to the kernel.
    pub(crate) fn source_for(&self, candidate: SocketAddr) -> Option<IpAddr> {
        self.choose_source.then(|| candidate.ip())
    }
}

fn advertised_port(config: &SfuConfig, index: usize) -> Option<u16> {
    config
        .advertised_first_port?
        .checked_add(u16::try_from(index).ok()?)
}

/// The machine's own addresses that others can reach; its loopback when it has no other, or when asked.
fn machine(config: &SfuConfig, v4: bool) -> io::Result<Vec<IpAddr>> {
    let mut ips: Vec<IpAddr> = if_addrs::get_if_addrs()?
        .iter()
        .map(if_addrs::Interface::ip)
        .collect();
    ips.retain(|ip| ip.is_ipv4() == v4 && reachable(*ip));
    ips.sort_unstable();
    ips.dedup();
    if ips.is_empty() || config.loopback {
        ips.push(if v4 {
            Ipv4Addr::LOCALHOST.into()
        } else {
            Ipv6Addr::LOCALHOST.into()
        });
    }
    Ok(ips)
}

/// Link-local addresses need a zone that SDP has no place for.
fn reachable(ip: IpAddr) -> bool {
    let link_local = match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    !(link_local || ip.is_loopback() || ip.is_unspecified())
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, SocketAddr};

    use super::Addresses;
    use crate::SfuConfig;

    fn addresses(config: &SfuConfig, bound: &str, index: usize) -> Addresses {
        Addresses::of_worker(config, bound.parse().unwrap(), index).unwrap()
    }

    fn candidates(config: &SfuConfig, bound: &str, index: usize) -> Vec<String> {
        let addresses = addresses(config, bound, index);
        addresses
            .candidates()
            .iter()
            .map(SocketAddr::to_string)
            .collect()
    }

    #[test]
    fn a_bound_address_is_told_as_it_is() {
        assert_eq!(
            candidates(&SfuConfig::default(), "127.0.0.1:4000", 0),
            ["127.0.0.1:4000"]
        );
        assert_eq!(
            candidates(&SfuConfig::default(), "[::1]:4000", 0),
            ["[::1]:4000"]
        );
    }

    #[test]
    fn loopback_is_told_when_asked() {
        let config = SfuConfig {
            loopback: true,
            ..SfuConfig::default()
        };
        assert!(candidates(&config, "0.0.0.0:4000", 0).contains(&"127.0.0.1:4000".to_owned()));
    }

    #[test]
    fn behind_nat_the_advertised_address_and_port_are_told() {
        let config = SfuConfig {
            advertised: vec![[192, 0, 2, 9].into(), "2001:db8::9".parse().unwrap()],
            advertised_first_port: Some(50_000),
            ..SfuConfig::default()
        };
        assert_eq!(candidates(&config, "0.0.0.0:4001", 1), ["192.0.2.9:50001"]);
        assert_eq!(candidates(&config, "[::]:4000", 0), ["[2001:db8::9]:50000"]);
        let local: IpAddr = [10, 0, 0, 5].into();
        let behind = addresses(&config, "0.0.0.0:4000", 0);
        let told = behind.candidate_for(Some(local)).unwrap();
        assert_eq!(told.to_string(), "192.0.2.9:50000");
        assert_eq!(behind.source_for(told), None);
    }
}
