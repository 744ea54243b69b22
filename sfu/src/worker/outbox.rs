//! Datagrams on their way out. Those of one wake to one address leave by one system call: the kernel carries a row of
//! them through its layers as one, and cuts it at the far end (`UDP_SEGMENT`).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::socket::{Row, Socket};
use crate::counters::{Counters, Out};
use crate::limits::{OUTGOING_BYTES, OUTGOING_ROWS, ROW_DATAGRAMS};

/// What waits to be sent before the worker sleeps.
pub struct Outbox {
    rows: [Waiting; OUTGOING_ROWS],
}

/// Datagrams to one address: all as long as the first, but the last, which may be shorter and ends the row.
struct Waiting {
    source: Option<IpAddr>,
    to: SocketAddr,
    /// The length of the first.
    segment: usize,
    ended: bool,
    buffer: Box<[u8]>,
    /// How much of the buffer waits.
    filled: usize,
}

impl Default for Outbox {
    fn default() -> Self {
        Self {
            rows: std::array::from_fn(|_| Waiting::new()),
        }
    }
}

impl Outbox {
    /// Takes a datagram. What can wait with it no longer is sent.
    pub fn push(
        &mut self,
        source: Option<IpAddr>,
        to: SocketAddr,
        datagram: &[u8],
        send: impl FnMut(&Row<'_>),
    ) {
        let copy = |buffer: &mut [u8]| {
            let place = buffer.get_mut(..datagram.len())?;
            place.copy_from_slice(datagram);
            Some(datagram.len())
        };
        self.write(source, to, copy, send);
    }

    /// Has a datagram written where it waits; whether one was. What can wait with it no longer is sent.
    pub fn write(
        &mut self,
        source: Option<IpAddr>,
        to: SocketAddr,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
        mut send: impl FnMut(&Row<'_>),
    ) -> bool {
        let Some(row) = self.rows.get_mut(place(to)) else {
            return false;
        };
        if !row.goes_on(source, to) {
            row.leave(&mut send);
            (row.source, row.to) = (source, to);
        }
        let begin = row.filled;
        let free = row.buffer.get_mut(begin..begin + OUTGOING_BYTES);
        let Some(length) = free.and_then(write) else {
            return false;
        };
        if length > row.segment && begin > 0 {
            row.leave(&mut send);
            row.buffer.copy_within(begin..begin + length, 0);
        }
        row.add(length);
        true
    }

    /// How many datagrams wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        let rows = self.rows.iter().filter(|row| row.segment > 0);
        rows.map(|row| row.filled.div_ceil(row.segment)).sum()
    }

    /// Sends all that waits.
    pub fn leave(&mut self, mut send: impl FnMut(&Row<'_>)) {
        for row in &mut self.rows {
            row.leave(&mut send);
        }
    }
}

impl Waiting {
    fn new() -> Self {
        Self {
            source: None,
            to: (Ipv4Addr::UNSPECIFIED, 0).into(),
            segment: 0,
            ended: false,
            buffer: vec![0; ROW_DATAGRAMS * OUTGOING_BYTES].into_boxed_slice(),
            filled: 0,
        }
    }

    /// Whether one more datagram between these addresses can stand behind the others, if it is not longer.
    fn goes_on(&self, source: Option<IpAddr>, to: SocketAddr) -> bool {
        let room = self.filled < self.segment * ROW_DATAGRAMS;
        room && !self.ended && (self.source, self.to) == (source, to)
    }

    /// A datagram of this length was written behind the others.
    fn add(&mut self, length: usize) {
        if self.filled == 0 {
            self.segment = length;
        }
        self.ended = length < self.segment;
        self.filled += length;
    }

    fn leave(&mut self, send: impl FnOnce(&Row<'_>)) {
        let filled = std::mem::take(&mut self.filled);
        if let Some(contents) = self.buffer.get(..filled).filter(|it| !it.is_empty()) {
            send(&Row {
                source: self.source,
                to: self.to,
                segment: self.segment,
                contents,
            });
        }
    }
}

/// Sends a row and counts its datagrams.
pub(super) fn send_row(socket: &Socket, counters: &Counters, row: &Row<'_>) {
    socket.send(row, |bytes, taken| {
        if taken {
            counters.datagram_out(bytes);
        } else {
            counters.dropped(Out::SendFailed);
        }
    });
}

/// The row of an address. Two that share one send each other off, which costs system calls and nothing else.
fn place(to: SocketAddr) -> usize {
    let ip = match to.ip() {
        IpAddr::V4(ip) => ip.octets().into_iter().map(usize::from).sum::<usize>(),
        IpAddr::V6(ip) => ip.octets().into_iter().map(usize::from).sum(),
    };
    (ip + usize::from(to.port())) % OUTGOING_ROWS
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use proptest::prelude::*;

    use super::{Outbox, Row, Socket, send_row};
    use crate::counters::{Counter, Counters, Out, Reason};
    use crate::limits::ROW_DATAGRAMS;

    fn at(port: u16) -> SocketAddr {
        ([192, 0, 2, 1], port).into()
    }

    /// What leaves for each datagram pushed, and at the end: the address and the lengths of each row.
    fn rows(pushed: &[(u16, usize)]) -> Vec<(u16, Vec<usize>)> {
        let mut left = Vec::new();
        let mut note = |row: &Row<'_>| {
            left.push((row.to.port(), row.datagrams().map(<[u8]>::len).collect()));
        };
        let mut outbox = Outbox::default();
        for (port, length) in pushed {
            outbox.push(None, at(*port), &vec![1; *length], &mut note);
        }
        outbox.leave(&mut note);
        left
    }

    #[test]
    fn a_burst_to_one_address_is_one_row_and_a_shorter_one_ends_it() {
        let burst = [(1, 1100), (1, 1100), (1, 400), (1, 400)];
        assert_eq!(rows(&burst), [(1, vec![1100, 1100, 400]), (1, vec![400])]);
        assert_eq!(
            rows(&[(1, 100), (1, 1100)]),
            [(1, vec![100]), (1, vec![1100])]
        );
    }

    #[test]
    fn people_of_one_call_have_rows_of_their_own() {
        let turns = [(1, 9), (2, 9), (1, 9), (2, 9)];
        assert_eq!(rows(&turns), [(1, vec![9, 9]), (2, vec![9, 9])]);
    }

    #[test]
    fn what_waits_is_counted_until_it_leaves() {
        let mut outbox = Outbox::default();
        for (port, length) in [(1, 9), (1, 9), (1, 4), (2, 9)] {
            outbox.push(None, at(port), &vec![1; length], |_| {});
        }
        assert_eq!(outbox.waiting(), 4);
        outbox.leave(|_| {});
        assert_eq!(outbox.waiting(), 0);
    }

    #[test]
    fn what_the_kernel_does_not_take_is_counted() {
        let socket = Socket::bind(([127, 0, 0, 1], 0).into()).unwrap();
        let counters = Counters::default();
        let told = || {
            let failed = counters.dropped_for(Reason::Out(Out::SendFailed));
            (failed, counters.value(Counter::DatagramsOut))
        };
        let send = |to| {
            send_row(
                &socket,
                &counters,
                &Row {
                    source: None,
                    to,
                    segment: 9,
                    contents: &[0; 9 * 2 + 4],
                },
            );
        };
        // Nobody has the port of no number.
        send(([127, 0, 0, 1], 0).into());
        assert_eq!(told(), (3, 0));
        send(socket.local_addr().unwrap());
        assert_eq!(told(), (3, 3));
    }

    #[test]
    fn a_row_has_an_end() {
        let rows = rows(&[(1, 1200); ROW_DATAGRAMS + 1]);
        assert_eq!(rows[0].1.len(), ROW_DATAGRAMS);
        assert_eq!(rows[1].1.len(), 1);
    }

    proptest! {
        /// Whatever comes in whatever order: each address gets all of its own, in order.
        #[test]
        fn nothing_is_lost_or_overtaken(pushed in prop::collection::vec((0_u16..80, 1_usize..6), 0..300)) {
            let (mut outbox, mut left) = (Outbox::default(), Vec::new());
            let mut note = |row: &Row<'_>| {
                left.extend(row.datagrams().map(|it| (row.to.port(), it.to_vec())));
            };
            let datagrams = pushed.iter().enumerate();
            let datagrams: Vec<_> = datagrams.map(|(number, (port, length))| (*port, vec![number as u8; *length])).collect();
            for (port, datagram) in &datagrams {
                outbox.push(None, at(*port), datagram, &mut note);
            }
            outbox.leave(&mut note);
            for port in 0..80 {
                let of = |all: &[(u16, Vec<u8>)]| all.iter().filter(|it| it.0 == port).cloned().collect::<Vec<_>>();
                prop_assert_eq!(of(&left), of(&datagrams));
            }
        }
    }
}
