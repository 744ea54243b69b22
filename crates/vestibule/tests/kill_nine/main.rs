//! `kill -9` of the real signaling process, and of PostgreSQL, in the midst of a storm of arrivals and admissions: what a
//! client saw acknowledged is there after the restart, and nobody is in two places.
//!
//! The points are random and come from a seed that is printed; `SEED=n` tells the same points again.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    unreachable_pub,
    reason = "a test says by a panic what is wrong"
)]

#[path = "../../../../signaling/tests/support/client/mod.rs"]
mod client;
mod dice;
mod inspection;
mod ledger;
#[path = "../../../../signaling/tests/support/postgres.rs"]
mod postgres;
mod storm;
#[path = "../support/mod.rs"]
mod support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use client::Device;
use dice::Dice;
use futures_util::StreamExt as _;
use futures_util::stream::iter;
use ledger::{Acknowledged, Ledger};
use postgres::Cluster;
use storm::{Patient, Practitioner, Until};
use support::{Serving, free_port};
use tokio::task::block_in_place;
use tokio::time::timeout;

/// Or when so long nothing more has come: everybody has left.
const CALM: Duration = Duration::from_millis(500);
/// Who speaks goes on until somebody is killed, however slow the machine is.
const SILENCE: Duration = Duration::from_secs(20);
/// And up to so many microseconds after the last of them, which is when it writes the next ones.
const MICROSECONDS: u64 = 6_000;

/// So many walk in at once: the server is busy, and nobody waits long for it.
const TOGETHER: usize = 32;

/// How often somebody is killed, and how many visits there are each time.
struct Scale {
    kills: u32,
    visits: usize,
}

impl Scale {
    /// `make torture` asks for more.
    fn asked_for() -> Self {
        Self {
            kills: number("KILLS").unwrap_or(20),
            visits: number("VISITS").unwrap_or(50),
        }
    }
}

fn number<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// Where the time of all rounds went.
#[derive(Debug, Default)]
struct Spent {
    walking_in: Duration,
    storm: Duration,
    restart: Duration,
    inspection: Duration,
}

/// Who is killed.
enum Victim {
    /// One of the servers.
    Server(usize),
    PostgreSql,
}

/// A server, its folder and its port.
struct Node {
    serving: Option<Serving>,
    data: tempfile::TempDir,
    port: u16,
}

/// The servers of one clinic, and the database where it is a process of its own.
struct Stage {
    nodes: Vec<Node>,
    postgres: Option<(Cluster, String)>,
}

impl Stage {
    fn set(nodes: usize, postgres: Option<Cluster>) -> Self {
        let postgres = postgres.map(|cluster| {
            let url = cluster.database();
            (cluster, url)
        });
        let nodes = (0..nodes).map(|_| Node {
            serving: None,
            data: tempfile::tempdir().unwrap(),
            port: free_port(),
        });
        let mut stage = Self {
            nodes: nodes.collect(),
            postgres,
        };
        stage.start(0);
        for index in 1..stage.nodes.len() {
            stage.hand_the_keys_to(index);
            stage.start(index);
        }
        stage
    }

    /// As an operator does for another server on the same store.
    fn hand_the_keys_to(&self, index: usize) {
        let (first, other) = (self.nodes[0].data.path(), self.nodes[index].data.path());
        for file in ["personal-data.key", "token-key.p8", "walk-in-code"] {
            std::fs::copy(first.join(file), other.join(file)).unwrap();
        }
    }

    fn start(&mut self, index: usize) {
        let store: Vec<&str> = match &self.postgres {
            Some((_, url)) => vec!["--store", url],
            None => Vec::new(),
        };
        let node = &mut self.nodes[index];
        node.serving = Some(Serving::start(node.data.path(), node.port, &store));
    }

    fn serving(&self) -> &Serving {
        self.nodes[0].serving.as_ref().unwrap()
    }

    /// One of the servers: whoever goes there does not know that there are others.
    fn somewhere(&self, dice: &mut Dice) -> SocketAddr {
        let node = &self.nodes[self.any(dice)];
        node.serving.as_ref().unwrap().address()
    }

    fn any(&self, dice: &mut Dice) -> usize {
        usize::try_from(dice.below(self.nodes.len() as u64)).unwrap()
    }

