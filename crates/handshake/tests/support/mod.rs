//! Two handshakes in memory, with a false clock and a path between them that takes half a round trip.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use vestibule_handshake::{Certificate, Credentials, Down, Handshake, Output, Role, Up};

/// One way.
pub(crate) const DELAY: Duration = Duration::from_millis(25);

pub(crate) fn address(last: u8) -> SocketAddr {
    ([192, 0, 2, last], 4000 + u16::from(last)).into()
}

pub(crate) const SERVER: u8 = 1;
pub(crate) const CLIENT: u8 = 2;

/// One side, with what became of it.
#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) handshake: Handshake,
    pub(crate) up: Option<Up>,
    pub(crate) ups: usize,
    pub(crate) moved: Vec<SocketAddr>,
    /// Where it was found that the other side is.
    pub(crate) reached: Vec<SocketAddr>,
    pub(crate) down: Option<Down>,
    /// Datagrams on their way to it.
    pub(crate) arriving: Vec<Arriving>,
}

/// A datagram on its way: when it arrives, from where, to where.
pub(crate) type Arriving = (Instant, SocketAddr, SocketAddr, Vec<u8>);

impl Side {
    pub(crate) fn new(handshake: Handshake) -> Self {
        Self {
            handshake,
            up: None,
            ups: 0,
            moved: Vec::new(),
            reached: Vec::new(),
            down: None,
            arriving: Vec::new(),
        }
    }

    /// What it has to send.
    pub(crate) fn drain(&mut self) -> Vec<(SocketAddr, SocketAddr, Vec<u8>)> {
        let mut sent = Vec::new();
        while let Some(output) = self.handshake.poll() {
            match output {
                Output::Transmit(transmit) => {
                    sent.push((transmit.from, transmit.to, transmit.bytes));
                }
                Output::Up(up) => {
                    self.up = Some(*up);
                    self.ups += 1;
                }
                Output::AddressChanged { remote, .. } => self.moved.push(remote),
                Output::Reached(address) => self.reached.push(address),
                Output::Down(reason) => self.down = Some(reason),
            }
        }
        sent
    }

    pub(crate) fn arrive(&mut self, now: Instant) {
        let (due, later) = std::mem::take(&mut self.arriving)
            .into_iter()
            .partition(|(at, ..)| *at <= now);
        self.arriving = later;
        for (_, from, to, bytes) in due {
            self.handshake.handle_datagram(now, from, to, &bytes);
        }
        if self.handshake.next_timeout().is_some_and(|due| due <= now) {
            self.handshake.handle_timeout(now);
        }
    }
}

/// A client of ours and a server of ours.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) now: Instant,
    pub(crate) client: Side,
    pub(crate) server: Side,
    /// The client's address as the server sees it.
    pub(crate) mapped: SocketAddr,
    /// The path is there.
    pub(crate) linked: bool,
    /// Nothing comes to the client from there: it forges where it sends from. Also how many bytes went to the server from
    /// there, and came.
    pub(crate) forged: Option<(SocketAddr, usize, usize)>,
}

impl Pair {
    pub(crate) fn new() -> Self {
        let (ours, theirs) = certificates();
        Self::with_fingerprints(&ours, &theirs, ours.fingerprint(), theirs.fingerprint())
    }

    /// The fingerprints are those that were signalled for the client's and the server's certificate.
    pub(crate) fn with_fingerprints(
        client: &Certificate,
        server: &Certificate,
        clients: vestibule_handshake::Fingerprint,
        servers: vestibule_handshake::Fingerprint,
    ) -> Self {
        let now = Instant::now();
        let (a, b) = (
            Credentials::random().unwrap(),
            Credentials::random().unwrap(),
        );
        let mut client = Handshake::new(
            now,
            Role::Client,
            &[address(CLIENT)],
            (a.clone(), b.clone()),
            client,
            servers,
        )
        .unwrap();
        client.add_remote(address(SERVER)).unwrap();
        let server = Handshake::new(
            now,
            Role::Server,
            &[address(SERVER)],
            (b, a),
            server,
            clients,
        )
        .unwrap();
        Self {
            now,
            client: Side::new(client),
            server: Side::new(server),
            mapped: address(CLIENT),
            linked: true,
            forged: None,
        }
    }

    pub(crate) fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.step();
        }
    }

    pub(crate) fn run_until(&mut self, limit: Duration, mut done: impl FnMut(&Self) -> bool) {
        let end = self.now + limit;
        while !done(self) {
            assert!(self.now < end, "not within {limit:?}: {self:?}");
            self.step();
        }
    }

    /// The datagrams that came to the server until both sides were up.
    pub(crate) fn run_until_up_and_listen(&mut self) -> Vec<Vec<u8>> {
        let mut seen = Vec::new();
        self.run_until(Duration::from_secs(3), |pair| {
            seen.extend(pair.server.arriving.iter().map(|(.., bytes)| bytes.clone()));
            pair.both_up()
        });
        seen.sort();
        seen.dedup();
        seen
    }

    fn step(&mut self) {
        self.now += Duration::from_millis(5);
        self.client.arrive(self.now);
        self.server.arrive(self.now);
        let at = self.now + DELAY;
        for (_, to, bytes) in self.client.drain() {
            if self.linked && to == address(SERVER) {
                let mut from = self.mapped;
                if let Some((forged, sent, _)) = &mut self.forged {
                    from = *forged;
                    *sent += bytes.len();
                }
                self.server.arriving.push((at, from, to, bytes));
            }
        }
        for (from, to, bytes) in self.server.drain() {
            if let Some((forged, _, got)) = &mut self.forged
                && *forged == to
            {
                *got += bytes.len();
            }
            if self.linked && to == self.mapped {
                self.client
                    .arriving
                    .push((at, from, address(CLIENT), bytes));
            }
        }
    }

    pub(crate) fn both_up(&self) -> bool {
        self.client.up.is_some() && self.server.up.is_some()
    }
}

pub(crate) fn certificates() -> (Certificate, Certificate) {
    (
        Certificate::generate().unwrap(),
        Certificate::generate().unwrap(),
    )
}
