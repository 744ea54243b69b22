//! One page: its session, its part in the group, its connection, put together.

use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{interval, sleep_until};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_protocol::server::{ClosingReason, ConsultationView, Leg, ServerMessage};
use vestibule_vocab::InstanceId;

use super::calls::Calls;
use super::commands::Command;
use super::requests::{Parked, Requests, Waiter, for_owner, outcome};
use super::{Event, Stop, line};
use crate::group::{Backoff, Failure, GroupDriver, GroupEvent, Keys, Outcome, Output};
use crate::limits::{PEER_EVENTS, PING, RECONNECT, SILENCE};
use crate::media::{Bindings, Media, PeerEvent, ReceivedFrame, Shared};
use crate::mls::Identity;
use crate::socket::Socket;
use crate::{Device, Error};
use vestibule_frames::EpochName;

/// The line to the server.
enum Line {
    /// Nothing is tried before the back-off allows it.
    Down,
    Dialling(JoinHandle<Result<Socket, Error>>),
    Up(Box<Socket>),
}

pub(super) struct Page {
    device: Arc<Device>,
    instance: InstanceId,
    line: Line,
    backoff: Backoff,
    requests: Requests,
    parked: Parked,
    /// When the server was last heard.
    heard: Instant,
    /// The server's clock minus ours, in milliseconds.
    clock_offset: f64,
    keys: Keys,
    group: GroupDriver,
    calls: Calls,
    peers: mpsc::Receiver<PeerEvent>,
    media: Media,
    /// What the server was last told of our media.
    announced: Option<(bool, bool)>,
    in_consultation: bool,
    was_up: bool,
    revision: u64,
    events: mpsc::Sender<Event>,
}

/// What the page waits for.
enum Next {
    Command(Option<Command>),
    Message(Result<ServerMessage, Error>),
    Dialled(Result<Socket, Error>),
    Peer(PeerEvent),
    Ping,
    Wake,
}

impl Page {
    pub(super) fn new(
        device: Arc<Device>,
        instance: InstanceId,
        media: Media,
        events: mpsc::Sender<Event>,
        frames: mpsc::Sender<ReceivedFrame>,
    ) -> Result<Self, Error> {
        let keys = Keys::default();
        let me = Identity {
            participant: device.participant(),
            instance,
        };
        let group = GroupDriver::new(me, device.role(), keys.clone());
        let (peer_events, peers) = mpsc::channel(PEER_EVENTS);
        let shared = Shared {
            keys: keys.clone(),
            bindings: Bindings::default(),
            frames,
        };
        Ok(Self {
            device,
            instance,
            line: Line::Down,
            backoff: Backoff::new(RECONNECT),
            requests: Requests::default(),
            parked: Parked::default(),
            heard: Instant::now(),
            clock_offset: 0.0,
            keys,
            group: group.map_err(|_| Error::Crypto)?,
            calls: Calls::new(shared, peer_events),
            peers,
            media,
            announced: None,
            in_consultation: false,
            was_up: false,
            revision: 0,
            events,
        })
    }

