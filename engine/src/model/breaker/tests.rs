//! Documented behaviour of resilience4j 2.4.0 `CircuitBreaker` unless a test names something else.

use std::collections::VecDeque;

use super::*;
use crate::model::{ErrorKind, ErrorSet};

const FAILURE: Outcome = Err(ErrorKind::Internal);
const SUCCESS: Outcome = Ok(());

/// A breaker, its settings and a clock in milliseconds.
struct Bench {
    spec: BreakerSpec,
    breaker: Breaker,
    now: SimTime,
}

impl Bench {
    fn new(spec: BreakerSpec) -> Self {
        assert_eq!(spec.validate(), []);
        Self { breaker: Breaker::new(&spec), spec, now: SimTime::ZERO }
    }

    fn at(&mut self, millis: u64) -> &mut Self {
        self.now = SimTime::ZERO + SimDuration::from_millis(millis);
        self
    }

    fn acquire(&mut self) -> Result<Permit, NotPermitted> {
        self.breaker.try_acquire(&self.spec, self.now)
    }

    fn permit(&mut self) -> Permit {
        self.acquire().expect("the call is permitted")
    }

    fn record(&mut self, permit: Permit, outcome: Outcome) -> BreakerState {
        self.breaker.record(&self.spec, self.now, permit, &outcome);
        self.breaker.state()
    }

    /// Calls that take no time, all with one outcome.
    fn calls(&mut self, count: usize, outcome: Outcome) -> BreakerState {
        for _ in 0..count {
            let permit = self.permit();
            self.record(permit, outcome);
        }
        self.breaker.state()
    }

    fn timer(&mut self) -> BreakerState {
        self.breaker.on_timer(&self.spec, self.now);
        self.breaker.state()
    }

    fn next_timer(&self) -> Option<SimTime> {
        self.breaker.next_timer(&self.spec)
    }

    fn failure_rate(&self) -> Option<f64> {
        self.breaker.failure_rate(&self.spec, self.now)
    }

    fn force(&mut self, state: BreakerState) {
        self.breaker.force(&self.spec, self.now, state);
    }
}

fn small() -> BreakerSpec {
    BreakerSpec {
        sliding_window_size: 10,
        minimum_number_of_calls: 10,
        wait_duration_in_open_state: SimDuration::from_secs(5),
        permitted_number_of_calls_in_half_open_state: 4,
        ..BreakerSpec::default()
    }
}

/// Open since 0, half-open since 5001 ms, no trial taken yet.
fn half_open(spec: BreakerSpec) -> Bench {
    let mut bench = Bench::new(spec);
    while bench.calls(1, FAILURE) == BreakerState::Closed {}
    bench.at(5001);
    let permit = bench.permit();
    bench.breaker.release(&bench.spec, permit);
    assert_eq!(bench.breaker.state(), BreakerState::HalfOpen);
    bench
}

#[test]
fn defaults_need_a_hundred_calls_and_half_of_them_failed() {
    let mut bench = Bench::new(BreakerSpec::default());
    assert_eq!(bench.calls(99, FAILURE), BreakerState::Closed);
    assert_eq!(bench.failure_rate(), None, "-1 in the product");
    assert_eq!(bench.calls(1, FAILURE), BreakerState::Open);

    let mut bench = Bench::new(BreakerSpec::default());
    bench.calls(51, SUCCESS);
    assert_eq!(bench.calls(49, FAILURE), BreakerState::Closed, "49 % is below the threshold");
    assert_eq!(bench.failure_rate(), Some(49.0));
    assert_eq!(bench.calls(1, FAILURE), BreakerState::Open, "50 % of the last 100 is on the threshold");
}

#[test]
fn defaults_wait_a_minute_and_admit_ten_trials() {
    let mut bench = Bench::new(BreakerSpec::default());
    bench.calls(100, FAILURE);
    assert!(bench.at(60_000).acquire().is_err(), "permitted strictly after the wait only");
    bench.at(60_001);
    let admitted = (0..20).filter(|_| bench.acquire().is_ok()).count();
    assert_eq!(admitted, 10);
    assert_eq!(bench.next_timer(), None, "no longest stay half-open");
}

