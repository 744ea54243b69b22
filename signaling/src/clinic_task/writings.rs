//! What people write after a consultation: a patient to the practitioner, and the practitioner to the regular one.

use std::collections::HashMap;

use vestibule_clinic::text;
use vestibule_protocol::server::{Feedback, Reply};
use vestibule_protocol::{ErrorCode, limits as wire_limits};
use vestibule_vocab::{ConsultationId, PatientId, PractitionerId, Redacted};

use super::batch::Batch;
use super::desk::Desk;
use super::requests::{patient, practitioner};
use crate::identity::Subject;
use crate::store::{Write, Writing, WritingKind};

/// What patients told those practitioners who are here, the latest first.
#[derive(Debug, Default)]
pub(super) struct Told(HashMap<PractitionerId, Vec<Writing>>);

impl Told {
    /// A practitioner is here.
    pub(super) fn arrive(&mut self, practitioner: PractitionerId, told: Vec<Writing>) {
        self.0.insert(practitioner, told);
    }

    /// A practitioner's socket is gone.
    pub(super) fn depart(&mut self, practitioner: PractitionerId) {
        self.0.remove(&practitioner);
    }

    /// Somebody told a practitioner something, in the place of what they told before of the same consultation.
    pub(super) fn add(&mut self, writing: &Writing) {
        if let Some(told) = self.0.get_mut(&writing.practitioner) {
            told.retain(|it| it.consultation != writing.consultation);
            told.insert(0, writing.clone());
            told.truncate(wire_limits::FEEDBACK);
        }
    }

    /// Whom of those who are here patients may have told something.
    pub(super) fn here(&self) -> Vec<PractitionerId> {
        self.0.keys().copied().collect()
    }

    /// All that a practitioner is shown.
    pub(super) fn to(&self, practitioner: PractitionerId) -> Vec<Feedback> {
        let told = self.0.get(&practitioner).into_iter().flatten();
        told.map(|it| Feedback {
            at: it.at,
            text: it.text.clone(),
        })
        .collect()
    }
}

impl Desk {
    /// A patient tells the practitioner something. Only who had a consultation can.
    pub(super) fn take_feedback(
        &mut self,
        subject: Subject,
        text: &Redacted<String>,
        batch: &mut Batch,
    ) -> Result<Option<Reply>, ErrorCode> {
        let (patient, visit) = patient(subject)?;
        let text = within(text, wire_limits::FEEDBACK_CHARS)?;
        let about = self.past.of_visit(patient, visit);
        let about = about.ok_or(ErrorCode::NotInConsultation)?;
        let at = self.around.clock.now();
        let writing = Writing::about(about, WritingKind::Feedback, at, text);
        self.told.add(&writing);
        batch.affected.insert(writing.practitioner.into());
        batch.writes.push(Write::Writing(Box::new(writing)));
        Ok(Some(Reply::Done))
    }

    /// A practitioner writes to the patient's regular one, about a consultation under way or the last that ended.
    pub(super) fn take_note(
        &mut self,
        subject: Subject,
        consultation: ConsultationId,
        text: &Redacted<String>,
        batch: &mut Batch,
    ) -> Result<Option<Reply>, ErrorCode> {
        let practitioner = practitioner(subject)?;
        let text = within(text, wire_limits::NOTE_CHARS)?;
        let about = self.clinic.had_by(practitioner, consultation);
        let about = about.ok_or(ErrorCode::NotFound)?;
        self.may_be_written_about(about.patient)?;
        let at = self.around.clock.now();
        let writing = Writing::about(about, WritingKind::Note, at, text);
        batch.writes.push(Write::Writing(Box::new(writing)));
        Ok(Some(Reply::Done))
    }

    /// Nothing more is kept of whoever was erased.
    fn may_be_written_about(&self, patient: PatientId) -> Result<(), ErrorCode> {
        if self.clinic.is_erased(patient) {
            return Err(ErrorCode::UnknownPatient);
        }
        Ok(())
    }
}

/// The text without spaces around it, if there is one, it is not too long, and it is what it looks like.
fn within(text: &Redacted<String>, most: usize) -> Result<Redacted<String>, ErrorCode> {
    let read = text::lines(text.expose(), most).filter(|it| !it.is_empty());
    read.map(Redacted::new).ok_or(ErrorCode::InvalidText)
}
