//! Against a DTLS client that shares no code with ours: `rtc-dtls`. The way to the server is found by a client of ours,
//! whose own DTLS goes nowhere.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[allow(dead_code, reason = "each test uses its part")]
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use rtc_crypto::providers::AwsLcRsProvider;
use rtc_crypto::{RTCCryptoProvider, SecretVec};
use rtc_dtls::config::{ConfigBuilder, ExtendedMasterSecretType, HandshakeConfig};
use rtc_dtls::crypto::Certificate as TheirCertificate;
use rtc_dtls::endpoint::Endpoint;
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use support::{CLIENT, SERVER, Side, address};
use vestibule_handshake::{Certificate, Credentials, Handshake, Role};
use vestibule_srtp::{Inbound, KeyingMaterial, Outbound, Profile};

struct World {
    now: Instant,
    ice: Side,
    dtls: Endpoint,
    config: Arc<HandshakeConfig>,
    server: Side,
    connecting: bool,
}

impl World {
    fn new(offered: &[Profile]) -> Self {
        let now = Instant::now();
        let provider: Arc<dyn RTCCryptoProvider> = Arc::new(AwsLcRsProvider::new());
        let names = vec!["client".to_owned()];
        let theirs = TheirCertificate::generate_self_signed(names, provider.crypto()).unwrap();
        let fingerprint = digest(&theirs.certificate[0]);
        let config = ConfigBuilder::default()
            .with_crypto_provider(provider)
            .with_certificates(vec![theirs])
            .with_srtp_protection_profiles(offered.iter().map(|profile| their(*profile)).collect())
            .with_insecure_skip_verify(true)
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .build(true, None);
        let (certificate, unused) = support::certificates();
        let (a, b) = (
            Credentials::random().unwrap(),
            Credentials::random().unwrap(),
        );
        let mut ice = handshake(
            now,
            Role::Client,
            (a.clone(), b.clone()),
            &unused,
            &certificate.fingerprint().to_string(),
        );
        ice.add_remote(address(SERVER)).unwrap();
        let server = handshake(now, Role::Server, (b, a), &certificate, &fingerprint);
        Self {
            now,
            ice: Side::new(ice),
            dtls: Endpoint::new(address(CLIENT), Default::default(), None),
            config: Arc::new(config.unwrap()),
            server: Side::new(server),
            connecting: false,
        }
    }

    fn run(&mut self) {
        for _ in 0..300 {
            self.step();
        }
    }

    fn step(&mut self) {
        self.now += Duration::from_millis(10);
        self.ice.arrive(self.now);
        for (from, to, bytes) in self.ice.drain() {
            if bytes[0] < 4 {
                self.server.arriving.push((self.now, from, to, bytes));
            } else if !self.connecting {
                // It found the way: now the other one begins.
                self.connecting = true;
                let config = Arc::clone(&self.config);
                self.dtls
                    .connect(self.now, address(SERVER), config, None)
                    .unwrap();
            }
        }
        let _ = self.dtls.handle_timeout(address(SERVER), self.now);
        while let Some(sent) = self.dtls.poll_transmit() {
            let bytes = sent.message.to_vec();
            self.server
                .arriving
                .push((self.now, address(CLIENT), address(SERVER), bytes));
        }
        self.server.arrive(self.now);
        for (from, to, bytes) in self.server.drain() {
            if bytes[0] < 4 {
                self.ice.arriving.push((self.now, from, to, bytes));
            } else {
                let bytes = BytesMut::from(&bytes[..]);
                // What it makes of a refusal is its own business.
                let _ = self.dtls.read(self.now, address(SERVER), None, bytes);
            }
        }
    }

    fn exported(&self, profile: Profile) -> SecretVec {
        let state = self.dtls.get_connection_state(address(SERVER)).unwrap();
        let length = profile.keying_material_bytes();
        state
            .export_keying_material("EXTRACTOR-dtls_srtp", &[], length)
            .unwrap()
    }
}

fn handshake(
    now: Instant,
    role: Role,
    credentials: (Credentials, Credentials),
    certificate: &Certificate,
    fingerprint: &str,
) -> Handshake {
    let local = match role {
        Role::Client => address(CLIENT),
        Role::Server => address(SERVER),
    };
    let fingerprint = fingerprint.parse().unwrap();
    Handshake::new(now, role, &[local], credentials, certificate, fingerprint).unwrap()
}

fn digest(certificate: &[u8]) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, certificate);
    let pairs = hash.as_ref().iter().map(|byte| format!("{byte:02X}"));
    pairs.collect::<Vec<_>>().join(":")
}

fn their(profile: Profile) -> SrtpProtectionProfile {
    match profile {
        Profile::AeadAes128Gcm => SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
        Profile::AeadAes256Gcm => SrtpProtectionProfile::Srtp_Aead_Aes_256_Gcm,
        Profile::AesCm128HmacSha1_80 => SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
    }
}

#[test]
fn each_profile_is_agreed_on_when_it_alone_is_offered_and_the_keys_fit() {
    for profile in Profile::ALL {
        let mut world = World::new(&[profile]);
        world.run();
        assert_eq!(world.server.down, None, "{profile:?}");
        let up = world.server.up.take().unwrap();
        assert_eq!(up.inbound.profile(), profile);
        let theirs = KeyingMaterial::split(profile, world.exported(profile).as_ref()).unwrap();
        for (from, to) in [
            (&theirs.client, &up.inbound),
            (&up.outbound, &theirs.server),
        ] {
            let mut packet = [0; 60];
            packet[..14].copy_from_slice(&[0x80, 96, 0, 9, 0, 0, 0, 8, 0, 0, 0, 7, 1, 2]);
            let length = Outbound::new(from)
                .unwrap()
                .seal_rtp(&mut packet, 14, 9)
                .unwrap();
            Inbound::new(to)
                .unwrap()
                .open_rtp(&mut packet[..length])
                .unwrap();
        }
    }
}

#[test]
fn gcm_is_chosen_when_it_is_offered_last() {
    let mut world = World::new(&[Profile::AesCm128HmacSha1_80, Profile::AeadAes128Gcm]);
    world.run();
    let up = world.server.up.take().unwrap();
    assert_eq!(up.inbound.profile(), Profile::AeadAes128Gcm);
}

/// Without a profile there is a DTLS connection, but none for media.
#[test]
fn a_client_that_offers_no_profile_is_refused() {
    let mut world = World::new(&[]);
    world.run();
    assert!(world.server.up.is_none());
    assert!(world.server.down.is_some());
}
