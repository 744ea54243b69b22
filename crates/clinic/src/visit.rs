//! A visit and its states.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vestibule_vocab::{
    ConsultationId, PatientId, PractitionerId, Redacted, ServiceId, Timestamp, VisitId,
};

use crate::estimate::Promise;
use crate::quota::{Had, History};
use crate::{
    Answers, Appointment, Choice, Companions, Conclusion, Consent, Extension, Gates, Known,
    Language, Rank, Urgency, WaitingRoom,
};

/// The number of an arrival: grows with every visit and is never given twice among those remembered.
/// It says who came first whatever the clock says, which may step back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Arrival(pub u64);

/// One patient's passage, from arrival to outcome. Also the row that is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Its id, given by the join token or the appointment.
    pub id: VisitId,
    /// Whose.
    pub patient: PatientId,
    /// What for.
    pub service: ServiceId,
    /// Whom they asked for.
    pub choice: Choice,
    /// The language in which they want to be seen, when they said.
    pub language: Option<Language>,
    /// The patient's name, trimmed.
    pub name: Redacted<String>,
    /// Why they came; may be empty, and is emptied when the visit ends.
    pub reason: Redacted<String>,
    /// What staff last wrote to them while they wait; may be empty, and is emptied when the visit ends.
    pub message: Redacted<String>,
    /// When it is planned for, if it is.
    pub appointment: Option<Appointment>,
    /// Until when the patient is expected, where that is not by the clock alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<Extension>,
    /// How soon they are to be seen.
    pub urgency: Urgency,
    /// Where it waits, or waited last.
    pub waiting_room: WaitingRoom,
    /// Its rank there.
    pub rank: Rank,
    /// The moment from which its waiting counts, kept through transfers.
    pub counts_from: Timestamp,
    /// When it began: the last arrival, or the booking before there was one.
    pub arrived_at: Timestamp,
    /// The practitioner whom it waits for went off duty, and the patient is asked what they want.
    pub asked: bool,
    /// What was promised of its wait when it began, to be compared with what becomes of it.
    pub promise: Option<Promise>,
    /// What it passes before it can be admitted.
    pub gates: Gates,
    /// What the patient answered to the service's form; emptied when the visit ends.
    pub answers: Answers,
    /// What the patient said about consent.
    pub consent: Consent,
    /// Who comes along; their places end with it.
    #[serde(default)]
    pub companions: Companions,
    /// The patient's consultations that count for the service's quota.
    pub history: History,
    /// Those that count for the quotas of other services, to which it may be handed on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub elsewhere: BTreeMap<ServiceId, History>,
    /// What was learnt of its patient, for gates that are asked later.
    #[serde(default, skip_serializing_if = "Known::is_nothing")]
    pub known: Known,
    /// How far it is.
    pub state: VisitState,
}

/// How far a visit is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum VisitState {
    /// It has an appointment, and its patient has not come yet, or came early and will come again.
    Expected,
    /// In the waiting room.
    Waiting,
    /// Called while its patient is away, who comes first when back in time.
    Admitted {
        /// By whom.
        practitioner: PractitionerId,
    },
    /// With a practitioner.
    InConsultation {
        /// Which.
        consultation: ConsultationId,
    },
    /// The consultation goes on later; the practitioner may see somebody else meanwhile.
    OnHold {
        /// Which.
        consultation: ConsultationId,
    },
    /// Over. For good, unless nobody came and they are called back.
    Ended {
        /// How.
        outcome: Outcome,
        /// When; never before the arrival.
        at: Timestamp,
    },
}

/// How a visit ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Outcome {
    /// The practitioner ended the consultation.
    Completed {
        /// What they concluded.
        conclusion: Conclusion,
    },
    /// The patient left, from the waiting room or the consultation.
    Left,
    /// A practitioner turned it away.
    Declined {
        /// Why.
        reason: DeclineReason,
        /// The practitioner's words, trimmed; may be empty.
        message: Redacted<String>,
    },
    /// The patient was away for too long.
    ConnectionLost,
    /// The patient did not come: to the appointment, or when called.
    NoShow,
    /// The appointment was called off before the patient came.
    Cancelled,
    /// An answer meant an emergency: the patient was shown 112.
    Emergency,
}

/// Why a practitioner turned a visit away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeclineReason {
    /// Needs to be seen in person.
    InPersonNeeded,
    /// Not what this service is for.
    WrongService,
    /// No time left today.
    NoTimeLeft,
    /// Needs emergency care.
    Emergency,
    /// What was booked is more than the quota holds: no practitioner says so, and nobody was let in.
    QuotaReached,
    /// Anything else; the message says it.
    Other,
}

/// What can happen to a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The patient came to the appointment.
    Arrived,
    /// A practitioner began a consultation.
    Admitted {
        /// Which.
        consultation: ConsultationId,
    },
    /// A practitioner called a patient who is away, or who did not come before.
    Called {
        /// Who calls.
        practitioner: PractitionerId,
    },
    /// The patient came back in time.
    CameBack,
    /// A practitioner turned it away.
    Declined {
        /// Why.
        reason: DeclineReason,
        /// In the practitioner's words.
        message: Redacted<String>,
    },
    /// The patient left.
    Left,
    /// An answer of the patient meant an emergency.
    Stopped,
    /// The appointment was called off.
    Cancelled,
    /// The practitioner put the consultation on hold.
    Held,
    /// The practitioner went on with it.
    Resumed,
    /// It was handed on to another waiting room.
    Transferred {
        /// Which.
        to: WaitingRoom,
    },
    /// The practitioner ended the consultation.
    Completed {
        /// What they concluded.
        conclusion: Conclusion,
    },
    /// The patient was away for too long.
    PatientLost,
    /// The practitioner was away for longer than the grace.
    PractitionerLost,
    /// The time has passed at which the patient was expected.
    NotCome,
    /// The patient came before the appointment's time was over, was away for too long, and is expected as before.
    ExpectedAgain,
}

