//! Scenario files that are wrong: each gives located errors that say what is wrong and what would be right, no more than
//! there are mistakes in it, and nothing panics or hangs.
//!
//! A file in `bad` starts with what is expected of it, one line an error: `// 12:30 [code] phrase`, with the line and the
//! column, in characters, at which the mistake begins, the phrase being part of the message or of the help. Warnings are expected
//! in the same way, `// 12:30 warning [code] phrase`: a mistake must not make the reader warn of what it only seems to cause.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use brownout::Simulation;
use brownout::scenario::{Findings, MAX_TRACE_BYTES, Scenario, no_files};
use brownout::text::{MAX_BYTES, Severity, Source};
use brownout::traffic::Arrivals;
use brownout::units::SimTime;

use crate::scenario_files::{beside, text};

/// An error as a test sees it: line, code, message and help.
type Seen = (usize, String, String);

/// What a file of the corpus is expected to give: place, severity, code, message and help.
type Expected = ((usize, usize), Severity, String, String);

/// The errors of a text, or of the files it names.
fn errors_of(findings: &Findings) -> Vec<Seen> {
    let errors = findings.iter().filter(|(_, found)| found.severity == Severity::Error);
    let seen = errors.map(|(source, found)| {
        let position = source.position(found.span.start);
        assert!(found.span.start <= source.text().len(), "a place in the text: {found:?}");
        assert!(found.help.as_ref().is_some_and(|help| !help.is_empty()), "{found:?}");
        let said = format!("{}{}", found.message, found.help.as_deref().unwrap_or_default());
        assert!(!said.contains("4294967295") || source.name().ends_with(".csv"), "a limit of the machine: {found:?}");
        (position.line, found.code.to_owned(), format!("{} {}", found.message, found.help.as_deref().unwrap_or("")))
    });
    seen.collect()
}

/// The errors of a file's bytes, which must not be right.
fn errors(bytes: &[u8]) -> Vec<Seen> {
    let findings = Scenario::parse(&Source::from_bytes("bad.ron", bytes), &no_files).expect_err("the file is wrong");
    assert!(!findings.render().is_empty());
    errors_of(&findings)
}

fn corpus() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/bad");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn expected(text: &str) -> Vec<Expected> {
    let parse = |line: &str| {
        let (place, rest) = line.split_once(" [")?;
        let (code, phrase) = rest.split_once("] ")?;
        let (place, severity) = match place.strip_suffix(" warning") {
            Some(place) => (place, Severity::Warning),
            None => (place, Severity::Error),
        };
        let (line, column) = place.split_once(':')?;
        Some(((line.parse().ok()?, column.parse().ok()?), severity, code.to_owned(), phrase.trim().to_owned()))
    };
    text.lines().map_while(|line| line.strip_prefix("// ").and_then(parse)).collect()
}

/// All that a text gives.
fn found_in(findings: &Findings) -> Vec<Expected> {
    errors_of(findings);
    let all = findings.iter().map(|(source, found)| {
        let position = source.position(found.span.start);
        let text = format!("{} {}", found.message, found.help.as_deref().unwrap_or(""));
        ((position.line, position.column), found.severity, found.code.to_owned(), text)
    });
    all.collect()
}

/// What differs between what a file should give and what it gives; empty if nothing does.
fn difference(path: &Path) -> String {
    let bytes = fs::read(path).unwrap();
    let expected = expected(&String::from_utf8_lossy(&bytes));
    assert!(!expected.is_empty(), "{} says what it expects", path.display());
    assert!(expected.iter().all(|one| !one.3.is_empty()), "{} says what the message should say", path.display());
    let mut left = match Scenario::parse(&Source::from_bytes("bad.ron", &bytes), &no_files) {
        Ok(_) => return "  it is accepted\n".to_owned(),
        Err(findings) => found_in(&findings),
    };
    let mut difference = String::new();
    for wanted in expected {
        match left
            .iter()
            .position(|seen| (seen.0, seen.1, &seen.2) == (wanted.0, wanted.1, &wanted.2) && seen.3.contains(&wanted.3))
        {
            Some(at) => drop(left.remove(at)),
            None => difference.push_str(&format!("  missing: {wanted:?}\n")),
        }
    }
    for seen in left {
        difference.push_str(&format!("  not expected: {seen:?}\n"));
    }
    difference
}

#[test]
fn every_file_of_the_corpus_gives_its_errors_and_no_others() {
    let files = corpus();
    assert!(files.len() >= 65, "{} files", files.len());
    let differences: Vec<String> = files
        .iter()
        .map(|path| (path, difference(path)))
        .filter(|(_, difference)| !difference.is_empty())
        .map(|(path, difference)| format!("{}\n{difference}", path.file_name().unwrap().display()))
        .collect();
    assert!(differences.is_empty(), "{} of {} files differ\n{}", differences.len(), files.len(), differences.join(""));
}