    /// Works until the owner is gone, or the session is.
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut ping = interval(PING);
        let stop = loop {
            self.dial_when_due();
            let done = match self.next(&mut commands, &mut ping).await {
                Next::Command(None) => break None,
                Next::Command(Some(command)) => self.obey(command).await,
                Next::Message(Ok(message)) => self.take(message).await,
                Next::Message(Err(_)) => self.lose().await,
                Next::Dialled(Ok(socket)) => self.up(socket).await,
                Next::Dialled(Err(error)) => self.turned_away(&error),
                Next::Peer(event) => {
                    self.calls.changed(&event, Instant::now()).await;
                    Ok(())
                }
                Next::Ping => self.ping().await,
                Next::Wake => self.tell(GroupEvent::Wake).await,
            };
            if let Err(stop) = done {
                break Some(stop);
            }
            self.advance().await;
        };
        self.calls.close().await;
        if let Line::Up(socket) = &mut self.line {
            socket.close().await;
        }
        if let Some(stop) = stop {
            // Whoever does not listen any more does not miss it.
            let _ = self.events.send(Event::Stopped(stop)).await;
        }
    }

    async fn next(
        &mut self,
        commands: &mut mpsc::Receiver<Command>,
        ping: &mut tokio::time::Interval,
    ) -> Next {
        let wake = self.wake_at();
        tokio::select! {
            command = commands.recv() => Next::Command(command),
            next = of_line(&mut self.line) => next,
            Some(event) = self.peers.recv() => Next::Peer(event),
            _ = ping.tick() => Next::Ping,
            () = at(wake) => Next::Wake,
        }
    }

    fn wake_at(&self) -> Option<Instant> {
        let now = Instant::now();
        let dial = match self.line {
            Line::Down => self.backoff.until(),
            Line::Dialling(_) | Line::Up(_) => None,
        };
        let due = [self.calls.wake_at(), self.parked.deadline(), dial];
        let times = due.into_iter().chain([self.group.wake_at(now)]);
        times.flatten().filter(|it| *it > now).min()
    }

    fn dial_when_due(&mut self) {
        if matches!(self.line, Line::Down) && !self.backoff.blocks(Instant::now()) {
            let device = Arc::clone(&self.device);
            let instance = self.instance;
            let dialling = async move { Socket::open(&device, instance).await };
            self.line = Line::Dialling(tokio::spawn(dialling));
        }
    }

    /// What no other try will change ends it; all else is tried again.
    fn turned_away(&mut self, error: &Error) -> Result<(), Stop> {
        self.line = Line::Down;
        self.backoff.fail(Instant::now(), None);
        let hopeless = matches!(
            error,
            Error::Refused(
                ErrorCode::SessionUnknown
                    | ErrorCode::ProofInvalid
                    | ErrorCode::UnsupportedProtocol
                    | ErrorCode::OriginRefused
            )
        );
        if hopeless { Err(Stop::Refused) } else { Ok(()) }
    }

    async fn up(&mut self, socket: Socket) -> Result<(), Stop> {
        self.clock_offset = milliseconds(socket.server_time.0) - own_clock();
        self.line = Line::Up(Box::new(socket));
        self.heard = Instant::now();
        self.backoff.succeed();
        self.announced = None;
        self.tell(GroupEvent::Online).await?;
        self.unpark().await
    }

    async fn lose(&mut self) -> Result<(), Stop> {
        self.line = Line::Down;
        self.backoff.fail(Instant::now(), None);
        self.tell(GroupEvent::Offline).await?;
        for waiter in self.requests.lose() {
            self.answer(waiter, Err(Failure::LOST)).await?;
        }
        Ok(())
    }

    async fn ping(&mut self) -> Result<(), Stop> {
        if !matches!(self.line, Line::Up(_)) {
            return Ok(());
        }
        if self.heard.elapsed() > PING + SILENCE {
            return self.lose().await;
        }
        self.ask(Waiter::Nobody, Request::Ping).await
    }

    async fn obey(&mut self, command: Command) -> Result<(), Stop> {
        match command {
            Command::Ask(request, answer) => {
                self.parked.add(Instant::now(), *request, answer);
                self.unpark().await
            }
            Command::Say { id, text } => {
                let from = self.device.participant().to_text();
                let at = own_clock() + self.clock_offset;
                self.tell(GroupEvent::Say(line(from, id, text, at))).await
            }
            Command::Show(camera) => {
                self.media.show(camera);
                Ok(())
            }
        }
    }

    /// Asks for what waited for the server.
    async fn unpark(&mut self) -> Result<(), Stop> {
        self.parked.expire(Instant::now());
        while matches!(self.line, Line::Up(_)) {
            let Some((request, waiter)) = self.parked.take() else {
                break;
            };
            self.ask(waiter, request).await?;
        }
        Ok(())
    }

    async fn take(&mut self, message: ServerMessage) -> Result<(), Stop> {
        self.heard = Instant::now();
        match message {
            ServerMessage::Challenge { .. } => Ok(()),
            ServerMessage::Reply { id, reply } => self.answered(id, Ok(reply)).await,
            ServerMessage::Refused { id, error } => match id {
                Some(id) => self.answered(id, outcome(Err(error))).await,
                None => Ok(()),
            },
            ServerMessage::Patient(seen) => {
                let (leg, consultation) = (seen.leg.clone(), seen.consultation.clone());
                let revision = seen.revision;
                let event = Event::Patient(Box::new(seen));
                self.see(revision, leg, consultation, event).await
            }
            ServerMessage::Practitioner(seen) => {
                let (leg, consultation) = (seen.leg.clone(), seen.consultation.clone());
                let revision = seen.revision;
                let event = Event::Practitioner(Box::new(seen));
                self.see(revision, leg, consultation, event).await
            }
            ServerMessage::Slots {
                connection, slots, ..
            } => {
                self.calls.told(connection, slots);
                Ok(())
            }
            ServerMessage::Log {
                consultation,
                entries,
            } => self.tell(GroupEvent::Log(consultation, entries)).await,
            ServerMessage::Acknowledged {
                consultation,
                instance,
                generation,
                epoch,
            } => {
                let name = EpochName { generation, epoch };
                let event = GroupEvent::Acknowledged(consultation, instance, name);
                self.tell(event).await
            }
            ServerMessage::Closing { reason } => self.closing(reason).await,
        }
    }

    async fn closing(&mut self, reason: ClosingReason) -> Result<(), Stop> {
        match reason {
            ClosingReason::Replaced => Err(Stop::Replaced),
            ClosingReason::SessionEnded => Err(Stop::Ended),
            ClosingReason::ShuttingDown | ClosingReason::TooSlow | ClosingReason::Protocol => {
                self.lose().await
            }
        }
    }

    async fn see(
        &mut self,
        revision: u64,
        leg: Option<Leg>,
        consultation: Option<ConsultationView>,
        event: Event,
    ) -> Result<(), Stop> {
        if revision < self.revision {
            return Ok(());
        }
        self.revision = revision;
        self.in_consultation = consultation.is_some();
        self.show(event).await;
        self.calls.want(leg.as_ref()).await;
        self.tell(GroupEvent::View(consultation)).await
    }

    /// Tells the group's driver, and does what it says.
    async fn tell(&mut self, event: GroupEvent) -> Result<(), Stop> {
        let outputs = self.group.handle(event, Instant::now());
        self.carry_out(outputs).await
    }

    async fn carry_out(&mut self, outputs: Vec<Output>) -> Result<(), Stop> {
        for output in outputs {
            match output {
                Output::Ask(token, request) => {
                    Box::pin(self.ask(Waiter::Group(token), request)).await?;
                }
                Output::Told(told) => self.show(Event::Group(told)).await,
                Output::Rejected(reason) => tracing::warn!(%reason, "an MLS message was not taken"),
                Output::Lost => return Box::pin(self.begin_anew()).await,
            }
        }
        Ok(())
    }

    /// As a new page: what was one's leaf and epoch is over.
    async fn begin_anew(&mut self) -> Result<(), Stop> {
        tracing::info!("the group is lost; it is joined anew");
        self.keys.lock().clear();
        self.instance = super::new_instance().map_err(|_| Stop::Refused)?;
        let me = Identity {
            participant: self.device.participant(),
            instance: self.instance,
        };
        let group = GroupDriver::new(me, self.device.role(), self.keys.clone());
        self.group = group.map_err(|_| Stop::Refused)?;
        self.lose().await
    }

    async fn ask(&mut self, waiter: Waiter, request: Request) -> Result<(), Stop> {
        let id = match (&self.line, self.requests.add(waiter)) {
            (Line::Up(_), Ok(id)) => id,
            (_, Ok(id)) => {
                let waiter = self.requests.take(id).unwrap_or(Waiter::Nobody);
                return self.answer(waiter, Err(Failure::LOST)).await;
            }
            (_, Err(waiter)) => return self.answer(waiter, Err(Failure::LOST)).await,
        };
        if let Line::Up(socket) = &mut self.line
            && socket.send(id, request).await.is_err()
        {
            return self.lose().await;
        }
        Ok(())
    }

    async fn answered(&mut self, id: u32, outcome: Outcome) -> Result<(), Stop> {
        match self.requests.take(id) {
            Some(waiter) => self.answer(waiter, outcome).await,
            None => Ok(()),
        }
    }

    async fn answer(&mut self, waiter: Waiter, outcome: Outcome) -> Result<(), Stop> {
        match waiter {
            Waiter::Nobody => {}
            // An owner who does not wait any more has no use for it.
            Waiter::Owner(answer) => drop(answer.send(for_owner(outcome))),
            Waiter::Offer(number) => self.calls.offered(number, outcome, Instant::now()).await,
            Waiter::Group(token) => {
                let outputs = self
                    .group
                    .handle(GroupEvent::Outcome(token, outcome), Instant::now());
                Box::pin(self.carry_out(outputs)).await?;
            }
        }
        Ok(())
    }

    /// What is due when online, after whatever happened.
    async fn advance(&mut self) {
        let up = self.calls.is_up();
        if up != self.was_up {
            self.was_up = up;
            self.show(Event::Connected(up)).await;
        }
        self.parked.expire(Instant::now());
        if !matches!(self.line, Line::Up(_)) {
            return;
        }
        let authority = self.device.authority();
        let offer = self
            .calls
            .advance(authority, &self.media, Instant::now())
            .await;
        if let Some((number, request)) = offer {
            // What becomes of it shows by the line and by the answer.
            let _ = self.ask(Waiter::Offer(number), request).await;
        }
        self.announce().await;
    }

    /// Tells the others what is sent.
    async fn announce(&mut self) {
        let media = (self.media.has_microphone(), self.media.has_camera());
        if !self.in_consultation {
            self.announced = None;
        } else if self.announced != Some(media) {
            self.announced = Some(media);
            let (microphone, camera) = media;
            let request = Request::SetMedia { microphone, camera };
            let _ = self.ask(Waiter::Nobody, request).await;
        }
    }

    async fn show(&self, event: Event) {
        // An owner who dropped the events does without them.
        let _ = self.events.send(event).await;
    }
}

async fn of_line(line: &mut Line) -> Next {
    match line {
        Line::Down => pending().await,
        Line::Up(socket) => Next::Message(socket.next().await),
        Line::Dialling(dialling) => {
            let dialled = dialling.await;
            Next::Dialled(dialled.unwrap_or(Err(Error::Network)))
        }
    }
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time.into()).await,
        None => pending().await,
    }
}

fn own_clock() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or(Duration::ZERO).as_secs_f64() * 1000.0
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds fit a float for 285,000 years"
)]
fn milliseconds(time: u64) -> f64 {
    time as f64
}
