//! A page before a server that greets, and then says nothing.

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};
use vestibule_protocol::client::ClientMessage;
use vestibule_protocol::server::{Reply, ServerMessage};
use vestibule_protocol::{Base64Bytes, PROTOCOL_VERSION};
use vestibule_vocab::{Role, Timestamp};

use super::*;
use crate::limits::SILENCE;
use crate::participant::new_instance;

struct Server(TcpListener);

struct Session(WebSocketStream<TcpStream>);

impl Server {
    async fn listening() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    fn authority(&self) -> String {
        self.0.local_addr().unwrap().to_string()
    }

    /// Takes the next session, whatever it proves.
    async fn greet(&self, device: &Device) -> Session {
        let (stream, _) = self.0.accept().await.unwrap();
        let mut session = Session(accept_async(stream).await.unwrap());
        let challenge = ServerMessage::Challenge {
            protocol: vec![PROTOCOL_VERSION],
            nonce: Base64Bytes(vec![7; 32]),
        };
        session.say(&challenge).await;
        let hello = session.hear().await;
        assert!(matches!(hello.request, Request::Hello { .. }));
        let welcome = ServerMessage::Reply {
            id: hello.id,
            reply: Reply::Welcome {
                protocol: PROTOCOL_VERSION,
                role: Role::Patient,
                participant: device.participant(),
                server_time: Timestamp(0),
            },
        };
        session.say(&welcome).await;
        session
    }
}

impl Session {
    async fn say(&mut self, message: &ServerMessage) {
        let text = serde_json::to_string(message).unwrap();
        self.0.send(Message::Text(text.into())).await.unwrap();
    }

    async fn hear(&mut self) -> ClientMessage {
        let Some(Ok(Message::Text(text))) = self.0.next().await else {
            panic!("the page says something");
        };
        serde_json::from_str(&text).unwrap()
    }

    /// The next request of this kind.
    async fn hear_until(&mut self, wanted: fn(&Request) -> bool) -> u32 {
        loop {
            let heard = self.hear().await;
            if wanted(&heard.request) {
                return heard.id;
            }
        }
    }
}

/// Dials as if it were that late, is greeted, and is up.
async fn connect(page: &mut Page, server: &Server, now: Instant) -> Session {
    let device = Arc::clone(&page.device);
    page.dial_when_due(now);
    let (session, incoming) = tokio::join!(server.greet(&device), page.line.next());
    assert!(matches!(incoming, Incoming::Dialled(Ok(_))));
    page.come(incoming).await.unwrap();
    session
}

fn page_of(server: &Server) -> (Page, mpsc::Receiver<Event>) {
    let device = Arc::new(Device::of_test(server.authority()));
    let (event, events) = mpsc::channel(64);
    let (frame, _) = mpsc::channel(1);
    let media = Media::new(None, None);
    let page = Page::new(device, new_instance().unwrap(), media, event, frame);
    (page.unwrap(), events)
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up_and_dialled_anew() {
    let server = Server::listening().await;
    let (mut page, _events) = page_of(&server);
    let mut session = connect(&mut page, &server, Instant::now()).await;
    let (answer, mut answered) = oneshot::channel();
    page.ask(Waiter::Owner(answer), Request::Leave)
        .await
        .unwrap();

    let up = Instant::now();
    page.care(up + PING).await.unwrap();
    session.hear_until(|it| matches!(it, Request::Ping)).await;
    assert!(page.line.is_up(), "there is time for an answer");

    page.care(up + PING + SILENCE + PING).await.unwrap();
    assert!(!page.line.is_up());
    let lost = answered.try_recv().unwrap();
    assert!(matches!(lost, Err(Error::Network)), "nobody knows of it");

    let due = page.line.wake_at().unwrap();
    let mut session = connect(&mut page, &server, due).await;
    page.care(Instant::now() + PING).await.unwrap();
    session.hear_until(|it| matches!(it, Request::Ping)).await;
    assert!(page.line.is_up(), "the silence of the old socket is over");
}

#[tokio::test]
async fn an_answer_keeps_the_line() {
    let server = Server::listening().await;
    let (mut page, _events) = page_of(&server);
    let mut session = connect(&mut page, &server, Instant::now()).await;
    page.line
        .heard(Instant::now().checked_sub(SILENCE).unwrap());
    let asked = Instant::now();
    page.care(asked).await.unwrap();
    let id = session.hear_until(|it| matches!(it, Request::Ping)).await;
    let reply = Reply::Done;
    session.say(&ServerMessage::Reply { id, reply }).await;
    let incoming = page.line.next().await;
    page.come(incoming).await.unwrap();
    page.care(asked + PING + SILENCE).await.unwrap();
    assert!(page.line.is_up());
}
