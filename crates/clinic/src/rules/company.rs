//! Companions: who may be invited, who comes and goes, and which gates follow.

use vestibule_vocab::{InvitationId, ParticipantId, PractitionerId, Redacted, Timestamp, VisitId};

use super::Effects;
use crate::absence::Absent;
use crate::audit::{Act, CompanionStep};
use crate::clinic::Alarm;
use crate::input::{Accepting, Declining, Host, Inviting, Withdrawing};
use crate::{
    Clinic, Colleague, CompanionChange, CompanionRefusal, Companions, Evidence, Invitation,
    Refusal, Seat, Visit, VisitState, text,
};

impl Clinic {
    pub(crate) fn invite(
        &mut self,
        now: Timestamp,
        inviting: Inviting,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let Inviting {
            visit: id,
            by,
            invitation,
            role,
            colleague,
            valid,
        } = inviting;
        let visit = self.hosted(by, id)?;
        is_active(visit)?;
        let mut companions = visit.companions.clone();
        let change = match colleague {
            None => companions.invite(invitation, role, valid, now),
            Some(who) => {
                let colleague = self.colleague(by, who)?;
                companions.invite_colleague(invitation, colleague, valid, now)
            }
        };
        if change.map_err(Refusal::Companion)? == CompanionChange::Unchanged {
            return Ok(());
        }
        self.company_did(
            now,
            id,
            invitation,
            CompanionStep::Invited,
            companions,
            effects,
        );
        Ok(())
    }

    pub(crate) fn withdraw(
        &mut self,
        now: Timestamp,
        withdrawing: Withdrawing,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let Withdrawing {
            visit: id,
            by,
            invitation,
        } = withdrawing;
        let mut companions = self.hosted(by, id)?.companions.clone();
        let change = companions.withdraw(invitation, now);
        if change.map_err(Refusal::Companion)? == CompanionChange::Unchanged {
            return Ok(());
        }
        self.company_did(
            now,
            id,
            invitation,
            CompanionStep::Withdrawn,
            companions,
            effects,
        );
        Ok(())
    }

    /// A practitioner who was asked along says no: their place is free, and they can be asked anew.
    pub(crate) fn decline_invitation(
        &mut self,
        now: Timestamp,
        Declining {
            practitioner,
            invitation,
        }: Declining,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let (visit, _) = self.asked_by(practitioner, invitation)?;
        let (id, mut companions) = (visit.id, visit.companions.clone());
        let declined = companions.decline(invitation, now);
        declined.map_err(Refusal::Companion)?;
        let declined = CompanionStep::Declined;
        self.company_did(now, id, invitation, declined, companions, effects);
        Ok(())
    }

    /// Whoever accepts is there.
    pub(crate) fn accept_invitation(
        &mut self,
        now: Timestamp,
        accepting: &Accepting,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let Accepting {
            visit: id,
            invitation,
            companion,
            practitioner,
            ref name,
        } = *accepting;
        let visit = self.visits.get(&id).ok_or(Refusal::NotFound)?;
        let invited = visit.companions.invitation(invitation);
        let invited = invited.map_err(Refusal::Companion)?;
        is_active(visit)?;
        let name = match self.known_name(invited) {
            Some(known) => known,
            None => text::name(name)?,
        };
        let guest = self.guest(invited, practitioner);
        self.may_accompany((companion, guest), invited, visit)?;
        let mut companions = visit.companions.clone();
        let change = companions.accept(invitation, companion, &name, now);
        if change.map_err(Refusal::Companion)? == CompanionChange::Unchanged {
            self.companion_connected(now, companion, effects);
            return Ok(());
        }
        companions.recognise(invitation, guest);
        self.company_did(
            now,
            id,
            invitation,
            CompanionStep::Accepted,
            companions,
            effects,
        );
        Ok(())
    }

    pub(crate) fn companion_leaves(
        &mut self,
        now: Timestamp,
        companion: ParticipantId,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let gone = Refusal::Companion(CompanionRefusal::NotFound);
        let (id, invitation) = self.seat_of(companion).ok_or(gone)?;
        self.change_seat(now, id, (invitation, CompanionStep::Left), effects, |it| {
            it.leave(companion, now).is_ok()
        });
        Ok(())
    }

