//! Threats that take raw bytes or patience: stalled connections and broken frames.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::client::{ClientMessage, Request};
use vestibule_protocol::server::ServerMessage;
use vestibule_signaling::{Certificate, Https, Rate};

use crate::support::device::new_instance;
use crate::support::raw::{Ending, RawSocket, STALL};
use crate::support::{Device, House, web};

fn code_of(ending: &Ending) -> Option<ErrorCode> {
    ending.messages.iter().find_map(|message| match message {
        ServerMessage::Refused { error, .. } => Some(error.code),
        _ => None,
    })
}

#[tokio::test]
async fn threat_9_broken_frames_end_the_socket_with_the_right_code() {
    let house = House::open().await;
    let (_, mut bystander) = house.waiting("Ada").await;
    let stored = house.stored().await;
    let text = 0x81;
    let half_text = 0x01;
    let rest = 0x00;
    let compressed = 0x40;

    let mut socket = RawSocket::open(house.address()).await;
    socket.write(&[text, 4, b'n', b'u', b'l', b'l']).await;
    assert_eq!(socket.ending().await.code, Some(1002), "unmasked");

    let mut socket = RawSocket::open(house.address()).await;
    socket.send(text, &[0xc3, 0x28]).await;
    let ending = socket.ending().await;
    assert_eq!(
        (ending.code, code_of(&ending)),
        (Some(1007), Some(ErrorCode::Malformed))
    );

    let mut socket = RawSocket::open(house.address()).await;
    socket.send(text | compressed, &[0; 100]).await;
    assert_eq!(
        socket.ending().await.code,
        Some(1002),
        "compressed, which was not agreed"
    );

    let mut socket = RawSocket::open(house.address()).await;
    let claim = [
        &[text, 0x80 | 127][..],
        &(1_u64 << 30).to_be_bytes(),
        &[0; 4],
    ]
    .concat();
    socket.write(&claim).await;
    let ending = socket.ending().await;
    assert_eq!(
        (ending.code, code_of(&ending)),
        (Some(1009), Some(ErrorCode::TooLarge))
    );

    let mut socket = RawSocket::open(house.address()).await;
    socket.send(half_text, &[b'x'; 30_000]).await;
    socket.send(rest, &[b'x'; 30_000]).await;
    socket.send(rest, &[b'x'; 30_000]).await;
    assert_eq!(
        socket.ending().await.code,
        Some(1009),
        "fragments that add up"
    );

    let mut socket = RawSocket::open(house.address()).await;
    socket.send(0x83, b"?").await;
    assert_eq!(
        socket.ending().await.code,
        Some(1002),
        "an opcode that is none"
    );

    assert!(bystander.ask(Request::Ping).await.is_ok());
    assert_eq!(house.stored().await, stored);
}

#[tokio::test]
async fn threat_9_a_thousand_oversized_messages_leave_the_memory_as_it_was() {
    let house = House::open_with(|settings| {
        settings.rates.sockets = Rate {
            burst: 2_000,
            per_second: 2_000,
        };
    })
    .await;
    let flood = async |count| {
        for _ in 0..count {
            let mut socket = RawSocket::open(house.address()).await;
            let claim = [
                &[0x81, 0x80 | 127][..],
                &(1_u64 << 40).to_be_bytes(),
                &[0; 4],
            ]
            .concat();
            socket.write(&claim).await;
            drop(socket);
        }
    };
    flood(200).await;
    let before = resident();
    flood(1_000).await;
    let grown = resident().saturating_sub(before);
    assert!(grown < 64 * 1024 * 1024, "{grown} bytes more");
}

/// The resident memory of this process, which is the server's too.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

/// Reads until the other side closes; fails when it does not.
async fn closed_in_time(stream: &mut TcpStream) -> Duration {
    let began = Instant::now();
    let mut rest = Vec::new();
    let end = timeout(STALL, stream.read_to_end(&mut rest)).await;
    assert!(end.is_ok(), "still open after {STALL:?}");
    began.elapsed()
}

