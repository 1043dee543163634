//! The results as text tables.

use std::collections::BTreeMap;
use std::fmt::Write;

use peers::model::ModelName;
use peers::report::Line;

use crate::statistics::{Spread, mean, spread, z_score};

/// Programs in the order of the tables.
const ORDER: [&str; 4] = ["ours", "limit", "nexosim", "simpy"];
/// Who the others must agree with.
const REFERENCE: &str = "limit";
/// What Brownout's rate is to be at least, as a multiple of another's.
const FLOORS: [(&str, &str, f64); 3] =
    [("ours", "limit", 1.0 / 3.0), ("ours", "nexosim", 4.0), ("ours", "simpy", 75.0)];
/// Beyond this |z| two programs do not simulate the same thing.
const DISAGREEMENT: f64 = 3.0;
/// A cell without a value.
const NONE: &str = "-";

/// All lines by model, program and round.
#[derive(Debug, Default)]
pub(crate) struct Results {
    lines: BTreeMap<(ModelName, &'static str), BTreeMap<u64, Line>>,
}

impl Results {
    /// Adds the line a program printed in a round.
    pub(crate) fn add(&mut self, program: &'static str, round: u64, line: Line) {
        self.lines.entry((line.model, program)).or_default().insert(round, line);
    }

    fn of(&self, model: ModelName, program: &'static str) -> impl Iterator<Item = &Line> {
        self.lines.get(&(model, program)).into_iter().flat_map(BTreeMap::values)
    }

    fn column(&self, model: ModelName, program: &'static str, value: impl Fn(&Line) -> f64) -> Vec<f64> {
        self.of(model, program).map(value).collect()
    }

    /// The lines of two programs from the same rounds.
    fn pairs(&self, model: ModelName, a: &'static str, b: &'static str) -> impl Iterator<Item = (&Line, &Line)> {
        let theirs = self.lines.get(&(model, b));
        let ours = self.lines.get(&(model, a)).into_iter().flatten();
        ours.filter_map(move |(round, line)| Some((line, theirs?.get(round)?)))
    }

    fn present(&self, model: ModelName) -> Vec<&'static str> {
        ORDER.into_iter().filter(|&program| self.lines.contains_key(&(model, program))).collect()
    }
}

/// Rates, ratios and agreement on one model.
pub(crate) fn of_model(model: ModelName, results: &Results, horizon: u64) -> String {
    let mut text = format!("\n{model:?}, {horizon} simulated seconds, one thread\n");
    for table in [rates(model, results), ratios(model, results), agreement(model, results, horizon)] {
        let _infallible = writeln!(text, "\n{}", aligned(&table));
    }
    text
}

/// What was not reached on one model, as sentences; empty when every floor was met and the results agree.
pub(crate) fn shortfalls(model: ModelName, results: &Results, horizon: u64) -> Vec<String> {
    let medians = FLOORS.into_iter().filter_map(|(faster, slower, floor)| {
        let median = spread(rate_ratios(model, faster, slower, results))?.median;
        (median < floor).then(|| format!("{model:?}: {faster}/{slower} is {median:.3}, below {floor:.3}"))
    });
    let disagreements = measures(horizon).into_iter().filter_map(|Measure { name, value, resolution }| {
        let [ours, theirs] = ["ours", REFERENCE].map(|program| results.column(model, program, &value));
        let z = z_score(&ours, &theirs, resolution)?;
        (z.abs() > DISAGREEMENT).then(|| format!("{model:?}: {name} of ours and {REFERENCE} differ, z = {z:+.1}"))
    });
    medians.chain(disagreements).collect()
}

fn rate_ratios(model: ModelName, faster: &'static str, slower: &'static str, results: &Results) -> Vec<f64> {
    results.pairs(model, faster, slower).map(|(a, b)| a.rate / b.rate).collect()
}

fn rates(model: ModelName, results: &Results) -> Vec<Vec<String>> {
    let mut table = vec![header("program|runs|requests a CPU second|smallest|largest|CPU s|peak MiB")];
    for program in results.present(model) {
        let rates = results.column(model, program, |line| line.rate);
        let Some(rate) = spread(rates.iter().copied()) else { continue };
        let cpu = spread(results.column(model, program, |line| line.cpu_seconds)).map_or(0.0, |spread| spread.median);
        let peak = results.of(model, program).map(|line| line.peak_kib).max().unwrap_or(0);
        let mut row = vec![program.to_owned(), rates.len().to_string()];
        row.extend([rate.median, rate.smallest, rate.largest].map(|rate| format!("{rate:.0}")));
        row.extend([format!("{cpu:.3}"), format!("{:.1}", peak as f64 / 1024.0)]);
        table.push(row);
    }
    table
}

/// Ratios of every program to every program below it in the order, where both ran in the same rounds.
fn ratios(model: ModelName, results: &Results) -> Vec<Vec<String>> {
    let mut table = vec![header("ratio|rounds|median|smallest|largest|at least")];
    for (index, &faster) in ORDER.iter().enumerate() {
        for &slower in &ORDER[index + 1..] {
            let ratios = rate_ratios(model, faster, slower, results);
            let rounds = ratios.len().to_string();
            let Some(Spread { smallest, median, largest }) = spread(ratios) else { continue };
            let mut row = vec![format!("{faster}/{slower}"), rounds];
            row.extend([median, smallest, largest].map(|ratio| format!("{ratio:.3}")));
            let floor = FLOORS.iter().find(|floor| (floor.0, floor.1) == (faster, slower));
            row.push(floor.map_or_else(|| NONE.to_owned(), |floor| format!("{:.3}", floor.2)));
            table.push(row);
        }
    }
    table
}

