//! Taking datagrams from the kernel in batches and sending them on, over loopback. The floor beside it is one plain
//! `recvfrom` and one plain `sendto` for each.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]
#![allow(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::hint::black_box;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use vestibule_sfu::parts::{Inbox, Outbox, Socket};

/// What one system call of the SFU takes at most.
const BATCH: usize = 8;

const PACKET: [u8; 1_100] = [0x80; 1_100];

const ANYWHERE: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

/// Two who send to each other through what is measured.
struct Ends {
    sender: UdpSocket,
    receiver: UdpSocket,
    to: SocketAddr,
    buffer: [u8; 1_500],
}

impl Ends {
    fn new() -> Self {
        let receiver = UdpSocket::bind(ANYWHERE).expect("a socket");
        receiver
            .set_nonblocking(true)
            .expect("a socket that does not wait");
        Self {
            to: receiver.local_addr().expect("an address"),
            sender: UdpSocket::bind(ANYWHERE).expect("a socket"),
            receiver,
            buffer: [0; 1_500],
        }
    }

    fn send_batch(&self, to: SocketAddr) {
        for _ in 0..BATCH {
            self.sender.send_to(&PACKET, to).expect("sent");
        }
    }

    /// On loopback whoever sends a datagram carries it to the receiver's socket: all of them are there.
    fn expect_batch(&mut self) {
        for _ in 0..BATCH {
            self.receiver
                .recv_from(&mut self.buffer)
                .expect("a datagram");
        }
    }

    /// Measures what takes a batch and sends it on; what both ends do is not counted.
    fn measure(&mut self, at: SocketAddr, batches: u64, mut relay: impl FnMut()) -> Duration {
        let mut spent = Duration::ZERO;
        for _ in 0..batches {
            self.send_batch(at);
            let start = Instant::now();
            relay();
            spent += start.elapsed();
            self.expect_batch();
        }
        spent
    }
}

fn relay(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sockets");
    group.throughput(Throughput::Elements(BATCH as u64));
    let mut ends = Ends::new();
    let to = ends.to;
    let socket = Socket::bind(ANYWHERE.into()).expect("a socket");
    let at = socket.local_addr().expect("an address");
    let (mut inbox, mut outbox) = (Inbox::default(), Outbox::default());
    group.bench_function("8 datagrams in and out", |bench| {
        bench.iter_custom(|batches| {
            ends.measure(at, batches, || {
                socket.receive(&mut inbox);
                for datagram in inbox.datagrams() {
                    outbox.push(datagram.local, to, datagram.contents, |row| {
                        socket.send(row, |_, _| ());
                    });
                }
                outbox.leave(|row| socket.send(row, |_, _| ()));
            })
        });
    });
    let socket = UdpSocket::bind(ANYWHERE).expect("a socket");
    let at = socket.local_addr().expect("an address");
    let mut buffer = [0; 1_500];
    group.bench_function("floor: 8 recvfrom and 8 sendto", |bench| {
        bench.iter_custom(|batches| {
            ends.measure(at, batches, || {
                for _ in 0..BATCH {
                    let (length, _) = socket.recv_from(&mut buffer).expect("a datagram");
                    let packet = buffer.get(..length).unwrap_or_default();
                    socket.send_to(black_box(packet), to).expect("sent");
                }
            })
        });
    });
    group.finish();
}

criterion_group!(benches, relay);
criterion_main!(benches);
