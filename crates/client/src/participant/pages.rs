//! One page: its session, its part in the group, its connection, put together.

mod server;
#[cfg(test)]
mod tests;

use std::future::pending;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;
use tokio::time::{interval, sleep_until};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::Request;
use vestibule_vocab::InstanceId;

use super::calls::Calls;
use super::clock::ServerClock;
use super::commands::Command;
use super::line::{Care, Incoming, Line};
use super::requests::{Parked, Requests, Waiter, for_owner};
use super::{Event, Stop};
use crate::group::{ChatLine, Failure, GroupDriver, GroupEvent, Keys, Outcome, Output};
use crate::limits::{PEER_EVENTS, PING};
use crate::media::{Bindings, Media, PeerEvent, ReceivedFrame, Shared};
use crate::mls::Identity;
use crate::socket::Socket;
use crate::{Device, Error};

pub(super) struct Page {
    device: Arc<Device>,
    instance: InstanceId,
    line: Line,
    requests: Requests,
    parked: Parked,
    clock: ServerClock,
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
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
enum Next {
    Command(Option<Command>),
    Line(Incoming),
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
            line: Line::new(Instant::now()),
            requests: Requests::default(),
            parked: Parked::default(),
            clock: ServerClock::default(),
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
            self.dial_when_due(Instant::now());
            let done = match self.next(&mut commands, &mut ping).await {
                Next::Command(None) => break None,
                Next::Command(Some(command)) => self.obey(command).await,
                Next::Line(incoming) => self.come(incoming).await,
                Next::Peer(event) => {
                    self.calls.changed(&event, Instant::now()).await;
                    Ok(())
                }
                Next::Ping => self.care(Instant::now()).await,
                Next::Wake => self.tell(GroupEvent::Wake).await,
            };
            if let Err(stop) = done {
                break Some(stop);
            }
            self.advance().await;
        };
        self.calls.close().await;
        self.line.close().await;
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
            incoming = self.line.next() => Next::Line(incoming),
            Some(event) = self.peers.recv() => Next::Peer(event),
            _ = ping.tick() => Next::Ping,
            () = at(wake) => Next::Wake,
        }
    }

    fn wake_at(&self) -> Option<Instant> {
        let now = Instant::now();
        let (calls, line) = (self.calls.wake_at(), self.line.wake_at());
        let due = [calls, self.parked.deadline(), line];
        let times = due.into_iter().chain([self.group.wake_at(now)]);
        times.flatten().filter(|it| *it > now).min()
    }

    fn dial_when_due(&mut self, now: Instant) {
        let (device, instance) = (Arc::clone(&self.device), self.instance);
        let dial = || async move { Socket::open(&device, instance).await };
        self.line.dial_when_due(now, dial);
    }

    async fn come(&mut self, incoming: Incoming) -> Result<(), Stop> {
        match incoming {
            Incoming::Message(Ok(message)) => self.take(message).await,
            Incoming::Message(Err(_)) => self.lose().await,
            Incoming::Dialled(Ok(socket)) => self.up(socket).await,
            Incoming::Dialled(Err(error)) => self.turned_away(&error),
        }
    }

    /// What no other try will change ends it; all else is tried again.
    fn turned_away(&mut self, error: &Error) -> Result<(), Stop> {
        self.line.down(Instant::now());
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
        self.clock.set(socket.server_time);
        self.line.up(socket, Instant::now());
        self.announced = None;
        self.tell(GroupEvent::Online).await?;
        self.unpark().await
    }

    async fn lose(&mut self) -> Result<(), Stop> {
        self.line.down(Instant::now());
        self.tell(GroupEvent::Offline).await?;
        for waiter in self.requests.lose() {
            self.answer(waiter, Err(Failure::LOST)).await?;
        }
        Ok(())
    }

    async fn care(&mut self, now: Instant) -> Result<(), Stop> {
        match self.line.care(now) {
            Care::Nothing => Ok(()),
            Care::Ping => self.ask(Waiter::Nobody, Request::Ping).await,
            Care::GiveUp => self.lose().await,
        }
    }

    async fn obey(&mut self, command: Command) -> Result<(), Stop> {
        match command {
            Command::Ask(request, answer) => {
                self.parked.add(Instant::now(), *request, answer);
                self.unpark().await
            }
            Command::Say { id, text } => {
                let from = self.device.participant().to_text();
                let at = self.clock.now();
                let line = ChatLine { id, from, text, at };
                self.tell(GroupEvent::Say(line)).await
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
        while self.line.is_up() {
            let Some((request, waiter)) = self.parked.take() else {
                break;
            };
            self.ask(waiter, request).await?;
        }
        Ok(())
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
        if !self.line.is_up() {
            return self.answer(waiter, Err(Failure::LOST)).await;
        }
        let id = match self.requests.add(waiter) {
            Ok(id) => id,
            Err(waiter) => return self.answer(waiter, Err(Failure::LOST)).await,
        };
        match self.line.send(id, request).await {
            Ok(()) => Ok(()),
            Err(_) => self.lose().await,
        }
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
        if !self.line.is_up() {
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

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time.into()).await,
        None => pending().await,
    }
}
