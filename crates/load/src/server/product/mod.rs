//! The whole product: `vestibule serve` with WebSockets, waiting room and admission. A room is a consultation.

mod page;
mod site;
mod started;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio::try_join;
use vestibule_handshake::Certificate;
use vestibule_protocol::client::Request;
use vestibule_protocol::http::{WalkInGrant, WalkInRequest};
use vestibule_protocol::server::{Leg, Reply};
use vestibule_vocab::Redacted;

use super::{Metrics, Server, streams};
use crate::cores::Cores;
use crate::limits::{ADMITTING, SERVER};
use crate::media::{Gate, Spec, Streams};
use crate::ours::Ours;
use crate::sdp::{Theirs, sfu_offer};
use page::{Page, Seen};
use site::{Site, address};
use started::Started;

/// How the product is started.
#[derive(Clone, Debug)]
pub(crate) struct ProductSettings {
    /// What is run with `serve` as its first argument.
    pub(crate) program: PathBuf,
    /// Threads that forward.
    pub(crate) workers: usize,
    /// The address of media, for the server and all people.
    pub(crate) address: IpAddr,
    /// People are admitted before their legs are connected.
    pub(crate) cold: bool,
}

pub(crate) struct Product {
    /// Pages stay open until the run is over, and are gone before the server is told to stop.
    pages: JoinSet<()>,
    runtime: Runtime,
    clinic: Clinic,
    pids: (u32, u32),
    started: Started,
    /// Holds the server's data.
    _directory: TempDir,
}

/// The clinic, as people reach it.
struct Clinic {
    site: Site,
    /// The code of the patients' link.
    walk_in: Redacted<String>,
    /// A join token for each practitioner.
    invitations: Vec<Redacted<String>>,
    certificate: Certificate,
    address: IpAddr,
    cold: bool,
}

/// Somebody with a page, and the connection that they are to have.
struct Person {
    page: Page,
    streams: Streams,
    began: Instant,
    gate: Arc<Gate>,
}

/// How long one look at the server takes while nobody joins.
const LOOK: Duration = Duration::from_millis(50);

impl Product {
    /// Starts a server on which so many consultations can be held at a time: one for each practitioner.
    pub(crate) fn start(
        settings: &ProductSettings,
        practitioners: u32,
        cores: &Cores,
    ) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let data = directory.path().join("data");
        let (started, ready) = Started::start(settings, (&data, practitioners), cores)?;
        let links = ready.practitioner_links.iter();
        let invitations: Option<Vec<_>> = links.map(|link| secret(link)).collect();
        Ok(Self {
            pages: JoinSet::new(),
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?,
            clinic: Clinic {
                site: Site::read(&ready.url)?,
                walk_in: secret(&ready.patient_link).context("the patients' link has no code")?,
                invitations: invitations.context("a practitioner's link has no token")?,
                certificate: Certificate::generate()?,
                address: settings.address,
                cold: settings.cold,
            },
            pids: (
                ready.sfu_pid.context("the SFU did not start")?,
                ready.signaling_pid,
            ),
            started,
            _directory: directory,
        })
    }
}

impl Server for Product {
    fn name(&self) -> &'static str {
        "vestibule serve"
    }

    fn pid(&self) -> u32 {
        self.pids.0
    }

    fn signaling(&self) -> Option<u32> {
        Some(self.pids.1)
    }

    fn metrics(&self) -> Option<Metrics> {
        Some(self.started.metrics())
    }

    fn room_time(&self) -> Duration {
        ADMITTING
    }

    fn join(
        &mut self,
        room: u32,
        _people: u32,
        connect: &mut dyn FnMut(Spec),
    ) -> anyhow::Result<()> {
        // A timer is made where it can be waited for: within the runtime.
        let consulting = async { timeout(SERVER, self.clinic.consult(room, connect)).await };
        let consulting = self.runtime.block_on(consulting);
        let pages = consulting.context("the server took too long")??;
        for page in pages {
            self.pages.spawn_on(page.stay(), self.runtime.handle());
        }
        Ok(())
    }

    fn listen(&mut self) -> anyhow::Result<()> {
        self.runtime.block_on(async { sleep(LOOK).await });
        self.started.check()?;
        let closed = self.pages.try_join_next().is_some();
        anyhow::ensure!(!closed, "the server closed a WebSocket");
        Ok(())
    }
}

