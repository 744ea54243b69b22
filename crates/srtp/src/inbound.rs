//! Opens what the other side sealed.

use crate::cipher::Cipher;
use crate::derivation::Kind;
use crate::limits::{RTCP_WORDS, RTP_PACKETS, RTP_WORDS};
use crate::rtcp::{CLEAR_BYTES, ENCRYPTED, INDEX_BYTES};
use crate::streams::Streams;
use crate::{KeyError, MasterKey, Profile, Refusal, Rtp, bytes, rtcp, rtp};

/// The half of a connection that opens what came.
#[derive(Debug)]
pub struct Inbound {
    profile: Profile,
    rtp: Cipher,
    rtcp: Cipher,
    streams: Streams<RTP_WORDS>,
    senders: Streams<RTCP_WORDS>,
}

/// An RTP packet that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The extended sequence number, of 48 bits: the roll-over counter and the sequence number.
    pub index: u64,
    /// The packet's parts.
    pub packet: Rtp,
}

impl Inbound {
    /// The half that opens what was sealed under `key`.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn new(key: &MasterKey) -> Result<Self, KeyError> {
        let (rtp, rtcp) = (Cipher::new(key, Kind::Rtp)?, Cipher::new(key, Kind::Rtcp)?);
        Ok(Self::with_ciphers(key.profile(), rtp, rtcp))
    }

    pub(crate) const fn with_ciphers(profile: Profile, rtp: Cipher, rtcp: Cipher) -> Self {
        Self {
            profile,
            rtp,
            rtcp,
            streams: Streams::new(),
            senders: Streams::new(),
        }
    }

    /// Opens an SRTP packet in place. What is behind the payload and its padding afterwards means nothing.
    ///
    /// A stream begins with its first authentic packet, whose roll-over counter must be zero
    /// (RFC 3711 section 3.3.1).
    ///
    /// # Errors
    /// When the packet is to be dropped; its bytes mean nothing then. One that is not authentic changes nothing here.
    pub fn open_rtp(&mut self, packet: &mut [u8]) -> Result<Opened, Refusal> {
        let outline = rtp::outline(packet)?;
        if packet.len() < outline.header + self.profile.tag_bytes() {
            return Err(Refusal::TooShort);
        }
        let stream = self.streams.find(outline.ssrc);
        let index = match &stream {
            Some(window) => {
                let index = estimate(window.newest(), outline.sequence)?;
                window.check(index)?;
                index
            }
            None => outline.sequence.into(),
        };
        if let Some(window) = stream {
            self.rtp.open_rtp(packet, &outline, index)?;
            window.insert(index);
        } else {
            self.rtp.open_rtp(packet, &outline, index)?;
            // Only who has the key can name one stream too many.
            self.streams.check_room()?;
            self.streams.begin(outline.ssrc, index);
        }
        let end = packet.len() - self.profile.tag_bytes();
        let plain = packet.get(..end).ok_or(Refusal::TooShort)?;
        Rtp::parse(plain).map(|packet| Opened { index, packet })
    }

    /// Opens an SRTCP packet in place: how many bytes of it are the plain compound packet.
    ///
    /// # Errors
    /// As [`Self::open_rtp`].
    pub fn open_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, Refusal> {
        let ssrc = rtcp::sender(packet)?;
        let end = packet
            .len()
            .checked_sub(self.profile.rtcp_overhead())
            .filter(|end| *end >= CLEAR_BYTES)
            .ok_or(Refusal::TooShort)?;
        let word = bytes::u32_at(packet, self.index_at(packet.len())?)?;
        if word & ENCRYPTED == 0 {
            return Err(Refusal::NotEncrypted);
        }
        let index = u64::from(word & !ENCRYPTED);
        if let Some(window) = self.senders.find(ssrc) {
            window.check(index)?;
            self.rtcp.open_rtcp(packet, ssrc, word)?;
            window.insert(index);
        } else {
            self.rtcp.open_rtcp(packet, ssrc, word)?;
            self.senders.check_room()?;
            self.senders.begin(ssrc, index);
        }
        Ok(end)
    }

    /// Where the index is: at the end under GCM (RFC 7714 section 9), before the tag otherwise
    /// (RFC 3711 section 3.4).
    fn index_at(&self, length: usize) -> Result<usize, Refusal> {
        let behind = match self.profile {
            Profile::AeadAes128Gcm | Profile::AeadAes256Gcm => INDEX_BYTES,
            Profile::AesCm128HmacSha1_80 => INDEX_BYTES + self.profile.tag_bytes(),
        };
        length.checked_sub(behind).ok_or(Refusal::TooShort)
    }
}

/// The index of a sequence number that is nearest to the newest index (RFC 3711 section 3.3.1).
fn estimate(newest: u64, sequence: u16) -> Result<u64, Refusal> {
    let distance = i64::from(sequence.wrapping_sub(newest as u16).cast_signed());
    // A distance of exactly half a round counts as backward, as in the RFC's appendix A.
    let index = newest.checked_add_signed(distance).ok_or(Refusal::TooOld)?;
    if index < RTP_PACKETS {
        Ok(index)
    } else {
        Err(Refusal::KeyExhausted)
    }
}

#[cfg(test)]
mod tests {
    use super::estimate;
    use crate::Refusal;

    #[test]
    fn the_nearest_round_is_meant() {
        assert_eq!(estimate(10, 11), Ok(11));
        assert_eq!(estimate(10, 0x8009), Ok(0x8009));
        assert_eq!(estimate(0xffff, 0), Ok(0x1_0000));
        assert_eq!(estimate(0x1_0000, 0xffff), Ok(0xffff));
        assert_eq!(estimate(0x5_fff0, 5), Ok(0x6_0005));
        assert_eq!(estimate(0x6_0005, 0xfff0), Ok(0x5_fff0));
    }

    #[test]
    fn there_is_nothing_before_the_first_round_or_behind_the_last() {
        assert_eq!(estimate(3, 0xffff), Err(Refusal::TooOld));
        assert_eq!(estimate((1 << 48) - 1, 0), Err(Refusal::KeyExhausted));
        assert_eq!(estimate((1 << 48) - 1, 0xfffe), Ok((1 << 48) - 2));
    }
}
