//! One open session on one socket: reads requests, writes what the outbox holds, watches for life.

use std::sync::Arc;

use tokio::time::{Instant, interval, timeout};
use vestibule_clinic::{Consultation, IdentityLevel};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::{ClientMessage, Request, RequestId};
use vestibule_protocol::server::{ClosingReason, Reply, ServerMessage};
use vestibule_vocab::{ParticipantId, PractitionerId};

use super::fault::Fault;
use super::greeting::Greeted;
use super::registry::{Socket, SocketId};
use super::wire::{Incoming, Lost, Wire};
use super::{Outbox, Outgoing};
use crate::clinic_task::{Asker, Event, Opening};
use crate::identity::Subject;
use crate::limits;
use crate::rate::Limiter;
use crate::shared::Shared;
use crate::store::StoreError;

/// How a session's socket ends.
enum End {
    Gone,
    Because(ClosingReason),
    Fault(Fault),
}

impl From<Lost> for End {
    fn from(_: Lost) -> Self {
        Self::Gone
    }
}

/// Runs the session until its socket is gone.
pub(super) async fn run(mut wire: Wire, greeted: Greeted, shared: Arc<Shared>) {
    let socket = Socket {
        id: shared.registry.next_id(),
        session: greeted.session.id,
        subject: greeted.session.subject,
        level: greeted.session.level,
        expires_at: greeted.session.expires_at,
        outbox: Arc::new(Outbox::default()),
    };
    let (id, participant) = (socket.id, socket.subject.participant());
    let mut session = Session {
        id,
        participant,
        subject: socket.subject,
        level: socket.level,
        device: greeted.session.device_key,
        outbox: socket.outbox.clone(),
        requests: Limiter::new(shared.rates.messages),
        patience: Limiter::new(limits::PATIENCE),
        heard: Instant::now(),
        shared,
    };
    let opened = Event::Opened(Box::new(Opening {
        socket,
        instance: greeted.instance,
        request: greeted.request,
        known: greeted.known,
    }));
    let end = match session.post(opened).await {
        Ok(()) => session.serve(&mut wire).await,
        Err(Busy) => End::Because(ClosingReason::ShuttingDown),
    };
    // The clinic hears of it before the farewell: a client that does not read cannot delay it.
    session.leave().await;
    match end {
        End::Gone => {}
        End::Because(reason) => wire.close(reason).await,
        End::Fault(fault) => wire.close_for(fault).await,
    }
}

/// The clinic task has too much to do, or has ended.
struct Busy;

struct Session {
    id: SocketId,
    participant: ParticipantId,
    subject: Subject,
    level: IdentityLevel,
    /// The public key of the device.
    device: Vec<u8>,
    outbox: Arc<Outbox>,
    requests: Limiter,
    /// Refusals that were the client's own fault.
    patience: Limiter,
    heard: Instant,
    shared: Arc<Shared>,
}

