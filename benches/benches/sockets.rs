//! Taking datagrams from the kernel in batches and sending them on, over loopback: a row to one address, which leaves by one
//! system call, and lone ones to an address each, as most are in a busy relay. The floors beside it receive as many bytes by
//! one plain `recvfrom`, and send them by one plain `sendto`, or by one for each address.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]
#![allow(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::hint::black_box;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use vestibule_sfu::parts::{Inbox, Outbox, Row, Socket};

/// What one system call of the SFU takes at most.
const BATCH: usize = 8;

const PACKET: [u8; 1_100] = [0x80; 1_100];

const ANYWHERE: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

/// How many datagrams each receiver gets of a batch.
type Arriving = [usize; BATCH];

const ROW: Arriving = [BATCH, 0, 0, 0, 0, 0, 0, 0];
const LONE: Arriving = [1; BATCH];
const ONE: Arriving = [1, 0, 0, 0, 0, 0, 0, 0];

/// Who sends to whom through what is measured.
struct Ends {
    sender: UdpSocket,
    receivers: [UdpSocket; BATCH],
    buffer: Box<[u8]>,
}

impl Ends {
    fn new() -> Self {
        Self {
            sender: UdpSocket::bind(ANYWHERE).expect("a socket"),
            receivers: std::array::from_fn(|_| {
                let receiver = UdpSocket::bind(ANYWHERE).expect("a socket");
                receiver
                    .set_nonblocking(true)
                    .expect("a socket that does not wait");
                receiver
            }),
            buffer: vec![0; BATCH * PACKET.len()].into(),
        }
    }

    fn addresses(&self) -> [SocketAddr; BATCH] {
        let address = |it: &UdpSocket| it.local_addr().expect("an address");
        self.receivers.each_ref().map(address)
    }

    /// On loopback whoever sends a datagram carries it to the receiver's socket: all of them are there.
    fn arrived(&mut self) -> Arriving {
        self.receivers
            .each_ref()
            .map(|it| std::iter::from_fn(|| it.recv_from(&mut self.buffer).ok()).count())
    }

    /// Measures what takes these datagrams and sends them on; what both ends do is not counted.
    fn measure(
        &mut self,
        (at, batches): (SocketAddr, u64),
        datagrams: &[&[u8]],
        expected: Arriving,
        mut relay: impl FnMut(),
    ) -> Duration {
        let mut spent = Duration::ZERO;
        for _ in 0..batches {
            for datagram in datagrams {
                self.sender.send_to(datagram, at).expect("sent");
            }
            let start = Instant::now();
            relay();
            spent += start.elapsed();
            assert_eq!(self.arrived(), expected);
        }
        spent
    }
}

/// The SFU's socket with what it receives into and sends from.
struct Ours {
    socket: Socket,
    inbox: Inbox,
    outbox: Outbox,
}

impl Ours {
    /// Takes what is there; each datagram goes to the next address.
    fn relay(&mut self, to: [SocketAddr; BATCH]) {
        self.socket.receive(&mut self.inbox);
        let send = |row: &Row<'_>| self.socket.send(row, |_, _| ());
        for (datagram, to) in self.inbox.datagrams().zip(to) {
            self.outbox
                .push(datagram.local, to, datagram.contents, send);
        }
        self.outbox.leave(send);
    }
}

fn relay(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sockets");
    group.throughput(Throughput::Elements(BATCH as u64));
    let mut ends = Ends::new();
    let lone = ends.addresses();
    let [first, ..] = lone;
    let mut ours = Ours {
        socket: Socket::bind(ANYWHERE.into()).expect("a socket"),
        inbox: Inbox::default(),
        outbox: Outbox::default(),
    };
    let at = ours.socket.local_addr().expect("an address");
    for (name, to, expected) in [
        ("8 datagrams in and out", [first; BATCH], ROW),
        ("8 lone datagrams in and out", lone, LONE),
    ] {
        group.bench_function(name, |bench| {
            bench.iter_custom(|batches| {
                ends.measure((at, batches), &[&PACKET[..]; BATCH], expected, || {
                    ours.relay(to);
                })
            });
        });
    }
    let socket = UdpSocket::bind(ANYWHERE).expect("a socket");
    let at = socket.local_addr().expect("an address");
    let all = PACKET.repeat(BATCH);
    let mut buffer = all.clone();
    for (name, to, expected) in [
        ("floor: as many bytes at once", &[first][..], ONE),
        ("floor: as many bytes, and 8 sendto", &lone, LONE),
    ] {
        group.bench_function(name, |bench| {
            bench.iter_custom(|batches| {
                ends.measure((at, batches), &[&all], expected, || {
                    let received = socket.recv_from(&mut buffer).expect("a datagram");
                    assert_eq!(received.0, all.len());
                    for (packet, to) in buffer.chunks(all.len() / to.len()).zip(to) {
                        socket.send_to(black_box(packet), to).expect("sent");
                    }
                })
            });
        });
    }
    group.finish();
}

criterion_group!(benches, relay);
criterion_main!(benches);
