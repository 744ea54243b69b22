//! Why a packet was neither opened nor sealed.

/// Why a packet was refused. It is dropped; the connection lives on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// It ends before its headers and its tag can be there.
    #[error("the packet is too short")]
    TooShort,
    /// Its first bits say another version than 2 (RFC 3550 section 5.1).
    #[error("this is not RTP")]
    NotRtp,
    /// Its lengths contradict each other, or its sequence number is not that of the index it is to be sealed with.
    #[error("the packet is malformed")]
    Malformed,
    /// It came, or was sealed, before.
    #[error("the packet was seen before")]
    Replayed,
    /// It is older than the window remembers.
    #[error("the packet is too old")]
    TooOld,
    /// Its tag does not fit: another key, or changed on the way.
    #[error("the packet is not authentic")]
    Forged,
    /// It is authenticated but not encrypted (RFC 3711 section 3.4, E flag), which nobody here agreed to.
    #[error("the packet is not encrypted")]
    NotEncrypted,
    /// It begins one stream more than there may be.
    #[error("too many streams")]
    TooManyStreams,
    /// No packet may be sealed or opened under this key any more.
    #[error("the key is used up")]
    KeyExhausted,
    /// The buffer has no room for what sealing adds.
    #[error("no room for the tag")]
    NoRoom,
    /// The cryptographic library failed, which it has no reason to.
    #[error("the cryptographic library failed")]
    Library,
}

impl Refusal {
    /// All reasons, in the order of [`Self::index`].
    pub const ALL: [Self; 11] = [
        Self::TooShort,
        Self::NotRtp,
        Self::Malformed,
        Self::Replayed,
        Self::TooOld,
        Self::Forged,
        Self::NotEncrypted,
        Self::TooManyStreams,
        Self::KeyExhausted,
        Self::NoRoom,
        Self::Library,
    ];

    /// The reason's place in [`Self::ALL`]: where an array of counters counts it.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::Refusal;

    #[test]
    fn every_reason_is_counted_in_its_own_place() {
        for (place, reason) in Refusal::ALL.into_iter().enumerate() {
            assert_eq!(reason.index(), place);
        }
    }
}