    /// A practitioner who has begun to see somebody else meanwhile does not come back.
    pub(crate) fn companion_connected(
        &mut self,
        now: Timestamp,
        companion: ParticipantId,
        effects: &mut Effects,
    ) {
        let Some((id, invitation)) = self.seat_of(companion) else {
            return;
        };
        if self.sees_somebody(self.person_in(id, invitation).unwrap_or(companion)) {
            return;
        }
        let was_away = self.absences.end(Absent::Companion(companion));
        let found = (invitation, CompanionStep::CameBack);
        let came_back = self.change_seat(now, id, found, effects, |it| it.find_again(companion));
        if was_away && !came_back {
            self.company_shows(now, id, effects);
        }
    }

    pub(crate) fn companion_disconnected(
        &mut self,
        now: Timestamp,
        companion: ParticipantId,
        effects: &mut Effects,
    ) {
        let Some((id, _)) = self.seat_of(companion) else {
            return;
        };
        let visit = self.visits.get(&id);
        let seat = visit.and_then(|visit| visit.companions.seat(companion));
        let who = Absent::Companion(companion);
        if seat.is_some_and(|seat| !seat.lost) && self.absences.begin(who, now, self.policy.grace) {
            self.company_shows(now, id, effects);
        }
    }

    /// A companion was away for too long.
    pub(super) fn companion_lost(
        &mut self,
        now: Timestamp,
        companion: ParticipantId,
        effects: &mut Effects,
    ) {
        if let Some((id, invitation)) = self.seat_of(companion) {
            let lost = (invitation, CompanionStep::Lost);
            self.change_seat(now, id, lost, effects, |it| it.lose(companion));
        }
    }

    /// Nobody accepted in time.
    pub(super) fn expire_invitations(
        &mut self,
        now: Timestamp,
        id: VisitId,
        effects: &mut Effects,
    ) {
        let Some(visit) = self.visits.get(&id) else {
            return;
        };
        let mut companions = visit.companions.clone();
        for invitation in companions.expire(now) {
            self.note_company(id, invitation, CompanionStep::Expired, &companions, effects);
        }
        self.set_companions(now, id, companions, effects);
    }

    /// A practitioner is not in two consultations, as whatever.
    pub(super) fn accompanies_nobody(&self, practitioner: PractitionerId) -> Result<(), Refusal> {
        let Some((visit, invitation)) = self.seat_of(practitioner.into()) else {
            return Ok(());
        };
        let visit = self.visits.get(&visit);
        let mut seated = visit.into_iter().flat_map(|it| it.companions.seated());
        match seated.find(|seat| seat.invitation == invitation) {
            Some(seat) if !seat.lost => Err(Refusal::PractitionerBusy),
            Some(_) | None => Ok(()),
        }
    }

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

    /// Somebody who may say who comes along: to anybody else the visit does not exist.
    fn hosted(&self, by: Host, id: VisitId) -> Result<&Visit, Refusal> {
        match by {
            Host::Administration => self.visits.get(&id).ok_or(Refusal::NotFound),
            Host::Patient { patient } => self.own(patient, id),
            Host::Practitioner { practitioner } => {
                let visit = self.visits.get(&id).ok_or(Refusal::NotFound)?;
                let consultation = visit.state.consultation();
                match consultation.map(|it| self.own_consultation(practitioner, it)) {
                    Some(Ok(_)) => Ok(visit),
                    Some(Err(_)) | None => self.seen_visit(practitioner, id),
                }
            }
        }
    }

    /// A colleague is one whom the clinic knows, and another than whoever asks.
    fn colleague(&self, by: Host, who: PractitionerId) -> Result<Colleague, Refusal> {
        let Host::Practitioner {
            practitioner: asked_by,
        } = by
        else {
            return Err(Refusal::NotFound);
        };
        self.practitioners.card(who).ok_or(Refusal::NotFound)?;
        if who == asked_by {
            return Err(Refusal::Companion(CompanionRefusal::AlreadyCompanion));
        }
        Ok(Colleague { who, asked_by })
    }

    /// What a colleague is called is known.
    fn known_name(&self, invitation: &Invitation) -> Option<Redacted<String>> {
        let card = self.practitioners.card(invitation.colleague?.who)?;
        Some(Redacted::new(card.name.clone()))
    }

