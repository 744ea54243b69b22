//! What may be read of a clinic, to make snapshots from.

use std::collections::BTreeSet;

use vestibule_vocab::{
    ConsultationId, ParticipantId, PatientId, PractitionerId, ServiceId, VisitId,
};

use crate::absence::Absent;
use crate::limits::MISSED;
use crate::{
    Changed, Clinic, Consultation, Invitation, Practitioner, Seat, Service, Visit, VisitState,
    WaitingRoom,
};

/// A visit with what is not stored of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitView<'a> {
    /// The visit.
    pub visit: &'a Visit,
    /// Its place, from 1, while it waits.
    pub place: Option<u32>,
    /// The patient has a socket open. Always false before they came and once the visit has ended.
    pub connected: bool,
}

/// One line of what a practitioner sees waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingView<'a> {
    /// From 1, without gaps, among those that this practitioner sees.
    pub place: u32,
    /// Whose place it is.
    pub visit: &'a Visit,
    /// The patient has a socket open.
    pub connected: bool,
    /// It has passed its gates, and can be admitted when its patient is there.
    pub ready: bool,
}

/// An invitation with what is not stored of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompanionView<'a> {
    /// The invitation.
    pub invitation: &'a Invitation,
    /// Who came by it is there now.
    pub connected: bool,
}

/// Who is to connect to a call before admission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warm {
    /// The first visit of a waiting room whose patient is there: the call belongs to it.
    pub visit: VisitId,
    /// Its patient.
    pub patient: PatientId,
    /// The only practitioner who is there, on duty and free for it.
    pub practitioner: PractitionerId,
}

