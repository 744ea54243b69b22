//! The store: the one truth of both nodes. Whoever writes has locked the clinic's row before, and each version notes which
//! rows it touched.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_clinic::audit::Entry;
use vestibule_clinic::{Input, Policy, Record};
use vestibule_delivery::LogEntry;
use vestibule_vocab::Timestamp;

use crate::broken::Broken;
use crate::limits::NOTED;
use crate::node::Which;
use crate::rows::Rows;
use crate::sessions::Person;
use crate::told::Told;
use crate::touched::{Delta, Row};

/// One run of a node's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Run(pub(crate) u32);

/// What a batch is found again by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key(pub(crate) u32);

/// Whose socket is open where.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Attendance {
    Present(Person, Run),
    /// No more, if they are not elsewhere meanwhile.
    Gone(Person, Run),
}

/// What is committed in one transaction.
#[derive(Debug, Default)]
pub(crate) struct Commit {
    /// The version that it was decided at.
    pub(crate) at: u64,
    /// The clock of the node that decided.
    pub(crate) now: Timestamp,
    /// The same moment by the world's clock.
    pub(crate) world: Timestamp,
    pub(crate) records: Vec<Record>,
    pub(crate) audit: Vec<Entry>,
    pub(crate) log: Vec<LogEntry>,
    pub(crate) people: Vec<Attendance>,
    /// A run that is gone.
    pub(crate) buried: Option<Run>,
    /// What the clinic was told, and did not refuse.
    pub(crate) heard: Vec<Input>,
    /// Something is to be stored or shown.
    pub(crate) visible: bool,
}

/// A transaction of which nobody knows whether it lands: its node has lost the database.
#[derive(Debug)]
pub(crate) struct UnderWay {
    pub(crate) by: Which,
    pub(crate) key: Key,
    pub(crate) commit: Commit,
}

/// What others wrote.
pub(crate) enum News {
    Nothing,
    Rows(Box<Delta>),
    /// More than is noted.
    Everything,
}

/// Another node has committed since.
#[derive(Debug)]
pub(crate) struct Conflict;

#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) version: u64,
    pub(crate) rows: Rows,
    pub(crate) audit: Vec<Entry>,
    /// Of each version, from the first: its batch, and what it touched.
    noted: Vec<(Key, Vec<Row>)>,
    pub(crate) attendance: BTreeMap<Person, Run>,
    /// Runs that nobody has given up.
    pub(crate) nodes: BTreeSet<Run>,
    /// Whoever takes the clinic's row waits for it.
    pub(crate) under_way: Option<UnderWay>,
    pub(crate) told: Told,
}

impl Store {
    pub(crate) fn new(policy: Policy, steady: bool) -> Self {
        Self {
            version: 0,
            rows: Rows::default(),
            audit: Vec::new(),
            noted: Vec::new(),
            attendance: BTreeMap::new(),
            nodes: BTreeSet::new(),
            under_way: None,
            told: Told::new(policy, steady),
        }
    }

    /// Writes all of it, or nothing.
    pub(crate) fn commit(
        &mut self,
        key: Key,
        commit: Commit,
        broken: Option<Broken>,
    ) -> Result<(), Conflict> {
        if commit.at != self.version && broken != Some(Broken::DecidesOnWhatWas) {
            return Err(Conflict);
        }
        self.version = self.version.saturating_add(1);
        let touched = Row::all_of(&commit);
        let touched = broken.map_or(touched.clone(), |it| it.touched(touched));
        self.noted.push((key, touched));
        self.told.hear(&commit, &self.rows);
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
        for one in commit.people {
            self.attend(one);
        }
        if let Some(run) = commit.buried {
            self.attendance.retain(|_, at| *at != run);
            self.nodes.remove(&run);
        }
        Ok(())
    }

    fn attend(&mut self, one: Attendance) {
        match one {
            Attendance::Present(who, run) => _ = self.attendance.insert(who, run),
            Attendance::Gone(who, run) => {
                if self.attendance.get(&who) == Some(&run) {
                    self.attendance.remove(&who);
                }
            }
        }
    }

    /// What others wrote after a version.
    pub(crate) fn news(&self, since: u64) -> News {
        let missed = self.version.saturating_sub(since);
        if missed == 0 {
            return News::Nothing;
        }
        if missed > NOTED {
            return News::Everything;
        }
        let skipped = usize::try_from(since).unwrap_or(usize::MAX);
        let touched = self.noted.iter().skip(skipped);
        let touched: BTreeSet<Row> = touched.flat_map(|(_, rows)| rows).copied().collect();
        let delta = Delta::read(&touched, &self.rows, &self.attendance);
        News::Rows(Box::new(delta))
    }

    /// The version that a batch made, if it was written.
    pub(crate) fn outcome_of(&self, key: Key) -> Option<u64> {
        let place = self.noted.iter().position(|(batch, _)| *batch == key)?;
        u64::try_from(place).ok()?.checked_add(1)
    }
}
