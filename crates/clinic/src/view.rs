//! What may be read of a clinic, to make snapshots from.

use std::collections::BTreeSet;

use vestibule_vocab::{ConsultationId, PatientId, PractitionerId, VisitId};

use crate::absence::Absent;
use crate::{Changed, Clinic, Consultation, Visit};

/// A visit with what is not stored of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisitView<'a> {
    /// The visit.
    pub visit: &'a Visit,
    /// Its place, from 1, while it waits.
    pub place: Option<u32>,
    /// The patient has a socket open. Always false once the visit has ended.
    pub connected: bool,
}

/// One line of the waiting room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingView<'a> {
    /// From 1, without gaps.
    pub place: u32,
    /// Whose place it is.
    pub visit: &'a Visit,
    /// The patient has a socket open.
    pub connected: bool,
}

/// Who is to connect to a call before admission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warm {
    /// The visit at place 1, connected: the call belongs to it.
    pub visit: VisitId,
    /// Its patient.
    pub patient: PatientId,
    /// The only practitioner who is connected and free.
    pub practitioner: PractitionerId,
}

impl Clinic {
    /// The waiting room, in order.
    pub fn waiting(&self) -> impl Iterator<Item = WaitingView<'_>> {
        self.waiting.iter().filter_map(|(place, id)| {
            let visit = self.visits.get(&id)?;
            Some(WaitingView {
                place,
                visit,
                connected: self.is_there(visit),
            })
        })
    }

    /// A visit that is not forgotten.
    #[must_use]
    pub fn visit(&self, visit: VisitId) -> Option<VisitView<'_>> {
        let visit = self.visits.get(&visit)?;
        let place = self.waiting.place(visit.arrival);
        Some(VisitView {
            visit,
            place,
            connected: self.is_there(visit),
        })
    }

    /// A patient's latest visit, ended or not.
    #[must_use]
    pub fn visit_of(&self, patient: PatientId) -> Option<VisitView<'_>> {
        self.visit(*self.latest.get(&patient)?)
    }

    /// The place of a visit, from 1, while it waits.
    #[must_use]
    pub fn place(&self, visit: VisitId) -> Option<u32> {
        self.waiting.place(self.visits.get(&visit)?.arrival)
    }

    /// Consultations under way.
    pub fn consultations(&self) -> impl Iterator<Item = &Consultation> {
        self.consultations.values()
    }

    /// A consultation under way.
    #[must_use]
    pub fn consultation(&self, consultation: ConsultationId) -> Option<&Consultation> {
        self.consultations.get(&consultation)
    }

    /// The consultation that a practitioner is in.
    #[must_use]
    pub fn consultation_of(&self, practitioner: PractitionerId) -> Option<&Consultation> {
        self.consultation(self.practitioners.consultation(practitioner)?)
    }

    /// A practitioner's last consultation, ended, until another begins or its visit is forgotten.
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

    /// Whose legs to keep warm: the head of the waiting room when connected, with the only
    /// practitioner who is connected and free. With several free, whoever admits connects then.
    #[must_use]
    pub fn warm(&self) -> Option<Warm> {
        let head = self.visits.get(&self.waiting.head()?)?;
        let practitioner = self.practitioners.only_free()?;
        let warm = Warm {
            visit: head.id,
            patient: head.patient,
            practitioner,
        };
        self.is_there(head).then_some(warm)
    }

    /// The patients whose snapshot changed, each once, including some who are not connected.
    #[must_use]
    pub fn changed_patients(&self, changed: &Changed) -> BTreeSet<PatientId> {
        let moved = changed
            .places_from
            .into_iter()
            .flat_map(|arrival| self.waiting.from(arrival));
        let moved = moved
            .filter_map(|visit| self.visits.get(&visit))
            .map(|visit| visit.patient);
        changed.patients.iter().copied().chain(moved).collect()
    }

    /// The practitioners whose snapshot changed, each once, including some who are not connected.
    #[must_use]
    pub fn changed_practitioners(&self, changed: &Changed) -> BTreeSet<PractitionerId> {
        let watching = changed.waiting_room.then(|| self.practitioners());
        changed
            .practitioners
            .iter()
            .copied()
            .chain(watching.into_iter().flatten())
            .collect()
    }

    fn is_there(&self, visit: &Visit) -> bool {
        visit.state.is_active() && !self.absences.contains(Absent::Patient(visit.id))
    }
}
