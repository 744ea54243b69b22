//! What the snapshots said about who may be in the group.

use std::collections::VecDeque;

use vestibule_protocol::server::ParticipantView;
use vestibule_vocab::{ParticipantId, Role};

use crate::limits::PAGES_SEEN;
use crate::mls::{Identity, Roster};

/// A member must be a participant of the present roster, by a page that the roster has named: the
/// present one, or one before it whose leaf is about to be replaced.
#[derive(Default)]
pub(super) struct RosterBook {
    participants: Vec<ParticipantView>,
    pages: VecDeque<Identity>,
}

impl RosterBook {
    pub(super) fn participants(&self) -> &[ParticipantView] {
        &self.participants
    }

    pub(super) fn update(&mut self, participants: &[ParticipantView]) {
        self.participants = participants.to_vec();
        for view in participants {
            let Some(instance) = view.instance else {
                continue;
            };
            let identity = Identity {
                participant: view.participant,
                instance,
            };
            if !self.pages.contains(&identity) {
                self.pages.push_back(identity);
            }
        }
        while self.pages.len() > PAGES_SEEN {
            self.pages.pop_front();
        }
    }

    pub(super) fn find(&self, participant: ParticipantId) -> Option<&ParticipantView> {
        let mut all = self.participants.iter();
        all.find(|view| view.participant == participant)
    }
}

impl Roster for RosterBook {
    fn admits(&self, identity: &Identity) -> bool {
        self.find(identity.participant).is_some() && self.pages.contains(identity)
    }

    fn may_commit(&self, identity: &Identity) -> bool {
        let view = self.find(identity.participant);
        self.admits(identity) && view.is_some_and(|view| view.role == Role::Practitioner)
    }
}
