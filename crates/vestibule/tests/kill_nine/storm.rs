//! The storm: patients arrive and leave, a practitioner admits, speaks, ends and declines, all at
//! once and until the server dies.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use vestibule_protocol::client::{DeclineReason, Request};
use vestibule_protocol::server::{ConsultationView, PractitionerSnapshot, Reply};
use vestibule_protocol::{Base64Bytes, ErrorCode};
use vestibule_vocab::{InstanceId, Redacted};

use crate::client::device::new_instance;
use crate::client::frames::{application, commit};
use crate::client::{Device, Page};
use crate::dice::Dice;
use crate::ledger::{Book, Deed, Ledger};

/// How long somebody looks at the news before they act again.
const GLANCE: Duration = Duration::from_millis(2);
/// One glance in so many makes a patient leave.
const PATIENCE: u64 = 60;
/// One turn in so many ends a consultation, so that some are long and several are begun before somebody is killed.
const TURNS: u64 = 6;

/// What is waited for before somebody is killed.
#[derive(Clone, Copy, PartialEq)]
pub enum Until {
    /// So many deeds, whoever's: people come and go, and some are seen.
    Deeds(u64),
    /// So many messages of consultations. Nobody leaves, or a slow machine would see hardly any: who comes and goes would
    /// be gone before the practitioner said a word.
    Messages(u64),
}

/// How patients behave who are many: each looks less often, so that the machine serves them and does not only count their
/// glances, and leaves as soon as before.
#[derive(Clone, Copy)]
struct Manner {
    glance: Duration,
    /// None for those who stay.
    patience: Option<u64>,
}

impl Manner {
    fn among(crowd: usize, until: Until) -> Self {
        let share = 1 + u32::try_from(crowd / 50).unwrap();
        let patience = (PATIENCE / u64::from(share)).max(10);
        Self {
            glance: GLANCE * share,
            patience: matches!(until, Until::Deeds(_)).then_some(patience),
        }
    }

    fn leaves(self, dice: &mut Dice) -> bool {
        self.patience.is_some_and(|it| dice.below(it) == 0)
    }
}

/// The server died, and nobody knows what came of the last request; or the storm has lasted long enough.
pub struct Over;

/// A patient with their device.
pub struct Patient {
    pub device: Device,
    pub number: usize,
}

/// A practitioner with their device and page.
pub struct Practitioner {
    pub device: Device,
    pub instance: InstanceId,
}

/// Everybody at once.
pub struct Storm {
    practitioner: JoinHandle<Practitioner>,
    patients: Vec<JoinHandle<Patient>>,
}

/// Lets everybody loose.
pub fn begin(
    practitioner: Practitioner,
    patients: Vec<Patient>,
    until: Until,
    ledger: &Arc<Ledger>,
    dice: &mut Dice,
) -> Storm {
    let (book, luck) = (ledger.clone(), Dice::new(dice.roll()));
    let practitioner = tokio::spawn(async move {
        practitioner.work(&book, luck).await;
        practitioner
    });
    let manner = Manner::among(patients.len(), until);
    let patients = patients.into_iter().map(|patient| {
        let (book, luck) = (ledger.clone(), Dice::new(dice.roll()));
        tokio::spawn(async move {
            patient.live(&book, luck, manner).await;
            patient
        })
    });
    Storm {
        practitioner,
        patients: patients.collect(),
    }
}

impl Storm {
    /// Waits until everybody has noticed that it is over.
    pub async fn settle(self) -> (Practitioner, Vec<Patient>) {
        let practitioner = self.practitioner.await.unwrap();
        let mut patients = Vec::new();
        for patient in self.patients {
            patients.push(patient.await.unwrap());
        }
        (practitioner, patients)
    }
}

/// Asks, and writes down that it was sent and whether it was acknowledged.
async fn record(
    page: &mut Page,
    request: Request,
    ledger: &Ledger,
    which: impl Fn(&mut Book) -> &mut Deed,
) -> Result<Result<Reply, ErrorCode>, Over> {
    ledger.sent(&which);
    let answer = page.try_ask(request).await.ok_or(Over)?;
    if answer.is_ok() {
        ledger.acknowledged(&which);
    }
    Ok(answer)
}

impl Patient {
    pub fn new(device: Device, number: usize) -> Self {
        Self { device, number }
    }

