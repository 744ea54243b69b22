//! What the delivery service stored.

use std::collections::BTreeSet;

use vestibule_delivery::LogKind;

use vestibule_delivery::Delivery;

use super::{Picture, Violation};
use crate::rows::Rows;

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

/// What a node carries is what is stored: the same groups, at the same epochs.
pub(crate) fn what_is_carried_is_stored(
    rows: &Rows,
    here: &Delivery,
    stored: &Delivery,
) -> Result<(), Violation> {
    let mut under_way = rows.under_way().map(|one| one.id);
    match under_way.find(|id| here.group(*id) != stored.group(*id)) {
        None => Ok(()),
        Some(id) => Err(Violation {
            invariant: "what_is_carried_is_stored",
            what: format!(
                "{id:?}: {:?}, and stored {:?}",
                here.group(id),
                stored.group(id)
            ),
        }),
    }
}
