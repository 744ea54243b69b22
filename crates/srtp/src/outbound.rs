//! Seals what the other side opens.

use crate::cipher::Cipher;
use crate::derivation::Kind;
use crate::limits::{RTCP_PACKETS, RTP_PACKETS, RTP_WORDS};
use crate::rtcp::{CLEAR_BYTES, ENCRYPTED};
use crate::streams::Streams;
use crate::{KeyError, MasterKey, Profile, Refusal, rtcp, rtp};

/// The half of a connection that seals what goes.
#[derive(Debug)]
pub struct Outbound {
    profile: Profile,
    rtp: Cipher,
    rtcp: Cipher,
    streams: Streams<RTP_WORDS>,
    /// RTP packets sealed so far.
    sealed: u64,
    /// The next RTCP packet's index. All senders share it: none meets one of its own again, and a receiver sees it grow.
    next_rtcp: u32,
}

impl Outbound {
    /// The half that seals under `key`. There must be no other under the same key, or nonces repeat.
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
            sealed: 0,
            next_rtcp: 0,
        }
    }

    /// Seals the RTP packet in the buffer's first `length` bytes: how long it is then, longer by
    /// [`Profile::rtp_overhead`].
    ///
    /// `index` is the extended sequence number, of 48 bits; its low 16 must be those in the packet. The same
    /// stream and index are sealed once: under GCM a second packet with one nonce would give the authentication
    /// key away (RFC 7714 section 8.4). A receiver starts with roll-over counter zero, so the first index
    /// of a stream should be below 65,536.
    ///
    /// # Errors
    /// When the packet cannot be sealed; it must not be sent then.
    pub fn seal_rtp(
        &mut self,
        buffer: &mut [u8],
        length: usize,
        index: u64,
    ) -> Result<usize, Refusal> {
        let outline = rtp::outline(buffer.get(..length).ok_or(Refusal::TooShort)?)?;
        let packet = room(buffer, length, self.profile.rtp_overhead())?;
        if self.sealed >= RTP_PACKETS || index >= RTP_PACKETS {
            return Err(Refusal::KeyExhausted);
        }
        if index as u16 != outline.sequence {
            return Err(Refusal::Malformed);
        }
        // Taken note of before it is sealed: whatever becomes of it, this nonce is spent.
        if let Some(window) = self.streams.find(outline.ssrc) {
            window.check(index)?;
            window.insert(index);
        } else {
            self.streams.check_room()?;
            self.streams.begin(outline.ssrc, index);
        }
        self.sealed += 1;
        self.rtp.seal_rtp(packet, &outline, index)?;
        Ok(packet.len())
    }

    /// Seals the RTCP compound packet in the buffer's first `length` bytes: how long it is then, longer by
    /// [`Profile::rtcp_overhead`]. Its index is counted here.
    ///
    /// # Errors
    /// When the packet cannot be sealed; it must not be sent then.
    pub fn seal_rtcp(&mut self, buffer: &mut [u8], length: usize) -> Result<usize, Refusal> {
        let plain = buffer.get(..length).ok_or(Refusal::TooShort)?;
        let ssrc = rtcp::sender(plain)?;
        if length < CLEAR_BYTES {
            return Err(Refusal::TooShort);
        }
        let packet = room(buffer, length, self.profile.rtcp_overhead())?;
        if self.next_rtcp >= RTCP_PACKETS {
            return Err(Refusal::KeyExhausted);
        }
        let word = ENCRYPTED | self.next_rtcp;
        self.next_rtcp += 1;
        self.rtcp.seal_rtcp(packet, ssrc, word)?;
        Ok(packet.len())
    }

    #[cfg(test)]
    pub(crate) fn set_next_rtcp(&mut self, index: u32) {
        self.next_rtcp = index;
    }
}

/// The packet with room behind it for what sealing adds.
fn room(buffer: &mut [u8], length: usize, overhead: usize) -> Result<&mut [u8], Refusal> {
    buffer.get_mut(..length + overhead).ok_or(Refusal::NoRoom)
}

#[cfg(test)]
mod tests {
    use super::Outbound;
    use crate::limits::{RTCP_PACKETS, RTP_PACKETS};
    use crate::{Inbound, KeyingMaterial, Profile, Refusal};

    const RTP: [u8; 12] = [0x80, 96, 0, 9, 0, 0, 0, 8, 0, 0, 0, 7];
    const RTCP: [u8; 8] = [0x80, 201, 0, 1, 0, 0, 0, 7];

    fn halves(profile: Profile) -> (Outbound, Inbound) {
        let exported = vec![7; profile.keying_material_bytes()];
        let keys = KeyingMaterial::split(profile, &exported).unwrap();
        let outbound = Outbound::new(&keys.client).unwrap();
        (outbound, Inbound::new(&keys.client).unwrap())
    }

    fn buffer(packet: &[u8]) -> [u8; 64] {
        let mut buffer = [0; 64];
        buffer[..packet.len()].copy_from_slice(packet);
        buffer
    }

    #[test]
    fn the_last_rtcp_index_is_used_and_none_behind_it() {
        for profile in Profile::ALL {
            let (mut outbound, mut inbound) = halves(profile);
            outbound.set_next_rtcp(RTCP_PACKETS - 1);
            let mut last = buffer(&RTCP);
            let length = outbound.seal_rtcp(&mut last, RTCP.len()).unwrap();
            assert_eq!(inbound.open_rtcp(&mut last[..length]), Ok(RTCP.len()));
            let one_more = outbound.seal_rtcp(&mut buffer(&RTCP), RTCP.len());
            assert_eq!(one_more, Err(Refusal::KeyExhausted));
        }
    }

    #[test]
    fn a_key_is_used_for_so_many_packets_over_all_streams() {
        let (mut outbound, _) = halves(Profile::AeadAes128Gcm);
        outbound.sealed = RTP_PACKETS - 1;
        assert_eq!(outbound.seal_rtp(&mut buffer(&RTP), 12, 9), Ok(28));
        let one_more = outbound.seal_rtp(&mut buffer(&RTP), 12, 9 + 0x1_0000);
        assert_eq!(one_more, Err(Refusal::KeyExhausted));
    }

    #[test]
    fn there_is_no_index_of_49_bits() {
        let (mut outbound, _) = halves(Profile::AeadAes128Gcm);
        let sealed = outbound.seal_rtp(&mut buffer(&RTP), 12, RTP_PACKETS + 9);
        assert_eq!(sealed, Err(Refusal::KeyExhausted));
    }

    #[test]
    fn a_refused_packet_spends_no_index() {
        let (mut outbound, _) = halves(Profile::AeadAes128Gcm);
        let mut small = [0; 27];
        small[..12].copy_from_slice(&RTP);
        assert_eq!(outbound.seal_rtp(&mut small, 12, 9), Err(Refusal::NoRoom));
        assert_eq!(
            outbound.seal_rtp(&mut buffer(&RTP), 12, 8),
            Err(Refusal::Malformed)
        );
        assert_eq!(outbound.seal_rtp(&mut buffer(&RTP), 12, 9), Ok(28));
    }
}
