//! Readings as small charts.

use ratatui::symbols::bar;

use super::super::seen::{Point, Row};

/// So many readings are shown at least, several in a column where the chart is narrow.
const READINGS: usize = 40;
/// A column of one row has so many heights.
const HEIGHTS: f64 = 8.0;
/// The scale, as a multiple of the highest reading, where nothing limits it.
const HEADROOM: f64 = 1.25;
/// What the largest value is drawn as.
pub(super) const MOST: u64 = 8_000;

/// For terminals without block characters.
pub(super) const ASCII: bar::Set<'static> = bar::Set {
    full: "#",
    seven_eighths: "#",
    three_quarters: "*",
    five_eighths: "+",
    half: "=",
    three_eighths: "-",
    one_quarter: ":",
    one_eighth: ".",
    empty: " ",
};

/// What is charted of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    Rate,
    Errors,
    Latency,
}

impl Measure {
    pub(super) const ALL: [Self; 3] = [Self::Rate, Self::Errors, Self::Latency];

    pub(super) const fn of(self, point: &Point) -> Option<f64> {
        match self {
            Self::Rate => point.rate,
            Self::Errors => point.errors,
            Self::Latency => point.latency,
        }
    }
}

/// How many readings one column stands for.
pub(super) fn per_column(width: usize) -> usize {
    READINGS.div_ceil(width.max(1)).max(1)
}

/// The last readings of a row as heights, a column each, from zero to the most; `None` where nothing was read. What is not zero
/// does not look like it.
pub(super) fn columns(row: &Row, measure: Measure, width: usize) -> Vec<Option<u64>> {
    let per_column = per_column(width);
    let highest = |points: &[Point]| points.iter().filter_map(|point| measure.of(point)).reduce(f64::max);
    let bins: Vec<Option<f64>> = row.points.chunks(per_column).map(highest).collect();
    let shown = &bins[bins.len().saturating_sub(width)..];
    let most = match measure {
        Measure::Errors => 1.0,
        // What is as high as ever is not as high as can be.
        _ => highest(&row.points).unwrap_or(0.0) * HEADROOM,
    };
    let least = MOST as f64 / HEIGHTS;
    let height = |value: f64| if value <= 0.0 || most <= 0.0 { 0.0 } else { (value / most * MOST as f64).max(least) };
    shown.iter().map(|value| value.map(|value| height(value) as u64)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_zero_shows_and_what_was_not_read_is_no_zero() {
        let point = |errors| Point { errors, ..Point::default() };
        let points = [Some(0.0), None, Some(0.001), Some(1.0)].map(point).to_vec();
        let row = Row { name: String::new(), points, measured: true };
        assert_eq!(columns(&row, Measure::Errors, 40), [Some(0), None, Some(1_000), Some(8_000)]);
        assert_eq!(columns(&row, Measure::Rate, 40), [None; 4]);
        let points = vec![point(Some(0.5)); 1_000];
        let row = Row { points, ..row };
        assert_eq!(columns(&row, Measure::Errors, 10), [Some(4_000); 10]);
        assert_eq!(per_column(10), 4);
    }
}
