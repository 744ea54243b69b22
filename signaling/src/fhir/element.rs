//! The parts that resources are made of, in FHIR's JSON (R4, section 2.6.2).

use jiff::Timestamp as Instant;
use serde_json::{Value, json};
use vestibule_vocab::Timestamp;

/// A resource, or a part of one. It may tell of somebody's health, and so it cannot be printed.
#[derive(Clone, PartialEq)]
pub(crate) struct Resource(Value);

impl Resource {
    /// What is written here, without what is absent: FHIR has neither nulls nor empty lists and objects.
    pub(super) fn of(written: Value) -> Self {
        Self(tidied(written).unwrap_or_default())
    }

    /// Its JSON, for the wire.
    pub(super) fn expose(&self) -> &Value {
        &self.0
    }

    /// Takes its JSON out.
    pub(super) fn into_exposed(self) -> Value {
        self.0
    }
}

fn tidied(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Array(items) => {
            let items: Vec<Value> = items.into_iter().filter_map(tidied).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        Value::Object(members) => {
            let members = members.into_iter();
            let members = members.filter_map(|(name, value)| Some((name, tidied(value)?)));
            let members: serde_json::Map<String, Value> = members.collect();
            (!members.is_empty()).then_some(Value::Object(members))
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(value),
    }
}

/// A code of a system, with what it says there.
pub(super) fn coding(system: &str, code: &str, display: &str) -> Value {
    json!({ "system": system, "code": code, "display": display })
}

/// A concept that has one code.
pub(super) fn concept(system: &str, code: &str, display: &str) -> Value {
    json!({ "coding": [coding(system, code, display)] })
}

/// A moment, in universal time. One beyond the calendar is its last.
pub(super) fn instant(at: Timestamp) -> String {
    let millis = i64::try_from(at.0).unwrap_or(i64::MAX);
    let instant = Instant::from_millisecond(millis).unwrap_or(Instant::MAX);
    instant.to_string()
}

/// A length in minutes, to the hundredth, rounded down.
pub(super) fn minutes(millis: u64) -> Value {
    let hundredths = u32::try_from(millis / 600).unwrap_or(u32::MAX);
    json!({
        "value": f64::from(hundredths) / 100.0,
        "unit": "min",
        "system": "http://unitsofmeasure.org",
        "code": "min",
    })
}

/// Somebody's words as a `string`: its pattern knows no spaces but the plain ones, and people type others, such as the
/// one before a French question mark.
pub(super) fn words(text: &str) -> String {
    let plain = |character: char| match character {
        ' ' | '\t' | '\r' | '\n' => character,
        other if other.is_whitespace() || other == '\u{feff}' => ' ',
        other => other,
    };
    text.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_is_left_out_and_false_is_not_absent() {
        let written = json!({ "a": null, "b": [], "c": { "d": [null, {}] }, "e": false, "f": "" });
        assert_eq!(
            Resource::of(written).into_exposed(),
            json!({ "e": false, "f": "" })
        );
    }

    #[test]
    fn a_moment_is_told_in_universal_time_to_the_millisecond() {
        assert_eq!(
            instant(Timestamp(1_800_000_000_000)),
            "2027-01-15T08:00:00Z"
        );
        assert_eq!(
            instant(Timestamp(1_800_000_000_020)),
            "2027-01-15T08:00:00.02Z"
        );
        assert!(instant(Timestamp(u64::MAX)).starts_with("9999-12-30"));
    }

    #[test]
    fn a_length_is_rounded_down_to_the_hundredth_of_a_minute() {
        for (millis, expected) in [(0, 0.0), (59_999, 0.99), (60_000, 1.0), (754_200, 12.57)] {
            assert_eq!(minutes(millis)["value"], json!(expected), "{millis}");
        }
    }

    #[test]
    fn uncommon_spaces_are_plain_ones_and_letters_are_kept() {
        assert_eq!(
            words("38\u{a0}°C\u{202f}?\tça\u{2003}va 🩺\n"),
            "38 °C ?\tça va 🩺\n"
        );
    }
}
