//! Who was seen before whom, told to either of them.

use std::collections::BTreeMap;

use vestibule_vocab::{Timestamp, VisitId};

use super::Explanation;
use crate::audit::overtaking::Why;
use crate::audit::words::{self, Side, because, length, room};
use crate::audit::{Entry, Overtaking, Passed};
use crate::stand::Stand;
use crate::{Overtake, WaitingRoom};

impl Explanation {
    /// How long it waited, whom it passed and who passed it.
    pub(super) fn seen(&self, at: Timestamp, overtook: Option<&Overtaking>) -> String {
        let waited = self
            .since
            .map(|since| format!(" It had waited {}.", length(at.since(since))));
        let passed = overtook.map(|it| self.passed(at, it));
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

    /// A sentence for each reason and each waiting room.
    fn passed(&self, at: Timestamp, overtook: &Overtaking) -> String {
        let own = self.people.stand(self.visit);
        let groups = own.map_or_else(Vec::new, |own| self.groups(at, &own, overtook));
        let told = groups.iter().map(|group| {
            let whom = whom(&group.passed, group.count, own);
            let because = because(group.why, Side::Before(group.count), group.appointments);
            format!(" It was seen before {whom}{because}.")
        });
        told.collect()
    }

    /// Those who were passed by waiting room and reason.
    fn groups(&self, at: Timestamp, own: &Stand, overtook: &Overtaking) -> Vec<Group> {
        let mut groups: BTreeMap<(usize, Why, bool), Group> = BTreeMap::new();
        for (id, stand) in self.people.waiting() {
            let mut lines = overtook.passed.iter();
            let line = lines.position(|it| it.waiting_room == stand.waiting_room);
            let Some(line) = line.filter(|_| own.passes(&stand)) else {
                continue;
            };
            let why = overtook.of(at, own, (id, &stand));
            let appointments = why == Why::Known(Overtake::Appointment) && stand.appointment;
            let nobody = Passed {
                waiting_room: stand.waiting_room,
                earlier: 0,
                before: 0,
            };
            let group = groups.entry((line, why, appointments)).or_insert(Group {
                passed: nobody,
                count: 0,
                why,
                appointments,
            });
            group.passed.earlier += u32::from(stand.rank.arrival < own.rank.arrival);
            group.passed.before += u32::from(stand.rank < own.rank);
            group.count += 1;
        }
        groups.into_values().collect()
    }

    pub(super) fn somebody_else_is_seen(
        &mut self,
        entry: &Entry,
        other: VisitId,
        overtook: Option<&Overtaking>,
    ) {
        let own = self.people.stand(self.visit);
        let (Some(own), Some(theirs)) = (own, self.people.stand(other)) else {
            return;
        };
        // Whoever waits elsewhere was passed when the practitioner looks at both waiting rooms, and then the entry says so.
        let here = own.waiting_room;
        let together = theirs.waiting_room == here;
        let said = overtook.filter(|it| it.passed.iter().any(|it| it.waiting_room == here));
        if !theirs.passes(&own) || !together && said.is_none() {
            return;
        }
        let how = if theirs.rank.arrival > own.rank.arrival {
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
        let why = said.map_or(String::new(), |it| {
            let why = it.of(entry.at, &theirs, (self.visit, &own));
            because(why, Side::Behind, own.appointment)
        });
        let other = other.to_text();
        self.passed_by = self.passed_by.saturating_add(1);
        self.say(
            entry.at,
            format!("Visit {other}, which {how}{whence}, was seen before it{by}{why}."),
        );
    }
}

/// Those of one waiting room who were passed for one reason.
struct Group {
    passed: Passed,
    count: u32,
    why: Why,
    /// The reason is an appointment, and they had one, too.
    appointments: bool,
}

/// Those of one waiting room who were passed.
fn whom(passed: &Passed, count: u32, own: Option<Stand>) -> String {
    let here: Option<WaitingRoom> = own.map(|it| it.waiting_room);
    words::passed(passed, count, here)
}
