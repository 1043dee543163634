//! Medians, and how far apart two groups of runs are.

/// A median with the smallest and the largest value around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) smallest: f64,
    pub(crate) median: f64,
    pub(crate) largest: f64,
}

/// The spread of some values, `None` of no value.
pub(crate) fn spread(values: impl IntoIterator<Item = f64>) -> Option<Spread> {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    let (smallest, largest) = (*sorted.first()?, *sorted.last()?);
    let median = f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
    Some(Spread { smallest, median, largest })
}

/// The mean of some values; not a number of no value.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Two-sample z with pooled variance: the difference of the means in units of its standard error.
///
/// Both groups simulate one model, hence one variance. The means are known to within `resolution` of each other, as a share
/// of theirs, and only what exceeds that counts. 0 for means that do not differ, even without variance; `None` where the runs
/// are too few to tell.
pub(crate) fn z_score(ours: &[f64], theirs: &[f64], resolution: f64) -> Option<f64> {
    if ours.is_empty() || theirs.is_empty() {
        return None;
    }
    let apart = mean(ours) - mean(theirs);
    let difference = (apart.abs() - resolution * mean(theirs).abs()).max(0.0).copysign(apart);
    if difference == 0.0 {
        return Some(0.0);
    }
    let freedom = (ours.len() + theirs.len()).checked_sub(2).filter(|&freedom| freedom > 0)?;
    let variance = (squares(ours) + squares(theirs)) / freedom as f64;
    let error = (variance * (1.0 / ours.len() as f64 + 1.0 / theirs.len() as f64)).sqrt();
    Some(difference / error)
}

/// Sum of squared deviations from the mean.
fn squares(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean) * (value - mean)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_odd_and_even() {
        assert_eq!(spread([3.0, 1.0, 2.0]), Some(Spread { smallest: 1.0, median: 2.0, largest: 3.0 }));
        assert_eq!(spread([4.0, 1.0, 2.0, 3.0]).map(|spread| spread.median), Some(2.5));
        assert_eq!(spread([]), None);
    }

    /// By hand: means 2 and 4, squares 2 and 2, variance 1, standard error sqrt(2/3).
    #[test]
    fn z_by_hand() {
        let z = z_score(&[1.0, 2.0, 3.0], &[3.0, 4.0, 5.0], 0.0).expect("enough runs");
        assert!((z + 2.0 / (2.0f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!(z_score(&[1.0], &[2.0], 0.0), None);
        assert_eq!(z_score(&[1.0], &[], 0.0), None);
        assert_eq!(z_score(&[1.0, 1.0], &[1.0], 0.0), Some(0.0));
    }

    /// As before, but a quarter of 4 is not known: half of the difference is left.
    #[test]
    fn z_counts_what_exceeds_the_resolution() {
        let z = |resolution| z_score(&[1.0, 2.0, 3.0], &[3.0, 4.0, 5.0], resolution).expect("enough runs");
        assert!((z(0.25) + 1.0 / (2.0f64 / 3.0).sqrt()).abs() < 1e-12);
        assert!(z(0.6).abs() < 1e-12);
    }
}
