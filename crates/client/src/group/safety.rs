//! The safety code: what two people read to each other to know that nobody stands between them.
//!
//! Six digits of the epoch authenticator alone could be found by trying: a server between two groups makes
//! new ones until both show the same. So each member first binds itself to a random nonce and opens it only
//! once it has everybody's commitment.
//!
//! ```text
//!     commitment = SHA-256("vestibule safety commitment v1" 0 authenticator leaf(4) nonce(32))
//!     input      = authenticator, then every member's nonce in the order of the leaves
//!     digits     = SHA-256("vestibule safety digits v1" 0 input), first 8 bytes, mod 10^6
//!     long       = SHA-256("vestibule safety long v1" 0 input), six times 5 bytes, mod 10^5
//! ```

use std::collections::BTreeMap;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Context, SHA256};

/// The code, in its two forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SafetyCode {
    /// Six digits to read aloud, as `123 456`.
    pub digits: String,
    /// Thirty digits, for who wants more than one chance in a million.
    pub long: String,
}

/// How far the exchange is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SafetyStatus {
    Pending,
    /// Somebody opened another nonce than they were bound to: an attack.
    Broken,
    Done(SafetyCode),
}

pub(super) const NONCE_BYTES: usize = 32;

/// One member's side of the exchange in one epoch.
pub(super) struct SafetyRound {
    authenticator: Vec<u8>,
    own: u32,
    /// By leaf, of every member; absent until it came.
    commitments: BTreeMap<u32, Option<Vec<u8>>>,
    nonces: BTreeMap<u32, Vec<u8>>,
    revealed: bool,
    pub(super) status: SafetyStatus,
}

impl SafetyRound {
    /// Begins with the own commitment, which is to be sent first.
    pub(super) fn new(
        authenticator: Vec<u8>,
        leaves: impl IntoIterator<Item = u32>,
        own: u32,
        nonce: Vec<u8>,
    ) -> (Self, Vec<u8>) {
        let commitment = commit(&authenticator, own, &nonce);
        let mut commitments: BTreeMap<u32, Option<Vec<u8>>> =
            leaves.into_iter().map(|leaf| (leaf, None)).collect();
        commitments.insert(own, Some(commitment.clone()));
        let round = Self {
            authenticator,
            own,
            commitments,
            nonces: BTreeMap::from([(own, nonce)]),
            revealed: false,
            status: SafetyStatus::Pending,
        };
        (round, commitment)
    }

    /// Takes somebody's commitment; the first one binds.
    pub(super) fn committed(&mut self, leaf: u32, commitment: Vec<u8>) {
        if let Some(place) = self.commitments.get_mut(&leaf) {
            place.get_or_insert(commitment);
        }
    }

    /// The own nonce, once, as soon as everybody is bound.
    pub(super) fn reveal(&mut self) -> Option<Vec<u8>> {
        if self.revealed || self.commitments.values().any(Option::is_none) {
            return None;
        }
        self.revealed = true;
        self.nonces.get(&self.own).cloned()
    }

    /// Takes somebody's nonce.
    pub(super) fn revealed(&mut self, leaf: u32, nonce: Vec<u8>) {
        let Some(Some(bound)) = self.commitments.get(&leaf) else {
            return;
        };
        if leaf == self.own || self.nonces.contains_key(&leaf) {
            return;
        }
        let opened = commit(&self.authenticator, leaf, &nonce);
        if verify_slices_are_equal(&opened, bound).is_err() {
            self.status = SafetyStatus::Broken;
            return;
        }
        self.nonces.insert(leaf, nonce);
        if self.status == SafetyStatus::Pending && self.nonces.len() == self.commitments.len() {
            self.status = SafetyStatus::Done(self.code());
        }
    }

