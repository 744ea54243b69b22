//! Which addresses a webhook may be sent to: those of the public internet, and those that are allowed by name.
//!
//! A webhook's address is chosen by whoever administers the clinic, and the server stands where it may reach more than
//! they: its own loopback, other machines of the house, a cloud's metadata.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

/// Addresses that are allowed although they are not public.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Allowed(pub(super) Vec<IpNet>);

/// An address that nothing is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused;

impl Allowed {
    /// The addresses of a name, if every one of them may be sent to: a name that also leads elsewhere is not to be
    /// trusted. Without encryption, all must be allowed by name.
    pub(super) fn judge(&self, addresses: &[SocketAddr], encrypted: bool) -> Result<(), Refused> {
        let good = |address: &SocketAddr| {
            let ip = address.ip();
            self.contains(ip) || encrypted && is_public(ip)
        };
        if addresses.iter().all(good) {
            Ok(())
        } else {
            Err(Refused)
        }
    }

    fn contains(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(&ip))
    }
}

/// The address belongs to the public internet, as the registries of IANA have it (RFC 6890 and after).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let special = match ip.octets() {
        // This network, private, loopback, link-local.
        [0 | 10 | 127, ..] | [169, 254, ..] | [192, 168, ..] => true,
        // Private; carrier-grade NAT (RFC 6598).
        [172, second, ..] => (16..32).contains(&second),
        [100, second, ..] => (64..128).contains(&second),
        // Protocol assignments, documentation, 6to4 relays; benchmarks.
        [192, 0, 0 | 2, _] | [198, 51, 100, _] | [203, 0, 113, _] | [192, 88, 99, _] => true,
        [198, 18 | 19, ..] => true,
        // Multicast, reserved, broadcast.
        [first, ..] => first >= 224,
    };
    !special
}

/// Global unicast is 2000::/3. So mapped and translated IPv4, unique local, link-local and multicast addresses are out.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    let special = match (first, second) {
        // Protocol assignments, with Teredo and ORCHID; documentation.
        (0x2001, second) => second < 0x0200 || second == 0x0db8,
        // 6to4 has an IPv4 address within; documentation (RFC 9637).
        (0x2002, _) => true,
        (0x3fff, second) => second < 0x1000,
        (first, _) => !(0x2000..0x4000).contains(&first),
    };
    !special
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(allowed: &[&str], addresses: &[&str], encrypted: bool) -> bool {
        let allowed = allowed.iter().map(|net| net.parse().unwrap()).collect();
        let addresses: Vec<SocketAddr> = addresses
            .iter()
            .map(|ip| SocketAddr::new(ip.parse().unwrap(), 443))
            .collect();
        Allowed(allowed).judge(&addresses, encrypted).is_ok()
    }

    #[test]
    fn attack_24_a_webhook_to_a_private_address_of_any_kind_is_refused() {
        for ip in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!judge(&[], &[ip], true), "{ip}");
        }
    }

    #[test]
    fn public_addresses_are_taken_with_encryption_only() {
        for ip in [
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2001:200::1",
            "2a00:1450::1",
        ] {
            assert!(judge(&[], &[ip], true), "{ip}");
            assert!(!judge(&[], &[ip], false), "{ip}");
        }
    }

    #[test]
    fn what_is_allowed_by_name_is_taken_and_one_address_that_is_not_spoils_all() {
        let allowed = ["10.2.0.0/16", "::1/128"];
        assert!(judge(&allowed, &["10.2.3.4"], true));
        assert!(judge(&allowed, &["10.2.3.4", "::1"], false));
        assert!(!judge(&allowed, &["10.3.3.4"], true));
        assert!(!judge(&allowed, &["::ffff:10.2.3.4"], true));
        assert!(!judge(&[], &["1.1.1.1", "127.0.0.1"], true));
    }
}
