//! A consultation with two people, and frames of MLS messages whose insides mean nothing.

#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use vestibule_delivery::{Caller, Delivery};
use vestibule_vocab::{ConsultationId, InstanceId, ParticipantId, Role};

pub(crate) fn consultation(number: u32) -> ConsultationId {
    ConsultationId::from_random(number.into())
}

pub(crate) fn participant(number: u32) -> ParticipantId {
    let bytes = u128::from(number).to_be_bytes();
    ParticipantId::from_bytes(bytes)
}

pub(crate) fn instance(number: u32) -> InstanceId {
    InstanceId::from_random(number.into())
}

/// The page that participant `number` has loaded as `load`.
pub(crate) fn page(number: u32, load: u32) -> Caller {
    Caller {
        participant: participant(number),
        instance: instance(number * 100 + load),
    }
}

pub(crate) const DOCTOR: u32 = 1;
pub(crate) const PATIENT: u32 = 2;

pub(crate) fn roster() -> Vec<(ParticipantId, Role)> {
    vec![
        (participant(DOCTOR), Role::Practitioner),
        (participant(PATIENT), Role::Patient),
    ]
}

/// Both are there, each with their first page, and nobody has begun a group.
pub(crate) fn opened() -> Delivery {
    let mut delivery = Delivery::new();
    delivery.attach(page(DOCTOR, 0)).expect("there is room");
    delivery.attach(page(PATIENT, 0)).expect("there is room");
    delivery
        .open(consultation(1), &roster())
        .expect("there is room");
    delivery
}

pub(crate) fn group_id(consultation: ConsultationId, generation: u32) -> Vec<u8> {
    [&consultation.as_bytes()[..], &generation.to_be_bytes()[..]].concat()
}

/// A `PrivateMessage` with this content type and so many bytes of ciphertext.
pub(crate) fn private(group_id: &[u8], epoch: u64, content: u8, size: usize) -> Vec<u8> {
    let mut message = vec![0, 1, 0, 2];
    vector(&mut message, group_id);
    message.extend(epoch.to_be_bytes());
    message.push(content);
    vector(&mut message, &[]);
    vector(&mut message, &[7; 16]);
    vector(&mut message, &vec![7; size]);
    message
}

fn vector(message: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).expect("a small vector");
    match length {
        0..64 => message.push(u8::try_from(length).expect("below 64")),
        64..16_384 => {
            message.extend((u16::try_from(length).expect("14 bits") | 0x4000).to_be_bytes());
        }
        _ => message.extend((length | 0x8000_0000).to_be_bytes()),
    }
    message.extend(bytes);
}

pub(crate) fn commit(generation: u32, epoch: u64) -> Vec<u8> {
    private(&group_id(consultation(1), generation), epoch, 3, 300)
}

pub(crate) fn application(generation: u32, epoch: u64) -> Vec<u8> {
    private(&group_id(consultation(1), generation), epoch, 1, 100)
}

pub(crate) fn welcome() -> Vec<u8> {
    vec![0, 1, 0, 3, 0, 1, 7, 7, 7]
}

pub(crate) fn key_package(mark: u8) -> Vec<u8> {
    vec![0, 1, 0, 5, 0, 1, 0, 1, mark]
}
