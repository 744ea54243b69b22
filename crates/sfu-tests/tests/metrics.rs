//! What the SFU tells of itself.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "in a test a panic is the verdict"
)]
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks at what it asks for"
)]

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;

use support::World;
use support::client::lose_video;
use support::metrics::{get, sum};

fn consultation() -> World {
    let mut world = World::start();
    world.plan(&[1, 2], true);
    for person in [1, 2] {
        let client = world.join(person, 1);
        world.clients[client].sending = true;
    }
    world.until("media flows", |world| {
        world.clients.iter().all(|client| client.got.len() > 100)
    });
    world
}

#[test]
fn what_flows_is_counted() {
    let mut world = consultation();
    world.clients[1].incoming = lose_video(10);
    world.until("lost packets were sent again", |world| {
        sum(&world.metrics(), "vestibule_sfu_retransmissions_sent_total") > 10.0
    });
    let page = world.metrics();
    let told = |name: &str| sum(&page, &format!("vestibule_sfu_{name}"));
    assert_eq!(
        (told("peers"), told("calls"), told("panics_total")),
        (2.0, 1.0, 0.0)
    );
    let taken = told("packets_in_total");
    assert!(taken > 200.0 && told("packets_out_total") > 200.0);
    assert!(told("datagrams_in_total") > taken);
    assert!(told("bytes_in_total") > 100.0 * taken && told("bytes_out_total") > 20_000.0);
    let asked = told("retransmissions_asked_total");
    let answered = told("retransmissions_sent_total") + told("retransmissions_refused_total");
    assert!(asked > 10.0 && answered <= asked);
    assert!(told("key_frames_requested_total") >= 1.0);
    assert!(told("cpu_seconds_total") > 0.0);
}

#[test]
fn no_line_tells_of_somebody() {
    let world = consultation();
    let page = world.metrics();
    let allowed = ["worker", "direction", "reason"];
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let labels = line.split_once('{').map_or("", |(_, rest)| rest);
        let names = labels.split(['}', ',']).filter_map(|it| it.split_once('='));
        for (name, value) in names {
            assert!(allowed.contains(&name), "{line}");
            assert!(!value.contains(['.', ':', '-']), "{line}");
        }
    }
}

#[test]
fn only_the_metrics_are_served_and_nobody_holds_the_port() {
    let world = World::start();
    let address = world.metrics_address();
    assert_eq!(get(address, "/metrics").0, "HTTP/1.1 200 OK");
    assert_eq!(get(address, "/").0, "HTTP/1.1 404 Not Found");
    assert_eq!(get(address, "/metrics/../x").0, "HTTP/1.1 404 Not Found");
    let mut endless = TcpStream::connect(address).unwrap();
    let _ = endless.write_all(&[b'x'; 10_000]);
    let mut answer = Vec::new();
    let _ = endless.read_to_end(&mut answer);
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 431 "));
    // Who says nothing holds a place for a moment, and all places are given back.
    let silent: Vec<_> = (0..8)
        .map(|_| TcpStream::connect(address).unwrap())
        .collect();
    for mut stream in silent {
        assert_eq!(stream.read(&mut [0; 10]).unwrap_or(0), 0);
    }
    assert_eq!(get(address, "/metrics").0, "HTTP/1.1 200 OK");
}

#[test]
fn a_port_that_is_taken_does_not_stop_the_sfu() {
    let first = World::start();
    let mut second = World::start_with_metrics(first.metrics_address());
    second.plan(&[1], true);
    second.join(1, 1);
    assert_eq!(sum(&first.metrics(), "vestibule_sfu_peers"), 0.0);
}
