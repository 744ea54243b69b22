//! What the kernel says of UDP sockets.

use std::fs;

/// What the kernel dropped on the UDP sockets of these ports, in this network namespace, because nobody took it in time, since
/// they were opened.
#[must_use]
pub fn kernel_drops(ports: &[u16]) -> u64 {
    // Without IPv6 there is no second file.
    let files = ["/proc/net/udp", "/proc/net/udp6"];
    let tables = files.map(|file| fs::read_to_string(file).unwrap_or_default());
    read_drops(&tables.concat(), ports)
}

fn read_drops(table: &str, ports: &[u16]) -> u64 {
    let sockets = table.lines().filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let (_, port) = words.nth(1)?.rsplit_once(':')?;
        let dropped: u64 = words.last()?.parse().ok()?;
        Some((u16::from_str_radix(port, 16).ok()?, dropped))
    });
    let ours = sockets.filter(|(port, _)| ports.contains(port));
    ours.map(|(_, dropped)| dropped).sum()
}

#[cfg(test)]
mod tests {
    use super::read_drops;

    #[test]
    fn drops_are_told_by_port() {
        let table = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout \
             inode ref pointer drops\n\
             10: 0100007F:1388 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 1 2 0000000000000000 7\n\
             11: 0100007F:1389 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 1 2 0000000000000000 5\n";
        assert_eq!(read_drops(table, &[0x1388]), 7);
    }
}
