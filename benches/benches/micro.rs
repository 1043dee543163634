//! The parts that every request goes through: agenda, histogram, pool, draws.

use std::hint::black_box;

use brownout::kernel::{Agenda, Histogram};
use brownout::model::{Acquire, Pool, PoolSpec};
use brownout::rng::{Distribution, Key};
use brownout::units::{SimDuration, SimTime};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

/// Takes the next event and schedules another: as many stay scheduled as there were.
fn agenda(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("agenda hold");
    for size in [30, 1_000] {
        group.bench_with_input(BenchmarkId::from_parameter(size), &size, |bencher, &size| {
            let mut rng = Key::new(1).rng(0);
            let mut agenda = Agenda::default();
            let delay = |bits: u64| SimDuration::from_nanos(bits % 20_000_000);
            (0..size).for_each(|event: u64| agenda.after(delay(rng.next_bits()), event));
            bencher.iter(|| {
                let event = agenda.next_before(SimTime::NEVER).expect("as many as before");
                agenda.after(delay(rng.next_bits()), event);
            });
        });
    }
    group.finish();
    criterion.bench_function("agenda arm and cancel", |bencher| {
        let mut agenda = Agenda::default();
        let lane = agenda.lane(SimDuration::SECOND);
        bencher.iter(|| {
            let timer = agenda.arm(lane, 0_u64);
            agenda.cancel(timer);
        });
    });
}

fn histogram(criterion: &mut Criterion) {
    let mut rng = Key::new(2).rng(0);
    let spans: Vec<_> = (0..1_024).map(|_| SimDuration::from_nanos(1_000_000 + rng.next_bits() % 99_000_000)).collect();
    let mut histogram = Histogram::default();
    let mut next = spans.iter().cycle();
    criterion.bench_function("histogram record", |bencher| {
        bencher.iter(|| histogram.record(*next.next().expect("an endless cycle")));
    });
    criterion.bench_function("histogram quantiles", |bencher| {
        bencher.iter(|| black_box(&histogram).quantiles([0.5, 0.9, 0.99]));
    });
}

fn pool(criterion: &mut Criterion) {
    let spec = PoolSpec::fixed(20, SimDuration::from_millis(250));
    let mut pool: Pool<u32> = Pool::new(&spec, SimTime::ZERO, 20, Key::new(3));
    criterion.bench_function("pool acquire and release", |bencher| {
        bencher.iter(|| {
            let Acquire::Ready(connection) = pool.acquire(&spec, SimTime::ZERO, 0) else { panic!("a free connection") };
            black_box(pool.release(&spec, SimTime::ZERO, connection, false))
        });
    });
}

fn draws(criterion: &mut Criterion) {
    let key = Key::new(4);
    let laws = [("exponential", Distribution::exponential(2e6)), ("lognormal", Distribution::lognormal(10e6, 1.0))];
    for (name, law) in laws {
        let law = law.expect("allowed parameters");
        let mut site = 0;
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                site += 1;
                law.sample(&mut key.rng(site))
            });
        });
    }
}

criterion_group!(benches, agenda, histogram, pool, draws);
criterion_main!(benches);
