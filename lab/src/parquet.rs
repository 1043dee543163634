//! A table as Parquet: text columns required, numbers optional, Snappy.

use std::io::{self, Write};
use std::sync::Arc;

use brownout::summary::series::{Cell, Column, ColumnKind};
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};

/// How many rows are held in memory and written as one row group.
const GROUP_ROWS: usize = 1 << 16;

/// Writes a table.
pub(crate) fn write(
    file: &mut (impl Write + Send),
    columns: &[Column],
    mut rows: impl Iterator<Item = Vec<Cell>>,
) -> io::Result<()> {
    write_groups(file, columns, &mut rows).map_err(io::Error::other)
}

fn write_groups(
    file: &mut (impl Write + Send),
    columns: &[Column],
    rows: &mut impl Iterator<Item = Vec<Cell>>,
) -> Result<()> {
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(file, schema(columns)?, Arc::new(properties))?;
    loop {
        let group: Vec<Vec<Cell>> = rows.take(GROUP_ROWS).collect();
        if group.is_empty() {
            return writer.close().map(|_| ());
        }
        let mut group_writer = writer.next_row_group()?;
        for (index, column) in columns.iter().enumerate() {
            let column_writer = group_writer.next_column()?.ok_or_else(|| missing(column))?;
            write_column(column_writer, column.kind, group.iter().map(|row| &row[index]))?;
        }
        group_writer.close()?;
    }
}

fn missing(column: &Column) -> ParquetError {
    ParquetError::General(format!("the schema has no column {}", column.name))
}

fn schema(columns: &[Column]) -> Result<TypePtr> {
    let fields = columns.iter().map(|column| field(column).map(Arc::new)).collect::<Result<Vec<_>>>()?;
    Type::group_type_builder("series").with_fields(fields).build().map(Arc::new)
}

fn field(column: &Column) -> Result<Type> {
    let (physical, logical, repetition) = match column.kind {
        ColumnKind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String), Repetition::REQUIRED),
        ColumnKind::Integer => (Physical::INT64, None, Repetition::OPTIONAL),
        ColumnKind::Float => (Physical::DOUBLE, None, Repetition::OPTIONAL),
    };
    Type::primitive_type_builder(column.name, physical).with_logical_type(logical).with_repetition(repetition).build()
}

fn write_column<'a>(
    writer: SerializedColumnWriter<'_>,
    kind: ColumnKind,
    cells: impl Iterator<Item = &'a Cell>,
) -> Result<()> {
    match kind {
        ColumnKind::Text => write_text(writer, cells),
        ColumnKind::Integer => write_optional::<Int64Type>(writer, cells.map(integer)),
        ColumnKind::Float => write_optional::<DoubleType>(writer, cells.map(float)),
    }
}

fn write_text<'a>(mut writer: SerializedColumnWriter<'_>, cells: impl Iterator<Item = &'a Cell>) -> Result<()> {
    let text =
        |cell: &Cell| if let Cell::Text(text) = cell { ByteArray::from(text.as_str()) } else { ByteArray::from("") };
    let values: Vec<ByteArray> = cells.map(text).collect();
    writer.typed::<ByteArrayType>().write_batch(&values, None, None)?;
    writer.close()
}

/// A present value has definition level 1, an absent one 0 and no place among the values.
fn write_optional<T: DataType>(
    mut writer: SerializedColumnWriter<'_>,
    cells: impl Iterator<Item = Option<T::T>>,
) -> Result<()> {
    let cells: Vec<Option<T::T>> = cells.collect();
    let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    let values: Vec<T::T> = cells.into_iter().flatten().collect();
    writer.typed::<T>().write_batch(&values, Some(&levels), None)?;
    writer.close()
}

fn integer(cell: &Cell) -> Option<i64> {
    if let Cell::Integer(number) = cell { Some(i64::try_from(*number).unwrap_or(i64::MAX)) } else { None }
}

fn float(cell: &Cell) -> Option<f64> {
    if let Cell::Float(number) = cell { Some(*number) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::record::Field;

    #[test]
    fn what_is_written_reads_back_across_row_groups() {
        let column = |name, kind| Column::new(name, kind, "");
        let columns = [
            column("name", ColumnKind::Text),
            column("offered", ColumnKind::Integer),
            column("p99_ms", ColumnKind::Float),
        ];
        let count = GROUP_ROWS + 3;
        let row = |index: usize| {
            let latency = if index.is_multiple_of(2) { Cell::Absent } else { Cell::Float(index as f64 / 4.0) };
            vec![Cell::Text(format!("s{}", index % 3)), Cell::Integer(index as u64), latency]
        };
        let path = std::env::temp_dir().join(format!("brownout-{}.parquet", std::process::id()));
        let mut file = std::fs::File::create(&path).unwrap();
        write(&mut file, &columns, (0..count).map(row)).unwrap();
        let reader = SerializedFileReader::new(std::fs::File::open(&path).unwrap()).unwrap();
        assert_eq!(reader.num_row_groups(), 2);
        let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(std::result::Result::unwrap).collect();
        assert_eq!(rows.len(), count);
        let fields = |index: usize| rows[index].get_column_iter().map(|(_, field)| field.clone()).collect::<Vec<_>>();
        assert_eq!(fields(4), [Field::Str("s1".to_owned()), Field::Long(4), Field::Null]);
        let last = count - 2;
        assert_eq!(fields(last)[1..], [Field::Long(last as i64), Field::Double(last as f64 / 4.0)]);
        std::fs::remove_file(path).unwrap();
    }
}
