//! The delivery service.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_vocab::{ConsultationId, InstanceId, ParticipantId, Role};

use crate::consultation::Consultation;
use crate::group::Moment;
use crate::limits::{CONSULTATIONS, PARTICIPANTS};
use crate::log::Written;
use crate::pages::Pages;
use crate::{Accepted, Acknowledged, Caller, ClaimedKeyPackage, Group, LogEntry, Page, Refusal};

/// Carries the MLS messages of one clinic's consultations.
///
/// Participants are in rosters ([`Self::open`]); their pages come and go ([`Self::attach`]). A
/// request is made by a participant's present page; a page that was replaced is refused. What a
/// method refuses changed nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    pub(crate) consultations: BTreeMap<ConsultationId, Consultation>,
    pages: Pages,
}

impl Delivery {
    /// Nobody is there.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A consultation begins. Naming one that is open replaces its roster and keeps its log.
    pub fn open(
        &mut self,
        consultation: ConsultationId,
        roster: &[(ParticipantId, Role)],
    ) -> Result<(), Refusal> {
        if let Some(open) = self.consultations.get_mut(&consultation) {
            let before: Vec<_> = open.participants().collect();
            open.replace_roster(roster)?;
            for participant in before {
                self.forget_if_not_needed(participant);
            }
            return Ok(());
        }
        if self.consultations.len() >= CONSULTATIONS {
            return Err(Refusal::LimitReached);
        }
        self.consultations
            .insert(consultation, Consultation::new(consultation, roster)?);
        Ok(())
    }

    /// A consultation is over: its log is dropped here, and can be deleted from the store.
    pub fn close(&mut self, consultation: ConsultationId) {
        let Some(closed) = self.consultations.remove(&consultation) else {
            return;
        };
        for participant in closed.participants() {
            self.forget_if_not_needed(participant);
        }
    }

    /// A participant's page has a socket open. Another page than before replaces that one and its
    /// key packages.
    pub fn attach(&mut self, page: Caller) -> Result<(), Refusal> {
        self.pages.attach(page)
    }

    /// A page has no socket open any more. It is remembered, with its key packages, while its
    /// participant is in a consultation. A page that was replaced already changes nothing.
    pub fn detach(&mut self, page: Caller) {
        if self.pages.detach(page) {
            self.forget_if_not_needed(page.participant);
        }
    }

    /// Replaces a page's key packages. They are not stored: a page publishes them at every welcome.
    pub fn publish_key_packages(
        &mut self,
        from: Caller,
        packages: Vec<Vec<u8>>,
    ) -> Result<(), Refusal> {
        self.pages.publish(from, packages)
    }

    /// Takes one key package of each of these pages, or of none of them. Practitioners only.
    pub fn claim_key_packages(
        &mut self,
        from: Caller,
        consultation: ConsultationId,
        wanted: &[InstanceId],
    ) -> Result<Vec<ClaimedKeyPackage>, Refusal> {
        let consultation = self.joined(from, consultation)?;
        must_be_practitioner(consultation, from)?;
        if wanted.len() > PARTICIPANTS {
            return Err(Refusal::LimitReached);
        }
        let wanted: BTreeSet<_> = wanted.iter().copied().collect();
        let published: Vec<_> = consultation
            .participants()
            .filter_map(|participant| Some((participant, self.pages.get(participant)?)))
            .filter(|(_, page)| page.key_package && wanted.contains(&page.instance))
            .collect();
        if published.len() != wanted.len() {
            return Err(Refusal::NoKeyPackage);
        }
        Ok(published
            .into_iter()
            .filter_map(|(participant, page)| self.take(participant, page))
            .collect())
    }

    /// Moves the group to its next epoch, or begins a new one. Committer only.
    pub fn commit(
        &mut self,
        from: Caller,
        consultation: ConsultationId,
        commit: Vec<u8>,
        welcome: Option<Vec<u8>>,
    ) -> Result<Accepted, Refusal> {
        let joined = self.joined_mut(from, consultation)?;
        must_be_practitioner(joined, from)?;
        let written = joined.commit(from.instance, commit, welcome)?;
        Ok(self.accepted(from, consultation, written, true))
    }

