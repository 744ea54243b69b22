//! ICE (RFC 8445): which way datagrams go, and whether the other side still wants them.

use std::collections::VecDeque;
use std::fmt::{self, Formatter};
use std::net::SocketAddr;
use std::time::Instant;

use aws_lc_rs::hmac::{Context, HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key};
use is::stun::{StunMessage, StunPacket};
use is::{Candidate, IceAgent, IceAgentEvent, IceCreds, Protocol, Sha1HmacProvider};

use crate::handshake::{SetupError, Transmit, Unheard};
use crate::limits::{ADDRESSES, CHECKS, CONSENT};
use crate::lite::Lite;
use crate::random::{NoRandomness, characters};
use crate::reach::{Asked, Source};

/// The side's part in ICE, and with it in DTLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// ICE-lite, controlled, DTLS server: it answers (RFC 8445 section 2.5), and asks only
    /// whether somebody who moved is there.
    Server,
    /// Full ICE, controlling, DTLS client.
    Client,
}

/// What one side's checks are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user name fragment.
    pub ufrag: String,
    /// The password.
    pub password: String,
}

impl Credentials {
    /// Random ones, of 96 and 132 bits (RFC 8445 section 5.3 wants 24 and 128).
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn random() -> Result<Self, NoRandomness> {
        Ok(Self {
            ufrag: characters::<16>()?,
            password: characters::<22>()?,
        })
    }

    fn into_library(self) -> IceCreds {
        IceCreds {
            ufrag: self.ufrag,
            pass: self.password,
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credentials")
    }
}

/// A way between the two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
}

#[derive(Debug)]
pub(crate) struct Ice {
    side: Side,
    /// Addresses whose checks, or answers, were authentic.
    sources: Vec<Source>,
    /// The last checks that were authentic, and the places in `sources` of where each came from first. A check may be sent
    /// again; who sends another's from elsewhere saw it on the way, and proves nothing.
    checks: VecDeque<Check>,
    way: Option<Way>,
    /// Media may go the way that is chosen: it was the first, or was answered from.
    sure: bool,
    /// Media goes, so that the way changes when another is sure, and not before.
    flowing: bool,
    /// The way that we ask for: the last one that was chosen, or that somebody else has as well.
    asked: Option<Asked>,
    /// The check of ours that is to be sent.
    ask: Option<Transmit>,
    /// An address that answered us.
    reached: Option<SocketAddr>,
    heard: Instant,
}

/// A check that was authentic: what is remembered of its transaction, which its sender drew, and the place of where it came
/// from first.
#[derive(Debug)]
struct Check {
    transaction: Transaction,
    place: u8,
}

/// The beginning of a transaction's id (RFC 8489 section 5): no two of one connection have the same.
type Transaction = [u8; 7];

/// Where it is in a message.
const TRANSACTION_AT: usize = 8;

/// Who answers, and who asks as well.
#[derive(Debug)]
enum Side {
    Server(Lite),
    /// Boxed, as it is five times as large: servers have many connections, and clients one.
    Client(Box<IceAgent>),
}

impl Ice {
    pub(crate) fn new(now: Instant, role: Role, local: Credentials, remote: Credentials) -> Self {
        let side = match role {
            Role::Server => Side::Server(Lite::new(local, remote)),
            Role::Client => {
                let mut agent = IceAgent::with_hmac(local.into_library(), &Hmac);
                agent.set_controlling(true);
                agent.set_remote_credentials(remote.into_library());
                agent.handle_timeout(now);
                Side::Client(Box::new(agent))
            }
        };
        Self {
            side,
            sources: Vec::new(),
            checks: VecDeque::new(),
            way: None,
            sure: true,
            flowing: false,
            asked: None,
            ask: None,
            reached: None,
            heard: now,
        }
    }

    pub(crate) fn add_local(&mut self, address: SocketAddr) -> Result<(), SetupError> {
        let candidate = Candidate::host(address, Protocol::Udp);
        let candidate = candidate.map_err(|_| SetupError::Address)?;
        match &mut self.side {
            Side::Server(lite) => lite.add_local(candidate.addr()),
            Side::Client(agent) => drop(agent.add_local_candidate(candidate)),
        }
        Ok(())
    }

    pub(crate) fn add_remote(&mut self, address: SocketAddr) -> Result<(), SetupError> {
        let candidate = Candidate::host(address, Protocol::Udp);
        let candidate = candidate.map_err(|_| SetupError::Address)?;
        if let Side::Client(agent) = &mut self.side {
            agent.add_remote_candidate(candidate);
        }
        Ok(())
    }

    /// Begins anew with other credentials. The way stays until another is chosen (RFC 8445 section 2.4).
    pub(crate) fn restart(&mut self, now: Instant, local: Credentials, remote: Credentials) {
        match &mut self.side {
            Side::Server(lite) => lite.restart(local, remote),
            Side::Client(agent) => {
                agent.ice_restart(local.into_library(), true);
                agent.set_remote_credentials(remote.into_library());
            }
        }
        let way = self.way;
        self.sources
            .retain(|source| way.is_some_and(|way| way.remote == source.address));
        // Those were signed with the password before.
        self.checks.clear();
        self.asked = None;
        self.handle_timeout(now);
    }

