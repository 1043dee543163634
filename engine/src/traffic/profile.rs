//! A rate over time: straight lines between points.

use crate::units::{SimDuration, SimTime};

/// A rate over time, linear between points and constant after the last.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// (instant, rate a second), strictly increasing instants except that one may stand twice for a jump; the first at 0.
    points: Vec<(SimTime, f64)>,
}

/// Why a profile is not one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileError {
    /// There is no point, or the first is not at the start.
    NoStart,
    /// The instants do not increase at this point (dense index).
    NotIncreasing(usize),
    /// The rate of this point is negative, not a number, or above 10^9 a second.
    BadRate(usize),
}

impl Profile {
    /// The highest rate a profile may have, a second.
    pub const MAX_RATE: f64 = 1e9;

    /// A profile through these points.
    ///
    /// # Errors
    /// When the points are not as the field demands.
    pub fn new(points: Vec<(SimTime, f64)>) -> Result<Self, ProfileError> {
        if points.first().is_none_or(|first| first.0 != SimTime::ZERO) {
            return Err(ProfileError::NoStart);
        }
        if let Some(bad) = points.iter().position(|point| !(0.0..=Self::MAX_RATE).contains(&point.1)) {
            return Err(ProfileError::BadRate(bad));
        }
        for at in 1..points.len() {
            let jump_twice = at >= 2 && points[at - 2].0 == points[at].0;
            if points[at].0 < points[at - 1].0 || jump_twice {
                return Err(ProfileError::NotIncreasing(at));
            }
        }
        Ok(Self { points })
    }

    /// The same rate for ever.
    ///
    /// # Panics
    /// When the rate is not one.
    #[must_use]
    pub fn constant(rate: f64) -> Self {
        Self::new(vec![(SimTime::ZERO, rate)]).expect("a rate from 0 to 10^9 a second")
    }

    /// The rate at an instant, a second; at a jump the later one.
    #[must_use]
    pub fn rate(&self, at: SimTime) -> f64 {
        let next = self.points.partition_point(|point| point.0 <= at);
        let (from, rate) = self.points[next - 1];
        match self.points.get(next) {
            None => rate,
            Some(&(to, other)) => {
                rate + (other - rate) * (at.since(from).as_nanos() as f64 / to.since(from).as_nanos() as f64)
            }
        }
    }

    /// The expected number of arrivals between two instants.
    #[must_use]
    pub fn expected(&self, from: SimTime, to: SimTime) -> f64 {
        let mut sum = 0.0;
        let mut start = from;
        while start < to {
            let next = self.points.partition_point(|point| point.0 <= start);
            let line = Line::between(self.points[next - 1], self.points.get(next), start);
            let part = if to < line.end { Line { end: to, last: self.rate(to), ..line } } else { line };
            sum += part.area();
            start = part.end;
        }
        sum
    }

    /// The instant by which `count` arrivals are expected since `from`, with every rate multiplied by `factor`;
    /// [`SimTime::NEVER`] when that never happens. This is the inverse of the cumulative rate: exact also within ramps.
    #[must_use]
    #[inline]
    pub fn when(&self, from: SimTime, count: f64, factor: f64) -> SimTime {
        match self.points.last() {
            Some(&(last, rate)) if last <= from => at_rate(from, count, rate * factor),
            _ => self.when_along(from, count / factor),
        }
    }

    /// [`Profile::when`] from an instant at which the rate may still change.
    fn when_along(&self, from: SimTime, count: f64) -> SimTime {
        let mut left = count;
        let mut start = from;
        let mut next = self.points.partition_point(|point| point.0 <= start);
        loop {
            let line = Line::between(self.points[next - 1], self.points.get(next), start);
            let area = line.area();
            if left <= area && area > 0.0 || line.end == SimTime::NEVER {
                return line.when(left);
            }
            left -= area;
            start = line.end;
            while self.points.get(next).is_some_and(|point| point.0 <= start) {
                next += 1;
            }
        }
    }
}

/// What is left of a straight line from an instant on.
#[derive(Clone, Copy)]
struct Line {
    start: SimTime,
    /// [`SimTime::NEVER`] after the last point.
    end: SimTime,
    /// The rate at the start.
    rate: f64,
    /// The rate just before the end.
    last: f64,
}

