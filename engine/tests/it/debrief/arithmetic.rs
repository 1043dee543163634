//! Small worlds whose values follow from arithmetic.

use brownout::debrief::{Comparison, ComparisonError, ComparisonSpec, Half, Job, Standing};

use super::compared;

/// With `p` the deploy is to blame. Rolling back costs 10 then, and 60 otherwise; a hotfix 40 in any case; waiting 100 or 30.
const LOSSES: [[f64; 3]; 2] = [[10.0, 40.0, 100.0], [60.0, 40.0, 30.0]];

fn spec(p: f64, taken: usize) -> ComparisonSpec {
    ComparisonSpec { options: 3, taken, worlds: vec![p, 1.0 - p], does_not_matter: 1.0, lucks: 2, rounds: 20 }
}

fn certain(job: &Job) -> f64 {
    LOSSES[job.world][job.option]
}

#[test]
fn losses_regret_and_what_it_is_worth_to_know_are_those_of_arithmetic() {
    for (p, best, loss) in [(0.9, 0, 15.0), (0.5, 0, 35.0), (0.3, 1, 40.0), (0.05, 2, 33.5)] {
        for taken in 0..3 {
            let comparison = compared(&spec(p, taken), certain);
            assert_eq!(comparison.best(), best, "p {p}");
            let expected = |option: usize| p * LOSSES[0][option] + (1.0 - p) * LOSSES[1][option];
            assert!((comparison.loss(best).mean - loss).abs() < 1e-9 && (expected(best) - loss).abs() < 1e-9);
            let regret = comparison.difference(taken, best);
            assert!((regret.mean - (expected(taken) - loss)).abs() < 1e-9 && regret.half_width == 0.0);
            let standing = if taken == best { Standing::TossUp } else { Standing::Worse };
            assert_eq!(regret.standing(1.0), standing);
            // Whoever knew the world would roll back in the first and wait in the second.
            let informed = comparison.informed_loss();
            assert!((informed.mean - (p * 10.0 + (1.0 - p) * 30.0)).abs() < 1e-9, "{informed:?}");
        }
    }
}

#[test]
fn nothing_is_asked_for_twice_and_nothing_that_is_out_of_the_question() {
    let mut comparison = Comparison::new(spec(0.5, 1)).unwrap();
    let first = comparison.next_round();
    assert_eq!(first.len(), 2 * 2 * 2 * 3, "two lucks, two halves, two worlds, three options");
    assert_eq!(first, comparison.next_round(), "asking changes nothing");
    comparison.fold(&first.iter().map(certain).collect::<Vec<f64>>());
    assert!(comparison.next_round().is_empty(), "what is certain needs no more");
    assert_eq!((comparison.forks(), comparison.rounds()), (24, 1));
    assert!(comparison.is_open(0) && comparison.is_open(1) && !comparison.is_open(2));
    let lucks = |half: Half| first.iter().filter(move |job| job.half == half).map(Job::luck);
    assert!(lucks(Half::Chooses).all(|luck| lucks(Half::Judges).all(|other| luck != other) && luck != 0));
}

#[test]
fn worlds_that_cannot_be_are_not_tried() {
    let mut spec = spec(1.0, 0);
    spec.worlds = vec![0.0, 1.0];
    let comparison = Comparison::new(spec).unwrap();
    assert!(comparison.next_round().iter().all(|job| job.world == 1));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let refused = |change: fn(&mut ComparisonSpec)| {
        let mut spec = spec(0.5, 1);
        change(&mut spec);
        Comparison::new(spec).unwrap_err()
    };
    assert_eq!(refused(|spec| spec.options = 0), ComparisonError::Options);
    assert_eq!(refused(|spec| spec.taken = 3), ComparisonError::Options);
    assert_eq!(refused(|spec| spec.worlds = vec![0.5, 0.6]), ComparisonError::Worlds);
    assert_eq!(refused(|spec| spec.worlds = vec![1.5, -0.5]), ComparisonError::Worlds);
    assert_eq!(refused(|spec| spec.worlds = vec![f64::NAN]), ComparisonError::Worlds);
    for change in [
        (|spec| spec.does_not_matter = 0.0) as fn(&mut ComparisonSpec),
        |spec| spec.lucks = 1,
        |spec| spec.rounds = 0,
        |spec| spec.does_not_matter = f64::NAN,
    ] {
        assert!(matches!(refused(change), ComparisonError::Number(_)));
    }
}

#[test]
fn a_comparison_goes_on_where_it_was_kept() {
    let noisy = |job: &Job| certain(job) + f64::from(job.position * (1 + job.option as u32) % 7);
    let spec = ComparisonSpec { does_not_matter: 0.2, ..spec(0.5, 1) };
    let whole = compared(&spec, noisy);
    assert!(whole.rounds() > 2);
    let mut comparison = Comparison::new(spec).unwrap();
    while !comparison.next_round().is_empty() {
        let kept = serde_json::to_string(&comparison).unwrap();
        comparison = serde_json::from_str(&kept).unwrap();
        let losses: Vec<f64> = comparison.next_round().iter().map(noisy).collect();
        comparison.fold(&losses);
    }
    assert_eq!(comparison, whole);
}