    /// Takes a check or an answer. What is not authentic changes nothing.
    pub(crate) fn handle_datagram(
        &mut self,
        now: Instant,
        from: SocketAddr,
        to: SocketAddr,
        bytes: &[u8],
    ) -> Result<(), Unheard> {
        if !self.is_proved(from) && self.sources.len() >= ADDRESSES {
            return Err(Unheard::TooManyAddresses);
        }
        let message = StunMessage::parse(bytes).map_err(|_| Unheard::Malformed)?;
        let transaction = bytes.get(TRANSACTION_AT..).and_then(<[u8]>::first_chunk);
        let check = transaction
            .copied()
            .filter(|_| message.is_binding_request());
        if check.is_some_and(|check| self.came_from_elsewhere(check, from)) {
            return Err(Unheard::Replayed);
        }
        let way = Way {
            local: to,
            remote: from,
        };
        let mut nominated = false;
        match &mut self.side {
            Side::Server(lite) if check.is_some() => nominated = lite.answer(way, &message)?,
            Side::Server(_) => self.take_answer(way, &message)?,
            Side::Client(agent) => {
                let packet = StunPacket {
                    proto: Protocol::Udp,
                    source: from,
                    destination: to,
                    message,
                };
                if !agent.handle_packet(now, packet) {
                    return Err(Unheard::Unauthentic);
                }
            }
        }
        // Whoever saw a check on the way can send it again for as long as they like, and need not know the password.
        let fresh = check.is_none_or(|check| !self.is_known(check));
        if !self.is_proved(from) {
            self.sources.push(Source::new(from));
        }
        if let Some(check) = check {
            self.note_check(check, from);
        }
        if nominated {
            self.choose(way);
        }
        self.note_bytes(now, from, bytes.len());
        self.follow_events();
        // Consent is for where media goes (RFC 7675 section 5.1): who checks from elsewhere says nothing of who is there now.
        if fresh && self.way.is_none_or(|way| way.remote == from) {
            self.heard = now;
        }
        Ok(())
    }

    /// The last nomination counts, and soon: a phone that left its network must not wait until the way before it is found
    /// dead. The first is sure at once, as nobody gets through DTLS who is not there, and is asked for all the same, so
    /// that DTLS may say there all that it has. Others are asked for; before media flows the handshake follows them
    /// meanwhile, so that who moves then need not wait for its timers.
    fn choose(&mut self, way: Way) {
        if self.way.is_none_or(|before| before == way && self.sure) {
            self.way = Some(way);
            // A doubt about this way itself goes on: an answer to the check that is under way still counts.
            self.asked.take_if(|asked| asked.way != way);
            let answered = self.sources.iter().any(|it| it.has_answered(way.remote));
            if !self.flowing && !answered {
                self.ask_before_media(way);
            }
            return;
        }
        self.ask_before_media(way);
        if !self.flowing {
            self.way = Some(way);
            self.sure = false;
        }
    }

    /// DTLS came this way, and none is chosen: the other side sends by the way that it chose, and the check that says so is
    /// lost. Browsers say it again after a second or more, for which nobody should wait.
    pub(crate) fn follow_dtls(&mut self, way: Way) {
        let Side::Server(lite) = &self.side else {
            return;
        };
        if self.way.is_none() && lite.is_local(way.local) && self.is_proved(way.remote) {
            self.choose(way);
        }
    }

    /// Asks whether the other side is reached this way; media goes there once it answers.
    fn ask_before_media(&mut self, way: Way) {
        self.ask(way);
        if let Some(asked) = &mut self.asked {
            asked.chosen = true;
        }
    }

    /// Asks whether the other side is reached this way. Without randomness nobody is asked, as an answer would prove nothing.
    fn ask(&mut self, way: Way) {
        if self.asked.as_ref().is_none_or(|asked| asked.way != way) {
            self.asked = Asked::new(way).ok();
        }
    }

    /// Asks whether the other side is reached this way, as somebody else is said to be there.
    pub(crate) fn doubt(&mut self, now: Instant, way: Way) {
        self.ask(way);
        self.note_bytes(now, way.remote, 0);
    }

    /// The other side's answer to what we asked.
    fn take_answer(&mut self, way: Way, message: &StunMessage<'_>) -> Result<(), Unheard> {
        let Side::Server(lite) = &self.side else {
            return Err(Unheard::Unauthentic);
        };
        let answers =
            |asked: &mut Asked| asked.way == way && lite.is_answer_to(asked.check, message);
        let asked = self.asked.take_if(answers).ok_or(Unheard::Unauthentic)?;
        let mut sources = self.sources.iter_mut();
        if let Some(source) = sources.find(|it| it.address == way.remote) {
            source.answered();
        }
        if asked.chosen {
            self.way = Some(way);
            self.sure = true;
        }
        self.reached = Some(way.remote);
        Ok(())
    }

