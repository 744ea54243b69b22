//! Visits and consultations as rows: a document for their course, another for what people said and wrote.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use vestibule_clinic::estimate::Estimator;
use vestibule_clinic::{
    Answers, Consent, Consultation, GateRules, Gates, Outcome, Visit, VisitState, WaitingRoom,
};
use vestibule_vocab::{CallId, LegId, PatientId, Redacted, Timestamp, VisitId};

use super::StoreError;
use super::convert::Columns;
use super::vault::Vault;

/// What people said and wrote in a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Personal {
    name: Redacted<String>,
    reason: Redacted<String>,
    message: Redacted<String>,
    decline_message: Redacted<String>,
    /// With the words of whoever shut one, and the questions whose answers meant an emergency.
    gates: Gates,
    answers: Answers,
    consent: Consent,
}

impl Default for Personal {
    fn default() -> Self {
        Self {
            name: Redacted::default(),
            reason: Redacted::default(),
            message: Redacted::default(),
            decline_message: Redacted::default(),
            gates: no_gates(),
            answers: Answers::default(),
            consent: Consent::default(),
        }
    }
}

/// Takes what people wrote out of a visit.
pub(super) fn split(mut visit: Visit) -> (Visit, Personal) {
    let personal = Personal {
        name: std::mem::take(&mut visit.name),
        reason: std::mem::take(&mut visit.reason),
        message: std::mem::take(&mut visit.message),
        decline_message: decline_message(&mut visit)
            .map(std::mem::take)
            .unwrap_or_default(),
        gates: std::mem::replace(&mut visit.gates, no_gates()),
        answers: std::mem::take(&mut visit.answers),
        consent: std::mem::take(&mut visit.consent),
    };
    (visit, personal)
}

fn no_gates() -> Gates {
    Gates::new(GateRules::default(), Timestamp(0))
}

/// The practitioner's words with a declined visit.
fn decline_message(visit: &mut Visit) -> Option<&mut Redacted<String>> {
    match &mut visit.state {
        VisitState::Ended {
            outcome: Outcome::Declined { message, .. },
            ..
        } => Some(message),
        VisitState::Expected
        | VisitState::Waiting
        | VisitState::Admitted { .. }
        | VisitState::InConsultation { .. }
        | VisitState::OnHold { .. }
        | VisitState::Ended { .. } => None,
    }
}

/// The patient came, and the visit has not ended.
pub(super) fn is_active(visit: &Visit) -> bool {
    visit.state.is_active() && visit.state != VisitState::Expected
}

/// A value as the document that stands for it.
pub(super) fn document(value: &impl Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}

/// Reads a document.
pub(super) fn read_document<T: DeserializeOwned>(columns: &Columns<'_>) -> Result<T, StoreError> {
    read_column(columns, "body")
}

fn read_column<T: DeserializeOwned>(columns: &Columns<'_>, column: &str) -> Result<T, StoreError> {
    serde_json::from_str(&columns.text(column)?).map_err(|_| columns.corrupt())
}

/// Reads a visit joined with what people wrote.
pub(super) fn read_visit(vault: &Vault, columns: &Columns<'_>) -> Result<Visit, StoreError> {
    let mut visit: Visit = read_document(columns)?;
    let personal = read_personal(vault, columns, visit.patient, visit.id)?;
    visit.name = personal.name;
    visit.reason = personal.reason;
    visit.message = personal.message;
    visit.gates = personal.gates;
    visit.answers = personal.answers;
    visit.consent = personal.consent;
    if let Some(message) = decline_message(&mut visit) {
        *message = personal.decline_message;
    }
    Ok(visit)
}

/// Reads what is known of the pace of a waiting room.
pub(super) fn read_estimator(
    columns: &Columns<'_>,
) -> Result<(WaitingRoom, Estimator), StoreError> {
    Ok((
        read_column(columns, "waiting_room")?,
        read_document(columns)?,
    ))
}

/// The word for what a consultation is.
pub(super) fn state_word(consultation: &Consultation) -> &'static str {
    match (consultation.ended, consultation.held_since) {
        (Some(_), _) => "ended",
        (None, Some(_)) => "held",
        (None, None) => "active",
    }
}

/// A consultation without the patient's name.
pub(super) fn nameless(consultation: &Consultation) -> Consultation {
    Consultation {
        name: Redacted::default(),
        ..consultation.clone()
    }
}

/// Reads a consultation joined with what people wrote in its visit.
pub(super) fn read_consultation(
    vault: &Vault,
    columns: &Columns<'_>,
) -> Result<Consultation, StoreError> {
    let consultation: Consultation = read_document(columns)?;
    let (patient, visit) = (consultation.patient, consultation.visit);
    let personal = read_personal(vault, columns, patient, visit)?;
    Ok(Consultation {
        name: personal.name,
        ..consultation
    })
}

/// What people wrote in a visit; nothing when it was erased.
fn read_personal(
    vault: &Vault,
    columns: &Columns<'_>,
    patient: PatientId,
    visit: VisitId,
) -> Result<Personal, StoreError> {
    let (sealed, wrapped) = (
        columns.optional_bytes("personal")?,
        columns.optional_bytes("wrapped")?,
    );
    let (Some(sealed), Some(wrapped)) = (sealed, wrapped) else {
        return Ok(Personal::default());
    };
    let key = vault.unwrap(patient, &wrapped);
    let opened = key.and_then(|key| key.open(visit, &sealed));
    let opened = opened.map_err(|_| columns.corrupt())?;
    serde_json::from_slice(&opened).map_err(|_| columns.corrupt())
}

/// The SFU's side of a consultation under way, by two-party legs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CallIds {
    /// The call.
    pub call: CallId,
    /// The patient's leg.
    pub patient: LegId,
    /// The practitioner's leg.
    pub practitioner: LegId,
}

/// Reads a consultation's call; absent when none was made yet.
pub(super) fn read_call(columns: &Columns<'_>) -> Result<Option<CallIds>, StoreError> {
    let Some(call) = columns.optional_id("call")? else {
        return Ok(None);
    };
    Ok(Some(CallIds {
        call,
        patient: columns.id("patient_leg")?,
        practitioner: columns.id("practitioner_leg")?,
    }))
}
