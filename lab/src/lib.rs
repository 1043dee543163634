//! Many Brownout runs, and what comes of them as files: time series as CSV and Parquet; and policies that are programs of their
//! own.
//!
//! This crate writes files, starts processes and will run simulations in parallel; it holds no rule of the domain.

mod csv;
mod external;
mod file;
mod parquet;
mod series;

pub use external::{External, ExternalError, Hello, PROTOCOL};
pub use file::{Target, WriteError, remove_unfinished};
pub use series::{SeriesFormat, write_series};