/// Means over seeds with z against the reference, and how many runs counted exactly as the reference did.
fn agreement(model: ModelName, results: &Results, horizon: u64) -> Vec<Vec<String>> {
    let measures = measures(horizon);
    let mut names = vec!["program".to_owned()];
    names.extend(measures.iter().flat_map(|measure| [measure.name.to_owned(), "z".to_owned()]));
    names.push("same counts".to_owned());
    let mut table = vec![names];
    for program in results.present(model) {
        let mut row = vec![program.to_owned()];
        for measure in &measures {
            let [values, reference] =
                [program, REFERENCE].map(|program| results.column(model, program, &measure.value));
            row.push(format!("{:.3}", mean(&values)));
            row.push(if program == REFERENCE { NONE.to_owned() } else { z_cell(measure, &values, &reference) });
        }
        row.push(same_counts(model, program, results));
        table.push(row);
    }
    table
}

/// What the programs must agree on.
struct Measure {
    name: &'static str,
    value: Box<dyn Fn(&Line) -> f64>,
    /// To what share of it two programs can know it.
    resolution: f64,
}

/// Half of the width of a bucket in Brownout's histograms, of 64 an octave, and in those of this package, of 128.
const BUCKETS: f64 = 1.0 / 128.0 + 1.0 / 256.0;

fn measures(horizon: u64) -> [Measure; 6] {
    let seconds = horizon.max(1) as f64;
    let measure = |name, resolution, value| Measure { name, value, resolution };
    [
        measure("ok/s", 0.0, Box::new(move |line| line.ok as f64 / seconds)),
        measure("failed/s", 0.0, Box::new(move |line| line.failed as f64 / seconds)),
        measure("retries/s", 0.0, Box::new(move |line| line.retries as f64 / seconds)),
        measure("mean ms", 0.0, Box::new(|line| line.mean_ms)),
        measure("p50 ms", BUCKETS, Box::new(|line| line.p50_ms)),
        measure("p99 ms", BUCKETS, Box::new(|line| line.p99_ms)),
    ]
}

fn z_cell(measure: &Measure, values: &[f64], reference: &[f64]) -> String {
    z_score(values, reference, measure.resolution).map_or_else(|| NONE.to_owned(), |z| format!("{z:+.1}"))
}

/// In how many of the common rounds all counters equal those of the reference: the same luck, the same history.
fn same_counts(model: ModelName, program: &'static str, results: &Results) -> String {
    if program == REFERENCE {
        return NONE.to_owned();
    }
    let counts = |line: &Line| [line.requests, line.ok, line.failed, line.retries, line.timeouts, line.rejects];
    let (same, all) = results
        .pairs(model, program, REFERENCE)
        .fold((0, 0), |(same, all), (a, b)| (same + u32::from(counts(a) == counts(b)), all + 1));
    format!("{same} of {all}")
}

fn header(columns: &str) -> Vec<String> {
    columns.split('|').map(str::to_owned).collect()
}

/// Columns padded to their widest cell: the first to the left, numbers to the right.
fn aligned(table: &[Vec<String>]) -> String {
    let columns = table.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| table.iter().filter_map(|row| row.get(column)).map(String::len).max().unwrap_or(0))
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
            if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        cells.collect::<Vec<_>>().join("  ")
    };
    table.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(rate: f64, ok: u64) -> Line {
        let mut line = Line::new("test", ModelName::M1, &peers::measures::Measures::new(1), 1.0).expect("a line");
        (line.rate, line.ok) = (rate, ok);
        line
    }

    #[test]
    fn ratios_pair_rounds() {
        let mut results = Results::default();
        for (round, (ours, limit)) in (1..).zip([(2.0, 4.0), (3.0, 4.0), (10.0, 10.0)]) {
            results.add("ours", round, line(ours, 0));
            results.add("limit", round, line(limit, 0));
        }
        results.add("limit", 4, line(1e9, 0));
        let table = ratios(ModelName::M1, &results);
        assert_eq!(table[1], ["ours/limit", "3", "0.750", "0.500", "1.000", "0.333"]);
        assert_eq!(table.len(), 2, "nobody else ran");
    }

    #[test]
    fn what_misses_a_floor_or_differs_is_named() {
        let mut results = Results::default();
        for (round, ok) in (1..=5).zip([1000, 1001, 1002, 1003, 1004]) {
            results.add("limit", round, line(10.0, ok));
            results.add("nexosim", round, line(1.0, ok));
            results.add("ours", round, line(3.9, ok + 1));
        }
        assert_eq!(shortfalls(ModelName::M1, &results, 1), ["M1: ours/nexosim is 3.900, below 4.000"]);
        (1..=5).for_each(|round| results.add("ours", round, line(4.1, 2000 + round)));
        let [differs] = &shortfalls(ModelName::M1, &results, 1)[..] else { panic!("one shortfall") };
        assert!(differs.starts_with("M1: ok/s of ours and limit differ, z = +"), "{differs}");
    }

    #[test]
    fn counts_are_compared_round_by_round() {
        let mut results = Results::default();
        for round in 1..=3 {
            results.add("limit", round, line(1.0, round));
            results.add("nexosim", round, line(1.0, round.min(2)));
        }
        assert_eq!(same_counts(ModelName::M1, "nexosim", &results), "2 of 3");
    }

    #[test]
    fn columns_line_up() {
        let table = [header("a|bb"), header("ccc|1")];
        assert_eq!(aligned(&table), "a    bb\nccc   1");
    }
}
