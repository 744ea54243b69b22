//! Why packets are dropped, as they are counted.

use vestibule_forwarding::Unforwarded;
use vestibule_handshake::Unheard;
use vestibule_rtp::{Refusal as NotAgain, Stale};
use vestibule_srtp::Refusal;

use crate::peer::{Dropped, Leaves};

/// A reason under which dropped packets are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Of a datagram that came.
    In(In),
    /// Of a packet that was to go.
    Out(Out),
}

/// Why a datagram that came is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum In {
    UnknownAddress,
    UnknownFragment,
    UnknownProtocol,
    TooManyAddresses,
    TooManyGuesses,
    StunMalformed,
    StunUnauthentic,
    StunReplayed,
    StunUnasked,
    DtlsUnproved,
    DtlsMalformed,
    DtlsUnused,
    MediaBeforeHandshake,
    SrtpTooShort,
    SrtpMalformed,
    SrtpReplayed,
    SrtpTooOld,
    SrtpForged,
    SrtpNotEncrypted,
    SrtpKeyExhausted,
    SrtpLibrary,
    UnknownStream,
    TooManyStreams,
    TooLarge,
    TooMuchSound,
    Padding,
    Repeated,
    TooOld,
    RtcpMalformed,
    UnknownStreamReport,
    CallFailed,
    CallClosed,
    PictureMalformed,
    CameBefore,
    AnotherPresents,
}

/// Why a packet that was to go is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Out {
    PacerFull,
    HistoryMissing,
    ResentJustNow,
    ResentTooOften,
    ResentBudget,
    NotTaken,
    NotWritten,
    SendFailed,
    NoConnection,
    BeforeJoining,
    NoKeyFrame,
    AskedTooMuch,
    TurnTooLate,
    Paused,
    Behind,
}

impl In {
    pub(crate) const ALL: [Self; 35] = [
        Self::UnknownAddress,
        Self::UnknownFragment,
        Self::UnknownProtocol,
        Self::TooManyAddresses,
        Self::TooManyGuesses,
        Self::StunMalformed,
        Self::StunUnauthentic,
        Self::StunReplayed,
        Self::StunUnasked,
        Self::DtlsUnproved,
        Self::DtlsMalformed,
        Self::DtlsUnused,
        Self::MediaBeforeHandshake,
        Self::SrtpTooShort,
        Self::SrtpMalformed,
        Self::SrtpReplayed,
        Self::SrtpTooOld,
        Self::SrtpForged,
        Self::SrtpNotEncrypted,
        Self::SrtpKeyExhausted,
        Self::SrtpLibrary,
        Self::UnknownStream,
        Self::TooManyStreams,
        Self::TooLarge,
        Self::TooMuchSound,
        Self::Padding,
        Self::Repeated,
        Self::TooOld,
        Self::RtcpMalformed,
        Self::UnknownStreamReport,
        Self::CallFailed,
        Self::CallClosed,
        Self::PictureMalformed,
        Self::CameBefore,
        Self::AnotherPresents,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::UnknownAddress => "unknown_address",
            Self::UnknownFragment => "unknown_fragment",
            Self::UnknownProtocol => "unknown_protocol",
            Self::TooManyAddresses => "too_many_addresses",
            Self::TooManyGuesses => "too_many_guesses",
            Self::StunMalformed => "stun_malformed",
            Self::StunUnauthentic => "stun_unauthentic",
            Self::StunReplayed => "stun_replayed",
            Self::StunUnasked => "stun_unasked",
            Self::DtlsUnproved => "dtls_unproved",
            Self::DtlsMalformed => "dtls_malformed",
            Self::DtlsUnused => "dtls_unused",
            Self::MediaBeforeHandshake => "media_before_handshake",
            Self::SrtpTooShort => "srtp_too_short",
            Self::SrtpMalformed => "srtp_malformed",
            Self::SrtpReplayed => "srtp_replayed",
            Self::SrtpTooOld => "srtp_too_old",
            Self::SrtpForged => "srtp_forged",
            Self::SrtpNotEncrypted => "srtp_not_encrypted",
            Self::SrtpKeyExhausted => "srtp_key_exhausted",
            Self::SrtpLibrary => "srtp_library",
            Self::UnknownStream => "unknown_stream",
            Self::TooManyStreams => "too_many_streams",
            Self::TooLarge => "too_large",
            Self::TooMuchSound => "too_much_sound",
            Self::Padding => "padding",
            Self::Repeated => "repeated",
            Self::TooOld => "too_old",
            Self::RtcpMalformed => "rtcp_malformed",
            Self::UnknownStreamReport => "unknown_stream_report",
            Self::CallFailed => "call_failed",
            Self::CallClosed => "call_closed",
            Self::PictureMalformed => "picture_malformed",
            Self::CameBefore => "came_before",
            Self::AnotherPresents => "another_presents",
        }
    }
}

