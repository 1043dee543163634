//! The laws under test, each with raw moments and a distribution function that share nothing with the implementation:
//! textbook formulas, and statrs 0.19.

use statrs::distribution::{ContinuousCDF, Erlang, Exp, LogNormal, Normal, Pareto, Weibull};
use statrs::function::gamma::gamma;

use crate::rng::Distribution;

/// A law and what is known about it from elsewhere.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) law: Distribution,
    /// E X, E X^2, E X^3, E X^4.
    pub(super) raw: [f64; 4],
    pub(super) cdf: Box<dyn Fn(f64) -> f64>,
    /// The same law with one parameter 10 % off.
    pub(super) wrong: Vec<Distribution>,
}

impl Case {
    pub(super) fn variance(&self) -> f64 {
        self.raw[1] - self.raw[0] * self.raw[0]
    }

    /// E (X - E X)^4.
    pub(super) fn fourth_central(&self) -> f64 {
        let [m, m2, m3, m4] = self.raw;
        m4 - 4.0 * m * m3 + 6.0 * m * m * m2 - 3.0 * m * m * m * m
    }
}

/// Every continuous family with several parameters.
pub(super) fn all() -> Vec<Case> {
    let mut cases = vec![uniform(0.0, 4.0), uniform(3e6, 5e6), exponential(0.02), exponential(5e6)];
    cases.extend([erlang(1, 3.0), erlang(2, 7e6), erlang(17, 1.0), erlang(64, 12.0)]);
    cases
        .extend([hyperexponential(&[(3.0, 1.0), (1.0, 9.0)]), hyperexponential(&[(0.2, 5e6), (0.5, 1e6), (0.3, 2e7)])]);
    cases.extend([balanced(5e6, 1.0), balanced(2.0, 2.0), balanced(1.0, 5.0)]);
    cases.extend([lognormal(20e6, 0.1), lognormal(3.0, 0.8), lognormal(1.0, 1.0), lognormal(5e6, 2.0)]);
    cases.extend([weibull(0.7, 2.0), weibull(1.0, 5e6), weibull(1.5, 3.0), weibull(4.0, 1e6)]);
    cases.extend([
        gamma_law(0.3, 2.0),
        gamma_law(0.9, 5e6),
        gamma_law(1.0, 1.0),
        gamma_law(4.5, 0.1),
        gamma_law(60.0, 3.0),
    ]);
    cases.extend([pareto(0.5, 1.0, 50.0), pareto(1.0, 2.0, 100.0), pareto(1.5, 1e6, 1e8), pareto(2.0, 1.0, 20.0)]);
    cases.extend([pareto(3.0, 5.0, 6.0), pareto(1.2, 1.0, 1.05)]);
    cases.extend([truncated_normal(10.0, 2.0, 5.0, 12.0), truncated_normal(1.0, 1.0, 0.0, f64::INFINITY)]);
    cases.extend([truncated_normal(-3.0, 1.0, 0.0, 4.0), truncated_normal(9e6, 1e6, 2e6, 6e6)]);
    cases
}

fn law(result: Result<Distribution, crate::rng::DistributionError>) -> Distribution {
    result.expect("parameters are allowed")
}

fn raw(moment: impl Fn(i32) -> f64) -> [f64; 4] {
    [moment(1), moment(2), moment(3), moment(4)]
}

fn power(base: f64, exponent: i32) -> f64 {
    (0..exponent).fold(1.0, |product, _| product * base)
}

fn factorial(n: i32) -> f64 {
    (1..=n).fold(1.0, |product, k| product * f64::from(k))
}

fn uniform(low: f64, high: f64) -> Case {
    let moment = |n| (power(high, n + 1) - power(low, n + 1)) / (f64::from(n + 1) * (high - low));
    Case {
        name: format!("uniform({low}, {high})"),
        law: law(Distribution::uniform(low, high)),
        raw: raw(moment),
        cdf: Box::new(move |x| ((x - low) / (high - low)).clamp(0.0, 1.0)),
        wrong: vec![law(Distribution::uniform(low, high * 1.1)), law(Distribution::uniform(low + high * 0.1, high))],
    }
}

