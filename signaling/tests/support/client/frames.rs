//! The outsides of MLS messages (RFC 9420 section 6), as far as a server reads them; inside is noise.

use vestibule_vocab::ConsultationId;

/// A commit in a private message.
pub fn commit(consultation: ConsultationId, generation: u32, epoch: u64) -> Vec<u8> {
    private(consultation, generation, epoch, 3, 40)
}

/// Application data in a private message.
pub fn application(
    consultation: ConsultationId,
    generation: u32,
    epoch: u64,
    length: usize,
) -> Vec<u8> {
    private(consultation, generation, epoch, 1, length)
}

pub fn welcome() -> Vec<u8> {
    [&[0, 1, 0, 3, 0, 1][..], &[7; 50]].concat()
}

pub fn key_package() -> Vec<u8> {
    [&[0, 1, 0, 5, 0, 1, 0, 1][..], &[9; 50]].concat()
}

fn private(
    consultation: ConsultationId,
    generation: u32,
    epoch: u64,
    content: u8,
    length: usize,
) -> Vec<u8> {
    let group = [
        consultation.as_bytes().as_slice(),
        &generation.to_be_bytes(),
    ]
    .concat();
    let mut message = vec![0, 1, 0, 2];
    message.extend(vector(&group));
    message.extend(epoch.to_be_bytes());
    message.push(content);
    message.extend(vector(&[]));
    message.extend(vector(&[1; 12]));
    message.extend(vector(&vec![0x5a; length]));
    message
}

/// A vector with its length in the shortest form (section 2.1.2).
fn vector(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap();
    let prefix = match length {
        0..64 => vec![u8::try_from(length).unwrap()],
        64..16_384 => (0x4000 | u16::try_from(length).unwrap())
            .to_be_bytes()
            .to_vec(),
        _ => (0x8000_0000 | length).to_be_bytes().to_vec(),
    };
    [prefix, bytes.to_vec()].concat()
}
