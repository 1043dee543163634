//! The budgets' documented behaviour, product by product.

use super::*;

const NOW: SimTime = SimTime::ZERO;
const ERROR: ErrorKind = ErrorKind::Internal;

fn at(millis: u64) -> SimTime {
    NOW + SimDuration::from_millis(millis)
}

/// Retries granted in a total outage, everything else standing still.
fn granted(spec: &RetryBudgetSpec, error: ErrorKind) -> usize {
    assert_eq!(spec.validate(), []);
    let mut budget = RetryBudget::new(spec, NOW);
    (0..10_000).filter(|_| budget.try_withdraw(spec, NOW, error).is_some()).count()
}

/// botocore 1.43.67: 500 tokens at 5, 10 (time-outs) or, since 2026, 14 (5 when throttled).
#[test]
fn aws_outage_from_full() {
    let (legacy, current) = (RetryBudgetSpec::aws_legacy(), RetryBudgetSpec::aws_2026());
    let cases = [
        (&legacy, ERROR, 100),
        (&legacy, ErrorKind::Timeout, 50),
        (&legacy, ErrorKind::RateLimited, 100),
        (&current, ERROR, 35),
        (&current, ErrorKind::Timeout, 35),
        (&current, ErrorKind::RateLimited, 100),
    ];
    for (spec, error, retries) in cases {
        assert_eq!(granted(spec, error), retries, "{error:?} with {spec:?}");
    }
}

/// botocore 1.43.67 `release_retry_quota`: 1 without a retry, the last cost after one, nothing for a failure.
#[test]
fn aws_refunds() {
    let spec = RetryBudgetSpec::aws_legacy();
    let mut budget = RetryBudget::new(&spec, NOW);
    let _ = budget.try_withdraw(&spec, NOW, ErrorKind::Timeout);
    let second = budget.try_withdraw(&spec, NOW, ERROR);
    assert_eq!(budget.balance(&spec, NOW), MilliTokens::whole(485));
    budget.on_success(&spec, second);
    assert_eq!(budget.balance(&spec, NOW), MilliTokens::whole(490), "the last cost only");
    budget.on_failure(&spec, ERROR);
    assert_eq!(budget.balance(&spec, NOW), MilliTokens::whole(490));
    (0..3).for_each(|_| budget.on_success(&spec, None));
    assert_eq!(budget.balance(&spec, NOW), MilliTokens::whole(493));
    (0..100).for_each(|_| budget.on_success(&spec, None));
    assert_eq!(budget.balance(&spec, NOW), MilliTokens::whole(500), "never above the capacity");
}

/// With retries that always fail, the 2026 quota settles at one retry in 14 successes.
#[test]
fn aws_sustained_retries_are_a_fourteenth_of_the_successes() {
    let spec = RetryBudgetSpec::aws_2026();
    let mut budget = RetryBudget::new(&spec, NOW);
    while budget.try_withdraw(&spec, NOW, ERROR).is_some() {}
    let before = budget.refused();
    let mut retries = 0;
    for _ in 0..14_000 {
        budget.on_success(&spec, None);
        retries += u32::from(budget.try_withdraw(&spec, NOW, ERROR).is_some());
    }
    // The outage left 500 - 35 x 14 = 10 tokens.
    assert_eq!(retries, 1_000);
    assert_eq!(budget.refused() - before, 13_000);
}

fn grpc() -> RetryBudgetSpec {
    RetryBudgetSpec::GrpcThrottling { max_tokens: MilliTokens::whole(10), token_ratio: MilliTokens::new(100) }
}

/// gRPC proposal A6: with 10 and 0.1, retries are off from the fifth failure on and back above half.
#[test]
fn grpc_five_failures_shut_retries_off() {
    let spec = grpc();
    let mut budget = RetryBudget::new(&spec, NOW);
    let fail = |budget: &mut RetryBudget| {
        budget.on_failure(&spec, ERROR);
        budget.try_withdraw(&spec, NOW, ERROR).is_some()
    };
    let granted: Vec<bool> = (0..6).map(|_| fail(&mut budget)).collect();
    assert_eq!(granted, [true, true, true, true, false, false]);
    (0..10).for_each(|_| budget.on_success(&spec, None));
    assert!(budget.try_withdraw(&spec, NOW, ERROR).is_none(), "5 is not more than half of 10");
    budget.on_success(&spec, None);
    assert!(budget.try_withdraw(&spec, NOW, ERROR).is_some());
    (0..50).for_each(|_| budget.on_failure(&spec, ERROR));
    assert_eq!(budget.balance(&spec, NOW), MilliTokens::whole(0), "never below 0");
}