impl Person {
    /// Waits until the page shows that media may flow.
    async fn begin(&mut self, admitted: Instant) -> anyhow::Result<()> {
        let open = |leg: &Leg| leg.open.then_some(());
        let open = |seen: &Seen| seen.leg.as_ref().and_then(open);
        self.page.find(open).await?;
        self.gate.open(admitted);
        Ok(())
    }
}

impl Clinic {
    /// A practitioner comes, then a patient, who waits and is admitted: both pages.
    async fn consult(&self, room: u32, connect: &mut dyn FnMut(Spec)) -> anyhow::Result<[Page; 2]> {
        let mut practitioner = self.practitioner(room).await?;
        let mut patient = self.patient(room).await?;
        let visit = patient.page.find(|seen| seen.visit).await?;
        let waits = |seen: &Seen| seen.waiting.contains(&visit).then_some(());
        practitioner.page.find(waits).await?;
        if !self.cold {
            // One practitioner is free, the others are in a consultation: these two have legs to keep warm.
            self.connect(&mut practitioner, &mut patient, connect)
                .await?;
            practitioner.gate.up.notified().await;
            patient.gate.up.notified().await;
        }
        let admitted = Instant::now();
        practitioner
            .page
            .ask(Request::Admit {
                visit,
                overtake: None,
            })
            .await?;
        try_join!(practitioner.begin(admitted), patient.begin(admitted))?;
        if self.cold {
            self.connect(&mut practitioner, &mut patient, connect)
                .await?;
        }
        Ok([practitioner.page, patient.page])
    }

    async fn practitioner(&self, room: u32) -> anyhow::Result<Person> {
        let token = self.invitations.get(room as usize);
        let token = token.context("the server has too few practitioners")?;
        self.person(2 * room, Instant::now(), token.clone()).await
    }

    async fn patient(&self, room: u32) -> anyhow::Result<Person> {
        let (number, began) = (2 * room + 1, Instant::now());
        let link = self.walk_in.clone();
        let request = WalkInRequest { link };
        let granted = self.site.post(address(number), "walk-ins", &request);
        let grant: WalkInGrant = granted.await?;
        let mut patient = self.person(number, began, grant.token).await?;
        let arrive = Request::Arrive {
            name: Redacted::new(format!("Patient {room}")),
            reason: Redacted::default(),
            wish: None,
        };
        patient.page.ask(arrive).await?;
        Ok(patient)
    }

    async fn person(
        &self,
        number: u32,
        began: Instant,
        token: Redacted<String>,
    ) -> anyhow::Result<Person> {
        Ok(Person {
            page: Page::open(self.site, address(number), token).await?,
            streams: streams(number),
            began,
            gate: Arc::default(),
        })
    }

    /// Both signal at the same time, and what is left is the driving thread's.
    async fn connect(
        &self,
        one: &mut Person,
        other: &mut Person,
        connect: &mut dyn FnMut(Spec),
    ) -> anyhow::Result<()> {
        let specs = try_join!(self.signal(one), self.signal(other))?;
        <[Spec; 2]>::from(specs).into_iter().for_each(connect);
        Ok(())
    }

    /// Offers a connection for the leg that the page shows.
    async fn signal(&self, person: &mut Person) -> anyhow::Result<Spec> {
        let leg = person.page.find(|seen| seen.leg.clone()).await?;
        let ours = Ours::bind(self.address, &self.certificate, person.began)?;
        let request = Request::Offer {
            leg: leg.leg,
            connection: 1,
            sdp: Redacted::new(sfu_offer(&ours, &person.streams)),
        };
        let Reply::Answer { sdp } = person.page.ask(request).await? else {
            anyhow::bail!("the server answered an offer with something else");
        };
        let theirs = Theirs::read(sdp.expose()).context("the server's answer")?;
        let spec = ours.with(theirs, Some(person.streams.clone()))?;
        Ok(Spec {
            gate: Some(person.gate.clone()),
            ..spec
        })
    }
}

/// What stands behind the `=` of a link.
fn secret(link: &str) -> Option<Redacted<String>> {
    let (_, secret) = link.split_once('=')?;
    Some(Redacted::new(secret.to_owned()))
}
