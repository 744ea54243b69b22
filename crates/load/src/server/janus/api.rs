//! Janus's interface: JSON in datagrams over a Unix socket.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::config::{OURS, THEIRS};
use crate::limits::SERVER;

pub(super) struct Api {
    socket: UnixDatagram,
    session: u64,
    transactions: u64,
    /// Handles whose connection is up.
    up: HashSet<Handle>,
    buffer: Vec<u8>,
}

/// One of a session's attachments to the videoroom plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Handle(u64);

/// How long the first request waits for its answer before it is made again.
const START: Duration = Duration::from_millis(500);

/// How long one look at the socket takes while there is nothing.
const LOOK: Duration = Duration::from_millis(50);

/// The largest message that is taken: a description of all feeds of a room with room to spare.
const MESSAGE_BYTES: usize = 64 * 1024;

impl Api {
    /// Begins a session with the Janus of a folder.
    pub(super) fn open(folder: &Path) -> anyhow::Result<Self> {
        let ours = folder.join(OURS);
        // One of an attempt before.
        let _ = std::fs::remove_file(&ours);
        let socket = UnixDatagram::bind(ours)?;
        let connected = socket.connect(folder.join(THEIRS));
        connected.context("Janus does not listen")?;
        socket.set_read_timeout(Some(LOOK))?;
        let mut api = Self {
            socket,
            session: 0,
            transactions: 0,
            up: HashSet::new(),
            buffer: vec![0; MESSAGE_BYTES],
        };
        // While Janus starts it takes requests and forgets them.
        let created = api.request_within(START, json!({ "janus": "create" }), is_success)?;
        api.session = id(&created)?;
        Ok(api)
    }

    pub(super) fn attach(&mut self) -> anyhow::Result<Handle> {
        let request = json!({ "janus": "attach", "plugin": "janus.plugin.videoroom" });
        Ok(Handle(id(&self.request(request, is_success)?)?))
    }

    pub(super) fn create_room(
        &mut self,
        handle: Handle,
        room: u32,
        people: u32,
    ) -> anyhow::Result<()> {
        let body = json!({
            "request": "create",
            "room": room,
            "publishers": people,
            "audiocodec": "opus",
            "videocodec": "vp8",
            "bitrate": 0,
        });
        let request = message(handle, &body, None);
        self.request(request, is_success).map(drop)
    }

    /// Asks the plugin for something that an event answers: the description in it.
    pub(super) fn ask(
        &mut self,
        handle: Handle,
        body: &Value,
        description: Option<(&str, String)>,
    ) -> anyhow::Result<Option<String>> {
        let request = message(handle, body, description);
        let event = self.request(request, |message| kind(message) == Some("event"))?;
        let sdp = event.pointer("/jsep/sdp").and_then(Value::as_str);
        Ok(sdp.map(str::to_owned))
    }

    /// Waits until a handle's connection is up.
    pub(super) fn wait_up(&mut self, handle: Handle) -> anyhow::Result<()> {
        let end = Instant::now() + SERVER;
        while !self.up.contains(&handle) {
            anyhow::ensure!(Instant::now() < end, "a publisher did not come up");
            self.next()?;
        }
        Ok(())
    }

    /// Takes what comes while nothing is asked.
    pub(super) fn listen(&mut self) -> anyhow::Result<()> {
        self.next().map(drop)
    }

    /// Sends a request, and waits for the answer that is wanted.
    fn request(
        &mut self,
        request: Value,
        wanted: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        self.request_within(SERVER, request, wanted)
    }

    fn request_within(
        &mut self,
        patience: Duration,
        mut request: Value,
        wanted: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        self.transactions += 1;
        let transaction = self.transactions.to_string();
        if let Some(request) = request.as_object_mut() {
            request.insert("transaction".to_owned(), json!(transaction));
            if self.session != 0 {
                request.insert("session_id".to_owned(), json!(self.session));
            }
        }
        let sent = self.socket.send(request.to_string().as_bytes());
        sent.context("Janus does not listen")?;
        let end = Instant::now() + patience;
        while Instant::now() < end {
            let Some(message) = self.next()? else {
                continue;
            };
            if message.get("transaction").and_then(Value::as_str) != Some(&transaction) {
                continue;
            }
            let errors = ["/error/reason", "/plugindata/data/error"];
            let mut errors = errors.iter().filter_map(|at| message.pointer(at)?.as_str());
            if let Some(error) = errors.next() {
                anyhow::bail!("Janus refused: {error}");
            }
            if wanted(&message) {
                return Ok(message);
            }
        }
        anyhow::bail!("Janus did not answer")
    }

    /// The next message, if there is one soon.
    fn next(&mut self) -> anyhow::Result<Option<Value>> {
        let length = match self.socket.recv(&mut self.buffer) {
            Ok(length) => length,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Ok(None);
            }
            Err(error) => return Err(error).context("Janus is gone"),
        };
        let message = self.buffer.get(..length).unwrap_or_default();
        let message: Value = serde_json::from_slice(message).context("Janus's message")?;
        if kind(&message) == Some("webrtcup") {
            let sender = message.get("sender").and_then(Value::as_u64);
            self.up.extend(sender.map(Handle));
        }
        Ok(Some(message))
    }
}

fn message(handle: Handle, body: &Value, description: Option<(&str, String)>) -> Value {
    let mut message = json!({ "janus": "message", "handle_id": handle.0, "body": body });
    if let (Some((kind, sdp)), Some(message)) = (description, message.as_object_mut()) {
        message.insert("jsep".to_owned(), json!({ "type": kind, "sdp": sdp }));
    }
    message
}

fn kind(message: &Value) -> Option<&str> {
    message.get("janus").and_then(Value::as_str)
}

fn is_success(message: &Value) -> bool {
    kind(message) == Some("success")
}

fn id(success: &Value) -> anyhow::Result<u64> {
    let id = success.pointer("/data/id").and_then(Value::as_u64);
    id.context("Janus named no id")
}
