//! A page of the product as the server sees it: one WebSocket, requests with numbers, messages.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Message, http::HeaderValue};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async};
use vestibule_protocol::client::{ClientMessage, Request};
use vestibule_protocol::company::{CompanionRole, CompanionSnapshot};
use vestibule_protocol::desk::OvertakeReason;
use vestibule_protocol::server::{
    ClosingReason, Outcome, PatientSnapshot, PractitionerSnapshot, Reply, ServerMessage, VisitState,
};
use vestibule_protocol::{ErrorBody, ErrorCode};
use vestibule_vocab::{InstanceId, InvitationId, PractitionerId, Redacted, VisitId};

use super::device::Device;
use super::web::{connect_from, origin};

/// What nothing here ever takes; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a socket says next.
#[derive(Debug)]
pub enum Word {
    Message(Box<ServerMessage>),
    Closed(Option<u16>),
}

/// An open page.
pub struct Page {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    nonce: Vec<u8>,
    instance: Option<InstanceId>,
    last_request: u32,
    /// Messages that came while something else was awaited, snapshots aside.
    kept: VecDeque<ServerMessage>,
    /// The newest snapshot: it replaces every earlier one.
    latest: Option<ServerMessage>,
}

impl Page {
    /// Opens the socket and takes the challenge.
    pub async fn connect(server: SocketAddr) -> Self {
        Self::try_connect(server)
            .await
            .expect("the server takes us in")
    }

    /// Opens the socket; `None` when the server is not there, or dies.
    pub async fn try_connect(server: SocketAddr) -> Option<Self> {
        Self::try_connect_from(None, server).await
    }

    /// The same from an address of loopback.
    pub async fn try_connect_from(source: Option<Ipv4Addr>, server: SocketAddr) -> Option<Self> {
        let url = format!("ws://{server}/api/v1/ws");
        let mut request = url.into_client_request().unwrap();
        let origin = HeaderValue::from_str(&origin(server)).unwrap();
        request.headers_mut().insert("Origin", origin);
        let stream = MaybeTlsStream::Plain(connect_from(source, server).await.ok()?);
        let (socket, _) = client_async(request, stream).await.ok()?;
        let mut page = Self {
            socket,
            nonce: Vec::new(),
            instance: None,
            last_request: 0,
            kept: VecDeque::new(),
            latest: None,
        };
        match page.next().await? {
            ServerMessage::Challenge { nonce, .. } => page.nonce = nonce.0,
            other => panic!("no challenge but {other:?}"),
        }
        Some(page)
    }

    /// Asks a server that may die meanwhile: then nobody knows the answer, and it is `None`.
    pub async fn try_ask(&mut self, request: Request) -> Option<Result<Reply, ErrorCode>> {
        self.last_request += 1;
        let id = self.last_request;
        let text = serde_json::to_string(&ClientMessage { id, request }).unwrap();
        self.socket.send(Message::Text(text.into())).await.ok()?;
        loop {
            match self.next().await? {
                ServerMessage::Reply { id: to, reply } if to == id => return Some(Ok(reply)),
                ServerMessage::Refused {
                    id: Some(to),
                    error,
                } if to == id => {
                    return Some(Err(error.code));
                }
                other => self.keep(other),
            }
        }
    }

    /// Waits a moment for news; false when the server died.
    pub async fn listen(&mut self, moment: Duration) -> bool {
        match timeout(moment, self.word()).await {
            Ok(Word::Message(message)) => {
                self.keep(*message);
                true
            }
            Ok(Word::Closed(_)) => false,
            Err(_) => true,
        }
    }

    /// Messages that came while something else was awaited.
    pub fn take_kept(&mut self, fits: impl Fn(&ServerMessage) -> bool) -> Vec<ServerMessage> {
        let (taken, kept): (VecDeque<_>, VecDeque<_>) =
            self.kept.drain(..).partition(|it| fits(it));
        self.kept = kept;
        Vec::from(taken)
    }

    /// What a patient saw last.
    pub fn seen_by_patient(&self) -> Option<&PatientSnapshot> {
        match self.latest.as_ref()? {
            ServerMessage::Patient(snapshot) => Some(snapshot),
            _ => None,
        }
    }

    /// What a practitioner saw last.
    pub fn seen_by_practitioner(&self) -> Option<&PractitionerSnapshot> {
        match self.latest.as_ref()? {
            ServerMessage::Practitioner(snapshot) => Some(snapshot),
            _ => None,
        }
    }

    pub fn nonce(&self) -> &[u8] {
        &self.nonce
    }

    /// This load of the page.
    pub fn instance(&self) -> InstanceId {
        self.instance.unwrap()
    }

