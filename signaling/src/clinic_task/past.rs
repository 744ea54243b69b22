//! The consultations that patients had before, for the quotas of services. They are read when a patient's page opens
//! its socket, and forgotten when it is gone.

use std::collections::HashMap;

use vestibule_clinic::quota::{Had, History, Quota};
use vestibule_clinic::{Consultation, Service};
use vestibule_vocab::{PatientId, ServiceId, VisitId};

/// The consultations of those who are here.
#[derive(Debug, Default)]
pub(super) struct Past(HashMap<PatientId, Vec<Consultation>>);

impl Past {
    /// A patient is here.
    pub(super) fn arrive(&mut self, patient: PatientId, had: Vec<Consultation>) {
        self.0.insert(patient, had);
    }

    /// A patient's socket is gone.
    pub(super) fn depart(&mut self, patient: PatientId) {
        self.0.remove(&patient);
    }

    /// A consultation has ended, of a patient who may be here and come again. Heard twice, it is one.
    pub(super) fn ended(&mut self, consultation: &Consultation) {
        if let Some(had) = self.0.get_mut(&consultation.patient) {
            had.retain(|one| one.id != consultation.id);
            had.push(consultation.clone());
        }
    }

    /// The last consultation of a visit, once it ended.
    pub(super) fn of_visit(&self, patient: PatientId, visit: VisitId) -> Option<&Consultation> {
        let had = self.0.get(&patient)?.iter();
        had.filter(|one| one.visit == visit && one.ended.is_some())
            .max_by_key(|one| one.number)
    }

    /// Those of a patient who is here.
    pub(super) fn of(&self, patient: PatientId) -> Option<&[Consultation]> {
        self.0.get(&patient).map(Vec::as_slice)
    }
}

/// What counts of a patient's consultations for quotas: of the service that a visit is for, and of the others that have one,
/// to which it may be handed on.
pub(super) fn counted_at_all<'a>(
    had: &[Consultation],
    services: impl Iterator<Item = &'a Service>,
    visit_for: ServiceId,
) -> Had {
    let mut counts = Had::default();
    for service in services {
        let history = counted(had, service.id, service.quota.as_ref());
        if service.id == visit_for {
            counts.here = history;
        } else if history != History::default() {
            counts.elsewhere.insert(service.id, history);
        }
    }
    counts
}

/// What counts of a patient's consultations for the quota of one service.
pub(crate) fn counted<'a>(
    had: impl IntoIterator<Item = &'a Consultation>,
    service: ServiceId,
    quota: Option<&Quota>,
) -> History {
    let Some(quota) = quota else {
        return History::default();
    };
    let mut history = History::default();
    for one in had.into_iter().filter(|one| one.service == service) {
        history.begin(one.id, one.started_at);
        if let Some(ended) = one.ended {
            let lasted = ended.at.since(one.started_at);
            history.end(one.id, ended.how, lasted, quota.counts_after);
        }
    }
    history
}

#[cfg(test)]
mod tests {
    use vestibule_clinic::{Cap, Conclusion, ConsultationEnd, Ended};
    use vestibule_vocab::{ConsultationId, PractitionerId, Redacted, Timestamp};

    use super::*;

    fn patient() -> PatientId {
        PatientId::from_random(1)
    }

    fn service(number: u128) -> ServiceId {
        ServiceId::from_random(number)
    }

    fn consultation(number: u64, of: ServiceId, how: Option<ConsultationEnd>) -> Consultation {
        Consultation {
            id: ConsultationId::from_random(number.into()),
            number,
            visit: VisitId::from_random(number.into()),
            patient: patient(),
            name: Redacted::default(),
            service: of,
            practitioner: PractitionerId::from_random(1),
            started_at: Timestamp(number),
            held_since: None,
            ended: how.map(|how| Ended {
                how,
                at: Timestamp(number + 1_000),
                number,
            }),
        }
    }

    fn counted(past: &Past, of: ServiceId) -> usize {
        let quota = Quota {
            day: Cap::new(1).ok(),
            ..Quota::default()
        };
        let had = past.of(patient()).unwrap_or_default();
        Vec::from(super::counted(had, of, Some(&quota))).len()
    }

    #[test]
    fn m14_what_counts_is_what_took_place_in_the_same_service() {
        let done = Some(ConsultationEnd::Completed(Conclusion::Done));
        let mut past = Past::default();
        let had = vec![
            consultation(1, service(1), done),
            consultation(2, service(2), done),
            consultation(3, service(1), Some(ConsultationEnd::PatientLeft)),
        ];
        past.arrive(patient(), had);
        assert_eq!(
            [counted(&past, service(1)), counted(&past, service(2))],
            [1, 1]
        );
        past.ended(&consultation(4, service(1), done));
        assert_eq!(counted(&past, service(1)), 2);
        past.ended(&consultation(4, service(1), done));
        assert_eq!(counted(&past, service(1)), 2, "told twice");
        let had = past.of(patient()).unwrap_or_default();
        assert_eq!(
            super::counted(had, service(1), None),
            History::default(),
            "without a quota nothing counts"
        );
        past.depart(patient());
        assert_eq!(counted(&past, service(1)), 0);
    }
}
