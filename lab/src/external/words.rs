//! The words of a command: separated by spaces, except in quotes. Nothing is replaced, nothing is run.

/// The words of a text.
pub(super) fn split(text: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed");
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_separate_and_quotes_hold_together() {
        assert_eq!(split(" sh -c 'a \"b\"  c' \"it's\" ''x").unwrap(), ["sh", "-c", "a \"b\"  c", "it's", "x"]);
        assert_eq!(split("a '' b").unwrap(), ["a", "", "b"]);
        assert_eq!(split("  ").unwrap(), Vec::<String>::new());
        assert_eq!(split("a\\b $HOME *").unwrap(), ["a\\b", "$HOME", "*"], "nothing is replaced");
        assert!(split("sh -c 'a").is_err());
    }
}
