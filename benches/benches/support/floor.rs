//! What the cryptographic library alone takes for the same bytes: AES-256-GCM in place, under keys that are ready.

use std::hint::black_box;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use super::HEADER_BYTES;

pub(crate) struct Floor {
    inbound: LessSafeKey,
    outbound: LessSafeKey,
    sealed: Vec<u8>,
}

impl Floor {
    /// Of packets with a payload of so many bytes.
    pub(crate) fn of(bytes: usize) -> Self {
        let key = |byte: u8| {
            let key = UnboundKey::new(&AES_256_GCM, &[byte; 32]).expect("a key");
            LessSafeKey::new(key)
        };
        let mut floor = Self {
            inbound: key(1),
            outbound: key(2),
            sealed: Vec::new(),
        };
        let mut packet = vec![0xa5; HEADER_BYTES + bytes];
        let (header, text) = packet.split_at_mut(HEADER_BYTES);
        let tag = floor
            .inbound
            .seal_in_place_separate_tag(nonce(), Aad::from(header), text);
        packet.extend(tag.expect("sealed").as_ref());
        floor.sealed = packet;
        floor
    }

    /// A packet that can be opened.
    pub(crate) fn packet(&self) -> Vec<u8> {
        self.sealed.clone()
    }

    /// Opens a packet: the length of what was in it.
    pub(crate) fn open(&self, packet: &mut [u8]) -> usize {
        let (header, text) = packet.split_at_mut(HEADER_BYTES);
        let opened = self
            .inbound
            .open_in_place(nonce(), Aad::from(&*header), text);
        black_box(opened).expect("opened").len()
    }

    /// Seals a packet that was opened.
    pub(crate) fn seal(&self, packet: &mut [u8]) {
        let (header, text) = packet.split_at_mut(HEADER_BYTES);
        let (text, _) = text.split_at_mut(text.len() - AES_256_GCM.tag_len());
        let tag = self
            .outbound
            .seal_in_place_separate_tag(nonce(), Aad::from(&*header), text);
        assert!(black_box(tag).is_ok(), "sealed");
    }
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([7; 12])
}
