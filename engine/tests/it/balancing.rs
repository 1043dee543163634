//! How callers spread their requests over the instances of a service.
//!
//! One caller of very many instances waits as theory says. Each of many callers balances by itself and knows nothing of the
//! others: what they do together must be no worse than choosing at random, which makes every instance an M/M/1 queue.

use brownout::Simulation;
use brownout::ids::Id;
use brownout::model::{Balancing, Capacity, Layer, PoolSpec, ServiceSpec, Step};
use brownout::traffic::{Arrivals, Profile};

use crate::systems::{Builder, Window, at, call, constant, exponential};
use crate::theory::{Family, replicate};

/// The waits, in services, of one caller of 300 single workers at utilisation 0.8 over some seeds; the workers are `faster`
/// than they should be.
fn waits_of_one_caller(balancing: Balancing, faster: f64) -> Vec<f64> {
    const INSTANCES: u32 = 300;
    replicate(18, |seed| {
        let mut builder = Builder::default();
        let service = builder.service("server", Capacity::Workers(1));
        builder.system.services[service].instances = INSTANCES;
        let serve = builder.endpoint(service, "serve", &[Step::Work(exponential(10.0 / faster))]);
        let ask = builder.dependency(None, service, Vec::new());
        builder.system.dependencies[ask].balancing = balancing;
        builder.poisson(0.8 * 100.0 * f64::from(INSTANCES), call(ask, serve));
        let mut simulation = builder.simulate(seed);
        let window = Window::over(&mut simulation, 3.0, 9.0);
        window.waiting(service) / window.arrived(service) * 100.0
    })
}

/// Two choices among very many at utilisation u: the time in the system is the sum over i >= 1 of u^(2^i - 2) services
/// (Mitzenmacher, The Power of Two Choices in Randomized Load Balancing, 2001), the first of which is the service itself.
/// At random it is M/M/1's u / (1 - u), four times as much; whoever sees every load hardly waits.
#[test]
fn two_choices_wait_as_mitzenmacher_says() {
    let two: f64 = (2..8).map(|i| libm::pow(0.8, f64::from((1 << i) - 2))).sum();
    let family = |choices, blind| {
        let mut family = Family::new("choices");
        family.check("of two".to_owned(), two, 0.02, choices);
        family.check("of one".to_owned(), 4.0, 0.05, blind);
        family
    };
    let (choices, blind) = (Balancing::PowerOfTwo, Balancing::Random);
    family(waits_of_one_caller(choices, 1.0), waits_of_one_caller(blind, 1.0)).verify();
    family(waits_of_one_caller(choices, 1.1), waits_of_one_caller(blind, 1.1)).must_fail();
    let all = waits_of_one_caller(Balancing::LeastRequests, 1.0);
    assert!(all.iter().all(|wait| *wait < 0.01), "{all:?}");
}

/// Twenty callers, which take turns, ask ten single workers. Each works for 10 ms on average at utilisation 0.5.
fn twenty_callers(balancing: Balancing, seed: u64) -> Simulation {
    let mut builder = Builder::default();
    let front = builder.service("front", Capacity::Unlimited);
    let back = builder.service("back", Capacity::Workers(1));
    builder.system.services[front].instances = 20;
    builder.system.services[back].instances = 10;
    let work = builder.endpoint(back, "work", &[Step::Work(exponential(10.0))]);
    let inner = builder.dependency(Some(front), back, Vec::new());
    builder.system.dependencies[inner].balancing = balancing;
    let get = builder.endpoint(front, "get", &[Step::Call(call(inner, work))]);
    let ask = builder.dependency(None, front, Vec::new());
    builder.poisson(500.0, call(ask, get));
    builder.simulate(seed)
}

/// The share of a service's work that each of its instances has done.
fn shares(simulation: &mut Simulation, service: Id<ServiceSpec>) -> Vec<f64> {
    let now = simulation.now();
    let work: Vec<f64> = simulation
        .inspect(|model| model.instances(service).map(|(_, instance)| instance.busy.integral(now) as f64).collect());
    let total: f64 = work.iter().sum();
    work.into_iter().map(|work| work / total).collect()
}

/// The mean time in the backend over some seeds, in milliseconds; every instance must do its tenth of the work.
fn mean_latency(balancing: Balancing) -> f64 {
    let back = Id::from_usize(1);
    let seeds = 0..6;
    let count = seeds.clone().count() as f64;
    let latencies = seeds.map(|seed| {
        let mut simulation = twenty_callers(balancing, seed);
        let window = Window::over(&mut simulation, 20.0, 120.0);
        // 7,000 jobs each: the standard error of a share is 0.0017.
        let shares = shares(&mut simulation, back);
        assert!(shares.iter().all(|share| (share - 0.1).abs() < 0.01), "{balancing:?}, seed {seed}: {shares:?}");
        1e3 * (window.waiting(back) + window.running(back)) / window.arrived(back)
    });
    latencies.sum::<f64>() / count
}

/// M/M/1 at utilisation 0.5: 10 ms / (1 - 0.5). gRPC's and Envoy's round robin begins at random and Envoy's least request
/// draws among ties so that many callers are no worse off than that.
#[test]
fn many_callers_fare_no_worse_in_turn_or_by_load_than_at_random() {
    let random = mean_latency(Balancing::Random);
    assert!((random - 20.0).abs() < 1.0, "at random: {random} ms");
    for balancing in [Balancing::RoundRobin, Balancing::LeastRequests, Balancing::PowerOfTwo] {
        let mean = mean_latency(balancing);
        assert!(mean <= random, "{balancing:?}: {mean} ms, at random {random} ms");
    }
}

/// Each of 30 pools opens its only connection to a replica of its own drawing. The number at one of three replicas is
/// binomial: 0 or 1, or more than 20, of 30 have a probability of 1e-4.
#[test]
fn pools_of_one_connection_do_not_all_lead_to_the_same_replica() {
    let mut builder = Builder::default();
    let app = builder.service("app", Capacity::Unlimited);
    let db = builder.service("db", Capacity::Unlimited);
    builder.system.services[app].instances = 30;
    builder.system.services[db].instances = 3;
    let query = builder.endpoint(db, "query", &[Step::Work(constant(1.0))]);
    let pool = Layer::Pool(PoolSpec { maximum_pool_size: 1, ..PoolSpec::hikaricp() });
    let inner = builder.dependency(Some(app), db, vec![pool]);
    let get = builder.endpoint(app, "get", &[Step::Call(call(inner, query))]);
    let ask = builder.dependency(None, app, Vec::new());
    builder.population(Arrivals::Constant(Profile::constant(300.0)), call(ask, get));
    let mut simulation = builder.simulate(1);
    simulation.run_until(at(60.0));
    // The applications take turns, so a replica's share of the work is its share of the connections.
    let shares = shares(&mut simulation, db);
    assert!(shares.iter().all(|share| (1.5 / 30.0..20.5 / 30.0).contains(share)), "{shares:?}");
}