#[test]
fn files_that_are_no_text_at_all() {
    let with_code = |bytes: &[u8], code: &str| {
        let errors = errors(bytes);
        assert!(errors.iter().any(|seen| seen.1 == code), "{code}: {errors:?}");
        errors[0].0
    };
    assert_eq!(with_code(b"", "syntax"), 1);
    assert_eq!(with_code(b"  \n// nothing but a comment\n", "syntax"), 3);
    assert_eq!(with_code(b"Scenario(\n  name: \"\xff\xfe\",\n)", "not-utf8"), 2);
    assert_eq!(with_code(&[0; 100], "syntax"), 1);
    assert_eq!(with_code(&vec![b'('; 10_000_000], "file-too-large"), 1);
    assert_eq!(with_code(&vec![b'x'; MAX_BYTES], "wrong-type"), 1);
}

#[test]
fn deep_nesting_is_refused_without_a_deep_stack() {
    for (open, close) in [("(", ")"), ("[", "]"), ("{\"a\":", "}"), ("Some(", ")"), ("Parallel([[", "]])")] {
        let text = format!("Scenario(format: 1, story: {}{})", open.repeat(100_000), close.repeat(100_000));
        let errors = errors(text.as_bytes());
        assert!(errors.iter().any(|seen| seen.1 == "too-deep"), "{open}: {errors:?}");
    }
}

#[test]
fn a_file_of_mistakes_says_how_many_more_there_are() {
    let calls: String = (0..5_000).map(|at| format!("Call(\"nowhere{at}.x\"),")).collect();
    let text = text("minimal.ron").replace("Work(Exponential(mean: \"10ms\"))", &calls);
    let findings = Scenario::parse(&Source::new("many.ron", text), &no_files).expect_err("nothing of it exists");
    assert_eq!(findings.len() + findings.dropped(), 5_000);
    assert!(findings.render().ends_with(&format!("and {} more\n", findings.dropped())));
}

#[test]
fn large_files_take_no_time_that_grows_faster_than_they_do() {
    let many = |count: usize, item: fn(usize) -> String| (0..count).map(item).collect::<Vec<_>>().join(",");
    let services =
        many(20_000, |at| format!("\"s{at}\": (capacity: Workers(1), endpoints: {{\"e\": [Call(\"s0.e\")]}})"));
    let hotfixes = many(20_000, |at| format!("\"h{at}\": (service: \"server\", removes: \"e{at}\", duration: \"1s\")"));
    let dependencies = many(60_000, |at| format!("(to: \"server\", name: \"d{at}\")"));
    let minimal = text("minimal.ron");
    let files = [
        format!("Scenario(format: 1, name: \"a\", duration: \"1m\", services: {{{services}}})"),
        minimal.replace("    populations:", &format!("    hotfixes: {{{hotfixes}}},\n    populations:")),
        minimal.replace("mix: {", &format!("calls: [{dependencies}], mix: {{")),
    ];
    for file in files {
        let errors = errors(file.as_bytes());
        assert!(errors.iter().any(|seen| seen.1 == "too-many"), "{:?}", errors.first());
    }
}

#[test]
fn traces_are_checked_line_by_line() {
    let scenario = text("trace.ron");
    let errors = |csv: &'static [u8]| {
        let files = |_: &str| Some(csv.to_vec());
        match Scenario::parse(&Source::new("trace.ron", scenario.clone()), &files) {
            Ok(_) => Vec::new(),
            Err(findings) => {
                assert!(findings.iter().all(|(source, _)| source.name() == "arrivals.csv"));
                errors_of(&findings).into_iter().map(|(line, code, _)| (line, code)).collect::<Vec<_>>()
            }
        }
    };
    let at = |line: usize, code: &str| (line, code.to_owned());
    assert_eq!(errors(b"time\n0.5\n1500ms\n0:02\n"), []);
    assert_eq!(errors(b"\xef\xbb\xbfcount,time\r\n3,0\r\n\r\n,1\r\n"), []);
    assert_eq!(errors(b""), [at(1, "trace")]);
    assert_eq!(errors(b"when,endpoint\n1,api.read\n"), [at(1, "trace")]);
    assert_eq!(errors(b"time\n1\n\"2\n"), [at(3, "trace"), at(3, "trace")]);
    assert_eq!(errors(b"time,endpoint\n1,api.reed\n2,db.x\n"), [at(2, "unknown-name"), at(3, "unknown-name")]);
    assert_eq!(errors(b"time\n2\n1\n-1\nsoon\n"), [at(4, "trace"), at(5, "trace")]);
    assert_eq!(errors(b"time,count\n1,many\n2,-1\n"), [at(2, "trace"), at(3, "trace")]);
    assert_eq!(errors(b"time,count\n1,4294967295\n"), [at(2, "too-much-load")]);
    assert_eq!(errors(b"time\n1\n\xff\n"), [at(3, "not-utf8")]);
}

