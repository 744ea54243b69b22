//! Text that people typed, read into the form in which it is kept.
//!
//! People are told apart by names, and staff act on lines: neither is empty to the eye, nor reads otherwise than it is.

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

/// One line, trimmed, that shows something, of at most so many characters; `None` when it is not.
#[must_use]
pub fn line(typed: &str, limit: usize) -> Option<String> {
    let line = typed.trim();
    let stray = |it: char| it.is_control() || is_stray(it) || parts_or_joins_lines(it);
    let fits = at_most(line, limit) && shows(line) && !line.chars().any(stray);
    fits.then(|| line.to_owned())
}

/// Some lines, trimmed, perhaps none, of at most so many characters; `None` when it is not.
#[must_use]
pub fn lines(typed: &str, limit: usize) -> Option<String> {
    let text = typed.trim();
    let fits = at_most(text, limit) && (text.is_empty() || shows(text)) && is_text(text);
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

/// It has nothing but what people read, and what their scripts need to be read.
pub(crate) fn is_text(text: &str) -> bool {
    let stray_control = |it: char| it.is_control() && !matches!(it, '\n' | '\r' | '\t');
    !text.chars().any(|it| stray_control(it) || is_stray(it))
}

/// Something of it is seen.
pub(crate) fn shows(text: &str) -> bool {
    !text.chars().all(is_blank)
}

/// No script needs it, nobody sees it, and it makes a text look like what it is not: what turns the direction of all
/// that follows (UAX #9, explicit formatting), and what was left to programs (annotations, invisible operators, notes).
fn is_stray(character: char) -> bool {
    matches!(
        character,
        '\u{202a}'..='\u{202e}'
            | '\u{2061}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e001f}'
            | '\u{e0080}'..='\u{e00ff}'
            | '\u{e01f0}'..='\u{e0fff}'
    )
}

/// It says where a line may break, must, or must not: of use in a text, as in Thai and Khmer, and of none in a name.
fn parts_or_joins_lines(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{2060}' | '\u{feff}'
    )
}

/// It is not seen where nothing else is. Scripts and emoji need most of these: joiners, selectors of a form, the tags of a
/// flag, the marks with which Hebrew and Arabic are written beside Latin, which turn nothing but what stands beside them.
fn is_blank(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || is_stray(character)
        || parts_or_joins_lines(character)
        || matches!(
            character,
            '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200c}'..='\u{200f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{ffa0}'
                | '\u{e0020}'..='\u{e007f}'
                | '\u{e0100}'..='\u{e01ef}'
        )
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
    fn a_name_shows_something() {
        for unseen in [
            "\u{200b}\u{200b}",
            "\u{200d}",
            "\u{200e}",
            "\u{3164}",
            "\u{2800} \u{2800}",
            "\u{fe0f}",
            "\u{e0067}",
        ] {
            assert_eq!(name(&typed(unseen)), Err(Refusal::InvalidName));
            assert_eq!(reason(&typed(unseen)), Err(Refusal::InvalidText));
        }
    }

    #[test]
    fn nothing_turns_a_text_around_or_hides_in_it() {
        for stray in [
            "a\u{202e}b",
            "\u{202a}+32 2\u{202c}",
            "a\u{2066}b\u{2069}",
            "a\u{2063}b",
            "a\u{fffa}b",
            "a\u{e0001}b",
        ] {
            assert_eq!(name(&typed(stray)), Err(Refusal::InvalidName));
            assert_eq!(reason(&typed(stray)), Err(Refusal::InvalidText));
        }
        for in_lines in ["a\u{200b}b", "a\u{feff}b", "a\u{2028}b", "a\u{ad}b"] {
            assert_eq!(name(&typed(in_lines)), Err(Refusal::InvalidName));
            assert!(reason(&typed(in_lines)).is_ok());
        }
    }

    #[test]
    fn what_scripts_and_emoji_need_stays() {
        let needed = [
            "Ada 👩\u{200d}👩\u{200d}👧\u{200d}👦",
            "❤\u{fe0f}",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "דוד \u{200f}(David)\u{200e}",
            "葛\u{e0100}城",
            "Zoe\u{308}",
        ];
        for text in needed {
            assert_eq!(name(&typed(text)), Ok(typed(text)));
            assert_eq!(reason(&typed(text)), Ok(typed(text)));
        }
    }

    #[test]
    fn a_reason_holds_no_terminal_commands() {
        assert_eq!(reason(&typed("\u{1b}[2J")), Err(Refusal::InvalidText));
    }
}
