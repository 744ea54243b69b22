//! Nodes crash, begin, and notice what became of the other.

use super::World;
use crate::invariants::Violation;
use crate::message::Request;
use crate::node::{Node, Reading, Which};
use crate::store::Run;

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
        self.may_miss_a_step(which);
        self.node_mut(which).up = false;
        self.sessions.close_all(which);
    }

    /// This node has a step to tell of which another one knows nothing: it ends, or the other one begins.
    fn may_miss_a_step(&mut self, which: Which) {
        let node = self.node(which);
        if node.up && node.told < self.how_far_ahead(which) {
            self.shown.misses_a_step();
        }
    }

    /// A process begins, from the rows.
    pub(super) fn start(&mut self, which: Which) -> Result<(), Violation> {
        if self.node(which).up {
            return Ok(());
        }
        self.trace.tell(|| format!("{which:?} begins"));
        self.may_miss_a_step(which.other());
        let run = self.ids.run();
        self.store.nodes.insert(run);
        self.load(which, Some(run))
    }

    /// A node begins again from the rows: what it remembers is not what is stored. Everybody is asked to come back.
    pub(super) fn reload(&mut self, which: Which) -> Result<(), Violation> {
        self.trace.tell(|| format!("{which:?} begins again"));
        self.sessions.close_all(which);
        self.store.nodes.insert(self.node(which).run);
        self.load(which, None)
    }

    fn load(&mut self, which: Which, run: Option<Run>) -> Result<(), Violation> {
        let ahead = self.how_far_ahead(which);
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
        match run {
            Some(run) => node.begin(run, ahead, reading),
            None => node.load(ahead, reading),
        }
    }

    /// A node looks at what the other wrote, and whether it is still there. One that was itself given up begins again.
    pub(super) fn hear_the_other(&mut self, which: Which) -> Result<(), Violation> {
        if !self.node(which).up || self.node(which).asking.is_some() {
            return Ok(());
        }
        if !self.store.nodes.contains(&self.node(which).run) {
            self.trace.tell(|| format!("{which:?} was given up"));
            return self.reload(which);
        }
        self.catch_up(which)?;
        let gone = self.gone(which);
        let slow = self.node(which.other()).run;
        match gone.first().copied() {
            Some(run) if self.dice.percent(50) => {
                self.deliver(which, &[Request::Bury(run)]).map(|_| ())
            }
            // One that hangs for a while is not to be told from one that is gone.
            None if self.dice.percent(4) && self.store.nodes.contains(&slow) => {
                self.deliver(which, &[Request::Bury(slow)]).map(|_| ())
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Runs that are over and noted, and those of people whom nobody counts any more.
    fn gone(&self, which: Which) -> Vec<Run> {
        let runs = |node: &Node| node.up.then_some(node.run);
        let alive: Vec<Run> = [&self.first, &self.second]
            .into_iter()
            .filter_map(runs)
            .collect();
        let noted = self.store.nodes.iter().copied();
        let silent = noted.filter(|run| !alive.contains(run));
        let left = self.node(which).elsewhere.values().copied();
        let left = left.filter(|run| !self.store.nodes.contains(run));
        silent.chain(left).collect()
    }

    /// Whoever is noted at a node that is gone is noted nowhere, before all is compared.
    pub(super) fn bury_the_dead(&mut self) -> Result<(), Violation> {
        for which in Which::BOTH {
            if !self.store.nodes.contains(&self.node(which).run) {
                self.reload(which)?;
            }
        }
        self.wait_for_the_row()?;
        self.catch_up(Which::First)?;
        while let Some(run) = self.gone(Which::First).first().copied() {
            self.surely(Which::First, Request::Bury(run))?;
        }
        Ok(())
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
