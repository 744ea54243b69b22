//! What comes to a worker that does not take it in time.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::support::World;
use super::support::publisher::TRACKS;
use super::support::raw::numbers;
use super::{PRACTITIONER, counted, nack, publisher};
use vestibule_sfu::{CallId, Forwarded, Packet as Media, Seat, Source, Tap};

/// Lets a worker go on behind each packet of media only when it is told to, or nobody is there to tell.
struct Permits(Mutex<Receiver<()>>);

impl Tap for Permits {
    fn received(&self, _: CallId, _: (Seat, Source), _: &Media<'_>, _: bool) {
        let _ = self.0.lock().unwrap().recv();
    }

    fn sent(&self, _: CallId, _: &Forwarded, _: &Media<'_>, _: bool) {}
}

/// So long a worker finds more than it takes before it is behind, and so many datagrams it takes in one wake.
const BEHIND_FOR: Duration = Duration::from_millis(20);
const DATAGRAMS_PER_WAKE: usize = 64;

#[test]
fn what_is_asked_for_again_of_a_worker_that_is_behind_is_counted() {
    let (permits, taken) = channel();
    let mut world = World::start_tapped(Permits(Mutex::new(taken)));
    let mut publisher = publisher(&mut world);
    let mut raw = world.join_raw(PRACTITIONER, 1);
    permits.send(()).unwrap();
    publisher.send(&TRACKS[2..=2], 0..1);
    world.until("a picture comes", |_| {
        raw.run();
        !raw.media.is_empty()
    });
    let (stream, sequence) = numbers(&raw.media[0]);
    let asked = nack(stream, &[sequence]);

    // In one wake all that is needed for the others comes.
    publisher.send(&TRACKS[2..=2], 1..2);
    world.until("the worker is held", |world| {
        counted(world, "packets_in") == 2
    });
    publisher.send(&TRACKS[2..=2], 2..3);
    // In the next it is held until it is late, and is found to be so in the one after; in a later one it is asked.
    (0..3 * DATAGRAMS_PER_WAKE).for_each(|_| raw.send(&[OF_NO_PROTOCOL]));
    raw.send_rtcp(&asked);
    permits.send(()).unwrap();
    world.until("the worker is held again", |world| {
        counted(world, "packets_in") == 3
    });
    let held = Instant::now();
    world.until("it is late", |_| held.elapsed() > BEHIND_FOR);
    drop(permits);
    world.until("the request is answered", |world| {
        counted(world, "retransmissions_sent") + counted(world, "retransmissions_refused") == 1
    });
    assert_eq!(counted(&world, "fallen_behind"), 1);
    assert_eq!(counted(&world, "retransmissions_refused"), 1);
    assert_eq!(world.dropped("behind"), 1);
    assert_eq!(counted(&world, "retransmissions_sent"), 0);
}

/// The first byte of a datagram that is neither STUN nor DTLS nor media (RFC 7983 section 7).
const OF_NO_PROTOCOL: u8 = 100;

/// Large datagrams, of which few fill a queue, and so many any.
static LARGE: [u8; 60_000] = [OF_NO_PROTOCOL; 60_000];
const MANY: u64 = 2_000;

/// What the kernel dropped before each worker could take it.
fn not_taken(world: &World) -> [u64; 2] {
    [0, 1].map(|worker| world.dropped_by(worker, "queue_full"))
}

#[test]
fn what_the_kernel_drops_is_counted_for_the_worker_that_did_not_take_it() {
    let (permits, taken) = channel();
    let mut world = World::start_with_workers(2, Permits(Mutex::new(taken)));
    let mut publisher = publisher(&mut world);
    let server = publisher.raw.server();
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    let send = |to| assert!(stranger.send_to(&LARGE, to).is_ok());
    // Somebody else's socket with the same port, at another address of this machine, is none of the SFU's.
    let others = SocketAddr::from(([127, 0, 0, 2], server.port()));
    let _others = UdpSocket::bind(others).unwrap();
    (0..MANY).for_each(|_| send(others));
    assert_eq!(not_taken(&world), [0, 0]);

    publisher.send(&TRACKS[2..=2], 0..1);
    world.until("a worker is held", |world| {
        counted(world, "packets_in") == 1
    });
    let mut sent = 0;
    world.until("its queue is full", |world| {
        assert!(sent < MANY, "there is room for all");
        (0..50).for_each(|_| send(server));
        sent += 50;
        not_taken(world) != [0, 0]
    });
    let [first, second] = not_taken(&world);
    assert!(first == 0 || second == 0, "{first} and {second}");
    assert!(first + second < sent);
    drop(permits);
    // What is sent before there is room is dropped as well.
    let mut next = 1;
    world.until("it goes on", |world| {
        publisher.raw.run();
        publisher.send(&TRACKS[2..=2], next..=next);
        next += 1;
        counted(world, "packets_in") > 1
    });
}
