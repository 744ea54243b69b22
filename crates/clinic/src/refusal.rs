//! Why a request is refused.

use thiserror::Error;
use vestibule_vocab::Timestamp;

use crate::quota::QuotaReached;
use crate::shield::Shielded;
use crate::{AnswerFault, CompanionRefusal, ConsentRefusal, GateRefusal};

/// Why a request changed nothing. Each variant is one stable code on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Refusal {
    /// Code `not_found`.
    #[error("there is no such visit here")]
    NotFound,
    /// Code `invalid_name`.
    #[error(
        "the name shows nothing, is too long, has more than one line, or has characters that nobody sees or that turn it around"
    )]
    InvalidName,
    /// Code `invalid_text`.
    #[error(
        "the text is too long, shows nothing, or has characters that nobody sees or that turn it around"
    )]
    InvalidText,
    /// Code `visit_active`.
    #[error("the patient has an active visit already")]
    VisitActive,
    /// Code `visit_ended`.
    #[error("the visit has ended")]
    VisitEnded,
    /// Code `visit_not_waiting`.
    #[error("the visit is not waiting")]
    VisitNotWaiting,
    /// Code `waiting_room_full`.
    #[error("the waiting room is full")]
    WaitingRoomFull,
    /// Code `patient_away`.
    #[error("the patient is away at this moment")]
    PatientAway,
    /// Code `patient_there`: one calls only those who are away.
    #[error("the patient is there and can be admitted")]
    PatientThere,
    /// Code `practitioner_busy`.
    #[error("the practitioner is in a consultation")]
    PractitionerBusy,
    /// Code `not_in_consultation`.
    #[error("the practitioner is not in that consultation")]
    NotInConsultation,
    /// Code `limit_reached`.
    #[error("too many practitioners are connected")]
    LimitReached,
    /// Code `invalid_code`.
    #[error("a code is 1 to 40 small letters, digits and underscores")]
    InvalidCode,
    /// Code `too_many`.
    #[error("there are more of them than are kept")]
    TooMany,
    /// Code `service_closed`: the clinic closed it, or it is outside its hours.
    #[error("the service takes no new visits at that time")]
    ServiceClosed {
        /// When it takes some, should nothing else change; `None` when nobody can know.
        opens_at: Option<Timestamp>,
    },
    /// Code `nobody_practises`: whoever chose it would wait for ever.
    #[error("nobody practises the service")]
    NobodyPractises,
    /// Code `not_practised`: the practitioner who is named practises other services.
    #[error("the practitioner does not practise that service")]
    NotPractised,
    /// Code `language_not_spoken`: whoever asked for it would be seen by nobody.
    #[error("nobody who practises the service speaks that language")]
    LanguageNotSpoken,
    /// Code `gates_shut`: the visit has not passed all its gates.
    #[error("the visit has not passed all its gates")]
    GatesShut,
    /// Code `form_missing`: gates that are built in ask for a form, and none is there to be answered.
    #[error("gates of the service ask for a form, and it has none")]
    FormMissing,
    /// Code `invalid_order`: `urgent` is worth less than `soon`.
    #[error("a service's order makes urgent visits count less than those that are to be seen soon")]
    InvalidOrder,
    /// Code `no_form`: the service asks nothing.
    #[error("the service has no form")]
    NoForm,
    /// A gate's own code.
    #[error(transparent)]
    Gate(GateRefusal),
    /// An answer's own code.
    #[error("an answer does not fit its question: {0}")]
    Answer(AnswerFault),
    /// Consent's own code.
    #[error(transparent)]
    Consent(ConsentRefusal),
    /// A companion's own code.
    #[error(transparent)]
    Companion(CompanionRefusal),
    /// Code `quota_reached`: the patient has had as many consultations as this period holds.
    #[error("the patient has had as many consultations as this period holds")]
    QuotaReached(QuotaReached),
    /// Code `shielded`: the doctor shield holds the practitioner back.
    #[error("the practitioner's caps, pauses and breaks hold no consultation now")]
    Shielded(Shielded),
    /// Code `off_duty`: the practitioner said that they see nobody now.
    #[error("the practitioner is off duty or on a break")]
    OffDuty,
    /// Code `queue_closed`: the shifts hold no more than those who wait and are booked need.
    #[error("the queue takes nobody in: the shifts hold no more")]
    QueueClosed {
        /// When it opens again, should nobody leave it before; `None` when that is not planned yet.
        opens_at: Option<Timestamp>,
    },
    /// Code `others_wait_too_long`: somebody before has waited for longer than the service's ageing bound.
    #[error("somebody before has waited too long to be passed over")]
    OthersWaitTooLong,
    /// Code `overtake_needs_a_reason`: somebody before could be admitted, and nothing says why they are passed over.
    #[error("somebody before could be admitted, and no reason is given")]
    OvertakeNeedsAReason,
    /// Code `not_a_choice`: the reason is one that the order gives, or does not fit those who are passed over.
    #[error("a practitioner cannot give this reason here")]
    NotAChoice,
    /// Code `nothing_to_choose`: the patient was not asked, or the choice is not among those offered.
    #[error("there is nothing to choose")]
    NothingToChoose,
    /// Code `no_regular`: the patient wishes for their regular practitioner and has none, or it is another one.
    #[error("the clinic knows no regular practitioner of this patient, or another one")]
    NoRegular,
    /// Code `booked_otherwise`: the patient comes to an appointment and asks for what it is not.
    #[error("the appointment is for another service or with another practitioner")]
    BookedOtherwise,
    /// Code `unknown_patient`: the id is that of somebody who was erased, and leads to nobody any more.
    #[error("the patient is not known here")]
    UnknownPatient,
    /// Code `appointment_overlaps`.
    #[error("the patient or the practitioner has another appointment at that time")]
    AppointmentOverlaps,
    /// Code `invalid_time`: an appointment that is past, too far ahead, or of no sensible length.
    #[error("the time is not one that an appointment can have")]
    InvalidTime,
    /// Code `off_shift`: whoever could keep the appointment is not at work then, by the shifts that are planned.
    #[error("the appointment is outside the shifts that are planned, or in a break of theirs")]
    OffShift {
        /// The first moment after it at which a shift holds one of this length.
        opens_at: Option<Timestamp>,
    },
    /// Code `invalid_break`: a break that is over when it begins.
    #[error("a break ends in the future")]
    InvalidBreak,
    /// Code `unavailable`: the new id is in use; another try draws another.
    #[error("the new consultation's id is in use")]
    Unavailable,
}

impl From<QuotaReached> for Refusal {
    fn from(reached: QuotaReached) -> Self {
        Self::QuotaReached(reached)
    }
}

impl Refusal {
    /// When what is closed opens again, where that is known.
    #[must_use]
    pub fn opens_at(self) -> Option<Timestamp> {
        if let Self::ServiceClosed { opens_at }
        | Self::QueueClosed { opens_at }
        | Self::OffShift { opens_at } = self
        {
            opens_at
        } else if let Self::QuotaReached(reached) = self {
            Some(reached.opens_at)
        } else if let Self::Shielded(shielded) = self {
            shielded.until
        } else {
            None
        }
    }

    /// It tells how the service's door stands: closed, full, or with nobody behind it.
    #[must_use]
    pub fn is_of_the_door(self) -> bool {
        matches!(
            self,
            Self::ServiceClosed { .. } | Self::QueueClosed { .. } | Self::NobodyPractises
        )
    }
}
