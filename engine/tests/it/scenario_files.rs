//! Scenario files that are right: what becomes of them, their warnings, their presets and their schema.

mod closed;
mod presets;
mod schema;
mod warnings;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use brownout::Simulation;
use brownout::fault::{FaultKind, Measure, Trigger, Victims};
use brownout::model::{BreakerScope, Capacity, Change, Discipline, ErrorKind, Layer, OnLoss, Partition};
use brownout::observe::{BurnWindow, Rule, Subject};
use brownout::scenario::{Difficulty, Findings, Scenario, no_files};
use brownout::text::Source;
use brownout::traffic::{Arrivals, Beyond};
use brownout::units::{SimDuration, SimTime};

/// The folder of scenario files that are right.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/good")
}

/// The text of a scenario file that is right.
pub(crate) fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name)).expect("the file is there")
}

/// The files beside the scenarios.
pub(crate) fn beside(name: &str) -> Option<Vec<u8>> {
    fs::read(folder().join(name)).ok()
}

/// The scenario of a text that is right.
fn parsed(text: &str) -> (Scenario, Findings) {
    match Scenario::parse(&Source::new("test.ron", text), &beside) {
        Ok(parsed) => parsed,
        Err(findings) => panic!("{}", findings.render()),
    }
}

fn shop() -> Scenario {
    parsed(&text("shop.ron")).0
}

fn secs(secs: u64) -> SimDuration {
    SimDuration::from_secs(secs)
}

fn millis(millis: u64) -> SimDuration {
    SimDuration::from_millis(millis)
}

#[test]
fn how_a_shop_is_watched() {
    let shop = shop();
    let watched = &shop.monitoring;
    assert_eq!((watched.scrape_interval, watched.delay, watched.evaluation_interval), (secs(10), secs(5), secs(20)));
    let shown = |name: &str| {
        let subject = Subject::find(name, &shop.system, &shop.populations).unwrap_or_else(|| panic!("{name}"));
        watched.instrumented(subject, &shop.system).iter().map(|metric| metric.name()).collect::<Vec<_>>()
    };
    assert_eq!(shown("api"), ["request-rate", "error-ratio", "utilisation"]);
    assert_eq!(shown("api.checkout").len(), 5);
    assert_eq!(shown("api->db"), ["pool-in-use", "pool-waiting"]);
    assert!(shown("db").is_empty() && shown("api->payments").is_empty());
    let host = watched.depends_on.expect("it runs on payments");
    assert_eq!((host.max_utilisation, host.max_error_ratio), (Some(0.95), Some(0.5)));
    let alerts: Vec<_> = watched.alerts.iter().collect();
    let Rule::Threshold(slow) = &alerts[0].rule else { panic!("{:?}", alerts[0]) };
    assert_eq!(slow.signal.name(&shop.system, &shop.populations), "p99-latency of api.checkout");
    assert_eq!((slow.above, slow.threshold, slow.over), (true, 2.0, secs(60)));
    assert_eq!(
        (alerts[0].holds, alerts[0].keep_firing_for, alerts[0].pages.as_str()),
        (secs(120), secs(60), "shop-on-call")
    );
    let Rule::Threshold(few) = &alerts[1].rule else { panic!("{:?}", alerts[1]) };
    assert_eq!((few.above, few.threshold, few.over), (false, 1.0, secs(10)), "over one reading");
    let windows = |at: usize| match &alerts[at].rule {
        Rule::BurnRate(rule) => rule.windows.clone(),
        Rule::Threshold(_) => panic!("{:?}", alerts[at]),
    };
    assert_eq!(windows(2), [BurnWindow { rate: 14.4, long: secs(600), short: secs(60) }]);
    assert_eq!(windows(3), BurnWindow::TICKETS, "those of the workbook");
    let told = &watched.notify;
    assert_eq!((told.group_wait, told.group_interval, told.repeat_interval), (secs(10), secs(120), secs(3_600)));
    assert_eq!((told.send_resolved, told.paging_delay, told.groups.len()), (false, secs(5), 4));
}

