//! SRTP and SRTCP: what anybody can send, and what somebody with the keys can.

use vestibule_srtp::{Inbound, KeyingMaterial, MasterKey, Outbound, Profile, Refusal};

/// Room behind a packet for its tag and index.
const ROOM: usize = 64;

/// First which profile, and which byte is changed on the way and how; then a packet.
pub fn srtp(bytes: &[u8]) {
    let Some((&[profile, at, change], packet)) = bytes.split_first_chunk::<3>() else {
        return;
    };
    let Some(profile) = Profile::ALL.into_iter().cycle().nth(profile.into()) else {
        return;
    };
    let exported = vec![7; profile.keying_material_bytes()];
    let keys = KeyingMaterial::split(profile, &exported).expect("as many as are asked for");
    stranger(&keys.client, packet);
    let changed = (usize::from(at), change);
    rtp(&keys.client, packet, changed);
    rtcp(&keys.client, packet, changed);
}

fn inbound(key: &MasterKey) -> Inbound {
    Inbound::new(key).expect("the library takes every key")
}

fn outbound(key: &MasterKey) -> Outbound {
    Outbound::new(key).expect("the library takes every key")
}

/// Nothing of somebody without the keys is opened.
fn stranger(key: &MasterKey, packet: &[u8]) {
    let mut inbound = inbound(key);
    assert!(inbound.open_rtp(&mut packet.to_vec()).is_err());
    assert!(inbound.open_rtcp(&mut packet.to_vec()).is_err());
}

/// What was sealed is opened once and is what it was; changed, it is not opened.
fn rtp(key: &MasterKey, packet: &[u8], changed: (usize, u8)) {
    let index = packet.get(2..4).and_then(|it| it.first_chunk());
    let index = index.map_or(0, |it| u16::from_be_bytes(*it));
    let seal = |buffer: &mut [u8]| outbound(key).seal_rtp(buffer, packet.len(), index.into());
    let Some(sealed) = sealed(packet, seal) else {
        return;
    };
    let mut inbound = inbound(key);
    if let Some(mut forged) = forged(&sealed, changed) {
        assert!(inbound.open_rtp(&mut forged).is_err(), "it was changed");
    }
    let mut opened = sealed.clone();
    match inbound.open_rtp(&mut opened) {
        Ok(parts) => {
            assert_eq!(opened.get(..packet.len()), Some(packet));
            let end = parts.packet.payload.end + parts.packet.padding;
            assert!(end <= packet.len(), "the parts lie within the packet");
            if let Some(extension) = &parts.packet.extension {
                let values = extension.elements(&opened).map(|(_, value)| value.len());
                assert!(values.sum::<usize>() <= packet.len());
            }
        }
        // It is authentic, and its inside is not RTP.
        Err(reason) => assert_eq!(reason, Refusal::Malformed),
    }
    let again = inbound.open_rtp(&mut sealed.clone());
    assert_eq!(again, Err(Refusal::Replayed));
}

/// The same for SRTCP.
fn rtcp(key: &MasterKey, packet: &[u8], changed: (usize, u8)) {
    let seal = |buffer: &mut [u8]| outbound(key).seal_rtcp(buffer, packet.len());
    let Some(sealed) = sealed(packet, seal) else {
        return;
    };
    let mut inbound = inbound(key);
    if let Some(mut forged) = forged(&sealed, changed) {
        assert!(inbound.open_rtcp(&mut forged).is_err(), "it was changed");
    }
    let mut opened = sealed.clone();
    let length = inbound.open_rtcp(&mut opened).expect("it is authentic");
    assert_eq!(opened.get(..length), Some(packet));
    let again = inbound.open_rtcp(&mut sealed.clone());
    assert_eq!(again, Err(Refusal::Replayed));
}

fn sealed(
    packet: &[u8],
    seal: impl FnOnce(&mut [u8]) -> Result<usize, Refusal>,
) -> Option<Vec<u8>> {
    let mut buffer = packet.to_vec();
    buffer.resize(packet.len() + ROOM, 0);
    let length = seal(&mut buffer).ok()?;
    buffer.truncate(length);
    Some(buffer)
}

/// The packet with a byte of it changed, if there is a change.
fn forged(sealed: &[u8], (at, change): (usize, u8)) -> Option<Vec<u8>> {
    let mut forged = sealed.to_vec();
    *forged.get_mut(at)? ^= change;
    (change != 0).then_some(forged)
}
