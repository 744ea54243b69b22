//! Against another implementation: each opens what the other sealed.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use rtc_crypto::RTCCryptoProvider;
use rtc_crypto::providers::AwsLcRsProvider;
use rtc_srtp::config::Config;
use rtc_srtp::context::Context;
use rtc_srtp::protection_profile::ProtectionProfile;
use support::{exported, keys, rtcp, rtp, seal_rtcp, seal_rtp};
use vestibule_srtp::{Inbound, Outbound, Profile};

fn theirs(profile: Profile) -> ProtectionProfile {
    match profile {
        Profile::AeadAes128Gcm => ProtectionProfile::AeadAes128Gcm,
        Profile::AeadAes256Gcm => ProtectionProfile::AeadAes256Gcm,
        Profile::AesCm128HmacSha1_80 => ProtectionProfile::Aes128CmHmacSha1_80,
    }
}

/// The other implementation as DTLS client: what it sends with and what it receives with.
fn client(profile: Profile) -> (Context, Context) {
    let mut config = Config {
        profile: theirs(profile),
        ..Config::default()
    };
    config
        .set_session_keys_from_keying_material(&exported(profile), true)
        .unwrap();
    let provider = AwsLcRsProvider::new();
    let context = |key: &[u8], salt: &[u8]| {
        Context::new(key, salt, config.profile, None, None, provider.crypto()).unwrap()
    };
    let keys = &config.keys;
    (
        context(&keys.local_master_key, &keys.local_master_salt),
        context(&keys.remote_master_key, &keys.remote_master_salt),
    )
}

/// Indices around a roll-over, in order.
fn indices() -> impl Iterator<Item = u64> {
    65_530..65_542
}

#[test]
fn the_other_opens_what_we_sealed() {
    for profile in Profile::ALL {
        let mut ours = Outbound::new(&keys(profile).server).unwrap();
        let (_, mut other) = client(profile);
        for index in indices() {
            let mut packet = rtp(9, index, b"a payload");
            packet[0] |= 0x11;
            packet.splice(12..12, [0, 0, 0, 5, 0xbe, 0xde, 0, 1, 0x10, 3, 0, 0]);
            let sealed = seal_rtp(&mut ours, &packet, index);
            assert_eq!(
                other.decrypt_rtp(&sealed).unwrap(),
                packet,
                "{profile:?} {index}"
            );
            let report = rtcp(9, &index.to_be_bytes());
            let sealed = seal_rtcp(&mut ours, &report);
            assert_eq!(other.decrypt_rtcp(&sealed).unwrap(), report, "{profile:?}");
        }
    }
}

#[test]
fn we_open_what_the_other_sealed() {
    for profile in Profile::ALL {
        let mut ours = Inbound::new(&keys(profile).client).unwrap();
        let (mut other, _) = client(profile);
        for index in indices() {
            let mut packet = rtp(9, index, b"a payload");
            packet[0] |= 0x11;
            packet.splice(12..12, [0, 0, 0, 5, 0xbe, 0xde, 0, 1, 0x10, 3, 0, 0]);
            let mut sealed = other.encrypt_rtp(&packet).unwrap();
            let opened = ours.open_rtp(&mut sealed).unwrap();
            assert_eq!(
                (opened.index, &sealed[opened.packet.payload]),
                (index, &b"a payload"[..])
            );
            assert_eq!(sealed[..packet.len()], packet);
            let report = rtcp(9, &index.to_be_bytes());
            let mut sealed = other.encrypt_rtcp(&report).unwrap();
            assert_eq!(ours.open_rtcp(&mut sealed), Ok(report.len()), "{profile:?}");
            assert_eq!(sealed[..report.len()], report);
        }
    }
}
