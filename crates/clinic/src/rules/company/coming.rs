//! Who comes along, goes, and may not come.

use vestibule_vocab::{InvitationId, ParticipantId, PractitionerId, Redacted, Timestamp, VisitId};

use super::is_active;
use crate::absence::Absent;
use crate::audit::CompanionStep;
use crate::input::Accepting;
use crate::rules::Effects;
use crate::{
    Clinic, CompanionChange, CompanionRefusal, Invitation, Refusal, Visit, VisitState, text,
};

impl Clinic {
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
    pub(in crate::rules) fn companion_lost(
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

    /// A practitioner is not in two consultations, as whatever.
    pub(in crate::rules) fn accompanies_nobody(
        &self,
        practitioner: PractitionerId,
    ) -> Result<(), Refusal> {
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

    /// What a colleague is called is known.
    fn known_name(&self, invitation: &Invitation) -> Option<Redacted<String>> {
        let card = self.practitioners.card(invitation.colleague?.who)?;
        Some(Redacted::new(card.name.clone()))
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
}

/// A practitioner comes along under their own name.
fn as_practitioner(companion: ParticipantId) -> PractitionerId {
    PractitionerId::from_bytes(*companion.as_bytes())
}
