//! Puts what was made into a document that is written by hand.

use anyhow::Context;

/// Replaces what stands between `<!-- NAME: begin -->` and `<!-- NAME: end -->`.
///
/// # Errors
/// When the document has not both marks, one after the other.
pub fn insert(document: &str, name: &str, made: &str) -> anyhow::Result<String> {
    let (begin, end) = (
        format!("<!-- {name}: begin -->"),
        format!("<!-- {name}: end -->"),
    );
    let missing = || format!("the document has no `{begin}` before a `{end}`");
    let (before, rest) = document.split_once(&begin).with_context(missing)?;
    let (_, after) = rest.split_once(&end).with_context(missing)?;
    Ok(format!(
        "{before}{begin}\n\n{}\n\n{end}{after}",
        made.trim()
    ))
}

#[cfg(test)]
mod tests {
    use super::insert;

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let before = "# Title\n\n<!-- a: begin -->\nold\n<!-- a: end -->\n\nText\n";
        let after = insert(before, "a", "new\n").unwrap();
        let expected = "# Title\n\n<!-- a: begin -->\n\nnew\n\n<!-- a: end -->\n\nText\n";
        assert_eq!(after, expected);
        assert_eq!(insert(&after, "a", "new").unwrap(), expected);
    }

    #[test]
    fn a_document_without_marks_is_an_error() {
        assert!(insert("text", "a", "new").is_err());
        assert!(insert("<!-- a: end --><!-- a: begin -->", "a", "new").is_err());
    }
}
