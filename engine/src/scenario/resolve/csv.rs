//! Comma-separated values as RFC 4180 has them: a field may stand in double quotes, and may then contain commas, line
//! breaks and quotes, which are written twice. Beyond the RFC, blanks around a field do not count, a line may end without a
//! carriage return, and the text may begin with a byte order mark.
//!
//! What the columns mean is not known here. Places are bytes, counted from a base.

use crate::text::Spanned;

/// One line, or several where a quoted field goes over their ends.
pub(super) struct Record {
    pub(super) fields: Vec<Spanned<String>>,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Where a quote begins that does not end.
    pub(super) unclosed: Option<usize>,
}

impl Record {
    /// Whether there is nothing on the line.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self.fields.as_slice(), [only] if only.is_empty())
    }
}

/// The records of a text, in order.
pub(super) struct Records<'a> {
    text: &'a str,
    base: usize,
    at: usize,
}

impl<'a> Records<'a> {
    pub(super) fn new(text: &'a str, base: usize) -> Self {
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self { text, base, at }
    }

    /// The next field, and where its quote begins if it does not end.
    fn field(&mut self) -> (Spanned<String>, Option<usize>) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
        if self.text[self.at..].starts_with('"') { self.quoted() } else { (self.plain(), None) }
    }

    fn plain(&mut self) -> Spanned<String> {
        let rest = &self.text[self.at..];
        let field = &rest[..rest.find([',', '\n']).unwrap_or(rest.len())];
        let (start, value) = (self.base + self.at, field.trim());
        self.at += field.len();
        Spanned::new(value.to_owned(), start..start + value.len())
    }

    fn quoted(&mut self) -> (Spanned<String>, Option<usize>) {
        let (open, mut value) = (self.at, String::new());
        let start = self.base + open;
        self.at += 1;
        while let Some(length) = self.text[self.at..].find('"') {
            value.push_str(&self.text[self.at..self.at + length]);
            self.at += length + 1;
            if !self.text[self.at..].starts_with('"') {
                let end = self.base + self.at;
                // What stands between the quote and the comma belongs to the field, whatever it was meant to be.
                value.push_str(&self.plain());
                return (Spanned::new(value, start..end), None);
            }
            value.push('"');
            self.at += 1;
        }
        value.push_str(&self.text[self.at..]);
        self.at = self.text.len();
        (Spanned::new(value, start..start + 1), Some(start))
    }
}

impl Iterator for Records<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        if self.at >= self.text.len() {
            return None;
        }
        let start = self.base + self.at;
        let mut record = Record { fields: Vec::new(), start, end: start, unclosed: None };
        loop {
            let (field, unclosed) = self.field();
            record.fields.push(field);
            record.unclosed = record.unclosed.or(unclosed);
            let line = self.text[..self.at].trim_end_matches('\r').len();
            record.end = start.max(self.base + line);
            let more = self.text[self.at..].starts_with(',');
            self.at += 1;
            if !more {
                return Some(record);
            }
        }
    }
}

/// A number with an exponent, `1.25e+01`, without it, exactly: `12.5`. `None` for anything else, and for exponents that no
/// time or count has.
pub(super) fn without_exponent(number: &str) -> Option<String> {
    const LARGEST: i32 = 40;
    let (mantissa, exponent) = number.split_once(['e', 'E'])?;
    let exponent: i32 = exponent.parse().ok().filter(|exponent: &i32| exponent.abs() <= LARGEST)?;
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{fraction}");
    if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let point = whole.len() as i32 + exponent;
    let zeros = |count: i32| "0".repeat(count.max(0) as usize);
    let padded = format!("{}{all}{}", zeros(1 - point), zeros(point - all.len() as i32));
    let (whole, fraction) = padded.split_at(point.max(1) as usize);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction.trim_end_matches('0');
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Vec<String>> {
        Records::new(text, 0).map(|record| record.fields.into_iter().map(|field| field.value).collect()).collect()
    }

    /// The examples of RFC 4180, section 2.
    #[test]
    fn fields_are_read_as_the_rfc_has_them() {
        assert_eq!(read("aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n"), [["aaa", "bbb", "ccc"], ["zzz", "yyy", "xxx"]]);
        assert_eq!(read("\"aaa\",\"b\r\nbb\",\"ccc\"\r\nzzz,,xxx"), [["aaa", "b\r\nbb", "ccc"], ["zzz", "", "xxx"]]);
        assert_eq!(read("\"aaa\",\"b\"\"bb\",\"c,c\"\n"), [["aaa", "b\"bb", "c,c"]]);
        assert_eq!(read("\u{feff}a, \"b\" \n\n1,2,\n"), [vec!["a", "b"], vec![""], vec!["1", "2", ""]]);
        assert_eq!(read(""), Vec::<Vec<String>>::new());
    }

    #[test]
    fn places_are_where_fields_stand() {
        let text = "time, count\n\"1\", 20 \r\n\"3";
        let records: Vec<Record> = Records::new(text, 100).collect();
        let of = |record: usize, field: usize| {
            let span = &records[record].fields[field].span;
            &text[span.start - 100..span.end - 100]
        };
        assert_eq!([of(0, 1), of(1, 0), of(1, 1)], ["count", "\"1\"", "20"]);
        assert_eq!(&text[records[1].start - 100..records[1].end - 100], "\"1\", 20 ");
        assert_eq!(records[2].unclosed, Some(100 + text.len() - 2));
    }

    #[test]
    fn exponents_are_written_out() {
        let cases = [
            ("1.000000e+01", "10"),
            ("1.500000000000000000e+00", "1.5"),
            ("1.25e2", "125"),
            ("2.5E-3", "0.0025"),
            ("-1e0", "-1"),
            ("12.5e-1", "1.25"),
            ("0e0", "0"),
        ];
        for (written, plain) in cases {
            assert_eq!(without_exponent(written).as_deref(), Some(plain), "{written}");
        }
        for other in ["1.5", "e1", "1e", "1e1.5", "1x2e1", "1e999999999", "soone3"] {
            assert_eq!(without_exponent(other), None, "{other}");
        }
    }
}
