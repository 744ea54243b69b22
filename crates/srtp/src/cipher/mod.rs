//! The ciphers behind the profiles.

mod counter;
mod gcm;

pub(crate) use counter::Counter;
pub(crate) use gcm::Gcm;

use crate::derivation::Kind;
use crate::rtp::Outline;
use crate::{KeyError, MasterKey, Profile, Refusal};

/// A profile's cipher with one direction's session keys, for RTP or for RTCP.
#[derive(Debug)]
pub(crate) enum Cipher {
    Gcm(Gcm),
    /// Boxed, as its expanded keys are forty times as large as what the other one points to.
    Counter(Box<Counter>),
}

impl Cipher {
    pub(crate) fn new(master: &MasterKey, kind: Kind) -> Result<Self, KeyError> {
        match master.profile() {
            Profile::AeadAes128Gcm | Profile::AeadAes256Gcm => {
                Gcm::derived(master, kind).map(Self::Gcm)
            }
            Profile::AesCm128HmacSha1_80 => Counter::derived(master, kind)
                .map(Box::new)
                .map(Self::Counter),
        }
    }

    /// Opens a packet that ends with its tag, if it is authentic. Its lengths were checked.
    #[inline]
    pub(crate) fn open_rtp(
        &self,
        packet: &mut [u8],
        outline: &Outline,
        index: u64,
    ) -> Result<(), Refusal> {
        match self {
            Self::Gcm(gcm) => gcm.open_rtp(packet, outline, index),
            Self::Counter(counter) => counter.open_rtp(packet, outline, index),
        }
    }

    /// Seals a packet that has room for its tag at the end.
    #[inline]
    pub(crate) fn seal_rtp(
        &self,
        packet: &mut [u8],
        outline: &Outline,
        index: u64,
    ) -> Result<(), Refusal> {
        match self {
            Self::Gcm(gcm) => gcm.seal_rtp(packet, outline, index),
            Self::Counter(counter) => counter.seal_rtp(packet, outline, index),
        }
    }

    /// Opens a packet that ends with its tag and its index, if it is authentic. `word` is what it has there.
    pub(crate) fn open_rtcp(&self, packet: &mut [u8], ssrc: u32, word: u32) -> Result<(), Refusal> {
        match self {
            Self::Gcm(gcm) => gcm.open_rtcp(packet, ssrc, word),
            Self::Counter(counter) => counter.open_rtcp(packet, ssrc, word),
        }
    }

    /// Seals a packet that has room for its tag and its index at the end.
    pub(crate) fn seal_rtcp(&self, packet: &mut [u8], ssrc: u32, word: u32) -> Result<(), Refusal> {
        match self {
            Self::Gcm(gcm) => gcm.seal_rtcp(packet, ssrc, word),
            Self::Counter(counter) => counter.seal_rtcp(packet, ssrc, word),
        }
    }
}
