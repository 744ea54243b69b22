//! What travels inside MLS application messages: one JSON object each.

use serde::{Deserialize, Serialize};
use vestibule_protocol::Base64Bytes;

use crate::limits::{CHAT_CHARS, HISTORY_PER_MESSAGE, ID_CHARS};

/// A line that somebody wrote.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ChatLine {
    /// Made by who wrote it; with `from` it names the line.
    pub id: String,
    /// The participant who wrote it.
    pub from: String,
    /// What was written.
    pub text: String,
    /// When, in the server's milliseconds.
    pub at: f64,
}

/// What was written stays out of logs.
impl std::fmt::Debug for ChatLine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "ChatLine({} characters)",
            self.text.chars().count()
        )
    }
}

/// A line that somebody hands over.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct HistoryLine {
    #[serde(flatten)]
    pub(super) line: ChatLine,
    /// Who hands it over was told of it themselves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) told: bool,
}

/// One application message.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Payload {
    SafetyCommitment {
        commitment: Base64Bytes,
        /// The lines that its page has written.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        said: Option<u64>,
    },
    SafetyReveal {
        nonce: Base64Bytes,
    },
    SafetyVerdict {
        same: bool,
    },
    Chat {
        id: String,
        text: String,
        at: f64,
        /// Counts the lines of a page from 1.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        n: Option<u64>,
    },
    History {
        lines: Vec<HistoryLine>,
        /// Another piece follows.
        #[serde(default)]
        more: bool,
    },
}

impl Payload {
    pub(super) fn encode(&self) -> Vec<u8> {
        // Strings and numbers that were checked: this cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads a payload; `None` when it is none that we know, or beyond a limit.
    pub(super) fn decode(data: &[u8]) -> Option<Self> {
        let payload: Self = serde_json::from_slice(data).ok()?;
        let fits = match &payload {
            Self::SafetyCommitment { .. }
            | Self::SafetyReveal { .. }
            | Self::SafetyVerdict { .. } => true,
            Self::Chat { id, text, .. } => fits(id, "", text),
            Self::History { lines, .. } => {
                lines.len() <= HISTORY_PER_MESSAGE
                    && lines
                        .iter()
                        .all(|HistoryLine { line, .. }| fits(&line.id, &line.from, &line.text))
            }
        };
        fits.then_some(payload)
    }
}

/// As JavaScript counts: in UTF-16 units.
fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

fn fits(id: &str, from: &str, text: &str) -> bool {
    (1..=ID_CHARS).contains(&length(id))
        && length(from) <= ID_CHARS
        && (1..=CHAT_CHARS).contains(&length(text))
}

#[cfg(test)]
mod tests {
    use super::{ChatLine, Payload};

    #[test]
    fn what_a_browser_sends_is_read() {
        let chat = br#"{"type":"chat","id":"1","text":"Bonjour","at":1700000000000}"#;
        assert!(
            matches!(Payload::decode(chat), Some(Payload::Chat { text, .. }) if text == "Bonjour")
        );
        let reveal = br#"{"type":"safety_reveal","nonce":"AAE="}"#;
        assert!(matches!(
            Payload::decode(reveal),
            Some(Payload::SafetyReveal { .. })
        ));
    }

    #[test]
    fn what_is_beyond_a_limit_is_not() {
        let text = "x".repeat(2001);
        for wrong in [
            format!(r#"{{"type":"chat","id":"1","text":"{text}","at":1}}"#),
            r#"{"type":"chat","id":"","text":"x","at":1}"#.to_owned(),
            r#"{"type":"chat","id":"1","text":"","at":1}"#.to_owned(),
            r#"{"type":"unknown"}"#.to_owned(),
            "{".to_owned(),
        ] {
            assert!(Payload::decode(wrong.as_bytes()).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_line_does_not_print_what_was_written() {
        let line = ChatLine {
            id: "1".into(),
            from: "2".into(),
            text: "a cough".into(),
            at: 0.0,
        };
        assert_eq!(format!("{line:?}"), "ChatLine(7 characters)");
    }
}
