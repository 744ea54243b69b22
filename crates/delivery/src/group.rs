//! The group in force, and which messages fit it.

use std::cmp::Ordering;

use vestibule_vocab::{ConsultationId, InstanceId};

use crate::Refusal;
use crate::framing::GroupFrame;

/// The MLS group that is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// Grows, from 1, when a practitioner's page begins anew.
    pub generation: u32,
    /// The page that began it: the only committer.
    pub committer: InstanceId,
    /// The epoch after the last commit.
    pub epoch: u64,
}

/// The generation and epoch that a message was made in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) generation: u32,
    pub(crate) epoch: u64,
}

impl Moment {
    /// Reads a frame whose group id must be this consultation's: its sixteen bytes and the
    /// generation as four bytes, big-endian.
    pub(crate) fn of(
        frame: &GroupFrame<'_>,
        consultation: ConsultationId,
    ) -> Result<Self, Refusal> {
        let generation = frame.group_id.strip_prefix(consultation.as_bytes());
        let generation = generation.and_then(|rest| <[u8; 4]>::try_from(rest).ok());
        let generation = u32::from_be_bytes(generation.ok_or(Refusal::MlsInvalid)?);
        Ok(Self {
            generation,
            epoch: frame.epoch,
        })
    }

    /// Takes this moment for now: what is past is stale, and nobody knows what is to come.
    pub(crate) fn must_be_now(self, group: Option<Group>) -> Result<(), Refusal> {
        let group = group.ok_or(Refusal::MlsInvalid)?;
        let now = (group.generation, group.epoch);
        match (self.generation, self.epoch).cmp(&now) {
            Ordering::Less => Err(Refusal::StaleEpoch),
            Ordering::Equal => Ok(()),
            Ordering::Greater => Err(Refusal::MlsInvalid),
        }
    }
}

/// The group after a commit made by `page` at `moment`.
pub(crate) fn after_commit(
    group: Option<Group>,
    page: InstanceId,
    moment: Moment,
) -> Result<Group, Refusal> {
    let generations = group.map_or(0, |group| group.generation);
    if Some(moment.generation) == generations.checked_add(1) && moment.epoch == 0 {
        return Ok(Group {
            generation: moment.generation,
            committer: page,
            epoch: 1,
        });
    }
    if let Some(group) = group
        && moment.generation == group.generation
        && page != group.committer
    {
        return Err(Refusal::NotCommitter);
    }
    moment.must_be_now(group)?;
    let epoch = moment.epoch.checked_add(1).ok_or(Refusal::MlsInvalid)?;
    Ok(Group {
        generation: moment.generation,
        committer: page,
        epoch,
    })
}

/// The group after a commit that was stored. Of an older generation the beginning may be missing,
/// because the log drops it; inside a generation epochs follow one another.
pub(crate) fn after_stored_commit(
    group: Option<Group>,
    committer: InstanceId,
    moment: Moment,
) -> Option<Group> {
    let next = Group {
        generation: moment.generation,
        committer,
        epoch: moment.epoch.checked_add(1)?,
    };
    let follows = match group {
        Some(group) if group.generation == moment.generation => {
            (group.epoch, group.committer) == (moment.epoch, committer)
        }
        Some(group) => group.generation < moment.generation,
        None => moment.generation > 0,
    };
    follows.then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: u128 = 1;
    const OTHER: u128 = 2;

    fn group(generation: u32, epoch: u64) -> Option<Group> {
        Some(Group {
            generation,
            committer: InstanceId::from_random(PAGE),
            epoch,
        })
    }

    fn commit(
        before: Option<Group>,
        page: u128,
        generation: u32,
        epoch: u64,
    ) -> Result<Group, Refusal> {
        after_commit(
            before,
            InstanceId::from_random(page),
            Moment { generation, epoch },
        )
    }

    #[test]
    fn the_first_generation_is_one_and_begins_at_epoch_zero() {
        assert_eq!(commit(None, PAGE, 1, 0).ok(), group(1, 1));
        assert_eq!(commit(None, PAGE, 0, 0), Err(Refusal::MlsInvalid));
        assert_eq!(commit(None, PAGE, 2, 0), Err(Refusal::MlsInvalid));
        assert_eq!(commit(None, PAGE, 1, 1), Err(Refusal::MlsInvalid));
    }

    #[test]
    fn a_commit_of_the_present_epoch_moves_to_the_next() {
        assert_eq!(commit(group(1, 7), PAGE, 1, 7).ok(), group(1, 8));
    }

    #[test]
    fn the_second_commit_of_an_epoch_is_stale() {
        assert_eq!(commit(group(1, 8), PAGE, 1, 7), Err(Refusal::StaleEpoch));
    }

    #[test]
    fn an_epoch_that_has_not_come_is_not_skipped_to() {
        assert_eq!(commit(group(1, 7), PAGE, 1, 8), Err(Refusal::MlsInvalid));
        let last = commit(group(1, u64::MAX), PAGE, 1, u64::MAX);
        assert_eq!(last, Err(Refusal::MlsInvalid));
    }

    #[test]
    fn only_the_page_that_began_the_generation_commits_in_it() {
        assert_eq!(commit(group(1, 7), OTHER, 1, 7), Err(Refusal::NotCommitter));
    }

    #[test]
    fn another_page_may_begin_the_next_generation() {
        let committer = InstanceId::from_random(OTHER);
        let next = Group {
            generation: 2,
            committer,
            epoch: 1,
        };
        assert_eq!(commit(group(1, 7), OTHER, 2, 0), Ok(next));
        assert_eq!(commit(group(1, 7), OTHER, 3, 0), Err(Refusal::MlsInvalid));
        assert_eq!(
            commit(group(u32::MAX, 7), OTHER, 0, 0),
            Err(Refusal::StaleEpoch)
        );
    }

    #[test]
    fn stored_commits_follow_one_another() {
        let stored = |before, page, generation, epoch| {
            after_stored_commit(
                before,
                InstanceId::from_random(page),
                Moment { generation, epoch },
            )
        };
        assert_eq!(stored(group(1, 7), PAGE, 1, 7), group(1, 8));
        assert_eq!(stored(group(1, 7), PAGE, 1, 8), None);
        assert_eq!(stored(group(1, 7), OTHER, 1, 7), None);
        assert_eq!(stored(group(2, 7), PAGE, 1, 7), None);
        assert_eq!(stored(None, PAGE, 2, 5), group(2, 6));
        assert_eq!(stored(None, PAGE, 0, 0), None);
    }

    #[test]
    fn commits_of_an_older_generation_are_stale_whoever_sends_them() {
        assert_eq!(commit(group(3, 1), PAGE, 2, 9), Err(Refusal::StaleEpoch));
        assert_eq!(commit(group(3, 1), OTHER, 1, 0), Err(Refusal::StaleEpoch));
    }
}
