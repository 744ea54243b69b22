//! Sockets open and close.

use vestibule_vocab::InstanceId;

use super::World;
use crate::invariants::Violation;
use crate::message::Request;
use crate::node::Which;
use crate::sessions::{Person, Session};

impl World {
    pub(super) fn somebody_connects_or_goes(&mut self) -> Result<(), Violation> {
        let who = self.somebody();
        match self.session(who) {
            Some(session) if self.dice.percent(if self.theme.holding { 20 } else { 60 }) => {
                self.go(who, session)
            }
            _ => {
                let node = self.some_node();
                self.connect(who, node)
            }
        }
    }

    /// The socket that somebody has open, as long as its node has not closed it.
    pub(super) fn session(&self, who: Person) -> Option<Session> {
        let session = self.sessions.of(who)?;
        let node = self.node(session.node);
        let open = node.up && node.presences.get(&who) == Some(&session.page);
        open.then_some(session)
    }

    /// A socket is closed. A node that waits for the store does not notice yet.
    fn go(&mut self, who: Person, session: Session) -> Result<(), Violation> {
        self.deliver(session.node, &[Request::Close(who, session.page)])?;
        if self.node(session.node).presences.get(&who) != Some(&session.page) {
            self.sessions.close(who);
        }
        Ok(())
    }

    /// A socket is opened, at the same node or the other.
    pub(super) fn connect(&mut self, who: Person, which: Which) -> Result<(), Violation> {
        let page = self.ids.page();
        self.deliver(which, &[Request::Open(who, page)])?;
        let node = self.node(which);
        if node.up && node.presences.get(&who) == Some(&page) {
            self.sit_down(who, which, page);
        }
        Ok(())
    }

    pub(super) fn sit_down(&mut self, who: Person, node: Which, page: InstanceId) {
        self.sessions.open(who, Session { node, page });
    }
}
