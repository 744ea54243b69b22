//! Words and numbers that have a form of their own.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};
use vestibule_clinic::{Code, Language};

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::api) struct LanguageWord(pub(in crate::api) Language);

/// A stable name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(in crate::api) struct CodeWord(pub(in crate::api) Code);

/// A moment: milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub(in crate::api) struct Moment(pub(in crate::api) u64);

/// A length of time in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub(in crate::api) struct Length(pub(in crate::api) u64);

/// The end of the year 9999.
const LAST: u64 = 253_402_300_799_999;

/// A year, which no rule of a clinic looks beyond.
const LONGEST: u64 = 366 * 24 * 60 * 60 * 1000;

/// A number that is too large for what it counts.
#[derive(Debug, thiserror::Error)]
#[error("{0} milliseconds are more than {1}")]
pub(in crate::api) struct TooLarge(u64, u64);

fn within(number: u64, most: u64) -> Result<u64, TooLarge> {
    if number > most {
        return Err(TooLarge(number, most));
    }
    Ok(number)
}

impl TryFrom<u64> for Moment {
    type Error = TooLarge;

    fn try_from(number: u64) -> Result<Self, TooLarge> {
        within(number, LAST).map(Self)
    }
}

impl TryFrom<u64> for Length {
    type Error = TooLarge;

    fn try_from(number: u64) -> Result<Self, TooLarge> {
        within(number, LONGEST).map(Self)
    }
}

impl From<Moment> for u64 {
    fn from(moment: Moment) -> Self {
        moment.0
    }
}

impl From<Length> for u64 {
    fn from(length: Length) -> Self {
        length.0
    }
}

fn word(pattern: &str, what: &str, example: &str) -> RefOr<Schema> {
    let word = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(pattern))
        .description(Some(what))
        .examples([example]);
    word.into()
}

fn milliseconds(most: u64, what: &str, example: u64) -> RefOr<Schema> {
    let number = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(0))
        .maximum(Some(most))
        .description(Some(what))
        .examples([example]);
    number.into()
}

macro_rules! schemas {
    ($($word:ident = $schema:expr;)*) => {
        $(impl PartialSchema for $word {
            fn schema() -> RefOr<Schema> {
                $schema
            }
        }

        impl ToSchema for $word {
            fn name() -> Cow<'static, str> {
                stringify!($word).into()
            }
        })*
    };
}

schemas! {
    LanguageWord = word("^[a-z]{2,3}$", "A language by its ISO 639 code.", "fr");
    CodeWord = word("^[a-z0-9][a-z0-9_.-]{0,39}$", "A stable name.", "payment-desk");
    Moment = milliseconds(LAST, "A moment: milliseconds since the Unix epoch.", 1_800_000_600_000);
    Length = milliseconds(LONGEST, "A length of time in milliseconds.", 900_000);
}
