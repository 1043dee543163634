//! Distributions against textbook moments, statrs' distribution functions and brute force; seeds are fixed.

mod cases;
mod coupling;
mod fit;
mod golden;
mod parameters;
mod remaining;

use crate::rng::{Distribution, Key, KeyedRng};

/// The generator of the `index`-th draw of a test, as the model makes them: one key a request.
fn nth_rng(index: u64) -> KeyedRng {
    Key::new(0x5eed).child(index).rng(1)
}

fn draws(law: &Distribution, n: u64) -> Vec<f64> {
    (0..n).map(|index| law.sample(&mut nth_rng(index))).collect()
}
