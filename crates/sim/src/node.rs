//! A node: the machines in memory, the version that they stand at, and who is here and elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_clinic::{Clinic, Consultation, Input, Policy, Visit, VisitState};
use vestibule_delivery::{Caller, Delivery, LogEntry, StoredConsultation};
use vestibule_vocab::{ConsultationId, InstanceId, ParticipantId, PatientId, Role, Timestamp};

use crate::broken::Broken;
use crate::invariants::{Violation, memory};
use crate::rows::Rows;
use crate::sessions::Person;
use crate::store::{Key, News, Run, Store};
use crate::touched::Delta;

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Which {
    First,
    Second,
}

impl Which {
    pub(crate) const BOTH: [Self; 2] = [Self::First, Self::Second];

    pub(crate) fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) run: Run,
    pub(crate) up: bool,
    pub(crate) clinic: Clinic,
    pub(crate) delivery: Delivery,
    /// Consultations that the delivery service carries.
    pub(crate) carried: BTreeSet<ConsultationId>,
    pub(crate) version: u64,
    /// Who is here, by which page.
    pub(crate) presences: BTreeMap<Person, InstanceId>,
    /// Who is at another node.
    pub(crate) elsewhere: BTreeMap<Person, Run>,
    /// Who is noted as being here, and did not come back after this node began again.
    pub(crate) missing: Vec<Person>,
    /// How far ahead the clock was when the store had what followed from that.
    pub(crate) told: u64,
    /// How far ahead it was when the clinic heard of it.
    pub(crate) heard: u64,
    /// A batch of which the store did not say whether it has it: nothing goes on before it does.
    pub(crate) asking: Option<Key>,
    broken: Option<Broken>,
}

/// By what a node takes up what another one wrote.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) store: &'a Store,
    pub(crate) policy: Policy,
    pub(crate) now: Timestamp,
    pub(crate) broken: Option<Broken>,
}

impl Node {
    /// A process that is not running.
    pub(crate) fn down(policy: Policy) -> Self {
        Self {
            run: Run(0),
            up: false,
            clinic: Clinic::new(policy),
            delivery: Delivery::new(),
            carried: BTreeSet::new(),
            version: 0,
            presences: BTreeMap::new(),
            elsewhere: BTreeMap::new(),
            missing: Vec::new(),
            told: 0,
            heard: 0,
            asking: None,
            broken: None,
        }
    }

    /// A process begins, by another name than the one before.
    pub(crate) fn begin(
        &mut self,
        run: Run,
        ahead: u64,
        reading: Reading<'_>,
    ) -> Result<(), Violation> {
        (self.run, self.up, self.broken) = (run, true, reading.broken);
        // To begin is no step: everybody's grace begins then.
        self.told = ahead;
        self.load(ahead, reading)
    }

    /// Everything anew from the store. Nobody is here, and those are met who are elsewhere.
    pub(crate) fn load(&mut self, ahead: u64, reading: Reading<'_>) -> Result<(), Violation> {
        let Reading { store, now, .. } = reading;
        self.clinic = restored(reading)?;
        self.delivery = carried(&store.rows)?;
        self.carried = store.rows.under_way().map(|one| one.id).collect();
        self.version = store.version;
        self.presences.clear();
        self.elsewhere.clear();
        self.missing.clear();
        self.asking = None;
        // Who is away from now on is so by a clock that was set back, if it was.
        self.told = self.told.min(ahead);
        self.heard = self.told;
        for (&who, &run) in &store.attendance {
            if run == self.run {
                self.missing.push(who);
            } else {
                self.elsewhere.insert(who, run);
                self.suppose(now, who.connected())?;
            }
        }
        Ok(())
    }

    /// What followed from the last batch is stored, or it led to nothing.
    pub(crate) fn heard_of_the_clock(&mut self) {
        self.told = self.heard;
    }

    /// Whoever is supposed to be away from now on is so by a clock that was set back, if it was: to set it forward again
    /// is a step of its own.
    pub(crate) fn sees_the_clock(&mut self, ahead: u64) {
        self.heard = self.heard.min(ahead);
    }

    /// Takes up what another node wrote. True when there was something.
    pub(crate) fn catch_up(&mut self, reading: Reading<'_>) -> Result<bool, Violation> {
        match reading.store.news(self.version) {
            News::Nothing => return Ok(false),
            News::Rows(delta) => self.take_up(*delta, reading.now, reading.broken)?,
            News::Everything => self.take_up_all(reading)?,
        }
        self.version = reading.store.version;
        Ok(true)
    }

    fn take_up(
        &mut self,
        delta: Delta,
        now: Timestamp,
        broken: Option<Broken>,
    ) -> Result<(), Violation> {
        // Whoever is called is away, and comes back by a decision.
        let called = |visit: &&Visit| matches!(visit.state, VisitState::Admitted { .. });
        let visits = delta.missed.rows.visits.iter();
        let entered = visits.filter(|visit| !called(visit));
        let entered: Vec<PatientId> = entered.map(|visit| visit.patient).collect();
        let _ = self.clinic.catch_up(now, delta.missed);
        self.close_what_is_over();
        self.take_up_logs(delta.logs)?;
        // Those who went first: there is a limit to how many are there at once.
        let (came_here, went): (Vec<_>, Vec<_>) = delta
            .people
            .into_iter()
            .partition(|(_, there)| there.is_some());
        for (who, there) in went.into_iter().chain(came_here) {
            self.regard(now, who, there)?;
        }
        if broken == Some(Broken::ForgetsWhoIsThere) {
            return Ok(());
        }
        // Whoever was there before they entered entered as somebody who is away.
        for patient in entered {
            let who = Person::Patient(patient);
            if self.knows(who) {
                self.suppose(now, who.connected())?;
            }
        }
        Ok(())
    }

