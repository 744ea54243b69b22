//! The port at which the metrics are read.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::text::{CONTENT_TYPE, text};
use crate::counters::Counters;
use crate::limits::{METRICS_CONNECTIONS, METRICS_PATIENCE, METRICS_REQUEST_BYTES, METRICS_RETRY};

/// Serves the metrics for as long as the process lives. A port that is taken is tried again: media does not wait for
/// it.
pub(crate) async fn serve(address: SocketAddr, workers: Vec<Arc<Counters>>) {
    let listener = bind(address).await;
    let workers: Arc<[_]> = workers.into();
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
        let workers = Arc::clone(&workers);
        tokio::spawn(async move {
            // A scraper that goes away, or stalls, misses its numbers.
            let _ = timeout(METRICS_PATIENCE, answer(stream, &workers)).await;
            drop(place);
        });
    }
}

async fn bind(address: SocketAddr) -> TcpListener {
    let mut told = false;
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => {
                tracing::info!(%address, "metrics are served");
                return listener;
            }
            Err(error) if !told => {
                tracing::warn!(%address, %error, "no metrics yet: the port cannot be had");
                told = true;
            }
            Err(_) => {}
        }
        sleep(METRICS_RETRY).await;
    }
}

/// Answers one request and closes the connection.
async fn answer(mut stream: TcpStream, workers: &[Arc<Counters>]) -> std::io::Result<()> {
    let request = read_head(&mut stream).await?;
    let (status, body) = match request.as_deref().map(wanted) {
        Some(true) => ("200 OK", text(workers)),
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

fn wanted(head: &[u8]) -> bool {
    head.starts_with(b"GET /metrics ")
}