impl Out {
    pub(crate) const ALL: [Self; 15] = [
        Self::PacerFull,
        Self::HistoryMissing,
        Self::ResentJustNow,
        Self::ResentTooOften,
        Self::ResentBudget,
        Self::NotTaken,
        Self::NotWritten,
        Self::SendFailed,
        Self::NoConnection,
        Self::BeforeJoining,
        Self::NoKeyFrame,
        Self::AskedTooMuch,
        Self::TurnTooLate,
        Self::Paused,
        Self::Behind,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::PacerFull => "pacer_full",
            Self::HistoryMissing => "history_missing",
            Self::ResentJustNow => "resent_just_now",
            Self::ResentTooOften => "resent_too_often",
            Self::ResentBudget => "resent_budget",
            Self::NotTaken => "not_taken",
            Self::NotWritten => "not_written",
            Self::SendFailed => "send_failed",
            Self::NoConnection => "no_connection",
            Self::BeforeJoining => "before_joining",
            Self::NoKeyFrame => "no_key_frame",
            Self::AskedTooMuch => "asked_too_much",
            Self::TurnTooLate => "turn_too_late",
            Self::Paused => "paused",
            Self::Behind => "behind",
        }
    }
}

impl Reason {
    pub(crate) const COUNT: usize = In::ALL.len() + Out::ALL.len();

    /// All reasons, in the order of [`Self::index`].
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let incoming = In::ALL.into_iter().map(Self::In);
        incoming.chain(Out::ALL.into_iter().map(Self::Out))
    }

    /// Where it is counted.
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::In(reason) => reason as usize,
            Self::Out(reason) => In::ALL.len() + reason as usize,
        }
    }

    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::In(reason) => reason.label(),
            Self::Out(reason) => reason.label(),
        }
    }

    pub(crate) fn direction(self) -> &'static str {
        match self {
            Self::In(_) => "in",
            Self::Out(_) => "out",
        }
    }

    /// Why a packet does not leave; `None` when it does, now or later.
    pub(crate) fn to_stay(leaves: Leaves) -> Option<Self> {
        let reason = match leaves {
            Leaves::Now | Leaves::Later => return None,
            Leaves::Full => Out::PacerFull,
            Leaves::Refused(NotAgain::JustNow) => Out::ResentJustNow,
            Leaves::Refused(NotAgain::TooOften) => Out::ResentTooOften,
            Leaves::Refused(NotAgain::Budget) => Out::ResentBudget,
            Leaves::NotTaken => Out::NotTaken,
            Leaves::NoConnection => Out::NoConnection,
        };
        Some(Self::Out(reason))
    }
}

