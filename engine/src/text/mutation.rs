//! Random mutations of texts, for tests: the same ones every time.

/// A small generator of its own, so that the mutations never change (SplitMix64).
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

const PIECES: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"",
    "'",
    "\\",
    "r#\"",
    "\"#",
    "//",
    "/*",
    "*/",
    "Some",
    "None",
    "true",
    "inf",
    "1",
    "-",
    "+",
    ".",
    "..",
    "e",
    "_",
    "0x",
    "5ms",
    "b\"",
    "#",
    "#![enable(implicit_some)]",
    "\n",
    " ",
    "é",
    "\u{FEFF}",
    "\0",
    "Foo",
    "a: 1",
    "=",
];

/// Deletes, repeats, swaps or inserts something at a random place, at character boundaries.
pub(super) fn mutate(text: &str, random: &mut Random) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(3) {
        let at = random.below(chars.len() + 1);
        let length = random.below(8).min(chars.len() - at);
        match random.below(4) {
            0 => drop(chars.drain(at..at + length)),
            1 => {
                let repeated = chars[at..at + length].to_vec();
                chars.splice(at..at, repeated);
            }
            2 if !chars.is_empty() => {
                let other = random.below(chars.len());
                chars.swap(at.min(other), other);
            }
            _ => {
                let piece = PIECES[random.below(PIECES.len())];
                chars.splice(at..at, piece.chars());
            }
        }
    }
    chars.into_iter().collect()
}
