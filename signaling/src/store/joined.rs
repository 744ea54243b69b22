//! Visits and consultations joined with what people wrote, sealed, and the key that it is sealed under. Both are absent of
//! those that were erased.

macro_rules! visits {
    ($which:literal) => {
        concat!(
            "SELECT visits.body, personal.body AS personal, patient_keys.wrapped FROM visits \
             LEFT JOIN personal ON personal.visit = visits.id \
             LEFT JOIN patient_keys ON patient_keys.patient = visits.patient",
            $which
        )
    };
}

macro_rules! consultations {
    ($which:literal) => {
        concat!(
            "SELECT consultations.*, personal.body AS personal, patient_keys.wrapped \
             FROM consultations JOIN visits ON visits.id = consultations.visit \
             LEFT JOIN personal ON personal.visit = visits.id \
             LEFT JOIN patient_keys ON patient_keys.patient = visits.patient",
            $which
        )
    };
}

/// Every visit.
pub(super) const VISITS: &str = visits!("");

/// The visit `$1`.
pub(super) const VISIT: &str = visits!(" WHERE visits.id = $1");

/// The first `$1` visits, in order of arrival.
pub(super) const FIRST_VISITS: &str = visits!(" ORDER BY visits.arrival LIMIT $1");

/// The `$2` visits behind the arrival `$1`, in that order.
pub(super) const VISITS_BEHIND: &str =
    visits!(" WHERE visits.arrival > $1 ORDER BY visits.arrival LIMIT $2");

/// The visits of the patient `$1`, in order of arrival.
pub(super) const VISITS_OF_PATIENT: &str =
    visits!(" WHERE visits.patient = $1 ORDER BY visits.arrival");

/// The visits of the patient `$1`, and those that somebody came for who is known by `$2`.
pub(super) const VISITS_OF_PERSON: &str = visits!(
    " WHERE visits.patient = $1 \
     OR visits.id IN (SELECT visit FROM visit_identities WHERE pseudonym = $2)"
);

/// Every consultation.
pub(super) const CONSULTATIONS: &str = consultations!("");

/// The consultation `$1`.
pub(super) const CONSULTATION: &str = consultations!(" WHERE consultations.id = $1");

/// The consultations of the patient `$1`, in order.
pub(super) const CONSULTATIONS_OF_PATIENT: &str =
    consultations!(" WHERE visits.patient = $1 ORDER BY consultations.number");
