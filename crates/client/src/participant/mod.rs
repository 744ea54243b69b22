//! A participant: one page's life, without the page.

mod calls;
mod clock;
mod commands;
mod line;
mod pages;
mod requests;

use std::sync::Arc;

use aws_lc_rs::rand;
use tokio::sync::{mpsc, oneshot};
use vestibule_protocol::client::Request;
use vestibule_protocol::desk::OvertakeReason;
use vestibule_protocol::server::{PatientSnapshot, PractitionerSnapshot, Reply};
use vestibule_vocab::{ConsultationId, InstanceId, Redacted, VisitId};

use crate::group::Told;
use crate::limits::{COMMANDS, EVENTS, FRAMES};
use crate::media::{Clip, Media, ReceivedFrame};
use crate::{Device, Error};
use commands::Command;
use pages::Page;

/// What happens to a participant.
#[derive(Clone, Debug)]
pub enum Event {
    /// All that a patient sees, anew.
    Patient(Box<PatientSnapshot>),
    /// All that a practitioner sees, anew.
    Practitioner(Box<PractitionerSnapshot>),
    /// Media is connected, or is not any more.
    Connected(bool),
    /// Of the consultation's group: encryption, safety code, chat.
    Group(Told),
    /// It is over here; nothing follows.
    Stopped(Stop),
}

/// Why a participant stopped by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The session was opened elsewhere.
    Replaced,
    /// The session ended; a new link is needed.
    Ended,
    /// The server does not take the session any more.
    Refused,
}

/// A participant at work. It ends when this is dropped.
pub struct Participant {
    commands: mpsc::Sender<Command>,
}

/// What a participant tells. Read both: a participant waits for its events to be taken, and drops the
/// frames that are not.
pub struct Heard {
    /// What happens, in order.
    pub events: mpsc::Receiver<Event>,
    /// What is seen and heard of the others.
    pub frames: mpsc::Receiver<ReceivedFrame>,
}

impl Participant {
    /// Opens the device's session as a new page, and keeps it open: lost sockets and connections are made
    /// anew. `camera` and `microphone` are sent whenever a consultation has keys.
    ///
    /// # Errors
    /// When no randomness is to be had.
    pub fn open(
        device: Arc<Device>,
        camera: Option<Clip>,
        microphone: Option<Clip>,
    ) -> Result<(Self, Heard), Error> {
        let (commands, to_do) = mpsc::channel(COMMANDS);
        let (event, events) = mpsc::channel(EVENTS);
        let (frame, frames) = mpsc::channel(FRAMES);
        let media = Media::new(camera, microphone);
        let page = Page::new(device, new_instance()?, media, event, frame)?;
        tokio::spawn(page.run(to_do));
        Ok((Self { commands }, Heard { events, frames }))
    }

    /// Enters the waiting room.
    ///
    /// # Errors
    /// When the server refuses, or is not reached in time.
    pub async fn arrive(&self, name: &str, reason: &str) -> Result<(), Error> {
        let name = Redacted::new(name.to_owned());
        let reason = Redacted::new(reason.to_owned());
        self.done(Request::Arrive {
            name,
            reason,
            wish: None,
        })
        .await
    }

    /// Gives up the place, or leaves the consultation and so ends it.
    ///
    /// # Errors
    /// When the server refuses, or is not reached in time.
    pub async fn leave(&self) -> Result<(), Error> {
        self.done(Request::Leave).await
    }

    /// Begins the consultation with somebody who waits. Before others who could be admitted a reason is needed; one that
    /// nobody asks for is not written down.
    ///
    /// # Errors
    /// When the server refuses, or is not reached in time.
    pub async fn admit(
        &self,
        visit: VisitId,
        overtake: Option<OvertakeReason>,
    ) -> Result<(), Error> {
        self.done(Request::Admit { visit, overtake }).await
    }

    /// Ends a consultation.
    ///
    /// # Errors
    /// When the server refuses, or is not reached in time.
    pub async fn end(&self, consultation: ConsultationId) -> Result<(), Error> {
        self.done(Request::End {
            consultation,
            conclusion: None,
        })
        .await
    }

    /// Writes to the others of the consultation. The line's id comes back in [`Told::Said`]: outside of a
    /// consultation, as not sent.
    ///
    /// # Errors
    /// When the participant has stopped.
    pub async fn say(&self, text: &str) -> Result<String, Error> {
        let id = new_instance()?.to_text();
        self.command(Command::Say {
            id: id.clone(),
            text: text.to_owned(),
        })
        .await?;
        Ok(id)
    }

    /// Shows another picture from now on, or none.
    ///
    /// # Errors
    /// When the participant has stopped.
    pub async fn show(&self, camera: Option<Clip>) -> Result<(), Error> {
        self.command(Command::Show(camera)).await
    }

    async fn done(&self, request: Request) -> Result<(), Error> {
        let (answer, answered) = oneshot::channel();
        self.command(Command::Ask(Box::new(request), answer))
            .await?;
        match answered.await.map_err(|_| Error::Closed)?? {
            Reply::Done => Ok(()),
            Reply::Welcome { .. }
            | Reply::Moving { .. }
            | Reply::Answer { .. }
            | Reply::KeyPackages { .. }
            | Reply::Invitation { .. }
            | Reply::Accepted { .. } => Err(Error::Protocol),
        }
    }

    async fn command(&self, command: Command) -> Result<(), Error> {
        let sent = self.commands.send(command).await;
        sent.map_err(|_| Error::Closed)
    }
}

/// A new load of a page; also good for any other name made at random.
fn new_instance() -> Result<InstanceId, Error> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).map_err(|_| Error::Crypto)?;
    Ok(InstanceId::from_random(u128::from_be_bytes(bytes)))
}