/// gRPC proposal A6: a failure takes as much as ten successes add, so that one failure in 11 is the balance point.
#[test]
fn grpc_breaks_even_at_one_failure_in_eleven() {
    for (successes, settled) in [(10, 5_100), (11, 10_000), (9, 0)] {
        let spec = grpc();
        let mut budget = RetryBudget::new(&spec, NOW);
        (0..49).for_each(|_| budget.on_failure(&spec, ERROR));
        (0..51).for_each(|_| budget.on_success(&spec, None));
        for _ in 0..10_000 {
            budget.on_failure(&spec, ERROR);
            (0..successes).for_each(|_| budget.on_success(&spec, None));
        }
        let level = budget.balance(&spec, NOW).thousandths();
        assert!(level.abs_diff(settled) <= 1_000, "{successes} successes a failure: {level}");
    }
}

/// 0.1 a first try: attempts a first try are 1.1, whatever each call would have liked.
#[test]
fn ratio_amplification_is_one_and_a_tenth() {
    let (per_first_try, capacity) = (MilliTokens::new(100), MilliTokens::whole(10));
    let spec = RetryBudgetSpec::Ratio { per_first_try, capacity, initial: MilliTokens::default() };
    let mut budget = RetryBudget::new(&spec, NOW);
    let mut retries = 0;
    for _ in 0..100_000 {
        budget.on_first_try(&spec, NOW);
        retries += (0..3).take_while(|_| budget.try_withdraw(&spec, NOW, ERROR).is_some()).count();
    }
    assert_eq!(retries, 10_000);

    (0..100_000).for_each(|_| budget.on_first_try(&spec, NOW));
    assert_eq!(budget.balance(&spec, NOW), capacity, "a quiet time saves up no more than the capacity");
}

/// Finagle (commit 4feb34c): a reserve of 10 a second over 10 s, then one retry in five requests.
#[test]
fn finagle_reserve_and_share() {
    let spec = RetryBudgetSpec::finagle();
    assert_eq!(granted(&spec, ERROR), 100);
    let mut budget = RetryBudget::new(&spec, NOW);
    while budget.try_withdraw(&spec, NOW, ERROR).is_some() {}
    let mut retries = 0;
    for _ in 0..1_000 {
        budget.on_first_try(&spec, NOW);
        retries += u32::from(budget.try_withdraw(&spec, NOW, ERROR).is_some());
    }
    assert_eq!(retries, 200);
}

#[test]
fn finagle_forgets_after_about_the_ttl() {
    let spec = RetryBudgetSpec::finagle();
    let mut budget = RetryBudget::new(&spec, NOW);
    (0..100).for_each(|_| budget.on_first_try(&spec, NOW));
    let balance = |budget: &RetryBudget, millis| budget.balance(&spec, at(millis)).thousandths();
    assert_eq!(balance(&budget, 9_999), 600_000, "reserve 500 and deposits 100");
    assert_eq!(balance(&budget, 10_000), 500_000, "the tenth slice after that of the deposits");
    while budget.try_withdraw(&spec, at(20_000), ERROR).is_some() {}
    assert_eq!(balance(&budget, 20_000), 0);
    assert_eq!(balance(&budget, 60_000), 500_000, "withdrawals are forgotten too");
}

/// Finagle: without a share only the reserve pays, and without a reserve either there is no budget at all.
#[test]
fn finagle_edges() {
    let ttl = SimDuration::from_secs(10);
    let spec = |percent_can_retry, min_retries_per_sec| RetryBudgetSpec::Finagle {
        percent_can_retry,
        min_retries_per_sec,
        ttl,
    };
    assert_eq!(granted(&spec(0.0, 0), ERROR), 0);
    assert_eq!(granted(&spec(0.0, 3), ERROR), 30);
    assert_eq!(granted(&spec(2.0, 3), ERROR), 30);
    assert_eq!(spec(1_000.1, 3).validate()[0].field, "percent_can_retry");
}

#[test]
fn a_smaller_bucket_holds_less_and_another_family_starts_new() {
    let (legacy, current) = (RetryBudgetSpec::aws_legacy(), RetryBudgetSpec::aws_2026());
    let mut budget = RetryBudget::new(&legacy, NOW);
    let _ = budget.try_withdraw(&legacy, NOW, ERROR);
    budget.reconfigure(&legacy, &current, NOW);
    assert_eq!(budget.balance(&current, NOW), MilliTokens::whole(495));
    budget.reconfigure(&current, &grpc(), NOW);
    assert_eq!(budget.balance(&grpc(), NOW), MilliTokens::whole(10));
}
