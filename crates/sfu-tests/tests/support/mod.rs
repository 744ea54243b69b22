//! A world for the tests: the SFU, a signaling process and clients, all on loopback.
//!
//! Everything but the SFU runs in one thread, driven by [`World::until`]: it waits for what is to happen, and
//! only a generous bound makes it give up.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "in a test a panic is the verdict"
)]

pub(crate) mod client;
pub(crate) mod link;
pub(crate) mod metrics;
pub(crate) mod publisher;
pub(crate) mod raw;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use client::Client;
use link::Link;
use mio::{Events, Poll, Token};
use raw::Raw;
use vestibule_control::{
    Binding, CONTROL_VERSION, CallPlan, FromSfu, LegState, OfferRefusal, ToSfu,
};
use vestibule_handshake::{Certificate, Credentials};
use vestibule_sfu::{RunError, SfuConfig, Tap};
use vestibule_vocab::{CallId, LegId};

/// What no step of a test takes, on the slowest machine.
const BOUND: Duration = Duration::from_secs(60);

/// The longest that a loop waits for sockets: clients have timers of their own.
const STEP: Duration = Duration::from_millis(5);

pub(crate) fn call(number: u128) -> CallId {
    CallId::from_random(number)
}

pub(crate) fn leg(number: u128) -> LegId {
    LegId::from_random(number)
}

pub(crate) struct World {
    poll: Poll,
    events: Events,
    tokens: usize,
    path: PathBuf,
    _directory: tempfile::TempDir,
    sfu: Option<JoinHandle<Result<(), RunError>>>,
    pub(crate) link: Option<Link>,
    pub(crate) clients: Vec<Client>,
    /// Everything that was told, from the beginning.
    pub(crate) told: Vec<FromSfu>,
    requests: u64,
    metrics: SocketAddr,
}

impl World {
    /// An SFU with one worker on loopback, and a linked signaling process.
    pub(crate) fn start() -> Self {
        Self::start_by(metrics::address(), 1, vestibule_sfu::run)
    }

    /// The same, with its metrics at this address if it can be had.
    pub(crate) fn start_with_metrics(metrics: SocketAddr) -> Self {
        Self::start_by(metrics, 1, vestibule_sfu::run)
    }

    /// The same, with a look at what is relayed.
    pub(crate) fn start_tapped(tap: impl Tap + 'static) -> Self {
        Self::start_with_workers(1, tap)
    }

    /// The same with so many workers.
    pub(crate) fn start_with_workers(workers: usize, tap: impl Tap + 'static) -> Self {
        let tap: Arc<dyn Tap> = Arc::new(tap);
        Self::start_by(metrics::address(), workers, move |config, listener| {
            vestibule_sfu::run_tapped(config, listener, &tap)
        })
    }

