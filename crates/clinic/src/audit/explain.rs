//! The audit log of one visit in sentences: why its patient was seen in this order.
//!
//! The sentences follow from the entries alone, and like them have ids and codes only.

mod overtakes;
mod own;
mod people;

use own::Own;
use people::People;

pub(super) use own::Stage;

use vestibule_vocab::{Timestamp, VisitId};

use super::words::{self, by, happened, length, room};
use super::{Act, Entry, Overtaking, Standing};
use crate::calendar::Zone;
use crate::limits::SENTENCES;
use crate::{Event, WaitingRoom};

/// One thing that happened to a visit, or before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// When.
    pub at: Timestamp,
    /// A sentence of English.
    pub text: String,
}

/// The story of one visit, told from the whole log.
///
/// It takes every [`Entry`] of the log in order, those of other visits too: they say who was seen meanwhile.
#[derive(Clone, Debug)]
pub struct Explanation {
    visit: VisitId,
    zone: Zone,
    sentences: Vec<Sentence>,
    /// Sentences for which there was no room.
    left_out: usize,
    /// How everybody stands.
    people: People,
    own: Own,
    /// Since when it waits; never while it does not.
    since: Option<Timestamp>,
    /// So many who came later or stood behind it were seen before it, since it waits.
    passed_by: u32,
}

impl Explanation {
    /// Begins to tell of a visit, in times of this zone.
    #[must_use]
    pub fn of(visit: VisitId, zone: Zone) -> Self {
        Self {
            visit,
            zone,
            sentences: Vec::new(),
            left_out: 0,
            people: People::default(),
            own: Own::default(),
            since: None,
            passed_by: 0,
        }
    }

    /// Takes the next entry of the log.
    pub fn take(&mut self, entry: &Entry) {
        let Some(visit) = entry.act.visit() else {
            return;
        };
        let own = visit == self.visit;
        if !own && let Some(overtook) = admission(&entry.act) {
            self.somebody_else_is_seen(entry, visit, overtook);
        }
        if own && let Some(text) = self.told(entry) {
            self.say(entry.at, text);
        }
        self.people.follow(visit, &entry.act);
    }

    /// What was told, in order. Empty when the log knows no such visit.
    #[must_use]
    pub fn sentences(mut self) -> Vec<Sentence> {
        if self.left_out > 0 {
            let at = self.sentences.last().map_or(Timestamp(0), |last| last.at);
            let text = format!("{} more happened, which is left out here.", self.left_out);
            self.sentences.push(Sentence { at, text });
        }
        self.sentences
    }

    /// An entry of the visit's own as a sentence.
    fn told(&mut self, entry: &Entry) -> Option<String> {
        let who = by(entry.actor);
        Some(match &entry.act {
            Act::ServiceSet { .. }
            | Act::PractitionerSet { .. }
            | Act::DutySet { .. }
            | Act::ClockSetForward { .. }
            | Act::RegularSet { .. }
            | Act::Erased { .. } => return None,
            Act::Booked { appointment, .. } => {
                let (at, lasts) = (self.zone.shows(appointment.at), length(appointment.length));
                format!("{who} planned it for {at}, to take {lasts}.")
            }
            Act::WalkedIn { standing, .. } => {
                self.waits_since(entry.at);
                let place = self.place(standing);
                format!(
                    "{} walked in without an appointment. {place}",
                    words::patient(entry.actor)
                )
            }
            Act::Moved {
                event,
                standing,
                overtook,
                ..
            } => self.moved(entry, event, standing.as_ref(), overtook.as_ref()),
            Act::Ranked {
                urgency, standing, ..
            } => {
                let (urgency, place) = (words::urgency(*urgency), self.place(standing));
                format!("{who} marked it as {urgency}. {place}")
            }
            Act::Redirected { standing, .. } => format!(
                "{}, and chose to take whoever is free next. {}",
                self.asked(),
                self.place(standing)
            ),
            Act::WaitedOn { .. } => format!("{}, and chose to wait on.", self.asked()),
            Act::Gated {
                gate,
                outcome,
                exception,
                reason,
                ..
            } => {
                if self.own.stays_open(gate, *outcome) {
                    words::open_otherwise(&who, gate, *exception)
                } else {
                    words::gated(entry.actor, gate, *outcome, (*exception, *reason))
                }
            }
            Act::Consented {
                consent, version, ..
            } => {
                let said = words::consent(*consent);
                format!("The patient {said}, version `{version}`.")
            }
            Act::Accompanied {
                invitation,
                role,
                step,
                ..
            } => words::accompanied(&who, self.own.number(*invitation), *role, *step),
            Act::Forgotten { .. } => {
                "The visit was forgotten, with all that people wrote in it.".to_owned()
            }
        })
    }

