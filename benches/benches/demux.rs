//! Finding the peer that a datagram is for among 10,000. The floor beside it is one look-up in a map with the same
//! addresses, whose hash no sender can foresee.

#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use std::collections::HashMap;
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
    let mut map = HashMap::new();
    for peer in 0..PEERS {
        demux.add(place(peer), fragment(peer));
        demux.bind(place(peer), address(peer));
        map.insert(address(peer), place(peer));
    }
    let checks: Vec<Vec<u8>> = (0..PEERS).map(check).collect();
    let addresses: Vec<SocketAddr> = (0..PEERS).map(address).collect();
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
    group.bench_function("floor: look up among 10,000 addresses", |bench| {
        bench.iter(|| {
            let from = addresses.get(next());
            from.and_then(|from| map.get(black_box(from))).copied()
        });
    });
    group.finish();
}

criterion_group!(benches, route);
criterion_main!(benches);
