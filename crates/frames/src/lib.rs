//! Encoded frames, sealed and opened by SFrame (RFC 9605), and the keys for it: what a participant's end of
//! the encryption does between encoder and network. It has no input or output; the time is passed in.
//!
//! The crate `sframe` brings header, labels and layout, aws-lc the ciphers. The layout of frames and key ids
//! is described in `docs/encryption.md`.

mod keyring;
mod kid;
mod limits;
#[cfg(test)]
mod own_vectors;
mod suite;
#[cfg(test)]
mod tests;

use std::time::Instant;

use sframe::error::SframeError;
use sframe::frame::validation::ReplayAttackProtection;
use sframe::frame::{EncryptedFrameView, MediaFrameView, MonotonicCounter};
use sframe::header::SframeHeader;
use vestibule_vocab::{ParticipantId, Source};

pub use keyring::{EpochKeys, EpochMember, Keyring, SUITE};
pub use kid::EpochName;

use suite::{DecryptionKey, EncryptionKey};

use crate::limits::FRAME_BYTES;

/// How many bytes at the head of a VP8 frame stay clear (RFC 7741 section 4.3: the frame header of a
/// key frame takes ten bytes, that of any other three), so that the SFU can tell key frames. They are
/// authenticated.
const KEY_FRAME_CLEAR: usize = 10;
const DELTA_FRAME_CLEAR: usize = 3;
const NOT_KEY: u8 = 1;

/// Whose track of what kind a receive slot carries, by the word of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Whose it is.
    pub participant: ParticipantId,
    /// What it shows or lets hear.
    pub source: Source,
}

/// Why a frame was not opened. It is dropped then; the next one may be good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The server has not said whose slot it came on.
    Unbound,
    /// It has no header that a sender would make, or is too large.
    Malformed,
    /// No member who may still be heard has its key.
    NoKey,
    /// It is sealed by another, or is another's medium, than the slot is bound to.
    WrongSender,
    /// It came before, or so late that nobody can tell.
    Replayed,
    /// It is not authentic.
    Forged,
}

/// The sealed frame; `None` when there is no key to seal with: then nothing is sent.
pub fn seal(keyring: &mut Keyring, source: Source, frame: &[u8]) -> Option<Vec<u8>> {
    let (clear, rest) = split(source, frame)?;
    let key = keyring.send_key(source)?;
    seal_with(&key.key, &mut key.counter, clear, rest)
}

/// The frame of the participant that the slot is bound to, and of nobody else.
pub fn open(
    keyring: &mut Keyring,
    binding: Option<Binding>,
    frame: &[u8],
    now: Instant,
) -> Result<Vec<u8>, Refusal> {
    let binding = binding.ok_or(Refusal::Unbound)?;
    let (clear, sealed) = split(binding.source, frame).ok_or(Refusal::Malformed)?;
    let view = read(clear, sealed).ok_or(Refusal::Malformed)?;
    let key = keyring
        .receive_key(view.header().key_id(), now)
        .ok_or(Refusal::NoKey)?;
    if (key.participant, key.source) != (binding.participant, binding.source) {
        return Err(Refusal::WrongSender);
    }
    open_with(&key.key, &mut key.window, view)
}

fn seal_with(
    key: &EncryptionKey,
    counter: &mut MonotonicCounter,
    clear: &[u8],
    rest: &[u8],
) -> Option<Vec<u8>> {
    let frame = MediaFrameView::try_with_meta_data(counter, rest, clear).ok()?;
    let mut sealed = Vec::new();
    frame.encrypt_into(key, &mut sealed).ok()?;
    Some(sealed)
}

fn read<'frame>(clear: &'frame [u8], sealed: &'frame [u8]) -> Option<EncryptedFrameView<'frame>> {
    let view = EncryptedFrameView::try_with_meta_data(sealed, clear).ok()?;
    in_shortest_form(view.header()).then_some(view)
}

fn open_with(
    key: &DecryptionKey,
    window: &mut ReplayAttackProtection,
    view: EncryptedFrameView<'_>,
) -> Result<Vec<u8>, Refusal> {
    let mut buffer = Vec::new();
    let opened = view
        .validated_decrypt_into(key, &mut buffer, window)
        .map_err(|error| {
            if matches!(error, SframeError::FrameValidationFailed(_)) {
                Refusal::Replayed
            } else {
                Refusal::Forged
            }
        })?;
    Ok([view.meta_data(), opened.payload()].concat())
}

/// One value has one form (RFC 9605 section 4.3): a longer one than needed is not what any sender makes,
/// and the library takes it.
fn in_shortest_form(header: &SframeHeader) -> bool {
    header.len() == SframeHeader::new(header.key_id(), header.counter()).len()
}

/// A whole picture, from which decoding can begin. Sound has no others.
pub fn is_whole(source: Source, frame: &[u8]) -> bool {
    source == Source::Microphone || frame.first().is_some_and(|first| first & NOT_KEY == 0)
}

fn split(source: Source, frame: &[u8]) -> Option<(&[u8], &[u8])> {
    if frame.len() > FRAME_BYTES {
        return None;
    }
    let clear = match source {
        Source::Microphone => 0,
        Source::Camera | Source::Screen if is_whole(source, frame) => KEY_FRAME_CLEAR,
        Source::Camera | Source::Screen => DELTA_FRAME_CLEAR,
    };
    frame.split_at_checked(clear)
}
