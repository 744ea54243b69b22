//! The SFU of Vestibule, started and told what to do as the server does it.

use std::net::IpAddr;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::Context as _;
use tempfile::TempDir;
use vestibule_control::{CONTROL_VERSION, CallPlan, FromSfu, ToSfu};
use vestibule_handshake::Certificate;
use vestibule_sfu::SfuConfig;
use vestibule_vocab::{CallId, LegId};

use super::link::Link;
use super::{Metrics, Process, Server, streams};
use crate::cores::Cores;
use crate::media::Spec;
use crate::ours::Ours;
use crate::sdp::{Theirs, sfu_offer};

/// How the SFU is started.
#[derive(Clone, Debug)]
pub(crate) struct SfuSettings {
    /// What is run with `sfu` as its first argument.
    pub(crate) program: PathBuf,
    pub(crate) workers: usize,
    /// The address of the SFU and of all clients.
    pub(crate) address: IpAddr,
}

pub(crate) struct Sfu {
    process: Process,
    link: Link,
    metrics: Metrics,
    certificate: Certificate,
    address: IpAddr,
    requests: u64,
    /// Holds the socket of the control link.
    _directory: TempDir,
}

impl Sfu {
    pub(crate) fn start(settings: &SfuSettings, cores: &Cores) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("sfu.sock");
        let listener = UnixListener::bind(&path)?;
        let metrics = Metrics::choose()?;
        let config = SfuConfig {
            bind: settings.address,
            workers: settings.workers,
            metrics: Some(metrics.address()),
            ..SfuConfig::default()
        };
        // It ends with this program, however that ends.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]).arg(&settings.program);
        vestibule_sfu::complete(&mut command, &config, listener);
        command.stdout(Stdio::null());
        let process = Process::start(&mut command, cores)
            .context("setpriv is of the package util-linux: install it")?;
        // It has a copy of the listening socket, which would outlive the process.
        drop(command);
        let mut link = Link::open(&path)?;
        link.tell(&ToSfu::Hello {
            version: CONTROL_VERSION,
        })?;
        link.wait("say hello", |message| {
            matches!(message, FromSfu::Hello { .. }).then_some(())
        })?;
        Ok(Self {
            process,
            link,
            metrics,
            certificate: Certificate::generate()?,
            address: settings.address,
            requests: 0,
            _directory: directory,
        })
    }

    fn answer(&mut self, (call, leg): (CallId, LegId), sdp: String) -> anyhow::Result<String> {
        self.requests += 1;
        let asked = self.requests;
        self.link.tell(&ToSfu::Offer {
            request: asked,
            call,
            leg,
            connection: 1,
            sdp,
        })?;
        let answer = self.link.wait("answer an offer", |message| match message {
            FromSfu::Answer { request, sdp } if request == asked => Some(Ok(sdp)),
            FromSfu::Refused { request, reason } if request == asked => Some(Err(reason)),
            FromSfu::Answer { .. }
            | FromSfu::Refused { .. }
            | FromSfu::Hello { .. }
            | FromSfu::Leg { .. }
            | FromSfu::Failed { .. }
            | FromSfu::Slots { .. }
            | FromSfu::Layers { .. }
            | FromSfu::Redundancy { .. }
            | FromSfu::Talk { .. }
            | FromSfu::Flow { .. }
            | FromSfu::Stats(_) => None,
        })?;
        answer.map_err(|reason| anyhow::anyhow!("the SFU refused an offer: {reason:?}"))
    }

    fn connect(&mut self, call: CallId, number: u32, began: Instant) -> anyhow::Result<Spec> {
        let streams = streams(number);
        let ours = Ours::bind(self.address, &self.certificate, began)?;
        let sdp = self.answer((call, leg(number)), sfu_offer(&ours, &streams))?;
        let theirs = Theirs::read(&sdp).context("the SFU's answer")?;
        ours.with(theirs, Some(streams))
    }
}

impl Server for Sfu {
    fn name(&self) -> &'static str {
        "vestibule"
    }

    fn pid(&self) -> u32 {
        self.process.pid()
    }

    fn metrics(&self) -> Option<Metrics> {
        Some(self.metrics)
    }

    fn join(
        &mut self,
        room: u32,
        people: u32,
        connect: &mut dyn FnMut(Spec),
    ) -> anyhow::Result<()> {
        let call = CallId::from_random(u128::from(room) + 1);
        let first = room * people;
        let plan = CallPlan {
            call,
            legs: (first..first + people).map(leg).collect(),
            open: true,
        };
        self.link.tell(&ToSfu::SetCall(plan))?;
        for number in first..first + people {
            connect(self.connect(call, number, Instant::now())?);
        }
        Ok(())
    }

    fn listen(&mut self) -> anyhow::Result<()> {
        self.process.check()?;
        self.link.next().map(drop)
    }
}

impl Drop for Sfu {
    fn drop(&mut self) {
        if self.link.tell(&ToSfu::Shutdown).is_ok() {
            self.process.wait();
        }
    }
}

fn leg(number: u32) -> LegId {
    LegId::from_random(u128::from(number) + 1)
}
