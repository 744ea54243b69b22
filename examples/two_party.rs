//! A whole consultation in one program: a patient and a practitioner, both without a browser.
//!
//! ```text
//! cargo run --bin two_party -- "PATIENT_LINK" "PRACTITIONER_LINK"
//! ```
//!
//! The practitioner's link has to be a new one: it is good for one browser or program, and each start of the
//! server prints one. Others may be waiting; they stay where they are.
//!
//! The patient waits, the practitioner admits, the two agree on keys and compare the safety code, see and hear
//! each other and write to each other. Frames are compared whole: what was sealed on one side has to come out
//! byte for byte on the other. It ends with a sentence when any of this does not happen within a minute.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people to read"
)]

use std::collections::HashSet;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail, ensure};
use tokio::time::timeout;
use vestibule_client::{
    Clip, Device, Encryption, Error, Event, Heard, Link, Participant, SafetyCode, Told,
};
use vestibule_protocol::ErrorCode;
use vestibule_protocol::desk::OvertakeReason;
use vestibule_protocol::server::{PractitionerSnapshot, VisitState};
use vestibule_vocab::{Source, VisitId};

const PICTURE: &[u8] = include_bytes!("clips/patient.ivf");
const SOUND: &[u8] = include_bytes!("clips/patient.ogg");

/// Frames of a kind that have to come through.
const ENOUGH: usize = 30;

/// One side of the consultation, and what it has learnt.
struct Side {
    participant: Participant,
    heard: Heard,
    /// What it writes once there is a group to write to.
    line: &'static str,
    code: Option<SafetyCode>,
    read: Option<String>,
    pictures: usize,
    sounds: usize,
}

/// How long everything may take together.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a patient who failed may take to give up the place.
const GOODBYE: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> ExitCode {
    let links: Vec<String> = std::env::args().skip(1).collect();
    let [patient, practitioner] = links.as_slice() else {
        eprintln!("usage: two_party PATIENT_LINK PRACTITIONER_LINK");
        return ExitCode::FAILURE;
    };
    match meet(patient, practitioner).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("two_party: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn meet(patient: &str, practitioner: &str) -> anyhow::Result<()> {
    // The practitioner first: when that link is spent, nobody comes to the waiting room. But it is not spent for
    // a patient's link that is none.
    Link::parse(patient).map_err(about_patient)?;
    let mut practitioner = open(practitioner, "I can see you.")
        .await
        .map_err(about_practitioner)?;
    let mut patient = open(patient, "Can you see me?")
        .await
        .map_err(about_patient)?;
    let done = timeout(PATIENCE, consult(&mut patient, &mut practitioner)).await;
    let done = done.unwrap_or_else(|_| {
        Err(anyhow!(
            "the consultation was not complete after a minute; look at what the server wrote"
        ))
    });
    if done.is_err() {
        // Nobody is left in the waiting room who is not there any more.
        let _ = timeout(GOODBYE, patient.participant.leave()).await;
    }
    done
}

fn about_practitioner(error: Error) -> anyhow::Error {
    if matches!(
        error,
        Error::Refused(ErrorCode::TokenUsed | ErrorCode::TokenExpired)
    ) {
        return anyhow!(
            "the practitioner's link was opened before, perhaps in a browser, or is too old. It is good once: stop \
             the server, start it again and take the new link that it prints; whoever waits keeps the place"
        );
    }
    anyhow!("the practitioner's link could not be opened: {error}")
}

fn about_patient(error: Error) -> anyhow::Error {
    anyhow!("the patient's link could not be opened: {error}")
}

async fn consult(patient: &mut Side, practitioner: &mut Side) -> anyhow::Result<()> {
    patient
        .participant
        .arrive("Bram Peeters", "A test")
        .await
        .context("the patient could not come to the waiting room")?;
    let visit = patient.own_visit().await?;
    practitioner.admits(visit).await?;

    let sent = sent_frames()?;
    while !(patient.is_content() && practitioner.is_content()) {
        tokio::select! {
            done = patient.follow(&sent) => done?,
            done = practitioner.follow(&sent) => done?,
        }
    }
    ensure!(patient.code == practitioner.code, "the safety codes differ");
    ensure!(patient.read.as_deref() == Some("I can see you."));
    ensure!(practitioner.read.as_deref() == Some("Can you see me?"));
    let code = patient.code.as_ref().map(|code| code.digits.as_str());
    println!("safety code {}", code.unwrap_or_default());

    patient.participant.leave().await?;
    patient.has_ended().await?;
    println!("both saw, heard and read each other");
    Ok(())
}

async fn open(link: &str, line: &'static str) -> Result<Side, Error> {
    let device = Arc::new(Device::by_link(&Link::parse(link)?).await?);
    let (picture, sound) = (Clip::vp8(PICTURE)?, Clip::opus(SOUND)?);
    let (participant, heard) = Participant::open(device, Some(picture), Some(sound))?;
    Ok(Side {
        participant,
        heard,
        line,
        code: None,
        read: None,
        pictures: 0,
        sounds: 0,
    })
}

/// What the practitioner does about one visit, having seen this.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Admit,
    Wait,
    /// Somebody else is with the practitioner.
    Busy,
}

