//! ICE and DTLS together: a handshake of two sides, whose datagrams somebody changes, repeats and adds to.

use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use vestibule_handshake::{Certificate, Credentials, Handshake, Output, Role};

/// What one run may do: more finds nothing new, and takes longer.
const STEPS: usize = 64;

/// What a server may send for one datagram: its whole flight with a certificate, and what it repeats of it.
const FLIGHT_BYTES: usize = 16 * 1024;

/// Steps one after the other: a byte says what is done, and three more with what.
pub fn handshake(bytes: &[u8]) {
    let mut stage = Stage::new();
    let mut rest = bytes;
    for _ in 0..STEPS {
        let Some((&[step, one, two, three], after)) = rest.split_first_chunk::<4>() else {
            return;
        };
        rest = after;
        match step % 6 {
            0 => stage.pass_on(),
            1 => stage.change(usize::from(u16::from_be_bytes([one, two])), three),
            2 => {
                let (raw, after) = rest.split_at(rest.len().min(one.into()));
                rest = after;
                stage.add(client(), raw);
            }
            3 => {
                let (raw, after) = rest.split_at(rest.len().min(one.into()));
                rest = after;
                assert_eq!(stage.add(stranger(), raw), 0, "a stranger is answered");
            }
            4 => stage.repeat(one.into()),
            _ => stage.wait(Duration::from_millis(10 * u64::from(one))),
        }
    }
}

struct Stage {
    now: Instant,
    client: Handshake,
    server: Handshake,
    /// The client's datagrams on their way, and all that there ever were.
    waiting: Vec<Vec<u8>>,
    seen: Vec<Vec<u8>>,
    up: bool,
    ended: bool,
}

impl Stage {
    fn new() -> Self {
        static CERTIFICATES: OnceLock<(Certificate, Certificate)> = OnceLock::new();
        let made = || Certificate::generate().expect("a certificate can be made");
        let (mine, other) = CERTIFICATES.get_or_init(|| (made(), made()));
        let now = Instant::now();
        let credentials = || Credentials::random().expect("there is randomness");
        let (a, b) = (credentials(), credentials());
        let pair = (a.clone(), b.clone());
        let side = |role, address, pair, certificate, fingerprint| {
            Handshake::new(now, role, &[address], pair, certificate, fingerprint)
                .expect("the address can be reached")
        };
        let mut calling = side(Role::Client, client(), pair, mine, other.fingerprint());
        calling
            .add_remote(server())
            .expect("the address can be reached");
        let called = side(Role::Server, server(), (b, a), other, mine.fingerprint());
        let mut stage = Self {
            now,
            client: calling,
            server: called,
            waiting: Vec::new(),
            seen: Vec::new(),
            up: false,
            ended: false,
        };
        stage.wait(Duration::ZERO);
        stage
    }

    /// The client's datagrams arrive as they are.
    fn pass_on(&mut self) {
        for datagram in std::mem::take(&mut self.waiting) {
            self.add(client(), &datagram);
        }
        self.listen();
    }

    /// One of the client's datagrams arrives with a byte changed; it may still arrive as it is later.
    fn change(&mut self, at: usize, change: u8) {
        let Some(mut datagram) = self.waiting.last().cloned() else {
            return;
        };
        let length = datagram.len().max(1);
        if let Some(byte) = datagram.get_mut(at % length) {
            *byte ^= change;
        }
        self.add(client(), &datagram);
    }

    fn repeat(&mut self, which: usize) {
        if let Some(datagram) = self.seen.get(which).cloned() {
            self.add(client(), &datagram);
        }
    }

    /// A datagram comes to the server: how many bytes it sends.
    fn add(&mut self, from: SocketAddr, datagram: &[u8]) -> usize {
        self.server
            .handle_datagram(self.now, from, server(), datagram);
        let sent = self.answer();
        assert!(sent <= FLIGHT_BYTES, "{sent} bytes for one datagram");
        sent
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
        self.client.handle_timeout(self.now);
        self.server.handle_timeout(self.now);
        self.answer();
        self.listen();
    }

    /// What the server has goes to the client.
    fn answer(&mut self) -> usize {
        let mut sent = 0;
        while let Some(output) = self.server.poll() {
            assert!(!self.ended, "after its end it says nothing");
            match output {
                Output::Transmit(transmit) => {
                    sent += transmit.bytes.len();
                    self.client
                        .handle_datagram(self.now, server(), client(), &transmit.bytes);
                }
                Output::Up(_) => {
                    assert!(!self.up, "it is up once");
                    self.up = true;
                }
                Output::Down(_) => self.ended = true,
                Output::AddressChanged { .. } | Output::Reached(_) => {}
            }
        }
        sent
    }

    /// What the client has waits to arrive.
    fn listen(&mut self) {
        while let Some(output) = self.client.poll() {
            if let Output::Transmit(transmit) = output {
                self.seen.push(transmit.bytes.clone());
                self.waiting.push(transmit.bytes);
            }
        }
    }
}

fn address(last: u8) -> SocketAddr {
    ([192, 0, 2, last], 4000).into()
}

fn server() -> SocketAddr {
    address(1)
}

fn client() -> SocketAddr {
    address(2)
}

fn stranger() -> SocketAddr {
    address(3)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Stage;

    #[test]
    fn undisturbed_both_sides_come_up() {
        let mut stage = Stage::new();
        for _ in 0..20 {
            stage.pass_on();
            stage.wait(Duration::from_millis(20));
        }
        assert!(stage.up && !stage.ended);
    }
}