impl Visit {
    /// Its patient comes, having had this.
    pub(crate) fn brings(&mut self, had: Had) {
        (self.history, self.elsewhere) = (had.here, had.elsewhere);
    }

    /// It is for this service from now on, with what counts for the quota of that one.
    pub(crate) fn is_for(&mut self, service: ServiceId) {
        if self.service == service {
            return;
        }
        let counted = self.elsewhere.remove(&service).unwrap_or_default();
        let before = std::mem::replace(&mut self.history, counted);
        if before != History::default() {
            self.elsewhere.insert(self.service, before);
        }
        self.service = service;
    }

    /// When the patient came. Of a visit that is planned, the moment of its booking is kept until they do.
    #[must_use]
    pub fn came_at(&self) -> Option<Timestamp> {
        let walked_in = self.appointment.is_none();
        (walked_in || self.came()).then_some(self.arrived_at)
    }

    /// The patient was let in, as far as the state tells: not when they are expected, nobody came to the appointment, or whoever
    /// came to it was turned away.
    #[must_use]
    pub fn came(&self) -> bool {
        match &self.state {
            VisitState::Expected => false,
            VisitState::Ended { outcome, .. } => !matches!(
                outcome,
                Outcome::NoShow
                    | Outcome::Cancelled
                    | Outcome::Declined {
                        reason: DeclineReason::QuotaReached,
                        ..
                    }
            ),
            VisitState::Waiting
            | VisitState::Admitted { .. }
            | VisitState::InConsultation { .. }
            | VisitState::OnHold { .. } => true,
        }
    }
}

impl VisitState {
    /// The state after `event`; `None` when the event cannot happen in this state.
    #[must_use]
    pub fn after(&self, event: Event, now: Timestamp) -> Option<Self> {
        let ended = |outcome| Some(Self::Ended { outcome, at: now });
        match (self, event) {
            (Self::Expected, Event::Arrived) | (Self::Admitted { .. }, Event::CameBack) => {
                Some(Self::Waiting)
            }
            (Self::Expected, Event::Cancelled) => ended(Outcome::Cancelled),
            (Self::Expected, Event::NotCome) | (Self::Admitted { .. }, Event::PatientLost) => {
                ended(Outcome::NoShow)
            }
            (Self::Waiting | Self::Admitted { .. }, Event::ExpectedAgain) => Some(Self::Expected),
            (Self::Waiting, Event::Admitted { consultation }) => {
                Some(Self::InConsultation { consultation })
            }
            (Self::OnHold { consultation }, Event::Resumed) => Some(Self::InConsultation {
                consultation: *consultation,
            }),
            (state, Event::Called { practitioner }) if state.may_be_called() => {
                Some(Self::Admitted { practitioner })
            }
            (Self::InConsultation { consultation }, Event::Held) => Some(Self::OnHold {
                consultation: *consultation,
            }),
            (
                Self::Expected | Self::Waiting | Self::Admitted { .. },
                Event::Declined { reason, message },
            ) => ended(Outcome::Declined { reason, message }),
            (state, Event::Left) if state.has_arrived() => ended(Outcome::Left),
            (Self::Waiting | Self::Admitted { .. }, Event::Stopped) => ended(Outcome::Emergency),
            (state, Event::PatientLost) if state.has_arrived() => ended(Outcome::ConnectionLost),
            (Self::Waiting, Event::Transferred { .. }) => Some(Self::Waiting),
            (state, Event::Transferred { .. } | Event::PractitionerLost)
                if state.consultation().is_some() =>
            {
                Some(Self::Waiting)
            }
            (state, Event::Completed { conclusion }) if state.consultation().is_some() => {
                ended(Outcome::Completed { conclusion })
            }
            _ => None,
        }
    }

    /// The visit has not ended.
    #[must_use]
    pub fn is_active(&self) -> bool {
        !matches!(self, Self::Ended { .. })
    }

    /// The consultation under way, on hold or not.
    #[must_use]
    pub fn consultation(&self) -> Option<ConsultationId> {
        match self {
            Self::InConsultation { consultation } | Self::OnHold { consultation } => {
                Some(*consultation)
            }
            Self::Expected | Self::Waiting | Self::Admitted { .. } | Self::Ended { .. } => None,
        }
    }

    /// The patient has come, and the visit goes on.
    fn has_arrived(&self) -> bool {
        self.is_active() && *self != Self::Expected
    }

    /// It waits; or nobody came, and a wrong moment shall not cost a day.
    fn may_be_called(&self) -> bool {
        let missed = Outcome::NoShow;
        *self == Self::Waiting || matches!(self, Self::Ended { outcome, .. } if *outcome == missed)
    }
}