#[test]
fn the_least_a_file_needs() {
    let (scenario, warnings) = parsed(&text("minimal.ron"));
    assert!(warnings.is_empty(), "{}", warnings.render());
    let server = scenario.system.services.iter().next().unwrap();
    assert_eq!((server.instances, server.capacity, server.queue.capacity), (1, Capacity::Workers(1), None));
    assert_eq!(server.queue.discipline, Discipline::Fifo);
    assert_eq!((server.versions.len(), server.versions[0].name.as_str()), (1, "v1"));
    let plain = scenario.system.dependencies.iter().next().unwrap();
    assert_eq!((plain.name.as_str(), plain.caller, plain.layers.len()), ("clients->server", None, 0));
    assert!(plain.link.latency.mean() == 0.0 && plain.link.loss == 0.0);
    assert_eq!((scenario.variants.len(), scenario.variants[0].weight), (1, 1.0));
    let clients = scenario.populations.iter().next().unwrap();
    assert!(matches!(&clients.arrivals, Arrivals::Poisson(profile) if profile.rate(SimTime::from_secs(60)) == 80.0));
    assert_eq!((clients.represents, clients.objective.availability), (1.0, 0.999));
}

#[test]
fn the_header_is_kept_for_people() {
    let shop = shop();
    assert_eq!((shop.name.as_str(), shop.title.as_str(), shop.duration), ("shop", "The shop", secs(1_200)));
    assert!(shop.story.contains("# Friday evening"));
    assert_eq!((shop.about.difficulty, shop.about.length), (Some(Difficulty::Intermediate), Some(secs(900))));
    assert_eq!(shop.about.sources[1].url.as_deref(), Some("https://example.org/postmortem"));
    assert_eq!(shop.about.designer_choices.len(), 2);
}

#[test]
fn names_become_ids_in_file_order() {
    let shop = shop();
    let system = &shop.system;
    let names: Vec<&str> = system.services.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(names, ["api", "db", "payments", "mail"]);
    let endpoints: Vec<&str> = system.endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect();
    assert_eq!(endpoints, ["browse", "checkout", "query", "write", "charge", "send"]);
    let dependencies: Vec<&str> = system.dependencies.iter().map(|dependency| dependency.name.as_str()).collect();
    let expected =
        ["api->db", "api->payments", "api->mail", "web->api", "mobile->api", "batch->api", "partner->payments"];
    assert_eq!(dependencies, expected, "declared ones first, then plain ones; populations after services");
    assert_eq!(system.services.iter().next().unwrap().dependencies.len(), 3);
    let partner = shop.populations.iter().last().unwrap();
    assert_eq!(system.dependencies[partner.mix[0].call.dependency].name, "partner->payments");
    assert_eq!(system.endpoints[partner.mix[0].call.endpoint].name, "charge");
}

#[test]
fn layers_keep_their_order_and_their_overrides() {
    let shop = shop();
    let mut dependencies = shop.system.dependencies.iter();
    let layers = &dependencies.next().unwrap().layers;
    let [Layer::Deadline(deadline), Layer::Breaker { spec, scope }, Layer::Timeout(timeout), Layer::Pool(pool)] =
        layers.as_slice()
    else {
        panic!("{layers:?}")
    };
    assert_eq!((*deadline, *timeout, *scope), (secs(2), millis(800), BreakerScope::Endpoint));
    assert_eq!((spec.sliding_window_size, spec.minimum_number_of_calls), (50, 20));
    assert_eq!(spec.wait_duration_in_open_state, secs(60), "what is not overridden is the product's");
    assert_eq!((pool.maximum_pool_size, pool.connection_timeout), (20, millis(700)), "bare numbers are milliseconds");
    let payments = dependencies.next().unwrap();
    assert_eq!((payments.link.loss, payments.link.on_loss), (0.001, OnLoss::Retransmit { timeout: millis(200) }));
    assert!(payments.cancels && payments.propagates_deadline);
}