fn exponential(mean: f64) -> Case {
    let reference = Exp::new(1.0 / mean).expect("a rate");
    Case {
        name: format!("exponential({mean})"),
        law: law(Distribution::exponential(mean)),
        raw: raw(|n| factorial(n) * power(mean, n)),
        cdf: Box::new(move |x| reference.cdf(x)),
        wrong: vec![law(Distribution::exponential(mean * 1.1)), law(Distribution::exponential(mean * 0.9))],
    }
}

fn erlang(stages: u32, mean: f64) -> Case {
    let (shape, scale) = (f64::from(stages), mean / f64::from(stages));
    let reference = Erlang::new(stages.into(), 1.0 / scale).expect("stages and a rate");
    Case {
        name: format!("erlang({stages}, {mean})"),
        law: law(Distribution::erlang(stages, mean)),
        raw: raw(|n| rising(shape, n) * power(scale, n)),
        cdf: Box::new(move |x| reference.cdf(x)),
        wrong: vec![
            law(Distribution::erlang(stages, mean * 1.1)),
            law(Distribution::erlang(stages + stages.div_ceil(10), mean)),
        ],
    }
}

/// a (a + 1) ... (a + n - 1).
fn rising(a: f64, n: i32) -> f64 {
    (0..n).fold(1.0, |product, k| product * (a + f64::from(k)))
}

fn hyperexponential(phases: &[(f64, f64)]) -> Case {
    let mut heavier = phases.to_vec();
    // With a share near 0.3 this makes the share a tenth higher.
    heavier[phases.len() - 1].0 *= 1.15;
    let mut longer = phases.to_vec();
    longer[1].1 *= 1.1;
    let wrong = vec![law(Distribution::hyperexponential(&heavier)), law(Distribution::hyperexponential(&longer))];
    mixture(format!("hyperexponential({phases:?})"), law(Distribution::hyperexponential(phases)), phases, wrong)
}

fn balanced(mean: f64, cv: f64) -> Case {
    let share = 0.5 * (1.0 + ((cv * cv - 1.0) / (cv * cv + 1.0)).sqrt());
    let phases = [(share, mean / (2.0 * share)), (1.0 - share, mean / (2.0 * (1.0 - share)))];
    let wrong = vec![
        law(Distribution::hyperexponential_by_cv(mean * 1.1, cv)),
        law(Distribution::hyperexponential_by_cv(mean, cv * 1.1)),
    ];
    let name = format!("hyperexponential by cv({mean}, {cv})");
    mixture(name, law(Distribution::hyperexponential_by_cv(mean, cv)), &phases, wrong)
}

fn mixture(name: String, law: Distribution, phases: &[(f64, f64)], wrong: Vec<Distribution>) -> Case {
    let total: f64 = phases.iter().map(|phase| phase.0).sum();
    let parts: Vec<(f64, f64)> = phases.iter().map(|&(weight, mean)| (weight / total, mean)).collect();
    let moments = raw(|n| parts.iter().map(|&(share, mean)| share * factorial(n) * power(mean, n)).sum());
    let cdf = move |x: f64| parts.iter().map(|&(share, mean)| -share * libm::expm1(-x / mean)).sum();
    Case { name, law, raw: moments, cdf: Box::new(cdf), wrong }
}

fn lognormal(mean: f64, cv: f64) -> Case {
    let square = libm::log(1.0 + cv * cv);
    let reference = LogNormal::new(libm::log(mean) - square / 2.0, square.sqrt()).expect("a scale");
    Case {
        name: format!("lognormal({mean}, {cv})"),
        law: law(Distribution::lognormal(mean, cv)),
        raw: raw(|n| power(mean, n) * power(1.0 + cv * cv, n * (n - 1) / 2)),
        cdf: Box::new(move |x| reference.cdf(x)),
        wrong: vec![law(Distribution::lognormal(mean * 1.1, cv)), law(Distribution::lognormal(mean, cv * 1.1))],
    }
}

