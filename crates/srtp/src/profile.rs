//! The protection profiles that we know.

/// An SRTP protection profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// `SRTP_AEAD_AES_128_GCM` (RFC 7714 section 14.2).
    AeadAes128Gcm,
    /// `SRTP_AEAD_AES_256_GCM` (RFC 7714 section 14.2).
    AeadAes256Gcm,
    /// `SRTP_AES128_CM_HMAC_SHA1_80` (RFC 5764 section 4.1.2), which all WebRTC implementations have.
    AesCm128HmacSha1_80,
}

impl Profile {
    /// All profiles, the preferred first.
    pub const ALL: [Self; 3] = [
        Self::AeadAes128Gcm,
        Self::AeadAes256Gcm,
        Self::AesCm128HmacSha1_80,
    ];

    /// The number that stands for it in DTLS's `use_srtp` extension.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::AeadAes128Gcm => 0x0007,
            Self::AeadAes256Gcm => 0x0008,
            Self::AesCm128HmacSha1_80 => 0x0001,
        }
    }

    /// The profile of a number in DTLS's `use_srtp` extension.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.code() == code)
    }

    /// Bytes of a master key.
    #[must_use]
    pub const fn key_bytes(self) -> usize {
        match self {
            Self::AeadAes128Gcm | Self::AesCm128HmacSha1_80 => 16,
            Self::AeadAes256Gcm => 32,
        }
    }

    /// Bytes of a master salt.
    #[must_use]
    pub const fn salt_bytes(self) -> usize {
        match self {
            Self::AeadAes128Gcm | Self::AeadAes256Gcm => 12,
            Self::AesCm128HmacSha1_80 => 14,
        }
    }

    /// Bytes that DTLS exports for both directions.
    #[must_use]
    pub const fn keying_material_bytes(self) -> usize {
        2 * (self.key_bytes() + self.salt_bytes())
    }

    /// Bytes of an authentication tag.
    #[must_use]
    pub const fn tag_bytes(self) -> usize {
        match self {
            Self::AeadAes128Gcm | Self::AeadAes256Gcm => 16,
            Self::AesCm128HmacSha1_80 => 10,
        }
    }

    /// Bytes by which sealing makes an RTP packet longer: the tag.
    #[must_use]
    pub const fn rtp_overhead(self) -> usize {
        self.tag_bytes()
    }

    /// Bytes by which sealing makes an RTCP packet longer: the tag and the index.
    #[must_use]
    pub const fn rtcp_overhead(self) -> usize {
        self.tag_bytes() + 4
    }
}

#[cfg(test)]
mod tests {
    use super::Profile;

    #[test]
    fn a_number_leads_back_to_its_profile() {
        for profile in Profile::ALL {
            assert_eq!(Profile::from_code(profile.code()), Some(profile));
        }
        assert_eq!(Profile::from_code(0x0002), None);
    }
}
