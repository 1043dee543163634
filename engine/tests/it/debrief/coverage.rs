//! The 95 % intervals of differences cover in 93 to 97 % of 1,000 repetitions, rounds that go where the ranking is open included.

use brownout::debrief::{ComparisonSpec, Half};
use brownout::rng::Distribution;

use super::{Noise, compared};

const REPETITIONS: u64 = 1_000;
/// By world, then by option: two that are close, one between, one that is out of the question.
const LOSSES: [[f64; 4]; 3] = [[10.0, 12.0, 20.0, 90.0], [30.0, 27.0, 33.0, 80.0], [50.0, 50.0, 20.0, 70.0]];
const WORLDS: [f64; 3] = [0.5, 0.3, 0.2];

fn spec(does_not_matter: f64) -> ComparisonSpec {
    ComparisonSpec { options: 4, taken: 2, worlds: WORLDS.to_vec(), does_not_matter, lucks: 12, rounds: 30 }
}

fn expected(option: usize) -> f64 {
    WORLDS.iter().zip(LOSSES).map(|(share, losses)| share * losses[option]).sum()
}

/// What came of repeating a comparison.
#[derive(Debug, Default)]
struct Repeated {
    /// How often the interval of the option that was taken against the best one held the truth.
    against_best: u32,
    /// How often that of the first two options did.
    of_pairs: u32,
    rounds: u32,
    /// By option: how often it was thought the best.
    best: [u32; 4],
}

fn repeated(noise: &Noise, does_not_matter: f64) -> Repeated {
    let mut repeated = Repeated::default();
    for repetition in 0..REPETITIONS {
        let comparison =
            compared(&spec(does_not_matter), |job| LOSSES[job.world][job.option] + noise.of(repetition, job));
        let holds = |one: usize, other: usize| {
            let difference = comparison.difference(one, other);
            u32::from((difference.mean - (expected(one) - expected(other))).abs() <= difference.half_width)
        };
        let best = comparison.best();
        repeated.best[best] += 1;
        let other = if best == 2 { 0 } else { 2 };
        repeated.against_best += holds(other, best);
        repeated.of_pairs += holds(0, 1);
        repeated.rounds += comparison.rounds();
    }
    repeated
}

#[track_caller]
fn covers(repeated: &Repeated) {
    let share = |count: u32| f64::from(count) / REPETITIONS as f64;
    for covered in [repeated.against_best, repeated.of_pairs] {
        assert!((0.93..=0.97).contains(&share(covered)), "{repeated:?}");
    }
}

#[test]
fn intervals_cover_where_losses_vary_evenly() {
    let noise = Noise { law: Distribution::erlang(12, 4.0).unwrap(), common: 8.0, own: 3.0 };
    let repeated = repeated(&noise, 1.0);
    covers(&repeated);
    assert!(repeated.rounds > 2 * REPETITIONS as u32, "it took several rounds: {repeated:?}");
    // The truth: 24.0, 24.1, 23.9 and 83; all three are nearly as good, and the last is never thought the best.
    assert!(repeated.best[..3].iter().all(|times| *times > 50) && repeated.best[3] == 0, "{repeated:?}");
}

#[test]
fn intervals_cover_where_losses_are_skewed() {
    let noise = Noise { law: Distribution::exponential(4.0).unwrap(), common: 4.0, own: 1.0 };
    covers(&repeated(&noise, 0.8));
}

#[test]
fn options_out_of_the_question_cost_little() {
    let noise = Noise { law: Distribution::erlang(12, 4.0).unwrap(), common: 8.0, own: 3.0 };
    let comparison = compared(&spec(0.5), |job| LOSSES[job.world][job.option] + noise.of(1, job));
    assert!(!comparison.is_open(3) && comparison.rounds() >= 8, "{}", comparison.rounds());
    assert!(comparison.difference(3, comparison.best()).mean > 40.0);
    let mut last = 0;
    let _ = compared(&spec(0.5), |job| {
        last = if job.option == 3 { job.position } else { last };
        LOSSES[job.world][job.option] + noise.of(1, job)
    });
    assert!(last < 24, "it was not tried any more after the first rounds: {last}");
    // The common luck of options takes most of the variance out of their differences.
    let loss = comparison.loss(0).half_width;
    let difference = comparison.difference(0, 1).half_width;
    assert!(difference * 1.5 < loss, "{difference} of {loss}");
}

/// Why there are two halves: the option that looks best on its own lucks is not as good as it looks there.
#[test]
fn choosing_and_judging_on_the_same_lucks_would_flatter() {
    let noise = Noise { law: Distribution::exponential(4.0).unwrap(), common: 0.0, own: 6.0 };
    let (mut flattered, mut judged) = (0.0, 0.0);
    for repetition in 0..REPETITIONS {
        let spec = ComparisonSpec { lucks: 3, rounds: 1, ..spec(1.0) };
        let mut chosen = [0.0; 4];
        let comparison = compared(&spec, |job| LOSSES[job.world][job.option] + noise.of(repetition, job));
        for world in 0..3 {
            for position in 0..3 {
                for (option, sum) in chosen.iter_mut().enumerate() {
                    let job = brownout::debrief::Job { half: Half::Chooses, world, position, option };
                    *sum += WORLDS[world] * (LOSSES[world][option] + noise.of(repetition, &job)) / 3.0;
                }
            }
        }
        let best = comparison.best();
        flattered += chosen[best] - expected(best);
        judged += comparison.loss(best).mean - expected(best);
    }
    let mean = |sum: f64| sum / REPETITIONS as f64;
    assert!(mean(flattered) < -2.0 && mean(judged).abs() < 1.0, "{} and {}", mean(flattered), mean(judged));
}
