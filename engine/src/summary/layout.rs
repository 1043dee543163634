//! Lines that fit their page: broken between words or items, the rest indented under the first.

/// Blanks between two items.
const BETWEEN: &str = "  ";
/// Beside an indentation that leaves fewer columns than this, the rest begins further left.
const LEAST: usize = 20;

/// Words after a head, in as many lines as they need. Ends with a newline.
pub(super) fn wrapped(head: &str, words: &str, width: usize) -> String {
    flow(head, "", words.split(' '), " ", width)
}

/// Items after a label, two blanks apart, none of them broken. Ends with a newline.
pub(super) fn items<I: AsRef<str>>(label: &str, items: impl IntoIterator<Item = I>, width: usize) -> String {
    flow(label, BETWEEN, items, BETWEEN, width)
}

fn flow<I: AsRef<str>>(
    head: &str,
    after_head: &str,
    pieces: impl IntoIterator<Item = I>,
    between: &str,
    width: usize,
) -> String {
    let indent = columns(head) + columns(after_head);
    let indent = if indent + LEAST > width { BETWEEN.len() } else { indent };
    let (mut text, mut line, mut empty) = (String::new(), head.to_owned(), true);
    for piece in pieces {
        let piece = piece.as_ref();
        let blanks = if empty { after_head } else { between };
        if columns(&line) + columns(blanks) + columns(piece) > width && !line.trim().is_empty() {
            text.push_str(&format!("{}\n", line.trim_end()));
            line = format!("{}{piece}", " ".repeat(indent));
        } else {
            line.push_str(blanks);
            line.push_str(piece);
        }
        empty = false;
    }
    format!("{text}{}\n", line.trim_end())
}

/// The text in at most so many columns, shortened at its end.
pub(super) fn shortened(text: &str, most: usize) -> String {
    if columns(text) <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(2)).collect();
    format!("{kept}..")
}

/// The columns that a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_go_on_under_the_first() {
        assert_eq!(wrapped("  A  1:00  ", "roll back it", 80), "  A  1:00  roll back it\n");
        let narrow = wrapped("  A  1:00  ", "roll back the registry because it fails", 34);
        assert_eq!(narrow, "  A  1:00  roll back the registry\n           because it fails\n");
        assert_eq!(wrapped("  A  1:00  ", "roll back everything", 20), "  A  1:00  roll back\n  everything\n");
    }

    #[test]
    fn items_stay_whole() {
        assert_eq!(
            items("errors ", ["timeout 1,234", "internal 5"], 30),
            "errors   timeout 1,234\n         internal 5\n"
        );
        assert_eq!(items("errors ", ["timeout 1"], 80), "errors   timeout 1\n");
    }

    #[test]
    fn what_is_too_long_says_so() {
        assert_eq!((shortened("registry", 8), shortened("registry->db", 8)), ("registry".into(), "regist..".into()));
    }
}
