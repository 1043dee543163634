//! Charts of made-up curves, read cell by cell.

use super::*;
use crate::summary::Colours;

const PLAIN: TextStyle = TextStyle { width: 80, height: None, charset: Charset::Unicode, colours: Colours::None };

/// Ten minutes: quiet, then five minutes in which three of four fail and are retried, then quiet.
fn incident() -> Curves {
    let bad = |second: usize| (150..450).contains(&second);
    let each = |of: fn(bool) -> f64| (0..600).map(|second| of(bad(second))).collect();
    Curves {
        offered: each(|_| 100.0),
        attempts: each(|bad| if bad { 350.0 } else { 100.0 }),
        goodput: each(|bad| if bad { 20.0 } else { 100.0 }),
        failed: each(|bad| if bad { 80.0 } else { 0.0 }),
        bad: each(|bad| if bad { 80.0 } else { 0.0 }),
        ended: each(|_| 100.0),
        overdue: each(|_| 0.0),
        real_offered: each(|_| 100.0),
        real_attempts: each(|bad| if bad { 350.0 } else { 100.0 }),
        p99_ms: (0..600).map(|second| Some(if bad(second) { 1_800.0 } else { 90.0 })).collect(),
    }
}

fn change(at_seconds: f64, text: &str) -> Change {
    Change::example(at_seconds, ChangeKind::Order, text)
}

/// The chart with the incident that the curves show.
fn chart(curves: &Curves, changes: &[Change], style: &TextStyle) -> String {
    super::chart(curves, changes, &IncidentSummary::of(curves, changes), style)
}

fn column(chart: &str, column: usize) -> String {
    let rows = chart.lines().skip_while(|line| !line.contains('│')).take(TALL.load);
    rows.map(|row| row.chars().nth(GUTTER + column).unwrap_or(' ')).collect()
}

#[test]
fn the_load_panel_stacks_goodput_misses_and_retries() {
    let drawn = chart(&incident(), &[], &PLAIN);
    // The scale ends at 400: 100 is 1.75 rows of 7, 20 is 0.35 rows, 350 is 6.1 rows.
    assert!(drawn.starts_with("requests a second, 0 to 400 "), "{drawn}");
    assert_eq!(column(&drawn, 5), "     ▆█");
    assert_eq!(column(&drawn, 35), " ░░░░▒▒");
    assert_eq!(column(&drawn, 65), "     ▆█");
}

/// Two hours and a half, of which half a minute has four times the attempts and nothing but errors.
fn storm(bad: bool) -> Curves {
    let seconds = 9_000;
    let storm = |second: usize| (620..650).contains(&second);
    let each = |of: fn(bool) -> f64| (0..seconds).map(|second| of(storm(second))).collect::<Vec<f64>>();
    Curves {
        offered: each(|_| 20.0),
        attempts: each(|storm| if storm { 80.0 } else { 20.0 }),
        goodput: each(|storm| if storm { 0.0 } else { 20.0 }),
        failed: each(|storm| if storm { 20.0 } else { 0.0 }),
        bad: if bad { each(|storm| if storm { 20.0 } else { 0.0 }) } else { vec![0.0; seconds] },
        ended: each(|_| 20.0),
        overdue: each(|_| 0.0),
        p99_ms: vec![Some(100.0); seconds],
        ..Curves::default()
    }
}

/// Where nothing is called bad, the whole run is shown.
#[test]
fn a_storm_shorter_than_a_column_shows_with_its_height_and_its_time() {
    let drawn = chart(&storm(false), &[], &PLAIN);
    assert!(drawn.starts_with("requests a second, 0 to 80 "), "{drawn}");
    assert!(drawn.contains("error rate, 0 to 100%"), "{drawn}");
    // The column from 514 to 642 s has 22 of the 30 seconds: a mean of 30, which is 2.7 rows of 7, below the peak.
    assert_eq!(column(&drawn, 4), "┊┊┊┊░██", "{drawn}");
    assert_eq!(column(&drawn, 3), "     ▆█");
    // 80 against the mean of 30 at 80 and 8,970 at 20.
    assert!(drawn.contains("  ^   10:20  peak: 80.0 attempts a second, 4.0x the usual rate\n"), "{drawn}");
}

#[test]
fn a_short_incident_is_shown_closely_and_the_title_answers_for_the_rest() {
    let drawn = chart(&storm(true), &[], &PLAIN);
    // 30 s and a minute at both ends, and a tick every half minute.
    let title = "9:00 to 12:00 of 2h30m; outside of it no change and no bad request\n";
    assert!(drawn.starts_with(title), "{drawn}");
    let times = drawn.lines().find(|line| line.trim_start().starts_with("9:00  ")).expect("an axis");
    assert!(times.ends_with("11:30"), "{times}");
    let mut elsewhere = storm(true);
    elsewhere.bad[5_000] = 3.0;
    assert!(chart(&elsewhere, &[], &PLAIN).contains("no change and 3 of 176,400 requests bad\n"));
}

#[test]
fn a_low_terminal_has_a_lower_chart() {
    let lines = |height| chart(&incident(), &[], &TextStyle { height, ..PLAIN }).lines().count();
    assert_eq!((lines(Some(50)), lines(None)), (lines(None), lines(Some(24)) + 6));
}

#[test]
fn error_rate_and_latency_state_their_scale() {
    let drawn = chart(&incident(), &[], &PLAIN);
    assert!(drawn.contains("error rate, 0 to 80%"), "{drawn}");
    assert!(drawn.contains("p99 latency of successes, 0 to 2s"), "{drawn}");
    let calm = Curves { failed: vec![0.0; 600], ..incident() };
    assert!(chart(&calm, &[], &PLAIN).contains("error rate: no errors\n"));
}

#[test]
fn it_fits_its_width_in_every_charset_and_length() {
    for (width, charset, seconds) in
        [(80, Charset::Unicode, 600), (120, Charset::Ascii, 600), (80, Charset::Ascii, 1), (100, Charset::Unicode, 7)]
    {
        let cut = |values: Vec<f64>| values[..seconds].to_vec();
        let curves = incident();
        let curves = Curves {
            offered: cut(curves.offered),
            attempts: cut(curves.attempts),
            goodput: cut(curves.goodput),
            failed: cut(curves.failed),
            bad: cut(curves.bad),
            ended: cut(curves.ended),
            overdue: cut(curves.overdue),
            real_offered: cut(curves.real_offered),
            real_attempts: cut(curves.real_attempts),
            p99_ms: curves.p99_ms[..seconds].to_vec(),
        };
        let drawn = chart(
            &curves,
            &[change(0.0, "deploy")],
            &TextStyle { width, height: None, charset, colours: Colours::None },
        );
        assert!(drawn.lines().all(|line| line.chars().count() < width), "{drawn}");
        assert!(charset == Charset::Unicode || drawn.is_ascii(), "{drawn}");
    }
    assert_eq!(chart(&Curves::default(), &[], &PLAIN), "");
}

#[test]
fn colours_add_nothing_but_escapes() {
    let changes = [change(150.0, "deploy shop v2")];
    let coloured = chart(&incident(), &changes, &TextStyle { colours: Colours::Ansi, ..PLAIN });
    let mut stripped = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        stripped.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    stripped.push_str(rest);
    let lines = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    assert_eq!(lines(&stripped), lines(&chart(&incident(), &changes, &PLAIN)));
    assert!(coloured.contains("\u{1b}[32m"));
}
