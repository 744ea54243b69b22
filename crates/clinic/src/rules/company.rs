//! Companions: who may be invited, who comes and goes, and what follows of either.

mod coming;
mod inviting;

use vestibule_vocab::{InvitationId, ParticipantId, Timestamp, VisitId};

use super::Effects;
use crate::absence::Absent;
use crate::audit::{Act, CompanionStep};
use crate::clinic::Alarm;
use crate::{Clinic, Companions, Evidence, Refusal, Seat, Visit};

impl Clinic {
    /// The companion is there, as far as is known.
    pub(crate) fn is_companion_there(&self, seat: &Seat<'_>) -> bool {
        !seat.lost && !self.absences.contains(Absent::Companion(seat.who))
    }

    /// What is kept in order beside a visit follows its companions. Whoever is new there counts as present.
    pub(crate) fn follow_company(&mut self, id: VisitId, before: &Companions, after: &Companions) {
        for seat in before.seated() {
            let stays = after.seat(seat.who);
            if stays.is_none() {
                for name in names(&seat) {
                    self.seats.remove(&name);
                }
            }
            if stays.is_none_or(|stays| stays.lost) {
                self.absences.end(Absent::Companion(seat.who));
            }
        }
        for seat in after.seated() {
            for name in names(&seat) {
                self.seats.insert(name, (id, seat.invitation));
            }
        }
        for (who, invitation) in before.colleagues() {
            self.asked_along.remove(&(who, id, invitation));
        }
        for (who, invitation) in after.colleagues() {
            self.asked_along.insert((who, id, invitation));
        }
        let alarm = Alarm::InvitationExpires(id);
        if let Some(at) = before.next_timeout() {
            self.alarms.remove(&(at, alarm));
        }
        if let Some(at) = after.next_timeout() {
            self.alarms.insert((at, alarm));
        }
    }

    /// Whoever has a seat there and had none before counts as away, until they are said to be there.
    pub(crate) fn suppose_away(&mut self, now: Timestamp, before: &Companions, after: &Companions) {
        for seat in after.taking_part() {
            if before.seat(seat.who).is_none_or(|before| before.lost) {
                let who = Absent::Companion(seat.who);
                self.absences.begin(who, now, self.policy.grace);
            }
        }
    }

    /// The gates follow who is there.
    pub(super) fn learn_company(&mut self, now: Timestamp, id: VisitId, effects: &mut Effects) {
        let Some(visit) = self.visits.get(&id) else {
            return;
        };
        let roles = visit
            .companions
            .roles_of(|seat| self.is_companion_there(seat));
        let mut gates = visit.gates.clone();
        // A visit without such a gate has nothing to learn, and after admission none moves.
        let _ = gates.learn(&Evidence::Companions(&roles), now);
        self.set_gates(id, gates, effects);
    }

    pub(crate) fn seat_of(&self, companion: ParticipantId) -> Option<(VisitId, InvitationId)> {
        self.seats.get(&companion).copied()
    }

    /// Changes somebody's seat, if that changes anything.
    fn change_seat(
        &mut self,
        now: Timestamp,
        id: VisitId,
        (invitation, step): (InvitationId, CompanionStep),
        effects: &mut Effects,
        change: impl FnOnce(&mut Companions) -> bool,
    ) -> bool {
        let Some(visit) = self.visits.get(&id) else {
            return false;
        };
        let mut companions = visit.companions.clone();
        let changed = change(&mut companions);
        if changed {
            self.company_did(now, id, invitation, step, companions, effects);
        }
        changed
    }

    fn company_did(
        &mut self,
        now: Timestamp,
        id: VisitId,
        invitation: InvitationId,
        step: CompanionStep,
        companions: Companions,
        effects: &mut Effects,
    ) {
        self.note_company(id, invitation, step, &companions, effects);
        self.set_companions(now, id, companions, effects);
    }

    fn note_company(
        &self,
        visit: VisitId,
        invitation: InvitationId,
        step: CompanionStep,
        companions: &Companions,
        effects: &mut Effects,
    ) {
        if let Ok(known) = companions.invitation(invitation) {
            effects.did(Act::Accompanied {
                visit,
                invitation,
                role: known.role,
                step,
            });
        }
    }

    /// The visit's companions are these now.
    fn set_companions(
        &mut self,
        now: Timestamp,
        id: VisitId,
        companions: Companions,
        effects: &mut Effects,
    ) {
        let Some(visit) = self.visits.get_mut(&id) else {
            return;
        };
        let before = std::mem::replace(&mut visit.companions, companions.clone());
        effects.company(&before);
        effects.visit(visit);
        self.follow_company(id, &before, &companions);
        self.company_shows(now, id, effects);
    }

    /// Who is there shows in the waiting room, or to all in the consultation.
    fn company_shows(&mut self, now: Timestamp, id: VisitId, effects: &mut Effects) {
        self.learn_company(now, id, effects);
        let Some(visit) = self.visits.get(&id) else {
            return;
        };
        effects.patient(visit.patient);
        effects.company(&visit.companions);
        effects.line(visit.waiting_room);
        let consultation = visit.state.consultation();
        if let Some(consultation) = consultation.and_then(|it| self.consultation(it)) {
            effects.both(consultation);
        }
    }
}

/// Under which names a seat is known: a colleague's also under their own.
fn names(seat: &Seat<'_>) -> impl Iterator<Item = ParticipantId> + use<> {
    [Some(seat.who), seat.practitioner.map(ParticipantId::from)]
        .into_iter()
        .flatten()
}

fn is_active(visit: &Visit) -> Result<(), Refusal> {
    if visit.state.is_active() {
        Ok(())
    } else {
        Err(Refusal::VisitEnded)
    }
}
