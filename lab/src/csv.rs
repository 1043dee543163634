//! A table as CSV (RFC 4180, lines ending in LF): a heading, commas, absent cells empty.

use std::io::{self, Write};

use brownout::summary::series::{Cell, Column};

/// Writes a table.
pub(crate) fn write(
    file: &mut impl Write,
    columns: &[Column],
    rows: impl Iterator<Item = Vec<Cell>>,
) -> io::Result<()> {
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    writeln!(file, "{}", names.join(","))?;
    for row in rows {
        let cells: Vec<String> = row.iter().map(cell).collect();
        writeln!(file, "{}", cells.join(","))?;
    }
    Ok(())
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Absent => String::new(),
        Cell::Text(text) => quoted(text),
        Cell::Integer(number) => number.to_string(),
        // The shortest text that reads back as the same number.
        Cell::Float(number) => number.to_string(),
    }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use brownout::summary::series::ColumnKind;

    #[test]
    fn cells_are_separated_quoted_and_absent() {
        let column = |name| Column::new(name, ColumnKind::Text, "");
        let row = vec![Cell::Text("a,\"b\"".to_owned()), Cell::Absent, Cell::Float(0.1), Cell::Integer(7)];
        let mut file = Vec::new();
        write(&mut file, &["name", "p99_ms", "share", "n"].map(column), [row].into_iter()).unwrap();
        assert_eq!(String::from_utf8(file).unwrap(), "name,p99_ms,share,n\n\"a,\"\"b\"\"\",,0.1,7\n");
    }
}