    fn victim(&self, dice: &mut Dice) -> Victim {
        if self.postgres.is_some() && self.nodes.len() == 1 && dice.below(2) == 0 {
            Victim::PostgreSql
        } else {
            Victim::Server(self.any(dice))
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_client_saw_acknowledged_survives_kill_nine() {
    torture(Stage::set(1, None)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_it_survives_kill_nine_of_the_server_and_of_the_database() {
    torture(Stage::set(1, Some(cluster()))).await;
}

/// Each comes to the one or the other in each round, and one of the two is killed: the other goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_on_one_postgresql_serve_one_clinic_and_survive_kill_nine() {
    torture(Stage::set(2, Some(cluster()))).await;
}

fn cluster() -> Cluster {
    // What a killed process had written the kernel still writes: only a loss of power asks for fsync, which makes each
    // of PostgreSQL's starts after a crash take seconds. In the long run it is as with people.
    let settings: &[&str] = match number::<u32>("KILLS") {
        None => &["fsync=off"],
        Some(_) => &[],
    };
    Cluster::start(settings)
}

async fn torture(mut stage: Stage) {
    let seed = number("SEED").unwrap_or_else(|| u64::from(std::process::id()));
    let Scale { kills, visits } = Scale::asked_for();
    eprintln!("SEED={seed} KILLS={kills} VISITS={visits}");
    let mut dice = Dice::new(seed);
    let ledger = Arc::new(Ledger::default());
    let mut practitioner = Practitioner::new(claim(stage.serving()).await);
    let mut patients: Vec<Patient> = Vec::new();
    let mut databases = 0;
    let mut spent = Spent::default();
    for round in 0..kills {
        let mut began = Instant::now();
        let missing = visits.saturating_sub(patients.len());
        patients.extend(newcomers(stage.serving(), missing, &ledger).await);
        spent.walking_in += lap(&mut began);
        let until = moment(round, visits, &mut dice);
        practitioner = practitioner.at(stage.somewhere(&mut dice));
        let come = |patient: Patient| patient.at(stage.somewhere(&mut dice));
        patients = patients.into_iter().map(come).collect();
        let storm = storm::begin(practitioner, patients, until, &ledger, &mut dice);
        wait(&ledger, until).await;
        tokio::time::sleep(Duration::from_micros(dice.below(MICROSECONDS))).await;
        spent.storm += lap(&mut began);
        match stage.victim(&mut dice) {
            Victim::Server(index) => {
                stage.nodes[index].serving.take().unwrap().kill_nine();
                // Where there is another, whoever is there goes on meanwhile.
                block_in_place(|| stage.start(index));
            }
            Victim::PostgreSql => {
                databases += 1;
                let (cluster, _) = stage.postgres.as_mut().unwrap();
                block_in_place(|| {
                    cluster.kill_nine();
                    cluster.restart();
                });
                // Whoever was not sent away goes on as soon as the store is there again.
                wait(&ledger, Until::Deeds(dice.below(10))).await;
            }
        }
        ledger.set_calm(true);
        (practitioner, patients) = storm.settle().await;
        ledger.set_calm(false);
        spent.restart += lap(&mut began);
        patients = inspection::inspect(round, &practitioner, patients, &ledger).await;
        spent.inspection += lap(&mut began);
        patients.retain(|patient| !ledger.is_over(patient.number));
    }
    let counted = ledger.counted();
    eprintln!("{counted:?}, the database killed {databases} times; {spent:.1?}");
    let enough = counted.arrivals > kills && counted.admissions > 5 && counted.messages > 20;
    assert!(enough, "a storm: {counted:?}");
    for node in &mut stage.nodes {
        let serving = node.serving.take().unwrap();
        assert_eq!(serving.end_by("TERM").code(), Some(0));
    }
}

/// How long it is since then, which is now from here on.
fn lap(began: &mut Instant) -> Duration {
    let since = began.elapsed();
    *began += since;
    since
}

/// When somebody is killed. By turns it is in the midst of all that people do, somewhere between the first arrival and,
/// when most have left again, the last farewells; and in the midst of a consultation.
fn moment(round: u32, visits: usize, dice: &mut Dice) -> Until {
    if round.is_multiple_of(2) {
        Until::Deeds(dice.below(18 + 2 * u64::try_from(visits).unwrap()))
    } else {
        Until::Messages(1 + dice.below(20))
    }
}

/// Waits until so much more was acknowledged. When everybody has left, nothing more comes, and that is a moment like any
/// other. The first of a crowd takes longer: all open their pages before.
async fn wait(ledger: &Ledger, until: Until) {
    let mut acknowledged = ledger.watch();
    let before = *acknowledged.borrow();
    let enough = |now: &Acknowledged| match until {
        Until::Deeds(count) => now.deeds >= before.deeds + count,
        Until::Messages(count) => now.messages >= before.messages + count,
    };
    let (calm, crowd) = match until {
        Until::Deeds(count) => (CALM, 1 + count / 100),
        Until::Messages(_) => (SILENCE, 1),
    };
    let mut patience = calm * u32::try_from(crowd).unwrap();
    while !enough(&acknowledged.borrow_and_update()) {
        if timeout(patience, acknowledged.changed()).await.is_err() {
            return;
        }
        patience = calm;
    }
}

async fn claim(serving: &Serving) -> Device {
    let mut device = Device::new(serving.address());
    device
        .claim(&serving.secret("practitioner_link"))
        .await
        .unwrap();
    device
}

/// So many patients more, some of whom come at once.
async fn newcomers(serving: &Serving, count: usize, ledger: &Ledger) -> Vec<Patient> {
    let link = serving.secret("patient_link");
    let numbers: Vec<usize> = (0..count).map(|_| ledger.newcomer()).collect();
    let walks = numbers.into_iter().map(async |number| {
        let device = walk_in(serving.address(), &link, number).await;
        Patient::new(device, number)
    });
    iter(walks).buffered(TOGETHER).collect().await
}

/// Each from an address of their own, as patients have.
async fn walk_in(server: SocketAddr, link: &str, number: usize) -> Device {
    let number = u32::try_from(number).unwrap();
    let mut device = Device::at_own_address(server, number);
    let token = device.walk_in(link).await.unwrap();
    device.claim(&token).await.unwrap();
    device
}
