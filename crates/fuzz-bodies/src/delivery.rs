//! MLS messages at the delivery service.

use vestibule_delivery::framing::{self, Frame};
use vestibule_delivery::{Caller, Delivery};
use vestibule_vocab::{ConsultationId, InstanceId, ParticipantId, Role};

const DOCTOR: u8 = 1;
const PATIENT: u8 = 2;
/// What one run may hand in: more finds nothing new, and takes longer.
const MESSAGES: usize = 32;

/// The frame of one `MLSMessage`.
pub fn mls_framing(bytes: &[u8]) {
    let Ok(Frame::Group(frame)) = framing::read(bytes) else {
        return;
    };
    assert!(
        bytes
            .windows(frame.group_id.len().max(1))
            .any(|window| window == frame.group_id)
            || frame.group_id.is_empty(),
        "the group's id is a part of the message"
    );
    let shorter = bytes.split_last().map_or(bytes, |(_, rest)| rest);
    // Of a public message only the outside is read, and its inside may lack its end.
    if let Ok(Frame::Group(cut)) = framing::read(shorter) {
        assert_eq!(cut, frame, "a missing end changes nothing of the outside");
    }
}

/// Messages one after the other: a byte says who hands in what, two its length, then it comes.
pub fn delivery(bytes: &[u8]) {
    let mut delivery = opened();
    let mut epoch = None;
    let mut rest = bytes;
    for _ in 0..MESSAGES {
        let Some((step, message, after)) = next_message(rest) else {
            return;
        };
        rest = after;
        hand_in(&mut delivery, step, message);
        let now = delivery
            .group(consultation())
            .map(|group| (group.generation, group.epoch));
        assert!(now >= epoch, "generations and their epochs only grow");
        epoch = now;
    }
}

fn next_message(bytes: &[u8]) -> Option<(u8, Vec<u8>, &[u8])> {
    let (&[step, high, low], rest) = bytes.split_first_chunk::<3>()?;
    let length = usize::from(u16::from_be_bytes([high, low])).min(rest.len());
    let (message, rest) = rest.split_at(length);
    Some((step, message.to_vec(), rest))
}

/// Every refusal is an answer; only a panic is not.
fn hand_in(delivery: &mut Delivery, step: u8, message: Vec<u8>) {
    let caller = page(if step & 1 == 0 { DOCTOR } else { PATIENT });
    let which = consultation();
    match step >> 1 & 7 {
        0 => drop(delivery.publish_key_packages(caller, vec![message])),
        1 => drop(delivery.claim_key_packages(caller, which, &[page(PATIENT).instance])),
        2 => drop(delivery.commit(caller, which, message, None)),
        3 => {
            let welcome = message.clone();
            drop(delivery.commit(caller, which, message, Some(welcome)));
        }
        4 => drop(delivery.send(caller, which, message)),
        5 => drop(delivery.acknowledge(caller, which, 1, u64::from(step))),
        6 => drop(delivery.sync(caller, which, u64::from(step))),
        _ => delivery.detach(caller),
    }
}

fn opened() -> Delivery {
    let mut delivery = Delivery::new();
    let roster = [
        (page(DOCTOR).participant, Role::Practitioner),
        (page(PATIENT).participant, Role::Patient),
    ];
    for number in [DOCTOR, PATIENT] {
        delivery.attach(page(number)).expect("there is room");
    }
    delivery
        .open(consultation(), &roster)
        .expect("there is room");
    delivery
}

fn page(number: u8) -> Caller {
    Caller {
        participant: ParticipantId::from_bytes(u128::from(number).to_be_bytes()),
        instance: InstanceId::from_random(u128::from(number)),
    }
}

fn consultation() -> ConsultationId {
    ConsultationId::from_random(1)
}
