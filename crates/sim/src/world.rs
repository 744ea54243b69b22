//! The world of one schedule, and its steps.

mod network;
mod nodes;
mod sockets;
mod wishes;

use std::collections::BTreeMap;
use std::rc::Rc;

use vestibule_clinic::{Clinic, limits as clinic_limits};
use vestibule_vocab::{Millis, PractitionerId, Timestamp};

use crate::broken::Broken;
use crate::dice::Dice;
use crate::invariants::{self, Violation, memory};
use crate::message::Request;
use crate::node::{self, Node, Which};
use crate::people::{self, Ids};
use crate::run::Trace;
use crate::sessions::{Person, Sessions};
use crate::store::Store;
use crate::theme::{Theme, founding};
use network::Late;

/// When a schedule begins: far enough from zero for any clock to step back.
pub(crate) const BEGINNING: Timestamp = Timestamp(1_000_000_000_000);

/// One clinic's day: its store, two nodes, people and the network between them.
pub(crate) struct World {
    pub(crate) dice: Dice,
    pub(crate) theme: Theme,
    broken: Option<Broken>,
    first: Node,
    second: Node,
    pub(crate) store: Store,
    pub(crate) sessions: Sessions,
    /// People whose node died, and whose absence nobody has noticed.
    orphans: Vec<Person>,
    late: Vec<Late>,
    /// What was not answered, and is repeated.
    pub(crate) unanswered: Vec<Request>,
    pub(crate) ids: Ids,
    now: Timestamp,
    /// How far each node's clock is ahead.
    ahead: BTreeMap<Which, u64>,
    step: u64,
    /// Inputs that were handed to the machines since the clinic opened.
    inputs: u64,
    pub(crate) commits: u64,
    pub(crate) conflicts: u64,
    pub(crate) trace: Trace,
}

impl World {
    pub(crate) fn new(seed: u64, broken: Option<Broken>, trace: Trace) -> Self {
        let mut dice = Dice::of(seed);
        let theme = Theme::draw(seed, &mut dice);
        let policy = broken.map_or(theme.policy, |it| it.policy(theme.policy));
        let clinic = Rc::new(Clinic::new(policy));
        Self {
            dice,
            theme,
            broken,
            first: Node::new(Rc::clone(&clinic)),
            second: Node::new(Rc::clone(&clinic)),
            store: Store::new(theme.policy, clinic),
            sessions: Sessions::default(),
            orphans: Vec::new(),
            late: Vec::new(),
            unanswered: Vec::new(),
            ids: Ids::default(),
            now: BEGINNING,
            ahead: Which::BOTH.map(|which| (which, 1_000_000)).into(),
            step: 0,
            inputs: 0,
            commits: 0,
            conflicts: 0,
            trace,
        }
    }

    /// The whole schedule.
    pub(crate) fn run(&mut self) -> Result<(), Violation> {
        self.open()?;
        self.inputs = 0;
        while self.inputs < self.theme.inputs {
            self.step += 1;
            self.time_passes();
            self.late_messages()?;
            self.something_happens()?;
            let connected = self.sessions.practitioners();
            memory::no_more_practitioners_are_connected_than_may_be(connected)?;
        }
        self.close()
    }

    /// The clinic is set up, and its practitioners come.
    fn open(&mut self) -> Result<(), Violation> {
        for input in founding(&mut self.dice) {
            self.surely(Which::First, Request::Clinic(input))?;
        }
        if self.theme.crowded {
            let crowd = 10_000..9_998 + u32::try_from(clinic_limits::PRACTITIONERS).unwrap_or(0);
            for number in crowd {
                let who = Person::Practitioner(people::practitioner(number));
                self.surely(Which::First, Request::Clinic(who.connected()))?;
                self.sit_down(who, Which::First);
            }
        }
        for practitioner in self.practitioners() {
            if self.dice.percent(75) {
                let node = self.some_node();
                self.connect(Person::Practitioner(practitioner), node)?;
            }
        }
        Ok(())
    }

    /// Everything arrives, and the nodes meet: what they remember, what is stored and what was written down is the same.
    fn close(&mut self) -> Result<(), Violation> {
        for which in Which::BOTH {
            self.start(which)?;
        }
        for message in std::mem::take(&mut self.late) {
            self.surely(message.to, message.request)?;
        }
        for which in Which::BOTH {
            self.catch_up(which)?;
        }
        memory::the_store_holds_all_that_was_decided(&self.store)?;
        let policy = self.policy();
        let restored = Clinic::restore(policy, self.store.rows.state(), self.now);
        restored.map_err(|why| memory::not_restored(&why))?;
        let carried = node::carried(&self.store.rows)?;
        for which in Which::BOTH {
            let here = &self.node(which).delivery;
            invariants::mls::what_is_carried_is_stored(&self.store.rows, here, &carried)?;
        }
        let replay = invariants::the_audit_log_explains_itself(&self.store)?;
        invariants::the_audit_log_replays_to_the_same_state(&self.store, &replay)
    }

    fn something_happens(&mut self) -> Result<(), Violation> {
        match self.dice.below(100) {
            0..5 => self.a_node_falls_or_rises(),
            5..9 => {
                let which = self.some_node();
                self.catch_up(which)
            }
            9..12 => {
                self.a_clock_steps();
                Ok(())
            }
            12..24 => self.somebody_connects_or_goes(),
            24..32 => self.somebody_repeats(),
            32..38 => {
                let which = self.some_node();
                self.deliver(which, &[]).map(|_| ())
            }
            38..48 => match self.some_mls() {
                Some(request) => self.ask(request),
                None => Ok(()),
            },
            48..53 => {
                let request = Request::Clinic(self.some_setting());
                self.ask(request)
            }
            _ => {
                let request = Request::Clinic(self.some_wish());
                self.ask(request)
            }
        }
    }

    fn time_passes(&mut self) {
        let most = match self.dice.below(100) {
            0..80 => 20_000,
            80..98 => 240_000,
            _ => 1_800_000,
        };
        self.now = self.now.plus(Millis(self.dice.below(most)));
    }

    fn a_clock_steps(&mut self) {
        let which = self.some_node();
        let by = self.dice.below(2_000_000);
        self.trace
            .tell(|| format!("the clock of {which:?} steps to {by} ms ahead"));
        self.ahead.insert(which, by);
    }

    pub(crate) fn clock(&self, which: Which) -> Timestamp {
        let ahead = self.ahead.get(&which).copied().unwrap_or(0);
        self.now.plus(Millis(ahead))
    }

    pub(crate) fn practitioners(&self) -> Vec<PractitionerId> {
        self.store.rows.practitioners.keys().copied().collect()
    }
}
