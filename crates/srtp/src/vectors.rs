//! The RFCs' test vectors, which give session keys, and libsrtp's, which give master keys.

use crate::cipher::{Cipher, Counter, Gcm};
use crate::derivation::{Kind, Purpose, derive, expand};
use crate::{Inbound, MasterKey, Outbound, Profile, Refusal};

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let pairs = digits
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).unwrap());
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).unwrap())
        .collect()
}

fn array<const N: usize>(text: &str) -> [u8; N] {
    hex(text).try_into().unwrap()
}

const MASTER_KEY: &str = "e1f97a0d3e018be0d64fa32c06de4139";
const MASTER_SALT: &str = "0ec675ad498afeebb6960b3aabe6";

fn master() -> MasterKey {
    MasterKey::new(
        Profile::AesCm128HmacSha1_80,
        &hex(MASTER_KEY),
        &hex(MASTER_SALT),
    )
    .unwrap()
}

/// RFC 3711 appendix B.2, with the segment's end, where the counter's high byte has moved.
#[test]
fn the_key_stream_of_counter_mode() {
    let salt = array("f0f1f2f3f4f5f6f7f8f9fafbfcfd");
    let key = hex("2b7e151628aed2a6abf7158809cf4f3c");
    let counter = Counter::with_session_keys(&key, &[0; 20], salt).unwrap();
    assert_eq!(
        counter.first_block(0, 0),
        array("f0f1f2f3f4f5f6f7f8f9fafbfcfd0000")
    );
    let mut packet = vec![0; 12 + 1_044_512 + 10];
    packet[0] = 0x80;
    let outline = crate::rtp::outline(&packet).unwrap();
    let counter = Cipher::Counter(Box::new(counter));
    counter.seal_rtp(&mut packet, &outline, 0).unwrap();
    let stream = &packet[12..packet.len() - 10];
    assert_eq!(
        stream[..48],
        hex(
            "e03ead0935c95e80e166b16dd92b4eb4 d23513162b02d0f72a43a2fe4a5f97ab
             41e95b3bb0a2e8dd477901e4fca894c0"
        )
    );
    assert_eq!(
        stream[stream.len() - 48..],
        hex(
            "ec8cdf7398607cb0f2d21675ea9ea1e4 362b7c3c6773516318a077d7fc5073ae
             6a2cc3787889374fbeb4c81b17ba6c44"
        )
    );
}

/// RFC 3711 appendix B.3.
#[test]
fn keys_derived_with_aes_128() {
    let derived = derive::<16>(&master(), Kind::Rtp, Purpose::Encryption).unwrap();
    assert_eq!(*derived, array("c61e7a93744f39ee10734afe3ff7a087"));
    let derived = derive::<14>(&master(), Kind::Rtp, Purpose::Salt).unwrap();
    assert_eq!(*derived, array("30cbbc08863d8c85d49db34a9ae1"));
    let derived = derive::<94>(&master(), Kind::Rtp, Purpose::Authentication).unwrap();
    assert_eq!(
        *derived,
        array(
            "cebe321f6ff7716b6fd4ab49af256a15 6d38baa48f0a0acf3c34e2359e6cdbce
             e049646c43d9327ad175578ef7227098 6371c10c9a369ac2f94a8c5fbcdddc25
             6d6e919a48b610ef17c2041e47403576 6b68642c59bbfc2f34db60dbdfb2"
        )
    );
}

/// RFC 6188 section 7.2.
#[test]
fn keys_derived_with_aes_256() {
    let key = hex("f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6");
    let salt = array::<14>("3b04803de51ee7c96423ab5b78d2");
    let derived = expand::<32>(&key, &salt, 0).unwrap();
    assert_eq!(
        *derived,
        array("5ba1064e30ec51613cad926c5a28ef73 1ec7fb397f70a960653caf06554cd8c4")
    );
    let derived = expand::<20>(&key, &salt, 1).unwrap();
    assert_eq!(*derived, array("fd9c32d39ed5fbb5a9dc96b30818454d1313dc05"));
    let derived = expand::<14>(&key, &salt, 2).unwrap();
    assert_eq!(*derived, array("fa31791685ca444a9e07c6c64e93"));
}

const GCM_KEY_128: &str = "000102030405060708090a0b0c0d0e0f";
const GCM_KEY_256: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const GCM_SALT: &str = "517569642070726f2071756f";

const RTP: &str = "8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976
                   69736120 696e2070 61727465 73207472 6573";
const RTCP: &str = "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
                    deadbeef deadbeef deadbeef deadbeef deadbeef";

struct GcmVector {
    profile: Profile,
    key: &'static str,
    srtp: &'static str,
    srtcp: &'static str,
}

