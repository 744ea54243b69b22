//! A whole consultation in one program: a patient and a practitioner, both without a browser.
//!
//! ```text
//! cargo run --bin two_party -- PATIENT_LINK PRACTITIONER_LINK
//! ```
//!
//! The patient waits, the practitioner admits, the two agree on keys and compare the safety code, see and hear
//! each other and write to each other. Frames are compared whole: what was sealed on one side has to come out
//! byte for byte on the other. It ends with an error when any of this does not happen within a minute.

#![allow(clippy::print_stdout, reason = "a program for people to read")]

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use tokio::time::timeout;
use vestibule_client::{
    Clip, Device, Encryption, Event, Heard, Link, Participant, SafetyCode, Told,
};
use vestibule_protocol::server::VisitState;
use vestibule_vocab::Source;

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

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let links: Vec<String> = std::env::args().skip(1).collect();
    let [patient, practitioner] = links.as_slice() else {
        bail!("usage: two_party PATIENT_LINK PRACTITIONER_LINK");
    };
    timeout(Duration::from_secs(60), consult(patient, practitioner))
        .await
        .context("it took more than a minute")?
}

async fn consult(patient: &str, practitioner: &str) -> anyhow::Result<()> {
    let mut practitioner = open(practitioner, "I can see you.").await?;
    let mut patient = open(patient, "Can you see me?").await?;
    patient.participant.arrive("Bram Peeters", "A test").await?;
    admit_first(&mut practitioner).await?;

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

async fn open(link: &str, line: &'static str) -> anyhow::Result<Side> {
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

/// Admits whoever is first, once somebody waits.
async fn admit_first(practitioner: &mut Side) -> anyhow::Result<()> {
    while let Some(event) = practitioner.heard.events.recv().await {
        let Event::Practitioner(seen) = event else {
            continue;
        };
        if let Some(first) = seen.waiting.first() {
            return Ok(practitioner.participant.admit(first.visit).await?);
        }
    }
    bail!("the practitioner's page stopped")
}

/// All frames that either side sends.
fn sent_frames() -> anyhow::Result<HashSet<Vec<u8>>> {
    let (picture, sound) = (Clip::vp8(PICTURE)?, Clip::opus(SOUND)?);
    let frames = picture.frames().iter().chain(sound.frames());
    Ok(frames.map(|frame| frame.to_vec()).collect())
}

impl Side {
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
            if matches!(seen.visit, Some(visit) if matches!(visit.state, VisitState::Ended { .. })) {
                return Ok(());
            }
        }
        bail!("the patient's page stopped")
    }
}
