//! Personal data under a key for each patient, so that they are gone when the key is.
//!
//! A patient's key is drawn at random and lies in a table of its own, wrapped under the server's key, which lies in a file
//! beside the store. AES-256-GCM throughout, with a nonce drawn for each message (NIST SP 800-38D section 8.2.2: far fewer
//! than 2^32 under one key).

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac;
use vestibule_vocab::{PatientId, VisitId};

use super::StoreError;
use super::convert::Columns;
use super::database::Transaction;
use super::shape::{Shape, row};
use super::statement::statement;
use crate::random::{self, NoRandomness};

/// Bytes of a key.
const KEY: usize = 32;

/// By how many bytes what is sealed is longer: the nonce and the tag.
pub(super) const SEAL: u64 = NONCE_LEN as u64 + 16;

/// What is sealed to know the server's key again.
const PROOF: &[u8] = b"vestibule server key v1";

/// The label of the key that pseudonyms are made with: it is the server's key's, and no other.
const PSEUDONYMS: &[u8] = b"vestibule pseudonyms v1";

/// The server's key, which wraps those of patients. Printed nowhere.
pub(crate) struct Vault {
    key: RandomizedNonceKey,
    pseudonyms: hmac::Key,
}

/// The key of one patient.
pub(super) struct PatientKey(RandomizedNonceKey);

/// Something is not sealed under this key, or was altered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotOurs;

/// The file holds something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key of personal data has {KEY} bytes, and the file holds something else")]
pub struct BadServerKey;

impl Vault {
    /// A new server's key, to be kept in a private file.
    pub(crate) fn generate() -> Result<Vec<u8>, NoRandomness> {
        Ok(random::bytes::<KEY>()?.to_vec())
    }

    /// The server's key of these bytes.
    pub(crate) fn of(bytes: &[u8]) -> Result<Self, BadServerKey> {
        match RandomizedNonceKey::new(&AES_256_GCM, bytes) {
            Ok(key) if bytes.len() == KEY => Ok(Self {
                key,
                pseudonyms: derived(bytes, PSEUDONYMS),
            }),
            Ok(_) | Err(_) => Err(BadServerKey),
        }
    }

    /// What stands here for somebody whom others call so. It is the same at every server of this store, says nothing to
    /// whoever does not have the key, and another in each `sphere`.
    pub(crate) fn pseudonym(&self, sphere: &str, (issuer, subject): (&str, &str)) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.pseudonyms);
        for part in [sphere, issuer, subject] {
            // The length in front, so that no two triples read alike.
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part.as_bytes());
        }
        bytes_of(&context.sign())
    }

    /// Seals a secret of the server's own. It is good for that one thing alone.
    pub(super) fn seal_secret(&self, about: &str, secret: &str) -> Result<Vec<u8>, NoRandomness> {
        seal(&self.key, about.as_bytes(), secret.as_bytes())
    }

    /// A secret that was sealed for this.
    pub(super) fn open_secret(&self, about: &str, sealed: &[u8]) -> Result<String, NotOurs> {
        let opened = open(&self.key, about.as_bytes(), sealed)?;
        String::from_utf8(opened).map_err(|_| NotOurs)
    }

    /// A new key for a patient, and the same wrapped.
    fn new_key(&self, patient: PatientId) -> Result<(PatientKey, Vec<u8>), NoRandomness> {
        let bytes = random::bytes::<KEY>()?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| NoRandomness)?;
        let wrapped = seal(&self.key, patient.as_bytes(), &bytes)?;
        Ok((PatientKey(key), wrapped))
    }

    /// A patient's key, as it was wrapped.
    pub(super) fn unwrap(&self, patient: PatientId, wrapped: &[u8]) -> Result<PatientKey, NotOurs> {
        let bytes = open(&self.key, patient.as_bytes(), wrapped)?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| NotOurs)?;
        Ok(PatientKey(key))
    }
}

impl PatientKey {
    /// Seals what was written in a visit. It is good for that visit alone.
    pub(super) fn seal(&self, visit: VisitId, text: &str) -> Result<Vec<u8>, NoRandomness> {
        seal(&self.0, visit.as_bytes(), text.as_bytes())
    }