#[test]
fn populations_faults_and_hotfixes() {
    let shop = shop();
    let populations: Vec<_> = shop.populations.iter().collect();
    assert!(
        matches!(&populations[0].arrivals, Arrivals::Poisson(profile) if profile.rate(SimTime::from_secs(150)) == 90.0)
    );
    assert!(matches!(&populations[1].arrivals, Arrivals::Sessions { continues, .. } if *continues == 0.8));
    assert!(matches!(&populations[2].arrivals, Arrivals::Closed { users: 5, think } if think.mean() == 2e9));
    assert_eq!(populations[2].max_in_flight.map(|limit| (limit.limit, limit.beyond)), Some((5, Beyond::Drop)));
    assert_eq!((populations[0].represents, populations[0].objective.latency), (50.0, Some(secs(1))));

    let weights: Vec<f64> = shop.variants.iter().map(|variant| variant.weight).collect();
    assert_eq!(weights, [3.0, 2.0, 1.0]);
    assert_eq!((shop.variants[1].deploys[0].version, shop.variants[1].deploys[0].at), (1, SimTime::from_secs(180)));
    // The same release, guilty of more in this variant.
    let versions = &shop.system.services.iter().next().unwrap().versions;
    let guilty = &versions[usize::from(shop.variants[0].deploys[0].version)];
    assert_eq!((shop.variants[0].deploys[0].version, guilty.name.as_str(), guilty.effects.len()), (2, "v42", 3));
    assert!(matches!(guilty.effects[2].change, Change::AddedWork { .. }) && guilty.effects[2].name == "slow-checkout");
    assert_eq!((versions[1].name.as_str(), versions[1].effects.len()), ("v42", 2));
    let disk = &shop.variants[1].faults[0];
    assert_eq!(
        (&disk.start, &disk.heal),
        (&Trigger::At(SimTime::from_secs(240)), &Some(Trigger::At(SimTime::from_secs(1_080))))
    );
    assert_eq!(disk.changes, [(Trigger::After(secs(120)), 0.5)]);
    let [leak, cut, crash] = shop.variants[2].faults.as_slice() else { panic!("three faults") };
    let Trigger::When { condition, holds: 10 } = &leak.start else { panic!("{leak:?}") };
    assert!(matches!(condition.measure, Measure::ArrivalRate(_)) && condition.above && condition.threshold == 100.0);
    assert!(matches!(leak.kind, FaultKind::ConnectionLeak { ratio, .. } if ratio == 0.005));
    assert!(matches!(cut.kind, FaultKind::Partition { partition: Partition::Delay, .. }));
    assert!(matches!(crash.kind, FaultKind::Crash { victims: Victims::First(1), .. }));
    assert!(matches!(shop.always.faults[0].kind, FaultKind::TrafficSpike { factor, .. } if factor == 1.3));

    let effects = &shop.system.services.iter().next().unwrap().versions[1].effects;
    assert!(matches!(effects[0].change, Change::ExtraCalls { count: 4, .. }) && effects[0].endpoint.is_some());
    let fix = &shop.hotfixes[0];
    assert_eq!((fix.hotfix.removes.as_str(), fix.hotfix.wrong), ("n-plus-one", 0.2));
    assert_eq!(fix.hotfix.adds.as_ref().map(|effect| effect.name.as_str()), Some("wrong-batch-the-queries"));
}

