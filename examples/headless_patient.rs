//! A patient without a browser.
//!
//! ```text
//! cargo run --bin headless_patient -- 'http://127.0.0.1:8080/visit#w=...'
//! ```
//!
//! It comes by the patient's link, waits until somebody admits it, shows a counting picture and sounds a tone,
//! repeats what is written to it, and goes when the consultation ends. Its picture and its sound are the files
//! in `examples/clips`; it has no codec of its own and counts what it gets.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for people to read"
)]

use std::process::ExitCode;
use std::sync::Arc;

use vestibule_client::{Clip, Device, Event, Heard, Link, Participant, Told};
use vestibule_protocol::server::VisitState;

const PICTURE: &[u8] = include_bytes!("clips/patient.ivf");
const SOUND: &[u8] = include_bytes!("clips/patient.ogg");

#[tokio::main]
async fn main() -> ExitCode {
    let Some(link) = std::env::args().nth(1) else {
        eprintln!("usage: headless_patient PATIENT_LINK");
        return ExitCode::FAILURE;
    };
    match visit(&link).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("headless_patient: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn visit(link: &str) -> anyhow::Result<()> {
    // A device makes a key and exchanges the link for a session that counts only together with it.
    let device = Arc::new(Device::by_link(&Link::parse(link)?).await?);

    // A participant keeps the session open and does all that belongs to it: sockets, keys, media.
    let (picture, sound) = (Clip::vp8(PICTURE)?, Clip::opus(SOUND)?);
    let (patient, heard) = Participant::open(device, Some(picture), Some(sound))?;
    let Heard {
        mut events,
        mut frames,
    } = heard;
    patient.arrive("Bram Peeters", "A sore throat").await?;

    let mut received = 0_u32;
    let mut said = String::new();
    loop {
        tokio::select! {
            // Each frame was opened with a key of the person whose slot it came by.
            Some(frame) = frames.recv() => {
                received += 1;
                if received.is_multiple_of(100) {
                    println!("{received} frames, the last of the {:?}", frame.source);
                }
            }
            event = events.recv() => match event {
                Some(Event::Patient(seen)) => match seen.visit.map(|visit| visit.state) {
                    Some(VisitState::Waiting { place }) => {
                        say_once(&mut said, format!("waiting, number {place}"));
                    }
                    Some(VisitState::InConsultation { .. }) => {
                        say_once(&mut said, "in consultation".to_owned());
                    }
                    Some(VisitState::OnHold { .. }) => {
                        say_once(&mut said, "on hold".to_owned());
                    }
                    Some(VisitState::Ended { .. }) => return Ok(()),
                    Some(VisitState::Expected | VisitState::Called) | None => {}
                },
                // To be read aloud to each other: equal only if nobody stands between.
                Some(Event::Group(Told::SafetyCode(Some(code)))) => {
                    println!("safety code {}", code.digits);
                }
                Some(Event::Group(Told::Chat(line))) => {
                    patient.say(&format!("You wrote: {}", line.text)).await?;
                }
                Some(Event::Stopped(why)) => anyhow::bail!("stopped: {why:?}"),
                Some(Event::Group(_) | Event::Connected(_) | Event::Practitioner(_)) => {}
                None => return Ok(()),
            },
        }
    }
}

/// Says where the visit is, when that is news: the server shows everything anew with every change.
fn say_once(said: &mut String, news: String) {
    if *said != news {
        println!("{news}");
        *said = news;
    }
}