#[test]
fn a_success_can_open_it_when_it_completes_the_minimum() {
    let mut bench = Bench::new(small());
    bench.calls(5, FAILURE);
    assert_eq!(bench.calls(4, SUCCESS), BreakerState::Closed);
    assert_eq!(bench.calls(1, SUCCESS), BreakerState::Open, "5 of 10 failed");
}

#[test]
fn the_minimum_is_clipped_to_a_count_window_but_not_to_a_time_window() {
    let spec = BreakerSpec { minimum_number_of_calls: 100, ..small() };
    assert_eq!(Bench::new(spec.clone()).calls(10, FAILURE), BreakerState::Open);
    let spec = BreakerSpec { sliding_window_type: SlidingWindowType::TimeBased, ..spec };
    let mut bench = Bench::new(spec);
    assert_eq!(bench.calls(99, FAILURE), BreakerState::Closed);
    assert_eq!(bench.calls(1, FAILURE), BreakerState::Open);
}

#[test]
fn errors_are_ignored_before_they_are_recorded_and_are_successes_otherwise() {
    let recorded = ErrorSet::EMPTY.with(ErrorKind::Timeout).with(ErrorKind::Cancelled);
    let ignored = ErrorSet::EMPTY.with(ErrorKind::Cancelled);
    let mut bench = Bench::new(BreakerSpec { recorded, ignored, ..small() });
    bench.calls(3, Err(ErrorKind::Cancelled));
    bench.calls(4, Err(ErrorKind::Internal));
    bench.calls(2, Err(ErrorKind::Timeout));
    let tally = bench.breaker.buffered(bench.now);
    assert_eq!((tally.calls, tally.failures), (6, 2));
    let totals = bench.breaker.totals();
    assert_eq!((totals.successes, totals.failures, totals.ignored), (4, 2, 3));
}

#[test]
fn slow_is_strictly_longer_and_counts_beside_failure() {
    let limit = SimDuration::from_millis(200);
    let spec = BreakerSpec { slow_call_duration_threshold: limit, slow_call_rate_threshold: 50.0, ..small() };
    let mut bench = Bench::new(spec);
    let permits: Vec<Permit> = (0..10).map(|_| bench.permit()).collect();
    bench.now += limit;
    for permit in &permits[..5] {
        assert_eq!(bench.record(*permit, SUCCESS), BreakerState::Closed, "as long as the limit is not slow");
    }
    bench.now += SimDuration::from_nanos(1);
    bench.record(permits[5], FAILURE);
    for permit in &permits[6..9] {
        assert_eq!(bench.record(*permit, SUCCESS), BreakerState::Closed);
    }
    assert_eq!(bench.record(permits[9], SUCCESS), BreakerState::Open, "5 of 10 slow, 1 of 10 failed");
    let totals = bench.breaker.totals();
    assert_eq!((totals.slow_successes, totals.slow_failures), (4, 1));
    assert_eq!(bench.breaker.slow_call_rate(&bench.spec, bench.now), Some(50.0));
}

#[test]
fn open_refuses_and_counts_until_a_call_comes_after_the_wait() {
    let mut bench = Bench::new(small());
    bench.calls(10, FAILURE);
    assert_eq!(bench.next_timer(), None, "the automatic transition is off by default");
    assert_eq!(bench.at(5000).acquire(), Err(NotPermitted { state: BreakerState::Open }));
    assert_eq!(bench.breaker.not_permitted(), 1);
    assert_eq!(bench.at(90_000).breaker.state(), BreakerState::Open, "no call, no transition");
    bench.permit();
    assert_eq!(bench.breaker.state(), BreakerState::HalfOpen);
    assert_eq!(bench.breaker.not_permitted(), 0, "the half-open metrics are new");
    assert_eq!(bench.breaker.totals().not_permitted, 1);
}

