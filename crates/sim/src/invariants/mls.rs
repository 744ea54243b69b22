//! What the delivery service stored.

use std::collections::BTreeSet;

use vestibule_delivery::LogKind;

use super::Picture;

/// A group has one commit for each epoch, and its log has no gaps.
pub(crate) fn an_epoch_has_one_commit(picture: Picture<'_>) -> Option<String> {
    picture.rows.logs.iter().find_map(|(consultation, log)| {
        let mut epochs = BTreeSet::new();
        let twice = log.iter().any(|entry| {
            entry.kind == LogKind::Commit && !epochs.insert((entry.generation, entry.epoch))
        });
        let gap = (1..)
            .zip(log)
            .any(|(expected, entry)| entry.sequence != expected);
        (twice || gap).then(|| format!("the log of {consultation:?} is {log:?}"))
    })
}