impl Clinic {
    /// What can be consulted for, by id.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        self.services.values()
    }

    /// A service.
    #[must_use]
    pub fn service(&self, service: ServiceId) -> Option<&Service> {
        self.services.get(&service)
    }

    /// Those who are registered, by id.
    pub fn registered(&self) -> impl Iterator<Item = &Practitioner> {
        self.practitioners.cards()
    }

    /// A registered practitioner.
    #[must_use]
    pub fn practitioner(&self, practitioner: PractitionerId) -> Option<&Practitioner> {
        self.practitioners.card(practitioner)
    }

    /// All that a practitioner may admit, in order over their waiting rooms.
    pub fn waiting_for(
        &self,
        practitioner: PractitionerId,
    ) -> impl Iterator<Item = WaitingView<'_>> {
        let mut seen: Vec<&Visit> = self
            .practitioners
            .card(practitioner)
            .into_iter()
            .flat_map(|card| {
                let visits = card.waiting_rooms().flat_map(|it| self.waiting.of(it));
                visits
                    .filter_map(|(_, id)| self.visits.get(&id))
                    .filter(|visit| card.may_see(visit))
            })
            .collect();
        seen.sort_by_key(|visit| visit.rank);
        (1..).zip(seen).map(|(place, visit)| WaitingView {
            place,
            visit,
            connected: self.is_there(visit),
            ready: visit.gates.ready(),
        })
    }

    /// Those whom a practitioner may see who were called and are awaited, or did not come and can be called back: the
    /// awaited first, then the latest; at most [`MISSED`].
    #[must_use]
    pub fn missed_by(&self, practitioner: PractitionerId) -> Vec<&Visit> {
        let Some(card) = self.practitioners.card(practitioner) else {
            return Vec::new();
        };
        let missed = card.waiting_rooms().flat_map(|it| self.absentees.of(it));
        let mut missed: Vec<_> = missed
            .filter_map(|(since, id)| Some((since, self.visits.get(&id)?)))
            .filter(|(_, visit)| card.may_see(visit))
            .collect();
        missed.sort_by_key(|(since, visit)| std::cmp::Reverse((*since, visit.id)));
        missed.truncate(MISSED);
        missed.into_iter().map(|(_, visit)| visit).collect()
    }

    /// Every visit that is not forgotten, by id.
    pub fn visits(&self) -> impl Iterator<Item = &Visit> {
        self.visits.values()
    }

    /// A visit that is not forgotten.
    #[must_use]
    pub fn visit(&self, visit: VisitId) -> Option<VisitView<'_>> {
        let visit = self.visits.get(&visit)?;
        Some(VisitView {
            visit,
            place: self.place_of(visit),
            connected: self.is_there(visit),
        })
    }

    /// A patient's latest visit, ended or not, of those to which they came.
    #[must_use]
    pub fn visit_of(&self, patient: PatientId) -> Option<VisitView<'_>> {
        self.visit(*self.latest.get(&patient)?)
    }

    /// The visits to which a patient has not come yet.
    pub fn expected_of(&self, patient: PatientId) -> impl Iterator<Item = &Visit> {
        let none = VisitId::from_bytes([0; 16]);
        let last = VisitId::from_bytes([0xff; 16]);
        let ids = self.expected.range((patient, none)..=(patient, last));
        ids.filter_map(|(_, visit)| self.visits.get(visit))
    }

    /// Nobody practises any more what a visit waits for: it keeps its place, and is seen once somebody does.
    #[must_use]
    pub fn waits_for_nobody(&self, visit: &Visit) -> bool {
        let waits = matches!(
            visit.state,
            VisitState::Waiting | VisitState::Admitted { .. }
        );
        waits
            && match visit.waiting_room {
                WaitingRoom::Service(service) => !self.practitioners.practise(service),
                WaitingRoom::Practitioner(_) => false,
            }
    }

    /// The place of a visit in its waiting room, from 1, while it waits.
    #[must_use]
    pub fn place(&self, visit: VisitId) -> Option<u32> {
        self.place_of(self.visits.get(&visit)?)
    }

    /// Consultations under way, on hold or not.
    pub fn consultations(&self) -> impl Iterator<Item = &Consultation> {
        self.consultations.values()
    }

    /// A consultation under way, on hold or not.
    #[must_use]
    pub fn consultation(&self, consultation: ConsultationId) -> Option<&Consultation> {
        self.consultations.get(&consultation)
    }

    /// The consultation that a practitioner is in.
    #[must_use]
    pub fn consultation_of(&self, practitioner: PractitionerId) -> Option<&Consultation> {
        self.consultation(self.practitioners.consultation(practitioner)?)
    }

    /// What a practitioner has on hold.
    pub fn held_by(&self, practitioner: PractitionerId) -> impl Iterator<Item = &Consultation> {
        self.practitioners
            .held(practitioner)
            .filter_map(|id| self.consultation(id))
    }

    /// A practitioner's last consultation, ended, while they are in no other and its visit is remembered.
    #[must_use]
    pub fn ended_of(&self, practitioner: PractitionerId) -> Option<&Consultation> {
        self.practitioners.last(practitioner)
    }

    /// Practitioners who have a socket open.
    pub fn practitioners(&self) -> impl Iterator<Item = PractitionerId> {
        self.practitioners.connected()
    }

    /// A practitioner has a socket open.
    #[must_use]
    pub fn is_practitioner_connected(&self, practitioner: PractitionerId) -> bool {
        self.practitioners.is_connected(practitioner)
    }

    /// Whose legs to keep warm, one call for each practitioner: of the visits that are first in a waiting room and whose
    /// patient is there, with the only practitioner who is free for it. With several free, whoever admits connects then.
    pub fn warm(&self) -> impl Iterator<Item = Warm> {
        self.warm.chosen()
    }

    /// The patients whose snapshot changed, each once, including some who are not connected.
    #[must_use]
    pub fn changed_patients(&self, changed: &Changed) -> BTreeSet<PatientId> {
        let moved = changed
            .places_from
            .iter()
            .flat_map(|(waiting_room, rank)| self.waiting.from(*waiting_room, *rank));
        let moved = moved
            .filter_map(|visit| self.visits.get(&visit))
            .map(|visit| visit.patient);
        changed.patients.iter().copied().chain(moved).collect()
    }

    /// The companions whose snapshot changed, each once, including some who are not connected.
    #[must_use]
    pub fn changed_companions(&self, changed: &Changed) -> BTreeSet<ParticipantId> {
        let patients = self.changed_patients(changed).into_iter();
        let visits = patients.filter_map(|patient| self.visit_of(patient));
        let with_them = visits.flat_map(|view| view.visit.companions.people());
        changed
            .companions
            .iter()
            .copied()
            .chain(with_them)
            .collect()
    }

    /// The invitations to a visit, the first first.
    pub fn companions_of<'a>(
        &'a self,
        visit: &'a Visit,
    ) -> impl Iterator<Item = CompanionView<'a>> {
        visit.companions.invitations().iter().map(|invitation| {
            let seat = invitation.companion();
            let seat = seat.and_then(|who| visit.companions.seat(who));
            CompanionView {
                invitation,
                connected: seat.is_some_and(|seat| self.is_companion_there(&seat)),
            }
        })
    }

    /// The companions who take part in a consultation under way, those who are away for a moment among them.
    pub fn companions_in(&self, consultation: &Consultation) -> impl Iterator<Item = Seat<'_>> {
        let visit = self.visits.get(&consultation.visit);
        let theirs = visit.filter(|visit| visit.state.consultation() == Some(consultation.id));
        theirs
            .into_iter()
            .flat_map(|visit| visit.companions.taking_part())
    }

    /// The visit to which somebody comes as a companion.
    #[must_use]
    pub fn accompanied_by(&self, companion: ParticipantId) -> Option<VisitView<'_>> {
        let (visit, _) = self.seat_of(companion)?;
        self.visit(visit)
    }

    /// The practitioners whose snapshot changed, each once, including some who are not connected.
    #[must_use]
    pub fn changed_practitioners(&self, changed: &Changed) -> BTreeSet<PractitionerId> {
        let watches = |who: &PractitionerId| {
            let mut seen = self.practitioners.waiting_rooms(*who);
            seen.any(|it| changed.waiting_rooms.contains(&it))
        };
        let watching = self
            .practitioners()
            .filter(|who| !changed.waiting_rooms.is_empty() && watches(who));
        changed
            .practitioners
            .iter()
            .copied()
            .chain(watching)
            .collect()
    }

    pub(crate) fn is_there(&self, visit: &Visit) -> bool {
        visit.state.is_active()
            && visit.state != VisitState::Expected
            && !self.absences.contains(Absent::Patient(visit.id))
    }

    fn place_of(&self, visit: &Visit) -> Option<u32> {
        let waits = visit.state == VisitState::Waiting;
        waits
            .then(|| self.waiting.place(visit.waiting_room, visit.rank))
            .flatten()
    }
}
