//! Finding the peer that a datagram is for among 10,000. The floor beside it is the least that a look-up can be: it knows
//! which of as many entries it is, reads it and compares the address.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use std::hint::black_box;
use std::net::SocketAddr;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use vestibule_forwarding::Seat;
use vestibule_sfu::parts::{Demux, Place};

const PEERS: u32 = 10_000;

/// Has no divisor in common with the number of peers: its multiples visit all of them, far from each other.
const STEP: u32 = 7_919;

const MEDIA: [u8; 1_100] = [0x80; 1_100];

/// Calls of two.
fn place(peer: u32) -> Place {
    let [first, second, ..] = Seat::ALL;
    Place {
        call: peer as usize / 2,
        seat: if peer.is_multiple_of(2) {
            first
        } else {
            second
        },
    }
}

fn address(peer: u32) -> SocketAddr {
    let [_, _, high, low] = peer.to_be_bytes();
    ([10, 7, high, low], 40_000).into()
}

fn fragment(peer: u32) -> String {
    format!("{peer:08x}")
}

/// A binding request to a peer, with what browsers put before the user name left out (RFC 8489 section 5).
fn check(peer: u32) -> Vec<u8> {
    let name = format!("{}:abcd", fragment(peer));
    let mut datagram = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
    datagram.extend([7; 12]);
    datagram.extend([0, 6]);
    datagram.extend((name.len() as u16).to_be_bytes());
    datagram.extend(name.as_bytes());
    datagram.resize(datagram.len().next_multiple_of(4), 0);
    datagram
}

fn route(criterion: &mut Criterion) {
    let mut demux = Demux::default();
    for peer in 0..PEERS {
        demux.add(place(peer), fragment(peer));
        demux.bind(place(peer), address(peer));
    }
    let checks: Vec<Vec<u8>> = (0..PEERS).map(check).collect();
    let addresses: Vec<SocketAddr> = (0..PEERS).map(address).collect();
    for ((peer, from), check) in (0..PEERS).zip(&addresses).zip(&checks) {
        assert_eq!(demux.place_of(*from, &MEDIA), Some(place(peer)));
        assert_eq!(demux.place_of(*from, check), Some(place(peer)));
    }
    let entries: Vec<(SocketAddr, Place)> = (0..PEERS)
        .map(|peer| (address(peer), place(peer)))
        .collect();
    let mut group = criterion.benchmark_group("Demux");
    group.throughput(Throughput::Elements(1));
    let mut peer = 0;
    let mut next = || {
        peer = (peer + STEP) % PEERS;
        peer as usize
    };
    group.bench_function("a packet among 10,000 peers", |bench| {
        bench.iter(|| {
            let from = addresses.get(next()).copied();
            from.and_then(|from| demux.place_of(from, black_box(&MEDIA)))
        });
    });
    group.bench_function("a check among 10,000 peers", |bench| {
        bench.iter(|| {
            let peer = next();
            let from = addresses.get(peer).copied();
            let check = checks.get(peer).map_or(&[][..], Vec::as_slice);
            from.and_then(|from| demux.place_of(from, black_box(check)))
        });
    });
    group.bench_function("floor: read one of 10,000 addresses", |bench| {
        bench.iter(|| {
            let peer = next();
            let (from, entry) = (addresses.get(peer)?, entries.get(black_box(peer))?);
            (entry.0 == *from).then_some(entry.1)
        });
    });
    group.finish();
}

criterion_group!(benches, route);
criterion_main!(benches);
