//! Tables in text: the first column to the left, the others to the right.

use super::layout::{columns, shortened};

/// What stands where there is nothing to say.
pub(super) const NOTHING: &str = "-";
/// The first column is not shortened below this.
const NARROWEST: usize = 12;
/// Blanks between two columns.
const APART: usize = 2;

/// A table as it is meant: its headings, and which columns it can do without.
pub(super) struct Layout<'a> {
    /// A heading for each column.
    pub(super) heading: &'a [&'a str],
    /// The columns that are left out where the page is too narrow, the least important first; those that say little without
    /// each other go together.
    pub(super) spare: &'a [&'a [usize]],
}

/// A table with a heading row, its columns two blanks apart, as wide as their widest cell. Columns that say nothing in any
/// row are left out; on a narrow page also those that can be spared, and at last names are shortened. Rows end without
/// blanks.
pub(super) fn table(layout: &Layout<'_>, rows: &[Vec<String>], width: usize) -> String {
    let says = |column: &usize| *column == 0 || rows.iter().any(|row| row[*column] != NOTHING);
    let mut shown: Vec<usize> = (0..layout.heading.len()).filter(says).collect();
    let heading: Vec<String> = layout.heading.iter().map(|cell| (*cell).to_owned()).collect();
    let mut lines: Vec<Vec<String>> = std::iter::once(heading).chain(rows.iter().cloned()).collect();
    let widest =
        |lines: &[Vec<String>], column: usize| lines.iter().map(|row| columns(&row[column])).max().unwrap_or(0);
    let whole = |shown: &[usize]| shown.iter().map(|column| widest(&lines, *column) + APART).sum::<usize>() - APART;
    for spared in layout.spare {
        if whole(&shown) > width {
            shown.retain(|column| !spared.contains(column));
        }
    }
    let others = whole(&shown) - widest(&lines, 0);
    let names = width.saturating_sub(others).max(NARROWEST);
    lines.iter_mut().for_each(|row| row[0] = shortened(&row[0], names));
    let widths: Vec<usize> = shown.iter().map(|column| widest(&lines, *column)).collect();
    lines.iter().map(|row| line(shown.iter().map(|column| row[*column].as_str()), &widths)).collect()
}

fn line<'a>(row: impl Iterator<Item = &'a str>, widths: &[usize]) -> String {
    let mut text = String::new();
    for (column, (cell, column_width)) in row.zip(widths).enumerate() {
        let blanks = " ".repeat(column_width - columns(cell));
        match column {
            0 => text.push_str(&format!("{cell}{blanks}")),
            _ => text.push_str(&format!("{}{blanks}{cell}", " ".repeat(APART))),
        }
    }
    format!("{}\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[[&str; 3]]) -> Vec<Vec<String>> {
        rows.iter().map(|row| row.map(str::to_owned).to_vec()).collect()
    }

    #[test]
    fn columns_line_up() {
        let layout = Layout { heading: &["", "offered", "left out"], spare: &[] };
        let expected = "        offered\nweb       1,234\nmobile        -\n";
        assert_eq!(table(&layout, &rows(&[["web", "1,234", "-"], ["mobile", "-", "-"]]), 80), expected);
    }

    #[test]
    fn a_mean_goes_with_its_maximum() {
        let layout = Layout { heading: &["service", "queue", "queue max"], spare: &[&[1, 2]] };
        assert_eq!(table(&layout, &rows(&[["web", "1.5", "9"]]), 22), "service\nweb\n");
    }

    #[test]
    fn a_narrow_page_costs_columns_and_then_letters() {
        let layout = Layout { heading: &["service", "failed", "jobs"], spare: &[&[2]] };
        let found = |width| table(&layout, &rows(&[["recommendations", "12", "345"]]), width);
        assert_eq!(found(29), "service          failed  jobs\nrecommendations      12   345\n");
        assert_eq!(found(28), "service          failed\nrecommendations      12\n");
        assert_eq!(found(21), "service        failed\nrecommendat..      12\n");
        assert_eq!(found(5), "service       failed\nrecommenda..      12\n");
    }
}
