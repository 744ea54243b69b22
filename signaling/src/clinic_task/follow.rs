//! What other servers on the same store did, taken up here and shown to the people who are here.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_clinic::{Clinic, Input, Visit, VisitState};
use vestibule_delivery::{Caller, LogEntry, StoredConsultation};
use vestibule_protocol::limits as wire_limits;
use vestibule_protocol::server::{ClosingReason, ServerMessage};
use vestibule_vocab::{ConsultationId, ParticipantId, PatientId, PractitionerId, Role, VisitId};

use super::batch::Batch;
use super::catalogue::Catalogue;
use super::desk::{Desk, roster};
use super::doors::Doors;
use super::restore::RestoreFailed;
use super::translate;
use crate::identity::Subject;
use crate::random;
use crate::store::{Attendance, Delta, Loaded, News, NodeId, StoreError, Write};

impl Desk {
    /// Takes up what others wrote.
    ///
    /// # Errors
    /// When the rows contradict one another.
    pub(super) async fn catch_up(
        &mut self,
        news: News,
        batch: &mut Batch,
    ) -> Result<(), RestoreFailed> {
        self.steps.seen(self.around.clock.look().1);
        match news {
            News::Nothing => return Ok(()),
            News::Rows(delta) => self.take_up(*delta, batch)?,
            News::Everything(loaded) => {
                self.take_up_all(*loaded, batch)?;
                self.hear_again().await?;
            }
        }
        // Without randomness two servers do the same at the same moment, which costs a turn.
        self.duty.another_ones(random::bits().unwrap_or_default());
        Ok(())
    }

    fn take_up(&mut self, delta: Delta, batch: &mut Batch) -> Result<(), RestoreFailed> {
        let mut consultations = BTreeSet::new();
        for consultation in &delta.missed.rows.consultations {
            if let Some(ids) = delta.calls.get(&consultation.id) {
                self.calls.resume(consultation, ids.clone());
            }
            consultations.insert(consultation.id);
            batch.seen_by.insert(consultation.patient.into());
            batch.seen_by.insert(consultation.practitioner.into());
            if consultation.ended.is_some() {
                self.past.ended(consultation);
            }
        }
        let changed: Vec<_> = delta.missed.rows.visits.iter().map(|it| it.id).collect();
        batch.forgotten.extend(&delta.missed.forgotten);
        let now = self.around.clock.now();
        // Whoever is called is away, and comes back by a decision.
        let called = |visit: &&Visit| matches!(visit.state, VisitState::Admitted { .. });
        let visits = delta.missed.rows.visits.iter();
        let entered = visits.filter(|visit| !called(visit));
        let entered: Vec<PatientId> = entered.map(|visit| visit.patient).collect();
        batch.seen.merge(self.clinic.catch_up(now, delta.missed));
        self.close_what_is_over();
        self.take_up_logs(delta.logs, batch)?;
        self.take_up_rosters(&consultations, batch)?;
        for visit in changed {
            self.greet_company(visit, batch);
        }
        // Those who went first: there is a limit to how many are there at once.
        let (came, went): (Vec<_>, Vec<_>) = delta
            .people
            .into_iter()
            .partition(|(_, there)| there.is_some());
        for (participant, there) in went.into_iter().chain(came) {
            self.regard(participant, there, batch);
        }
        for patient in &entered {
            self.page_follows(*patient);
        }
        self.find_there(entered, batch);
        for writing in &delta.told {
            self.told.add(writing);
            batch.seen_by.insert(writing.practitioner.into());
        }
        self.version = delta.version;
        Ok(())
    }

    /// What patients told those who are here, anew.
    async fn hear_again(&mut self) -> Result<(), StoreError> {
        let store = self.around.store.clone();
        for practitioner in self.told.here() {
            let told = store.told(practitioner, wire_limits::FEEDBACK).await?;
            self.told.arrive(practitioner, told);
        }
        Ok(())
    }

