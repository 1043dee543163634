//! Tables in text: the first column to the left, the others to the right.

/// What stands where there is nothing to say.
pub(super) const NOTHING: &str = "-";

/// A table with a heading row, its columns two blanks apart, as wide as their widest cell. Columns that say nothing in any
/// row are left out. Rows end without blanks.
pub(super) fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let says = |column: &usize| *column == 0 || rows.iter().any(|row| row[*column] != NOTHING);
    let columns: Vec<usize> = (0..heading.len()).filter(says).collect();
    let heading: Vec<String> = heading.iter().map(|cell| (*cell).to_owned()).collect();
    let lines: Vec<Vec<&str>> = std::iter::once(&heading)
        .chain(rows)
        .map(|row| columns.iter().map(|column| row[*column].as_str()).collect())
        .collect();
    let widest = |column| lines.iter().map(|cells| width(cells[column])).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns.len()).map(widest).collect();
    lines.iter().map(|cells| line(cells, &widths)).collect()
}

fn line(row: &[&str], widths: &[usize]) -> String {
    let mut text = String::new();
    for (column, (cell, column_width)) in row.iter().zip(widths).enumerate() {
        let blanks = " ".repeat(column_width - width(cell));
        match column {
            0 => text.push_str(&format!("{cell}{blanks}")),
            _ => text.push_str(&format!("  {blanks}{cell}")),
        }
    }
    format!("{}\n", text.trim_end())
}

fn width(cell: &str) -> usize {
    cell.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [["web", "1,234", "-"], ["mobile", "-", "-"]].map(|row| row.map(str::to_owned).to_vec());
        let expected = "        offered\nweb       1,234\nmobile        -\n";
        assert_eq!(table(&["", "offered", "left out"], &rows), expected);
    }
}