/// RFC 7714 sections 16.1.1 and 17.1; 16.2.1 and 17.2.
const GCM_VECTORS: [GcmVector; 2] = [
    GcmVector {
        profile: Profile::AeadAes128Gcm,
        key: GCM_KEY_128,
        srtp: "8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5
               0d294e6f 42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce",
        srtcp: "81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d
                c676a5f1 730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872
                45d9eade 800005d4",
    },
    GcmVector {
        profile: Profile::AeadAes256Gcm,
        key: GCM_KEY_256,
        srtp: "8040f17b 8041f8d3 5501a0b2 32b1de78 a822fe12 ef9f78fa 332e33aa b1801238
               9a58e2f3 b50b2a02 76ffae0f 1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13",
        srtcp: "81c8000d 4d617273 d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50
                a2eaa5c1 110555be 8415f658 c61de047 6f1b6fad 1d1eb30c 4446839f 57ff6f6c
                b26ac3be 800005d4",
    },
];

fn gcm(vector: &GcmVector) -> Cipher {
    Cipher::Gcm(Gcm::with_session_key(&hex(vector.key), array(GCM_SALT)).unwrap())
}

fn halves(vector: &GcmVector) -> (Outbound, Inbound) {
    let outbound = Outbound::with_ciphers(vector.profile, gcm(vector), gcm(vector));
    let inbound = Inbound::with_ciphers(vector.profile, gcm(vector), gcm(vector));
    (outbound, inbound)
}

fn with_room(packet: &[u8]) -> Vec<u8> {
    [packet, &[0xee; 40]].concat()
}

#[test]
fn srtp_with_gcm() {
    for vector in &GCM_VECTORS {
        let (mut outbound, mut inbound) = halves(vector);
        let (plain, sealed) = (hex(RTP), hex(vector.srtp));
        let mut buffer = with_room(&plain);
        let length = outbound.seal_rtp(&mut buffer, plain.len(), 0xf17b).unwrap();
        assert_eq!(buffer[..length], sealed);
        let opened = inbound.open_rtp(&mut buffer[..length]).unwrap();
        assert_eq!((opened.index, opened.packet.ssrc), (0xf17b, 0x5501_a0b2));
        assert_eq!(opened.packet.payload, 12..plain.len());
        assert_eq!(buffer[..plain.len()], plain);
    }
}

#[test]
fn srtcp_with_gcm() {
    for vector in &GCM_VECTORS {
        let (mut outbound, mut inbound) = halves(vector);
        let (plain, sealed) = (hex(RTCP), hex(vector.srtcp));
        outbound.set_next_rtcp(0x5d4);
        let mut buffer = with_room(&plain);
        let length = outbound.seal_rtcp(&mut buffer, plain.len()).unwrap();
        assert_eq!(buffer[..length], sealed);
        assert_eq!(inbound.open_rtcp(&mut buffer[..length]), Ok(plain.len()));
        assert_eq!(buffer[..plain.len()], plain);
    }
}

/// RFC 7714 section 17.3. What is only tagged is refused before anything else is looked at.
#[test]
fn srtcp_that_is_only_tagged_is_refused() {
    let sealed = "81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
                  deadbeef deadbeef deadbeef deadbeef deadbeef 841dd968 3dd78ec9 2ae58790
                  125f62b3 000005d4";
    let [vector, _] = &GCM_VECTORS;
    let (_, mut inbound) = halves(vector);
    assert_eq!(
        inbound.open_rtcp(&mut hex(sealed)),
        Err(Refusal::NotEncrypted)
    );
}

/// The packets by which libsrtp validates itself: all from the master key, derivation included.
#[test]
fn srtp_and_srtcp_with_counter_mode() {
    let (mut outbound, mut inbound) = (
        Outbound::new(&master()).unwrap(),
        Inbound::new(&master()).unwrap(),
    );
    let plain = hex("800f1234 decafbad cafebabe abababab abababab abababab abababab");
    let mut buffer = with_room(&plain);
    let length = outbound.seal_rtp(&mut buffer, plain.len(), 0x1234).unwrap();
    assert_eq!(
        buffer[..length],
        hex(
            "800f1234 decafbad cafebabe 4e55dc4c e79978d8 8ca4d215 949d2402 b78d6acc
             99ea179b 8dbb"
        )
    );
    assert_eq!(
        inbound.open_rtp(&mut buffer[..length]).unwrap().index,
        0x1234
    );
    assert_eq!(buffer[..plain.len()], plain);

    let plain = hex("81c8000b cafebabe abababab abababab abababab abababab");
    let mut buffer = with_room(&plain);
    outbound.set_next_rtcp(1);
    let length = outbound.seal_rtcp(&mut buffer, plain.len()).unwrap();
    assert_eq!(
        buffer[..length],
        hex(
            "81c8000b cafebabe 7128035b e487b9bd bef89041 f977a5a8 80000001 993e08cd
             54d6c123 0798"
        )
    );
    assert_eq!(inbound.open_rtcp(&mut buffer[..length]), Ok(plain.len()));
    assert_eq!(buffer[..plain.len()], plain);
}
