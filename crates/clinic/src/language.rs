//! Languages, as services offer and people speak them.

use serde::{Deserialize, Serialize};

/// A language by its ISO 639 code: two or three small letters, such as `fr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language([u8; 3]);

/// The code is not two or three small letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a language is two or three small letters, as in ISO 639: fr, nl, de, en")]
pub struct InvalidLanguage;

impl Language {
    /// Reads a code.
    ///
    /// # Errors
    /// [`InvalidLanguage`].
    pub fn parse(code: &str) -> Result<Self, InvalidLanguage> {
        let small = code.bytes().all(|byte| byte.is_ascii_lowercase());
        match *code.as_bytes() {
            [a, b] if small => Ok(Self([a, b, b' '])),
            [a, b, c] if small => Ok(Self([a, b, c])),
            _ => Err(InvalidLanguage),
        }
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default().trim_end()
    }
}

impl TryFrom<String> for Language {
    type Error = InvalidLanguage;

    fn try_from(code: String) -> Result<Self, InvalidLanguage> {
        Self::parse(&code)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.code().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_two_or_three_small_letters() {
        for code in ["fr", "vls"] {
            assert_eq!(
                Language::parse(code).map(|it| it.code().to_owned()),
                Ok(code.to_owned())
            );
        }
        for wrong in ["", "f", "FR", "fr-BE", "f ", "é", "français"] {
            assert_eq!(Language::parse(wrong), Err(InvalidLanguage));
        }
    }
}
