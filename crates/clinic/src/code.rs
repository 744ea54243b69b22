//! Stable codes: the names that clinics and outside systems give to things.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::limits::STABLE_CODE_CHARS;

/// A stable name for machines: a question, an option, an insurer, an outside system, the version of
/// a text. Lower-case ASCII letters, digits, `_`, `-` and `.`, a letter or digit first, at most
/// [`STABLE_CODE_CHARS`]. Never personal, so it may be logged.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code(String);

/// Code `invalid_code`: the text is not a [`Code`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a code is short and has lower-case letters, digits, `_`, `-` and `.` only")]
pub struct InvalidCode;

impl Code {
    /// Reads a code.
    ///
    /// # Errors
    /// [`InvalidCode`] when it is empty, too long, or has other characters.
    pub fn new(text: &str) -> Result<Self, InvalidCode> {
        Self::try_from(text.to_owned())
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Code {
    type Error = InvalidCode;

    fn try_from(text: String) -> Result<Self, InvalidCode> {
        let begins_well = text.starts_with(|first: char| first.is_ascii_alphanumeric());
        if begins_well && text.len() <= STABLE_CODE_CHARS && text.bytes().all(is_of_a_code) {
            Ok(Self(text))
        } else {
            Err(InvalidCode)
        }
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn is_of_a_code(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_short_and_plain() {
        for good in [
            "fever",
            "2026-01",
            "itsme.be",
            &"x".repeat(STABLE_CODE_CHARS),
        ] {
            assert_eq!(Code::new(good).map(String::from).as_deref(), Ok(good));
        }
        for bad in [
            "",
            "_x",
            "Fever",
            "a b",
            "é",
            "x\n",
            &"x".repeat(STABLE_CODE_CHARS + 1),
        ] {
            assert_eq!(Code::new(bad), Err(InvalidCode), "{bad:?}");
        }
    }
}
