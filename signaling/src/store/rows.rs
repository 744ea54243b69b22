//! Visits and consultations as rows.

use vestibule_clinic::{
    Arrival, Consultation, ConsultationEnd, DeclineReason, Ended, Outcome, Visit, VisitState,
};
use vestibule_vocab::{CallId, ConsultationId, LegId, Redacted, Timestamp};

use super::StoreError;
use super::convert::{Columns, Word as _};

/// The columns of a visit's state.
#[derive(Default)]
pub(super) struct StateColumns {
    pub(super) state: &'static str,
    pub(super) consultation: Option<ConsultationId>,
    pub(super) outcome: Option<&'static str>,
    pub(super) decline_reason: Option<&'static str>,
    pub(super) ended_at: Option<Timestamp>,
}

/// Splits a visit's state into its columns.
pub(super) fn state_columns(state: &VisitState) -> StateColumns {
    match state {
        VisitState::Waiting => StateColumns {
            state: "waiting",
            ..StateColumns::default()
        },
        VisitState::InConsultation { consultation } => StateColumns {
            state: "in_consultation",
            consultation: Some(*consultation),
            ..StateColumns::default()
        },
        VisitState::Ended { outcome, at } => StateColumns {
            state: "ended",
            outcome: Some(outcome_word(outcome)),
            decline_reason: decline_reason(outcome).map(DeclineReason::word),
            ended_at: Some(*at),
            ..StateColumns::default()
        },
    }
}

fn outcome_word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Completed => "completed",
        Outcome::Left => "left",
        Outcome::Declined { .. } => "declined",
        Outcome::ConnectionLost => "connection_lost",
    }
}

fn decline_reason(outcome: &Outcome) -> Option<DeclineReason> {
    match outcome {
        Outcome::Declined { reason, .. } => Some(*reason),
        Outcome::Completed | Outcome::Left | Outcome::ConnectionLost => None,
    }
}

/// The practitioner's words with a declined visit; they are stored with what is personal.
pub(super) fn decline_message(state: &VisitState) -> &str {
    match state {
        VisitState::Ended {
            outcome: Outcome::Declined { message, .. },
            ..
        } => message.expose(),
        VisitState::Waiting | VisitState::InConsultation { .. } | VisitState::Ended { .. } => "",
    }
}

/// Reads a visit joined with what is personal.
pub(super) fn read_visit(columns: &Columns<'_>) -> Result<Visit, StoreError> {
    Ok(Visit {
        id: columns.id("id")?,
        patient: columns.id("patient")?,
        name: Redacted::new(columns.text("name")?),
        reason: Redacted::new(columns.text("reason")?),
        arrival: Arrival(columns.number("arrival")?),
        arrived_at: Timestamp(columns.number("arrived_at")?),
        state: read_state(columns)?,
    })
}

fn read_state(columns: &Columns<'_>) -> Result<VisitState, StoreError> {
    match columns.text("state")?.as_str() {
        "waiting" => Ok(VisitState::Waiting),
        "in_consultation" => Ok(VisitState::InConsultation {
            consultation: columns.id("consultation")?,
        }),
        "ended" => Ok(VisitState::Ended {
            outcome: read_outcome(columns)?,
            at: Timestamp(columns.number("ended_at")?),
        }),
        _ => Err(columns.corrupt()),
    }
}

fn read_outcome(columns: &Columns<'_>) -> Result<Outcome, StoreError> {
    match columns.text("outcome")?.as_str() {
        "completed" => Ok(Outcome::Completed),
        "left" => Ok(Outcome::Left),
        "connection_lost" => Ok(Outcome::ConnectionLost),
        "declined" => Ok(Outcome::Declined {
            reason: DeclineReason::from_word(&columns.text("decline_reason")?)
                .ok_or(columns.corrupt())?,
            message: Redacted::new(columns.text("decline_message")?),
        }),
        _ => Err(columns.corrupt()),
    }
}

/// Reads a consultation joined with the patient's name.
pub(super) fn read_consultation(columns: &Columns<'_>) -> Result<Consultation, StoreError> {
    Ok(Consultation {
        id: columns.id("id")?,
        number: columns.number("number")?,
        visit: columns.id("visit")?,
        patient: columns.id("patient")?,
        name: Redacted::new(columns.text("name")?),
        practitioner: columns.id("practitioner")?,
        started_at: Timestamp(columns.number("started_at")?),
        ended: read_end(columns)?,
    })
}

fn read_end(columns: &Columns<'_>) -> Result<Option<Ended>, StoreError> {
    let Some(word) = columns.optional_text("ended")? else {
        return Ok(None);
    };
    Ok(Some(Ended {
        how: ConsultationEnd::from_word(&word).ok_or(columns.corrupt())?,
        at: Timestamp(columns.number("ended_at")?),
    }))
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