impl Session {
    async fn serve(&mut self, wire: &mut Wire) -> End {
        let mut heartbeat = interval(limits::HEARTBEAT);
        loop {
            let outbox = self.outbox.clone();
            let step = tokio::select! {
                outgoing = outbox.next() => self.put_out(wire, outgoing).await,
                incoming = wire.receive() => self.take_in(wire, incoming).await,
                _ = heartbeat.tick() => self.beat(wire).await,
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn put_out(&mut self, wire: &mut Wire, outgoing: Outgoing) -> Result<(), End> {
        match outgoing {
            Outgoing::Text(text) => Ok(wire.send_text(text).await?),
            Outgoing::Close(reason) => Err(End::Because(reason)),
        }
    }

    async fn beat(&mut self, wire: &mut Wire) -> Result<(), End> {
        if self.heard.elapsed() > limits::SILENCE {
            return Err(End::Gone);
        }
        Ok(wire.ping().await?)
    }

    async fn take_in(&mut self, wire: &mut Wire, incoming: Incoming) -> Result<(), End> {
        match incoming {
            Incoming::Gone => return Err(End::Gone),
            Incoming::Fault(fault) => return Err(End::Fault(fault)),
            Incoming::Heartbeat => {}
            Incoming::Unreadable(code) => self.object(wire, None, code).await?,
            Incoming::Message(message) => self.consider(wire, message).await?,
        }
        self.heard = Instant::now();
        Ok(())
    }

    async fn consider(&mut self, wire: &mut Wire, message: ClientMessage) -> Result<(), End> {
        let id = message.id;
        if !self.requests.allow() {
            return self.object(wire, Some(id), ErrorCode::RateLimited).await;
        }
        let request = message.request;
        if matches!(request, Request::Hello { .. }) {
            self.object(wire, Some(id), ErrorCode::OutOfOrder).await
        } else if request == Request::Ping {
            // Answered here, so that a busy clinic does not make sockets look dead.
            Ok(wire.send(&done(id)).await?)
        } else if request == Request::Move {
            self.let_move(wire, id).await
        } else {
            self.ask(wire, id, request).await
        }
    }

    /// The device that has the place lets another have it. What it takes with it is a token as of any link, that
    /// claims what this session's did.
    async fn let_move(&self, wire: &mut Wire, id: RequestId) -> Result<(), End> {
        if let Subject::Practitioner(_) = self.subject {
            return Ok(wire.refuse(Some(id), ErrorCode::NotPermitted).await?);
        }
        let now = self.shared.clock.now();
        let expires_at = now.plus(limits::MOVE_TOKEN);
        let token = self
            .shared
            .tokens
            .issue_at(self.subject, self.level, now, expires_at);
        let Ok(token) = token else {
            return Ok(wire.refuse(Some(id), ErrorCode::Unavailable).await?);
        };
        tracing::info!(person = ?self.participant, "another device may take over");
        let reply = Reply::Moving { token, expires_at };
        Ok(wire.send(&ServerMessage::Reply { id, reply }).await?)
    }

    /// Hands a request to the clinic task, which answers through the outbox.
    async fn ask(&mut self, wire: &mut Wire, id: RequestId, request: Request) -> Result<(), End> {
        let (Ok(beside), Ok(past)) = (self.beside(&request).await, self.past(&request).await)
        else {
            return Ok(wire.refuse(Some(id), ErrorCode::Unavailable).await?);
        };
        let asker = Asker {
            participant: self.participant,
            socket: self.id,
            outbox: self.outbox.clone(),
            request: id,
            beside,
            past,
        };
        let event = Event::Request {
            asker,
            request: Box::new(request),
        };
        match self.post(event).await {
            Ok(()) => Ok(()),
            Err(Busy) => Ok(wire.refuse(Some(id), ErrorCode::Unavailable).await?),
        }
    }

    /// The practitioner on whose device somebody comes along by a link. The pages of one browser have one device key.
    async fn beside(&self, request: &Request) -> Result<Option<PractitionerId>, StoreError> {
        let comes_along = matches!(self.subject, Subject::Companion { .. });
        if !comes_along || !matches!(request, Request::Arrive { .. }) {
            return Ok(None);
        }
        let now = self.shared.clock.now();
        let found = self.shared.store.practitioner_at(&self.device, now).await;
        found.inspect_err(|error| tracing::error!(%error, "a device could not be looked up"))
    }

    /// What the patient had before whom a practitioner calls: whoever did not come may be nowhere here.
    async fn past(&self, request: &Request) -> Result<Vec<Consultation>, StoreError> {
        let (Subject::Practitioner(_), Request::Call { visit }) = (self.subject, request) else {
            return Ok(Vec::new());
        };
        let found = self.shared.store.past_of_visit(*visit).await;
        found.inspect_err(|error| tracing::error!(%error, "consultations could not be looked up"))
    }

    /// Refuses what no honest client sends; whoever goes on like that loses the socket.
    async fn object(
        &mut self,
        wire: &mut Wire,
        id: Option<RequestId>,
        code: ErrorCode,
    ) -> Result<(), End> {
        wire.refuse(id, code).await?;
        if self.patience.allow() {
            return Ok(());
        }
        tracing::warn!(person = ?self.participant, "a socket is closed for its bad messages");
        Err(End::Because(ClosingReason::Protocol))
    }

    async fn post(&self, event: Event) -> Result<(), Busy> {
        match timeout(limits::INBOX_WAIT, self.shared.inbox.send(event)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Busy),
        }
    }

    /// Tells the clinic that nobody is here any more, however long it takes to listen: a patient
    /// whose leaving was lost would keep a place for ever.
    async fn leave(&self) {
        let closed = Event::Closed {
            participant: self.participant,
            socket: self.id,
        };
        // It fails only when the clinic task has ended, and then nobody is connected any more.
        let _ = self.shared.inbox.send(closed).await;
    }
}

fn done(id: RequestId) -> ServerMessage {
    ServerMessage::Reply {
        id,
        reply: Reply::Done,
    }
}
