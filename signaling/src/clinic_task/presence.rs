//! Who is here now, by which page, and what they say they send. None of it is stored.

use std::collections::HashMap;

use vestibule_clinic::IdentityLevel;
use vestibule_vocab::{InstanceId, ParticipantId};

use crate::identity::Subject;
use crate::socket::{Socket, SocketId};

/// A person as far as their page is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Presence {
    pub(super) subject: Subject,
    /// How surely it is known who they are.
    pub(super) level: IdentityLevel,
    pub(super) socket: SocketId,
    pub(super) instance: InstanceId,
    pub(super) connected: bool,
    pub(super) microphone: bool,
    pub(super) camera: bool,
}

/// Everybody who is connected, and those in a consultation who were.
#[derive(Debug, Default)]
pub(super) struct Presences(HashMap<ParticipantId, Presence>);

impl Presences {
    /// A page opened a socket. The same page that comes back still sends what it sent.
    pub(super) fn arrive(&mut self, socket: &Socket, instance: InstanceId) {
        let participant = socket.subject.participant();
        let before = self
            .0
            .get(&participant)
            .filter(|it| it.instance == instance);
        let (microphone, camera) = before.map_or((false, false), |it| (it.microphone, it.camera));
        let presence = Presence {
            subject: socket.subject,
            level: socket.level,
            socket: socket.id,
            instance,
            connected: true,
            microphone,
            camera,
        };
        self.0.insert(participant, presence);
    }

    /// A page shows another visit of its patient.
    pub(super) fn turn_to(&mut self, subject: Subject) {
        if let Some(presence) = self.0.get_mut(&subject.participant()) {
            presence.subject = subject;
        }
    }

    /// The page's socket is gone.
    pub(super) fn depart(&mut self, participant: ParticipantId) {
        if let Some(presence) = self.0.get_mut(&participant) {
            presence.connected = false;
        }
    }

    /// Forgets a participant who is not connected.
    pub(super) fn forget(&mut self, participant: ParticipantId) {
        if self.get(participant).is_some_and(|it| !it.connected) {
            self.0.remove(&participant);
        }
    }

    pub(super) fn get(&self, participant: ParticipantId) -> Option<&Presence> {
        self.0.get(&participant)
    }

    /// Everybody.
    pub(super) fn participants(&self) -> impl Iterator<Item = ParticipantId> {
        self.0.keys().copied()
    }

    /// Everybody who is connected.
    pub(super) fn connected(&self) -> impl Iterator<Item = (ParticipantId, Subject)> + '_ {
        let connected = self.0.iter().filter(|(_, presence)| presence.connected);
        connected.map(|(participant, presence)| (*participant, presence.subject))
    }

    /// Sets what a participant says they send; false when that is what they said before.
    pub(super) fn set_media(
        &mut self,
        participant: ParticipantId,
        microphone: bool,
        camera: bool,
    ) -> bool {
        let Some(presence) = self.0.get_mut(&participant) else {
            return false;
        };
        let changed = (presence.microphone, presence.camera) != (microphone, camera);
        (presence.microphone, presence.camera) = (microphone, camera);
        changed
    }
}
