//! The nearest of the names that would have been right.

/// Names longer than this get no suggestion: the comparison takes time in the product of the lengths.
const LONGEST: usize = 64;

/// The candidate a writer of `name` most likely meant: equal but for case and separators, else within an edit distance
/// of a third of the length, else contained in it or containing it. Of equally near ones the first.
///
/// The distance counts insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
#[must_use]
pub fn suggest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = plain(name)?;
    let allowed = (written.len() / 3).max(1);
    let near = candidates.into_iter().filter_map(|candidate| {
        let plain = plain(candidate)?;
        let distance = distance(&written, &plain);
        let close = distance <= allowed && distance < written.len();
        (close || contains(&written, &plain)).then_some((!close, distance, candidate))
    });
    // `min_by_key` keeps the first of equal ones.
    near.min_by_key(|(far, distance, _)| (*far, *distance)).map(|(_, _, candidate)| candidate)
}

/// Whether one of two names is a part of the other that says something.
fn contains(a: &[char], b: &[char]) -> bool {
    const LEAST: usize = 4;
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    short.len() >= LEAST && long.windows(short.len()).any(|part| part == short)
}

/// The name without case and separators, so that `maxPoolSize`, `max_pool_size` and `max-pool-size` are the same.
fn plain(name: &str) -> Option<Vec<char>> {
    if name.len() > LONGEST {
        return None;
    }
    Some(name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect())
}

fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn counts_edits_and_swaps() {
        for (a, b, expected) in
            [("", "abc", 3), ("abc", "abc", 0), ("kitten", "sitting", 3), ("nmae", "name", 1), ("ca", "abc", 3)]
        {
            assert_eq!(distance(&chars(a), &chars(b)), expected, "{a} {b}");
        }
    }

    #[test]
    fn suggests_the_nearest_and_nothing_far() {
        let fields = ["workers", "queue", "timeout", "max_pool_size"];
        assert_eq!(suggest("worker", fields), Some("workers"));
        assert_eq!(suggest("tiemout", fields), Some("timeout"));
        assert_eq!(suggest("maxPoolSize", fields), Some("max_pool_size"));
        assert_eq!(suggest("attempts", ["max_attempts", "backoff"]), Some("max_attempts"));
        assert_eq!(suggest("CircuitBreaker", ["Bulkhead", "Breaker"]), Some("Breaker"));
        assert_eq!(suggest("rollback", ["none", "rollback-first", "hotfix-first"]), Some("rollback-first"));
        assert_eq!(suggest("timeoutt", ["timeout_total", "timeout"]), Some("timeout"), "a slip is nearer than a part");
        assert_eq!(suggest("out", fields), None, "three letters are in many words");
        assert_eq!(suggest("colour", fields), None);
        assert_eq!(suggest("", fields), None);
        assert_eq!(suggest("x", ["y"]), None);
        assert_eq!(suggest(&"w".repeat(1_000_000), fields), None);
    }
}
