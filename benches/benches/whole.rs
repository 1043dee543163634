//! Whole runs of M1, and what is done with a running simulation: fork, digest, snapshot.

use std::hint::black_box;

use brownout::Simulation;
use brownout::units::SimTime;
use brownout_benches::{m1, m1_at};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

fn runs(criterion: &mut Criterion) {
    let scenario = m1();
    let warm = m1_at(&scenario, 5);
    let mut group = criterion.benchmark_group("m1");
    group.sample_size(10);
    group.throughput(Throughput::Elements(15_000));
    group.bench_function("10 s", |bencher| {
        bencher.iter_batched(
            || warm.fork(),
            |mut simulation| simulation.run_until(SimTime::from_secs(15)),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn branches(criterion: &mut Criterion) {
    let scenario = m1();
    let simulation = m1_at(&scenario, 30);
    criterion.bench_function("fork", |bencher| bencher.iter(|| black_box(simulation.fork())));
    criterion.bench_function("digest", |bencher| bencher.iter(|| black_box(simulation.digest())));
    criterion.bench_function("snapshot", |bencher| bencher.iter(|| black_box(simulation.snapshot())));
    let bytes = simulation.snapshot();
    criterion.bench_function("from snapshot", |bencher| {
        bencher.iter(|| {
            Simulation::from_snapshot(scenario.clone(), black_box(&bytes)).expect("a snapshot of this scenario")
        });
    });
}

criterion_group!(benches, runs, branches);
criterion_main!(benches);