#[test]
fn the_automatic_transition_needs_no_call() {
    let mut bench = Bench::new(BreakerSpec { automatic_transition_from_open_to_half_open_enabled: true, ..small() });
    bench.at(100).calls(10, FAILURE);
    assert_eq!(bench.next_timer(), Some(SimTime::from_nanos(5_100_000_000)));
    assert_eq!(bench.at(5099).timer(), BreakerState::Open, "a timer that comes early does nothing");
    assert_eq!(bench.at(5100).timer(), BreakerState::HalfOpen);
    assert_eq!(bench.timer(), BreakerState::HalfOpen, "a timer that is not wanted does nothing");
}

#[test]
fn half_open_decides_when_the_trials_are_in() {
    for (failures, then) in [(0, BreakerState::Closed), (1, BreakerState::Closed), (2, BreakerState::Open)] {
        let mut bench = half_open(small());
        let permits: Vec<Permit> = (0..4).map(|_| bench.permit()).collect();
        assert_eq!(bench.acquire(), Err(NotPermitted { state: BreakerState::HalfOpen }));
        for (index, permit) in permits.into_iter().enumerate() {
            assert_eq!(bench.breaker.state(), BreakerState::HalfOpen);
            bench.record(permit, if index < failures { FAILURE } else { SUCCESS });
        }
        assert_eq!(bench.breaker.state(), then, "{failures} of 4 failed");
    }
}

#[test]
fn half_open_decides_early_when_the_minimum_is_below_the_trials() {
    let mut bench = half_open(BreakerSpec { minimum_number_of_calls: 2, ..small() });
    assert_eq!(bench.calls(1, SUCCESS), BreakerState::HalfOpen);
    assert_eq!(bench.calls(1, SUCCESS), BreakerState::Closed);
}

#[test]
fn a_trial_without_a_result_makes_room_for_another() {
    let mut bench = half_open(BreakerSpec { ignored: ErrorSet::EMPTY.with(ErrorKind::Cancelled), ..small() });
    let permits: Vec<Permit> = (0..4).map(|_| bench.permit()).collect();
    bench.breaker.release(&bench.spec, permits[0]);
    bench.permit();
    assert!(bench.acquire().is_err());
    bench.record(permits[1], Err(ErrorKind::Cancelled));
    bench.permit();
    assert!(bench.acquire().is_err());
    assert_eq!(bench.breaker.buffered(bench.now).calls, 0);
}

#[test]
fn the_longest_stay_half_open_leads_where_the_spec_says() {
    let second = SimDuration::SECOND;
    for (target, state) in
        [(AfterHalfOpenWait::Open, BreakerState::Open), (AfterHalfOpenWait::Closed, BreakerState::Closed)]
    {
        let spec = BreakerSpec {
            max_wait_duration_in_half_open_state: second,
            transition_to_state_after_wait_duration: target,
            ..small()
        };
        let mut bench = half_open(spec);
        bench.calls(3, SUCCESS);
        assert_eq!(bench.next_timer(), Some(SimTime::from_nanos(6_001_000_000)));
        assert_eq!(bench.at(6001).timer(), state);
    }
}

#[test]
fn reopening_starts_the_wait_again_and_shows_the_half_open_window() {
    let mut bench = half_open(small());
    assert_eq!(bench.calls(4, FAILURE), BreakerState::Open);
    assert_eq!((bench.breaker.buffered(bench.now).calls, bench.failure_rate()), (4, Some(100.0)));
    assert!(bench.at(10_001).acquire().is_err());
    assert!(bench.at(10_002).acquire().is_ok());
    let totals = bench.breaker.totals();
    assert_eq!((totals.entered(BreakerState::Open), totals.entered(BreakerState::HalfOpen)), (2, 2));
    assert_eq!(totals.transitions(), 4);
}

