//! Who the simulated patients are. The clips are drawn and recorded by `web/e2e/clips`.

use vestibule_client::{Clip, Error};

/// One simulated patient.
pub(crate) struct Character {
    /// The order of arrival, from 0.
    pub(crate) number: u32,
    pub(crate) name: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) greeting: &'static str,
    /// Said one after the other, and again from the beginning.
    pub(crate) answers: &'static [&'static str],
    pub(crate) picture: Clip,
    pub(crate) sound: Clip,
}

struct Part {
    name: &'static str,
    reason: &'static str,
    greeting: &'static str,
    answers: &'static [&'static str],
    picture: &'static [u8],
    sound: &'static [u8],
}

macro_rules! clip {
    ($file:literal) => {
        include_bytes!(concat!("../clips/", $file))
    };
}

const PARTS: [Part; 5] = [
    Part {
        name: "Lina Maes (simulated)",
        reason: "A cough for three days",
        greeting: "Hello! Can you see me?",
        answers: &["Mostly at night.", "No fever.", "Thank you, I will do that."],
        picture: clip!("patient-1.ivf"),
        sound: clip!("patient-1.ogg"),
    },
    Part {
        name: "Tomás Ribeiro (simulated)",
        reason: "Renewal of a prescription",
        greeting: "Good morning, doctor.",
        answers: &["The same as last time, please.", "Once a day.", "Thank you."],
        picture: clip!("patient-2.ivf"),
        sound: clip!("patient-2.ogg"),
    },
    Part {
        name: "Aïcha Benali (simulated)",
        reason: "Résultats de la prise de sang",
        greeting: "Bonjour docteur.",
        answers: &["D'accord.", "Est-ce que c'est grave ?", "Merci beaucoup."],
        picture: clip!("patient-3.ivf"),
        sound: clip!("patient-3.ogg"),
    },
    Part {
        name: "Joris Claes (simulated)",
        reason: "",
        greeting: "Hi, I am not sure whether this is the right place.",
        answers: &["My knee hurts.", "Since Sunday.", "I can come by, yes."],
        picture: clip!("patient-4.ivf"),
        sound: clip!("patient-4.ogg"),
    },
    Part {
        name: "Mei Tan (simulated)",
        reason: "A rash on my arm; I can show it to the camera",
        greeting: "Hello, one moment, I turn the light on.",
        answers: &["It itches.", "No new soap, no.", "Good to know, thank you."],
        picture: clip!("patient-5.ivf"),
        sound: clip!("patient-5.ogg"),
    },
];

/// All of them, in the order of their arrival.
pub(crate) fn characters() -> Result<Vec<Character>, Error> {
    let parts = (0..).zip(PARTS);
    parts
        .map(|(number, part)| {
            Ok(Character {
                number,
                name: part.name,
                reason: part.reason,
                greeting: part.greeting,
                answers: part.answers,
                picture: Clip::vp8(part.picture)?,
                sound: Clip::opus(part.sound)?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::characters;

    #[test]
    fn everybody_has_a_picture_and_a_sound_of_their_own() {
        let characters = characters().unwrap();
        assert_eq!(characters.len(), 5);
        for (index, one) in characters.iter().enumerate() {
            assert!(one.picture.frames().len() > 15 && one.sound.frames().len() > 50);
            for other in &characters[..index] {
                assert_ne!(one.picture.frames()[0], other.picture.frames()[0]);
            }
        }
    }
}
