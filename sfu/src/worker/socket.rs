//! A worker's UDP socket.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};

use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};
use nix::sys::socket::{setsockopt, sockopt};
use quinn_udp::{RecvMeta, Transmit, UdpSocketState};
use rustix::net::{SendFlags, sendto};

use crate::limits::{
    DATAGRAM_BATCH, DATAGRAM_BYTES, RECEIVE_BUFFER_BYTES, RECEIVE_BUFFER_LEAST, SEND_BUFFER_BYTES,
};

/// The socket. Bound to all of the machine's addresses, it knows to which of them a datagram was sent, and answers from
/// there.
#[derive(Debug)]
pub struct Socket {
    io: UdpSocket,
    state: UdpSocketState,
}

/// Buffers for what one system call brings.
#[derive(Debug)]
pub struct Inbox {
    buffers: [Box<[u8]>; DATAGRAM_BATCH],
    meta: [RecvMeta; DATAGRAM_BATCH],
    filled: usize,
}

/// A datagram that came.
#[derive(Debug)]
pub struct Datagram<'a> {
    /// Who sent it.
    pub from: SocketAddr,
    /// The address of this machine that it was sent to; `None` where the socket is bound to one alone.
    pub local: Option<IpAddr>,
    /// It is opened where it lies.
    pub contents: &'a mut [u8],
}

/// Datagrams to one address, one after the other: all as long as the first, but perhaps the last.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The address of this machine that they leave from; `None` leaves it to the kernel.
    pub source: Option<IpAddr>,
    /// Whom they are for.
    pub to: SocketAddr,
    /// The length of the first.
    pub segment: usize,
    /// All of them.
    pub contents: &'a [u8],
}

impl<'a> Row<'a> {
    /// The datagrams.
    pub fn datagrams(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.contents.chunks(self.segment.max(1))
    }
}

impl Socket {
    /// Binds a socket.
    ///
    /// # Errors
    /// When the address is in use or is not one of this machine.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let io = UdpSocket::bind(address)?;
        let state = UdpSocketState::new((&io).into())?;
        leave_out_notes(&io, address);
        // The kernel grants as much as its own limit allows, and all of it to whoever administers the network; less costs
        // packets in bursts alone.
        if setsockopt(&io, sockopt::RcvBufForce, &RECEIVE_BUFFER_BYTES).is_err() {
            let _ = state.set_recv_buffer_size((&io).into(), RECEIVE_BUFFER_BYTES);
        }
        let _ = state.set_send_buffer_size((&io).into(), SEND_BUFFER_BYTES);
        Ok(Self { io, state })
    }

    /// The address that the socket got.
    ///
    /// # Errors
    /// When the socket is broken.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.local_addr()
    }

    /// How many bytes less the kernel keeps of what came than a busy worker needs at the least, if it keeps less.
    pub(crate) fn short_of_buffer(&self) -> Option<usize> {
        let granted = self.state.recv_buffer_size((&self.io).into()).ok()?;
        // The kernel tells twice what it was asked for.
        let missing = RECEIVE_BUFFER_LEAST.saturating_sub(granted / 2);
        Some(missing).filter(|missing| *missing > 0)
    }

    /// Has the poll report when datagrams come.
    pub(super) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(&mut self.io, token, Interest::READABLE)
    }

    /// Fills the inbox; false when there is no more for now.
    pub fn receive(&self, inbox: &mut Inbox) -> bool {
        let mut slices = inbox
            .buffers
            .each_mut()
            .map(|buffer| IoSliceMut::new(buffer));
        // Errors are of earlier datagrams that were refused at the far end; there is nothing to do.
        let received = self
            .state
            .recv((&self.io).into(), &mut slices, &mut inbox.meta);
        inbox.filled = received.unwrap_or(0);
        inbox.filled == DATAGRAM_BATCH
    }

    /// Sends datagrams; says of each its length and whether the kernel took it. One that it did not is lost, as on the
    /// way.
    pub fn send(&self, row: &Row<'_>, mut sent: impl FnMut(usize, bool)) {
        let several = row.contents.len() > row.segment && self.state.max_gso_segments() > 1;
        if several && self.pass(row, row.contents, Some(row.segment)) {
            row.datagrams()
                .for_each(|datagram| sent(datagram.len(), true));
            return;
        }
        // A row is refused as a whole, by a network card that cannot cut it for example.
        for datagram in row.datagrams() {
            sent(datagram.len(), self.pass(row, datagram, None));
        }
    }

    fn pass(&self, row: &Row<'_>, contents: &[u8], segment_size: Option<usize>) -> bool {
        if row.source.is_none() && segment_size.is_none() {
            // Nothing is to be said of it: the kernel has less to read than of a message with notes.
            return sendto(&self.io, contents, SendFlags::empty(), &row.to).is_ok();
        }
        let transmit = Transmit {
            destination: row.to,
            ecn: None,
            contents,
            segment_size,
            src_ip: row.source,
        };
        let passed = self.state.try_send((&self.io).into(), &transmit);
        passed.is_ok()
    }
}

