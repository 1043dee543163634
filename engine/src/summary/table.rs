//! Tables in text: the first column to the left, the others to the right.

/// A table with a heading row, its columns two blanks apart, as wide as their widest cell. Rows end without blanks.
pub(super) fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> = (0..heading.len())
        .map(|column| rows.iter().map(|row| width(&row[column])).chain([width(heading[column])]).max().unwrap_or(0))
        .collect();
    let heading: Vec<String> = heading.iter().map(|cell| (*cell).to_owned()).collect();
    std::iter::once(&heading).chain(rows).map(|row| line(row, &widths)).collect()
}

fn line(row: &[String], widths: &[usize]) -> String {
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
        let rows = [vec!["web".to_owned(), "1,234".to_owned()], vec!["mobile".to_owned(), "5".to_owned()]];
        assert_eq!(table(&["", "offered"], &rows), "        offered\nweb       1,234\nmobile        5\n");
    }
}