impl From<Dropped> for Reason {
    fn from(dropped: Dropped) -> Self {
        Self::In(match dropped {
            Dropped::Srtp(refusal) => refused(refusal),
            Dropped::UnknownStream => In::UnknownStream,
            Dropped::TooManyStreams => In::TooManyStreams,
            Dropped::TooLarge => In::TooLarge,
            Dropped::TooMuchSound => In::TooMuchSound,
            Dropped::Padding => In::Padding,
            Dropped::Stale(Stale::Repeated) => In::Repeated,
            Dropped::Stale(Stale::TooOld) => In::TooOld,
            Dropped::BeforeUp => In::MediaBeforeHandshake,
            Dropped::UnknownProtocol | Dropped::Unheard(Unheard::OtherProtocol) => {
                In::UnknownProtocol
            }
            // A connection that is down is taken away before the next datagram: nobody is there.
            Dropped::Unheard(Unheard::Down) => In::UnknownAddress,
            Dropped::Unheard(Unheard::Malformed) => In::StunMalformed,
            Dropped::Unheard(Unheard::Unauthentic) => In::StunUnauthentic,
            Dropped::Unheard(Unheard::Replayed) => In::StunReplayed,
            Dropped::Unheard(Unheard::Unproved) => In::DtlsUnproved,
            Dropped::Unheard(Unheard::NoRecord) => In::DtlsMalformed,
            Dropped::Unheard(Unheard::NothingNew) => In::DtlsUnused,
            Dropped::Unheard(Unheard::TooManyAddresses) => In::TooManyAddresses,
            Dropped::Report(_) => In::RtcpMalformed,
        })
    }
}

/// Why SRTP did not open a datagram. It is asked for what has its version alone, and its streams are as many as media may have;
/// that there is no room is of what is sealed, and has no place here but by a defect.
fn refused(refusal: Refusal) -> In {
    match refusal {
        Refusal::TooShort => In::SrtpTooShort,
        Refusal::NotRtp => In::UnknownProtocol,
        Refusal::Malformed => In::SrtpMalformed,
        Refusal::Replayed => In::SrtpReplayed,
        Refusal::TooOld => In::SrtpTooOld,
        Refusal::Forged => In::SrtpForged,
        Refusal::NotEncrypted => In::SrtpNotEncrypted,
        Refusal::TooManyStreams => In::TooManyStreams,
        Refusal::KeyExhausted => In::SrtpKeyExhausted,
        Refusal::NoRoom | Refusal::Library => In::SrtpLibrary,
    }
}

impl From<Unforwarded> for Reason {
    fn from(why: Unforwarded) -> Self {
        Self::In(match why {
            Unforwarded::Closed => In::CallClosed,
            Unforwarded::Malformed => In::PictureMalformed,
            Unforwarded::CameBefore => In::CameBefore,
            Unforwarded::AnotherPresents => In::AnotherPresents,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use vestibule_srtp::Refusal;

    use super::Reason;
    use crate::peer::Dropped;

    /// Nothing that comes uses up a key or has a library fail.
    #[test]
    fn what_srtp_has_no_reason_to_refuse_is_counted_as_the_defect_that_it_is() {
        let label = |refusal| Reason::from(Dropped::Srtp(refusal)).label();
        assert_eq!(label(Refusal::KeyExhausted), "srtp_key_exhausted");
        assert_eq!(label(Refusal::Library), "srtp_library");
        assert_eq!(label(Refusal::NoRoom), "srtp_library");
    }

    #[test]
    fn every_reason_has_a_place_and_a_name_of_its_own() {
        for (place, reason) in Reason::all().enumerate() {
            assert_eq!(reason.index(), place);
        }
        let names: HashSet<_> = Reason::all().map(Reason::label).collect();
        assert_eq!((names.len(), Reason::all().count()), (Reason::COUNT, 50));
        let snake = |name: &&str| name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        assert!(names.iter().all(snake));
    }

    #[test]
    fn every_reason_is_explained_to_operators() {
        let document = include_str!("../../../docs/drops.md");
        let rows: Vec<_> = document
            .lines()
            .filter(|it| it.starts_with("| `"))
            .collect();
        let explained = |name: &str| {
            rows.iter()
                .filter(|it| it.contains(&format!("`{name}`")))
                .count()
        };
        for name in Reason::all().map(Reason::label).chain(["queue_full"]) {
            assert_eq!(explained(name), 1, "{name}");
        }
    }
}
