//! VP8 payload descriptors, read and rewritten in the hot path.

use vestibule_forwarding::vp8::{Descriptor, Rewrite};

/// An RTP payload, and in front of it the numbers that it is to get.
pub fn vp8(bytes: &[u8]) {
    let Some((&[high, low, tl0], payload)) = bytes.split_first_chunk::<3>() else {
        return;
    };
    let Some(read) = Descriptor::parse(payload) else {
        return;
    };
    assert!(read.length() <= payload.len(), "it lies within the payload");
    let wanted = Rewrite {
        picture_id: read
            .picture_id_mask()
            .map(|mask| u16::from_be_bytes([high, low]) & mask),
        tl0: read.tl0().map(|_| tl0),
    };
    let mut rewritten = payload.to_vec();
    read.rewrite(&mut rewritten, wanted);
    let again = Descriptor::parse(&rewritten).expect("it is as long as before");
    assert_eq!(again.length(), read.length());
    assert_eq!(again.picture_id(), wanted.picture_id);
    assert_eq!(again.tl0(), wanted.tl0);
    assert_eq!(again.key_frame_start(), read.key_frame_start());
    let behind = read.length()..;
    assert_eq!(
        rewritten.get(behind.clone()),
        payload.get(behind),
        "what is sealed stays as it is"
    );
}
