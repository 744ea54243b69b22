//! A visit and its states.

use vestibule_vocab::{ConsultationId, PatientId, Redacted, Timestamp, VisitId};

/// The rank of an arrival: grows with every visit and is never given twice among those remembered.
/// The waiting room is ordered by it, and not by the clock, which may step back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arrival(pub u64);

/// One patient's passage, from arrival to outcome. Also the row that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Its id, given by the join token.
    pub id: VisitId,
    /// Whose.
    pub patient: PatientId,
    /// The patient's name, trimmed.
    pub name: Redacted<String>,
    /// Why they came; may be empty, and is emptied when the visit ends.
    pub reason: Redacted<String>,
    /// Its rank in the order of the waiting room, kept through a consultation.
    pub arrival: Arrival,
    /// When it began.
    pub arrived_at: Timestamp,
    /// How far it is.
    pub state: VisitState,
}

/// How far a visit is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VisitState {
    /// In the waiting room.
    Waiting,
    /// With a practitioner.
    InConsultation {
        /// Which.
        consultation: ConsultationId,
    },
    /// Over, for good.
    Ended {
        /// How.
        outcome: Outcome,
        /// When; never before the arrival.
        at: Timestamp,
    },
}

/// How a visit ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The practitioner ended the consultation.
    Completed,
    /// The patient left, from the waiting room or the consultation.
    Left,
    /// A practitioner turned it away.
    Declined {
        /// Why.
        reason: DeclineReason,
        /// The practitioner's words, trimmed; may be empty.
        message: Redacted<String>,
    },
    /// The patient was away for longer than the grace.
    ConnectionLost,
}

/// Why a practitioner turned a visit away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeclineReason {
    /// Needs to be seen in person.
    InPersonNeeded,
    /// Not what this service is for.
    WrongService,
    /// No time left today.
    NoTimeLeft,
    /// Needs emergency care.
    Emergency,
    /// Anything else; the message says it.
    Other,
}

/// What can happen to a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A practitioner began a consultation.
    Admitted {
        /// Which.
        consultation: ConsultationId,
    },
    /// A practitioner turned it away.
    Declined {
        /// Why.
        reason: DeclineReason,
        /// In the practitioner's words.
        message: Redacted<String>,
    },
    /// The patient left.
    Left,
    /// The practitioner ended the consultation.
    Completed,
    /// The patient was away for longer than the grace.
    PatientLost,
    /// The practitioner was away for longer than the grace.
    PractitionerLost,
}

impl VisitState {
    /// The state after `event`; `None` when the event cannot happen in this state.
    #[must_use]
    pub fn after(&self, event: Event, now: Timestamp) -> Option<Self> {
        match self {
            Self::Waiting => Self::after_waiting(event, now),
            Self::InConsultation { .. } => Self::after_consultation(event, now),
            Self::Ended { .. } => None,
        }
    }

    /// The visit has not ended.
    #[must_use]
    pub fn is_active(&self) -> bool {
        match self {
            Self::Waiting | Self::InConsultation { .. } => true,
            Self::Ended { .. } => false,
        }
    }

    fn after_waiting(event: Event, at: Timestamp) -> Option<Self> {
        match event {
            Event::Admitted { consultation } => Some(Self::InConsultation { consultation }),
            Event::Declined { reason, message } => {
                Some(Self::ended(Outcome::Declined { reason, message }, at))
            }
            Event::Left => Some(Self::ended(Outcome::Left, at)),
            Event::PatientLost => Some(Self::ended(Outcome::ConnectionLost, at)),
            Event::Completed | Event::PractitionerLost => None,
        }
    }

    fn after_consultation(event: Event, at: Timestamp) -> Option<Self> {
        match event {
            Event::Completed => Some(Self::ended(Outcome::Completed, at)),
            Event::Left => Some(Self::ended(Outcome::Left, at)),
            Event::PatientLost => Some(Self::ended(Outcome::ConnectionLost, at)),
            Event::PractitionerLost => Some(Self::Waiting),
            Event::Admitted { .. } | Event::Declined { .. } => None,
        }
    }

    fn ended(outcome: Outcome, at: Timestamp) -> Self {
        Self::Ended { outcome, at }
    }
}