/// `CircuitBreakerStateMachine`: the wait is that of the number of openings since the breaker was closed, 1 s doubling up
/// to 3 s here; closing begins anew.
#[test]
fn the_open_state_grows_with_every_failed_trial() {
    let growth = OpenGrowth { multiplier: 2.0, cap: SimDuration::from_secs(3) };
    let wait_duration_in_open_state = SimDuration::SECOND;
    let mut bench = Bench::new(BreakerSpec { wait_duration_in_open_state, open_growth: Some(growth), ..small() });
    bench.calls(10, FAILURE);
    let mut opened = 0;
    for wait in [1_000, 2_000, 3_000, 3_000] {
        assert!(bench.at(opened + wait).acquire().is_err(), "open for {wait} ms");
        assert_eq!(bench.at(opened + wait + 1).calls(4, FAILURE), BreakerState::Open);
        opened += wait + 1;
    }
    assert_eq!(bench.at(opened + 3_001).calls(4, SUCCESS), BreakerState::Closed);
    bench.calls(10, FAILURE);
    opened += 3_001;
    assert!(bench.at(opened + 1_000).acquire().is_err());
    assert!(bench.at(opened + 1_001).acquire().is_ok(), "the first opening again");
}

#[test]
fn late_results_are_recorded_while_open_but_change_nothing() {
    let mut bench = Bench::new(small());
    let late = bench.permit();
    bench.calls(10, FAILURE);
    assert_eq!(bench.at(7000).record(late, SUCCESS), BreakerState::Open);
    assert_eq!(bench.failure_rate(), Some(90.0), "it pushed the oldest failure out of the window it opened on");

    bench.force(BreakerState::Closed);
    let late = bench.permit();
    bench.calls(10, FAILURE);
    let opened = bench.breaker.generation();
    bench.at(11_000).record(late, FAILURE);
    assert_eq!(bench.breaker.generation(), opened, "it does not open a second time");
    assert!(bench.at(12_001).acquire().is_ok(), "nor is the wait longer for it");
}

#[test]
fn late_results_count_as_trials_in_resilience4j_and_as_nothing_in_gobreaker() {
    for (late_results, state, late) in
        [(LateResults::Count, BreakerState::Open, 0), (LateResults::Ignore, BreakerState::HalfOpen, 4)]
    {
        let mut bench = Bench::new(BreakerSpec { late_results, ..small() });
        let permits: Vec<Permit> = (0..4).map(|_| bench.permit()).collect();
        bench.calls(10, FAILURE);
        bench.at(5001).permit();
        for permit in permits {
            bench.record(permit, FAILURE);
        }
        assert_eq!((bench.breaker.state(), bench.breaker.totals().late), (state, late), "{late_results:?}");
    }
}

#[test]
fn states_by_hand() {
    let mut bench = Bench::new(small());
    bench.force(BreakerState::Disabled);
    assert_eq!(bench.calls(50, FAILURE), BreakerState::Disabled);
    assert_eq!(bench.breaker.buffered(bench.now), Tally::default());
    assert_eq!(bench.breaker.totals().failures, 0, "disabled counts nothing");

    bench.force(BreakerState::MetricsOnly);
    assert_eq!(bench.calls(50, FAILURE), BreakerState::MetricsOnly);
    assert_eq!((bench.breaker.buffered(bench.now).calls, bench.failure_rate()), (10, Some(100.0)));

    bench.force(BreakerState::ForcedOpen);
    assert!(bench.at(9_000_000).acquire().is_err(), "no wait ends it");
    assert_eq!(bench.next_timer(), None);

    bench.force(BreakerState::Closed);
    assert_eq!(bench.calls(9, FAILURE), BreakerState::Closed, "it starts empty");
    assert_eq!(bench.calls(1, FAILURE), BreakerState::Open);
    bench.force(BreakerState::Closed);
    assert_eq!(bench.calls(9, FAILURE), BreakerState::Closed);
}