    /// Whether the practitioner whom an invitation stands for may come now, and to which visit.
    ///
    /// # Errors
    /// A [`Refusal`], as for accepting it.
    pub fn may_join(
        &self,
        practitioner: PractitionerId,
        invitation: InvitationId,
    ) -> Result<VisitId, Refusal> {
        let (visit, asked) = self.asked_by(practitioner, invitation)?;
        self.may_accompany((invitation.into(), None), asked, visit)?;
        Ok(visit.id)
    }

    /// The invitations that stand for a practitioner, with their visits.
    pub fn asked_along(
        &self,
        practitioner: PractitionerId,
    ) -> impl Iterator<Item = (&Visit, &Invitation)> {
        let first = VisitId::from_bytes([0; 16]);
        let first = (practitioner, first, InvitationId::from_bytes([0; 16]));
        let asked = self.asked_along.range(first..);
        let theirs = asked.take_while(move |(who, ..)| *who == practitioner);
        theirs.filter_map(|(_, visit, invitation)| {
            let visit = self.visits.get(visit)?;
            Some((visit, visit.companions.invitation(*invitation).ok()?))
        })
    }

    /// The invitation that stands for a practitioner, with its visit: nobody else is asked by it.
    fn asked_by(
        &self,
        practitioner: PractitionerId,
        invitation: InvitationId,
    ) -> Result<(&Visit, &Invitation), Refusal> {
        let gone = Refusal::Companion(CompanionRefusal::NotFound);
        let mut asked = self.asked_along(practitioner);
        asked.find(|(_, it)| it.id == invitation).ok_or(gone)
    }

    /// The practitioner who has a seat by an invitation, if it is one's.
    fn person_in(&self, visit: VisitId, invitation: InvitationId) -> Option<ParticipantId> {
        let companions = &self.visits.get(&visit)?.companions;
        let invitation = companions.invitation(invitation).ok()?;
        invitation.practitioner().map(ParticipantId::from)
    }

    /// The practitioner of the clinic's who comes by an invitation that is for anybody. What it was the first time stands.
    fn guest(
        &self,
        invitation: &Invitation,
        practitioner: Option<PractitionerId>,
    ) -> Option<PractitionerId> {
        if invitation.colleague.is_some() {
            return None;
        }
        let new = practitioner.filter(|who| self.practitioners.card(*who).is_some());
        match invitation.companion() {
            Some(_) => invitation.guest,
            None => new,
        }
    }

    fn may_accompany(
        &self,
        (companion, guest): (ParticipantId, Option<PractitionerId>),
        invitation: &Invitation,
        visit: &Visit,
    ) -> Result<(), Refusal> {
        let colleague = invitation.colleague.map(|it| it.who.into());
        let by_itself = companion == invitation.id.into();
        if colleague.is_some_and(|only| !by_itself && companion != only) {
            return Err(Refusal::Companion(CompanionRefusal::NotFound));
        }
        let known = colleague.or(guest.map(ParticipantId::from));
        let companion = known.unwrap_or(companion);
        let elsewhere = self
            .seat_of(companion)
            .is_some_and(|seat| seat.0 != visit.id || known.is_some() && seat.1 != invitation.id);
        let consultation = visit.state.consultation();
        let consultation = consultation.and_then(|it| self.consultation(it));
        let is_its_own = consultation.is_some_and(|it| companion == it.practitioner.into());
        if elsewhere || is_its_own || companion == visit.patient.into() {
            return Err(Refusal::Companion(CompanionRefusal::AlreadyCompanion));
        }
        if self.sees_somebody(companion) {
            return Err(Refusal::PractitionerBusy);
        }
        let is_practitioner = self
            .practitioners
            .card(as_practitioner(companion))
            .is_some();
        if is_practitioner && visit.state == VisitState::Expected {
            return Err(Refusal::VisitNotWaiting);
        }
        Ok(())
    }

    fn sees_somebody(&self, companion: ParticipantId) -> bool {
        let consultation = self.practitioners.consultation(as_practitioner(companion));
        consultation.is_some()
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

/// A practitioner comes along under their own name.
fn as_practitioner(companion: ParticipantId) -> PractitionerId {
    PractitionerId::from_bytes(*companion.as_bytes())
}

fn is_active(visit: &Visit) -> Result<(), Refusal> {
    if visit.state.is_active() {
        Ok(())
    } else {
        Err(Refusal::VisitEnded)
    }
}
