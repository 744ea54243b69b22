//! Who is whose regular practitioner, as people read it.

use vestibule_protocol::desk::RegularPractitioner;
use vestibule_vocab::{PatientId, PractitionerId};

use super::desk::Desk;

impl Desk {
    /// What a patient reads of theirs.
    pub(super) fn regular_of(&self, patient: PatientId) -> Option<RegularPractitioner> {
        let practitioner = self.clinic.regular_of(patient)?;
        Some(RegularPractitioner {
            practitioner,
            name: self.practitioner_name(practitioner),
            own: false,
        })
    }

    /// What a practitioner reads of that of whom they see, or saw last.
    pub(super) fn regular_of_whom_they_see(
        &self,
        reader: PractitionerId,
    ) -> Option<RegularPractitioner> {
        let now = self.clinic.consultation_of(reader);
        let seen = now.or_else(|| self.clinic.ended_of(reader))?;
        let regular = self.regular_of(seen.patient)?;
        Some(RegularPractitioner {
            own: regular.practitioner == reader,
            ..regular
        })
    }
}
