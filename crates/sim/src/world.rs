//! The world of one schedule, and its steps.

mod admissions;
mod gates;
mod network;
mod nodes;
mod sockets;
mod turns;
mod wishes;

use std::collections::BTreeMap;

use vestibule_clinic::{Clinic, limits as clinic_limits};
use vestibule_vocab::{Millis, PractitionerId, Timestamp};

use crate::broken::Broken;
use crate::dice::Dice;
use crate::invariants::{self, Violation, memory};
use crate::limits::{PATIENTS, PRACTITIONERS};
use crate::message::Request;
use crate::node::{self, Node, Which};
use crate::people::{self, Ids};
use crate::run::Trace;
use crate::sessions::{Person, Sessions};
use crate::shown::Shown;
use crate::store::Store;
use crate::theme::Theme;
use network::{Late, Message};

/// When a schedule begins: a winter's evening, with the end of an hour, of the day in Brussels and the middle of a month
/// near.
pub(crate) const BEGINNING: Timestamp = Timestamp(1_768_514_400_000);

/// How far the clocks of the nodes are ahead of the world's at first, so that they can step back.
const AHEAD: u64 = 1_000_000;

/// One clinic's day: its store, two nodes, people and the network between them.
pub(crate) struct World {
    pub(crate) dice: Dice,
    pub(crate) theme: Theme,
    broken: Option<Broken>,
    first: Node,
    second: Node,
    pub(crate) store: Store,
    pub(crate) sessions: Sessions,
    late: Vec<Late>,
    /// What was not answered, and is repeated.
    unanswered: Vec<Message>,
    pub(crate) ids: Ids,
    now: Timestamp,
    /// How far each node's clock is ahead.
    ahead: BTreeMap<Which, u64>,
    /// What the clocks showed until now, and who was there when.
    shown: Shown,
    step: u64,
    /// Inputs that were handed to the machines since the clinic opened.
    inputs: u64,
    pub(crate) commits: u64,
    /// Turns that began with what the other node had written.
    pub(crate) behind: u64,
    pub(crate) trace: Trace,
}

impl World {
    pub(crate) fn new(seed: u64, broken: Option<Broken>, trace: Trace) -> Self {
        let mut dice = Dice::of(seed);
        let theme = Theme::draw(seed, &mut dice);
        Self {
            dice,
            theme,
            broken,
            first: Node::down(theme.policy),
            second: Node::down(theme.policy),
            store: Store::new(theme.policy, theme.steady),
            sessions: Sessions::default(),
            late: Vec::new(),
            unanswered: Vec::new(),
            ids: Ids::default(),
            now: BEGINNING,
            ahead: Which::BOTH.map(|which| (which, AHEAD)).into(),
            shown: Shown::of(theme, AHEAD),
            step: 0,
            inputs: 0,
            commits: 0,
            behind: 0,
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
            let there = self.store.attendance.keys();
            let practitioners = there.filter(|who| matches!(who, Person::Practitioner(_)));
            memory::no_more_practitioners_are_connected_than_may_be(practitioners.count())?;
        }
        self.close()
    }

