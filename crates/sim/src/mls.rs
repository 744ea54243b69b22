//! MLS messages whose insides mean nothing: `delivery` reads their frame alone (RFC 9420 section 6).

use vestibule_vocab::ConsultationId;

/// The content type of a commit.
const COMMIT: u8 = 3;
/// The content type of an application message.
const APPLICATION: u8 = 1;

pub(crate) fn commit(consultation: ConsultationId, generation: u32, epoch: u64) -> Vec<u8> {
    private(consultation, generation, epoch, COMMIT)
}

pub(crate) fn application(consultation: ConsultationId, generation: u32, epoch: u64) -> Vec<u8> {
    private(consultation, generation, epoch, APPLICATION)
}

/// A `PrivateMessage`. Each vector is shorter than 64 bytes, so that its length is one byte.
fn private(consultation: ConsultationId, generation: u32, epoch: u64, content: u8) -> Vec<u8> {
    let mut message = vec![0, 1, 0, 2, 20];
    message.extend(consultation.as_bytes());
    message.extend(generation.to_be_bytes());
    message.extend(epoch.to_be_bytes());
    message.extend([content, 0, 2, 7, 7, 4, 7, 7, 7, 7]);
    message
}