#[test]
fn a_time_window_forgets_whole_seconds() {
    let window = SlidingWindowType::TimeBased;
    let mut bench = Bench::new(BreakerSpec { sliding_window_type: window, ..small() });
    bench.at(900).calls(9, FAILURE);
    bench.at(9_999).calls(1, SUCCESS);
    assert_eq!(bench.breaker.state(), BreakerState::Open, "second 0 is within 0..=9");

    bench.force(BreakerState::Closed);
    bench.at(20_900).calls(9, FAILURE);
    bench.at(30_000);
    assert_eq!(bench.breaker.buffered(bench.now).calls, 0, "second 20 is out of 21..=30");
    assert_eq!(bench.calls(9, FAILURE), BreakerState::Closed);
    bench.at(500_000).calls(3, SUCCESS);
    assert_eq!(bench.breaker.buffered(bench.now).calls, 3, "after a long silence");
}

/// The reference model of the benchmarks: last 100 calls, at least 50 % failed, open 5 s, 10 trials, late results out.
#[test]
fn the_reference_models_breaker_is_a_spec() {
    let wait_duration_in_open_state = SimDuration::from_secs(5);
    let spec = BreakerSpec { wait_duration_in_open_state, late_results: LateResults::Ignore, ..BreakerSpec::default() };
    let mut bench = Bench::new(spec);
    let late = bench.permit();
    bench.calls(50, SUCCESS);
    assert_eq!(bench.calls(50, FAILURE), BreakerState::Open);
    bench.at(5001);
    assert_eq!(bench.calls(9, SUCCESS), BreakerState::HalfOpen);
    assert_eq!(bench.record(late, SUCCESS), BreakerState::HalfOpen);
    assert_eq!(bench.calls(1, SUCCESS), BreakerState::Closed);
}

#[test]
fn settings_change_at_run_time() {
    let mut bench = Bench::new(small());
    bench.calls(10, FAILURE);
    let shorter = BreakerSpec { wait_duration_in_open_state: SimDuration::SECOND, ..small() };
    bench.breaker.reconfigure(&small(), &shorter, bench.now);
    bench.spec = shorter;
    assert!(bench.at(1000).acquire().is_err());
    assert!(bench.at(1001).acquire().is_ok());

    let more = BreakerSpec { permitted_number_of_calls_in_half_open_state: 6, ..bench.spec.clone() };
    bench.breaker.reconfigure(&bench.spec, &more, bench.now);
    bench.spec = more;
    assert_eq!((0..20).filter(|_| bench.acquire().is_ok()).count(), 6, "the trial begins anew");

    bench.force(BreakerState::Closed);
    bench.calls(5, FAILURE);
    let lower = BreakerSpec { minimum_number_of_calls: 6, ..bench.spec.clone() };
    bench.breaker.reconfigure(&bench.spec, &lower, bench.now);
    bench.spec = lower;
    assert_eq!(bench.calls(1, FAILURE), BreakerState::Open, "the window was kept");

    bench.force(BreakerState::Closed);
    bench.calls(5, FAILURE);
    let wider = BreakerSpec { sliding_window_size: 20, ..bench.spec.clone() };
    bench.breaker.reconfigure(&bench.spec, &wider, bench.now);
    assert_eq!(bench.breaker.buffered(bench.now).calls, 0, "another size, another window");
}

#[test]
fn settings_the_product_refuses_are_named() {
    let broken = BreakerSpec {
        sliding_window_size: 0,
        minimum_number_of_calls: 0,
        failure_rate_threshold: 0.0,
        slow_call_rate_threshold: f64::NAN,
        slow_call_duration_threshold: SimDuration::ZERO,
        wait_duration_in_open_state: SimDuration::from_micros(999),
        permitted_number_of_calls_in_half_open_state: MAX_WINDOW + 1,
        max_wait_duration_in_half_open_state: SimDuration::from_nanos(1),
        ..BreakerSpec::default()
    };
    let mut fields: Vec<&str> = broken.validate().into_iter().map(|issue| issue.field).collect();
    fields.sort_unstable();
    let expected = [
        "failure_rate_threshold",
        "max_wait_duration_in_half_open_state",
        "minimum_number_of_calls",
        "permitted_number_of_calls_in_half_open_state",
        "sliding_window_size",
        "slow_call_duration_threshold",
        "slow_call_rate_threshold",
        "wait_duration_in_open_state",
    ];
    assert_eq!(fields, expected);
    let above = BreakerSpec { failure_rate_threshold: 100.1, ..BreakerSpec::default() };
    assert_eq!(above.validate().len(), 1);
}

