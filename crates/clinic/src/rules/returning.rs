//! Whoever came before the time of their appointment was over and is away for too long: they have lost nothing by it.

use vestibule_vocab::{Millis, Timestamp, VisitId};

use super::Effects;
use super::moving::borne;
use crate::{Clinic, Event, Policy, Visit, VisitState};

/// Until when the patient of an appointment is expected; `None` without one.
pub(crate) fn expected_until(policy: &Policy, visit: &Visit) -> Option<Timestamp> {
    let by_the_clock = visit.appointment?.at.plus(policy.expected);
    Some(visit.extension.map_or(by_the_clock, |it| it.until()))
}

/// How long the patient of such a visit may be away who went then; `None` when nobody waits for them. Once it is time for
/// an appointment, its patient is waited for at least until they would not have come to it at all.
pub(crate) fn borne_since(policy: &Policy, visit: &Visit, since: Timestamp) -> Option<Millis> {
    let borne = borne(policy, &visit.state)?;
    let Some(appointment) = visit
        .appointment
        .filter(|_| visit.state == VisitState::Waiting)
    else {
        return Some(borne);
    };
    if since.plus(borne) < appointment.at {
        return Some(borne);
    }
    let rest = expected_until(policy, visit).map(|until| until.since(since));
    rest.max(Some(borne))
}

impl Clinic {
    /// The visit waits for a patient who is still expected: being away ends nothing.
    pub(super) fn is_still_expected(&self, now: Timestamp, visit: VisitId) -> bool {
        let visit = self.visits.get(&visit);
        visit.is_some_and(|visit| {
            let waits = matches!(
                visit.state,
                VisitState::Waiting | VisitState::Admitted { .. }
            );
            waits && expected_until(&self.policy, visit).is_some_and(|until| now < until)
        })
    }

    /// The patient is expected as they were before they came.
    pub(super) fn expect_again(&mut self, now: Timestamp, id: VisitId, effects: &mut Effects) {
        self.move_visit(now, id, Event::ExpectedAgain, effects);
        let Some(visit) = self.visits.get(&id).cloned() else {
            return;
        };
        if self.latest.get(&visit.patient) == Some(&id) {
            self.latest.remove(&visit.patient);
        }
        self.expect(&visit);
    }
}
