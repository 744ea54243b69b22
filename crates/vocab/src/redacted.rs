//! A wrapper for personal data: it travels and is stored, and cannot be printed.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Personal data. `Debug` prints `[redacted]`, there is no `Display`, and reading it is explicit.
#[derive(Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "string", bound = "T: TS")]
pub struct Redacted<T>(T);

impl<T> Redacted<T> {
    /// Wraps a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for the wire, the store and the rules; never for a log.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// Takes the value out.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Redacted<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::Redacted;

    #[test]
    fn debug_hides_the_value() {
        assert_eq!(format!("{:?}", Redacted::new("Ada")), "[redacted]");
    }
}