/// The library has the kernel note with each datagram when it came, how it was marked and what it was sent to. Each note
/// is copied by itself: together a fortieth of what a packet takes. Only the last is of use, and that only where the
/// socket is bound to all addresses. A kernel that goes on noting does no harm.
fn leave_out_notes(io: &UdpSocket, bound: SocketAddr) {
    let _ = setsockopt(io, sockopt::ReceiveTimestampns, &false);
    let _ = setsockopt(io, sockopt::IpRecvTos, &false);
    let named = !bound.ip().is_unspecified();
    if bound.is_ipv6() {
        let _ = setsockopt(io, sockopt::Ipv6RecvTClass, &false);
        if named {
            let _ = setsockopt(io, sockopt::Ipv6RecvPacketInfo, &false);
        }
    } else if named {
        let _ = setsockopt(io, sockopt::Ipv4PacketInfo, &false);
    }
}

impl Default for Inbox {
    fn default() -> Self {
        Self {
            buffers: std::array::from_fn(|_| vec![0; DATAGRAM_BYTES].into_boxed_slice()),
            meta: [RecvMeta::default(); DATAGRAM_BATCH],
            filled: 0,
        }
    }
}

impl Inbox {
    /// The datagrams that came. The kernel may hand several of one sender over as one buffer.
    pub fn datagrams(&mut self) -> impl Iterator<Item = Datagram<'_>> {
        let filled = self.meta.iter().zip(&mut self.buffers).take(self.filled);
        filled.flat_map(|(meta, buffer)| {
            let contents = buffer.get_mut(..meta.len).unwrap_or_default();
            // One that is empty counts as well, or there would be no end of them in one wake.
            let empty = contents.is_empty().then(Default::default);
            contents
                .chunks_mut(meta.stride.max(1))
                .chain(empty)
                .map(|contents| Datagram {
                    from: meta.addr,
                    local: meta.dst_ip,
                    contents,
                })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Inbox, Row, Socket};

    #[test]
    fn a_row_arrives_as_the_datagrams_that_it_was() {
        let bind = || Socket::bind(([127, 0, 0, 1], 0).into()).unwrap();
        let (from, to) = (bind(), bind());
        let contents = [[1; 900].as_slice(), &[2; 900], &[3; 40]].concat();
        let mut sent = Vec::new();
        let row = Row {
            source: None,
            to: to.local_addr().unwrap(),
            segment: 900,
            contents: &contents,
        };
        from.send(&row, |bytes, taken| sent.push((bytes, taken)));
        assert_eq!(sent, [(900, true), (900, true), (40, true)]);
        let mut inbox = Inbox::default();
        let mut came = Vec::new();
        // Loopback delivers before the call that sends returns.
        to.receive(&mut inbox);
        came.extend(
            inbox
                .datagrams()
                .map(|it| (it.contents.len(), it.contents[0])),
        );
        assert_eq!(came, [(900, 1), (900, 2), (40, 3)]);
    }

    #[test]
    fn an_empty_datagram_is_one_too() {
        let to = Socket::bind(([127, 0, 0, 1], 0).into()).unwrap();
        let from = std::net::UdpSocket::bind(("127.0.0.1", 0)).unwrap();
        for contents in [&[][..], &[7]] {
            from.send_to(contents, to.local_addr().unwrap()).unwrap();
        }
        let mut inbox = Inbox::default();
        to.receive(&mut inbox);
        let came: Vec<_> = inbox.datagrams().map(|it| it.contents.len()).collect();
        assert_eq!(came, [0, 1]);
    }
}
