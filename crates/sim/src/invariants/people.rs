//! Nobody is in two places, and nobody is lost.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_clinic::{VisitState, limits};

use super::Picture;

/// A patient is in one consultation at most, on hold or not.
pub(crate) fn nobody_is_in_two_consultations(picture: Picture<'_>) -> Option<String> {
    let mut with = BTreeSet::new();
    let mut under_way = picture.rows.under_way();
    let second = under_way.find(|one| !with.insert(one.patient))?;
    Some(format!(
        "{:?} is in {:?} and in another",
        second.patient, second.id
    ))
}

/// A practitioner is in one consultation at most that is not on hold, and a visit is with one practitioner.
pub(crate) fn nobody_is_assigned_twice(picture: Picture<'_>) -> Option<String> {
    let (mut practitioners, mut visits) = (BTreeSet::new(), BTreeSet::new());
    let mut under_way = picture.rows.under_way();
    let twice = under_way.find(|one| {
        let active = one.held_since.is_none();
        active && !practitioners.insert(one.practitioner) || !visits.insert(one.visit)
    })?;
    Some(format!(
        "{:?} and {:?} are together in {:?}, and one of them elsewhere",
        twice.practitioner, twice.visit, twice.id
    ))
}

/// Everybody who was told that they arrived is waiting, called, in a consultation, on hold, or has an outcome; and whoever
/// waits has a place, whoever is in a consultation has one that is under way.
pub(crate) fn no_visit_is_lost(picture: Picture<'_>) -> Option<String> {
    let rows = picture.rows;
    let known = |id| rows.visits.contains_key(id) || picture.told.forgotten.contains(id);
    if let Some(lost) = picture.told.arrived.iter().find(|id| !known(id)) {
        return Some(format!(
            "{lost:?} was told that they arrived, and is nowhere"
        ));
    }
    rows.visits.values().find_map(|visit| {
        let somewhere = match &visit.state {
            VisitState::Expected | VisitState::Admitted { .. } | VisitState::Ended { .. } => true,
            VisitState::Waiting => {
                let clinic = picture.clinic;
                clinic.is_none_or(|it| it.place(visit.id).is_some())
            }
            VisitState::InConsultation { consultation } | VisitState::OnHold { consultation } => {
                let consultation = rows.consultations.get(consultation);
                consultation.is_some_and(|one| one.visit == visit.id && one.ended.is_none())
            }
        };
        (!somewhere).then(|| format!("{:?} is {:?}, and nowhere", visit.id, visit.state))
    })
}

/// A practitioner has no more on hold than the limit.
pub(crate) fn nobody_holds_more_than_they_may(picture: Picture<'_>) -> Option<String> {
    let mut held: BTreeMap<_, usize> = BTreeMap::new();
    for one in picture
        .rows
        .under_way()
        .filter(|one| one.held_since.is_some())
    {
        *held.entry(one.practitioner).or_default() += 1;
    }
    let (who, count) = held.into_iter().find(|&(_, count)| count > limits::HELD)?;
    Some(format!("{who:?} has {count} on hold"))
}
