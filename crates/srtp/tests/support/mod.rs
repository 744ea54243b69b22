//! What the tests share: keys, packets and buffers.

use vestibule_srtp::{Inbound, KeyingMaterial, Outbound, Profile};

/// Both directions' keys; every byte differs.
pub(crate) fn keys(profile: Profile) -> KeyingMaterial {
    KeyingMaterial::split(profile, &exported(profile)).unwrap()
}

/// What DTLS would have exported.
pub(crate) fn exported(profile: Profile) -> Vec<u8> {
    (1..=profile.keying_material_bytes() as u8).collect()
}

/// The client's sending half and the server's receiving one.
pub(crate) fn halves(profile: Profile) -> (Outbound, Inbound) {
    let keys = keys(profile);
    (
        Outbound::new(&keys.client).unwrap(),
        Inbound::new(&keys.client).unwrap(),
    )
}

/// An RTP packet.
pub(crate) fn rtp(ssrc: u32, index: u64, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, 96];
    packet.extend((index as u16).to_be_bytes());
    packet.extend(((index * 90) as u32).to_be_bytes());
    packet.extend(ssrc.to_be_bytes());
    packet.extend(payload);
    packet
}

/// An RTCP receiver report with something behind it.
pub(crate) fn rtcp(ssrc: u32, rest: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x80, 201, 0, 1];
    packet.extend(ssrc.to_be_bytes());
    packet.extend(rest);
    packet
}

/// Seals an RTP packet.
pub(crate) fn seal_rtp(outbound: &mut Outbound, packet: &[u8], index: u64) -> Vec<u8> {
    let mut buffer = [packet, &[0; 20]].concat();
    let length = outbound.seal_rtp(&mut buffer, packet.len(), index).unwrap();
    buffer.truncate(length);
    buffer
}

/// Seals an RTCP packet.
pub(crate) fn seal_rtcp(outbound: &mut Outbound, packet: &[u8]) -> Vec<u8> {
    let mut buffer = [packet, &[0; 20]].concat();
    let length = outbound.seal_rtcp(&mut buffer, packet.len()).unwrap();
    buffer.truncate(length);
    buffer
}
