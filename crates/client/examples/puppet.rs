//! A participant on strings, for the browser tests: it is told what to do in lines on its standard input, and
//! tells all that happens to it, the frames that it opened included, in lines of JSON on its standard output.
//!
//! ```text
//! puppet LINK NAME PICTURE.ivf SOUND.ogg
//! ```
//!
//! Lines of input: `say TEXT`, `leave`, `reload` (as a page that is loaded anew), `end`.

#![allow(clippy::print_stdout, reason = "its standard output is what it is for")]

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use vestibule_client::{Clip, Device, Error, Event, Heard, Link, Participant, ReceivedFrame, Told};
use vestibule_protocol::server::{PatientSnapshot, VisitState};

struct Puppet {
    device: Arc<Device>,
    name: String,
    picture: Clip,
    sound: Clip,
}

/// Why a page is left.
enum Left {
    Reload,
    End,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [link, name, picture, sound] = words.as_slice() else {
        return Err("usage: puppet LINK NAME PICTURE.ivf SOUND.ogg".into());
    };
    let device = Device::by_link(&Link::parse(link)?).await?;
    let puppet = Puppet {
        device: Arc::new(device),
        name: name.clone(),
        picture: Clip::vp8(&std::fs::read(picture)?)?,
        sound: Clip::opus(&std::fs::read(sound)?)?,
    };
    let mut input = input();
    while let Left::Reload = puppet.load(&mut input).await? {}
    Ok(())
}

impl Puppet {
    /// One load of a page.
    async fn load(&self, input: &mut mpsc::Receiver<String>) -> Result<Left, Error> {
        let (picture, sound) = (self.picture.clone(), self.sound.clone());
        let device = Arc::clone(&self.device);
        let (participant, mut heard) = Participant::open(device, Some(picture), Some(sound))?;
        let mut arrived = false;
        loop {
            let Heard { events, frames } = &mut heard;
            tokio::select! {
                event = events.recv() => {
                    let Some(event) = event else { return Ok(Left::End) };
                    if !arrived && needs_to_arrive(&event) {
                        arrived = true;
                        participant.arrive(&self.name, "A test").await?;
                    }
                    tell(&told(&event));
                }
                Some(frame) = frames.recv() => tell(&seen(&frame)),
                line = input.recv() => match line.as_deref() {
                    Some("reload") => return Ok(Left::Reload),
                    Some("leave") => participant.leave().await?,
                    Some("end") | None => return Ok(Left::End),
                    Some(line) => {
                        if let Some(text) = line.strip_prefix("say ") {
                            participant.say(text).await?;
                        }
                    }
                },
            }
        }
    }
}

/// The lines of standard input; a thread of its own reads them, as they block.
fn input() -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

fn needs_to_arrive(event: &Event) -> bool {
    matches!(event, Event::Patient(seen) if seen.visit.is_none())
}

fn tell(value: &Value) {
    println!("{value}");
}

fn told(event: &Event) -> Value {
    match event {
        Event::Patient(seen) => json!({ "type": "state", "state": state(seen) }),
        Event::Practitioner(_) => json!({ "type": "state", "state": "practitioner" }),
        Event::Connected(up) => json!({ "type": "connected", "up": up }),
        Event::Stopped(why) => json!({ "type": "stopped", "why": format!("{why:?}") }),
        Event::Group(Told::Encryption(state)) => {
            json!({ "type": "encryption", "state": format!("{state:?}") })
        }
        Event::Group(Told::SafetyCode(code)) => {
            let digits = code.as_ref().map(|code| code.digits.replace(' ', ""));
            json!({ "type": "safety_code", "digits": digits })
        }
        Event::Group(Told::Chat(line)) => json!({ "type": "chat", "text": line.text }),
        Event::Group(Told::Handed { line, .. }) => json!({ "type": "handed", "text": line.text }),
        Event::Group(Told::Doubt { same, .. }) => json!({ "type": "doubt", "same": same }),
        Event::Group(Told::Missing { .. }) => json!({ "type": "missing" }),
        Event::Group(Told::Said { sent, .. }) => json!({ "type": "said", "sent": sent }),
    }
}

fn state(seen: &PatientSnapshot) -> &'static str {
    match seen.visit.as_ref().map(|visit| &visit.state) {
        None => "not_arrived",
        Some(VisitState::Expected) => "expected",
        Some(VisitState::Waiting { .. }) => "waiting",
        Some(VisitState::Called) => "called",
        Some(VisitState::OnHold { .. }) => "on_hold",
        Some(VisitState::InConsultation { .. }) => "in_consultation",
        Some(VisitState::Ended { .. }) => "ended",
    }
}

fn seen(frame: &ReceivedFrame) -> Value {
    json!({
        "type": "frame",
        "source": frame.source,
        "timestamp": frame.timestamp,
        "data": STANDARD.encode(&frame.data),
    })
}
