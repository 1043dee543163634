//! The marks below a chart, each exactly under the column of what it marks, and the list of what they stand for.
//!
//! What happened in one column shares its letter, so that nothing moves aside and no cause seems to follow its effect. The
//! sign of the peak goes to a row of its own where a letter stands already.

use super::changes::Change;
use super::chart::{GUTTER, Plot};
use super::figures::{clock, three_digits};
use super::incident::IncidentSummary;
use super::layout;
use super::peaks::{self, Peak};
use super::text::Ink;

/// Changes beyond these many are counted only.
const MOST: usize = 26;
/// The sign of the ten seconds in which clients sent most.
const PEAK: char = '^';
/// What stands instead of a letter before what is not under the chart.
const ELSEWHERE: char = '-';

/// One line of the list.
struct Entry {
    sign: char,
    column: Option<usize>,
    at: f64,
    text: String,
}

/// A row or two of marks and the list of them; nothing where there is nothing to mark.
pub(super) fn marks(plot: &Plot<'_>, changes: &[Change], incident: &IncidentSummary) -> String {
    let mut entries = lettered(plot, &changes[..changes.len().min(MOST)]);
    if let Some(peak) = peaks::most_attempts(plot.curves, incident) {
        let at = peak.second as f64;
        let place = entries.partition_point(|entry| entry.at <= at);
        let text = peak_line(plot, peak, incident);
        entries.insert(place, Entry { sign: PEAK, column: plot.column_of(at), at, text });
    }
    let mut text = rows(plot, &entries);
    for entry in &entries {
        let head = format!("  {} {:>7}  ", entry.sign, clock(entry.at));
        let lines = layout::wrapped(&head, &entry.text, plot.style.width - 1);
        text.push_str(&lines.replacen(entry.sign, &plot.style.paint(Ink::Mark, &entry.sign.to_string()), 1));
    }
    if changes.len() > MOST {
        text.push_str(&format!("  and {} more\n", changes.len() - MOST));
    }
    text
}

/// The changes in time order, with a new letter for each column in which there is one.
fn lettered(plot: &Plot<'_>, changes: &[Change]) -> Vec<Entry> {
    let mut letters = 'A'..='Z';
    let mut last: Option<(usize, char)> = None;
    let mut entry = |change: &Change| {
        let column = plot.column_of(change.at_seconds);
        let letter = column.map(|column| match last {
            Some((same, letter)) if same == column => letter,
            _ => letters.next().unwrap_or(ELSEWHERE),
        });
        last = column.zip(letter).or(last);
        Entry { sign: letter.unwrap_or(ELSEWHERE), column, at: change.at_seconds, text: change.line() }
    };
    changes.iter().map(&mut entry).collect()
}

fn rows(plot: &Plot<'_>, entries: &[Entry]) -> String {
    let mut rows = [vec![' '; plot.columns], vec![' '; plot.columns]];
    let (peaks, letters): (Vec<&Entry>, Vec<&Entry>) = entries.iter().partition(|entry| entry.sign == PEAK);
    for entry in letters.into_iter().chain(peaks) {
        let Some(column) = entry.column else { continue };
        let taken = rows[0][column] != ' ' && rows[0][column] != entry.sign;
        rows[usize::from(taken)][column] = entry.sign;
    }
    let line = |row: &Vec<char>| {
        let line: String = row.iter().collect();
        format!("{}{}\n", " ".repeat(GUTTER), plot.style.paint(Ink::Mark, line.trim_end()))
    };
    rows.iter().filter(|row| row.iter().any(|sign| *sign != ' ')).map(line).collect()
}