    pub async fn hello(
        &mut self,
        device: &Device,
        instance: InstanceId,
    ) -> Result<Reply, ErrorCode> {
        let hello = device.hello(&self.nonce, instance);
        self.instance = Some(instance);
        self.ask(hello).await
    }

    /// Asks, and waits for the answer to that very request.
    pub async fn ask(&mut self, request: Request) -> Result<Reply, ErrorCode> {
        let id = self.send(request).await;
        self.answer(id).await
    }

    /// Asks for what is refused; all that is said of it.
    pub async fn refused(&mut self, request: Request) -> ErrorBody {
        let asked = self.send(request).await;
        let is_answer = |it: &ServerMessage| matches!(it, ServerMessage::Refused { id, .. } if *id == Some(asked));
        match self.until(is_answer).await {
            ServerMessage::Refused { error, .. } => error,
            other => panic!("{other:?}"),
        }
    }

    /// Sends a request without waiting for its answer.
    pub async fn send(&mut self, request: Request) -> u32 {
        self.last_request += 1;
        let id = self.last_request;
        let message = ClientMessage { id, request };
        self.send_text(&serde_json::to_string(&message).unwrap())
            .await;
        id
    }

    pub async fn answer(&mut self, request: u32) -> Result<Reply, ErrorCode> {
        let is_answer = |message: &ServerMessage| match message {
            ServerMessage::Reply { id, .. } => *id == request,
            ServerMessage::Refused { id, .. } => *id == Some(request),
            _ => false,
        };
        match self.until(is_answer).await {
            ServerMessage::Reply { reply, .. } => Ok(reply),
            ServerMessage::Refused { error, .. } => Err(error.code),
            other => panic!("{other:?}"),
        }
    }

    /// What a message that names no request is refused with.
    pub async fn refusal(&mut self) -> ErrorCode {
        let is_refusal = |it: &ServerMessage| matches!(it, ServerMessage::Refused { .. });
        match self.until(is_refusal).await {
            ServerMessage::Refused { error, .. } => error.code,
            other => panic!("{other:?}"),
        }
    }

    pub async fn send_text(&mut self, text: &str) {
        self.send_frame(Message::Text(text.into())).await;
    }

