//! Who works, and with whom.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_vocab::{ConsultationId, PractitionerId, VisitId};

use crate::limits::PRACTITIONERS;
use crate::{Consultation, Refusal};

/// One practitioner, as far as the clinic knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Practitioner {
    connected: bool,
    consultation: Option<ConsultationId>,
    last: Option<Consultation>,
}

/// Every practitioner who is connected, in a consultation, or whose last consultation is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Practitioners {
    known: BTreeMap<PractitionerId, Practitioner>,
    /// Those who are connected and in no consultation, so that nobody is searched for.
    free: BTreeSet<PractitionerId>,
}

impl Practitioners {
    pub(crate) fn admits_one_more(&self, who: PractitionerId) -> Result<(), Refusal> {
        if self.known.len() < PRACTITIONERS || self.known.contains_key(&who) {
            return Ok(());
        }
        Err(Refusal::LimitReached)
    }

    pub(crate) fn connect(&mut self, who: PractitionerId) {
        self.change(who, |practitioner| practitioner.connected = true);
    }

    pub(crate) fn disconnect(&mut self, who: PractitionerId) {
        self.change(who, |practitioner| practitioner.connected = false);
    }

    /// A consultation begins; the one before is not shown any more.
    pub(crate) fn engage(&mut self, who: PractitionerId, consultation: ConsultationId) {
        self.change(who, |practitioner| {
            practitioner.consultation = Some(consultation);
            practitioner.last = None;
        });
    }

    /// The practitioner's consultation has ended.
    pub(crate) fn release(&mut self, ended: Consultation) {
        self.change(ended.practitioner, |practitioner| {
            practitioner.consultation = None;
            practitioner.last = Some(ended);
        });
    }

    /// Forgets what is left of a visit.
    pub(crate) fn forget(&mut self, visit: VisitId) {
        let shown: Vec<_> = self.showing(visit).collect();
        for who in shown {
            self.change(who, |practitioner| practitioner.last = None);
        }
    }

    /// Those who are shown a consultation of this visit as their last.
    pub(crate) fn showing(&self, visit: VisitId) -> impl Iterator<Item = PractitionerId> {
        let shows = move |practitioner: &Practitioner| {
            practitioner
                .last
                .as_ref()
                .is_some_and(|last| last.visit == visit)
        };
        self.known
            .iter()
            .filter(move |(_, one)| shows(one))
            .map(|(&who, _)| who)
    }

    pub(crate) fn is_connected(&self, who: PractitionerId) -> bool {
        self.known.get(&who).is_some_and(|one| one.connected)
    }

    pub(crate) fn consultation(&self, who: PractitionerId) -> Option<ConsultationId> {
        self.known.get(&who)?.consultation
    }

    pub(crate) fn last(&self, who: PractitionerId) -> Option<&Consultation> {
        self.known.get(&who)?.last.as_ref()
    }

    pub(crate) fn all_last(&self) -> impl Iterator<Item = &Consultation> {
        self.known.values().filter_map(|one| one.last.as_ref())
    }

    pub(crate) fn connected(&self) -> impl Iterator<Item = PractitionerId> {
        self.known
            .iter()
            .filter(|(_, one)| one.connected)
            .map(|(&who, _)| who)
    }

    /// The one practitioner who is free, when there is exactly one.
    pub(crate) fn only_free(&self) -> Option<PractitionerId> {
        let mut free = self.free.iter();
        match (free.next(), free.next()) {
            (Some(&who), None) => Some(who),
            (Some(_), Some(_)) | (None, _) => None,
        }
    }

    fn change(&mut self, who: PractitionerId, change: impl FnOnce(&mut Practitioner)) {
        let practitioner = self.known.entry(who).or_default();
        change(practitioner);
        if practitioner.connected && practitioner.consultation.is_none() {
            self.free.insert(who);
        } else {
            self.free.remove(&who);
        }
        if *practitioner == Practitioner::default() {
            self.known.remove(&who);
        }
    }
}
