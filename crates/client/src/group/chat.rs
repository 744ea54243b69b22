//! What was written in a consultation, as this participant knows it.

use super::payload::ChatLine;
use crate::limits::{CHAT_KEPT, HISTORY_BYTES, HISTORY_PER_MESSAGE};

/// The lines in order of time.
#[derive(Default)]
pub(super) struct ChatBook {
    lines: Vec<ChatLine>,
    history_from: Option<String>,
}

impl ChatBook {
    /// A line of somebody; true when it is new.
    pub(super) fn read(&mut self, line: ChatLine) -> bool {
        let mut known = self.lines.iter();
        if known.any(|it| it.id == line.id && it.from == line.from) {
            return false;
        }
        let place = self.lines.partition_point(|it| it.at <= line.at);
        self.lines.insert(place, line);
        if self.lines.len() > CHAT_KEPT {
            self.lines.remove(0);
        }
        true
    }

    /// What was written before this page was there, handed over by one who stayed. Only one member is
    /// believed, and nothing that is known already is replaced. Gives back what is new.
    pub(super) fn read_history(&mut self, from: &str, lines: Vec<ChatLine>) -> Vec<ChatLine> {
        let believed = self.history_from.get_or_insert_with(|| from.to_owned());
        if believed != from {
            return Vec::new();
        }
        let new = lines.into_iter().filter(|line| self.read(line.clone()));
        new.collect()
    }

    /// What to hand over, in pieces that fit a message each.
    pub(super) fn history(&self) -> Vec<Vec<ChatLine>> {
        let mut pieces: Vec<Vec<ChatLine>> = Vec::new();
        let mut bytes = 0;
        for line in &self.lines {
            let size = serde_json::to_vec(line).map_or(0, |json| json.len()) + 1;
            match pieces.last_mut() {
                Some(piece)
                    if bytes + size <= HISTORY_BYTES && piece.len() < HISTORY_PER_MESSAGE =>
                {
                    bytes += size;
                    piece.push(line.clone());
                }
                Some(_) | None => {
                    bytes = size;
                    pieces.push(vec![line.clone()]);
                }
            }
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::ChatBook;
    use crate::group::payload::ChatLine;

    fn line(id: usize, text: &str) -> ChatLine {
        ChatLine {
            id: id.to_string(),
            from: "somebody".to_owned(),
            text: text.to_owned(),
            at: 1000.0 - f64::from(u32::try_from(id).unwrap()),
        }
    }

    #[test]
    fn a_line_is_taken_once_and_in_order_of_time() {
        let mut book = ChatBook::default();
        assert!(book.read(line(1, "second")));
        assert!(book.read(line(2, "first")));
        assert!(!book.read(line(1, "again")));
        let history = book.history().concat();
        let texts: Vec<_> = history.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(texts, ["first", "second"]);
    }

    #[test]
    fn history_is_believed_of_one_member_alone() {
        let mut book = ChatBook::default();
        assert_eq!(book.read_history("a", vec![line(1, "x")]).len(), 1);
        assert_eq!(book.read_history("b", vec![line(2, "y")]).len(), 0);
    }

    #[test]
    fn history_is_cut_into_pieces_that_fit() {
        let mut book = ChatBook::default();
        for id in 0..40 {
            book.read(line(id, &"é".repeat(1000)));
        }
        let pieces = book.history();
        assert_eq!(pieces.concat().len(), 40);
        for piece in &pieces {
            assert!(serde_json::to_vec(piece).unwrap().len() <= 16 * 1024 + 2);
        }
    }
}