    fn code(&self) -> SafetyCode {
        let mut input = self.authenticator.clone();
        for nonce in self.nonces.values() {
            input.extend_from_slice(nonce);
        }
        let short = hash("vestibule safety digits v1", &[&input]);
        let digits = format!("{:06}", modulo(short.iter().take(8), 1_000_000));
        let wide = hash("vestibule safety long v1", &[&input]);
        let groups: Vec<String> = wide
            .chunks_exact(5)
            .map(|chunk| format!("{:05}", modulo(chunk.iter(), 100_000)))
            .collect();
        let (left, right) = digits.split_at(3);
        SafetyCode {
            digits: format!("{left} {right}"),
            long: groups.join(" "),
        }
    }
}

fn commit(authenticator: &[u8], leaf: u32, nonce: &[u8]) -> Vec<u8> {
    let parts = [authenticator, &leaf.to_be_bytes(), nonce];
    hash("vestibule safety commitment v1", &parts)
}

fn hash(label: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    context.update(label.as_bytes());
    context.update(&[0]);
    for part in parts {
        context.update(part);
    }
    context.finish().as_ref().to_vec()
}

/// A big-endian number modulo another.
fn modulo<'a>(bytes: impl Iterator<Item = &'a u8>, by: u64) -> u64 {
    bytes.fold(0, |rest, byte| (rest * 256 + u64::from(*byte)) % by)
}

#[cfg(test)]
mod tests {
    use super::{SafetyRound, SafetyStatus};

    fn round(leaf: u32) -> (SafetyRound, Vec<u8>) {
        let nonce = vec![u8::try_from(leaf).unwrap(); 32];
        SafetyRound::new(vec![7; 32], [0, 1], leaf, nonce)
    }

    #[test]
    fn both_come_to_the_same_code() {
        let (mut a, of_a) = round(0);
        let (mut b, of_b) = round(1);
        assert_eq!(
            a.reveal(),
            None,
            "nothing is opened before the other is bound"
        );
        a.committed(1, of_b);
        b.committed(0, of_a);
        let (from_a, from_b) = (a.reveal().unwrap(), b.reveal().unwrap());
        a.revealed(1, from_b);
        b.revealed(0, from_a);
        let SafetyStatus::Done(code) = a.status.clone() else {
            panic!("no code")
        };
        assert_eq!(a.status, b.status);
        assert_eq!(code.digits.len(), 7);
        assert_eq!(code.long.split(' ').count(), 6);
    }

    #[test]
    fn the_committed_vector_has_the_same_code() {
        let text = include_str!("../../../../web/sdk/vectors/vestibule.json");
        let vectors: serde_json::Value = serde_json::from_str(text).unwrap();
        let bytes = |value: &serde_json::Value| -> Vec<u8> {
            let hex = value.as_str().unwrap();
            let digits = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
            (0..hex.len()).step_by(2).map(digits).collect()
        };
        let vector = &vectors["safety"];
        let (nonces, commitments) = (&vector["nonces"], &vector["commitments"]);
        let authenticator = bytes(&vector["authenticator"]);
        let (mut round, made) = SafetyRound::new(authenticator, [0, 1], 0, bytes(&nonces[0]));
        assert_eq!(made, bytes(&commitments[0]));
        round.committed(1, bytes(&commitments[1]));
        round.reveal();
        round.revealed(1, bytes(&nonces[1]));
        let SafetyStatus::Done(code) = round.status else {
            panic!("no code")
        };
        assert_eq!(code.digits, vector["code"]["digits"].as_str().unwrap());
        assert_eq!(code.long, vector["code"]["long"].as_str().unwrap());
    }

    #[test]
    fn another_nonce_than_the_bound_one_breaks_it() {
        let (mut a, _) = round(0);
        let (_, of_b) = round(1);
        a.committed(1, of_b);
        a.revealed(1, vec![9; 32]);
        assert_eq!(a.status, SafetyStatus::Broken);
    }

    #[test]
    fn a_second_commitment_does_not_replace_the_first() {
        let (mut a, _) = round(0);
        let (mut b, of_b) = round(1);
        a.committed(1, of_b);
        a.committed(1, vec![0; 32]);
        b.committed(0, vec![0; 32]);
        a.revealed(1, b.reveal().unwrap());
        assert!(matches!(a.status, SafetyStatus::Done(_)));
    }
}
