//! Who has a socket open, and at which node. In use these are rows that each node keeps alive.

use std::collections::BTreeMap;

use vestibule_clinic::Input;
use vestibule_vocab::{InstanceId, ParticipantId, PatientId, PractitionerId};

use crate::node::Which;

/// Somebody who has a socket open now and then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Person {
    Patient(PatientId),
    Practitioner(PractitionerId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) node: Which,
    pub(crate) page: InstanceId,
    /// The clinic knows. It does not for a while after another node began again.
    pub(crate) announced: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Sessions(BTreeMap<Person, Session>);

impl Person {
    pub(crate) fn participant(self) -> ParticipantId {
        match self {
            Self::Patient(id) => id.into(),
            Self::Practitioner(id) => id.into(),
        }
    }

    pub(crate) fn connected(self) -> Input {
        match self {
            Self::Patient(patient) => Input::PatientConnected { patient },
            Self::Practitioner(practitioner) => Input::PractitionerConnected { practitioner },
        }
    }

    pub(crate) fn disconnected(self) -> Input {
        match self {
            Self::Patient(patient) => Input::PatientDisconnected { patient },
            Self::Practitioner(practitioner) => Input::PractitionerDisconnected { practitioner },
        }
    }
}

impl Sessions {
    pub(crate) fn open(&mut self, who: Person, session: Session) {
        self.0.insert(who, session);
    }

    /// The clinic was told.
    pub(crate) fn announced(&mut self, who: Person) {
        if let Some(session) = self.0.get_mut(&who) {
            session.announced = true;
        }
    }

    /// The clinic takes everybody to be away.
    pub(crate) fn none_is_announced(&mut self) {
        for session in self.0.values_mut() {
            session.announced = false;
        }
    }

    pub(crate) fn close(&mut self, who: Person) -> Option<Session> {
        self.0.remove(&who)
    }

    pub(crate) fn of(&self, who: Person) -> Option<Session> {
        self.0.get(&who).copied()
    }

    /// Everybody whose socket is open at a node.
    pub(crate) fn at(&self, node: Which) -> impl Iterator<Item = (Person, Session)> + '_ {
        let here = self
            .0
            .iter()
            .filter(move |(_, session)| session.node == node);
        here.map(|(who, session)| (*who, *session))
    }

    /// How many practitioners the clinic said to be connected.
    pub(crate) fn practitioners(&self) -> usize {
        let announced = self.0.iter().filter(|(_, session)| session.announced);
        announced
            .filter(|(who, _)| matches!(who, Person::Practitioner(_)))
            .count()
    }
}
