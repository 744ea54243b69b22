//! Who is asked to come along, by whom, and until when.

use vestibule_vocab::{InvitationId, PractitionerId, Timestamp, VisitId};

use super::is_active;
use crate::audit::CompanionStep;
use crate::input::{Declining, Host, Inviting, Withdrawing};
use crate::rules::Effects;
use crate::{Clinic, Colleague, CompanionChange, CompanionRefusal, Invitation, Refusal, Visit};

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

    /// Nobody accepted in time.
    pub(in crate::rules) fn expire_invitations(
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
    pub(super) fn asked_by(
        &self,
        practitioner: PractitionerId,
        invitation: InvitationId,
    ) -> Result<(&Visit, &Invitation), Refusal> {
        let gone = Refusal::Companion(CompanionRefusal::NotFound);
        let mut asked = self.asked_along(practitioner);
        asked.find(|(_, it)| it.id == invitation).ok_or(gone)
    }
}
