//! Text that people typed, read into the form in which it is kept.

use vestibule_vocab::Redacted;

use crate::Refusal;
use crate::calendar::CalendarError;
use crate::limits::{
    CLOSURE_REASON_CHARS, DECLINE_MESSAGE_CHARS, GATE_MESSAGE_CHARS, MESSAGE_CHARS, NAME_CHARS,
    REASON_CHARS,
};

/// A name: one line, not empty.
pub(crate) fn name(typed: &Redacted<String>) -> Result<Redacted<String>, Refusal> {
    line(typed.expose(), NAME_CHARS)
        .map(Redacted::new)
        .ok_or(Refusal::InvalidName)
}

/// A reason for a visit: some lines, or nothing.
pub(crate) fn reason(typed: &Redacted<String>) -> Result<Redacted<String>, Refusal> {
    personal(typed, REASON_CHARS)
}

/// What staff write to somebody who waits: some lines, or nothing to take it back.
pub(crate) fn message(typed: &Redacted<String>) -> Result<Redacted<String>, Refusal> {
    personal(typed, MESSAGE_CHARS)
}

/// The practitioner's words with a declined visit: some lines, or nothing.
pub(crate) fn decline_message(typed: &Redacted<String>) -> Result<Redacted<String>, Refusal> {
    personal(typed, DECLINE_MESSAGE_CHARS)
}

/// One line, trimmed, not empty, of at most so many characters; `None` when it is not.
pub(crate) fn line(typed: &str, limit: usize) -> Option<String> {
    let line = typed.trim();
    let fits = !line.is_empty() && at_most(line, limit) && !line.chars().any(char::is_control);
    fits.then(|| line.to_owned())
}

/// Some lines, trimmed, perhaps none, of at most so many characters; `None` when it is not.
pub(crate) fn lines(typed: &str, limit: usize) -> Option<String> {
    let text = typed.trim();
    let fits = at_most(text, limit) && !text.chars().any(is_stray_control);
    fits.then(|| text.to_owned())
}

fn personal(typed: &Redacted<String>, limit: usize) -> Result<Redacted<String>, Refusal> {
    lines(typed.expose(), limit)
        .map(Redacted::new)
        .ok_or(Refusal::InvalidText)
}

/// The reason of a closure: some lines, or nothing.
pub(crate) fn closure_reason(typed: &Redacted<String>) -> Result<Redacted<String>, CalendarError> {
    personal(typed, CLOSURE_REASON_CHARS).map_err(|_| CalendarError::InvalidReason)
}

/// The words with a refused gate: some lines, or nothing.
pub(crate) fn gate_message(typed: &Redacted<String>) -> Result<Redacted<String>, Refusal> {
    personal(typed, GATE_MESSAGE_CHARS)
}

/// Stops counting at the limit: a megabyte of text costs no more than a line too many.
pub(crate) fn at_most(text: &str, limit: usize) -> bool {
    text.chars().nth(limit).is_none()
}

pub(crate) fn is_stray_control(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\r' | '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Redacted<String> {
        Redacted::new(text.to_owned())
    }

    #[test]
    fn a_name_is_trimmed() {
        assert_eq!(name(&typed("  Ada L. \n")), Ok(typed("Ada L.")));
    }

    #[test]
    fn a_name_has_one_to_a_hundred_characters_not_bytes() {
        assert_eq!(name(&typed(" \t ")), Err(Refusal::InvalidName));
        assert!(name(&typed(&"é".repeat(100))).is_ok());
        assert_eq!(name(&typed(&"é".repeat(101))), Err(Refusal::InvalidName));
    }

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(name(&typed("Ada\nGrace")), Err(Refusal::InvalidName));
    }

    #[test]
    fn a_reason_may_be_empty_and_have_lines() {
        assert_eq!(reason(&typed("  ")), Ok(typed("")));
        assert!(reason(&typed("fever\n\tcough")).is_ok());
    }

    #[test]
    fn a_reason_has_at_most_five_hundred_characters_and_a_message_three_hundred() {
        assert!(reason(&typed(&"x".repeat(500))).is_ok());
        assert_eq!(reason(&typed(&"x".repeat(501))), Err(Refusal::InvalidText));
        assert!(decline_message(&typed(&"x".repeat(300))).is_ok());
        let long = decline_message(&typed(&"x".repeat(301)));
        assert_eq!(long, Err(Refusal::InvalidText));
    }

    #[test]
    fn a_reason_holds_no_terminal_commands() {
        assert_eq!(reason(&typed("\u{1b}[2J")), Err(Refusal::InvalidText));
    }
}
