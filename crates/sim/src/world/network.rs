//! What the network does with a request, and what becomes of one that is not answered.

use vestibule_clinic::{Clinic, Input};

use super::World;
use crate::invariants::{Violation, memory};
use crate::limits::LATEST;
use crate::message::{Answer, Request};
use crate::node::Which;
use crate::sessions::Person;

/// A message on its way.
pub(super) struct Late {
    pub(super) due: u64,
    pub(super) to: Which,
    pub(super) request: Request,
}

impl World {
    pub(super) fn late_messages(&mut self) -> Result<(), Violation> {
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

    pub(super) fn somebody_repeats(&mut self) -> Result<(), Violation> {
        match self.unanswered.pop() {
            Some(request) => {
                self.trace.tell(|| format!("repeated: {request}"));
                self.ask(request)
            }
            None => Ok(()),
        }
    }

    /// Somebody sends a request, and the network does with it what it does.
    pub(super) fn ask(&mut self, request: Request) -> Result<(), Violation> {
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
    pub(super) fn try_once(&mut self, to: Which, request: Request) -> Result<(), Violation> {
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
    pub(super) fn surely(&mut self, which: Which, request: Request) -> Result<(), Violation> {
        self.decide(which, &[request]).map(|_| ())
    }
}
