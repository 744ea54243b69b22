//! One statement for both databases: its text, which both read alike, and the values for its `$1`, `$2`...

use sqlx::postgres::{PgArguments, Postgres};
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments};
use vestibule_vocab::Timestamp;

/// SQLite's and PostgreSQL's integers are signed. Nothing of ours comes near the limit.
fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// What a column holds. NULL has a type too: PostgreSQL asks for it.
pub(super) enum Value {
    Integer(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Integer(Some(integer(value)))
    }
}

impl From<Option<u64>> for Value {
    fn from(value: Option<u64>) -> Self {
        Self::Integer(value.map(integer))
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Integer(Some(value.into()))
    }
}

impl From<Timestamp> for Value {
    fn from(moment: Timestamp) -> Self {
        moment.0.into()
    }
}

impl From<Option<Timestamp>> for Value {
    fn from(moment: Option<Timestamp>) -> Self {
        Self::Integer(moment.map(|it| integer(it.0)))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(Some(bytes.to_vec()))
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(Some(bytes))
    }
}

/// A statement with its values.
pub(super) struct Statement {
    sql: &'static str,
    values: Vec<Value>,
}

/// A statement that has no values yet.
pub(super) fn statement(sql: &'static str) -> Statement {
    Statement {
        sql,
        values: Vec::new(),
    }
}

impl Statement {
    /// The value of the next placeholder.
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// As SQLite takes it.
    pub(super) fn sqlite(self) -> Query<'static, Sqlite, SqliteArguments> {
        let query = sqlx::query(self.sql);
        self.values
            .into_iter()
            .fold(query, |query, value| match value {
                Value::Integer(it) => query.bind(it),
                Value::Text(it) => query.bind(it),
                Value::Bytes(it) => query.bind(it),
            })
    }

    /// As PostgreSQL takes it.
    pub(super) fn postgres(self) -> Query<'static, Postgres, PgArguments> {
        let query = sqlx::query(self.sql);
        self.values
            .into_iter()
            .fold(query, |query, value| match value {
                Value::Integer(it) => query.bind(it),
                Value::Text(it) => query.bind(it),
                Value::Bytes(it) => query.bind(it),
            })
    }
}

#[cfg(test)]
impl Statement {
    pub(super) fn text(&self) -> &'static str {
        self.sql
    }

    /// The values that are integers.
    pub(super) fn integers(&self) -> Vec<i64> {
        let integers = self.values.iter().filter_map(|value| match value {
            Value::Integer(it) => *it,
            Value::Text(_) | Value::Bytes(_) => None,
        });
        integers.collect()
    }
}
