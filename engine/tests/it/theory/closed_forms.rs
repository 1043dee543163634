//! Closed forms of queueing theory, each with its formula, and published values they must reproduce.
//!
//! Rates are a second, times are seconds. `servers` is c, `offered` is the offered load a = lambda / mu in erlangs.

/// Erlang's loss formula (Erlang B): the probability that an arrival to M/M/c/c is refused.
/// B(0, a) = 1; B(c, a) = a B(c-1, a) / (c + a B(c-1, a)) (Cooper, Introduction to Queueing Theory, 1981, eq. 3.12).
pub(crate) fn erlang_b(servers: u32, offered: f64) -> f64 {
    (1..=servers).fold(1.0, |blocked, c| offered * blocked / (f64::from(c) + offered * blocked))
}

/// Erlang's delay formula (Erlang C): the probability that an arrival to M/M/c waits.
/// C = c B / (c - a (1 - B)) (Cooper 1981, eq. 3.19).
pub(crate) fn erlang_c(servers: u32, offered: f64) -> f64 {
    let (c, blocked) = (f64::from(servers), erlang_b(servers, offered));
    c * blocked / (c - offered * (1.0 - blocked))
}

/// The mean wait in the queue of M/M/c: W = C(c, a) / (c mu - lambda).
pub(crate) fn mmc_wait(servers: u32, arrival: f64, service: f64) -> f64 {
    erlang_c(servers, arrival / service) / (f64::from(servers) * service - arrival)
}

/// The stationary distribution of M/M/1/K, K places with the one in service: p(n) proportional to rho^n.
pub(crate) fn mm1k(places: u32, rho: f64) -> Vec<f64> {
    let weights: Vec<f64> = (0..=places).map(|n| libm::pow(rho, f64::from(n))).collect();
    let total: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / total).collect()
}

/// The mean wait in the queue of M/G/1, by Pollaczek and Khinchine: W = rho E\[S\] (1 + cv^2) / (2 (1 - rho)).
pub(crate) fn mg1_wait(arrival: f64, mean_service: f64, cv2: f64) -> f64 {
    let rho = arrival * mean_service;
    rho * mean_service * (1.0 + cv2) / (2.0 * (1.0 - rho))
}

/// The mean sojourn in M/G/1 with processor sharing, whatever the service distribution: E\[S\] / (1 - rho)
/// (Kleinrock, Queueing Systems II, 1976, eq. 4.17).
pub(crate) fn mg1_ps_sojourn(arrival: f64, mean_service: f64) -> f64 {
    mean_service / (1.0 - arrival * mean_service)
}

/// A station of a closed network.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Station {
    /// Visits a cycle times mean service, seconds.
    pub(crate) demand: f64,
    /// Its servers.
    pub(crate) servers: u32,
}

/// Exact mean value analysis of a closed network with exponential FIFO stations (Reiser and Lavenberg, 1980): throughput
/// in cycles a second, and the mean time a cycle spends at each station, for `users` who think `think` seconds.
pub(crate) fn mva(users: u32, think: f64, stations: &[Station]) -> (f64, Vec<f64>) {
    let mut marginals: Vec<Vec<f64>> = stations.iter().map(|_| vec![1.0]).collect();
    let (mut throughput, mut times) = (0.0, Vec::new());
    for population in 1..=users {
        times = stations.iter().zip(&marginals).map(|(station, marginal)| residence(*station, marginal)).collect();
        throughput = f64::from(population) / (think + times.iter().sum::<f64>());
        for (station, marginal) in stations.iter().zip(&mut marginals) {
            *marginal = next_marginal(*station, throughput, population, marginal);
        }
    }
    (throughput, times)
}

/// The time at a station for one more customer, given p(j), j = 0.. of the network with one customer less:
/// D sum over j of (j + 1) / min(j + 1, c) p(j).
fn residence(station: Station, marginal: &[f64]) -> f64 {
    let at = |(j, p): (u32, &f64)| f64::from(j + 1) / f64::from(station.servers.min(j + 1)) * p;
    station.demand * (0..).zip(marginal).map(at).sum::<f64>()
}

/// p(j | n) = X D / min(j, c) p(j - 1 | n - 1), and p(0 | n) is what is left.
fn next_marginal(station: Station, throughput: f64, population: u32, marginal: &[f64]) -> Vec<f64> {
    let rates = (1..=population).map(|j| f64::from(station.servers.min(j)));
    let above: Vec<f64> = rates.zip(marginal).map(|(rate, p)| throughput * station.demand / rate * p).collect();
    let mut next = vec![1.0 - above.iter().sum::<f64>()];
    next.extend(above);
    next
}

