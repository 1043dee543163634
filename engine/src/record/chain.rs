//! The chain of hashes through a record.
//!
//! A line is a JSON object whose last field is `chain`: the first 16 hexadecimal digits of the BLAKE3 hash over the `chain` of
//! the line before (nothing, for the first) and the text of the line up to the comma before `"chain"`.

/// How many hexadecimal digits of a hash a line carries.
const DIGITS: usize = 16;
/// What stands between the text that a line's hash covers and the hash.
const BEFORE: &str = ",\"chain\":\"";
/// What stands behind the hash.
const AFTER: &str = "\"}";

/// The hash of the line before; empty before the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Chain(String);

impl Chain {
    /// A line, from a JSON object without its hash, with the newline.
    pub(super) fn seal(&mut self, object: &str) -> String {
        let open = object.strip_suffix('}').unwrap_or(object);
        self.0 = self.next(open);
        format!("{open}{BEFORE}{}{AFTER}\n", self.0)
    }

    /// The JSON object of a line, without its hash; `None` if it does not follow from the line before.
    pub(super) fn check(&mut self, line: &str) -> Option<String> {
        let (open, hash) = line.strip_suffix(AFTER)?.rsplit_once(BEFORE)?;
        if hash != self.next(open) {
            return None;
        }
        hash.clone_into(&mut self.0);
        Some(format!("{open}}}"))
    }

    /// Whether a line has a hash at its end, right or wrong: one that was cut off has none.
    pub(super) fn is_on(line: &str) -> bool {
        let hash = line.strip_suffix(AFTER).and_then(|line| line.rsplit_once(BEFORE)).map(|(_, hash)| hash);
        hash.is_some_and(|hash| hash.len() == DIGITS)
    }

    fn next(&self, open: &str) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.0.as_bytes()).update(open.as_bytes());
        hasher.finalize().to_hex()[..DIGITS].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_follows_from_the_one_before_and_from_no_other() {
        let (mut writing, mut reading) = (Chain::default(), Chain::default());
        let lines = [r#"{"a":1}"#, r#"{"b":"\",\"chain\":\"x"}"#].map(|object| writing.seal(object));
        assert_eq!(Chain::default().check(lines[1].trim_end()), None);
        assert_eq!(reading.check(lines[0].trim_end()).as_deref(), Some(r#"{"a":1}"#));
        assert_eq!(reading.check(lines[0].trim_end()), None, "not once more");
        assert_eq!(reading.check(lines[1].trim_end()).as_deref(), Some(r#"{"b":"\",\"chain\":\"x"}"#));
    }

    /// As other programs are told to compute it.
    #[test]
    fn the_hash_is_that_of_the_text_before_it() {
        let line = Chain::default().seal(r#"{"a":1}"#);
        let hash = blake3::hash(br#"{"a":1"#).to_hex();
        assert_eq!(line, format!("{{\"a\":1,\"chain\":\"{}\"}}\n", &hash[..16]));
    }
}