#[test]
fn a_loaded_snapshot_goes_on_the_same() {
    let mut bench = half_open(small());
    bench.calls(2, SUCCESS);
    let bytes = postcard::to_allocvec(&bench.breaker).expect("serialises");
    let loaded: Breaker = postcard::from_bytes(&bytes).expect("deserialises");
    assert_eq!(loaded, bench.breaker);
    bench.breaker = loaded;
    assert_eq!(bench.calls(2, SUCCESS), BreakerState::Closed);
}

/// A window that keeps every call and counts anew each time.
struct Naive {
    kept: VecDeque<(u64, bool, bool)>,
}

impl Naive {
    fn record(&mut self, spec: &BreakerSpec, now: SimTime, failed: bool, slow: bool) -> Tally {
        self.kept.push_back((now.whole_secs(), failed, slow));
        let size = u64::from(spec.sliding_window_size);
        match spec.sliding_window_type {
            SlidingWindowType::CountBased => {
                let surplus = self.kept.len().saturating_sub(size as usize);
                self.kept.drain(..surplus);
            }
            SlidingWindowType::TimeBased => self.kept.retain(|(second, ..)| now.whole_secs() - second < size),
        }
        let count = |wanted: fn(bool, bool) -> bool| {
            self.kept.iter().filter(|(_, failed, slow)| wanted(*failed, *slow)).count() as u64
        };
        Tally {
            calls: count(|_, _| true),
            failures: count(|failed, _| failed),
            slow: count(|_, slow| slow),
            slow_failures: count(|failed, slow| failed && slow),
        }
    }
}

#[test]
fn windows_agree_with_a_naive_model() {
    use SlidingWindowType::{CountBased, TimeBased};
    let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
    for (sliding_window_type, sliding_window_size) in [
        (CountBased, 1),
        (CountBased, 31),
        (CountBased, 32),
        (CountBased, 33),
        (CountBased, 100),
        (TimeBased, 1),
        (TimeBased, 7),
    ] {
        let spec = BreakerSpec { sliding_window_type, sliding_window_size, ..BreakerSpec::default() };
        let (mut window, mut naive) = (Window::closed(&spec), Naive { kept: VecDeque::new() });
        let mut now = SimTime::ZERO;
        for step in 0..100_000 {
            bits ^= bits << 13;
            bits ^= bits >> 7;
            bits ^= bits << 17;
            // Mostly tens of milliseconds apart, now and then a silence of seconds.
            let gap = if bits >> 56 == 0 { bits >> 20 & 0x3fff } else { bits >> 20 & 0x7f };
            now += SimDuration::from_millis(gap);
            let (failed, slow) = (bits & 1 == 0, bits & 6 == 0);
            let expected = naive.record(&spec, now, failed, slow);
            assert_eq!(window.record(now, failed, slow), expected, "step {step} of {spec:?}");
            assert_eq!(window.tally(now), expected);
        }
    }
}

#[test]
fn a_large_window_takes_memory_only_for_what_it_holds() {
    let spec = BreakerSpec { sliding_window_size: MAX_WINDOW, ..BreakerSpec::default() };
    let mut window = Window::closed(&spec);
    for _ in 0..65 {
        window.record(SimTime::ZERO, true, false);
    }
    let bytes = postcard::to_allocvec(&window).expect("serialises").len();
    assert!(bytes < 64, "{bytes} bytes for 65 calls");
}
