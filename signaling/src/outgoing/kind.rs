//! What other systems are told of, by name.

use serde::{Serialize, Serializer};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// A kind of event. The names are stable; new ones may come.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum EventKind {
            $($(#[$doc])* $name,)*
        }

        impl EventKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

kinds! {
    /// A visit was planned.
    AppointmentBooked = "appointment.booked",
    /// A planned visit was called off before its patient came.
    AppointmentCancelled = "appointment.cancelled",
    /// A patient came.
    VisitArrived = "visit.arrived",
    /// A patient who is away was called.
    VisitCalled = "visit.called",
    /// A patient who was called came back.
    VisitReturned = "visit.returned",
    /// A patient came to an appointment, was away for too long, and is expected again.
    VisitExpectedAgain = "visit.expected_again",
    /// Staff said how soon a visit is to be seen.
    VisitRanked = "visit.ranked",
    /// A visit waits in another waiting room.
    VisitTransferred = "visit.transferred",
    /// A visit waits again, as its practitioner was lost.
    VisitWaitsAgain = "visit.waits_again",
    /// A patient left.
    VisitLeft = "visit.left",
    /// A practitioner turned a visit away.
    VisitDeclined = "visit.declined",
    /// A patient did not come, to the appointment or when called.
    VisitNoShow = "visit.no_show",
    /// A patient was away for too long.
    VisitConnectionLost = "visit.connection_lost",
    /// An answer meant an emergency.
    VisitEmergency = "visit.emergency",
    /// A visit ended with a consultation that was completed.
    VisitCompleted = "visit.completed",
    /// A consultation began.
    ConsultationStarted = "consultation.started",
    /// It goes on later.
    ConsultationHeld = "consultation.held",
    /// It goes on.
    ConsultationResumed = "consultation.resumed",
    /// It ended.
    ConsultationEnded = "consultation.ended",
    /// An outside system is to answer a gate.
    GateAsked = "gate.asked",
    /// A practitioner wrote to a patient's regular one.
    NoteWritten = "note.written",
    /// A gate is open.
    GateOpened = "gate.opened",
    /// A gate is shut by an answer.
    GateRefused = "gate.refused",
    /// Nobody answered a gate in time.
    GateExpired = "gate.expired",
    /// A patient gave consent.
    ConsentGiven = "consent.given",
    /// A patient refused consent.
    ConsentRefused = "consent.refused",
    /// A patient took consent back.
    ConsentRevoked = "consent.revoked",
}

impl EventKind {
    /// The kind of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

impl Serialize for EventKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
