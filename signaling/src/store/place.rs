//! Where the store is: the words of `--store`, read and checked before anything is connected.

use std::fmt;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use crate::limits;

/// What a store's address may look like.
const FORM: &str = "postgres://NAME:PASSWORD@HOST:PORT/DATABASE";

/// What may follow the `?`. `sqlx` logs what it does not know, and a misspelt word may stand before a secret.
const PARAMETERS: &[&str] = &[
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "user",
];

/// The address of a PostgreSQL database. Its password is shown nowhere.
#[derive(Clone)]
pub struct PostgresUrl(PgConnectOptions);

/// Words that are no address of a store. They are not repeated: there may be a password among them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadStore {
    /// Not of the form.
    #[error(
        "the store's address has the form {FORM}; without --store, the data directory holds the store"
    )]
    Form,
    /// A word after the `?` that is not known.
    #[error(
        "the store's address has a parameter that is not known; those that are: {}",
        PARAMETERS.join(", ")
    )]
    Parameter,
}

impl FromStr for PostgresUrl {
    type Err = BadStore;

    fn from_str(text: &str) -> Result<Self, BadStore> {
        let scheme = text.split_once("://").ok_or(BadStore::Form)?.0;
        if !["postgres", "postgresql"].contains(&scheme) {
            return Err(BadStore::Form);
        }
        if parameters(text).any(|name| !PARAMETERS.contains(&name)) {
            return Err(BadStore::Parameter);
        }
        let options: PgConnectOptions = text.parse().map_err(|_| BadStore::Form)?;
        Ok(Self(options))
    }
}

fn parameters(url: &str) -> impl Iterator<Item = &str> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name))
}

impl PostgresUrl {
    /// What to connect with. A commit is on the disk when it is answered, whatever the database's own default; a
    /// transaction that nobody goes on with, or a statement that does not end, stops holding others up.
    pub(super) fn options(&self) -> PgConnectOptions {
        let milliseconds = |limit: std::time::Duration| limit.as_millis().to_string();
        let options = self.0.clone();
        let options = options.statement_cache_capacity(limits::STORE_STATEMENTS);
        options.options([
            ("synchronous_commit", "on".to_owned()),
            (
                "idle_in_transaction_session_timeout",
                milliseconds(limits::STORE_IDLE),
            ),
            ("statement_timeout", milliseconds(limits::STORE_STATEMENT)),
            ("timezone", "UTC".to_owned()),
        ])
    }
}

/// Host and database: what somebody needs to know who looks for a mistake.
impl fmt::Display for PostgresUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = &self.0;
        match options.get_socket() {
            Some(socket) => write!(formatter, "{}", socket.display())?,
            None => write!(formatter, "{}:{}", options.get_host(), options.get_port())?,
        }
        let database = options.get_database().unwrap_or(options.get_username());
        write!(formatter, "/{database}")
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PostgresUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::{BadStore, PostgresUrl};

    #[test]
    fn the_password_is_shown_nowhere() {
        let url = "postgres://ada:lovelace@db.example.org:5433/clinic?sslmode=require";
        let url: PostgresUrl = url.parse().unwrap();
        assert_eq!(url.to_string(), "db.example.org:5433/clinic");
        assert!(!format!("{url:?}").contains("lovelace"));
    }

    #[test]
    fn a_socket_is_an_address_too() {
        let url: PostgresUrl = "postgres://ada@%2Frun%2Fpostgresql/clinic".parse().unwrap();
        assert_eq!(url.to_string(), "/run/postgresql/clinic");
    }

    #[test]
    fn what_is_no_address_is_told_without_repeating_it() {
        for (text, why) in [
            ("/var/lib/lovelace", BadStore::Form),
            ("mysql://ada:lovelace@localhost/clinic", BadStore::Form),
            (
                "postgres://ada:lovelace@localhost:port/clinic",
                BadStore::Form,
            ),
            (
                "postgres://ada@localhost/c?pasword=lovelace",
                BadStore::Parameter,
            ),
            (
                "postgres://ada@localhost/c?password=lovelace",
                BadStore::Parameter,
            ),
        ] {
            let told = text.parse::<PostgresUrl>().unwrap_err();
            assert_eq!(told, why);
            assert!(!told.to_string().contains("lovelace"), "{told}");
        }
    }
}
