//! A simulated patient's day.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use vestibule_client::{Device, Encryption, Error, Event, Heard, Link, Participant, Told};
use vestibule_protocol::server::VisitState;

use crate::cast::Character;
use crate::limits::{ANSWERS, APART, RETRY, VISITS, WRITING};

/// How somebody was gone in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Departure {
    /// No place in the waiting room is theirs any more.
    Gone,
    /// The server did not hear the goodbye.
    Unsaid,
}

/// Becomes true when everybody is to leave.
type Stop = watch::Receiver<bool>;

/// Visits again and again, within the limits, and leaves when told to.
pub(crate) async fn live(
    character: Character,
    link: Link,
    away: Duration,
    mut stop: Stop,
) -> Departure {
    let mut pause = APART * character.number;
    for _ in 0..VISITS {
        tokio::select! {
            () = sleep(pause) => {}
            () = told(&mut stop) => return Departure::Gone,
        }
        pause = match visit(&character, &link, &mut stop).await {
            Ok(Visited::ToItsEnd) => away,
            Ok(Visited::CutShort(departure)) => return departure,
            // The server may be starting again, or the waiting room full.
            Err(_) => RETRY,
        };
    }
    Departure::Gone
}

/// Waits until everybody is to leave; also when nobody is left to say so.
async fn told(stop: &mut Stop) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// What became of a visit.
enum Visited {
    ToItsEnd,
    /// Everybody was to leave.
    CutShort(Departure),
}

/// One visit, from the link to its end.
async fn visit(character: &Character, link: &Link, stop: &mut Stop) -> Result<Visited, Error> {
    let device = Arc::new(Device::by_link(link).await?);
    let picture = Some(character.picture.clone());
    let sound = Some(character.sound.clone());
    let (participant, Heard { mut events, frames }) = Participant::open(device, picture, sound)?;
    // What comes from the practitioner is not looked at.
    drop(frames);
    let mut talk = Talk::new(character);
    let mut arrived = false;
    loop {
        let due = talk.due;
        let written = sleep_until(due.unwrap_or_else(Instant::now));
        tokio::select! {
            event = events.recv() => match event {
                None | Some(Event::Stopped(_)) => return Ok(Visited::ToItsEnd),
                Some(Event::Patient(seen)) => match seen.visit.map(|visit| visit.state) {
                    None if arrived => {}
                    None => arrived = arrive(&participant, character).await?,
                    Some(VisitState::Ended { .. }) => return Ok(Visited::ToItsEnd),
                    Some(_) => arrived = true,
                },
                Some(Event::Group(told)) => talk.hear(&told),
                Some(Event::Connected(_) | Event::Practitioner(_)) => {}
            },
            () = written, if due.is_some() => {
                if let Some(text) = talk.speak() {
                    participant.say(text).await?;
                }
            }
            () = told(stop) => {
                return Ok(Visited::CutShort(leave(&participant).await));
            }
        }
    }
}

/// Whether it is done. When the answer is lost, nobody knows: what the server says next tells, and a second
/// visit beside the first would double the name.
async fn arrive(participant: &Participant, character: &Character) -> Result<bool, Error> {
    match participant.arrive(character.name, character.reason).await {
        Ok(()) => Ok(true),
        Err(Error::Network) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Gives up the place, or ends the consultation; whom the server refuses has neither.
async fn leave(participant: &Participant) -> Departure {
    match participant.leave().await {
        Ok(()) | Err(Error::Refused(_)) => Departure::Gone,
        Err(_) => Departure::Unsaid,
    }
}

/// What is said in one consultation.
struct Talk<'a> {
    character: &'a Character,
    greeted: bool,
    said: usize,
    /// When the next line is written to its end.
    due: Option<Instant>,
}

impl<'a> Talk<'a> {
    fn new(character: &'a Character) -> Self {
        Self {
            character,
            greeted: false,
            said: 0,
            due: None,
        }
    }

    fn hear(&mut self, told: &Told) {
        let begins = !self.greeted && *told == Told::Encryption(Encryption::Ready);
        let asked = matches!(told, Told::Chat(_));
        if (begins || asked) && self.said < ANSWERS {
            self.due = Some(Instant::now() + WRITING);
        }
    }

    fn speak(&mut self) -> Option<&'a str> {
        self.due = None;
        if !std::mem::replace(&mut self.greeted, true) {
            return Some(self.character.greeting);
        }
        let answers = self.character.answers;
        let answer = answers.get(self.said % answers.len().max(1)).copied();
        self.said += 1;
        answer
    }
}

#[cfg(test)]
mod tests {
    use vestibule_client::{Encryption, Told};

    use super::Talk;
    use crate::cast::characters;

    #[test]
    fn a_patient_greets_once_and_answers_what_is_written() {
        let characters = characters().unwrap();
        let mut talk = Talk::new(&characters[0]);
        assert_eq!(talk.due, None);
        talk.hear(&Told::Encryption(Encryption::Ready));
        assert!(talk.due.is_some());
        assert_eq!(talk.speak(), Some(characters[0].greeting));
        assert_eq!(talk.due, None);
        assert_eq!(talk.speak(), Some(characters[0].answers[0]));
    }
}
