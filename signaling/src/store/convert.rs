//! Between the words of `vocab` and the columns of the store.

use vestibule_vocab::{
    ApiKeyId, CallId, ClinicId, ConsultationId, InstanceId, InvitationId, LegId, ParticipantId,
    PatientId, PractitionerId, ServiceId, SessionId, VisitId,
};

use super::StoreError;
use super::database::Row;
use super::statement::Value;

/// An id that is stored as its sixteen bytes.
pub(super) trait StoredId: Sized {
    fn from_stored(bytes: [u8; 16]) -> Self;
}

macro_rules! stored_ids {
    ($($name:ident),*) => {
        $(impl StoredId for $name {
            fn from_stored(bytes: [u8; 16]) -> Self {
                Self::from_bytes(bytes)
            }
        }

        impl From<$name> for Value {
            fn from(id: $name) -> Self {
                id.as_bytes().as_slice().into()
            }
        }

        impl From<Option<$name>> for Value {
            fn from(id: Option<$name>) -> Self {
                Self::Bytes(id.map(|id| id.as_bytes().to_vec()))
            }
        })*
    };
}

stored_ids!(
    ApiKeyId,
    CallId,
    ClinicId,
    ConsultationId,
    InstanceId,
    InvitationId,
    LegId,
    ParticipantId,
    PatientId,
    PractitionerId,
    ServiceId,
    SessionId,
    VisitId
);
/// Reads the columns of one row; an unreadable one names its table.
pub(super) struct Columns<'r> {
    row: &'r Row,
    table: &'static str,
}

impl<'r> Columns<'r> {
    pub(super) fn of(table: &'static str, row: &'r Row) -> Self {
        Self { row, table }
    }

    pub(super) fn corrupt(&self) -> StoreError {
        StoreError::Corrupt(self.table)
    }

    pub(super) fn text(&self, column: &str) -> Result<String, StoreError> {
        self.optional_text(column)?.ok_or(self.corrupt())
    }

    pub(super) fn optional_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        self.row.text(column).map_err(|_| self.corrupt())
    }

    pub(super) fn bytes(&self, column: &str) -> Result<Vec<u8>, StoreError> {
        self.optional_bytes(column)?.ok_or(self.corrupt())
    }

    pub(super) fn number(&self, column: &str) -> Result<u64, StoreError> {
        self.optional_number(column)?.ok_or(self.corrupt())
    }

    pub(super) fn optional_number(&self, column: &str) -> Result<Option<u64>, StoreError> {
        let value = self.row.integer(column).map_err(|_| self.corrupt())?;
        value
            .map(|value| u64::try_from(value).map_err(|_| self.corrupt()))
            .transpose()
    }

    pub(super) fn id<T: StoredId>(&self, column: &str) -> Result<T, StoreError> {
        self.optional_id(column)?.ok_or(self.corrupt())
    }

    pub(super) fn optional_id<T: StoredId>(&self, column: &str) -> Result<Option<T>, StoreError> {
        self.optional_bytes(column)?
            .map(|value| value.try_into().map_err(|_| self.corrupt()))
            .transpose()
            .map(|value| value.map(T::from_stored))
    }

    fn optional_bytes(&self, column: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.row.bytes(column).map_err(|_| self.corrupt())
    }
}

/// Words that stand for the values of an enum in the store.
pub(super) trait Word: Copy + PartialEq + 'static {
    const WORDS: &'static [(Self, &'static str)];

    fn word(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(value, _)| *value == self)
            .map_or("", |(_, word)| word)
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::WORDS
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(value, _)| *value)
    }
}

impl Word for vestibule_vocab::Role {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Patient, "patient"),
        (Self::Practitioner, "practitioner"),
        (Self::Companion, "companion"),
    ];
}
