//! The port at which the metrics are read.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{sleep, timeout};

use super::Census;
use super::text::{CONTENT_TYPE, Told, text};
use crate::clinic_task::Event;
use crate::limits::{METRICS_CENSUS, METRICS_STORE};
use crate::limits::{METRICS_CONNECTIONS, METRICS_PATIENCE, METRICS_REQUEST_BYTES, METRICS_RETRY};
use crate::shared::Shared;
use crate::store::Backlog;

/// The port, if it can be had now.
pub(crate) async fn bind(address: SocketAddr) -> Option<TcpListener> {
    match TcpListener::bind(address).await {
        Ok(listener) => {
            tracing::info!(%address, "metrics are served");
            Some(listener)
        }
        Err(error) => {
            tracing::warn!(%address, %error, "no metrics yet: the port cannot be had");
            None
        }
    }
}

/// Serves the metrics for as long as the server runs. A port that is taken is tried again: people do not wait for it.
pub(crate) async fn serve(
    address: SocketAddr,
    mut bound: Option<TcpListener>,
    shared: Arc<Shared>,
) {
    let listener = loop {
        if let Some(listener) = bound {
            break listener;
        }
        sleep(METRICS_RETRY).await;
        bound = TcpListener::bind(address).await.ok();
    };
    let places = Arc::new(Semaphore::new(METRICS_CONNECTIONS));
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Without descriptors to spare, the next try would fail as fast.
            sleep(METRICS_RETRY).await;
            continue;
        };
        // Who comes while all places are taken is closed.
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            continue;
        };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            // A scraper that goes away, or stalls, misses its numbers.
            let _ = timeout(METRICS_PATIENCE, answer(stream, &shared)).await;
            drop(place);
        });
    }
}

/// Answers one request and closes the connection.
async fn answer(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let request = read_head(&mut stream).await?;
    let (status, body) = match request.as_deref().map(is_wanted) {
        Some(true) => ("200 OK", told(shared).await),
        Some(false) => ("404 Not Found", String::new()),
        None => ("431 Request Header Fields Too Large", String::new()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {CONTENT_TYPE}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}

/// A request's head; `None` when it is too long.
async fn read_head(stream: &mut TcpStream) -> std::io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    let mut chunk = [0; 1024];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        let read = stream.read(&mut chunk).await?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        head.extend(chunk.get(..read).unwrap_or_default());
        if head.len() > METRICS_REQUEST_BYTES {
            return Ok(None);
        }
    }
    Ok(Some(head))
}

fn is_wanted(head: &[u8]) -> bool {
    head.starts_with(b"GET /metrics ")
}

async fn told(shared: &Shared) -> String {
    text(&Told {
        counters: &shared.counters,
        sessions: shared.registry.len(),
        census: census(shared).await,
        backlog: backlog(shared).await,
    })
}

/// The clinic's numbers, if it has time to count.
async fn census(shared: &Shared) -> Option<Census> {
    let counted = async {
        let (reply, answer) = oneshot::channel();
        shared.inbox.send(Event::Count(reply)).await.ok()?;
        answer.await.ok()
    };
    timeout(METRICS_CENSUS, counted).await.ok().flatten()
}

async fn backlog(shared: &Shared) -> Option<Backlog> {
    match timeout(METRICS_STORE, shared.store.backlog()).await {
        Ok(Ok(backlog)) => Some(backlog),
        Ok(Err(why)) => {
            tracing::warn!(%why, "what is to be sent out could not be counted");
            None
        }
        Err(_) => None,
    }
}