    fn start_by(
        metrics: SocketAddr,
        workers: usize,
        run: impl FnOnce(&SfuConfig, UnixListener) -> Result<(), RunError> + Send + 'static,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sfu.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let config = SfuConfig {
            bind: [127, 0, 0, 1].into(),
            workers,
            metrics: Some(metrics),
            ..SfuConfig::default()
        };
        let sfu = std::thread::spawn(move || run(&config, listener));
        let mut world = Self {
            poll: Poll::new().unwrap(),
            events: Events::with_capacity(64),
            tokens: 0,
            path,
            _directory: directory,
            sfu: Some(sfu),
            link: None,
            clients: Vec::new(),
            told: Vec::new(),
            requests: 0,
            metrics,
        };
        world.connect();
        world
    }

    /// Links a signaling process, and says hello.
    pub(crate) fn connect(&mut self) {
        self.connect_as(CONTROL_VERSION);
    }

    pub(crate) fn connect_as(&mut self, version: u16) {
        let token = self.token();
        let link = Link::open(&self.path, self.poll.registry(), token);
        self.link = Some(link);
        let told = self.told.len();
        self.tell(ToSfu::Hello { version });
        self.until("the SFU says hello", |world| {
            world
                .told
                .iter()
                .skip(told)
                .any(|message| matches!(message, FromSfu::Hello { .. }))
        });
    }

    pub(crate) fn disconnect(&mut self) {
        self.link = None;
    }

    pub(crate) fn tell(&mut self, message: ToSfu) {
        self.link.as_mut().unwrap().write(&message);
    }

    pub(crate) fn plan(&mut self, legs: &[u128], open: bool) {
        let legs = legs.iter().map(|number| leg(*number)).collect();
        let call = call(1);
        self.tell(ToSfu::SetCall(CallPlan { call, legs, open }));
    }

    /// Sends an offer for a leg of call 1, and waits for what comes of it.
    pub(crate) fn offer(
        &mut self,
        number: u128,
        connection: u32,
        sdp: &str,
    ) -> Result<String, OfferRefusal> {
        self.offer_to(call(1), number, connection, sdp)
    }

    pub(crate) fn offer_to(
        &mut self,
        call: CallId,
        number: u128,
        connection: u32,
        sdp: &str,
    ) -> Result<String, OfferRefusal> {
        self.requests += 1;
        let request = self.requests;
        self.tell(ToSfu::Offer {
            request,
            call,
            leg: leg(number),
            connection,
            sdp: sdp.to_owned(),
        });
        self.wait("an offer is answered", |world| {
            world.told.iter().find_map(|message| match message {
                FromSfu::Answer { request: of, sdp } if *of == request => Some(Ok(sdp.clone())),
                FromSfu::Refused {
                    request: of,
                    reason,
                } if *of == request => Some(Err(*reason)),
                _ => None,
            })
        })
    }

    pub(crate) fn metrics_address(&self) -> SocketAddr {
        self.metrics
    }

    /// What the SFU tells of itself.
    pub(crate) fn metrics(&self) -> String {
        metrics::get(self.metrics, "/metrics").1
    }

    /// How many packets all workers dropped for a reason.
    pub(crate) fn dropped(&self, reason: &str) -> u64 {
        let counts = self.each_dropped(reason);
        assert!(!counts.is_empty(), "{reason} is not counted");
        counts.iter().sum()
    }

    /// How many one of the workers did.
    pub(crate) fn dropped_by(&self, worker: usize, reason: &str) -> u64 {
        self.each_dropped(reason)[worker]
    }

    /// How many each did, in the order of their numbers.
    fn each_dropped(&self, reason: &str) -> Vec<u64> {
        let page = self.metrics();
        let lines = page.lines().filter(|line| {
            line.starts_with("vestibule_sfu_dropped_total")
                && line.contains(&format!("\"{reason}\""))
        });
        let counts = lines.map(|line| line.rsplit_once(' ').unwrap().1);
        counts.map(|count| count.parse().unwrap()).collect()
    }

    /// How many datagrams that came were dropped, for whatever reason.
    pub(crate) fn all_dropped(&self) -> u64 {
        let page = self.metrics();
        let lines = page.lines().filter(|line| {
            line.starts_with("vestibule_sfu_dropped_total") && line.contains("direction=\"in\"")
        });
        let counts = lines.map(|line| line.rsplit_once(' ').unwrap().1);
        counts.map(|count| count.parse::<u64>().unwrap()).sum()
    }

    /// Connects somebody who can send anything to a leg of call 1, up to where the handshakes are through.
    pub(crate) fn join_raw(&mut self, number: u128, connection: u32) -> Raw {
        let mut raw = self.begin_raw(number, connection);
        self.until("the handshakes are through", |_| {
            raw.run();
            raw.is_up()
        });
        raw
    }

    /// The same, up to where the handshakes may begin.
    pub(crate) fn begin_raw(&mut self, number: u128, connection: u32) -> Raw {
        self.begin_raw_with(number, connection, None, str::to_owned)
            .0
    }

    /// The same at so many addresses at once; also the offer.
    pub(crate) fn begin_raws(
        &mut self,
        number: u128,
        connection: u32,
        addresses: usize,
    ) -> (Vec<Raw>, String) {
        let (offer, ours, certificate) = self.raw_offer(None);
        let answer = self.offer(number, connection, &offer).unwrap();
        let raws = (0..addresses).map(|_| Raw::start(ours.clone(), &certificate, &answer));
        (raws.collect(), offer)
    }

    /// Begins one of somebody who reads the answer so.
    pub(crate) fn begin_raw_misled(
        &mut self,
        number: u128,
        connection: u32,
        read: impl FnOnce(&str) -> String,
    ) -> Raw {
        self.begin_raw_with(number, connection, None, read).0
    }

    /// The same with a camera that has layers; also the offer.
    pub(crate) fn join_raw_with_layers(&mut self, number: u128, connection: u32) -> (Raw, String) {
        let (mut raw, offer) =
            self.begin_raw_with(number, connection, Some(vec![0, 1, 2]), str::to_owned);
        self.until("the handshakes are through", |_| {
            raw.run();
            raw.is_up()
        });
        (raw, offer)
    }

    fn begin_raw_with(
        &mut self,
        number: u128,
        connection: u32,
        layers: Option<Vec<u8>>,
        read: impl FnOnce(&str) -> String,
    ) -> (Raw, String) {
        let (offer, ours, certificate) = self.raw_offer(layers);
        let answer = self.offer(number, connection, &offer).unwrap();
        (Raw::start(ours, &certificate, &read(&answer)), offer)
    }

    fn raw_offer(&mut self, layers: Option<Vec<u8>>) -> (String, Credentials, Certificate) {
        let client = self.add_client();
        self.clients[client].layers = layers;
        let theirs = self.clients[client].offer();
        self.clients.pop();
        Raw::offer(&theirs)
    }

    /// Adds a client and connects it to a leg of call 1; gives its index.
    pub(crate) fn join(&mut self, number: u128, connection: u32) -> usize {
        let index = self.add_client();
        self.connect_client(index, number, connection);
        index
    }

    /// The same, of one that takes sound with redundancy.
    pub(crate) fn join_redundant(&mut self, number: u128, connection: u32) -> usize {
        let index = self.add(true);
        self.connect_client(index, number, connection);
        index
    }

    pub(crate) fn add_client(&mut self) -> usize {
        self.add(false)
    }

    fn add(&mut self, redundancy: bool) -> usize {
        let token = self.token();
        let client = Client::new(self.poll.registry(), token, redundancy);
        self.clients.push(client);
        self.clients.len() - 1
    }

    /// Has a client offer, and waits until the SFU says that the leg is connected.
    pub(crate) fn connect_client(&mut self, index: usize, number: u128, connection: u32) {
        self.connect_by(index, number, connection, |offer| offer);
    }

    /// Adds a client that never tells what arrived when (transport-wide feedback), and connects it to a leg of call 1.
    pub(crate) fn join_without_feedback(&mut self, number: u128, connection: u32) -> usize {
        let index = self.add_client();
        self.connect_by(index, number, connection, |offer| {
            let lines = offer.lines().filter(|it| !it.contains("transport-wide-cc"));
            lines.map(|line| format!("{line}\r\n")).collect()
        });
        index
    }

    fn connect_by(
        &mut self,
        index: usize,
        number: u128,
        connection: u32,
        said: impl FnOnce(String) -> String,
    ) {
        let told = self.told.len();
        let offer = said(self.clients[index].offer());
        let answer = self.offer(number, connection, &offer).unwrap();
        self.clients[index].accept(&answer);
        self.until("a leg is connected", |world| {
            world
                .states(number)
                .iter()
                .any(|(of, state)| (*of, *state) == (connection, LegState::Connected))
                && world.clients[index].connected
                && world.told.len() > told
        });
    }

    /// Moves a client to another socket, as when its network changes.
    pub(crate) fn move_client(&mut self, index: usize) {
        let token = self.token();
        let registry = self.poll.registry();
        self.clients[index].change_socket(registry, token);
    }

    /// The answer to the first offer of all.
    pub(crate) fn first_answer(&self) -> String {
        let mut answers = self.told.iter().filter_map(|message| match message {
            FromSfu::Answer { request: 1, sdp } => Some(sdp.clone()),
            _ => None,
        });
        answers.next().unwrap()
    }

    /// All that was told of a leg's state: connection and state.
    pub(crate) fn states(&self, number: u128) -> Vec<(u32, LegState)> {
        let states = self.told.iter().filter_map(|message| match message {
            FromSfu::Leg {
                leg: of,
                connection,
                state,
                ..
            } if *of == leg(number) => Some((*connection, *state)),
            _ => None,
        });
        states.collect()
    }

    /// Whether a call was told to have failed.
    pub(crate) fn has_failed(&self, call: CallId) -> bool {
        self.told.contains(&FromSfu::Failed { call })
    }

    /// What was told last of a leg's slots.
    pub(crate) fn slots(&self, number: u128) -> Option<(u32, Vec<Binding>)> {
        self.told.iter().rev().find_map(|message| match message {
            FromSfu::Slots {
                leg: of,
                connection,
                bindings,
                ..
            } if *of == leg(number) => Some((*connection, bindings.clone())),
            _ => None,
        })
    }

    /// What was told last of the layers that a leg is to send.
    pub(crate) fn layers(&self, number: u128) -> Option<Vec<u8>> {
        self.told.iter().rev().find_map(|message| match message {
            FromSfu::Layers {
                leg: of, layers, ..
            } if *of == leg(number) => Some(layers.clone()),
            _ => None,
        })
    }

    /// Whether a leg may send its sound with redundancy, as was told last.
    pub(crate) fn redundancy(&self, number: u128) -> Option<bool> {
        self.told.iter().rev().find_map(|message| match message {
            FromSfu::Redundancy {
                leg: of, allowed, ..
            } if *of == leg(number) => Some(*allowed),
            _ => None,
        })
    }

    /// Runs until something holds.
    pub(crate) fn until(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> bool) {
        self.wait(what, |world| holds(world).then_some(()));
    }

    /// Runs until there is something.
    pub(crate) fn wait<T>(
        &mut self,
        what: &str,
        mut found: impl FnMut(&mut Self) -> Option<T>,
    ) -> T {
        let begin = Instant::now();
        loop {
            if let Some(found) = found(self) {
                return found;
            }
            assert!(begin.elapsed() < BOUND, "waited in vain until {what}");
            self.step();
        }
    }

    /// Waits for the SFU's end.
    pub(crate) fn ended(&mut self) -> Result<(), RunError> {
        self.until("the SFU ends", |world| {
            world.sfu.as_ref().unwrap().is_finished()
        });
        self.sfu.take().unwrap().join().unwrap()
    }

    fn step(&mut self) {
        // Whoever stops and continues the tests, as a debugger does, only interrupts the wait.
        if let Err(error) = self.poll.poll(&mut self.events, Some(STEP)) {
            assert_eq!(error.kind(), ErrorKind::Interrupted);
        }
        let now = Instant::now();
        for client in &mut self.clients {
            client.run(now);
        }
        if let Some(link) = &mut self.link {
            self.told.extend(link.read());
        }
    }

    fn token(&mut self) -> Token {
        self.tokens += 1;
        Token(self.tokens)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // A test that failed leaves no SFU behind.
        if self.sfu.is_some() && !std::thread::panicking() {
            if self.link.as_ref().is_none_or(Link::closed) {
                self.connect();
            }
            self.tell(ToSfu::Shutdown);
            self.ended().unwrap();
        }
    }
}
