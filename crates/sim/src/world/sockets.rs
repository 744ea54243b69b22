//! Sockets open and close.

use vestibule_delivery::Caller;

use super::World;
use crate::broken::Broken;
use crate::invariants::Violation;
use crate::message::Request;
use crate::node::Which;
use crate::sessions::{Person, Session};

impl World {
    pub(super) fn somebody_connects_or_goes(&mut self) -> Result<(), Violation> {
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
    pub(super) fn connect(&mut self, who: Person, which: Which) -> Result<(), Violation> {
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

    pub(super) fn sit_down(&mut self, who: Person, node: Which) {
        let session = Session {
            node,
            page: self.ids.page(),
            announced: true,
        };
        self.sessions.open(who, session);
        // There is room for so few pages.
        let _ = self.node_mut(node).delivery.attach(page(who, session));
    }
}

pub(super) fn page(who: Person, session: Session) -> Caller {
    Caller {
        participant: who.participant(),
        instance: session.page,
    }
}
