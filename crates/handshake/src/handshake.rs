//! One connection's handshakes.

use std::collections::VecDeque;
use std::fmt::{self, Formatter};
use std::net::SocketAddr;
use std::time::Instant;

use vestibule_srtp::{KeyingMaterial, MasterKey};

use crate::dtls::{Dtls, is_of_records, may_wait};
use crate::ice::{Ice, Way};
use crate::{Certificate, Credentials, Fingerprint, Role};

/// One connection's handshakes. After each call that changes something, [`Self::poll`] is to be called until it has
/// nothing more.
#[derive(Debug)]
pub struct Handshake {
    role: Role,
    ice: Ice,
    dtls: Dtls,
    outputs: VecDeque<Output>,
    told: Option<Way>,
    /// What DTLS said last, as far as it may not go yet to where the other side seems to be.
    held: VecDeque<Vec<u8>>,
    /// What was agreed on, while it is not sure that the other side is where media would go.
    keys: Option<Box<KeyingMaterial>>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Connecting,
    Up,
    Down,
}

/// What a handshake has for the outside.
#[derive(Debug)]
pub enum Output {
    /// A datagram is to be sent.
    Transmit(Transmit),
    /// The connection is up. Boxed, as it happens once, and all others are half as large.
    Up(Box<Up>),
    /// The other side is reached elsewhere from now on.
    AddressChanged {
        /// The address of ours to send from.
        local: SocketAddr,
        /// The other side's address.
        remote: SocketAddr,
    },
    /// A server's check was answered from this address: the other side is there, whoever else is said to be.
    Reached(SocketAddr),
    /// The connection is down, and nothing more comes.
    Down(Down),
}

/// A datagram to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Transmit {
    /// The address of ours that it leaves from.
    pub from: SocketAddr,
    /// Where it goes.
    pub to: SocketAddr,
    /// What it says.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Transmit {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "Transmit({} bytes)", self.bytes.len())
    }
}

/// What both sides agreed on.
#[derive(Debug)]
pub struct Up {
    /// The key of what comes.
    pub inbound: MasterKey,
    /// The key of what goes.
    pub outbound: MasterKey,
    /// The address of ours to send from.
    pub local: SocketAddr,
    /// The other side's address.
    pub remote: SocketAddr,
}

/// Why a connection is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Down {
    /// The other side's certificate is not the one that was signalled.
    #[error("the certificate is not the one that was signalled")]
    WrongFingerprint,
    /// The handshake was through, but agreed on no SRTP profile.
    #[error("no SRTP profile was agreed on")]
    NoProfile,
    /// DTLS failed or took too long.
    #[error("the DTLS handshake failed")]
    Dtls,
    /// The other side said goodbye.
    #[error("the other side said goodbye")]
    Goodbye,
    /// The other side was silent for longer than [`crate::limits::CONSENT`].
    #[error("the other side is silent")]
    Silence,
}

/// A handshake could not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// An address cannot be a candidate.
    #[error("an address that cannot be reached")]
    Address,
    /// DTLS could not begin.
    #[error("the DTLS library failed")]
    Dtls,
}

/// Why a datagram changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unheard {
    /// The connection is down.
    #[error("the connection is down")]
    Down,
    /// It is neither STUN nor DTLS.
    #[error("neither STUN nor DTLS")]
    OtherProtocol,
    /// It is no STUN message (RFC 8489 section 5).
    #[error("not a STUN message")]
    Malformed,
    /// Its check or answer is of other credentials, or changed on the way.
    #[error("the check is not authentic")]
    Unauthentic,
    /// Its check is authentic and came from elsewhere before: somebody saw it on the way.
    #[error("the check is somebody else's")]
    Replayed,
    /// It is DTLS from where ICE did not prove that the other side is.
    #[error("DTLS from an address that is not proved")]
    Unproved,
    /// It is of the kind of DTLS, and not a row of records of it (RFC 6347 section 4.1).
    #[error("not records of DTLS")]
    NoRecord,
    /// DTLS made nothing of it: it is forged, came before or ahead of its keys, or is data, which nobody uses. While the
    /// handshake goes on this is not told of its parts in plain text, which may be kept until others come.
    #[error("nothing new in DTLS")]
    NothingNew,
    /// It is from one address more than [`crate::limits::ADDRESSES`].
    #[error("too many addresses")]
    TooManyAddresses,
}

