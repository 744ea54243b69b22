//! Between the words of `vocab` and the columns of SQLite.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use vestibule_clinic::DeclineReason;
use vestibule_vocab::{
    CallId, ConsultationId, InstanceId, LegId, PatientId, PractitionerId, ServiceId, SessionId,
    Timestamp, VisitId,
};

use super::StoreError;

/// SQLite's integers are signed. Nothing of ours comes near the limit.
pub(super) fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A moment as a column.
pub(super) fn moment(value: Timestamp) -> i64 {
    integer(value.0)
}

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
        })*
    };
}

stored_ids!(
    CallId,
    ConsultationId,
    InstanceId,
    LegId,
    PatientId,
    PractitionerId,
    ServiceId,
    SessionId,
    VisitId
);
impl StoredId for vestibule_vocab::ClinicId {
    fn from_stored(bytes: [u8; 16]) -> Self {
        Self::from_bytes(bytes)
    }
}

/// Reads the columns of one row; an unreadable one names its table.
pub(super) struct Columns<'r> {
    row: &'r SqliteRow,
    table: &'static str,
}

impl<'r> Columns<'r> {
    pub(super) fn of(table: &'static str, row: &'r SqliteRow) -> Self {
        Self { row, table }
    }

    pub(super) fn corrupt(&self) -> StoreError {
        StoreError::Corrupt(self.table)
    }

    pub(super) fn text(&self, column: &str) -> Result<String, StoreError> {
        self.row.try_get(column).map_err(|_| self.corrupt())
    }

    pub(super) fn optional_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        self.row.try_get(column).map_err(|_| self.corrupt())
    }

    pub(super) fn bytes(&self, column: &str) -> Result<Vec<u8>, StoreError> {
        self.row.try_get(column).map_err(|_| self.corrupt())
    }

    pub(super) fn number(&self, column: &str) -> Result<u64, StoreError> {
        self.optional_number(column)?.ok_or(self.corrupt())
    }

    pub(super) fn optional_number(&self, column: &str) -> Result<Option<u64>, StoreError> {
        let value: Option<i64> = self.row.try_get(column).map_err(|_| self.corrupt())?;
        value
            .map(|value| u64::try_from(value).map_err(|_| self.corrupt()))
            .transpose()
    }

    pub(super) fn id<T: StoredId>(&self, column: &str) -> Result<T, StoreError> {
        self.optional_id(column)?.ok_or(self.corrupt())
    }

    pub(super) fn optional_id<T: StoredId>(&self, column: &str) -> Result<Option<T>, StoreError> {
        let value: Option<Vec<u8>> = self.row.try_get(column).map_err(|_| self.corrupt())?;
        value
            .map(|value| value.try_into().map_err(|_| self.corrupt()))
            .transpose()
            .map(|value| value.map(T::from_stored))
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

impl Word for DeclineReason {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::InPersonNeeded, "in_person_needed"),
        (Self::WrongService, "wrong_service"),
        (Self::NoTimeLeft, "no_time_left"),
        (Self::Emergency, "emergency"),
        (Self::Other, "other"),
    ];
}

impl Word for vestibule_clinic::ConsultationEnd {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Completed, "completed"),
        (Self::PatientLeft, "patient_left"),
        (Self::PatientLost, "patient_lost"),
        (Self::PractitionerLost, "practitioner_lost"),
    ];
}

impl Word for vestibule_vocab::Role {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Patient, "patient"),
        (Self::Practitioner, "practitioner"),
    ];
}
