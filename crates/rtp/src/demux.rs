//! What shares a port, told apart by its first octets (RFC 7983 section 7, RFC 5761 section 4).

/// A protocol of the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// A STUN message (RFC 8489): the ICE checks.
    Stun,
    /// A DTLS record.
    Dtls,
    /// RTP, sealed by SRTP or plain.
    Rtp,
    /// RTCP, sealed by SRTCP or plain.
    Rtcp,
}

/// Tells what a datagram is; `None` when it is nothing that is spoken here, as ZRTP and TURN channels.
///
/// RTCP's packet types from 192 to 223 are no RTP payload types where both share a port: marker bit and
/// types from 64 to 95 (RFC 5761 section 4).
#[must_use]
pub fn protocol(datagram: &[u8]) -> Option<Protocol> {
    match datagram {
        [0..=3, ..] => Some(Protocol::Stun),
        [20..=63, ..] => Some(Protocol::Dtls),
        [128..=191, 192..=223, ..] => Some(Protocol::Rtcp),
        [128..=191, _, ..] => Some(Protocol::Rtp),
        [] | [_, ..] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Protocol, protocol};

    #[test]
    fn the_first_octets_tell_the_protocol() {
        assert_eq!(protocol(&[0, 1, 0, 0]), Some(Protocol::Stun));
        assert_eq!(protocol(&[22, 0xfe, 0xfd]), Some(Protocol::Dtls));
        assert_eq!(protocol(&[0x80, 96]), Some(Protocol::Rtp));
        assert_eq!(protocol(&[0x90, 0x80 | 111]), Some(Protocol::Rtp));
        for kind in 200..=207 {
            assert_eq!(protocol(&[0x81, kind]), Some(Protocol::Rtcp));
        }
    }

    #[test]
    fn what_is_not_spoken_here_is_nothing() {
        assert_eq!(protocol(&[]), None);
        assert_eq!(protocol(&[0x80]), None, "too short for either");
        for first in (4..20).chain(64..128).chain(192..=255) {
            assert_eq!(protocol(&[first, 200]), None, "{first}");
        }
    }
}