fn weibull(shape: f64, scale: f64) -> Case {
    let reference = Weibull::new(shape, scale).expect("a shape and a scale");
    let unit_mean = gamma(1.0 + 1.0 / shape);
    Case {
        name: format!("weibull({shape}, {scale})"),
        law: law(Distribution::weibull(shape, scale)),
        raw: raw(|n| power(scale, n) * gamma(1.0 + f64::from(n) / shape)),
        cdf: Box::new(move |x| reference.cdf(x)),
        wrong: vec![
            law(Distribution::weibull(shape * 1.1, scale)),
            law(Distribution::weibull_by_mean(shape, scale * unit_mean * 1.1)),
        ],
    }
}

fn gamma_law(shape: f64, scale: f64) -> Case {
    let reference = statrs::distribution::Gamma::new(shape, 1.0 / scale).expect("a shape and a rate");
    let (mean, cv) = (shape * scale, 1.0 / shape.sqrt());
    Case {
        name: format!("gamma({shape}, {scale})"),
        law: law(Distribution::gamma(shape, scale)),
        raw: raw(|n| rising(shape, n) * power(scale, n)),
        cdf: Box::new(move |x| reference.cdf(x)),
        wrong: vec![
            law(Distribution::gamma(shape * 1.1, scale)),
            law(Distribution::gamma(shape, scale * 1.1)),
            law(Distribution::gamma_by_cv(mean, cv * 1.1)),
        ],
    }
}

fn pareto(alpha: f64, low: f64, high: f64) -> Case {
    let reference = Pareto::new(low, alpha).expect("a scale and a shape");
    let kept = reference.cdf(high);
    let moment = |n: i32| {
        let order = f64::from(n);
        let factor = alpha * libm::pow(low, alpha) / kept;
        if alpha == order {
            factor * libm::log(high / low)
        } else {
            factor * (libm::pow(high, order - alpha) - libm::pow(low, order - alpha)) / (order - alpha)
        }
    };
    let nearer = low + (high - low) * 0.1;
    Case {
        name: format!("bounded pareto({alpha}, {low}, {high})"),
        law: law(Distribution::bounded_pareto(alpha, low, high)),
        raw: raw(moment),
        cdf: Box::new(move |x| reference.cdf(x) / kept),
        wrong: vec![law(Distribution::bounded_pareto(alpha, nearer, high))],
    }
}

fn truncated_normal(mean: f64, sd: f64, low: f64, high: f64) -> Case {
    let parent = Normal::new(mean, sd).expect("a standard deviation");
    let (below, above) = (parent.cdf(low), parent.cdf(high));
    Case {
        name: format!("truncated normal({mean}, {sd}, {low}, {high})"),
        law: law(Distribution::truncated_normal(mean, sd, low, high)),
        raw: truncated_normal_moments(mean, sd, (low - mean) / sd, (high - mean) / sd),
        cdf: Box::new(move |x| (parent.cdf(x) - below) / (above - below)),
        wrong: vec![
            law(Distribution::truncated_normal(mean * 1.1, sd, low, high)),
            law(Distribution::truncated_normal(mean, sd * 1.1, low, high)),
        ],
    }
}

/// By the recursion m(k) = (k - 1) m(k-2) + (a^(k-1) f(a) - b^(k-1) f(b)) / Z of the standardised law between a and b.
fn truncated_normal_moments(mean: f64, sd: f64, a: f64, b: f64) -> [f64; 4] {
    // statrs' error function is good to eleven digits, and the recursion loses three of them in the tail.
    let above = |z: f64| libm::erfc(z / 2.0_f64.sqrt()) / 2.0;
    let mass = above(a) - above(b);
    let density = |z: f64| libm::exp(-z * z / 2.0) / (2.0 * std::f64::consts::PI).sqrt();
    let edge = |z: f64, k: i32| if z.is_infinite() { 0.0 } else { power(z, k) * density(z) };
    let mut m = [1.0, (edge(a, 0) - edge(b, 0)) / mass, 0.0, 0.0, 0.0];
    for k in 2..5 {
        m[k as usize] = f64::from(k - 1) * m[k as usize - 2] + (edge(a, k - 1) - edge(b, k - 1)) / mass;
    }
    let binomial = |n: i32, k: i32| factorial(n) / factorial(k) / factorial(n - k);
    raw(|n| (0..=n).map(|k| binomial(n, k) * power(mean, n - k) * power(sd, k) * m[k as usize]).sum())
}