    /// Sends an application message of the present epoch to the group.
    pub fn send(
        &mut self,
        from: Caller,
        consultation: ConsultationId,
        message: Vec<u8>,
    ) -> Result<Accepted, Refusal> {
        let written = self
            .joined_mut(from, consultation)?
            .send(from.instance, message)?;
        Ok(self.accepted(from, consultation, written, false))
    }

    /// Passes on that a page has taken up an epoch. That of an epoch which is over is good manners,
    /// and interests nobody any more.
    pub fn acknowledge(
        &self,
        from: Caller,
        consultation: ConsultationId,
        generation: u32,
        epoch: u64,
    ) -> Result<Acknowledged, Refusal> {
        let group = self.joined(from, consultation)?.group();
        match (Moment { generation, epoch }).must_be_now(group) {
            Ok(()) => Ok(Acknowledged {
                recipients: self.others(from, consultation),
            }),
            Err(Refusal::StaleEpoch) => Ok(Acknowledged {
                recipients: Vec::new(),
            }),
            Err(refusal) => Err(refusal),
        }
    }

    /// The log after an entry. 0 asks for all that is there, which always reaches back to the
    /// present generation's first commit; after another entry nothing may be missing.
    pub fn sync(
        &self,
        from: Caller,
        consultation: ConsultationId,
        after: u64,
    ) -> Result<Vec<LogEntry>, Refusal> {
        self.joined(from, consultation)?.after(after)
    }

    /// Whether a consultation is under way, as far as is known here.
    #[must_use]
    pub fn is_open(&self, consultation: ConsultationId) -> bool {
        self.consultations.contains_key(&consultation)
    }

    /// The group in force, once a practitioner has begun one.
    #[must_use]
    pub fn group(&self, consultation: ConsultationId) -> Option<Group> {
        self.consultations.get(&consultation)?.group()
    }

    /// A participant's page, present or last.
    #[must_use]
    pub fn page(&self, participant: ParticipantId) -> Option<Page> {
        self.pages.get(participant)
    }

    /// To a page outside of it, a consultation does not exist.
    fn joined(&self, from: Caller, consultation: ConsultationId) -> Result<&Consultation, Refusal> {
        let consultation = self.consultations.get(&consultation);
        let joined = consultation.filter(|joined| joined.role(from.participant).is_some());
        joined
            .filter(|_| self.pages.is_present(from))
            .ok_or(Refusal::NotInConsultation)
    }

    fn joined_mut(
        &mut self,
        from: Caller,
        consultation: ConsultationId,
    ) -> Result<&mut Consultation, Refusal> {
        self.joined(from, consultation)?;
        self.consultations
            .get_mut(&consultation)
            .ok_or(Refusal::NotInConsultation)
    }

    fn accepted(
        &self,
        from: Caller,
        consultation: ConsultationId,
        written: Written,
        group_changed: bool,
    ) -> Accepted {
        Accepted {
            sequence: written.entries.first().map_or(0, |entry| entry.sequence),
            entries: written.entries,
            dropped: written.dropped,
            recipients: self.others(from, consultation),
            group_changed,
        }
    }

    fn others(&self, from: Caller, consultation: ConsultationId) -> Vec<Caller> {
        let consultation = self.consultations.get(&consultation);
        let participants = consultation
            .into_iter()
            .flat_map(Consultation::participants);
        let others = participants.filter(|&participant| participant != from.participant);
        others
            .filter_map(|participant| self.pages.attached(participant))
            .collect()
    }

    fn take(&mut self, participant: ParticipantId, page: Page) -> Option<ClaimedKeyPackage> {
        let package = self.pages.take(participant)?;
        Some(ClaimedKeyPackage {
            instance: page.instance,
            package,
        })
    }

    fn forget_if_not_needed(&mut self, participant: ParticipantId) {
        let is_in = |one: &Consultation| one.role(participant).is_some();
        if !self.consultations.values().any(is_in) {
            self.pages.remove_if_away(participant);
        }
    }
}

fn must_be_practitioner(consultation: &Consultation, from: Caller) -> Result<(), Refusal> {
    match consultation.role(from.participant) {
        Some(Role::Practitioner) => Ok(()),
        Some(Role::Patient | Role::Companion) | None => Err(Refusal::NotCommitter),
    }
}
