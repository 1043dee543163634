//! Numbers as people read them.

/// A whole number with its thousands apart: `1,234,567`.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let head = digits.len() % 3;
    let mut text = digits[..head].to_owned();
    for start in (head..digits.len()).step_by(3) {
        if !text.is_empty() {
            text.push(',');
        }
        text.push_str(&digits[start..start + 3]);
    }
    text
}

/// About three significant digits: `0.0123`, `4.56`, `78.9`, `1,235`.
pub(super) fn three_digits(value: f64) -> String {
    match value.abs() {
        magnitude if magnitude >= 99.95 => {
            let sign = if value < 0.0 { "-" } else { "" };
            format!("{sign}{}", grouped(libm::round(magnitude) as u64))
        }
        magnitude if magnitude >= 9.995 => format!("{value:.1}"),
        magnitude if (0.00005..0.0995).contains(&magnitude) => format!("{value:.4}"),
        _ => format!("{value:.2}"),
    }
}

/// A span in the unit that fits: `250 us`, `12.3 ms`, `4.56 s`, `2.5 min`; a dash for none.
pub(super) fn span_ms(ms: Option<f64>) -> String {
    let Some(ms) = ms else { return "-".to_owned() };
    match ms {
        0.0 => "0 ms".to_owned(),
        ms if ms < 0.9995 => format!("{} us", three_digits(ms * 1e3)),
        ms if ms < 999.5 => format!("{} ms", three_digits(ms)),
        ms if ms < 99_950.0 => format!("{} s", three_digits(ms / 1e3)),
        ms => format!("{} min", three_digits(ms / 60e3)),
    }
}

/// A share in per cent: `12.3%`.
pub(super) fn percent(share: f64) -> String {
    let value = share * 100.0;
    match value {
        0.0 => "0%".to_owned(),
        value if value < 9.95 => format!("{value:.2}%"),
        value if value < 99.95 => format!("{value:.1}%"),
        value => format!("{}%", three_digits(value)),
    }
}

/// The same without needless decimals, for the ends of an axis: `2%`, `0.5%`.
pub(super) fn axis_percent(share: f64) -> String {
    format!("{}%", trimmed(share * 100.0))
}

/// A span for the ends of an axis: `500ms`, `2s`, `10min`.
pub(super) fn axis_span(ms: f64) -> String {
    match ms {
        ms if ms < 1_000.0 => format!("{}ms", trimmed(ms)),
        ms if ms < 120_000.0 => format!("{}s", trimmed(ms / 1e3)),
        ms => format!("{}min", trimmed(ms / 60e3)),
    }
}

/// A count for the ends of an axis: `2.5`, `400`, `2,500`, `12k`.
pub(super) fn axis_count(value: f64) -> String {
    match value {
        value if value >= 10_000.0 => format!("{}k", trimmed(value / 1e3)),
        value if value >= 1_000.0 => grouped(value as u64),
        value => trimmed(value),
    }
}

/// A time since the start, `7:30`; from an hour on `1:07:30`.
pub(super) fn clock(seconds: f64) -> String {
    let whole = seconds as u64;
    let (hours, minutes, seconds) = (whole / 3_600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// The number without zeros behind its point, three decimals at most.
fn trimmed(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The smallest of 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten that is not below a value above 0; 1 for others.
pub(super) fn round_up(value: f64) -> f64 {
    if !value.is_finite() || value <= 0.0 {
        return 1.0;
    }
    let mut power = 1.0;
    while power * 10.0 <= value {
        power *= 10.0;
    }
    while power > value {
        power /= 10.0;
    }
    let steps = [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    steps.into_iter().map(|step| step * power).find(|top| *top >= value).unwrap_or(power * 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart() {
        let found: Vec<_> = [0, 12, 999, 1_000, 123_456, 1_234_567].map(grouped).into();
        assert_eq!(found, ["0", "12", "999", "1,000", "123,456", "1,234,567"]);
    }

    #[test]
    fn figures_keep_about_three_digits() {
        let found: Vec<_> = [0.0, 1e-9, 0.01234, 0.4567, 9.999, 12.34, 99.96, 1_234.5].map(three_digits).into();
        assert_eq!(found, ["0.00", "0.00", "0.0123", "0.46", "10.0", "12.3", "100", "1,235"]);
    }

    #[test]
    fn spans_choose_their_unit() {
        let found: Vec<_> = [0.25, 12.34, 999.9, 4_560.0, 150_000.0].map(|ms| span_ms(Some(ms))).into();
        assert_eq!(found, ["250 us", "12.3 ms", "1.00 s", "4.56 s", "2.50 min"]);
        assert_eq!((span_ms(None), span_ms(Some(0.0))), ("-".to_owned(), "0 ms".to_owned()));
        assert_eq!((axis_span(500.0), axis_span(2_500.0)), ("500ms".to_owned(), "2.5s".to_owned()));
    }

    #[test]
    fn axis_ends_are_round_and_never_below() {
        for (value, top) in
            [(0.0, 1.0), (0.013, 0.015), (1.0, 1.0), (1.2, 1.5), (7.0, 8.0), (412.0, 500.0), (8_001.0, 1e4)]
        {
            assert!((round_up(value) - top).abs() < 1e-9, "{value}: {}", round_up(value));
        }
        let mut value = 1e-6;
        while value < 1e12 {
            assert!(round_up(value) >= value && round_up(value) <= value * 1.6, "{value}: {}", round_up(value));
            value *= 1.37;
        }
    }

    #[test]
    fn times_are_minutes_and_seconds() {
        assert_eq!((clock(0.0), clock(450.9), clock(4_050.0)), ("0:00".into(), "7:30".into(), "1:07:30".into()));
    }
}