    /// The clinic is set up, and its practitioners come.
    fn open(&mut self) -> Result<(), Violation> {
        for which in Which::BOTH {
            self.start(which)?;
        }
        let now = self.clock(Which::First);
        for input in self.theme.founding(&mut self.dice, now) {
            self.surely(Which::First, Request::Clinic(input))?;
        }
        if self.theme.crowded {
            let crowd = 10_000..9_998 + u32::try_from(clinic_limits::PRACTITIONERS).unwrap_or(0);
            for number in crowd {
                let who = Person::Practitioner(people::practitioner(number));
                let page = self.ids.page();
                self.surely(Which::First, Request::Open(who, page))?;
                self.sit_down(who, Which::First, page);
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
            self.have_an_answer(which)?;
        }
        self.bury_the_dead()?;
        for message in std::mem::take(&mut self.late) {
            let message = message.message;
            if self.arrives(&message) {
                self.surely(message.to, message.request)?;
            }
        }
        for which in Which::BOTH {
            self.catch_up(which)?;
        }
        let carried = node::carried(&self.store.rows)?;
        for which in Which::BOTH {
            let node = self.node(which);
            memory::the_store_holds_all_that_was_decided(&self.store.rows, &node.clinic)?;
            let delivery = &node.delivery;
            invariants::mls::what_is_carried_is_stored(&self.store.rows, delivery, &carried)?;
        }
        let policy = self.policy();
        let restored = Clinic::restore(policy, self.store.rows.state(), self.now);
        let restored = restored.map_err(|why| memory::not_restored(&why))?;
        memory::the_store_holds_all_that_was_decided(&self.store.rows, &restored)?;
        let replay = invariants::the_audit_log_explains_itself(&self.store)?;
        invariants::the_audit_log_replays_to_the_same_state(&self.store, &replay)
    }

    fn something_happens(&mut self) -> Result<(), Violation> {
        match self.dice.below(100) {
            0..4 => self.a_node_falls_or_rises(),
            4..11 => {
                let which = self.some_node();
                self.hear_the_other(which)
            }
            11..13 => {
                self.a_clock_steps();
                Ok(())
            }
            13..23 => self.somebody_connects_or_goes(),
            23..29 => self.somebody_repeats(),
            29..34 => {
                let which = self.some_node();
                self.deliver(which, &[]).map(|_| ())
            }
            34..40 => match self.some_mls() {
                Some(request) => self.ask(request),
                None => Ok(()),
            },
            40..45 => {
                let request = Request::Clinic(self.some_setting());
                self.ask(request)
            }
            45..55 => match self.some_gate() {
                Some(input) => self.ask(Request::Clinic(input)),
                None => Ok(()),
            },
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
        self.look_who_is_there();
    }

    fn look_who_is_there(&mut self) {
        let patients = (0..PATIENTS).map(|it| Person::Patient(people::patient(it)));
        let practitioners = (0..PRACTITIONERS).map(people::practitioner);
        let everybody = patients.chain(practitioners.map(Person::Practitioner));
        let everybody: Vec<Person> = everybody.collect();
        let nodes = [(Which::First, &self.first), (Which::Second, &self.second)];
        let there = nodes.into_iter().flat_map(|(which, node)| {
            let known = everybody.iter();
            let known = known.filter(move |who| node.up && node.knows(**who));
            known.map(move |who| (which, *who))
        });
        let there: Vec<(Which, Person)> = there.collect();
        self.shown.are_there(there, self.now);
    }

    fn a_clock_steps(&mut self) {
        if self.theme.steady {
            return;
        }
        if self.theme.hasty {
            return self.the_clock_is_set_forward();
        }
        let which = self.some_node();
        let by = self.dice.below(2 * AHEAD);
        self.trace
            .tell(|| format!("the clock of {which:?} steps to {by} ms ahead"));
        self.ahead.insert(which, by);
    }

    /// The clock of both nodes, which each of them notices by itself.
    fn the_clock_is_set_forward(&mut self) {
        let by = self.dice.below(2 * AHEAD);
        self.trace
            .tell(|| format!("the clock of both is set forward by {by} ms"));
        for which in Which::BOTH {
            *self.ahead.entry(which).or_default() += by;
        }
        let ahead = self.how_far_ahead(Which::First);
        self.shown.is_set(self.now, ahead);
        if !Which::BOTH.iter().any(|which| self.node(*which).up) {
            self.shown.misses_a_step();
        }
    }

    pub(crate) fn how_far_ahead(&self, which: Which) -> u64 {
        self.ahead.get(&which).copied().unwrap_or(0)
    }

    pub(crate) fn clock(&self, which: Which) -> Timestamp {
        self.now.plus(Millis(self.how_far_ahead(which)))
    }

    pub(crate) fn practitioners(&self) -> Vec<PractitionerId> {
        self.store.rows.practitioners.keys().copied().collect()
    }

    /// What people see who look at a screen: that of a node which is up and behind no other, if one is.
    pub(crate) fn screen(&self) -> &Clinic {
        let seen = |node: &Node| (node.up, node.version);
        if seen(&self.first) >= seen(&self.second) {
            &self.first.clinic
        } else {
            &self.second.clinic
        }
    }
}