#[test]
fn recorded_instants_are_rounded_to_the_nanosecond() {
    let csv = b"time\n1e-05\n0.30000000000000004\n1.0000000014999\n1500.0000000000002ms\n2.6e0\n1:30\n";
    let parsed = Scenario::parse(&Source::new("trace.ron", text("trace.ron")), &|_: &str| Some(csv.to_vec()));
    let scenario = parsed.expect("a recorder's floats").0;
    let mut populations = scenario.populations.iter();
    let trace = populations.find_map(|population| match &population.arrivals {
        Arrivals::Trace(entries) => Some(entries.iter().map(|entry| entry.at.as_nanos()).collect::<Vec<_>>()),
        _ => None,
    });
    assert_eq!(trace.unwrap(), [10_000, 300_000_000, 1_000_000_001, 1_500_000_000, 2_600_000_000, 90_000_000_000]);
}

#[test]
fn a_trace_may_be_larger_than_a_scenario_and_what_is_too_large_is_told_a_way_out() {
    let scenario = text("trace.ron");
    let parse =
        |csv: Vec<u8>| Scenario::parse(&Source::new("trace.ron", scenario.clone()), &|_: &str| Some(csv.clone()));
    let mut csv = b"time\n".to_vec();
    while csv.len() <= MAX_BYTES {
        csv.extend_from_slice(b"0.5\n");
    }
    assert!(parse(csv).is_ok());
    let errors = errors_of(&parse(vec![b'1'; MAX_TRACE_BYTES + 1]).expect_err("it is too large"));
    assert_eq!((errors.len(), errors[0].1.as_str()), (1, "file-too-large"));
    for part in ["64MiB", "`count`", "several populations"] {
        assert!(errors[0].2.contains(part), "{errors:?}");
    }
    let schema = brownout::scenario::json_schema().to_string();
    assert!(schema.contains("At most 64 MiB and 2e7 requests are read"));
}

#[test]
fn what_is_said_of_a_file_has_no_control_characters_but_line_ends() {
    let text = text("minimal.ron").replace("server.", "\u{1b}[31m\u{9b}.").replace("\"10m\"", "\"\u{7}5\"");
    let findings = Scenario::parse(&Source::new("a\u{1b}.ron", text), &no_files).expect_err("it names nobody");
    let said = findings.render();
    assert!(said.contains("a\\u{1b}.ron:"), "{said}");
    assert!(said.chars().all(|c| c == '\n' || !c.is_control()), "{said:?}");
}

#[test]
fn a_path_that_names_the_kind_once_more_is_told_to_drop_it() {
    let source = Source::new("shop.ron", text("shop.ron"));
    let path = "services.api.calls.db.layers.Timeout.Timeout";
    let findings = Scenario::with_overrides(&source, &[(path, "1s")], &beside).expect_err("it is there once");
    let (_, found) = findings.iter().find(|(_, found)| found.severity == Severity::Error).unwrap();
    assert_eq!((found.code, found.help.as_deref()), ("bad-path", Some("drop `Timeout`")));
}

#[test]
fn a_scenario_without_populations_is_warned_of() {
    let minimal = text("minimal.ron");
    let populations = minimal.find("    populations:").unwrap();
    let text = format!("{})\n", &minimal[..populations]);
    let (_, warnings) = Scenario::parse(&Source::new("quiet.ron", text), &no_files).unwrap();
    let codes: Vec<_> = warnings.iter().map(|(_, found)| found.code).collect();
    assert_eq!(codes, ["silent"]);
}