    /// Something came from an address: as much may go there.
    pub(crate) fn note_bytes(&mut self, now: Instant, from: SocketAddr, bytes: usize) {
        let Side::Server(lite) = &self.side else {
            return;
        };
        let Some(source) = self.sources.iter_mut().find(|it| it.address == from) else {
            return;
        };
        source.note(bytes, lite.answer_bytes());
        if let Some(asked) = self.asked.as_mut().filter(|it| it.way.remote == from) {
            self.ask = asked.ask(now, lite, source);
        }
    }

    /// Whether it is asked whether somebody is at this address.
    pub(crate) fn is_asked(&self, address: SocketAddr) -> bool {
        let asked = self.asked.as_ref();
        asked.is_some_and(|asked| asked.way.remote == address)
    }

    /// An address that answered us, once.
    pub(crate) fn take_reached(&mut self) -> Option<SocketAddr> {
        self.reached.take()
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if let Side::Client(agent) = &mut self.side {
            agent.handle_timeout(now);
            self.follow_events();
        }
    }

    /// Where to send.
    pub(crate) fn way(&self) -> Option<Way> {
        self.way
    }

    /// Whether so many bytes more may go there, which they then do. To where nobody answered us, or got through DTLS, no
    /// more goes than came from there.
    pub(crate) fn may_send(&mut self, to: SocketAddr, bytes: usize) -> bool {
        if self.flowing || matches!(self.side, Side::Client(_)) {
            return true;
        }
        let mut sources = self.sources.iter_mut();
        let source = sources.find(|source| source.address == to);
        source.is_some_and(|source| source.spend(bytes))
    }

    /// Whether media may go there; from then on it does.
    pub(crate) fn let_media_flow(&mut self) -> bool {
        self.flowing = self.sure;
        self.flowing
    }

    /// Whether a check or an answer from there was authentic.
    pub(crate) fn is_proved(&self, address: SocketAddr) -> bool {
        self.sources.iter().any(|source| source.address == address)
    }

    fn came_from_elsewhere(&self, check: Transaction, from: SocketAddr) -> bool {
        let mut checks = self.checks.iter();
        let first = checks.find(|known| known.transaction == check);
        let place = first.map(|first| usize::from(first.place));
        let source = place.and_then(|place| self.sources.get(place));
        place.is_some() && source.is_none_or(|source| source.address != from)
    }

    /// Whether this check came before.
    fn is_known(&self, check: Transaction) -> bool {
        self.checks.iter().any(|known| known.transaction == check)
    }

    fn note_check(&mut self, transaction: Transaction, from: SocketAddr) {
        let place = self.sources.iter().position(|it| it.address == from);
        let place = place.and_then(|place| u8::try_from(place).ok());
        if let Some(place) = place.filter(|_| !self.is_known(transaction)) {
            if self.checks.len() >= CHECKS {
                self.checks.pop_front();
            }
            self.checks.push_back(Check { transaction, place });
        }
    }

    /// Until when the other side wants datagrams, unless it says so again.
    pub(crate) fn consent(&self) -> Instant {
        self.heard + CONSENT
    }

    pub(crate) fn poll(&mut self) -> Option<Transmit> {
        let transmit = match &mut self.side {
            Side::Server(lite) => return lite.poll().or_else(|| self.ask.take()),
            Side::Client(agent) => agent.poll_transmit()?,
        };
        Some(Transmit {
            from: transmit.source,
            to: transmit.destination,
            bytes: Vec::from(transmit.contents),
        })
    }

    /// Who answers alone has nothing to do by itself.
    pub(crate) fn next_timeout(&mut self) -> Option<Instant> {
        match &mut self.side {
            Side::Server(_) => None,
            Side::Client(agent) => agent.poll_timeout(),
        }
    }

    fn follow_events(&mut self) {
        let Side::Client(agent) = &mut self.side else {
            return;
        };
        while let Some(event) = agent.poll_event() {
            match event {
                IceAgentEvent::NominatedSend {
                    source,
                    destination,
                    ..
                } => {
                    self.way = Some(Way {
                        local: source,
                        remote: destination,
                    });
                }
                IceAgentEvent::IceRestart(_)
                | IceAgentEvent::IceConnectionStateChange(_)
                | IceAgentEvent::DiscoveredRecv { .. } => {}
            }
        }
    }
}

/// The signature of checks, for the library.
#[derive(Debug)]
struct Hmac;

impl Sha1HmacProvider for Hmac {
    fn sha1_hmac(&self, key: &[u8], payloads: &[&[u8]]) -> [u8; 20] {
        signature(key, payloads)
    }
}

/// The signature of checks and answers (RFC 8489 section 14.5).
pub(crate) fn signature(key: &[u8], payloads: &[&[u8]]) -> [u8; 20] {
    let key = Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    let mut context = Context::with_key(&key);
    for payload in payloads {
        context.update(payload);
    }
    let mut signature = [0; 20];
    for (place, byte) in signature.iter_mut().zip(context.sign().as_ref()) {
        *place = *byte;
    }
    signature
}