    /// What was sealed for a visit.
    pub(super) fn open(&self, visit: VisitId, sealed: &[u8]) -> Result<Vec<u8>, NotOurs> {
        open(&self.0, visit.as_bytes(), sealed)
    }
}

/// A key for one use alone, made from another (NIST SP 800-108, with HMAC as the function and one block).
fn derived(key: &[u8], label: &[u8]) -> hmac::Key {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, label).as_ref())
}

fn bytes_of(tag: &hmac::Tag) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(tag.as_ref()) {
        *to = *from;
    }
    bytes
}

/// The nonce, the ciphertext and the tag, one behind the other.
fn seal(key: &RandomizedNonceKey, about: &[u8], message: &[u8]) -> Result<Vec<u8>, NoRandomness> {
    let mut text = message.to_vec();
    let nonce = key
        .seal_in_place_append_tag(Aad::from(about), &mut text)
        .map_err(|_| NoRandomness)?;
    let mut sealed = nonce.as_ref().to_vec();
    sealed.append(&mut text);
    Ok(sealed)
}

fn open(key: &RandomizedNonceKey, about: &[u8], sealed: &[u8]) -> Result<Vec<u8>, NotOurs> {
    let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or(NotOurs)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| NotOurs)?;
    let mut text = text.to_vec();
    let opened = key.open_in_place(nonce, Aad::from(about), &mut text);
    Ok(opened.map_err(|_| NotOurs)?.to_vec())
}

/// The keys of some patients.
pub(super) struct Keys(BTreeMap<PatientId, PatientKey>);

impl Keys {
    /// Seals what was written in a visit of one of them.
    pub(super) fn seal(
        &self,
        patient: PatientId,
        visit: VisitId,
        text: &str,
    ) -> Result<Vec<u8>, sqlx::Error> {
        let encode = |why: NoKey| sqlx::Error::Encode(why.into());
        let key = self.0.get(&patient).ok_or(NoKey).map_err(encode)?;
        key.seal(visit, text)
            .map_err(|why| sqlx::Error::Encode(why.into()))
    }
}

/// A key was not asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a patient's key was not asked for")]
struct NoKey;

static FIND_KEYS: Shape = Shape::new(
    "SELECT patient, wrapped FROM patient_keys WHERE patient IN (VALUES",
    1,
    ")",
);

static NEW_KEYS: Shape = Shape::new("INSERT INTO patient_keys (patient, wrapped) VALUES", 2, "");

/// The keys of these patients, made for those who have none. They are read anew each time: another server, or an erasure
/// beside this one, may have destroyed them.
pub(super) async fn keys_of(
    transaction: &mut Transaction,
    vault: &Vault,
    patients: impl IntoIterator<Item = PatientId>,
) -> Result<Keys, sqlx::Error> {
    let patients: BTreeSet<PatientId> = patients.into_iter().collect();
    let asked = patients.iter().map(|patient| row![*patient]);
    let found = FIND_KEYS.fetch(asked.collect(), transaction).await?;
    let mut keys = BTreeMap::new();
    for found in &found {
        let (patient, key) = read_key(vault, &Columns::of("patient_keys", found))
            .map_err(|why| sqlx::Error::Decode(why.into()))?;
        keys.insert(patient, key);
    }
    let mut made = Vec::new();
    for patient in patients {
        if let Entry::Vacant(place) = keys.entry(patient) {
            let (key, wrapped) = vault
                .new_key(patient)
                .map_err(|why| sqlx::Error::Encode(why.into()))?;
            place.insert(key);
            made.push(row![patient, wrapped]);
        }
    }
    NEW_KEYS.execute(made, transaction).await?;
    Ok(Keys(keys))
}

fn read_key(vault: &Vault, columns: &Columns<'_>) -> Result<(PatientId, PatientKey), StoreError> {
    let patient = columns.id("patient")?;
    let wrapped = columns.bytes("wrapped")?;
    let key = vault.unwrap(patient, &wrapped);
    Ok((patient, key.map_err(|NotOurs| columns.corrupt())?))
}