    /// The same, who comes to this server from now on.
    pub fn at(self, server: SocketAddr) -> Self {
        let device = self.device.moved(server);
        Self { device, ..self }
    }

    async fn live(&self, ledger: &Ledger, mut dice: Dice, manner: Manner) {
        if let Some(mut page) = self.device.try_open_as(new_instance()).await {
            let Err(Over) = self.wait(&mut page, ledger, &mut dice, manner).await;
        }
    }

    async fn wait(
        &self,
        page: &mut Page,
        ledger: &Ledger,
        dice: &mut Dice,
        manner: Manner,
    ) -> Result<std::convert::Infallible, Over> {
        let number = self.number;
        let arrive = Request::Arrive {
            name: Redacted::new(format!("Patient {number}")),
            reason: Redacted::default(),
            wish: None,
        };
        record(page, arrive, ledger, |book| {
            &mut book.patients[number].arrive
        })
        .await?
        .ok();
        loop {
            if manner.leaves(dice) {
                let leave = Request::Leave;
                record(page, leave, ledger, |book| &mut book.patients[number].leave)
                    .await?
                    .ok();
            }
            if !page.listen(manner.glance).await || ledger.is_calm() {
                return Err(Over);
            }
        }
    }
}

impl Practitioner {
    pub fn new(device: Device) -> Self {
        Self {
            device,
            instance: new_instance(),
        }
    }

    /// The same, who comes to this server from now on.
    pub fn at(self, server: SocketAddr) -> Self {
        let device = self.device.moved(server);
        Self { device, ..self }
    }

    async fn work(&self, ledger: &Ledger, mut dice: Dice) {
        let Some(mut page) = self.device.try_open_as(self.instance).await else {
            return;
        };
        while page.listen(GLANCE).await && !ledger.is_calm() {
            let Some(seen) = page.seen_by_practitioner().cloned() else {
                continue;
            };
            let acted = match &seen.consultation {
                Some(view) => consult(&mut page, view, ledger, &mut dice).await,
                None => attend(&mut page, &seen, ledger, &mut dice).await,
            };
            if acted.is_err() {
                return;
            }
        }
    }
}

/// Admits the first who is there, or sends them away.
async fn attend(
    page: &mut Page,
    seen: &PractitionerSnapshot,
    ledger: &Ledger,
    dice: &mut Dice,
) -> Result<(), Over> {
    let Some(next) = seen.waiting.iter().find(|entry| entry.connected) else {
        return Ok(());
    };
    let visit = next.visit;
    if dice.below(6) == 0 {
        let decline = Request::Decline {
            visit,
            reason: DeclineReason::Other,
            message: Redacted::default(),
        };
        record(page, decline, ledger, |book| &mut book.visit(visit).decline)
            .await?
            .ok();
    } else {
        let admit = Request::Admit {
            visit,
            overtake: None,
        };
        record(page, admit, ledger, |book| &mut book.visit(visit).admit)
            .await?
            .ok();
    }
    Ok(())
}

/// Says something, moves the group on, or ends it.
async fn consult(
    page: &mut Page,
    view: &ConsultationView,
    ledger: &Ledger,
    dice: &mut Dice,
) -> Result<(), Over> {
    let consultation = view.consultation;
    if dice.below(TURNS) == 0 {
        let patient = view.participants[0].participant;
        let end = Request::End {
            consultation,
            conclusion: None,
        };
        record(page, end, ledger, |book| book.end(patient))
            .await?
            .ok();
        return Ok(());
    }
    let (generation, epoch) = view.group.map_or((1, 0), |it| (it.generation, it.epoch));
    let moves_on = epoch == 0 || dice.below(3) == 0;
    let (bytes, request) = if moves_on {
        let bytes = commit(consultation, generation, epoch);
        let commit = Base64Bytes(bytes.clone());
        let welcome = None;
        let request = Request::Commit {
            consultation,
            commit,
            welcome,
        };
        (bytes, request)
    } else {
        let length = 20 + usize::try_from(dice.below(500)).unwrap();
        let bytes = application(consultation, generation, epoch, length);
        let message = Base64Bytes(bytes.clone());
        let request = Request::Send {
            consultation,
            message,
        };
        (bytes, request)
    };
    ledger.said(consultation, &bytes);
    if let Ok(Reply::Accepted { sequence }) = page.try_ask(request).await.ok_or(Over)? {
        ledger.heard(consultation, sequence, bytes);
    }
    Ok(())
}
