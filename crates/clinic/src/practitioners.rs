//! Who works here, who is there, and with whom.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vestibule_vocab::{ConsultationId, PatientId, PractitionerId, ServiceId, Timestamp, VisitId};

use crate::limits::{PRACTITIONERS, REGISTERED};
use crate::{Consultation, Duty, Practitioner, Refusal, WaitingRoom};

/// One practitioner, as far as the clinic knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Known {
    /// Shared with the row that is stored of it.
    card: Option<Arc<Practitioner>>,
    connected: bool,
    consultation: Option<ConsultationId>,
    held: BTreeSet<ConsultationId>,
    /// Consultations that have ended, in the order of their ends, as long as their visits are remembered.
    ended: BTreeMap<u64, Consultation>,
}

impl Known {
    fn is_free(&self) -> bool {
        let on_duty = self.card.as_ref().is_some_and(|card| card.duty == Duty::On);
        self.connected && on_duty && self.consultation.is_none()
    }

    /// The waiting rooms that they see.
    fn waiting_rooms(&self) -> impl Iterator<Item = WaitingRoom> + '_ {
        let card = self.card.as_deref().into_iter();
        card.flat_map(Practitioner::waiting_rooms)
    }

    /// Takes up one of the places that there are. Whoever holds a consultation keeps it: it ends, and is remembered then.
    fn is_there(&self) -> bool {
        self.connected
            || self.consultation.is_some()
            || !self.held.is_empty()
            || !self.ended.is_empty()
    }

    /// The one that ended last, while they are in no other.
    fn last(&self) -> Option<&Consultation> {
        let (_, last) = self.ended.last_key_value()?;
        self.consultation.is_none().then_some(last)
    }
}

/// Every practitioner who is registered, connected, in a consultation, or whose consultations are remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Practitioners {
    known: BTreeMap<PractitionerId, Known>,
    /// Who practises each service.
    practising: BTreeSet<(ServiceId, PractitionerId)>,
    /// For each waiting room those who are there, on duty and in no consultation, so that nobody is searched for.
    free: BTreeSet<(WaitingRoom, PractitionerId)>,
    /// The ended consultations of each visit, by practitioner and number of the end.
    ended: BTreeMap<VisitId, BTreeSet<(PractitionerId, u64)>>,
    /// By when they last worked, so that a clock that stepped back is noticed without looking at all.
    worked: BTreeSet<(Timestamp, PractitionerId)>,
}

impl Practitioners {
    pub(crate) fn card(&self, who: PractitionerId) -> Option<&Practitioner> {
        self.known.get(&who)?.card.as_deref()
    }

    pub(crate) fn cards(&self) -> impl Iterator<Item = &Practitioner> {
        self.known.values().filter_map(|one| one.card.as_deref())
    }

    /// Whether one more may be registered.
    pub(crate) fn registers_one_more(&self, who: PractitionerId) -> Result<(), Refusal> {
        if self.card(who).is_some() || self.cards().count() < REGISTERED {
            return Ok(());
        }
        Err(Refusal::TooMany)
    }

    pub(crate) fn set(&mut self, card: impl Into<Arc<Practitioner>>) {
        let card = card.into();
        let (who, seen) = (card.id, card.workday.seen());
        if let Some(before) = self.card(who) {
            self.worked.remove(&(before.workday.seen(), who));
        }
        self.worked.insert((seen, who));
        let before = self.card(who).map(|before| before.services.clone());
        for service in before.unwrap_or_default() {
            self.practising.remove(&(service, who));
        }
        let now = card.services.iter().map(|service| (*service, who));
        self.practising.extend(now);
        // Where they are free follows from the card.
        self.free_in(who, false);
        self.known.entry(who).or_default().card = Some(card);
        let free = self.known.get(&who).is_some_and(Known::is_free);
        self.free_in(who, free);
    }

    /// Somebody practises a service, on duty or not.
    pub(crate) fn practise(&self, service: ServiceId) -> bool {
        self.practising_it(service).next().is_some()
    }

