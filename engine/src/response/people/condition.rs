//! How somebody is: awake for how long, woken when, and what that does to their speed.
//!
//! Sleep inertia fades exponentially (Jewett et al., Time course of sleep inertia dissipation in human performance and alertness,
//! 1999); long wakefulness slows down from the sixteenth hour on.

use crate::units::{SimDuration, SimTime};

use super::spec::Habits;

/// How long one can be awake before it shows.
const WAKEFUL: SimDuration = SimDuration::from_secs(16 * 3_600);
/// Nobody at work is slower than this by tiredness.
const SLOWEST: f64 = 0.3;

/// The share of one's speed that is there: 1 for somebody who is wide awake.
///
/// `woken` is when they were woken out of their sleep, `None` if they were not; `awake_since` is how long before the start of
/// the simulation they got up, for those.
#[must_use]
pub(super) fn alertness(habits: &Habits, woken: Option<SimTime>, awake: SimDuration, now: SimTime) -> f64 {
    let inertia = woken.map_or(0.0, |woken| {
        let since = now.since(woken).as_secs_f64() / habits.inertia_fades.as_secs_f64().max(1.0);
        habits.inertia * libm::exp(-since)
    });
    let tired = awake.saturating_sub(WAKEFUL).as_secs_f64() / 3_600.0 * habits.tiring;
    (1.0 - inertia - tired).max(SLOWEST)
}

/// The speed at which somebody gets on with a task: 1 for somebody who knows the service well, is wide awake, and has nothing
/// else to do.
#[must_use]
pub(super) fn speed(habits: &Habits, skill: f64, alertness: f64, load: f64) -> f64 {
    (habits.stranger_speed + (1.0 - habits.stranger_speed) * skill) * alertness * (1.0 - load)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleep_inertia_fades_as_measured() {
        let habits = Habits::default();
        let missing = |minutes: u64| {
            let now = SimTime::from_secs(minutes * 60);
            (1.0 - alertness(&habits, Some(SimTime::ZERO), SimDuration::ZERO, now)) / habits.inertia
        };
        // What is left of the deficit with a time constant of 1.17 h.
        for (minutes, left) in [(0, 1.0), (15, 0.81), (30, 0.65), (60, 0.43), (120, 0.18)] {
            assert!((missing(minutes) - left).abs() < 0.006, "{minutes} min: {}", missing(minutes));
        }
    }

    #[test]
    fn tiredness_begins_after_sixteen_hours_and_has_an_end() {
        let habits = Habits::default();
        let after = |hours: u64| alertness(&habits, None, SimDuration::from_secs(hours * 3_600), SimTime::ZERO);
        assert_eq!(after(16).to_bits(), 1.0f64.to_bits());
        assert!((after(18) - 0.9).abs() < 1e-12);
        assert_eq!(after(100).to_bits(), SLOWEST.to_bits());
    }
}
