//! A patient without a browser.
//!
//! ```text
//! cargo run --bin headless_patient -- 'http://127.0.0.1:8080/visit#w=...'
//! ```
//!
//! It comes by the patient's link, waits until somebody admits it, shows a counting picture and sounds a tone,
//! repeats what is written to it, and goes when the consultation ends. Its picture and its sound are the files
//! in `examples/clips`; it has no codec of its own and counts what it gets.

#![allow(clippy::print_stdout, reason = "a program for people to read")]

use std::sync::Arc;

use vestibule_client::{Clip, Device, Event, Heard, Link, Participant, Told};
use vestibule_protocol::server::VisitState;

const PICTURE: &[u8] = include_bytes!("clips/patient.ivf");
const SOUND: &[u8] = include_bytes!("clips/patient.ogg");

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let link = std::env::args().nth(1);
    let link = link.ok_or_else(|| anyhow::anyhow!("usage: headless_patient LINK"))?;

    // A device makes a key and exchanges the link for a session that counts only together with it.
    let device = Arc::new(Device::by_link(&Link::parse(&link)?).await?);

    // A participant keeps the session open and does all that belongs to it: sockets, keys, media.
    let (picture, sound) = (Clip::vp8(PICTURE)?, Clip::opus(SOUND)?);
    let (patient, heard) = Participant::open(device, Some(picture), Some(sound))?;
    let Heard {
        mut events,
        mut frames,
    } = heard;
    patient.arrive("Bram Peeters", "A sore throat").await?;

    let mut received = 0_u32;
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
                    Some(VisitState::Waiting { place }) => println!("waiting, number {place}"),
                    Some(VisitState::InConsultation { .. }) => println!("in consultation"),
                    Some(VisitState::Ended { .. }) => return Ok(()),
                    None => {}
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