    /// The whole clinic anew. Whoever is here stays, unless they were elsewhere in the meantime.
    fn take_up_all(&mut self, loaded: Loaded, batch: &mut Batch) -> Result<(), RestoreFailed> {
        let now = self.around.clock.now();
        for consultation in &loaded.state.consultations {
            if consultation.ended.is_some() {
                self.past.ended(consultation);
            }
        }
        self.clinic = Clinic::restore(self.around.policy, loaded.state, now)?;
        self.catalogue = Catalogue::of(&self.clinic);
        self.doors = Doors::of(&self.clinic, now);
        self.close_what_is_over();
        for consultation in self.clinic.consultations() {
            if let Some(ids) = loaded.calls.get(&consultation.id) {
                self.calls.resume(consultation, ids.clone());
            }
        }
        self.take_up_logs(loaded.log, batch)?;
        for participant in self.neighbours.everybody() {
            self.neighbours.depart(participant);
        }
        let noted: BTreeSet<_> = loaded.attendance.iter().map(|it| it.participant).collect();
        let connected = self.presences.connected().map(|(who, _)| who);
        let replaced: Vec<_> = connected.filter(|who| !noted.contains(who)).collect();
        for participant in replaced {
            self.moved_away(participant);
        }
        for attendance in loaded.attendance {
            self.regard(attendance.participant, Some(attendance), batch);
        }
        let here: Vec<Subject> = self.presences.connected().map(|(_, it)| it).collect();
        for subject in here {
            if let Subject::Patient { patient, .. } = subject {
                self.page_follows(patient);
            }
        }
        batch.seen_by.extend(self.presences.participants());
        self.version = loaded.version;
        Ok(())
    }

    fn close_what_is_over(&mut self) {
        for consultation in self.calls.consultations() {
            if self.clinic.consultation(consultation).is_none() {
                self.calls.end(consultation);
                self.delivery.close(consultation);
            }
        }
    }

    /// Every consultation under way has a log, be it empty.
    fn take_up_logs(
        &mut self,
        logs: impl IntoIterator<Item = (ConsultationId, Vec<LogEntry>)>,
        batch: &mut Batch,
    ) -> Result<(), RestoreFailed> {
        let mut logs: BTreeMap<_, _> = logs.into_iter().collect();
        for consultation in self.clinic.consultations() {
            let log = logs.remove(&consultation.id);
            if log.is_none() && self.delivery.is_open(consultation.id) {
                continue;
            }
            let entries = self.delivery.catch_up(StoredConsultation {
                consultation: consultation.id,
                roster: roster(&self.clinic, consultation),
                log: log.unwrap_or_default(),
            })?;
            pass_on(
                &self.people_in(consultation),
                consultation.id,
                &entries,
                batch,
            );
        }
        Ok(())
    }

    /// Whoever came along, or went, is in the roster from now on, or is not; a log that did not change brings none.
    fn take_up_rosters(
        &mut self,
        consultations: &BTreeSet<ConsultationId>,
        batch: &mut Batch,
    ) -> Result<(), RestoreFailed> {
        for consultation in consultations {
            let Some(consultation) = self.clinic.consultation(*consultation) else {
                continue;
            };
            let roster = roster(&self.clinic, consultation);
            let open = self.delivery.open(consultation.id, &roster);
            open.map_err(|_| vestibule_delivery::RestoreError::Consultations)?;
            batch.seen_by.extend(roster.into_iter().map(|(who, _)| who));
        }
        Ok(())
    }

    /// A companion opened their page before they accepted: that they are there was heard of before the seat was.
    fn greet_company(&mut self, visit: VisitId, batch: &mut Batch) {
        let view = self.clinic.visit(visit);
        let seats = view.into_iter().flat_map(|it| it.visit.companions.seated());
        let there = seats.map(|it| it.who).filter(|it| self.is_anywhere(*it));
        for companion in there.collect::<Vec<_>>() {
            self.suppose(Input::CompanionConnected { companion }, batch);
        }
    }

    fn is_anywhere(&self, who: ParticipantId) -> bool {
        let here = self.presences.get(who);
        here.is_some_and(|it| it.connected) || self.neighbours.has(who)
    }

    /// Somebody is at a server now, or at none.
    fn regard(&mut self, who: ParticipantId, there: Option<Attendance>, batch: &mut Batch) {
        let before = self.neighbours.depart(who);
        match there {
            Some(attendance) if attendance.node == self.around.store.node() => {
                // Whoever did not come back after this server began again is noted here still.
                if self.is_here(who) {
                    self.suppose(connected(attendance), batch);
                }
            }
            Some(attendance) => {
                self.moved_away(who);
                self.neighbours.arrive(attendance);
                self.suppose(connected(attendance), batch);
            }
            None => {
                // A page here was replaced by one elsewhere, which is closed again.
                let here = self.attendance_here(who);
                if here.is_some() {
                    self.moved_away(who);
                }
                if let Some(before) = before.or(here) {
                    self.suppose(disconnected(before), batch);
                }
            }
        }
        batch.seen_by.insert(who);
    }