    fn practising_it(&self, service: ServiceId) -> impl Iterator<Item = PractitionerId> + '_ {
        let first = PractitionerId::from_bytes([0; 16]);
        let last = PractitionerId::from_bytes([0xff; 16]);
        let practising = self.practising.range((service, first)..=(service, last));
        practising.map(|(_, who)| *who)
    }

    /// Those who are registered and see a waiting room.
    pub(crate) fn seeing(
        &self,
        waiting_room: WaitingRoom,
    ) -> impl Iterator<Item = PractitionerId> + '_ {
        let (own, service) = match waiting_room {
            WaitingRoom::Practitioner(who) => (self.card(who).map(|card| card.id), None),
            WaitingRoom::Service(service) => (None, Some(service)),
        };
        let practising = service.into_iter().flat_map(|it| self.practising_it(it));
        own.into_iter().chain(practising)
    }

    /// What a practitioner has done changes; nothing else of them does.
    pub(crate) fn work(
        &mut self,
        who: PractitionerId,
        work: impl FnOnce(&mut Practitioner),
    ) -> Option<&Arc<Practitioner>> {
        let card = self.known.get_mut(&who)?.card.as_mut()?;
        self.worked.remove(&(card.workday.seen(), who));
        work(Arc::make_mut(card));
        self.worked.insert((card.workday.seen(), who));
        Some(card)
    }

    /// Those who last worked later than `now`, because the clock has stepped back.
    pub(crate) fn worked_after(&self, now: Timestamp) -> Vec<PractitionerId> {
        let ahead = self.worked.iter().rev();
        let ahead = ahead.take_while(|(seen, _)| *seen > now);
        ahead.map(|(_, who)| *who).collect()
    }

    /// Whether one more may be there.
    pub(crate) fn admits_one_more(&self, who: PractitionerId) -> Result<(), Refusal> {
        let is_there = |one: &&Known| one.is_there();
        let known = self.known.get(&who).is_some_and(Known::is_there);
        if known || self.known.values().filter(is_there).count() < PRACTITIONERS {
            return Ok(());
        }
        Err(Refusal::LimitReached)
    }

    pub(crate) fn connect(&mut self, who: PractitionerId) {
        self.change(who, |one| one.connected = true);
    }

    pub(crate) fn disconnect(&mut self, who: PractitionerId) {
        self.change(who, |one| one.connected = false);
    }

    /// A consultation begins, or goes on.
    pub(crate) fn engage(&mut self, who: PractitionerId, consultation: ConsultationId) {
        self.change(who, |one| {
            one.held.remove(&consultation);
            one.consultation = Some(consultation);
        });
    }

    /// The practitioner's consultation goes on later.
    pub(crate) fn hold(&mut self, who: PractitionerId, consultation: ConsultationId) {
        self.change(who, |one| {
            one.held.insert(consultation);
            one.consultation = one.consultation.filter(|active| *active != consultation);
        });
    }

    /// A practitioner's consultation has ended, on hold or not.
    pub(crate) fn release(&mut self, ended: Consultation) {
        let (who, number) = (ended.practitioner, ended.ended.map_or(0, |it| it.number));
        let of_visit = self.ended.entry(ended.visit).or_default();
        of_visit.insert((who, number));
        self.change(who, |one| {
            one.held.remove(&ended.id);
            one.consultation = one.consultation.filter(|active| *active != ended.id);
            one.ended.insert(number, ended);
        });
    }

    /// Forgets what is left of a visit.
    pub(crate) fn forget(&mut self, visit: VisitId) {
        for (who, number) in self.ended.remove(&visit).unwrap_or_default() {
            self.change(who, |one| _ = one.ended.remove(&number));
        }
    }

    /// Those who are shown a consultation of this visit as their last.
    pub(crate) fn showing(&self, visit: VisitId) -> impl Iterator<Item = PractitionerId> {
        let of_visit = self.ended.get(&visit).into_iter().flatten();
        of_visit
            .filter(move |(who, _)| self.last(*who).is_some_and(|last| last.visit == visit))
            .map(|(who, _)| *who)
    }

    /// Those who are shown a consultation with this patient as their last.
    pub(crate) fn showing_any_of(
        &self,
        patient: PatientId,
    ) -> impl Iterator<Item = PractitionerId> + '_ {
        let shows = move |one: &Known| one.last().is_some_and(|last| last.patient == patient);
        let showing = self.known.iter().filter(move |(_, one)| shows(one));
        showing.map(|(who, _)| *who)
    }

    pub(crate) fn is_connected(&self, who: PractitionerId) -> bool {
        self.known.get(&who).is_some_and(|one| one.connected)
    }

    pub(crate) fn consultation(&self, who: PractitionerId) -> Option<ConsultationId> {
        self.known.get(&who)?.consultation
    }

    /// What they have on hold.
    pub(crate) fn held(&self, who: PractitionerId) -> impl Iterator<Item = ConsultationId> + '_ {
        self.known
            .get(&who)
            .into_iter()
            .flat_map(|one| one.held.iter().copied())
    }

    pub(crate) fn last(&self, who: PractitionerId) -> Option<&Consultation> {
        self.known.get(&who)?.last()
    }

    /// Their consultations that have ended and are remembered, the last first.
    pub(crate) fn ended_by(&self, who: PractitionerId) -> impl Iterator<Item = &Consultation> {
        let known = self.known.get(&who).into_iter();
        known.flat_map(|one| one.ended.values().rev())
    }

    /// Every consultation that has ended and is remembered.
    pub(crate) fn all_ended(&self) -> impl Iterator<Item = &Consultation> {
        self.known.values().flat_map(|one| one.ended.values())
    }

    pub(crate) fn connected(&self) -> impl Iterator<Item = PractitionerId> {
        self.known
            .iter()
            .filter(|(_, one)| one.connected)
            .map(|(&who, _)| who)
    }

    /// The waiting rooms that somebody sees.
    pub(crate) fn waiting_rooms(
        &self,
        who: PractitionerId,
    ) -> impl Iterator<Item = WaitingRoom> + '_ {
        let known = self.known.get(&who).into_iter();
        known.flat_map(Known::waiting_rooms)
    }

    /// The one practitioner who is free for a waiting room, when there is exactly one.
    pub(crate) fn only_free(&self, waiting_room: WaitingRoom) -> Option<PractitionerId> {
        let first = PractitionerId::from_bytes([0; 16]);
        let last = PractitionerId::from_bytes([0xff; 16]);
        let free = (waiting_room, first)..=(waiting_room, last);
        let mut free = self.free.range(free);
        match (free.next(), free.next()) {
            (Some((_, who)), None) => Some(*who),
            (Some(_), Some(_)) | (None, _) => None,
        }
    }

    /// Changes anything but the card.
    fn change(&mut self, who: PractitionerId, change: impl FnOnce(&mut Known)) {
        let one = self.known.entry(who).or_default();
        let before = one.is_free();
        change(one);
        let after = one.is_free();
        if before != after {
            self.free_in(who, after);
        } else if *one == Known::default() {
            self.known.remove(&who);
        }
    }

    /// They are free for their waiting rooms, or for none.
    fn free_in(&mut self, who: PractitionerId, free: bool) {
        let known = self.known.get(&who).into_iter();
        for waiting_room in known.flat_map(Known::waiting_rooms) {
            if free {
                self.free.insert((waiting_room, who));
            } else {
                self.free.remove(&(waiting_room, who));
            }
        }
    }
}
