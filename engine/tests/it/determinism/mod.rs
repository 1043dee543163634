//! The same scenario, seed and orders give the same run, bit for bit; branches share their past and, with the same luck,
//! their future.

mod digests;
mod luck;
mod pairs;