    fn moved(
        &mut self,
        entry: &Entry,
        event: &Event,
        standing: Option<&Standing>,
        overtook: Option<&Overtaking>,
    ) -> String {
        let mut text = happened(entry.actor, event, self.own.stage);
        self.own.follow(event);
        if matches!(event, Event::Admitted { .. }) {
            text.push_str(&self.seen(entry.at, overtook));
        }
        match standing {
            Some(standing) => {
                text.push(' ');
                text.push_str(&self.place(standing));
                if self.since.is_none() {
                    self.waits_since(entry.at);
                }
            }
            // Whoever is called waits on.
            None if matches!(event, Event::Called { .. }) => {}
            None => self.since = None,
        }
        text
    }

    /// Why its patient was asked whether they wait on.
    fn asked(&self) -> &'static str {
        match self.people.stand(self.visit).map(|it| it.waiting_room) {
            Some(WaitingRoom::Service(_)) => {
                "Nobody there spoke the patient's language any more: the patient was asked"
            }
            Some(WaitingRoom::Practitioner(_)) | None => {
                "The practitioner whom the patient waited for was off duty: the patient was asked"
            }
        }
    }

    fn waits_since(&mut self, at: Timestamp) {
        self.since = Some(at);
        self.passed_by = 0;
    }

    /// Where it waits, and what decides when it is its turn.
    fn place(&self, standing: &Standing) -> String {
        let room = room(standing.waiting_room);
        let arrival = standing.rank.arrival.0;
        let from = self.zone.shows(standing.counts_from);
        let credit = standing.counts_from.since(standing.rank.due);
        let credit = if credit.0 == 0 {
            String::new()
        } else {
            let (credit, due) = (length(credit), self.zone.shows(standing.rank.due));
            format!(", less a credit of {credit}: as if since {due}")
        };
        let first = match standing.rank.turn {
            crate::Turn::Called => " It comes first, as it had been called.",
            crate::Turn::InTurn => "",
        };
        format!("It waits in {room} as arrival {arrival}, and counts from {from}{credit}.{first}")
    }

    fn say(&mut self, at: Timestamp, text: String) {
        if self.sentences.len() < SENTENCES {
            self.sentences.push(Sentence { at, text });
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }
}

/// Whom it overtook, when it says that somebody was admitted.
fn admission(act: &Act) -> Option<Option<&Overtaking>> {
    match act {
        Act::Moved {
            event: Event::Admitted { .. },
            overtook,
            ..
        } => Some(overtook.as_ref()),
        Act::ServiceSet { .. }
        | Act::PractitionerSet { .. }
        | Act::DutySet { .. }
        | Act::Booked { .. }
        | Act::WalkedIn { .. }
        | Act::Moved { .. }
        | Act::Ranked { .. }
        | Act::Redirected { .. }
        | Act::WaitedOn { .. }
        | Act::Gated { .. }
        | Act::Consented { .. }
        | Act::Accompanied { .. }
        | Act::RegularSet { .. }
        | Act::Forgotten { .. }
        | Act::ClockSetForward { .. }
        | Act::Erased { .. } => None,
    }
}
