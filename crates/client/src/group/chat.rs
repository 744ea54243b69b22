//! What was written in a consultation, as this participant knows it.

use super::payload::{ChatLine, HistoryLine};
use crate::limits::{CHAT_KEPT, HISTORY_BYTES, HISTORY_PER_MESSAGE};

/// The lines in order of time.
#[derive(Default)]
pub(super) struct ChatBook {
    lines: Vec<HistoryLine>,
}

impl ChatBook {
    /// A line that its writer sealed; true when it is new.
    pub(super) fn read(&mut self, line: ChatLine) -> bool {
        // Its writer's own word takes the place of somebody else's.
        let same = |it: &HistoryLine| it.line.id == line.id && it.line.from == line.from;
        self.lines.retain(|it| !(it.told && same(it)));
        self.insert(HistoryLine { line, told: false })
    }

    /// What was written before this page was there, by the word of one who stayed: only what they say of
    /// themselves and heard nobody else say is theirs. Gives back what is new.
    pub(super) fn read_history(&mut self, by: &str, lines: Vec<HistoryLine>) -> Vec<HistoryLine> {
        let lines = lines.into_iter().map(|HistoryLine { line, told }| {
            let told = told || line.from != by;
            HistoryLine { line, told }
        });
        lines.filter(|line| self.insert(line.clone())).collect()
    }

    fn insert(&mut self, new: HistoryLine) -> bool {
        let line = &new.line;
        let mut known = self.lines.iter().map(|it| &it.line);
        if known.any(|it| it.id == line.id && it.from == line.from) {
            return false;
        }
        let place = self.lines.partition_point(|it| it.line.at <= line.at);
        self.lines.insert(place, new);
        if self.lines.len() > CHAT_KEPT {
            self.lines.remove(0);
        }
        true
    }

    /// What to hand over, in pieces that fit a message each.
    pub(super) fn history(&self) -> Vec<Vec<HistoryLine>> {
        let mut pieces: Vec<Vec<HistoryLine>> = Vec::new();
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
    use crate::group::payload::{ChatLine, HistoryLine};

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
        let texts: Vec<_> = history.iter().map(|it| it.line.text.as_str()).collect();
        assert_eq!(texts, ["first", "second"]);
    }

    #[test]
    fn history_is_the_word_of_who_hands_it_over() {
        let handed = |id, from: &str, told| {
            let from = from.to_owned();
            let line = ChatLine {
                from,
                ..line(id, "x")
            };
            HistoryLine { line, told }
        };
        let mut book = ChatBook::default();
        let lines = vec![
            handed(1, "teller", false),
            handed(2, "teller", true),
            handed(3, "me", false),
        ];
        let new = book.read_history("teller", lines);
        let told: Vec<bool> = new.iter().map(|it| it.told).collect();
        assert_eq!(told, [false, true, true]);
        assert!(
            book.read(handed(3, "me", false).line),
            "its writer's word takes the place of the teller's"
        );
        assert_eq!(book.history().concat().len(), 3);
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