    /// The whole clinic anew. Whoever is here stays, unless they are noted as being elsewhere, or nowhere any more.
    fn take_up_all(&mut self, reading: Reading<'_>) -> Result<(), Violation> {
        let Reading { store, now, .. } = reading;
        self.clinic = restored(reading)?;
        self.close_what_is_over();
        self.take_up_logs(store.rows.logs.clone())?;
        self.elsewhere.clear();
        let here: Vec<Person> = self.presences.keys().copied().collect();
        for who in here {
            if !store.attendance.contains_key(&who) {
                self.moved_away(who);
            }
        }
        for (&who, &run) in &store.attendance {
            self.regard(now, who, Some(run))?;
        }
        Ok(())
    }

    /// Somebody is at a node now, or at none.
    fn regard(&mut self, now: Timestamp, who: Person, there: Option<Run>) -> Result<(), Violation> {
        let before = self.elsewhere.remove(&who);
        match there {
            Some(run) if run == self.run => {
                // Whoever is missing is noted here still.
                if self.presences.contains_key(&who) {
                    self.suppose(now, who.connected())?;
                }
                Ok(())
            }
            Some(run) => {
                self.moved_away(who);
                self.elsewhere.insert(who, run);
                self.suppose(now, who.connected())
            }
            // Also of a page here: it was replaced by one elsewhere, which is closed again.
            None if self.moved_away(who) || before.is_some() => {
                self.suppose(now, who.disconnected())
            }
            None => Ok(()),
        }
    }

    /// Whether somebody is connected is not stored by the clinic, and so nothing comes of it but another picture.
    fn suppose(&mut self, now: Timestamp, input: Input) -> Result<(), Violation> {
        let mut outputs = self.clinic.handle(now, input.clone());
        if let Some(broken) = self.broken {
            broken.supposed(&self.clinic, &input, &mut outputs);
        }
        memory::what_is_supposed_writes_nothing(&outputs.records, &input)
    }

    /// Their page here is closed, if there is one.
    fn moved_away(&mut self, who: Person) -> bool {
        let page = self.presences.remove(&who);
        if let Some(page) = page {
            self.delivery.detach(caller(who, page));
        }
        page.is_some()
    }

    /// Somebody is here or elsewhere.
    pub(crate) fn knows(&self, who: Person) -> bool {
        self.presences.contains_key(&who) || self.elsewhere.contains_key(&who)
    }

    fn close_what_is_over(&mut self) {
        let (clinic, delivery) = (&self.clinic, &mut self.delivery);
        self.carried.retain(|id| {
            let goes_on = clinic.consultation(*id).is_some();
            if !goes_on {
                delivery.close(*id);
            }
            goes_on
        });
    }

    /// Every consultation under way has a log, be it empty.
    fn take_up_logs(
        &mut self,
        mut logs: BTreeMap<ConsultationId, Vec<LogEntry>>,
    ) -> Result<(), Violation> {
        for one in self.clinic.consultations() {
            let log = logs.remove(&one.id);
            if log.is_none() && self.delivery.is_open(one.id) {
                continue;
            }
            let stored = StoredConsultation {
                consultation: one.id,
                roster: roster(one).to_vec(),
                log: log.unwrap_or_default(),
            };
            let caught_up = self.delivery.catch_up(stored);
            caught_up.map_err(|why| memory::not_restored(&why))?;
            self.carried.insert(one.id);
        }
        Ok(())
    }
}

fn restored(reading: Reading<'_>) -> Result<Clinic, Violation> {
    let state = reading.store.rows.state();
    let state = match reading.broken {
        Some(broken) => broken.read(state),
        None => state,
    };
    let clinic = Clinic::restore(reading.policy, state, reading.now);
    clinic.map_err(|why| memory::not_restored(&why))
}

/// A page of somebody.
pub(crate) fn caller(who: Person, page: InstanceId) -> Caller {
    Caller {
        participant: who.participant(),
        instance: page,
    }
}

pub(crate) fn roster(one: &Consultation) -> [(ParticipantId, Role); 2] {
    [
        (one.practitioner.into(), Role::Practitioner),
        (one.patient.into(), Role::Patient),
    ]
}

/// The delivery service as it is stored.
pub(crate) fn carried(rows: &Rows) -> Result<Delivery, Violation> {
    let stored = rows.under_way().map(|one| StoredConsultation {
        consultation: one.id,
        roster: roster(one).to_vec(),
        log: rows.logs.get(&one.id).cloned().unwrap_or_default(),
    });
    Delivery::restore(stored.collect()).map_err(|why| memory::not_restored(&why))
}