#[test]
fn overrides_are_located_in_a_text_of_their_own() {
    let source = Source::new("shop.ron", text("shop.ron"));
    let error = |path: &str, value: &str| {
        let findings = Scenario::with_overrides(&source, &[(path, value)], &beside).expect_err("the override is wrong");
        let (text, found) = findings.iter().find(|(_, found)| found.severity == Severity::Error).unwrap();
        assert_eq!(text.name(), "--set");
        (found.code, text.text()[found.span.clone()].to_owned(), found.help.clone().unwrap_or_default())
    };
    let (code, place, help) = error("services.apo.instances", "3");
    assert_eq!((code, place.as_str()), ("unknown-name", "apo"));
    assert!(help.contains("did you mean `api`?"));
    let (code, place, help) = error("services.api.instnaces", "3");
    assert_eq!((code, place.as_str()), ("unknown-field", "instnaces"));
    assert!(help.contains("did you mean `instances`?"));
    assert_eq!(error("services.api.instances", "0").1, "0");
    assert_eq!(error("services.api.instances", "\"3\"").0, "wrong-type");
    assert_eq!(error("services.api.calls.db.layers.Timeot", "1s").0, "unknown-name");
    assert_eq!(error("duration", "[1").0, "syntax");
    assert_eq!(error("services..instances", "1").0, "bad-path");
    assert_eq!(error("name.first", "\"x\"").0, "bad-path");
    let (code, place, help) = error("services.api.calls[0].latency", "5ms");
    assert_eq!((code, place.as_str()), ("bad-path", "calls[0]"));
    assert_eq!(help, "write services.api.calls.0.latency, or calls.<name> with the item's own name");
    assert_eq!(
        error("services[\"api\"].instances", "5").2,
        "write services.api.instances, or services.<name> with the item's own name"
    );
    assert_eq!(error("always.faults.evening-peak.heal", "After(\"0s\")").0, "zero-length");
}

/// A generator for tests that says the same on every machine (splitmix64, Steele, Lea, Flood 2014).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.roll() % limit.max(1) as u64) as usize
    }
}

/// A place where a character begins.
fn boundary(text: &str, dice: &mut Dice) -> usize {
    let mut at = dice.below(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// One change to a text, of a kind that authors or editors make.
fn mutate(text: &mut String, dice: &mut Dice) {
    const SNIPPETS: [&str; 24] = [
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "\"",
        "-1",
        "0",
        "1e999",
        "99999999999999999999",
        "\"5ms\"",
        "\"0s\"",
        "\"200%\"",
        "None",
        "Some(",
        "\"db.query\"",
        "\"api\"",
        "layers",
        "/*",
        "\u{fffd}",
        "\0",
    ];
    let at = boundary(text, dice);
    let end = (at + dice.below(12)).min(text.len());
    let end = (at..=end).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(at);
    match dice.below(6) {
        0 => text.replace_range(at..end, ""),
        1 => text.insert_str(at, SNIPPETS[dice.below(SNIPPETS.len())]),
        2 => text.replace_range(at..end, SNIPPETS[dice.below(SNIPPETS.len())]),
        3 => {
            let piece = text[at..end].to_owned();
            let to = boundary(text, dice);
            text.insert_str(to, &piece);
        }
        4 => swap_tokens(text, dice),
        _ => swap_lines(text, dice),
    }
}

/// Puts one word, number or string where another one stood.
fn swap_tokens(text: &mut String, dice: &mut Dice) {
    let mut words: Vec<(usize, &str)> = Vec::new();
    let mut start = 0;
    for piece in text.split_inclusive(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '"' | '.' | '%' | '/' | '-'))
    {
        let word = piece.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '"' && c != '%');
        if !word.is_empty() {
            words.push((start, word));
        }
        start += piece.len();
    }
    let (at, old) = words[dice.below(words.len())];
    let new = words[dice.below(words.len())].1.to_owned();
    let end = at + old.len();
    text.replace_range(at..end, &new);
}

fn swap_lines(text: &mut String, dice: &mut Dice) {
    let mut lines: Vec<&str> = text.lines().collect();
    let (one, other) = (dice.below(lines.len()), dice.below(lines.len()));
    lines.swap(one, other);
    *text = lines.join("\n");
}

#[test]
fn mutated_files_never_panic_errors_have_places_and_what_is_accepted_runs() {
    const FILES: [&str; 3] = ["shop.ron", "trace.ron", "minimal.ron"];
    const MUTATIONS: usize = 6_000;
    let mut dice = Dice(20_260_722);
    let originals: BTreeMap<&str, String> = FILES.iter().map(|name| (*name, text(name))).collect();
    let (mut accepted, mut refused) = (0, 0);
    for round in 0..MUTATIONS {
        let name = FILES[dice.below(8).saturating_sub(5)];
        let mut text = originals[name].clone();
        for _ in 0..=dice.below(4) {
            if !text.is_empty() {
                mutate(&mut text, &mut dice);
            }
        }
        match Scenario::parse(&Source::new(name, text.clone()), &beside) {
            Ok((scenario, _)) => {
                accepted += 1;
                let variant = dice.below(scenario.variants.len());
                // What is accepted cannot fail any more.
                Simulation::with_variant(Arc::new(scenario), 7, variant).run_until(SimTime::from_secs(2));
            }
            Err(findings) => {
                refused += 1;
                assert!(findings.has_errors(), "round {round}: refused without an error\n{text}");
                errors_of(&findings);
                assert!(!findings.render().is_empty());
            }
        }
    }
    assert!(accepted > MUTATIONS / 50 && refused > MUTATIONS / 2, "{accepted} accepted, {refused} refused");
}
