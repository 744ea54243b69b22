//! The store: the one truth of both nodes, changed by commits that name the version they were decided at.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use vestibule_clinic::audit::Entry;
use vestibule_clinic::{Clinic, Input, Order, Policy, Record};
use vestibule_delivery::LogEntry;
use vestibule_vocab::{Millis, ServiceId, Timestamp, VisitId};

use crate::broken::Broken;
use crate::rows::Rows;

/// What is committed in one transaction.
#[derive(Debug, Default)]
pub(crate) struct Commit {
    /// The version that it was decided at.
    pub(crate) at: u64,
    pub(crate) records: Vec<Record>,
    pub(crate) audit: Vec<Entry>,
    pub(crate) log: Vec<LogEntry>,
    /// What a node that is behind does to get to the next version.
    pub(crate) delta: Vec<(Timestamp, Deed)>,
}

/// What changed the memory of the node that decided.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    /// The clinic was told this.
    Told(Input),
    /// The node began again from the rows. Everybody else does likewise, so that all remember the same.
    BeganAgain,
}

/// Another node has committed since.
#[derive(Debug)]
pub(crate) struct Conflict;

#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) version: u64,
    pub(crate) rows: Rows,
    pub(crate) audit: Vec<Entry>,
    /// The delta of each version, from the first.
    deltas: Vec<Vec<(Timestamp, Deed)>>,
    /// The version from which consultations and logs are as they are now.
    pub(crate) carried: u64,
    /// The memory of the node that committed last, to hold the others against.
    pub(crate) decided: Rc<Clinic>,
    pub(crate) told: Told,
}

/// What the clinic was told and what people were promised, for the invariants: no machine is asked for it.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) policy: Policy,
    /// The policies of order in force.
    pub(crate) orders: BTreeMap<ServiceId, Order>,
    /// The widest ageing bound that was ever in force: the order of those who wait stays as it was.
    pub(crate) widest: BTreeMap<ServiceId, Millis>,
    /// Visits whose patient read that they arrived.
    pub(crate) arrived: BTreeSet<VisitId>,
}

impl Store {
    pub(crate) fn new(policy: Policy, clinic: Rc<Clinic>) -> Self {
        Self {
            version: 0,
            rows: Rows::default(),
            audit: Vec::new(),
            deltas: Vec::new(),
            carried: 0,
            decided: clinic,
            told: Told {
                policy,
                orders: BTreeMap::new(),
                widest: BTreeMap::new(),
                arrived: BTreeSet::new(),
            },
        }
    }

    /// Writes all of it, or nothing.
    pub(crate) fn commit(
        &mut self,
        commit: Commit,
        decided: &Rc<Clinic>,
        broken: Option<Broken>,
    ) -> Result<(), Conflict> {
        if commit.at != self.version && broken != Some(Broken::SkipsTheFence) {
            return Err(Conflict);
        }
        self.version = self.version.saturating_add(1);
        let begins_or_ends = |record: &Record| matches!(record, Record::Consultation(_));
        if !commit.log.is_empty() || commit.records.iter().any(begins_or_ends) {
            self.carried = self.version;
        }
        for (_, deed) in &commit.delta {
            self.told.hear(deed);
        }
        // Before the rows: an end of the same batch deletes the log.
        let stored = commit
            .log
            .into_iter()
            .filter(|_| broken != Some(Broken::LosesMessages));
        stored.for_each(|entry| self.rows.write_log(entry));
        for record in commit.records {
            self.rows.write(record);
        }
        self.audit.extend(commit.audit);
        self.deltas
            .push(broken.map_or(commit.delta.clone(), |it| it.delta(commit.delta)));
        self.decided = Rc::clone(decided);
        Ok(())
    }

    /// What happened after a version, in order.
    pub(crate) fn after(&self, version: u64) -> impl Iterator<Item = &(Timestamp, Deed)> {
        let skipped = usize::try_from(version).unwrap_or(usize::MAX);
        self.deltas.iter().skip(skipped).flatten()
    }
}

impl Told {
    /// The ageing bound of a service.
    pub(crate) fn bound(&self, service: ServiceId) -> Millis {
        let order = self.orders.get(&service).copied().unwrap_or_default();
        order.bound
    }

    fn hear(&mut self, deed: &Deed) {
        if let Deed::Told(Input::SetService { service }) = deed {
            self.orders.insert(service.id, service.order);
            let widest = self.widest.entry(service.id).or_default();
            *widest = (*widest).max(service.order.bound);
        }
    }
}
