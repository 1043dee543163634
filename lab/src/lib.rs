//! Many Brownout runs, and what comes of them as files: time series as CSV and Parquet.
//!
//! This crate writes files and will run simulations in parallel; it holds no rule of the domain.

mod csv;
mod file;
mod parquet;
mod series;

pub use file::{Target, WriteError, remove_unfinished};
pub use series::{SeriesFormat, write_series};
