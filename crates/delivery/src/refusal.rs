//! Why a request is refused.

use thiserror::Error;

/// Why a request changed nothing. Each variant is one stable code on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Refusal {
    /// Code `not_in_consultation`: no such consultation for this page, or the page was replaced.
    #[error("this page is not in that consultation")]
    NotInConsultation,
    /// Code `not_committer`: not a practitioner's page, or not the page that began the group.
    #[error("this page may not change the group")]
    NotCommitter,
    /// Code `stale_epoch`: another commit came first.
    #[error("the group has moved on")]
    StaleEpoch,
    /// Code `mls_invalid`: not of the kind, group, epoch or form that is expected here.
    #[error("the MLS message is not of the kind, group or form that is expected")]
    MlsInvalid,
    /// Code `no_key_package`: nothing was taken off the shelf.
    #[error("no key package is on the shelf for one of these pages")]
    NoKeyPackage,
    /// Code `log_truncated`.
    #[error("the log does not reach back that far")]
    LogTruncated,
    /// Code `too_large`: one message or key package is larger than its limit.
    #[error("a message is larger than its limit")]
    TooLarge,
    /// Code `limit_reached`.
    #[error("a limit in number was reached")]
    LimitReached,
}
