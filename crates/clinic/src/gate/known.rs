//! What was learnt of a visit's patient, kept for gates that are asked only later.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{GateException, IdentityLevel, Relation};
use crate::{Knowledge, Teller};

/// What Vestibule was told of a patient in one visit, whether or not a gate followed from it then: a service to which the
/// visit is handed on may ask.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Known {
    /// The level that the session claims which they opened last.
    pub level: Option<IdentityLevel>,
    /// What they and the practitioner are to each other, as the clinic said.
    pub relations: BTreeSet<Relation>,
    /// What they said when that did not suffice.
    pub claimed: Option<GateException>,
}

impl Known {
    /// Nothing was.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// With what is learnt now. What a patient says of relations takes back nothing that the clinic said.
    pub(crate) fn with(&self, knowledge: &Knowledge, from: Teller) -> Self {
        let mut known = self.clone();
        match knowledge {
            Knowledge::Identity { level } => known.level = Some(*level),
            Knowledge::Eligibility { relations, claimed } => match from {
                Teller::Clinic => (known.relations, known.claimed) = (relations.clone(), *claimed),
                Teller::Patient => known.claimed = claimed.or(known.claimed),
            },
            // Its gate keeps it.
            Knowledge::Device { .. } => {}
        }
        known
    }
}