/// Sees to it that the store is read with the key that it was made with; a new store is made with this one.
pub(super) async fn prove(transaction: &mut Transaction, vault: &Vault) -> Result<(), StoreError> {
    let proof = seal(&vault.key, PROOF, PROOF)?;
    statement("INSERT INTO vault (id, proof) VALUES (1, $1) ON CONFLICT DO NOTHING")
        .bind(proof.as_slice())
        .execute(transaction)
        .await?;
    let row = statement("SELECT proof FROM vault")
        .first(transaction)
        .await?;
    let proof = Columns::of("vault", &row).bytes("proof")?;
    match open(&vault.key, PROOF, &proof) {
        Ok(_) => Ok(()),
        Err(NotOurs) => Err(StoreError::OtherKey),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patient(number: u128) -> PatientId {
        PatientId::from_random(number)
    }

    fn visit(number: u128) -> VisitId {
        VisitId::from_random(number)
    }

    #[test]
    fn what_is_sealed_for_a_visit_is_opened_for_that_visit_alone() {
        let vault = Vault::of(&[7; 32]).unwrap();
        let (key, wrapped) = vault.new_key(patient(1)).unwrap();
        let sealed = key.seal(visit(1), "Ada").unwrap();
        assert!(!sealed.windows(3).any(|it| it == b"Ada"));
        assert_ne!(key.seal(visit(1), "Ada").unwrap(), sealed, "no nonce twice");
        let key = vault.unwrap(patient(1), &wrapped).unwrap();
        assert_eq!(key.open(visit(1), &sealed).unwrap(), b"Ada");
        assert_eq!(key.open(visit(2), &sealed), Err(NotOurs));
        for place in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[place] ^= 1;
            assert_eq!(key.open(visit(1), &altered), Err(NotOurs), "{place}");
        }
        assert_eq!(key.open(visit(1), &sealed[..NONCE_LEN - 1]), Err(NotOurs));
    }

    #[test]
    fn a_secret_is_opened_for_what_it_was_sealed_for_alone() {
        let vault = Vault::of(&[7; 32]).unwrap();
        let sealed = vault.seal_secret("webhook wh_1", "whsec_").unwrap();
        assert!(!sealed.windows(6).any(|it| it == b"whsec_"));
        let opened = vault.open_secret("webhook wh_1", &sealed);
        assert_eq!(opened.as_deref(), Ok("whsec_"));
        assert!(vault.open_secret("webhook wh_2", &sealed).is_err());
        let other = Vault::of(&[8; 32]).unwrap();
        assert!(other.open_secret("webhook wh_1", &sealed).is_err());
    }

    #[test]
    fn a_pseudonym_is_the_same_for_one_person_under_one_key_alone() {
        let vault = Vault::of(&[7; 32]).unwrap();
        let ada = vault.pseudonym("patient", ("https://id.example", "ada"));
        let again = Vault::of(&[7; 32]).unwrap();
        assert_eq!(
            ada,
            again.pseudonym("patient", ("https://id.example", "ada"))
        );
        for (sphere, who) in [
            ("patient", ("https://id.example", "grace")),
            ("patient", ("https://other.example", "ada")),
            ("patient", ("https://id.examplea", "da")),
            ("practitioner", ("https://id.example", "ada")),
        ] {
            assert_ne!(ada, vault.pseudonym(sphere, who), "{sphere} {who:?}");
        }
        let other = Vault::of(&[8; 32]).unwrap();
        assert_ne!(
            ada,
            other.pseudonym("patient", ("https://id.example", "ada"))
        );
    }

    #[test]
    fn a_patients_key_is_wrapped_for_that_patient_and_that_server() {
        let vault = Vault::of(&[7; 32]).unwrap();
        let (_, wrapped) = vault.new_key(patient(1)).unwrap();
        assert!(vault.unwrap(patient(2), &wrapped).is_err());
        assert!(
            Vault::of(&[8; 32])
                .unwrap()
                .unwrap(patient(1), &wrapped)
                .is_err()
        );
        assert!(Vault::of(&[7; 31]).is_err() && Vault::of(&[]).is_err());
    }
}
