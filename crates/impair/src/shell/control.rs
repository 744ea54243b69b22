//! Orders to a line that runs, a line of text each, through a socket or standard input. Each is answered with
//! one line of JSON.

use std::fs;
use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream as Caller;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use anyhow::Context as _;
use serde::Serialize;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Notify, Semaphore, mpsc};

use super::claim::socket_of;
use super::order::{BadOrder, Order};
use super::relay::{Relay, Task};
use super::report::Report;
use super::tunnel::Place;
use crate::limits::{CONTROLLERS, ORDER_BYTES, ORDERS};

/// Who knows how to answer orders.
pub(crate) struct Desk {
    pub(crate) relay: Relay,
    pub(crate) near: Place,
    pub(crate) far: Place,
    pub(crate) stop: Notify,
}

/// What an order is answered with.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Answer {
    Done,
    Counters(Report),
    Refused { reason: String },
}

/// A line of JSON, and whether the line is to end once it is said.
struct Reply {
    text: String,
    stops: bool,
}

impl Desk {
    pub(crate) async fn report(&self) -> anyhow::Result<Report> {
        let carried = self.relay.report().await?;
        Ok(Report::of(carried, &self.near, &self.far))
    }

    /// Does what a line of text says.
    async fn answer(&self, text: &str) -> Reply {
        let order = text.parse();
        let stops = matches!(order, Ok(Order::Stop));
        let answer = match self.obey(order).await {
            Ok(answer) => answer,
            Err(error) => Answer::Refused {
                reason: format!("{error:#}"),
            },
        };
        let mut text = serde_json::to_string(&answer).unwrap_or_default();
        text.push('\n');
        Reply { text, stops }
    }

    async fn obey(&self, order: Result<Order, BadOrder>) -> anyhow::Result<Answer> {
        match order? {
            Order::Change(change) => self.relay.tell(Task::Change(change))?,
            Order::Preset(preset) => {
                let schedule = preset.schedule().map_err(BadOrder::from)?;
                self.relay.tell(Task::Change(preset.change()?))?;
                self.relay.tell(Task::Follow(schedule))?;
            }
            Order::Counters => return Ok(Answer::Counters(self.report().await?)),
            Order::Stop => {}
        }
        // An answer says that it is so, and not that it will be: the relay answers in order.
        self.relay.report().await?;
        Ok(Answer::Done)
    }
}

/// A socket that is removed when this is dropped.
pub(crate) struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    pub(crate) fn open(path: PathBuf) -> anyhow::Result<Self> {
        // A line that was killed leaves it.
        let _ = fs::remove_file(&path);
        let listener = UnixListener::bind(&path)
            .with_context(|| format!("{} cannot be made", path.display()))?;
        Ok(Self { listener, path })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Answers everybody, some at a time.
    pub(crate) async fn serve(&self, desk: &Arc<Desk>) {
        let seats = Arc::new(Semaphore::new(CONTROLLERS));
        while let Ok(seat) = Arc::clone(&seats).acquire_owned().await {
            let Ok((stream, _)) = self.listener.accept().await else {
                return;
            };
            let desk = Arc::clone(desk);
            tokio::spawn(async move {
                converse(stream, &desk).await;
                drop(seat);
            });
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // It may have been removed by hand.
        let _ = fs::remove_file(&self.path);
    }
}

async fn converse(mut stream: UnixStream, desk: &Desk) {
    let (reading, mut writing) = stream.split();
    let mut reading = tokio::io::BufReader::new(reading);
    while let Some(line) = next_line(&mut reading).await {
        let reply = desk.answer(&line).await;
        let said = writing.write_all(reply.text.as_bytes()).await;
        if reply.stops {
            desk.stop.notify_one();
        }
        if said.is_err() {
            return;
        }
    }
}

/// Obeys standard input until it ends.
pub(crate) async fn obey_stdin(desk: &Desk) {
    let (sender, mut lines) = mpsc::channel(ORDERS);
    // A thread of its own, which nobody waits for: a read from a terminal cannot be called off.
    thread::spawn(move || {
        let mut input = io::stdin().lock();
        while let Some(line) = read_line(&mut input) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    while let Some(line) = lines.recv().await {
        let reply = desk.answer(&line).await;
        super::say(&reply.text);
        if reply.stops {
            return;
        }
    }
}

fn read_line(input: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    let length = input.take(ORDER_BYTES).read_until(b'\n', &mut line).ok()?;
    (length > 0).then(|| String::from_utf8_lossy(&line).into_owned())
}

/// A line of bounded length. A longer one falls apart, and its parts are no orders.
async fn next_line(reader: &mut (impl AsyncBufRead + Unpin)) -> Option<String> {
    let mut line = Vec::new();
    let length = reader
        .take(ORDER_BYTES)
        .read_until(b'\n', &mut line)
        .await
        .ok()?;
    (length > 0).then(|| String::from_utf8_lossy(&line).into_owned())
}

/// Gives an order to the line with this namespace and prints its answer.
pub(crate) fn ask(namespace: &str, order: &str) -> anyhow::Result<ExitCode> {
    let stream = Caller::connect(socket_of(namespace)).with_context(|| {
        format!("no line runs with the namespace {namespace}: start one with vestibule-impair run")
    })?;
    (&stream).write_all(format!("{order}\n").as_bytes())?;
    let mut answer = String::new();
    BufReader::new(&stream).read_line(&mut answer)?;
    super::say(&answer);
    let refused = answer.is_empty() || answer.contains(r#""event":"refused""#);
    Ok(ExitCode::from(u8::from(refused)))
}
