//! Networks of queues: Jackson's open ones, in tandem and with feedback, and a closed one against exact mean values.
//!
//! An entry service without limits routes each job from queue to queue, as an orchestrating front end does.

use brownout::Simulation;
use brownout::ids::Id;
use brownout::model::{CallStep, Capacity, ServiceSpec, Step};
use brownout::traffic::Arrivals;

use super::closed_forms::{Station, mmc_wait, mva};
use super::{Family, REPLICATIONS, replicate, seconds_each};
use crate::systems::{Builder, Window, call, exponential};

/// A queue: its servers and the mean service of one, seconds.
type Queue = (u32, f64);

/// A network under construction: an entry, and queues it calls.
struct Network {
    builder: Builder,
    entry: Id<ServiceSpec>,
    queues: Vec<(Id<ServiceSpec>, CallStep)>,
}

impl Network {
    fn new(queues: &[Queue], faster: f64) -> Self {
        let mut builder = Builder::default();
        let entry = builder.service("entry", Capacity::Unlimited);
        let mut network = Self { builder, entry, queues: Vec::new() };
        for (servers, mean) in queues {
            let builder = &mut network.builder;
            let queue = builder.service("queue", Capacity::Workers(*servers));
            let serve = builder.endpoint(queue, "serve", &[Step::Work(exponential(mean * 1e3 / faster))]);
            let ask = builder.dependency(Some(entry), queue, Vec::new());
            network.queues.push((queue, call(ask, serve)));
        }
        network
    }

    fn visit(&self, queue: usize) -> Step {
        Step::Call(self.queues[queue].1)
    }

    /// Runs it with a route and arrivals; the mean time in the network and in each queue (per visit), seconds.
    fn measure(mut self, route: &[Step], arrivals: Arrivals, seed: u64, warm_up: f64, seconds: f64) -> Vec<f64> {
        let go = self.builder.endpoint(self.entry, "go", route);
        let ask = self.builder.dependency(None, self.entry, Vec::new());
        self.builder.population(arrivals, call(ask, go));
        let mut simulation: Simulation = self.builder.simulate(seed);
        let window = Window::over(&mut simulation, warm_up, seconds);
        let mut means = vec![window.running(self.entry) / window.arrived(self.entry)];
        for (queue, _) in &self.queues {
            means.push((window.running(*queue) + window.waiting(*queue)) / window.arrived(*queue));
        }
        means.push(window.arrived(self.entry) / window.seconds());
        means
    }
}

fn sojourn((servers, mean): Queue, arrival: f64) -> f64 {
    mmc_wait(servers, arrival, 1.0 / mean) + mean
}

/// Adds one check for each quantity that the replications measured.
fn add(family: &mut Family, label: &str, names: &[&str], expected: &[f64], precision: f64, runs: &[Vec<f64>]) {
    for (index, (name, expected)) in names.iter().zip(expected).enumerate() {
        let samples = runs.iter().map(|run| run[index]).collect();
        family.check(format!("{label}: {name}"), *expected, precision, samples);
    }
}

/// The relative variance of the mean number in M/M/1 at 0.7, a second, is 2 (1 + rho) / (rho (1 - rho)^2) services
/// (Whitt, 1989); half as much again leaves room for what the queues have in common.
fn seconds(mean: f64, precision: f64) -> f64 {
    seconds_each(1.5 * 2.0 * 1.7 / (0.7 * 0.09) * mean, precision)
}

/// Two queues in a row: the departures of the first are Poisson (Burke, 1956), so the second is as if alone.
fn tandem(family: &mut Family, precision: f64, faster: f64) {
    let (first, second, arrival) = ((1, 1e-3), (4, 5e-3), 600.0);
    let runs = replicate(REPLICATIONS, |seed| {
        let network = Network::new(&[first, second], faster);
        let route = [network.visit(0), network.visit(1)];
        let arrivals = Arrivals::Poisson(brownout::traffic::Profile::constant(arrival));
        network.measure(&route, arrivals, seed, 2.0, seconds(2e-3, precision))
    });
    let times = [sojourn(first, arrival), sojourn(second, arrival)];
    let expected = [times[0] + times[1], times[0], times[1]];
    add(family, "tandem", &["response", "first", "second"], &expected, precision, &runs);
}

/// A job visits the first queue, then with probability 0.4 the second, and with probability 0.5 starts again: the flows
/// between the queues are not Poisson, but each queue is as if they were (Jackson, 1957).
fn feedback(family: &mut Family, precision: f64, faster: f64) {
    let (first, second, arrival) = ((1, 1e-3), (2, 4e-3), 320.0);
    let runs = replicate(REPLICATIONS, |seed| {
        let network = Network::new(&[first, second], faster);
        let then = vec![network.visit(1)];
        let body = vec![network.visit(0), Step::Chance { probability: 0.4, then, otherwise: Vec::new() }];
        let arrivals = Arrivals::Poisson(brownout::traffic::Profile::constant(arrival));
        network.measure(&[Step::Repeat { probability: 0.5, body }], arrivals, seed, 2.0, seconds(3e-3, precision))
    });
    let times = [sojourn(first, 2.0 * arrival), sojourn(second, 0.8 * arrival)];
    let expected = [2.0 * times[0] + 0.8 * times[1], times[0], times[1]];
    add(family, "feedback", &["response", "first", "second"], &expected, precision, &runs);
}

/// Thirty users who think for 50 ms, a queue of one server and one of two.
fn closed(family: &mut Family, precision: f64, faster: f64) {
    let (users, think, queues) = (30, 0.05, [(1, 1.5e-3), (2, 4e-3)]);
    let runs = replicate(REPLICATIONS, |seed| {
        let network = Network::new(&queues, faster);
        let route = [network.visit(0), network.visit(1)];
        let arrivals = Arrivals::Closed { users, think: exponential(think * 1e3) };
        network.measure(&route, arrivals, seed, 3.0, seconds(2e-3, precision))
    });
    let stations = queues.map(|(servers, demand)| Station { demand, servers });
    let (throughput, times) = mva(users, think, &stations);
    let expected = [times[0] + times[1], times[0], times[1], throughput];
    add(family, "closed", &["response", "first", "second", "throughput"], &expected, precision, &runs);
}

fn family(precision: f64, faster: f64) -> Family {
    let mut family = Family::new("networks");
    tandem(&mut family, precision, faster);
    feedback(&mut family, precision, faster);
    closed(&mut family, precision, faster);
    family
}

#[test]
fn networks_are_jacksons_and_mean_value_analysis() {
    family(0.02, 1.0).verify();
}

#[test]
fn networks_notice_a_service_rate_wrong_by_a_tenth() {
    family(0.06, 1.1).must_fail();
}