impl Handshake {
    /// A connection that begins. `local` are the addresses of ours that datagrams come to, as candidates were signalled
    /// for them; `credentials` are ours and the other side's; `fingerprint` is that of the other side's certificate.
    ///
    /// # Errors
    /// When an address is none that can be reached.
    pub fn new(
        now: Instant,
        role: Role,
        local: &[SocketAddr],
        credentials: (Credentials, Credentials),
        certificate: &Certificate,
        fingerprint: Fingerprint,
    ) -> Result<Self, SetupError> {
        let (ours, theirs) = credentials;
        let mut ice = Ice::new(now, role, ours, theirs);
        for address in local {
            ice.add_local(*address)?;
        }
        let dtls = Dtls::new(now, role, certificate, fingerprint);
        Ok(Self {
            role,
            ice,
            dtls: dtls.map_err(|_| SetupError::Dtls)?,
            outputs: VecDeque::new(),
            told: None,
            held: VecDeque::new(),
            keys: None,
            state: State::Connecting,
        })
    }

    /// Adds an address of the other side, to be checked. A server waits to be checked instead.
    ///
    /// # Errors
    /// When it is none that can be reached.
    pub fn add_remote(&mut self, address: SocketAddr) -> Result<(), SetupError> {
        self.ice.add_remote(address)
    }

    /// Restarts ICE with other credentials, ours and the other side's. DTLS and its keys stay, and so does the way,
    /// until the other side chooses another.
    pub fn restart(&mut self, now: Instant, credentials: (Credentials, Credentials)) {
        if self.state != State::Down {
            self.ice.restart(now, credentials.0, credentials.1);
            self.settle(now);
        }
    }

    /// Takes a datagram that is neither RTP nor RTCP. What is not authentic changes nothing, and DTLS is heard only
    /// from where ICE proved that the other side is. For who counts, it is said why a datagram changed nothing; but which
    /// parts of its handshake DTLS ignores while that goes on (RFC 6347 section 4.1.2.7), it tells nobody.
    pub fn handle_datagram(
        &mut self,
        now: Instant,
        from: SocketAddr,
        to: SocketAddr,
        bytes: &[u8],
    ) -> Option<Unheard> {
        if self.state == State::Down {
            return Some(Unheard::Down);
        }
        // RFC 7983 section 7.
        match bytes.first() {
            Some(0..=3) => {
                if let Err(why) = self.ice.handle_datagram(now, from, to, bytes) {
                    return Some(why);
                }
            }
            Some(20..=63) if !self.ice.is_proved(from) => return Some(Unheard::Unproved),
            Some(20..=63) if !is_of_records(bytes) => return Some(Unheard::NoRecord),
            Some(20..=63) => {
                let (local, remote) = (to, from);
                self.ice.follow_dtls(Way { local, remote });
                // While the handshake goes on there is no media that could pay for asking.
                self.ice.note_bytes(now, from, bytes.len());
                return self.hear_dtls(now, bytes);
            }
            Some(_) | None => return Some(Unheard::OtherProtocol),
        }
        self.settle(now);
        None
    }

    fn hear_dtls(&mut self, now: Instant, bytes: &[u8]) -> Option<Unheard> {
        // What is due again leaves in datagrams of its own: of one that mixes two flights, some read nothing.
        match self.dtls.handle_timeout(now) {
            Ok(()) => self.settle(now),
            Err(reason) => self.go_down(reason),
        }
        let (through, sent) = (self.dtls.is_through(), self.dtls.packets_sent());
        if self.state == State::Down {
            return None;
        }
        if let Err(reason) = self.dtls.handle_datagram(bytes) {
            self.go_down(reason);
            return None;
        }
        self.settle(now);
        // Who did not hear the last flight says theirs again, and is answered.
        let idle = self.dtls.packets_sent() == sent && self.dtls.is_through() == through;
        let nothing = idle && self.state != State::Down && (through || !may_wait(bytes));
        nothing.then_some(Unheard::NothingNew)
    }

    /// A server asks whether the other side is really where a check of its came from, `from` of theirs to `to` of ours, as
    /// somebody else is said to be there; see [`Output::Reached`].
    pub fn doubt(&mut self, now: Instant, from: SocketAddr, to: SocketAddr) {
        let (local, remote) = (to, from);
        if self.state != State::Down {
            self.ice.doubt(now, Way { local, remote });
            self.settle(now);
        }
    }

    /// Media that is authentic came from there, so many bytes. To an address that the other side chose, and that has not
    /// answered yet, no more goes than came from it.
    pub fn note_media(&mut self, now: Instant, from: SocketAddr, bytes: usize) {
        if self.state != State::Down && self.ice.is_asked(from) {
            self.ice.note_bytes(now, from, bytes);
            self.settle(now);
        }
    }