impl Line {
    /// From `start`, which lies on the line between two points or after the last.
    #[inline]
    fn between((from, rate): (SimTime, f64), to: Option<&(SimTime, f64)>, start: SimTime) -> Self {
        match to {
            None => Self { start, end: SimTime::NEVER, rate, last: rate },
            // Most lines are level.
            Some(&(end, last)) if last == rate => Self { start, end, rate, last },
            Some(&(end, last)) => {
                let passed = start.since(from).as_nanos() as f64 / end.since(from).as_nanos() as f64;
                Self { start, end, rate: rate + (last - rate) * passed, last }
            }
        }
    }

    /// How many arrivals are expected along it.
    #[inline]
    fn area(&self) -> f64 {
        (self.rate + self.last) / 2.0 * self.end.since(self.start).as_secs_f64()
    }

    /// When `count` arrivals are expected, which happens on it.
    #[inline]
    fn when(&self, count: f64) -> SimTime {
        if self.last == self.rate {
            return at_rate(self.start, count, self.rate).min(self.end);
        }
        let length = self.end.since(self.start).as_secs_f64();
        let slope = (self.last - self.rate) / length;
        self.start.saturating_add(SimDuration::from_secs_f64(solve(self.rate, slope, count).min(length)))
    }
}

/// When `count` arrivals are expected at a rate that no longer changes.
#[inline]
fn at_rate(from: SimTime, count: f64, rate: f64) -> SimTime {
    if rate > 0.0 { from.saturating_add(SimDuration::from_secs_f64(count / rate)) } else { SimTime::NEVER }
}

/// The x for which rate·x + slope·x²/2 = area, in the form that is stable for small slopes.
fn solve(rate: f64, slope: f64, area: f64) -> f64 {
    let root = (rate * rate + 2.0 * slope * area).max(0.0).sqrt();
    if rate + root > 0.0 { 2.0 * area / (rate + root) } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: f64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs_f64(secs)
    }

    /// 10/s, a ramp to 30/s from 10 s to 20 s, a jump down to 5/s at 30 s.
    fn profile() -> Profile {
        Profile::new(vec![(at(0.0), 10.0), (at(10.0), 10.0), (at(20.0), 30.0), (at(30.0), 30.0), (at(30.0), 5.0)])
            .unwrap()
    }

    #[test]
    fn rates_follow_the_lines() {
        for (secs, rate) in
            [(0.0, 10.0), (9.0, 10.0), (15.0, 20.0), (20.0, 30.0), (29.0, 30.0), (30.0, 5.0), (99.0, 5.0)]
        {
            assert!((profile().rate(at(secs)) - rate).abs() < 1e-9, "at {secs} s");
        }
        assert!((profile().expected(at(0.0), at(40.0)) - (100.0 + 200.0 + 300.0 + 50.0)).abs() < 1e-6);
    }

    #[test]
    fn when_inverts_expected() {
        for from in [0.0, 3.3, 12.5, 19.9, 29.99, 30.0, 45.0] {
            for count in [0.001, 1.0, 7.7, 150.0, 640.0] {
                for factor in [1.0, 2.5] {
                    let end = profile().when(at(from), count, factor);
                    let expected = profile().expected(at(from), end) * factor;
                    assert!((expected - count).abs() < 1e-4, "{count} from {from} s at x{factor}: {expected}");
                }
            }
        }
    }

    #[test]
    fn a_rate_of_zero_waits_for_the_next_line_or_for_ever() {
        let silent = Profile::new(vec![(at(0.0), 0.0), (at(5.0), 0.0), (at(5.0), 1.0)]).unwrap();
        assert_eq!(silent.when(at(0.0), 2.0, 1.0), at(7.0));
        assert_eq!(Profile::constant(0.0).when(at(1.0), 1.0, 1.0), SimTime::NEVER);
    }

    #[test]
    fn a_ramp_down_to_zero_never_passes_its_area() {
        let fading = Profile::new(vec![(at(0.0), 2.0), (at(10.0), 0.0)]).unwrap();
        assert_eq!(fading.when(at(0.0), 10.5, 1.0), SimTime::NEVER);
        assert!((fading.when(at(0.0), 9.99, 1.0).as_secs_f64() - 9.684).abs() < 0.01);
    }

    #[test]
    fn bad_points_are_refused() {
        assert_eq!(Profile::new(vec![]), Err(ProfileError::NoStart));
        assert_eq!(Profile::new(vec![(at(1.0), 1.0)]), Err(ProfileError::NoStart));
        assert_eq!(Profile::new(vec![(at(0.0), f64::NAN)]), Err(ProfileError::BadRate(0)));
        assert_eq!(
            Profile::new(vec![(at(0.0), 1.0), (at(2.0), 1.0), (at(1.0), 1.0)]),
            Err(ProfileError::NotIncreasing(2))
        );
    }
}
