//! Goodness-of-fit statistics for seeded tests, with the bounds they are held to.

/// The Kolmogorov-Smirnov statistic times sqrt(n) exceeds this with chance 1e-4 when the law is right:
/// 2 exp(-2 x^2) = 1e-4.
pub(crate) const KOLMOGOROV_BOUND: f64 = 2.2253;

/// A standard normal lies outside with chance 7e-6.
pub(crate) const Z_BOUND: f64 = 4.5;

/// The largest distance, times sqrt(n), between the empirical law of `draws` and `cdf`, at every 64th order statistic.
pub(crate) fn kolmogorov(draws: &mut [f64], cdf: impl Fn(f64) -> f64) -> f64 {
    draws.sort_by(f64::total_cmp);
    let n = draws.len() as f64;
    let distance = (0..draws.len()).step_by(64).map(|i| {
        let expected = cdf(draws[i]);
        (expected - i as f64 / n).abs().max(((i + 1) as f64 / n - expected).abs())
    });
    distance.fold(0.0, f64::max) * n.sqrt()
}

/// The two-sample Kolmogorov-Smirnov statistic times sqrt(n m / (n + m)).
pub(crate) fn kolmogorov_of_two(a: &mut [f64], b: &mut [f64]) -> f64 {
    a.sort_by(f64::total_cmp);
    b.sort_by(f64::total_cmp);
    let (n, m) = (a.len() as f64, b.len() as f64);
    let distance = a.iter().enumerate().map(|(i, x)| {
        let below = b.partition_point(|y| y <= x) as f64;
        ((i + 1) as f64 / n - below / m).abs()
    });
    distance.fold(0.0, f64::max) * (n * m / (n + m)).sqrt()
}

/// Chi-square of counts against weights that sum to 1, as a standard normal (Wilson and Hilferty 1931).
pub(crate) fn chi_square_z(counts: &[u64], weights: impl Fn(usize) -> f64) -> f64 {
    let n = counts.iter().sum::<u64>() as f64;
    let terms = counts.iter().enumerate().map(|(i, &count)| {
        let expected = n * weights(i);
        (count as f64 - expected) * (count as f64 - expected) / expected
    });
    wilson_hilferty(terms.sum(), (counts.len() - 1) as f64)
}

/// A chi-square value with its degrees of freedom as a standard normal.
pub(crate) fn wilson_hilferty(chi_square: f64, degrees: f64) -> f64 {
    let spread = 2.0 / (9.0 * degrees);
    (libm::cbrt(chi_square / degrees) - (1.0 - spread)) / spread.sqrt()
}

/// Mean and variance of a sample.
pub(crate) fn moments(draws: &[f64]) -> (f64, f64) {
    let n = draws.len() as f64;
    let mean = draws.iter().sum::<f64>() / n;
    (mean, draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0))
}

/// The correlation of pairs times sqrt(n): a standard normal when they are independent.
pub(crate) fn correlation_z(pairs: &[(f64, f64)]) -> f64 {
    let n = pairs.len() as f64;
    let (a, b) = (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
    let sum = |f: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(f).sum::<f64>();
    let cross = sum(&|p| (p.0 - a) * (p.1 - b));
    cross / (sum(&|p| (p.0 - a) * (p.0 - a)) * sum(&|p| (p.1 - b) * (p.1 - b))).sqrt() * n.sqrt()
}

/// Uniform pairs in a 16 by 16 grid: chi-square as a standard normal.
pub(crate) fn grid_z(pairs: &[(f64, f64)]) -> f64 {
    let mut counts = [0; 256];
    for &(a, b) in pairs {
        counts[(a * 16.0) as usize * 16 + (b * 16.0) as usize] += 1;
    }
    chi_square_z(&counts, |_| 1.0 / 256.0)
}
