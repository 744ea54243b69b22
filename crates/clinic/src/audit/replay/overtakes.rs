//! Whether the log bears out what it says of those who were seen before others.

use std::collections::BTreeSet;

use vestibule_vocab::VisitId;

use super::{Contradiction, Replay, Replayed};
use crate::audit::{Actor, Entry, Hindered, Overtaking, Passed, Standing};
use crate::{Overtake, Turn, Urgency, VisitState, WaitingRoom};

impl Replay {
    /// Whoever is seen before others is said to be, with reasons that the log bears out.
    pub(super) fn must_be_explained(
        &self,
        entry: &Entry,
        visit: VisitId,
        overtook: Option<&Overtaking>,
    ) -> Result<(), Contradiction> {
        let one = self.visits.get(&visit);
        let one = one.ok_or(Contradiction::Unknown(visit))?;
        let said = overtook.map_or(&[][..], |it| &it.passed);
        // Which services a practitioner practises is not in the log; their own waiting room is known.
        let own = [Some(one.standing.waiting_room), room_of(entry.actor)];
        let named = said.iter().map(|it| it.waiting_room);
        let mut rooms = own.into_iter().flatten().chain(named);
        let told = rooms.all(|room| {
            let line = said.iter().find(|it| it.waiting_room == room);
            line.copied() == self.passed(room, &one.standing)
        });
        let borne_out = overtook.is_none_or(|it| {
            let hindered = it.hindered.as_ref();
            let each = hindered.is_none_or(|hindered| self.bears_out(entry, one, it, hindered));
            one.bears_out(entry.actor, it) && each
        });
        if told && borne_out {
            return Ok(());
        }
        Err(Contradiction::Unexplained(visit))
    }

    /// Those of a waiting room who came earlier than somebody who stands so, or stand before them.
    fn passed(&self, waiting_room: WaitingRoom, theirs: &Standing) -> Option<Passed> {
        let (mut earlier, mut before) = (0_u32, 0_u32);
        for one in self.visits.values() {
            let (waits, rank) = (one.state == VisitState::Waiting, one.standing.rank);
            if waits && one.standing.waiting_room == waiting_room {
                earlier += u32::from(rank.arrival < theirs.rank.arrival);
                before += u32::from(rank < theirs.rank);
            }
        }
        (earlier > 0 || before > 0).then_some(Passed {
            waiting_room,
            earlier,
            before,
        })
    }

    /// Everybody who stood before it is said to have been hindered, or came after it by its name, or is who the practitioner's
    /// reason is for; and there is no reason of theirs that is for nobody.
    fn bears_out(
        &self,
        entry: &Entry,
        one: &Replayed,
        overtook: &Overtaking,
        hindered: &Hindered,
    ) -> bool {
        let stand = one.stand();
        let mut before = self.stood_before(one, overtook);
        let stood_before = |id: &VisitId| before.remove(id);
        let listed: Vec<_> = hindered.visits.iter().map(|it| it.visit).collect();
        if !listed.iter().all(stood_before) {
            return false;
        }
        let others = before.iter().filter_map(|id| self.visits.get(id));
        let comes_by_name = |it: &&Replayed| stand.comes_by_name(entry.at, &it.stand());
        let (by_name, others): (Vec<_>, Vec<_>) = others.partition(comes_by_name);
        if hindered.not_looked_at > 0 {
            return usize::try_from(hindered.not_looked_at).unwrap_or(usize::MAX)
                <= by_name.len().saturating_add(others.len());
        }
        let reason = overtook.reason;
        if reason.is_a_choice() {
            return !others.is_empty() && !others.iter().any(|it| it.is_shut());
        }
        others.is_empty() && by_name.is_empty() == (reason != Overtake::Named)
    }

    /// Who stood before it, where the practitioner looks.
    fn stood_before(&self, one: &Replayed, overtook: &Overtaking) -> BTreeSet<VisitId> {
        let looks = |room| overtook.passed.iter().any(|it| it.waiting_room == room);
        let before = self.visits.iter().filter(|(_, other)| {
            let standing = &other.standing;
            other.state == VisitState::Waiting
                && standing.rank < one.standing.rank
                && looks(standing.waiting_room)
        });
        before.map(|(id, _)| *id).collect()
    }
}

impl Replayed {
    /// The reason is one that a visit can have that stands like this, before these.
    fn bears_out(&self, actor: Actor, overtook: &Overtaking) -> bool {
        let here = self.standing.waiting_room;
        let stood_before = |it: &Passed| it.before > 0;
        let mut passed = overtook.passed.iter();
        let first = !overtook.passed.iter().any(stood_before);
        let elsewhere = passed.any(|it| stood_before(it) && it.waiting_room != here);
        match overtook.reason {
            Overtake::Called => self.standing.rank.turn == Turn::Called,
            Overtake::Urgency => first && self.urgency != Urgency::Routine,
            Overtake::Appointment => first,
            Overtake::Named => elsewhere && room_of(actor) == Some(here),
            Overtake::WaitingRoomFirst => elsewhere,
            Overtake::NobodyBeforeWasReady
            | Overtake::ClinicalNeed
            | Overtake::Continuity
            | Overtake::QuickMatter
            | Overtake::ByAgreement => !first,
            // These are reasons for passing one, and not for an admission.
            Overtake::Credit | Overtake::Away | Overtake::NotReady | Overtake::OtherLanguage => {
                false
            }
        }
    }
}

/// The waiting room of a practitioner's own.
fn room_of(actor: Actor) -> Option<WaitingRoom> {
    match actor {
        Actor::Practitioner(who) => Some(WaitingRoom::Practitioner(who)),
        Actor::Patient(_)
        | Actor::Companion(_)
        | Actor::Administration
        | Actor::System(_)
        | Actor::Time => None,
    }
}