    /// Lets time pass.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.state == State::Down {
            return;
        }
        if now >= self.ice.consent() {
            return self.go_down(Down::Silence);
        }
        self.ice.handle_timeout(now);
        match self.dtls.handle_timeout(now) {
            Ok(()) => self.settle(now),
            Err(reason) => self.go_down(reason),
        }
    }

    /// When [`Self::handle_timeout`] is to be called next; `None` when never again.
    #[must_use]
    pub fn next_timeout(&mut self) -> Option<Instant> {
        if self.state == State::Down {
            return None;
        }
        let timers = [self.ice.next_timeout(), self.dtls.next_timeout()];
        timers
            .into_iter()
            .flatten()
            .chain([self.ice.consent()])
            .min()
    }

    /// The next thing for the outside.
    pub fn poll(&mut self) -> Option<Output> {
        let output = self.outputs.pop_front();
        if output.is_none() {
            // It is rarely used: a connection keeps no room for it.
            self.outputs = VecDeque::new();
        }
        output
    }

    /// Says goodbye. What is left to send comes from [`Self::poll`], and nothing after it.
    pub fn close(&mut self) {
        if let (State::Up, Some(way)) = (self.state, self.ice.way()) {
            self.dtls.close();
            // How it ends no longer matters.
            let _ = self
                .dtls
                .drain(|bytes| transmit(&mut self.outputs, way, bytes.to_vec()));
        }
        self.state = State::Down;
    }

    /// Collects what the two handshakes have.
    fn settle(&mut self, now: Instant) {
        while let Some(transmit) = self.ice.poll() {
            self.outputs.push_back(Output::Transmit(transmit));
        }
        let reached = self.ice.take_reached();
        self.outputs.extend(reached.map(Output::Reached));
        // Before a way is chosen there is nowhere to send to, and DTLS keeps what it has.
        let Some(way) = self.ice.way() else {
            return;
        };
        if self.told.is_some_and(|told| told != way) && self.state == State::Up {
            let Way { local, remote } = way;
            self.outputs
                .push_back(Output::AddressChanged { local, remote });
        }
        // The client's first flight leaves now, and its time counts from here.
        if self.told.is_none()
            && let Err(reason) = self.dtls.handle_timeout(now)
        {
            return self.go_down(reason);
        }
        self.told = Some(way);
        let mut said = VecDeque::new();
        let drained = self.dtls.drain(|bytes| said.push_back(bytes.to_vec()));
        if !said.is_empty() {
            // A flight comes as a whole each time that it is sent: it takes the place of what is left of the one before.
            self.held = said;
        }
        self.let_go(way);
        match drained {
            Ok(Some(keys)) => self.keys = Some(Box::new(keys)),
            Ok(None) => {}
            Err(reason) => return self.go_down(reason),
        }
        self.come_up(way);
    }

    /// Sends what DTLS said, as far as it may go there.
    fn let_go(&mut self, way: Way) {
        let ice = &mut self.ice;
        let mut may_go = |bytes: &mut Vec<u8>| ice.may_send(way.remote, bytes.len());
        while let Some(bytes) = self.held.pop_front_if(&mut may_go) {
            transmit(&mut self.outputs, way, bytes);
        }
        if self.held.is_empty() {
            // Nothing is said for the most of a connection: it keeps no room for it.
            self.held = VecDeque::new();
        }
    }

    /// Has media flow once there are keys, and the other side is known to be where it goes.
    fn come_up(&mut self, way: Way) {
        let Some(keys) = self.keys.take_if(|_| self.ice.let_media_flow()) else {
            return;
        };
        let (inbound, outbound) = match self.role {
            Role::Server => (keys.client, keys.server),
            Role::Client => (keys.server, keys.client),
        };
        self.state = State::Up;
        self.outputs.push_back(Output::Up(Box::new(Up {
            inbound,
            outbound,
            local: way.local,
            remote: way.remote,
        })));
    }

    fn go_down(&mut self, reason: Down) {
        self.state = State::Down;
        self.outputs.push_back(Output::Down(reason));
    }
}

fn transmit(outputs: &mut VecDeque<Output>, way: Way, bytes: Vec<u8>) {
    outputs.push_back(Output::Transmit(Transmit {
        from: way.local,
        to: way.remote,
        bytes,
    }));
}
