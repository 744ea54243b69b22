//! What the network does with a request, and what becomes of one that is not answered.

use vestibule_clinic::Input;
use vestibule_vocab::InstanceId;

use super::World;
use crate::invariants::{Violation, memory};
use crate::limits::{LATEST, LOOKED_AT};
use crate::message::{Answer, Request};
use crate::node::Which;
use crate::sessions::Person;

/// A request, and where it goes.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) to: Which,
    /// By whose socket it comes, if it is not the clinic's own system that asks. When that is closed, it does not arrive.
    pub(super) from: Option<(Person, InstanceId)>,
    pub(super) request: Request,
}

/// A message on its way.
pub(super) struct Late {
    pub(super) due: u64,
    pub(super) message: Message,
}

impl World {
    pub(super) fn late_messages(&mut self) -> Result<(), Violation> {
        let due = |message: &Late| message.due <= self.step;
        let (due, late) = std::mem::take(&mut self.late).into_iter().partition(due);
        self.late = late;
        for Late { message, .. } in due {
            self.trace.tell(|| format!("late: {}", message.request));
            self.try_once(message)?;
        }
        Ok(())
    }

    pub(super) fn somebody_repeats(&mut self) -> Result<(), Violation> {
        match self.unanswered.pop() {
            Some(Message { request, .. }) => {
                self.trace.tell(|| format!("repeated: {request}"));
                self.ask(request)
            }
            None => Ok(()),
        }
    }

    /// Somebody sends a request, and the network does with it what it does.
    pub(super) fn ask(&mut self, request: Request) -> Result<(), Violation> {
        let Some(message) = self.address(request)? else {
            return Ok(());
        };
        match self.dice.below(100) {
            0..5 => {
                self.trace.tell(|| format!("lost: {}", message.request));
                self.unanswered.push(message);
                Ok(())
            }
            5..12 => {
                self.delay(message);
                Ok(())
            }
            12..20 => {
                self.delay(message.clone());
                self.try_once(message)
            }
            _ => self.try_once(message),
        }
    }

    /// By whose socket a request goes to which node. Whoever has none opens one first; `None` when that does not work.
    fn address(&mut self, request: Request) -> Result<Option<Message>, Violation> {
        if let Request::Carry(carry) = &request {
            let with = self.sessions.with(carry.from.instance);
            return Ok(with.map(|(who, session)| Message {
                to: session.node,
                from: Some((who, session.page)),
                request,
            }));
        }
        let Some(who) = request.asker() else {
            let to = self.some_node();
            let from = None;
            return Ok(Some(Message { to, from, request }));
        };
        if self.session(who).is_none() {
            let node = self.some_node();
            self.connect(who, node)?;
        }
        Ok(self.session(who).map(|session| Message {
            to: session.node,
            from: Some((who, session.page)),
            request,
        }))
    }

    fn delay(&mut self, message: Message) {
        let due = self.step + 1 + self.dice.below(LATEST);
        self.late.push(Late { due, message });
    }

    /// The socket by which it comes is open.
    pub(super) fn arrives(&self, message: &Message) -> bool {
        let node = self.node(message.to);
        let here = |(who, page)| node.presences.get(&who) == Some(&page);
        node.up && message.from.is_none_or(here)
    }

    /// A request comes to a node. When no answer comes back it will be repeated.
    pub(super) fn try_once(&mut self, message: Message) -> Result<(), Violation> {
        if !self.arrives(&message) {
            self.unanswered.push(message);
            return Ok(());
        }
        let to = message.to;
        let mut messages = vec![message];
        messages.extend(self.somebody_else_at(&messages));
        let batch: Vec<Request> = messages.iter().map(|it| it.request.clone()).collect();
        let alone = batch.len() == 1;
        let answers = self.deliver(to, &batch)?.unwrap_or_default();
        let mut answers = answers.into_iter();
        for message in messages {
            match answers.next() {
                Some(answer) if !self.dice.percent(5) => {
                    self.hear(&message.request, answer);
                    if alone && answer.is_ok() {
                        self.repeat_at_once(to, &message.request)?;
                    }
                }
                Some(_) | None => self.unanswered.push(message),
            }
        }
        Ok(())
    }

    /// Somebody else's request comes into the same batch now and then. What a service asks for is heard of with its
    /// commit, so that it goes alone.
    fn somebody_else_at(&mut self, messages: &[Message]) -> Option<Message> {
        let message = messages.first()?;
        let sets = matches!(
            &message.request,
            Request::Clinic(Input::SetService { .. } | Input::SetPractitioner { .. })
        );
        if sets || !self.dice.percent(15) {
            return None;
        }
        let request = Request::Clinic(self.some_wish());
        let who = request.asker()?;
        let session = self.session(who)?;
        let other = Message {
            to: message.to,
            from: Some((who, session.page)),
            request,
        };
        (session.node == message.to && self.arrives(&other)).then_some(other)
    }

    /// What is promised to somebody is to be kept.
    fn hear(&mut self, request: &Request, answer: Answer) {
        if let (Request::Clinic(Input::Arrive(arriving)), Ok(())) = (request, answer) {
            self.store.told.arrived.insert(arriving.visit);
        }
    }

    fn repeat_at_once(&mut self, which: Which, request: &Request) -> Result<(), Violation> {
        let Request::Clinic(input) = request else {
            return Ok(());
        };
        let node = self.node(which);
        let current = node.version == self.store.version && node.asking.is_none();
        if !node.up || !current || !self.dice.number(u32::MAX).is_multiple_of(LOOKED_AT) {
            return Ok(());
        }
        let node = self.node(which);
        let mut clinic = node.clinic.clone();
        let mut input = input.clone();
        if let Input::Arrive(arriving) = &mut input {
            let known = clinic.visit(arriving.visit).map(|view| view.visit.service);
            self.store.told.complete(arriving, known);
        }
        let input = self
            .broken
            .map_or(input.clone(), |it| it.repeated(input.clone()));
        let _ = clinic.handle(self.clock(which), input);
        memory::a_repeated_request_changes_nothing(&node.clinic, &clinic, request)
    }
}
