//! Callers that give up: what becomes of the work with and without a deadline that travels, with and without cancellation.
//!
//! Every request comes at an instant of its own choosing, and messages take 5 ms, so that the work done can be counted.

use brownout::Simulation;
use brownout::ids::Id;
use brownout::model::{Capacity, ErrorKind, Layer, LinkSpec, OnLoss, ServiceSpec, Step};
use brownout::traffic::{Arrivals, TraceEntry};

use crate::systems::{Builder, at, call, constant, ms};

/// What a dependency does when its caller gives up.
#[derive(Clone, Copy)]
struct Manners {
    cancels: bool,
    propagates_deadline: bool,
}

const SILENT: Manners = Manners { cancels: false, propagates_deadline: false };
const DEADLINE: Manners = Manners { cancels: false, propagates_deadline: true };
const CANCEL: Manners = Manners { cancels: true, propagates_deadline: false };
const BOTH: Manners = Manners { cancels: true, propagates_deadline: true };

fn mannered(builder: &mut Builder, dependency: Id<brownout::model::DependencySpec>, manners: Manners) {
    let spec = &mut builder.system.dependencies[dependency];
    spec.cancels = manners.cancels;
    spec.propagates_deadline = manners.propagates_deadline;
    spec.link = LinkSpec { latency: constant(5.0), loss: 0.0, on_loss: OnLoss::Drop };
}

fn trace(times: &[f64]) -> Arrivals {
    Arrivals::Trace(times.iter().map(|time| TraceEntry { at: at(*time), entry: None }).collect())
}

/// The work that a service's workers have done, in milliseconds.
fn worked(simulation: &mut Simulation, service: Id<ServiceSpec>) -> f64 {
    simulation.inspect(|model| model.busy_integral(service)) as f64 / 1e6
}

fn errors(simulation: &Simulation, service: Id<ServiceSpec>, kind: ErrorKind) -> u64 {
    simulation.recording().totals.services[service.index()].errors[kind as usize]
}

/// One worker, 100 ms of work, callers A, B and C at 0, 10 and 12 ms who wait for 50 ms: A has the worker from 5 ms on.
/// In order: the work done in milliseconds; how many of the service's jobs succeeded, ended at their deadline, were
/// cancelled.
fn one_service(manners: Manners) -> (f64, [u64; 3]) {
    let mut builder = Builder::default();
    let service = builder.service("server", Capacity::Workers(1));
    let serve = builder.endpoint(service, "serve", &[Step::Work(constant(100.0))]);
    let ask = builder.dependency(None, service, vec![Layer::Timeout(ms(50.0))]);
    mannered(&mut builder, ask, manners);
    builder.population(trace(&[0.0, 0.010, 0.012]), call(ask, serve));
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(2.0));
    let flow = &simulation.recording().totals.populations[0];
    assert_eq!((flow.errors[ErrorKind::Timeout as usize], flow.finished()), (3, 3), "every caller has given up");
    assert!(simulation.audit().is_empty());
    let succeeded = simulation.recording().totals.services[service.index()].succeeded;
    let [late, cancelled] =
        [ErrorKind::DeadlineExceeded, ErrorKind::Cancelled].map(|kind| errors(&simulation, service, kind));
    (worked(&mut simulation, service), [succeeded, late, cancelled])
}

/// All three are worked on to the end, for nobody.
#[test]
fn without_either_the_work_goes_on() {
    assert_eq!(one_service(SILENT), (300.0, [3, 0, 0]));
}

/// A's work is not interrupted; B's and C's, whose deadlines have passed when the worker is free, is never begun.
#[test]
fn with_a_deadline_work_is_not_begun_after_it() {
    assert_eq!(one_service(DEADLINE), (100.0, [0, 3, 0]));
}

/// A is stopped at 55 ms, when the news comes, and the worker goes to B, which is stopped at 65 ms, and then to C, whose
/// caller has given up at 62 ms but whose cancellation comes at 67 ms.
#[test]
fn with_cancellation_the_worker_is_freed() {
    assert_eq!(one_service(CANCEL), (62.0, [0, 0, 3]));
}

/// As with cancellation, but C, whose turn comes at 65 ms, knows that its deadline was at 62 ms.
#[test]
fn with_both_the_worker_is_freed_and_nothing_is_begun_too_late() {
    assert_eq!(one_service(BOTH), (60.0, [0, 1, 2]));
}

/// A client who waits for 50 ms, a front end, and a back end that works for 30, 30 and 40 ms: the work done there, in
/// milliseconds.
fn chain(outer: Manners, inner: Manners) -> f64 {
    let mut builder = Builder::default();
    let front = builder.service("front", Capacity::Workers(1));
    let back = builder.service("back", Capacity::Workers(1));
    let steps = [30.0, 30.0, 40.0].map(|work| Step::Work(constant(work)));
    let work = builder.endpoint(back, "work", &steps);
    let to_back = builder.dependency(Some(front), back, Vec::new());
    mannered(&mut builder, to_back, inner);
    let page = builder.endpoint(front, "page", &[Step::Call(call(to_back, work))]);
    let to_front = builder.dependency(None, front, vec![Layer::Timeout(ms(50.0))]);
    mannered(&mut builder, to_front, outer);
    builder.population(trace(&[0.0]), call(to_front, page));
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(2.0));
    assert!(simulation.audit().is_empty());
    assert_eq!(simulation.recording().totals.populations[0].errors[ErrorKind::Timeout as usize], 1);
    worked(&mut simulation, back)
}

/// The back end starts at 10 ms. Cancelled, it hears of it at 60 ms; with a deadline at 50 ms it looks at the clock
/// between its steps, at 70 ms. Either must be passed on by both dependencies.
#[test]
fn giving_up_reaches_the_back_end_only_if_everybody_passes_it_on() {
    assert!((chain(CANCEL, CANCEL) - 50.0).abs() < 1e-9);
    assert!((chain(DEADLINE, DEADLINE) - 60.0).abs() < 1e-9);
    for (outer, inner) in [
        (SILENT, SILENT),
        (CANCEL, SILENT),
        (SILENT, CANCEL),
        (DEADLINE, SILENT),
        (SILENT, DEADLINE),
        (CANCEL, DEADLINE),
        (DEADLINE, CANCEL),
    ] {
        assert!((chain(outer, inner) - 100.0).abs() < 1e-9, "somebody did not pass it on");
    }
}
