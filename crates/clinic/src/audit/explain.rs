//! The audit log of one visit in sentences: why its patient was seen in this order.
//!
//! The sentences follow from the entries alone, and like them have ids and codes only.

use std::collections::BTreeMap;

use vestibule_vocab::{Timestamp, VisitId};

use super::words::{self, because, by, happened, length, room};
use super::{Act, Entry, Overtaking, Standing};
use crate::Event;
use crate::calendar::Zone;
use crate::limits::SENTENCES;

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
    /// Where everybody waits who waits now.
    waiting: BTreeMap<VisitId, Standing>,
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
            waiting: BTreeMap::new(),
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
        self.follow(visit, &entry.act);
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

    /// Where somebody waits now, if they do.
    fn follow(&mut self, visit: VisitId, act: &Act) {
        let standing = match act {
            Act::WalkedIn { standing, .. }
            | Act::Ranked { standing, .. }
            | Act::Redirected { standing, .. } => Some(*standing),
            Act::Moved { standing, .. } => *standing,
            Act::Forgotten { .. } => None,
            Act::ServiceSet { .. }
            | Act::PractitionerSet { .. }
            | Act::DutySet { .. }
            | Act::Booked { .. }
            | Act::Gated { .. }
            | Act::Consented { .. }
            | Act::Accompanied { .. }
            | Act::ClockSetForward { .. }
            | Act::RegularSet { .. }
            | Act::Erased { .. } => return,
        };
        match standing {
            Some(standing) => _ = self.waiting.insert(visit, standing),
            None => _ = self.waiting.remove(&visit),
        }
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
                "The practitioner whom the patient waited for was off duty, and the patient chose to take whoever is \
                 free next. {}",
                self.place(standing)
            ),
            Act::Gated {
                gate,
                outcome,
                exception,
                ..
            } => words::gated(entry.actor, gate, *outcome, *exception),
            Act::Consented {
                consent, version, ..
            } => {
                let said = words::consent(*consent);
                format!("The patient {said}, version `{version}`.")
            }
            Act::Accompanied { role, step, .. } => words::accompanied(&who, *role, *step),
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
        let mut text = happened(entry.actor, event);
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

    /// How long it waited, whom it passed and who passed it.
    fn seen(&self, at: Timestamp, overtook: Option<&Overtaking>) -> String {
        let waited = self
            .since
            .map(|since| format!(" It had waited {}.", length(at.since(since))));
        let own = self.waiting.get(&self.visit).map(|it| it.waiting_room);
        let passed = overtook.map(|it| {
            let (others, because) = (words::passed(&it.passed, own), because(it.reason));
            format!(" It was seen before {others}{because}.")
        });
        let in_turn = match (overtook, self.passed_by) {
            (None, 0) => " It was seen in turn: nobody whom the practitioner looks after came earlier or stood before it, and \
                 nobody who came later or stood behind it had been seen before it."
                .to_owned(),
            (_, 0) => String::new(),
            (_, count) => {
                format!(" {count} who came later or stood behind it had been seen before it, as told above.")
            }
        };
        format!(
            "{}{}{in_turn}",
            waited.unwrap_or_default(),
            passed.unwrap_or_default()
        )
    }

    fn somebody_else_is_seen(
        &mut self,
        entry: &Entry,
        other: VisitId,
        overtook: Option<&Overtaking>,
    ) {
        let own = self.waiting.get(&self.visit);
        let (Some(own), Some(theirs)) = (own, self.waiting.get(&other)) else {
            return;
        };
        // Whoever waits elsewhere was passed when the practitioner looks at both waiting rooms, and then the entry says so.
        let here = own.waiting_room;
        let together = theirs.waiting_room == here;
        let said = overtook.filter(|it| it.passed.iter().any(|it| it.waiting_room == here));
        let later = theirs.rank.arrival > own.rank.arrival;
        let behind = theirs.rank > own.rank;
        if !later && !behind || !together && said.is_none() {
            return;
        }
        let how = if later {
            "came later"
        } else {
            "stood behind it"
        };
        let (whence, by) = if together {
            (String::new(), "")
        } else {
            let theirs = room(theirs.waiting_room);
            let both = " by a practitioner who looks after both";
            (format!(" and waited in {theirs}"), both)
        };
        let why = said.map_or(String::new(), |it| because(it.reason));
        let other = other.to_text();
        self.passed_by = self.passed_by.saturating_add(1);
        self.say(
            entry.at,
            format!("Visit {other}, which {how}{whence}, was seen before it{by}{why}."),
        );
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
        | Act::Gated { .. }
        | Act::Consented { .. }
        | Act::Accompanied { .. }
        | Act::RegularSet { .. }
        | Act::Forgotten { .. }
        | Act::ClockSetForward { .. }
        | Act::Erased { .. } => None,
    }
}