#[tokio::test]
async fn threat_8_whoever_stalls_is_closed_within_ten_seconds() {
    let house = House::open_with(|settings| {
        settings.https = Some(Https {
            address: ([127, 0, 0, 1], 0).into(),
            certificate: Certificate::SelfSigned,
        });
    })
    .await;
    let tls = house.server().addresses().https.unwrap();
    let http = house.address();

    let silent = async { closed_in_time(&mut TcpStream::connect(http).await.unwrap()).await };
    let slow_head = async {
        let mut stream = TcpStream::connect(http).await.unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            .await
            .unwrap();
        let (mut reading, mut writing) = stream.into_split();
        let began = Instant::now();
        let drip = async {
            while writing.write_all(b"x").await.is_ok() {
                sleep(Duration::from_millis(200)).await;
            }
        };
        let mut rest = Vec::new();
        tokio::select! {
            () = drip => {}
            end = timeout(STALL, reading.read_to_end(&mut rest)) => assert!(end.is_ok()),
        }
        began.elapsed()
    };
    let slow_body = async {
        let mut stream = TcpStream::connect(http).await.unwrap();
        let head = format!(
            "POST /api/v1/walk-ins HTTP/1.1\r\nHost: {http}\r\nOrigin: http://{http}\r\n\
             Content-Length: 100\r\nConnection: close\r\n\r\n{{"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        closed_in_time(&mut stream).await
    };
    let stalled_tls = async {
        let mut stream = TcpStream::connect(tls).await.unwrap();
        stream.write_all(&[0x16, 0x03, 0x01]).await.unwrap();
        closed_in_time(&mut stream).await
    };
    let no_hello = async {
        let began = Instant::now();
        RawSocket::open(http).await.ending().await;
        began.elapsed()
    };
    let (a, b, c, d, e) = tokio::join!(silent, slow_head, slow_body, stalled_tls, no_hello);
    for length in [a, b, c, d, e] {
        assert!(length < Duration::from_secs(13), "{length:?}");
    }
}

/// A practitioner whose page stopped reading while the waiting room changes under it.
#[tokio::test]
async fn threat_8_a_socket_that_never_reads_is_closed() {
    let house = House::open_with(|settings| {
        settings.rates.exchanges = Rate {
            burst: 2_000,
            per_second: 2_000,
        };
        settings.rates.sockets = settings.rates.exchanges;
    })
    .await;
    let doctor = house.practitioner().await;
    let _deaf = open_deaf(&house, &doctor).await;
    let reason = "x".repeat(500);
    let mut waiting = Vec::new();
    let began = Instant::now();
    while house.server().sessions() > waiting.len() {
        let device = house.patient().await;
        let mut page = device.open().await;
        page.arrive("Ada", &reason).await.unwrap();
        waiting.push(page);
        // The server gives a write ten seconds; the waiting room fills its buffers long before.
        assert!(began.elapsed() < Duration::from_secs(60), "still open");
        if waiting.len() > 150 {
            sleep(Duration::from_millis(100)).await;
        }
    }
    // Nobody else had to wait for it.
    assert!(waiting[0].ask(Request::Ping).await.is_ok());
}

async fn open_deaf(house: &House, doctor: &Device) -> RawSocket {
    let mut socket = RawSocket::open_narrow(house.address()).await;
    let nonce = socket.nonce().await;
    let hello = ClientMessage {
        id: 1,
        request: doctor.hello(&nonce, new_instance()),
    };
    let hello = serde_json::to_vec(&hello).unwrap();
    socket.send(0x81, &hello).await;
    while house.server().sessions() == 0 {
        sleep(Duration::from_millis(5)).await;
    }
    socket
}

#[tokio::test]
async fn threat_7_one_address_that_asks_too_often_is_told_so() {
    let house = House::open_with(|settings| {
        settings.rates.exchanges = Rate {
            burst: 3,
            per_second: 1,
        };
    })
    .await;
    let (_, mut bystander) = house.waiting("Ada").await;
    let device = house.device();
    let code = house.code();
    let mut refused = 0;
    for _ in 0..10 {
        refused += i32::from(device.walk_in(&code).await == Err(ErrorCode::RateLimited));
    }
    assert!(refused >= 5, "{refused}");
    let answer = device.post("walk-ins", &serde_json::json!({})).await;
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (429, Some("1"))
    );
    assert!(bystander.ask(Request::Ping).await.is_ok());
}

/// All come from the proxy's address: one who asks too often would have everybody wait.
#[tokio::test]
async fn threat_7_behind_a_proxy_who_asks_too_often_has_nobody_else_wait() {
    let house = House::open_with(|settings| {
        settings.trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
        settings.rates.sockets = Rate {
            burst: 3,
            per_second: 1,
        };
    })
    .await;
    let ask = async |client: &str| {
        let headers = format!("X-Forwarded-For: 192.0.2.1, {client}\r\n");
        web::upgrade(house.address(), &headers).await.status
    };
    let mut refused = 0;
    for _ in 0..10 {
        refused += i32::from(ask("203.0.113.7").await == 429);
    }
    assert!(refused >= 5, "{refused}");
    // It comes from none of our pages, which is another matter.
    assert_eq!(ask("203.0.113.8").await, 403);
}
