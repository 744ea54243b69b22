//! Whom a request is from, where proxies stand in front of the server.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

/// Each proxy adds to it the address that it was asked from.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The proxies whose word about addresses counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Proxies(Vec<IpNet>);

impl Proxies {
    pub(super) fn new(trusted: Vec<IpNet>) -> Self {
        Self(trusted)
    }

    /// Who asks, of a connection from `peer`: the nearest address that is not a trusted proxy's. What somebody wrote into
    /// the header before the first of our proxies stands further away, and is not read.
    pub(super) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let lines = headers.get_all(FORWARDED_FOR).iter().rev();
        let mut farther = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
        let mut client = peer.to_canonical();
        while self.trusts(client) {
            let Some(next) = farther.next().and_then(address) else {
                break;
            };
            client = next;
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// An address as proxies write it: some add a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = || text.parse().ok();
    let with_port = || text.parse().ok().map(|address: SocketAddr| address.ip());
    bare().or_else(with_port).map(|it| it.to_canonical())
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use axum::http::{HeaderMap, HeaderValue};

    use super::{FORWARDED_FOR, Proxies};

    /// Who is taken to ask, where a proxy of this machine and those of 10.0.0.0/8 are trusted.
    fn client(peer: &str, lines: &[&'static str]) -> String {
        let trusted = ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"];
        let proxies = Proxies::new(trusted.map(|it| it.parse().unwrap()).to_vec());
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
        }
        let peer: IpAddr = peer.parse().unwrap();
        proxies.client(peer, &headers).to_string()
    }

    #[test]
    fn the_word_of_a_trusted_proxy_counts() {
        assert_eq!(client("127.0.0.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(client("::ffff:127.0.0.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(client("fd00::1", &["2001:db8::7"]), "2001:db8::7");
        assert_eq!(client("127.0.0.1", &["203.0.113.7:4711"]), "203.0.113.7");
        assert_eq!(client("127.0.0.1", &["[2001:db8::7]:4711"]), "2001:db8::7");
    }

    #[test]
    fn nobody_elses_word_counts() {
        assert_eq!(client("198.51.100.9", &["203.0.113.7"]), "198.51.100.9");
        let nobody = Proxies::default();
        let mut headers = HeaderMap::new();
        headers.append(FORWARDED_FOR, HeaderValue::from_static("203.0.113.7"));
        let peer: IpAddr = "127.0.0.1".parse().unwrap();
        assert_eq!(nobody.client(peer, &headers), peer);
    }

    /// Whoever writes the header themselves stands before what the proxy adds.
    #[test]
    fn nobody_passes_for_somebody_else_through_a_proxy() {
        let forged = ["192.0.2.1, 203.0.113.7"];
        assert_eq!(client("127.0.0.1", &forged), "203.0.113.7");
        let two_lines = ["192.0.2.1", "203.0.113.7"];
        assert_eq!(client("127.0.0.1", &two_lines), "203.0.113.7");
        let trusted = ["10.0.0.1, 203.0.113.7"];
        assert_eq!(client("127.0.0.1", &trusted), "203.0.113.7");
    }

    #[test]
    fn a_chain_of_proxies_is_followed_to_its_end() {
        let chain = ["192.0.2.1, 203.0.113.7, 10.1.2.3"];
        assert_eq!(client("127.0.0.1", &chain), "203.0.113.7");
        assert_eq!(client("127.0.0.1", &["10.1.2.3"]), "10.1.2.3");
    }

    #[test]
    fn what_is_no_address_is_the_proxys() {
        for line in ["", "unknown", "203.0.113.7, unknown", ",,,", "203.0.113.7,"] {
            assert_eq!(client("127.0.0.1", &[line]), "127.0.0.1", "{line:?}");
        }
        assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
    }
}
