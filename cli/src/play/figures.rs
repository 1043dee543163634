//! Figures as they are said: clocks, shares, rates, spans.

use brownout::units::SimTime;

/// A time since the start, `7:30`; from an hour on `1:07:30`.
pub(super) fn clock(at: SimTime) -> String {
    let whole = at.whole_secs();
    let (hours, minutes, seconds) = (whole / 3_600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A share in percent; what is not nothing does not look like it.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        percent if percent <= 0.0 => "0%".to_owned(),
        percent if percent < 0.1 => "<0.1%".to_owned(),
        percent if percent < 9.95 => format!("{percent:.1}%"),
        percent => format!("{percent:.0}%"),
    }
}

/// A number a second.
pub(super) fn rate(rate: f64) -> String {
    match rate {
        rate if rate < 9.95 => format!("{rate:.1}"),
        rate if rate < 9_999.5 => format!("{rate:.0}"),
        rate => format!("{:.0}k", rate / 1_000.0),
    }
}

/// A span in seconds, three digits or so.
pub(super) fn span(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 0.000_999_5 => format!("{:.0}us", seconds * 1e6),
        seconds if seconds < 0.009_95 => format!("{:.1}ms", seconds * 1e3),
        seconds if seconds < 0.9995 => format!("{:.0}ms", seconds * 1e3),
        seconds if seconds < 9.95 => format!("{seconds:.1}s"),
        seconds => format!("{seconds:.0}s"),
    }
}

/// So many of something: `1 ticket`, `2 tickets`.
pub(super) fn number_of(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// How long until an instant, `4m`, or how long it is over.
pub(super) fn left(now: SimTime, until: SimTime) -> String {
    let text = |seconds: u64| if seconds < 90 { format!("{seconds}s") } else { format!("{}m", seconds.div_ceil(60)) };
    if until >= now {
        format!("{} left", text(until.whole_secs() - now.whole_secs()))
    } else {
        format!("{} over", text(now.whole_secs() - until.whole_secs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short_and_do_not_lie() {
        assert_eq!([0.0, 0.0004, 0.0123, 0.0996, 0.5, 1.0].map(percent), ["0%", "<0.1%", "1.2%", "10%", "50%", "100%"]);
        assert_eq!([0.0, 9.94, 9.96, 1234.0, 25_000.0].map(rate), ["0.0", "9.9", "10", "1234", "25k"]);
        assert_eq!([0.000_5, 0.0034, 0.25, 1.25, 31.0].map(span), ["500us", "3.4ms", "250ms", "1.2s", "31s"]);
        let at = SimTime::from_secs;
        assert_eq!([at(59), at(450), at(4_050)].map(clock), ["0:59", "7:30", "1:07:30"]);
        assert_eq!([0, 1, 2].map(|count| number_of(count, "ticket")), ["0 tickets", "1 ticket", "2 tickets"]);
        assert_eq!(left(at(0), at(61)), "61s left");
        assert_eq!(left(at(400), at(100)), "5m over");
    }
}
