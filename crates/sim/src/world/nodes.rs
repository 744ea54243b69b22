//! Nodes crash, begin, take up what they missed, and decide.

use super::World;
use super::network::Late;
use super::sockets::page;
use crate::invariants::{self, Violation, memory};
use crate::limits::TRIES;
use crate::message::{Answer, Request};
use crate::node::{Around, Node, Which};

impl World {
    pub(super) fn a_node_falls_or_rises(&mut self) -> Result<(), Violation> {
        for which in Which::BOTH {
            if !self.node(which).up {
                return self.start(which);
            }
        }
        let which = self.some_node();
        self.crash(which);
        Ok(())
    }

    /// All that the process remembers is gone, and so are its sockets.
    pub(super) fn crash(&mut self, which: Which) {
        self.trace.tell(|| format!("{which:?} crashes"));
        self.node_mut(which).up = false;
        let gone: Vec<_> = self.sessions.at(which).map(|(who, _)| who).collect();
        for who in gone {
            self.sessions.close(who);
            self.orphans.push(who);
        }
    }

    /// A process begins: from the rows, and everybody is told that it did.
    pub(super) fn start(&mut self, which: Which) -> Result<(), Violation> {
        if self.node(which).up {
            return Ok(());
        }
        self.trace.tell(|| format!("{which:?} begins"));
        let (policy, now) = (self.policy(), self.clock(which));
        let node = match which {
            Which::First => &mut self.first,
            Which::Second => &mut self.second,
        };
        let commit = node.begin(&self.store, policy, now)?;
        // Nobody else can have committed since the rows were read: the world takes one step at a time.
        let _ = self.store.commit(commit, &node.clinic, self.broken);
        node.version = self.store.version;
        self.orphans.clear();
        self.sessions.none_is_announced();
        invariants::after_a_commit(&self.store)
    }

    /// Takes up what the other node committed. When that one began again, those who are here are announced again.
    pub(super) fn catch_up(&mut self, which: Which) -> Result<(), Violation> {
        let pages = self
            .sessions
            .at(which)
            .map(|(who, session)| page(who, session));
        let node = match which {
            Which::First => &mut self.first,
            Which::Second => &mut self.second,
        };
        if !node.up {
            return Ok(());
        }
        let anew = node.catch_up(&self.store, self.broken, pages)?;
        memory::deltas_lead_to_the_same_memory(&self.store, &node.clinic)?;
        if anew {
            let here: Vec<_> = self.sessions.at(which).map(|(who, _)| who).collect();
            for who in here {
                let request = Request::Clinic(who.connected());
                self.late.push(Late {
                    due: self.step,
                    to: which,
                    request,
                });
            }
        }
        Ok(())
    }

    /// Delivers a batch to a node, which may crash before the commit or after it: then nobody is answered.
    pub(super) fn deliver(
        &mut self,
        which: Which,
        batch: &[Request],
    ) -> Result<Option<Vec<Answer>>, Violation> {
        if !self.node(which).up {
            return Ok(None);
        }
        if self.dice.percent(1) {
            self.trace
                .tell(|| format!("{which:?} crashes before the commit"));
            self.crash(which);
            return Ok(None);
        }
        let answers = self.decide(which, batch)?;
        if self.dice.percent(1) {
            self.trace
                .tell(|| format!("{which:?} crashes after the commit"));
            self.crash(which);
            return Ok(None);
        }
        Ok(answers)
    }

    /// Decides, commits, and decides again after losing the race.
    pub(super) fn decide(
        &mut self,
        which: Which,
        batch: &[Request],
    ) -> Result<Option<Vec<Answer>>, Violation> {
        self.inputs += u64::try_from(batch.len().max(1)).unwrap_or(1);
        for _ in 0..TRIES {
            let now = self.clock(which);
            let around = Around {
                now,
                told: &self.store.told,
                broken: self.broken,
            };
            let node = match which {
                Which::First => &mut self.first,
                Which::Second => &mut self.second,
            };
            let decided = node.decide(around, &mut self.ids, batch);
            if !decided.is_visible() {
                memory::what_is_not_told_changed_nothing(&node.clinic, &decided.clinic)?;
                self.trace.decided(now, which, batch, &decided.answers, "");
                return Ok(Some(decided.answers));
            }
            let doubt = decided.doubt.clone();
            let (clinic, delivery, commit, answers) = decided.parts();
            if self.store.commit(commit, &clinic, self.broken).is_err() {
                self.conflicts += 1;
                self.trace
                    .decided(now, which, batch, &answers, ", and lost the race");
                self.catch_up(which)?;
                continue;
            }
            node.settle(clinic, delivery, self.store.version);
            self.commits += 1;
            self.trace
                .decided(now, which, batch, &answers, ", and committed");
            doubt.map_or(Ok(()), Err)?;
            invariants::after_a_commit(&self.store)?;
            return Ok(Some(answers));
        }
        Ok(None)
    }

    pub(super) fn policy(&self) -> vestibule_clinic::Policy {
        let policy = self.theme.policy;
        self.broken.map_or(policy, |it| it.policy(policy))
    }

    pub(super) fn node(&self, which: Which) -> &Node {
        match which {
            Which::First => &self.first,
            Which::Second => &self.second,
        }
    }

    pub(super) fn node_mut(&mut self, which: Which) -> &mut Node {
        match which {
            Which::First => &mut self.first,
            Which::Second => &mut self.second,
        }
    }

    /// One that is up, if any is.
    pub(super) fn some_node(&mut self) -> Which {
        let which = if self.dice.percent(50) {
            Which::First
        } else {
            Which::Second
        };
        if self.node(which).up {
            which
        } else {
            which.other()
        }
    }
}
