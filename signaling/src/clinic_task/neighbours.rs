//! The other servers on a shared store: who is where, and which of them are gone.

use std::collections::BTreeMap;

use vestibule_vocab::ParticipantId;

use crate::limits;
use crate::store::{Attendance, NodeId};

/// What is known of the others.
#[derive(Debug, Default)]
pub(super) struct Neighbours {
    people: BTreeMap<ParticipantId, Attendance>,
    beats: BTreeMap<NodeId, Heard>,
}

/// The last that was heard of a server.
#[derive(Clone, Copy, Debug)]
struct Heard {
    beats: u64,
    /// Looks since then at which it had not moved on.
    silent: u32,
}

impl Neighbours {
    /// Somebody's socket is open at another server.
    pub(super) fn arrive(&mut self, attendance: Attendance) {
        self.people.insert(attendance.participant, attendance);
    }

    /// Somebody has no socket open at another server; the one that they had.
    pub(super) fn depart(&mut self, participant: ParticipantId) -> Option<Attendance> {
        self.people.remove(&participant)
    }

    pub(super) fn has(&self, participant: ParticipantId) -> bool {
        self.people.contains_key(&participant)
    }

    /// Everybody who is at another server.
    pub(super) fn everybody(&self) -> Vec<ParticipantId> {
        self.people.keys().copied().collect()
    }

    /// Everybody at a server that is gone.
    pub(super) fn bury(&mut self, node: NodeId) -> Vec<Attendance> {
        self.beats.remove(&node);
        let there = self.people.extract_if(.., |_, it| it.node == node);
        there.map(|(_, attendance)| attendance).collect()
    }

    /// Takes in everybody's beats; those who are gone come back.
    pub(super) fn hear(&mut self, own: NodeId, beats: &BTreeMap<NodeId, u64>) -> Vec<NodeId> {
        for (node, &count) in beats.iter().filter(|(node, _)| **node != own) {
            let heard = self.beats.entry(*node).or_insert(Heard {
                beats: count,
                silent: 0,
            });
            if heard.beats == count {
                heard.silent = heard.silent.saturating_add(1);
            } else {
                *heard = Heard {
                    beats: count,
                    silent: 0,
                };
            }
        }
        self.beats.retain(|node, _| beats.contains_key(node));
        let silent = self.beats.iter();
        let silent = silent.filter(|(_, heard)| heard.silent > limits::MISSED_BEATS);
        let mut gone: Vec<NodeId> = silent.map(|(node, _)| *node).collect();
        // One that took its leave may have left people behind.
        let left = self.people.values().map(|it| it.node);
        gone.extend(left.filter(|node| !beats.contains_key(node)));
        gone.sort_unstable();
        gone.dedup();
        gone
    }
}

#[cfg(test)]
mod tests {
    use vestibule_vocab::{PatientId, Role};

    use super::*;

    fn node() -> NodeId {
        NodeId::new().unwrap()
    }

    #[test]
    fn a_server_is_gone_when_it_moved_on_at_none_of_several_looks() {
        let (own, other) = (node(), node());
        let mut neighbours = Neighbours::default();
        let mut beats = BTreeMap::from([(own, 0), (other, 7)]);
        for _ in 0..=limits::MISSED_BEATS {
            assert!(neighbours.hear(own, &beats).is_empty());
            beats.insert(other, beats[&other] + 1);
        }
        for _ in 0..=limits::MISSED_BEATS {
            assert!(neighbours.hear(own, &beats).is_empty());
        }
        assert_eq!(neighbours.hear(own, &beats), [other]);
        neighbours.bury(other);
        beats.remove(&other);
        assert!(neighbours.hear(own, &beats).is_empty());
    }

    #[test]
    fn whom_a_server_left_behind_is_found() {
        let (own, other) = (node(), node());
        let participant = PatientId::from_random(1).into();
        let mut neighbours = Neighbours::default();
        neighbours.arrive(Attendance {
            participant,
            role: Role::Patient,
            node: other,
        });
        let beats = BTreeMap::from([(own, 0)]);
        assert_eq!(neighbours.hear(own, &beats), [other]);
        assert_eq!(neighbours.bury(other).len(), 1);
        assert!(!neighbours.has(participant));
    }
}
