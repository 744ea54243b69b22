//! A simulated patient's day.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};
use vestibule_client::{Device, Encryption, Error, Event, Heard, Link, Participant, Told};
use vestibule_protocol::server::VisitState;

use crate::cast::Character;
use crate::limits::{ANSWERS, APART, RETRY, VISITS, WRITING};

/// Visits again and again, within the limits.
pub(crate) async fn live(character: Character, link: Link, away: Duration) {
    sleep(APART * character.number).await;
    for _ in 0..VISITS {
        let pause = match visit(&character, &link).await {
            Ok(()) => away,
            // The server may be starting again, or the waiting room full.
            Err(_) => RETRY,
        };
        sleep(pause).await;
    }
}

/// One visit, from the link to its end.
async fn visit(character: &Character, link: &Link) -> Result<(), Error> {
    let device = Arc::new(Device::by_link(link).await?);
    let picture = Some(character.picture.clone());
    let sound = Some(character.sound.clone());
    let (participant, Heard { mut events, frames }) =
        Participant::open(device, picture, sound)?;
    // What comes from the practitioner is not looked at.
    drop(frames);
    let mut talk = Talk::new(character);
    let mut arrived = false;
    loop {
        let due = talk.due;
        let written = sleep_until(due.unwrap_or_else(Instant::now));
        tokio::select! {
            event = events.recv() => match event {
                None | Some(Event::Stopped(_)) => return Ok(()),
                Some(Event::Patient(seen)) => match seen.visit.map(|visit| visit.state) {
                    None if arrived => {}
                    None => {
                        arrived = true;
                        participant.arrive(character.name, character.reason).await?;
                    }
                    Some(VisitState::Waiting { .. } | VisitState::InConsultation { .. }) => {}
                    Some(VisitState::Ended { .. }) => return Ok(()),
                },
                Some(Event::Group(told)) => talk.hear(&told),
                Some(Event::Connected(_) | Event::Practitioner(_)) => {}
            },
            () = written, if due.is_some() => {
                if let Some(text) = talk.speak() {
                    participant.say(text).await?;
                }
            }
        }
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
