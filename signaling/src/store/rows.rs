//! Visits and consultations as rows: a document for their course, another for what people said and wrote.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use vestibule_clinic::estimate::Estimator;
use vestibule_clinic::{
    Answers, Companions, Consent, Consultation, GateRules, Gates, Outcome, Visit, VisitState,
    WaitingRoom,
};
use vestibule_vocab::{CallId, ConsultationId, LegId, ParticipantId, Redacted, Timestamp};

use super::StoreError;
use super::convert::Columns;
use super::database::Row;
use crate::random::{self, NoRandomness};

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
    /// With the companions' names.
    #[serde(default)]
    companions: Companions,
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
        companions: std::mem::take(&mut visit.companions),
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
pub(super) fn read_visit(columns: &Columns<'_>) -> Result<Visit, StoreError> {
    let mut visit: Visit = read_document(columns)?;
    let personal: Personal = read_column(columns, "personal")?;
    visit.name = personal.name;
    visit.reason = personal.reason;
    visit.message = personal.message;
    visit.gates = personal.gates;
    visit.answers = personal.answers;
    visit.consent = personal.consent;
    visit.companions = personal.companions;
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
pub(super) fn read_consultation(columns: &Columns<'_>) -> Result<Consultation, StoreError> {
    let personal: Personal = read_column(columns, "personal")?;
    Ok(Consultation {
        name: personal.name,
        ..read_document(columns)?
    })
}

/// The SFU's side of a consultation under way: the call, and whose leg is which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CallIds {
    /// The call.
    pub call: CallId,
    /// Everybody's leg.
    pub legs: BTreeMap<ParticipantId, LegId>,
}

impl CallIds {
    /// A new call for these people.
    pub(crate) fn new(
        people: impl IntoIterator<Item = ParticipantId>,
    ) -> Result<Self, NoRandomness> {
        let mut ids = Self {
            call: CallId::from_random(random::bits()?),
            legs: BTreeMap::new(),
        };
        ids.seat(&people.into_iter().collect())?;
        Ok(ids)
    }

    /// The call is for these people, and nobody else; who is in it keeps the leg. True when that is news.
    pub(crate) fn seat(&mut self, people: &BTreeSet<ParticipantId>) -> Result<bool, NoRandomness> {
        let before = self.legs.len();
        self.legs.retain(|who, _| people.contains(who));
        let mut changed = self.legs.len() != before;
        for who in people {
            if !self.legs.contains_key(who) {
                self.legs.insert(*who, LegId::from_random(random::bits()?));
                changed = true;
            }
        }
        Ok(changed)
    }
}

/// Reads the calls of consultations under way from their rows and those of their legs.
pub(super) fn read_calls(
    consultations: &[Row],
    legs: &[Row],
) -> Result<HashMap<ConsultationId, CallIds>, StoreError> {
    let mut calls = HashMap::new();
    for row in consultations {
        let columns = Columns::of("consultations", row);
        if columns.text("state")? == "ended" {
            continue;
        }
        if let Some(call) = columns.optional_id("call")? {
            let legs = BTreeMap::new();
            calls.insert(columns.id("id")?, CallIds { call, legs });
        }
    }
    for row in legs {
        let columns = Columns::of("legs", row);
        if let Some(ids) = calls.get_mut(&columns.id("consultation")?) {
            let (who, leg) = (columns.id("participant")?, columns.id("leg")?);
            ids.legs.insert(who, leg);
        }
    }
    Ok(calls)
}