    /// The clinic takes whoever entered to be away. Those are not who opened their page before, here or elsewhere: that they
    /// did was read before they entered.
    fn find_there(&mut self, entered: Vec<PatientId>, batch: &mut Batch) {
        for patient in entered {
            let who = patient.into();
            if self.is_here(who) || self.neighbours.has(who) {
                self.suppose(Input::PatientConnected { patient }, batch);
            }
        }
    }

    fn is_here(&self, who: ParticipantId) -> bool {
        self.presences.get(who).is_some_and(|it| it.connected)
    }

    /// Somebody's page here, as it would be noted.
    fn attendance_here(&self, who: ParticipantId) -> Option<Attendance> {
        let presence = self.presences.get(who).filter(|it| it.connected)?;
        Some(Attendance {
            participant: who,
            role: presence.subject.role(),
            node: self.around.store.node(),
        })
    }

    /// Whether somebody is connected is not stored by the clinic, and so nothing comes of it but another picture.
    fn suppose(&mut self, input: Input, batch: &mut Batch) {
        let outputs = self.clinic.handle(self.around.clock.now(), input);
        batch.seen.merge(outputs.changed);
    }

    /// Somebody opened a page at another server: the one here is closed, as a second page here would close it.
    fn moved_away(&mut self, who: ParticipantId) {
        let Some(presence) = self.presences.get(who).copied() else {
            return;
        };
        self.around.registry.dismiss(who, ClosingReason::Replaced);
        self.presences.depart(who);
        self.presences.forget(who);
        self.delivery.detach(Caller {
            participant: who,
            instance: presence.instance,
        });
    }

    /// Gets to know who is at other servers.
    pub(super) fn meet(&mut self, people: Vec<Attendance>) {
        for attendance in people {
            self.neighbours.arrive(attendance);
            self.suppose(connected(attendance), &mut Batch::default());
        }
    }

    /// People who are noted as being here and did not come back begin their grace.
    pub(super) fn missing(&mut self, people: Vec<Attendance>, batch: &mut Batch) {
        for attendance in people {
            let here = self.presences.get(attendance.participant);
            if here.is_none_or(|it| !it.connected) && !self.neighbours.has(attendance.participant) {
                let gone = Write::Gone(attendance.participant, attendance.node);
                batch.writes.push(gone);
            }
        }
    }

    /// A server is gone, and the grace begins for everybody who was there.
    pub(super) fn bury(&mut self, node: NodeId, batch: &mut Batch) {
        tracing::warn!("another server on this store is gone");
        for attendance in self.neighbours.bury(node) {
            batch.writes.push(Write::Gone(attendance.participant, node));
            // Being away is a fact; the clinic has nothing to refuse.
            let _ = self.decide(disconnected(attendance), batch);
            batch.affected.insert(attendance.participant);
        }
        batch.writes.push(Write::Bury(node));
    }
}

/// Sends new entries to those who are in it; who is elsewhere hears of them there.
fn pass_on(
    people: &[ParticipantId],
    consultation: ConsultationId,
    entries: &[LogEntry],
    batch: &mut Batch,
) {
    for chunk in super::mls::chunks(entries) {
        for participant in people {
            let log = ServerMessage::Log {
                consultation,
                entries: chunk.iter().map(translate::log_entry).collect(),
            };
            batch.push(*participant, log);
        }
    }
}

fn connected(attendance: Attendance) -> Input {
    let bytes = *attendance.participant.as_bytes();
    match attendance.role {
        Role::Patient => Input::PatientConnected {
            patient: PatientId::from_bytes(bytes),
        },
        Role::Practitioner => Input::PractitionerConnected {
            practitioner: PractitionerId::from_bytes(bytes),
        },
        Role::Companion => Input::CompanionConnected {
            companion: attendance.participant,
        },
    }
}

fn disconnected(attendance: Attendance) -> Input {
    let bytes = *attendance.participant.as_bytes();
    match attendance.role {
        Role::Patient => Input::PatientDisconnected {
            patient: PatientId::from_bytes(bytes),
        },
        Role::Practitioner => Input::PractitionerDisconnected {
            practitioner: PractitionerId::from_bytes(bytes),
        },
        Role::Companion => Input::CompanionDisconnected {
            companion: attendance.participant,
        },
    }
}