    pub async fn send_frame(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    /// The first message that fits, of those kept and those to come.
    pub async fn until(&mut self, fits: impl Fn(&ServerMessage) -> bool) -> ServerMessage {
        if let Some(found) = self.kept.iter().position(&fits) {
            return self.kept.remove(found).unwrap();
        }
        loop {
            let message = self.next().await;
            let message = message.unwrap_or_else(|| panic!("closed; kept: {:?}", self.kept));
            if fits(&message) {
                return message;
            }
            self.keep(message);
        }
    }

    /// The next message; `None` when the socket is closed.
    pub async fn next(&mut self) -> Option<ServerMessage> {
        match self.word().await {
            Word::Message(message) => Some(*message),
            Word::Closed(_) => None,
        }
    }

    pub async fn word(&mut self) -> Word {
        // One wait for all frames: pings show that the server lives, not that it says anything.
        let word = timeout(PATIENCE, self.next_word()).await;
        word.expect("the server says something in time")
    }

    async fn next_word(&mut self) -> Word {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return self.read(&text),
                Some(Ok(Message::Close(frame))) => {
                    return Word::Closed(frame.map(|CloseFrame { code, .. }| code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Word::Closed(None),
            }
        }
    }

    fn read(&mut self, text: &str) -> Word {
        let message: ServerMessage = serde_json::from_str(text).unwrap();
        if let Some(revision) = revision(&message) {
            let before = self.latest.as_ref().and_then(self::revision);
            assert!(before <= Some(revision), "a revision that went back");
            self.latest = Some(message.clone());
        }
        Word::Message(Box::new(message))
    }

    /// Why the server closes the socket, and with which code.
    pub async fn farewell(&mut self) -> (Option<ClosingReason>, Option<u16>) {
        let mut reason = None;
        loop {
            match self.word().await {
                Word::Message(message) => {
                    if let ServerMessage::Closing { reason: why } = *message {
                        reason = Some(why);
                    } else {
                        self.keep(*message);
                    }
                }
                Word::Closed(code) => return (reason, code),
            }
        }
    }

    fn keep(&mut self, message: ServerMessage) {
        if revision(&message).is_none() {
            self.kept.push_back(message);
        }
    }

    /// What a patient sees, once it fits.
    pub async fn patient(&mut self, fits: impl Fn(&PatientSnapshot) -> bool) -> PatientSnapshot {
        let wanted = |it: &ServerMessage| matches!(it, ServerMessage::Patient(it) if fits(it));
        match self.snapshot(wanted).await {
            ServerMessage::Patient(snapshot) => snapshot,
            other => panic!("{other:?}"),
        }
    }

    /// What a practitioner sees, once it fits.
    pub async fn practitioner(
        &mut self,
        fits: impl Fn(&PractitionerSnapshot) -> bool,
    ) -> PractitionerSnapshot {
        let wanted = |it: &ServerMessage| matches!(it, ServerMessage::Practitioner(it) if fits(it));
        match self.snapshot(wanted).await {
            ServerMessage::Practitioner(snapshot) => snapshot,
            other => panic!("{other:?}"),
        }
    }

    /// What a companion sees, once it fits.
    pub async fn companion(
        &mut self,
        fits: impl Fn(&CompanionSnapshot) -> bool,
    ) -> CompanionSnapshot {
        let wanted = |it: &ServerMessage| matches!(it, ServerMessage::Companion(it) if fits(it));
        match self.snapshot(wanted).await {
            ServerMessage::Companion(snapshot) => snapshot,
            other => panic!("{other:?}"),
        }
    }

    /// A practitioner asks a colleague to come along.
    pub async fn ask_along(
        &mut self,
        visit: VisitId,
        colleague: PractitionerId,
    ) -> Result<Reply, ErrorCode> {
        let role = CompanionRole::SecondPractitioner;
        self.ask(invite(Some(visit), role, Some(colleague))).await
    }

    /// A practitioner who was asked along comes: the token that is theirs.
    pub async fn join(&mut self, invitation: InvitationId) -> Result<String, ErrorCode> {
        match self.ask(Request::Join { invitation }).await? {
            Reply::Invitation { token, .. } => Ok(token.into_exposed()),
            other => panic!("{other:?}"),
        }
    }

    /// Invites somebody: to one's own visit as a patient, to this one as a practitioner.
    pub async fn invite(
        &mut self,
        visit: Option<VisitId>,
        role: CompanionRole,
    ) -> Result<(InvitationId, String), ErrorCode> {
        match self.ask(invite(visit, role, None)).await? {
            Reply::Invitation {
                invitation, token, ..
            } => Ok((invitation, token.into_exposed())),
            other => panic!("{other:?}"),
        }
    }

    async fn snapshot(&mut self, fits: impl Fn(&ServerMessage) -> bool) -> ServerMessage {
        match self.latest.clone() {
            Some(latest) if fits(&latest) => latest,
            _ => self.until(fits).await,
        }
    }

    /// Enters the waiting room.
    pub async fn arrive(&mut self, name: &str, reason: &str) -> Result<Reply, ErrorCode> {
        let (name, reason) = (name.to_owned(), reason.to_owned());
        let (name, reason) = (Redacted::new(name), Redacted::new(reason));
        self.ask(Request::Arrive {
            name,
            reason,
            wish: None,
        })
        .await
    }

    pub async fn admit(&mut self, visit: VisitId) -> Result<Reply, ErrorCode> {
        self.ask(Request::Admit {
            visit,
            overtake: None,
        })
        .await
    }

    /// Admits somebody before others who could be admitted, with a reason.
    pub async fn admit_first(&mut self, visit: VisitId) -> Result<Reply, ErrorCode> {
        self.ask(Request::Admit {
            visit,
            overtake: Some(OvertakeReason::ClinicalNeed),
        })
        .await
    }

    /// Leaves without a word, as a page does whose network is gone.
    pub async fn vanish(self) {
        drop(self.socket);
    }
}

fn revision(message: &ServerMessage) -> Option<u64> {
    match message {
        ServerMessage::Patient(snapshot) => Some(snapshot.revision),
        ServerMessage::Practitioner(snapshot) => Some(snapshot.revision),
        ServerMessage::Companion(snapshot) => Some(snapshot.revision),
        _ => None,
    }
}

/// The place in a patient's snapshot, while they wait.
pub fn place(snapshot: &PatientSnapshot) -> Option<u32> {
    match snapshot.visit.as_ref()?.state {
        VisitState::Waiting { place } => Some(place),
        _ => None,
    }
}

/// How a patient's visit ended, once it has.
pub fn outcome(snapshot: &PatientSnapshot) -> Option<&Outcome> {
    match &snapshot.visit.as_ref()?.state {
        VisitState::Ended { outcome, .. } => Some(outcome),
        _ => None,
    }
}

fn invite(
    visit: Option<VisitId>,
    role: CompanionRole,
    colleague: Option<PractitionerId>,
) -> Request {
    Request::Invite {
        visit,
        role,
        colleague,
    }
}