fn step(seen: &PractitionerSnapshot, visit: VisitId) -> Step {
    if seen.consultation.is_some() {
        return Step::Busy;
    }
    let mut waiting = seen.waiting.iter();
    if waiting.any(|entry| entry.visit == visit && entry.connected) {
        Step::Admit
    } else {
        Step::Wait
    }
}

/// All frames that either side sends.
fn sent_frames() -> anyhow::Result<HashSet<Vec<u8>>> {
    let (picture, sound) = (Clip::vp8(PICTURE)?, Clip::opus(SOUND)?);
    let frames = picture.frames().iter().chain(sound.frames());
    Ok(frames.map(|frame| frame.to_vec()).collect())
}

impl Side {
    /// The patient's own visit, once the server says which it is.
    async fn own_visit(&mut self) -> anyhow::Result<VisitId> {
        while let Some(event) = self.heard.events.recv().await {
            if let Event::Patient(seen) = event
                && let Some(visit) = seen.visit
            {
                return Ok(visit.visit);
            }
        }
        bail!("the patient's page stopped")
    }

    /// Admits the patient of this visit, whoever else waits.
    async fn admits(&mut self, visit: VisitId) -> anyhow::Result<()> {
        while let Some(event) = self.heard.events.recv().await {
            let Event::Practitioner(seen) = event else {
                continue;
            };
            match step(&seen, visit) {
                Step::Admit => {
                    let why = Some(OvertakeReason::QuickMatter);
                    let admitted = self.participant.admit(visit, why).await;
                    return admitted.context("the patient could not be admitted");
                }
                Step::Wait => {}
                Step::Busy => bail!(
                    "the practitioner is in a consultation with somebody else: end it in the console first"
                ),
            }
        }
        bail!("the practitioner's page stopped")
    }

    /// Everything that is to happen has happened to this side.
    fn is_content(&self) -> bool {
        let enough = self.pictures >= ENOUGH && self.sounds >= ENOUGH;
        enough && self.code.is_some() && self.read.is_some()
    }

    /// Takes in one thing that happens.
    async fn follow(&mut self, sent: &HashSet<Vec<u8>>) -> anyhow::Result<()> {
        tokio::select! {
            Some(frame) = self.heard.frames.recv() => {
                ensure!(sent.contains(frame.data.as_ref()), "a frame is not what was sent");
                match frame.source {
                    Source::Microphone => self.sounds += 1,
                    Source::Camera | Source::Screen => self.pictures += 1,
                }
            }
            event = self.heard.events.recv() => match event {
                Some(Event::Group(Told::Encryption(Encryption::Ready))) => {
                    self.participant.say(self.line).await?;
                }
                Some(Event::Group(Told::SafetyCode(code))) => self.code = code,
                Some(Event::Group(Told::Chat(line))) => self.read = Some(line.text),
                Some(Event::Stopped(why)) => bail!("stopped: {why:?}"),
                Some(_) => {}
                None => bail!("a participant ended"),
            },
        }
        Ok(())
    }

    /// Waits until the visit is over.
    async fn has_ended(&mut self) -> anyhow::Result<()> {
        while let Some(event) = self.heard.events.recv().await {
            let Event::Patient(seen) = event else {
                continue;
            };
            if matches!(seen.visit, Some(visit) if matches!(visit.state, VisitState::Ended { .. }))
            {
                return Ok(());
            }
        }
        bail!("the patient's page stopped")
    }
}

#[cfg(test)]
mod tests {
    use vestibule_protocol::desk::Urgency;
    use vestibule_protocol::server::{ClinicCard, PractitionerSnapshot, WaitingEntry};
    use vestibule_vocab::{Redacted, Timestamp, VisitId};

    use super::{Step, step};

    fn entry(visit: VisitId, place: u32, connected: bool) -> WaitingEntry {
        WaitingEntry {
            visit,
            place,
            name: Redacted::default(),
            reason: Redacted::default(),
            arrived_at: Timestamp(0),
            service: None,
            intake: None,
            urgency: Urgency::Routine,
            appointment: None,
            message: None,
            language: None,
            named: false,
            regular: false,
            companions: Vec::new(),
            connected,
        }
    }

    #[test]
    fn the_practitioner_admits_this_patient_and_nobody_else() {
        let [other, own] = [1, 2].map(VisitId::from_random);
        let mut seen = PractitionerSnapshot {
            revision: 1,
            card: ClinicCard {
                clinic: String::new(),
                service: String::new(),
            },
            name: Redacted::default(),
            duty: None,
            held: Vec::new(),
            missed: Vec::new(),
            transfers: Vec::new(),
            asked_along: Vec::new(),
            feedback: Vec::new(),
            waiting: vec![entry(other, 1, true)],
            forms: Vec::new(),
            intake: None,
            leg: None,
            consultation: None,
            regular: None,
            ended: None,
        };
        assert_eq!(step(&seen, own), Step::Wait);
        seen.waiting.push(entry(own, 2, false));
        assert_eq!(step(&seen, own), Step::Wait, "away");
        seen.waiting[1].connected = true;
        assert_eq!(step(&seen, own), Step::Admit);
    }
}
