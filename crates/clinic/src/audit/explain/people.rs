//! How everybody stands, as far as the log tells: it may begin in the midst of a visit.

use std::collections::BTreeMap;

use vestibule_vocab::VisitId;

use crate::audit::{Act, Standing};
use crate::stand::Stand;
use crate::{Event, Urgency};

/// Everybody who is not forgotten.
#[derive(Clone, Debug, Default)]
pub(super) struct People(BTreeMap<VisitId, Person>);

#[derive(Clone, Copy, Debug, Default)]
struct Person {
    /// Where they wait, while they do.
    standing: Option<Standing>,
    urgency: Urgency,
    appointment: bool,
}

impl People {
    /// How somebody stands who waits.
    pub(super) fn stand(&self, visit: VisitId) -> Option<Stand> {
        self.0.get(&visit)?.stand()
    }

    /// Those who wait.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (VisitId, Stand)> + '_ {
        let all = self.0.iter();
        all.filter_map(|(visit, person)| Some((*visit, person.stand()?)))
    }

    pub(super) fn follow(&mut self, visit: VisitId, act: &Act) {
        match act {
            Act::Booked { .. } => self.person(visit).appointment = true,
            Act::WalkedIn { standing, .. } | Act::Redirected { standing, .. } => {
                self.person(visit).standing = Some(*standing);
            }
            // Somebody who was called is ranked too, and does not wait meanwhile.
            Act::Ranked {
                urgency, standing, ..
            } => {
                let person = self.person(visit);
                person.urgency = *urgency;
                person.standing = person.standing.and(Some(*standing));
            }
            Act::Moved {
                event, standing, ..
            } => {
                let person = self.person(visit);
                person.standing = *standing;
                person.appointment |= *event == Event::Arrived;
            }
            Act::Forgotten { .. } => _ = self.0.remove(&visit),
            Act::ServiceSet { .. }
            | Act::PractitionerSet { .. }
            | Act::DutySet { .. }
            | Act::WaitedOn { .. }
            | Act::Gated { .. }
            | Act::Consented { .. }
            | Act::Accompanied { .. }
            | Act::ClockSetForward { .. }
            | Act::RegularSet { .. }
            | Act::Erased { .. } => {}
        }
    }

    fn person(&mut self, visit: VisitId) -> &mut Person {
        self.0.entry(visit).or_default()
    }
}

impl Person {
    fn stand(&self) -> Option<Stand> {
        let standing = self.standing?;
        Some(Stand {
            waiting_room: standing.waiting_room,
            rank: standing.rank,
            urgency: self.urgency,
            appointment: self.appointment,
        })
    }
}
