//! A node's turn: it has the clinic's row, reads what the other one wrote, decides and commits. And what may go wrong in it.

use super::World;
use crate::broken::Broken;
use crate::desk::{Around, Decided};
use crate::invariants::{self, Violation, memory, patience};
use crate::message::{Answer, Request};
use crate::node::{Reading, Which};
use crate::store::{Commit, Key, UnderWay};

/// What goes wrong with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    Nothing,
    /// The process dies between its decision and the commit.
    CrashBefore,
    /// The process dies when the commit is written, and nobody is answered.
    CrashAfter,
    /// The node loses the database while it commits.
    AnswerLost,
}

impl World {
    /// Delivers a batch to a node. `None` when nobody is answered.
    pub(super) fn deliver(
        &mut self,
        which: Which,
        batch: &[Request],
    ) -> Result<Option<Vec<Answer>>, Violation> {
        if !self.is_ready(which)? {
            return Ok(None);
        }
        let mishap = match self.dice.below(100) {
            0 => Mishap::CrashBefore,
            1 => Mishap::CrashAfter,
            2..4 => Mishap::AnswerLost,
            _ => Mishap::Nothing,
        };
        self.take_a_turn(which, batch, mishap)
    }

    /// Delivers without mishap.
    pub(super) fn surely(&mut self, which: Which, request: Request) -> Result<(), Violation> {
        self.take_a_turn(which, &[request], Mishap::Nothing)
            .map(|_| ())
    }

    fn take_a_turn(
        &mut self,
        which: Which,
        batch: &[Request],
        mishap: Mishap,
    ) -> Result<Option<Vec<Answer>>, Violation> {
        self.inputs += u64::try_from(batch.len().max(1)).unwrap_or(1);
        self.wait_for_the_row()?;
        if self.broken != Some(Broken::DecidesOnWhatWas) && self.catch_up(which)? {
            self.behind += 1;
        }
        let Decided {
            commit,
            answers,
            doubt,
        } = self.decide(which, batch);
        self.trace
            .decided(self.clock(which), which, batch, &answers, then(mishap));
        doubt.map_or(Ok(()), Err)?;
        if mishap == Mishap::CrashBefore {
            self.crash(which);
            return Ok(None);
        }
        if !commit.visible {
            self.node_mut(which).heard_of_the_clock();
            return Ok(Some(answers));
        }
        let key = self.ids.key();
        if mishap == Mishap::AnswerLost {
            self.node_mut(which).asking = Some(key);
            let by = which;
            self.store.under_way = Some(UnderWay { by, key, commit });
            return Ok(None);
        }
        self.commit(which, key, commit, true)?;
        if mishap == Mishap::CrashAfter {
            self.crash(which);
            return Ok(None);
        }
        Ok(Some(answers))
    }

    fn decide(&mut self, which: Which, batch: &[Request]) -> Decided {
        let around = Around {
            now: self.clock(which),
            world: self.now,
            ahead: self.how_far_ahead(which),
            told: &self.store.told,
            broken: self.broken,
            number: self.dice.number(u32::MAX),
        };
        let node = match which {
            Which::First => &mut self.first,
            Which::Second => &mut self.second,
        };
        node.decide(around, &mut self.ids, batch)
    }

    /// Writes a batch. Its node may have died since it decided, and have begun again as another.
    fn commit(
        &mut self,
        which: Which,
        key: Key,
        commit: Commit,
        remembered: bool,
    ) -> Result<(), Violation> {
        patience::nobody_who_is_there_is_given_up(&self.store, &commit)?;
        patience::a_step_of_the_clock_ends_nobodys_visit(
            &self.store,
            &self.shown,
            (which, &commit),
        )?;
        if self.store.told.steady {
            patience::whoever_is_called_has_the_time_to_come(&self.store, &commit)?;
        }
        let committed = self.store.commit(key, commit, self.broken);
        committed.map_err(|_| memory::a_turn_is_never_lost())?;
        self.commits += 1;
        if remembered {
            self.node_mut(which).version = self.store.version;
            self.node_mut(which).heard_of_the_clock();
        }
        let node = self.node(which);
        invariants::after_a_commit(&self.store, remembered.then_some(&node.clinic))
    }

    /// Whoever wants the clinic's row waits for a transaction that is under way: it lands, or the database gives it up.
    pub(super) fn wait_for_the_row(&mut self) -> Result<(), Violation> {
        if self.broken == Some(Broken::SharesTheRow) && self.dice.percent(50) {
            return Ok(());
        }
        let Some(UnderWay { by, key, commit }) = self.store.under_way.take() else {
            return Ok(());
        };
        if self.dice.percent(50) {
            self.trace.tell(|| format!("what {by:?} wrote lands"));
            let node = self.node(by);
            let remembered = node.up && node.asking == Some(key);
            return self.commit(by, key, commit, remembered);
        }
        self.trace
            .tell(|| format!("what {by:?} wrote is rolled back"));
        Ok(())
    }

    /// Up, and with no question open: nothing goes on at a node before the store has said what became of its last batch.
    fn is_ready(&mut self, which: Which) -> Result<bool, Violation> {
        if !self.node(which).up {
            return Ok(false);
        }
        if self.node(which).asking.is_some() && self.dice.percent(40) {
            return Ok(false);
        }
        self.have_an_answer(which)
    }

    /// The store answers a node that asks for its last batch. False when that was not written: the node has begun again,
    /// and the sockets are closed by which anything came.
    pub(super) fn have_an_answer(&mut self, which: Which) -> Result<bool, Violation> {
        let Some(key) = self.node(which).asking else {
            return Ok(true);
        };
        self.wait_for_the_row()?;
        match self.store.outcome_of(key) {
            Some(version) => {
                self.trace
                    .tell(|| format!("{which:?} hears that its batch was written"));
                let node = self.node_mut(which);
                (node.asking, node.version) = (None, version);
                node.heard_of_the_clock();
                Ok(true)
            }
            None => {
                self.trace
                    .tell(|| format!("{which:?} hears that its batch was not written"));
                self.reload(which)?;
                Ok(false)
            }
        }
    }

    /// Takes up what the other node wrote. True when there was something.
    pub(super) fn catch_up(&mut self, which: Which) -> Result<bool, Violation> {
        let ahead = self.how_far_ahead(which);
        self.node_mut(which).sees_the_clock(ahead);
        let reading = Reading {
            store: &self.store,
            policy: self.policy(),
            now: self.clock(which),
            broken: self.broken,
        };
        let node = match which {
            Which::First => &mut self.first,
            Which::Second => &mut self.second,
        };
        let was_behind = node.catch_up(reading)?;
        if was_behind && self.both_know_the_same() {
            let (here, there) = (self.node(which), self.node(which.other()));
            memory::whoever_catches_up_shows_the_same(&there.clinic, &here.clinic)?;
        }
        Ok(was_behind)
    }

    /// Both nodes are up and at one version, and neither has anything to say about who is where.
    fn both_know_the_same(&self) -> bool {
        let settled = |which: &Which| {
            let node = self.node(*which);
            let counted = self.store.nodes.contains(&node.run);
            let current = node.version == self.store.version && node.asking.is_none();
            node.up && counted && current && node.missing.is_empty()
        };
        Which::BOTH.iter().all(settled)
    }
}

fn then(mishap: Mishap) -> &'static str {
    match mishap {
        Mishap::Nothing => "",
        Mishap::CrashBefore => ", and crashes before the commit",
        Mishap::CrashAfter => ", and crashes after the commit",
        Mishap::AnswerLost => ", and does not hear whether it is written",
    }
}
