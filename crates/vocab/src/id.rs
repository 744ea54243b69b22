//! Ids. Each is a type of its own, made from random bits that the caller passes in.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

/// The face of an id that may stand in a log: its first eight hexadecimal digits.
///
/// Enough to follow one visit through a log, not enough to be used as a credential or to be joined
/// with another system's records.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Loggable(u32);

impl fmt::Display for Loggable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:08x}", self.0)
    }
}

impl fmt::Debug for Loggable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
        #[serde(transparent)]
        #[ts(type = "string")]
        pub struct $name(Uuid);

        impl $name {
            /// Makes an id from 128 random bits; the version bits of RFC 9562 section 5.4 are set.
            #[must_use]
            pub fn from_random(bits: u128) -> Self {
                Self(uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid())
            }

            /// The sixteen bytes of the id, as stored and as used in MLS group ids.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The id with these sixteen bytes.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The whole id as text, for the wire and the store. Logs take [`Self::loggable`].
            #[must_use]
            pub fn to_text(&self) -> String {
                self.0.hyphenated().to_string()
            }

            /// Reads the text form; `None` when it is not an id.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Uuid::try_parse(text).ok().map(Self)
            }

            /// The face of this id that may be logged.
            #[must_use]
            pub fn loggable(&self) -> Loggable {
                let [a, b, c, d, ..] = *self.0.as_bytes();
                Loggable(u32::from_be_bytes([a, b, c, d]))
            }
        }

        /// In the order of the bytes.
        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                // Ids are looked up more often than anything else is done with them: as one number each, they are
                // compared by a few instructions instead of byte by byte.
                self.0.as_u128().cmp(&other.0.as_u128())
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}:{}", stringify!($name), self.loggable())
            }
        }
    };
}

id!(
    /// One tenant.
    ClinicId
);
id!(
    /// What can be consulted for at a clinic.
    ServiceId
);
id!(
    /// A patient: the subject of a join token.
    PatientId
);
id!(
    /// A practitioner: the subject of a join token.
    PractitionerId
);
id!(
    /// One patient's passage from arrival to outcome.
    VisitId
);
id!(
    /// The clinical encounter.
    ConsultationId
);
id!(
    /// A person in a consultation; a patient's, practitioner's or invitation's id seen from the consultation.
    ParticipantId
);
id!(
    /// The invitation of one companion to one visit.
    InvitationId
);
id!(
    /// One authenticated session, bound to a device.
    SessionId
);
id!(
    /// One load of the page: a reload makes a new instance, and with it a new MLS leaf.
    InstanceId
);
id!(
    /// The SFU's side of a consultation.
    CallId
);
id!(
    /// The authorisation of one participant to connect one peer to one call.
    LegId
);

id!(
    /// A key of another system's; the id is not the secret.
    ApiKeyId
);

impl From<PatientId> for ParticipantId {
    fn from(id: PatientId) -> Self {
        Self(id.0)
    }
}

/// An invitation is for one person, who has no other name.
impl From<InvitationId> for ParticipantId {
    fn from(id: InvitationId) -> Self {
        Self(id.0)
    }
}

impl From<PractitionerId> for ParticipantId {
    fn from(id: PractitionerId) -> Self {
        Self(id.0)
    }
}

#[cfg(test)]
mod tests {
    use super::VisitId;

    #[test]
    fn debug_shows_only_the_loggable_face() {
        let id = VisitId::from_random(0x1234_5678_9abc_def0_1234_5678_9abc_def0);
        assert_eq!(format!("{id:?}"), "VisitId:12345678");
        assert!(!format!("{id:?}").contains("9abc"));
    }

    #[test]
    fn text_and_bytes_round_trip() {
        let id = VisitId::from_random(7);
        assert_eq!(VisitId::parse(&id.to_text()), Some(id));
        assert_eq!(VisitId::from_bytes(*id.as_bytes()), id);
        assert_eq!(VisitId::parse("not an id"), None);
    }
}
