//! The audit log, checked and told.

use std::ops::ControlFlow;

use vestibule_clinic::audit::{Entry, Explanation, Sentence};
use vestibule_clinic::calendar::Zone;
use vestibule_vocab::VisitId;

use super::Administration;
use crate::store::{Chain, StoreError};

/// How the audit log's chain is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditCheck {
    /// Every entry follows from the one before.
    Whole {
        /// How many there are.
        entries: u64,
        /// The hash of the last one, in hexadecimal digits: kept elsewhere, it shows later that none was cut off.
        head: String,
    },
    /// This entry does not follow from the one before: it, or what stood before it, was altered.
    Broken {
        /// Its number, from 1.
        entry: u64,
    },
}

impl Administration {
    /// Follows the chain of the audit log to its end.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn verify_audit(&self) -> Result<AuditCheck, StoreError> {
        let mut chain = Chain::beginning();
        let mut broken = None;
        let see = |line: &_| {
            if chain.follow(line) {
                ControlFlow::Continue(())
            } else {
                broken = Some(chain.sequence);
                ControlFlow::Break(())
            }
        };
        self.store.read_audit(see).await?;
        Ok(match broken {
            Some(entry) => AuditCheck::Broken { entry },
            None => AuditCheck::Whole {
                entries: chain.sequence,
                head: hex(&chain.hash),
            },
        })
    }

    /// Tells why a visit's patient was seen in this order. Empty when the log knows no such visit.
    ///
    /// # Errors
    /// [`StoreError`], also when an entry cannot be read.
    pub async fn explain(&self, visit: VisitId, zone: Zone) -> Result<Vec<Sentence>, StoreError> {
        let mut explanation = Explanation::of(visit, zone);
        let mut unreadable = false;
        let see = |line: &crate::store::AuditLine| match serde_json::from_str::<Entry>(&line.entry)
        {
            Ok(entry) => {
                explanation.take(&entry);
                ControlFlow::Continue(())
            }
            Err(_) => {
                unreadable = true;
                ControlFlow::Break(())
            }
        };
        self.store.read_audit(see).await?;
        if unreadable {
            return Err(StoreError::Corrupt("audit"));
        }
        Ok(explanation.sentences())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
