//! Debian's Janus with its videoroom plugin. A person is two connections there: one that publishes, and one that
//! subscribes to all others.

mod api;
mod config;

use std::collections::HashMap;
use std::fs::{self, File};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::json;
use tempfile::TempDir;
use vestibule_handshake::Certificate;

use super::{Process, Server, streams};
use crate::cores::Cores;
use crate::limits::JANUS_ROOM;
use crate::media::Spec;
use crate::ours::Ours;
use crate::sdp::{Theirs, publishing_offer, receiving_answer};
use api::{Api, Handle};

pub(crate) struct Janus {
    process: Process,
    api: Api,
    certificate: Certificate,
    address: IpAddr,
    /// Holds its configuration and both ends of its interface.
    _directory: TempDir,
}

/// How often Janus is started until it listens, and how long it may take each time.
const STARTS: u32 = 20;
const START: Duration = Duration::from_secs(3);

/// How long one look for its interface takes while it starts.
const LOOK: Duration = Duration::from_millis(20);

impl Janus {
    pub(crate) fn start(address: IpAddr, cores: &Cores) -> anyhow::Result<Self> {
        if !is_installed() {
            anyhow::bail!("Janus is not installed; Debian has it: apt-get install -y janus");
        }
        // The thread of its Unix socket ends at once when it is the first to run, before its maker has noted that it
        // began: on one core it mostly is, and on two now and then.
        let mut tried = Self::try_start(address, cores);
        for _ in 1..STARTS {
            if tried.is_err() {
                tried = Self::try_start(address, cores);
            }
        }
        tried
    }

    fn try_start(address: IpAddr, cores: &Cores) -> anyhow::Result<Self> {
        if address.is_loopback() {
            anyhow::bail!("{}", no_loopback());
        }
        let directory = tempfile::tempdir()?;
        let path = directory.path();
        config::write(path, address)?;
        // It ends with this program, however that ends.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "janus", "--configs-folder"]);
        command.arg(path);
        let log = path.join("log");
        command.stdin(Stdio::null()).stdout(File::create(&log)?);
        let process = Process::start_on_both(&mut command, cores);
        let mut process = process.context("setpriv is of the package util-linux: install it")?;
        let end = Instant::now() + START;
        let api = loop {
            process.check().with_context(|| not_started(&log))?;
            match Api::open(path) {
                Ok(api) => break api,
                Err(error) if Instant::now() >= end => return Err(error),
                Err(_) => std::thread::sleep(LOOK),
            }
        };
        cores.move_to_server(process.pid())?;
        Ok(Self {
            process,
            api,
            certificate: Certificate::generate()?,
            address,
            _directory: directory,
        })
    }

    fn publish(
        &mut self,
        (room, person): (u32, u32),
        handle: Handle,
        began: Instant,
    ) -> anyhow::Result<Spec> {
        let streams = streams(person);
        let ours = Ours::bind(self.address, &self.certificate, began)?;
        let body = json!({
            "request": "joinandconfigure",
            "ptype": "publisher",
            "room": room,
            "id": feed(person),
        });
        let offer = ("offer", publishing_offer(&ours, &streams));
        let answer = self.api.ask(handle, &body, Some(offer))?;
        ours.with(read(answer)?, Some(streams))
    }

    fn subscribe(
        &mut self,
        room: u32,
        feeds: impl Iterator<Item = u32>,
        began: Instant,
    ) -> anyhow::Result<Spec> {
        let handle = self.api.attach()?;
        let feeds: Vec<_> = feeds
            .map(|person| json!({ "feed": feed(person) }))
            .collect();
        let body = json!({
            "request": "join",
            "ptype": "subscriber",
            "room": room,
            "streams": feeds,
        });
        let theirs = read(self.api.ask(handle, &body, None)?)?;
        let ours = Ours::bind(self.address, &self.certificate, began)?;
        let answer = ("answer", receiving_answer(&ours, &theirs));
        self.api
            .ask(handle, &json!({ "request": "start" }), Some(answer))?;
        ours.with(theirs, None)
    }
}

impl Server for Janus {
    fn name(&self) -> &'static str {
        "janus"
    }

    fn pid(&self) -> u32 {
        self.process.pid()
    }

    fn room_time(&self) -> Duration {
        JANUS_ROOM
    }

    fn join(
        &mut self,
        room: u32,
        people: u32,
        connect: &mut dyn FnMut(Spec),
    ) -> anyhow::Result<()> {
        let (room, first) = (room + 1, room * people);
        let persons = first..first + people;
        let mut publishing = HashMap::new();
        for person in persons.clone() {
            let handle = self.api.attach()?;
            if person == first {
                self.api.create_room(handle, room, people)?;
            }
            let began = Instant::now();
            connect(self.publish((room, person), handle, began)?);
            publishing.insert(person, (handle, began));
        }
        // A feed can be subscribed to when it is up.
        for (handle, _) in publishing.values() {
            self.api.wait_up(*handle)?;
        }
        for person in persons.clone() {
            let others = persons.clone().filter(|other| *other != person);
            let began = publishing.get(&person).map(|(_, began)| *began);
            let began = began.unwrap_or_else(Instant::now);
            connect(self.subscribe(room, others, began)?);
        }
        Ok(())
    }

    fn listen(&mut self) -> anyhow::Result<()> {
        self.process.check()?;
        self.api.listen()
    }
}

/// What Janus said last, or where it is to be had.
fn is_installed() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join("janus").is_file())
}

fn not_started(log: &Path) -> String {
    let said = fs::read_to_string(log).unwrap_or_default();
    match said.lines().rfind(|line| !line.trim().is_empty()) {
        Some(last) => format!("Janus did not start: {}", last.trim()),
        None => "Janus did not start, and says nothing".to_owned(),
    }
}

/// What to do instead. The example is the address that this machine would speak to others from; to learn it nothing
/// is sent.
fn no_loopback() -> String {
    let elsewhere = SocketAddr::from(([192, 0, 2, 1], 9));
    let asked = UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
        socket.connect(elsewhere)?;
        socket.local_addr()
    });
    let example = asked.map_or_else(|_| "ADDRESS".to_owned(), |local| local.ip().to_string());
    format!(
        "Janus takes no loopback address; say by --address {example} that both are to be reached there"
    )
}

fn read(sdp: Option<String>) -> anyhow::Result<Theirs> {
    let sdp = sdp.context("Janus sent no description")?;
    Theirs::read(&sdp).context("Janus's description")
}

/// Janus has no feed zero.
fn feed(person: u32) -> u32 {
    person + 1
}
