//! The time series of a run as a file.

use std::path::Path;

use brownout::Simulation;
use brownout::summary::series;

use crate::file::{Target, WriteError};
use crate::{csv, parquet};

/// The formats of a time series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesFormat {
    /// Comma-separated values.
    Csv,
    /// Apache Parquet.
    Parquet,
}

impl SeriesFormat {
    /// The format that a file's ending asks for, `None` for any but `.csv` and `.parquet`.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "csv" => Some(Self::Csv),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

/// Writes everything recorded in a run, a row for each second and place.
///
/// # Errors
/// When the file cannot be written; nothing of it is there then.
pub fn write_series(simulation: &Simulation, target: &Target, format: SeriesFormat) -> Result<(), WriteError> {
    let (columns, rows) = (series::columns(), series::rows(simulation));
    target.write(|file| match format {
        SeriesFormat::Csv => csv::write(file, &columns, rows),
        SeriesFormat::Parquet => parquet::write(file, &columns, rows),
    })
}
