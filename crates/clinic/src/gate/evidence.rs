//! What Vestibule knows itself, and what follows from it.

use std::collections::BTreeSet;

use super::{
    AnsweredBy, GateException, GateKind, GateReason, IdentityLevel, Relation, Requirement,
};
use crate::{CompanionRole, Consent, ConsentAct};

/// Something known about a visit.
#[derive(Clone, Copy, Debug)]
pub enum Evidence<'a> {
    /// The level that the session's token claims.
    Identity(IdentityLevel),
    /// What patient and practitioner are to each other, and the exception that the patient claims.
    Eligibility {
        /// What is so.
        relations: &'a BTreeSet<Relation>,
        /// What the patient says when it is not; taken when the service allows it.
        claimed: Option<GateException>,
    },
    /// The patient's consent so far.
    Consent(&'a Consent),
    /// Consultations of this patient in this period, without this visit.
    Quota {
        /// So many.
        used: u32,
        /// So many are allowed.
        allowed: u32,
    },
    /// The roles of the companions who are present.
    Companions(&'a BTreeSet<CompanionRole>),
    /// The page tried the devices and the network.
    Device {
        /// They will do.
        suitable: bool,
    },
}

/// What follows for one gate.
pub(super) enum Verdict {
    Open(AnsweredBy),
    Except(AnsweredBy, GateException),
    Refuse(AnsweredBy, GateReason),
    NotYet,
}

impl Evidence<'_> {
    /// It tells something about this gate.
    pub(super) fn concerns(&self, gate: &GateKind) -> bool {
        match self {
            Self::Identity(_) => matches!(gate, GateKind::Identity),
            Self::Eligibility { .. } => matches!(gate, GateKind::Eligibility),
            Self::Consent(_) => matches!(gate, GateKind::Consent),
            Self::Quota { .. } => matches!(gate, GateKind::Quota),
            Self::Companions(_) => matches!(gate, GateKind::Companion { .. }),
            Self::Device { .. } => matches!(gate, GateKind::DeviceCheck),
        }
    }

    /// What follows for a gate that it concerns; nothing yet for any other.
    pub(super) fn verdict(&self, requires: &Requirement) -> Verdict {
        match (self, requires) {
            (Self::Identity(claimed), Requirement::Identity { level }) => {
                built_in(claimed >= level, GateReason::LevelTooLow)
            }
            (
                Self::Eligibility { relations, claimed },
                Requirement::Eligibility { any_of, all_of },
            ) => eligible(relations, *claimed, any_of, all_of),
            (Self::Consent(consent), Requirement::Consent { version }) => {
                match consent.act_on(version) {
                    None => Verdict::NotYet,
                    Some(ConsentAct::Given) => Verdict::Open(AnsweredBy::Patient),
                    Some(ConsentAct::Refused) => {
                        Verdict::Refuse(AnsweredBy::Patient, GateReason::ConsentRefused)
                    }
                    Some(ConsentAct::Revoked) => {
                        Verdict::Refuse(AnsweredBy::Patient, GateReason::ConsentRevoked)
                    }
                }
            }
            (Self::Quota { used, allowed }, Requirement::Quota) => {
                built_in(used < allowed, GateReason::QuotaReached)
            }
            (Self::Companions(present), Requirement::Companion { role }) => {
                if present.contains(role) {
                    Verdict::Open(AnsweredBy::BuiltIn)
                } else {
                    Verdict::NotYet
                }
            }
            (Self::Device { suitable: true }, Requirement::DeviceCheck) => {
                Verdict::Open(AnsweredBy::Patient)
            }
            (Self::Device { suitable: false }, Requirement::DeviceCheck) => {
                Verdict::Refuse(AnsweredBy::Patient, GateReason::DeviceUnsuitable)
            }
            (
                Self::Identity(_)
                | Self::Eligibility { .. }
                | Self::Consent(_)
                | Self::Quota { .. }
                | Self::Companions(_)
                | Self::Device { .. },
                _,
            ) => Verdict::NotYet,
        }
    }
}

fn built_in(met: bool, otherwise: GateReason) -> Verdict {
    if met {
        Verdict::Open(AnsweredBy::BuiltIn)
    } else {
        Verdict::Refuse(AnsweredBy::BuiltIn, otherwise)
    }
}

/// An exception is looked at only when the relations do not suffice, so that none is recorded
/// without need.
fn eligible(
    relations: &BTreeSet<Relation>,
    claimed: Option<GateException>,
    any_of: &BTreeSet<Relation>,
    all_of: &BTreeSet<Relation>,
) -> Verdict {
    let some = any_of.is_empty() || !any_of.is_disjoint(relations);
    match claimed {
        _ if some && all_of.is_subset(relations) => Verdict::Open(AnsweredBy::BuiltIn),
        Some(exception) => Verdict::Except(AnsweredBy::Patient, exception),
        None => Verdict::Refuse(AnsweredBy::BuiltIn, GateReason::NotEligible),
    }
}