/// The asymptotic variance of the time average of f over a birth-death process, in f^2 times seconds:
/// 2 sum over i of (sum over j <= i of (f(j) - mean) p(j))^2 / (birth(i) p(i)) (Whitt, 1992, Asymptotic formulas for Markov
/// processes with applications to simulation, eq. 26). Over a time T the average has about this variance over T.
pub(crate) fn birth_death_variance(births: &[f64], p: &[f64], f: impl Fn(usize) -> f64) -> f64 {
    let mean: f64 = p.iter().enumerate().map(|(state, p)| f(state) * p).sum();
    let part = |state: usize| (f(state) - mean) * p[state];
    // The parts add up to zero; above the median they are added from the far end, which keeps the tail exact.
    let mut sums = vec![0.0; births.len()];
    let (mut below, mut mass) = (0.0, 0.0);
    for state in 0..births.len() {
        below += part(state);
        mass += p[state];
        sums[state] = if mass < 0.5 { below } else { f64::NAN };
    }
    let mut above = 0.0;
    for state in (0..births.len()).rev() {
        above += part(state + 1);
        if sums[state].is_nan() {
            sums[state] = -above;
        }
    }
    2.0 * sums.iter().zip(births).zip(p).map(|((sum, birth), p)| sum * sum / (birth * p)).sum::<f64>()
}

/// The stationary distribution of a birth-death process: p(n + 1) / p(n) = birth(n) / death(n + 1).
pub(crate) fn birth_death(births: &[f64], deaths: &[f64]) -> Vec<f64> {
    let mut weights = vec![1.0_f64];
    for (birth, death) in births.iter().zip(deaths) {
        weights.push(weights[weights.len() - 1] * birth / death);
    }
    let total: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(value: f64, published: f64, tolerance: f64) {
        assert!((value - published).abs() <= tolerance, "{value} instead of {published}");
    }

    /// The usual tables of Erlang B: 1 % blocking at 4.461 erlangs on 10 lines, at 12.03 on 20, at 84.06 on 100.
    #[test]
    fn erlang_b_agrees_with_tables() {
        assert_close(erlang_b(1, 1.0), 0.5, 1e-12);
        assert_close(erlang_b(10, 4.461), 0.01, 5e-6);
        assert_close(erlang_b(20, 12.03), 0.01, 2e-5);
        assert_close(erlang_b(100, 84.06), 0.01, 1e-5);
    }

    /// M/M/20 at 1600/s and 10 ms, as the reference models publish it; M/M/1 waits with probability rho.
    #[test]
    fn erlang_c_agrees_with_published_values() {
        assert_close(erlang_c(20, 16.0), 0.256_078, 5e-7);
        assert_close(mmc_wait(20, 1600.0, 100.0) * 1e3, 0.640_194, 5e-7);
        assert_close(erlang_c(1, 0.7), 0.7, 1e-12);
        assert_close(erlang_c(2, 1.0), 1.0 / 3.0, 1e-12);
    }

    /// At cv^2 = 1 M/G/1 is M/M/1; at 0 the wait halves.
    #[test]
    fn pollaczek_khinchine_contains_mm1_and_md1() {
        assert_close(mg1_wait(0.8, 1.0, 1.0), mmc_wait(1, 0.8, 1.0), 1e-12);
        assert_close(mg1_wait(0.8, 1.0, 0.0), 2.0, 1e-12);
    }

    /// M/M/1/K at rho = 1 is uniform; at K = 1 it is Erlang B.
    #[test]
    fn finite_queue_limits() {
        assert_close(mm1k(4, 1.0)[4], 0.2, 1e-12);
        assert_close(mm1k(1, 0.7)[1], erlang_b(1, 0.7), 1e-12);
    }

    /// One user never waits; with one station and no thinking the station is always busy; a machine repair model with c
    /// stations is its own closed form (Engset's system for c >= users: nobody waits).
    #[test]
    fn mean_value_analysis_limits() {
        let stations = [Station { demand: 0.2, servers: 1 }, Station { demand: 0.3, servers: 1 }];
        assert_close(mva(1, 1.0, &stations).0, 1.0 / 1.5, 1e-12);
        assert_close(mva(50, 0.0, &stations[..1]).0, 5.0, 1e-12);
        assert_close(mva(3, 1.0, &[Station { demand: 0.5, servers: 3 }]).0, 2.0, 1e-12);
        // Two balanced stations, no thinking: X = n / (D (n + 1)).
        let balanced = [Station { demand: 0.5, servers: 1 }; 2];
        assert_close(mva(7, 0.0, &balanced).0, 7.0 / (0.5 * 8.0), 1e-12);
    }

    /// The finite-source queue by its birth-death equations: the same throughput as by mean values.
    #[test]
    fn mean_value_analysis_agrees_with_machine_repair() {
        let (users, think, service, servers) = (12_u32, 1.0, 0.25, 2_u32);
        let births: Vec<f64> = (0..users).map(|n| f64::from(users - n) / think).collect();
        let deaths: Vec<f64> = (1..=users).map(|n| f64::from(n.min(servers)) / service).collect();
        let p = birth_death(&births, &deaths);
        let throughput: f64 = births.iter().zip(&p).map(|(birth, p)| birth * p).sum();
        assert_close(mva(users, think, &[Station { demand: service, servers }]).0, throughput, 1e-9);
    }

    /// The number in M/M/1: 2 rho (1 + rho) / (1 - rho)^4 over mu (Whitt, 1989, Planning queueing simulations, eq. 13).
    #[test]
    fn asymptotic_variance_of_mm1() {
        let rho = 0.7;
        let births = vec![rho; 400];
        let p = birth_death(&births, &[1.0; 400]);
        let variance = birth_death_variance(&births, &p, |n| n as f64);
        assert_close(variance, 2.0 * rho * (1.0 + rho) / libm::pow(1.0 - rho, 4.0), 1e-6);
    }
}
