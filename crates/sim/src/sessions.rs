//! Who has a socket open, and at which node, as people themselves know.

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

    pub(crate) fn close(&mut self, who: Person) -> Option<Session> {
        self.0.remove(&who)
    }

    pub(crate) fn of(&self, who: Person) -> Option<Session> {
        self.0.get(&who).copied()
    }

    /// All sockets of a node are closed.
    pub(crate) fn close_all(&mut self, node: Which) {
        self.0.retain(|_, session| session.node != node);
    }

    /// Whose page this is.
    pub(crate) fn with(&self, page: InstanceId) -> Option<(Person, Session)> {
        let mut all = self.0.iter().map(|(who, session)| (*who, *session));
        all.find(|(_, session)| session.page == page)
    }
}