fn peak_line(plot: &Plot<'_>, peak: Peak, incident: &IncidentSummary) -> String {
    let usual = peaks::usual_attempts(plot.curves, incident);
    let times = usual.filter(|usual| *usual > 0.0).map(|usual| format!(", {:.1}x the usual rate", peak.value / usual));
    format!("peak: {} attempts a second{}", three_digits(peak.value), times.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::{ChangeKind, Charset, Colours, Curves, TextStyle};

    const PLAIN: TextStyle = TextStyle { width: 80, height: None, charset: Charset::Unicode, colours: Colours::None };

    fn drawn(seconds: usize, changes: &[(f64, &str)]) -> (Vec<String>, Vec<String>) {
        let curves = Curves { offered: vec![1.0; seconds], attempts: vec![1.0; seconds], ..Curves::default() };
        let plot = Plot { curves: &curves, range: 0..seconds, columns: 70, style: &PLAIN };
        let changes: Vec<_> = changes.iter().map(|(at, text)| Change::example(*at, ChangeKind::Order, text)).collect();
        let text = marks(&plot, &changes, &IncidentSummary::default());
        let is_list = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
        let (list, rows): (Vec<&str>, Vec<&str>) = text.lines().partition(is_list);
        let owned = |lines: Vec<&str>| lines.into_iter().map(str::to_owned).collect();
        (owned(rows), owned(list))
    }

    #[test]
    fn what_shares_a_column_shares_its_letter_and_the_next_stays_in_its_own() {
        // A column of 9,000 s is 128 or 129 s: 540 s lie in the fifth, 632 s as well, 722 s in the sixth.
        let changes =
            [(540.0, "deploy a"), (540.0, "deploy b"), (632.0, "all on a"), (722.0, "back"), (8_999.0, "end")];
        let (rows, list) = drawn(9_000, &changes);
        assert_eq!(rows, [format!("{}AB{}C", " ".repeat(GUTTER + 4), " ".repeat(70 - 7))]);
        let letters: String = list.iter().map(|line| &line[2..3]).collect();
        assert_eq!(letters, "AAABC", "{list:?}");
    }

    /// For whatever lengths and instants: the bin of a mark's column holds its second.
    #[test]
    fn every_mark_stands_under_the_second_of_its_change() {
        for seconds in [1, 7, 69, 70, 71, 100, 600, 1_199, 9_000] {
            let curves = Curves { offered: vec![1.0; seconds], ..Curves::default() };
            let start = seconds / 3;
            let plot = Plot { curves: &curves, range: start..seconds, columns: 70, style: &PLAIN };
            for second in 0..seconds {
                match plot.column_of(second as f64 + 0.999) {
                    Some(column) => assert!(plot.bin(column).contains(&second), "{second} of {seconds}: {column}"),
                    None => assert!(second < start, "{second} of {seconds}"),
                }
            }
            assert_eq!(plot.column_of(seconds as f64), plot.column_of((seconds - 1) as f64));
        }
    }

    #[test]
    fn the_peak_gives_way_to_a_letter_by_a_row() {
        let mut attempts = vec![20.0; 700];
        attempts[300..310].fill(80.0);
        let curves = Curves { offered: vec![20.0; 700], attempts, ..Curves::default() };
        let plot = Plot { curves: &curves, range: 0..700, columns: 70, style: &PLAIN };
        let change = Change::example(305.0, ChangeKind::Order, "roll back");
        let text = marks(&plot, &[change], &IncidentSummary::default());
        let blanks = " ".repeat(GUTTER + 30);
        assert!(text.starts_with(&format!("{blanks}A\n{blanks}^\n")), "{text}");
    }

    #[test]
    fn what_is_not_shown_has_no_letter() {
        let curves = Curves { offered: vec![1.0; 700], attempts: vec![1.0; 700], ..Curves::default() };
        let plot = Plot { curves: &curves, range: 350..700, columns: 70, style: &PLAIN };
        let changes = [0.0, 350.0].map(|at| Change::example(at, ChangeKind::Fault, "fault"));
        let text = marks(&plot, &changes, &IncidentSummary::default());
        assert_eq!(text, format!("{}A\n  -    0:00  fault\n  A    5:50  fault\n", " ".repeat(GUTTER)));
    }

    #[test]
    fn more_changes_than_letters_are_counted() {
        let many: Vec<(f64, &str)> = (0..30).map(|index| (f64::from(index) * 20.0, "restart")).collect();
        let (_, list) = drawn(700, &many);
        assert_eq!((list.len(), list[26].as_str()), (27, "  and 4 more"));
    }
}
