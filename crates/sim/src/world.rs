//! The world of one schedule, and its steps.

use std::collections::BTreeMap;
use std::rc::Rc;

use vestibule_clinic::{Clinic, Input, limits as clinic_limits};
use vestibule_delivery::Caller;
use vestibule_vocab::{Millis, PractitionerId, Timestamp};

use crate::broken::Broken;
use crate::dice::Dice;
use crate::invariants::{self, Violation, memory};
use crate::limits::{LATEST, TRIES};
use crate::message::{Answer, Request};
use crate::node::{self, Around, Node, Which};
use crate::people::{self, Ids};
use crate::run::Trace;
use crate::sessions::{Person, Session, Sessions};
use crate::store::Store;
use crate::theme::{Theme, founding};

/// When a schedule begins: far enough from zero for any clock to step back.
pub(crate) const BEGINNING: Timestamp = Timestamp(1_000_000_000_000);

/// A message on its way.
struct Late {
    due: u64,
    to: Which,
    request: Request,
}

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

    fn late_messages(&mut self) -> Result<(), Violation> {
        let due = |message: &Late| message.due <= self.step;
        let (due, late) = std::mem::take(&mut self.late).into_iter().partition(due);
        self.late = late;
        for message in due {
            let Late { to, request, .. } = message;
            self.trace.tell(|| format!("late: {request}"));
            self.try_once(to, request)?;
        }
        Ok(())
    }

    fn a_node_falls_or_rises(&mut self) -> Result<(), Violation> {
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
    fn crash(&mut self, which: Which) {
        self.trace.tell(|| format!("{which:?} crashes"));
        self.node_mut(which).up = false;
        let gone: Vec<_> = self.sessions.at(which).map(|(who, _)| who).collect();
        for who in gone {
            self.sessions.close(who);
            self.orphans.push(who);
        }
    }

    /// A process begins: from the rows, and everybody is told that it did.
    fn start(&mut self, which: Which) -> Result<(), Violation> {
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
    fn catch_up(&mut self, which: Which) -> Result<(), Violation> {
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

    fn somebody_connects_or_goes(&mut self) -> Result<(), Violation> {
        if let Some(orphan) = self.orphans.pop() {
            // Its node does not answer any more: the other one begins the grace.
            if self.sessions.of(orphan).is_none() {
                let node = self.some_node();
                return self.try_once(node, Request::Clinic(orphan.disconnected()));
            }
        }
        let who = self.somebody();
        match self.sessions.of(who) {
            Some(session) if self.dice.percent(if self.theme.holding { 20 } else { 60 }) => {
                self.sessions.close(who);
                self.node_mut(session.node)
                    .delivery
                    .detach(page(who, session));
                self.try_once(session.node, Request::Clinic(who.disconnected()))
            }
            _ => {
                let node = self.some_node();
                self.connect(who, node)
            }
        }
    }

    /// A socket is opened, at the same node or the other.
    pub(crate) fn connect(&mut self, who: Person, which: Which) -> Result<(), Violation> {
        if !self.node(which).up {
            return Ok(());
        }
        let answers = self.deliver(which, &[Request::Clinic(who.connected())])?;
        let refused = answers.is_none_or(|all| all.iter().any(Result::is_err));
        if refused && self.broken != Some(Broken::SeatsTooMany) {
            return Ok(());
        }
        self.sit_down(who, which);
        Ok(())
    }

    fn sit_down(&mut self, who: Person, node: Which) {
        let session = Session {
            node,
            page: self.ids.page(),
            announced: true,
        };
        self.sessions.open(who, session);
        // There is room for so few pages.
        let _ = self.node_mut(node).delivery.attach(page(who, session));
    }

    fn somebody_repeats(&mut self) -> Result<(), Violation> {
        match self.unanswered.pop() {
            Some(request) => {
                self.trace.tell(|| format!("repeated: {request}"));
                self.ask(request)
            }
            None => Ok(()),
        }
    }

    /// Somebody sends a request, and the network does with it what it does.
    fn ask(&mut self, request: Request) -> Result<(), Violation> {
        let to = self.node_of(&request);
        match self.dice.below(100) {
            0..5 => {
                self.trace.tell(|| format!("lost: {request}"));
                self.unanswered.push(request);
                Ok(())
            }
            5..12 => {
                let late = self.late(to, request);
                self.late.push(late);
                Ok(())
            }
            12..20 => {
                let copy = self.late(to, request.clone());
                self.late.push(copy);
                self.try_once(to, request)
            }
            _ => self.try_once(to, request),
        }
    }

    fn late(&mut self, to: Which, request: Request) -> Late {
        Late {
            due: self.step + 1 + self.dice.below(LATEST),
            to,
            request,
        }
    }

    /// A request comes to a node. When no answer comes back it will be repeated.
    fn try_once(&mut self, to: Which, request: Request) -> Result<(), Violation> {
        let mut batch = vec![request];
        let sets = matches!(
            batch.first(),
            Some(Request::Clinic(Input::SetService { .. }))
        );
        // A policy of order is heard of with its commit, so that it goes alone.
        if !sets && self.dice.percent(15) {
            batch.push(Request::Clinic(self.some_wish()));
        }
        let alone = batch.len() == 1;
        let answers = self.deliver(to, &batch)?.unwrap_or_default();
        let mut answers = answers.into_iter();
        for request in batch {
            match answers.next() {
                Some(answer) if !self.dice.percent(5) => {
                    self.hear(&request, answer);
                    if alone && answer.is_ok() && self.dice.percent(25) {
                        self.repeat_at_once(to, &request)?;
                    }
                }
                Some(_) | None => self.unanswered.push(request),
            }
        }
        Ok(())
    }

    /// What is promised to somebody is to be kept. Whoever is announced again and refused has to go.
    fn hear(&mut self, request: &Request, answer: Answer) {
        match (request, answer) {
            (Request::Clinic(Input::Arrive(arriving)), Ok(())) => {
                self.store.told.arrived.insert(arriving.visit);
            }
            (Request::Clinic(Input::PractitionerConnected { practitioner }), answer) => {
                let who = Person::Practitioner(*practitioner);
                match answer {
                    Ok(()) => self.sessions.announced(who),
                    Err(_) => _ = self.sessions.close(who),
                }
            }
            _ => {}
        }
    }

    fn repeat_at_once(&self, which: Which, request: &Request) -> Result<(), Violation> {
        let node = self.node(which);
        let Request::Clinic(input) = request else {
            return Ok(());
        };
        if !node.up || node.version != self.store.version {
            return Ok(());
        }
        let mut clinic = Clinic::clone(&node.clinic);
        let input = self
            .broken
            .map_or(input.clone(), |it| it.repeated(input.clone()));
        let _ = clinic.handle(self.clock(which), input);
        memory::a_repeated_request_changes_nothing(&node.clinic, &clinic, request)
    }

    /// Delivers without mishap.
    fn surely(&mut self, which: Which, request: Request) -> Result<(), Violation> {
        self.decide(which, &[request]).map(|_| ())
    }

    /// Delivers a batch to a node, which may crash before the commit or after it: then nobody is answered.
    fn deliver(
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
    fn decide(
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

    fn policy(&self) -> vestibule_clinic::Policy {
        let policy = self.theme.policy;
        self.broken.map_or(policy, |it| it.policy(policy))
    }

    pub(crate) fn node(&self, which: Which) -> &Node {
        match which {
            Which::First => &self.first,
            Which::Second => &self.second,
        }
    }

    fn node_mut(&mut self, which: Which) -> &mut Node {
        match which {
            Which::First => &mut self.first,
            Which::Second => &mut self.second,
        }
    }

    /// One that is up, if any is.
    pub(crate) fn some_node(&mut self) -> Which {
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

    pub(crate) fn practitioners(&self) -> Vec<PractitionerId> {
        self.store.rows.practitioners.keys().copied().collect()
    }
}

fn page(who: Person, session: Session) -> Caller {
    Caller {
        participant: who.participant(),
        instance: session.page,
    }
}
