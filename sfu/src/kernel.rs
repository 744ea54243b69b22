//! What the kernel says of UDP sockets.

use std::fs;
use std::net::{IpAddr, SocketAddr};

/// What the kernel dropped on the UDP sockets of these ports, in this network namespace, because nobody took it in time, since
/// they were opened.
#[must_use]
pub fn kernel_drops(ports: &[u16]) -> u64 {
    let sockets = UdpSockets::read();
    sockets.dropped(|address| ports.contains(&address.port()))
}

/// The UDP sockets of this network namespace, as they are at a moment.
#[derive(Debug)]
pub(crate) struct UdpSockets(String);

impl UdpSockets {
    pub(crate) fn read() -> Self {
        // Without IPv6 there is no second file.
        let files = ["/proc/net/udp", "/proc/net/udp6"];
        let tables = files.map(|file| fs::read_to_string(file).unwrap_or_default());
        Self(tables.concat())
    }

    /// What the kernel dropped on the socket that is bound to this address. Another program may have the same port at another.
    pub(crate) fn dropped_at(&self, bound: SocketAddr) -> u64 {
        self.dropped(|address| address == bound)
    }

    fn dropped(&self, of: impl Fn(SocketAddr) -> bool) -> u64 {
        let sockets = self.0.lines().filter_map(|line| {
            let mut words = line.split_ascii_whitespace();
            let bound = address(words.nth(1)?)?;
            let dropped: u64 = words.last()?.parse().ok()?;
            Some((bound, dropped))
        });
        let meant = sockets.filter(|(bound, _)| of(*bound));
        meant.map(|(_, dropped)| dropped).sum()
    }
}

/// An address as the kernel writes it: each four octets of the IP address as a number in the machine's own order.
fn address(written: &str) -> Option<SocketAddr> {
    let (ip, port) = written.rsplit_once(':')?;
    let word = |at: usize| {
        let word = u32::from_str_radix(ip.get(at..at + 8)?, 16).ok()?;
        Some(word.to_ne_bytes())
    };
    let ip = match ip.len() {
        8 => IpAddr::from(word(0)?),
        32 => {
            let [a, b, c, d] = [word(0)?, word(8)?, word(16)?, word(24)?];
            let octets: [u8; 16] = [a, b, c, d].concat().try_into().ok()?;
            IpAddr::from(octets)
        }
        _ => return None,
    };
    let port = u16::from_str_radix(port, 16).ok()?;
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use std::net::{SocketAddr, UdpSocket};

    use super::{UdpSockets, address};

    const TABLE: &str = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout \
         inode ref pointer drops\n\
         10: 0100007F:1388 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 1 2 0000000000000000 7\n\
         11: 0100007F:1389 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 1 2 0000000000000000 5\n\
         12: 0200007F:1388 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 1 2 0000000000000000 3\n";

    #[test]
    fn drops_are_told_by_port() {
        let table = UdpSockets(TABLE.to_owned());
        assert_eq!(table.dropped(|it| it.port() == 0x1388), 10);
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn drops_are_told_by_address() {
        let table = UdpSockets(TABLE.to_owned());
        let dropped = |last| table.dropped_at(([127, 0, 0, last], 0x1388).into());
        assert_eq!([dropped(1), dropped(2), dropped(3)], [7, 3, 0]);
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn addresses_are_read_as_the_kernel_writes_them() {
        let read = |written| address(written).map(|it| it.to_string());
        let of_all = "00000000000000000000000000000000:1F90";
        assert_eq!(read(of_all).as_deref(), Some("[::]:8080"));
        let documented = "B80D0120000000000000000001000000:0001";
        assert_eq!(read(documented).as_deref(), Some("[2001:db8::1]:1"));
        for no_address in ["local_address", "0100007F", "0100007G:0001", "01:0001"] {
            assert_eq!(read(no_address), None);
        }
    }

    #[test]
    fn what_one_socket_does_not_take_is_not_anothers() {
        let full = UdpSocket::bind("127.0.0.1:0").unwrap();
        let bound = full.local_addr().unwrap();
        let other = SocketAddr::new([127, 0, 0, 2].into(), bound.port());
        let idle = UdpSocket::bind(other).unwrap();
        // More than any kernel keeps for a socket that did not ask for more.
        for _ in 0..500 {
            idle.send_to(&[0; 60_000], bound).unwrap();
        }
        let now = UdpSockets::read();
        assert!(now.dropped_at(bound) > 0);
        assert_eq!(now.dropped_at(other), 0);
    }
}