/// What a release does in one variant only is known to hotfixes, stays out of the other variants, and is checked like any
/// other effect.
#[test]
fn a_release_may_be_guilty_in_one_variant_only() {
    let text = |effects: &str, removes: &str| {
        format!(
            r#"(format: 1, name: "guilt", duration: "1m",
            services: {{"api": (capacity: Workers(1), versions: {{"v1": (), "v2": ()}}, endpoints: {{"get": [Work("1ms")]}})}},
            variants: {{
                "guilty": (deploys: [(at: "1s", service: "api", version: "v2", effects: {{{effects}}})]),
                "innocent": (deploys: [(at: "1s", service: "api", version: "v2")]),
            }},
            hotfixes: {{"fix": (service: "api", removes: "{removes}", duration: "1m")}})"#
        )
    };
    let parse =
        |effects: &str, removes: &str| Scenario::parse(&Source::new("guilt.ron", text(effects, removes)), &no_files);
    let (scenario, _) = parse(r#""bug": Errors(ratio: "50%")"#, "bug").expect("a sound scenario");
    let versions = &scenario.system.services.iter().next().unwrap().versions;
    let of = |variant: usize| &versions[usize::from(scenario.variants[variant].deploys[0].version)];
    assert_eq!((of(0).name.as_str(), of(0).effects.len()), ("v2", 1));
    assert_eq!((of(1).name.as_str(), of(1).effects.len()), ("v2", 0));
    assert!(parse(r#""bug": Errors(ratio: "50%")"#, "bag").unwrap_err().render().contains("bug"));
    assert!(parse(r#""bug": Errors(endpoint: "got", ratio: "50%")"#, "bug").unwrap_err().render().contains("get"));
}

#[test]
fn every_distribution_has_the_mean_it_says() {
    let means = [
        ("\"10ms\"", 10.0),
        ("Uniform(low: \"10ms\", high: \"30ms\")", 20.0),
        ("Exponential(mean: \"10ms\")", 10.0),
        ("Erlang(k: 3, mean: \"10ms\")", 10.0),
        ("Hyperexponential(mean: \"10ms\", cv: 2)", 10.0),
        ("Hyperexponential(phases: [(\"10ms\", 3), (\"50ms\", 1)])", 20.0),
        ("TruncatedNormal(mean: \"10ms\", sd: \"2ms\", low: \"0s\", high: \"20ms\")", 10.0),
        ("Lognormal(mean: \"10ms\", cv: 1.0)", 10.0),
        ("BoundedPareto(alpha: 2, low: \"10ms\", high: \"20ms\")", 13.333_333),
        ("Weibull(shape: 1, scale: \"10ms\")", 10.0),
        ("Weibull(shape: 2.5, mean: \"10ms\")", 10.0),
        ("Gamma(mean: \"10ms\", cv: 0.5)", 10.0),
        ("Gamma(shape: 2, scale: \"5ms\")", 10.0),
        ("Empirical([(\"5ms\", 3), (\"25ms\", 1)])", 10.0),
    ];
    for (written, mean) in means {
        let text = text("minimal.ron").replace("duration:", "always: (), duration:");
        let text = text.replace("capacity: Workers(1),", &format!("capacity: Workers(1), connect_time: {written},"));
        let server = parsed(&text).0.system.services.iter().next().unwrap().connect_time.mean() / 1e6;
        assert!((server - mean).abs() < 1e-3, "{written}: {server} ms");
    }
}

#[test]
fn traces_come_from_a_file_or_a_list() {
    let (scenario, _) = parsed(&text("trace.ron"));
    let traces: Vec<Vec<(u64, Option<u32>)>> = scenario
        .populations
        .iter()
        .map(|population| match &population.arrivals {
            Arrivals::Trace(entries) => {
                entries.iter().map(|entry| (entry.at.as_nanos() / 1_000_000, entry.entry)).collect()
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(traces[0], [(500, Some(0)), (500, Some(0)), (1_250, None), (2_000, Some(1))]);
    assert_eq!(traces[1], [(0, None), (1_000, None), (1_000, None), (1_500, None)]);
}

/// As R, numpy and spreadsheets write them; what was recorded beside it is not read.
#[test]
fn traces_are_read_as_tools_write_them() {
    let read = |csv: &'static str| {
        let source = Source::new("trace.ron", text("trace.ron"));
        let parsed = Scenario::parse(&source, &|_: &str| Some(csv.as_bytes().to_vec()));
        let (scenario, findings) = parsed.unwrap_or_else(|findings| panic!("{}", findings.render()));
        let Arrivals::Trace(entries) = &scenario.populations.iter().next().unwrap().arrivals else { panic!() };
        let entries: Vec<_> = entries.iter().map(|entry| (entry.at.as_nanos() / 1_000_000, entry.entry)).collect();
        (entries, findings.iter().map(|(_, found)| found.code).collect::<Vec<_>>())
    };
    let plain = vec![(500, Some(0)), (500, Some(0)), (10_000, None)];
    assert_eq!(read("time,endpoint,count\n0.5,api.read,2\n10,,\n"), (plain.clone(), vec![]));
    let quoted = "\"time\",\"endpoint\",\"count\"\r\n0.5,\"api.read\",2\r\n\"10\",\"\",\"1\"\r\n";
    assert_eq!(read(quoted), (plain.clone(), vec![]));
    let numpy = "time,count\n5.000000000000000000e-01,2.000000000000000000e+00\n1.000000e+01,1.000000e+00\n";
    assert_eq!(read(numpy), (vec![(500, None), (500, None), (10_000, None)], vec![]));
    let more = "time,bytes,endpoint,count,agent\n0.5,7,api.read,2,\"a, b\"\n10,8,,1,\n";
    assert_eq!(read(more), (plain.clone(), vec!["unknown-column"; 2]));
    let mixed = "time,endpoint\n10,\n0.5,api.read\n0.5,api.read\n";
    assert_eq!(read(mixed), (plain, vec!["unsorted"]));
}

/// A user who goes on without thinking, though requests take no time: a pause keeps the clock going.
#[test]
fn sessions_may_think_for_nothing() {
    let text = r#"Scenario(format: 1, name: "x", duration: "1m",
        services: {"api": (capacity: Unlimited, endpoints: {"get": [Work("0s")]})},
        populations: {"web": (arrivals: Sessions(starts: "10/s", continues: "99%", think: "0s"), mix: {"api.get": 1})},
    )"#;
    let mut simulation = brownout::Simulation::new(std::sync::Arc::new(parsed(text).0), 1);
    simulation.run_until(brownout::units::SimTime::from_nanos(60_000_000_000));
    // 600 sessions of 100 requests on average; five standard deviations of a geometric sum of Poisson many.
    let offered = simulation.recording().totals.populations[0].offered;
    assert!(offered.abs_diff(60_000) < 17_000, "{offered}");
    let busiest = simulation.recording().seconds.iter().map(|second| second.populations[0].flow.offered).max();
    assert!(busiest.unwrap() < 10_000, "a session asks once a millisecond at most, and few last long");
}

#[test]
fn overrides_replace_values_before_anything_is_looked_up() {
    let source = Source::new("shop.ron", text("shop.ron"));
    let overrides = [
        ("services.api.instances", "8"),
        ("services.db.max_connections", "500"),
        ("services.payments.queue", "None"),
        ("services.db.connect_time", "Exponential(mean: \"20ms\")"),
        ("services.api.calls.db.layers.Timeout", "300ms"),
        ("services.api.calls.db.layers.Pool.maximumPoolSize", "7"),
        ("services.api.calls.1.balancing", "Random"),
        ("populations.web.arrivals", "200/s"),
        ("populations.mobile.arrivals.continues", "50%"),
        ("variants.leak.weight", "9"),
    ];
    let (shop, _) = Scenario::with_overrides(&source, &overrides[..], &beside)
        .unwrap_or_else(|errors| panic!("{}", errors.render()));
    let api = shop.system.services.iter().next().unwrap();
    assert_eq!(api.instances, 8);
    let db = &shop.system.dependencies[api.dependencies[0]];
    assert_eq!(shop.system.services[db.target].max_connections, Some(500));
    assert_eq!(shop.system.services[db.target].connect_time.mean(), 20e6);
    assert!(db.layers.contains(&Layer::Timeout(millis(300))));
    assert!(db.layers.iter().any(|layer| matches!(layer, Layer::Pool(pool) if pool.maximum_pool_size == 7)));
    let mut populations = shop.populations.iter();
    let web = &populations.next().unwrap().arrivals;
    assert!(matches!(web, Arrivals::Poisson(profile) if profile.rate(SimTime::ZERO) == 200.0), "{web:?}");
    let mobile = &populations.next().unwrap().arrivals;
    assert!(matches!(mobile, Arrivals::Sessions { continues, .. } if *continues == 0.5));
    assert_eq!(shop.variants[2].weight, 9.0);
}

#[test]
fn a_failing_step_names_an_error_kind() {
    for kind in ErrorKind::ALL {
        let fail = format!("Fail(\"{}\")", kind.name());
        parsed(&text("minimal.ron").replace("Work(Exponential(mean: \"10ms\"))", &fail));
    }
}

#[test]
fn a_dependency_may_be_named_and_called_by_its_name() {
    let text = text("minimal.ron")
        .replace("services: {", "services: {\n\"api\": (capacity: Unlimited, endpoints: {\"a\": [Call(to: \"server.work\", via: \"slow\"), Call(\"server.work\")]}, calls: [(to: \"server\", name: \"slow\", latency: \"9ms\"), (to: \"server\")]),")
        .replace("server.work\": 1", "api.a\": 1");
    let (scenario, _) = Scenario::parse(&Source::new("named.ron", text), &no_files)
        .unwrap_or_else(|errors| panic!("{}", errors.render()));
    let names: Vec<&str> = scenario.system.dependencies.iter().map(|dependency| dependency.name.as_str()).collect();
    assert_eq!(names, ["slow", "api->server", "clients->api"]);
}

/// What a reader copies first.
#[test]
fn the_example_of_the_reference_gives_no_warning_and_runs() {
    let page = brownout::scenario::reference();
    let example = page.split("```").nth(1).and_then(|block| block.strip_prefix("ron\n")).expect("an example");
    let (scenario, warnings) = parsed(example);
    assert!(warnings.is_empty(), "{}", warnings.render());
    assert_eq!((scenario.always.faults.len(), scenario.always.deploys.len(), scenario.hotfixes.len()), (1, 1, 1));
    let mut simulation = Simulation::new(Arc::new(scenario), 1);
    simulation.run_until(SimTime::from_secs(900));
}
