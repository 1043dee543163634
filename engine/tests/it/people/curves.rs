//! What leading people costs and buys, as curves: docs/people.md shows them, and this file measures them again.
//!
//! Each point is the mean over many seeds, the same ones for every point of a curve.

use std::path::Path;
use std::sync::Arc;

use brownout::Simulation;
use brownout::ids::Id;
use brownout::response::Command;
use brownout::response::comms::{Audience, Extent};
use brownout::response::people::{Stage, Tone};
use brownout::scenario::Scenario;
use brownout::units::SimTime;

use super::bad_news::answer;
use super::comms::say;
use super::{SHOP, Shop, act, scenario, shop_with_audiences};

/// Compares a table with the one in docs/people.md that stands under a heading.
#[track_caller]
fn documented(heading: &str, table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/people.md");
    let text = std::fs::read_to_string(path).expect("the page");
    let (_, section) = text.split_once(&format!("## {heading}\n")).expect("the heading");
    let found: Vec<&str> =
        section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|')).collect();
    assert_eq!(found.join("\n"), table.trim_end(), "docs/people.md, {heading}: measured is\n{table}");
}

fn mean(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let values: Vec<f64> = values.collect();
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (count - 1.0);
    (mean, (variance / count).sqrt())
}

/// Minutes from the order until a hotfix of half an hour on average is written. Every quarter of a minute the lead may ask.
fn written(scenario: &Arc<Scenario>, seed: u64, time_box: Option<u64>, asks: impl Fn(&Shop, u64) -> bool) -> f64 {
    let mut shop = Shop { simulation: Simulation::new(Arc::clone(scenario), seed) };
    shop.pass(120);
    shop.accepted(act("hotfix fix", Some("mira"), time_box));
    for quarter in 1..(4 * 60 * 23) {
        shop.pass(120 + quarter * 15);
        if let Some((at, _)) = shop.simulation.orders().first() {
            return (at.whole_secs() - 120) as f64 / 60.0;
        }
        if asks(&shop, quarter) {
            // Who is done cannot be asked any more.
            let _ = shop.say(Command::CheckIn { task: 0 });
        }
    }
    panic!("seed {seed}: not written in a day");
}

fn left_alone(scenario: &Arc<Scenario>, seed: u64) -> f64 {
    written(scenario, seed, None, |_, _| false)
}

/// Asked when a time-box of twenty minutes ends, and again when the next one does.
fn boxed(scenario: &Arc<Scenario>, seed: u64) -> f64 {
    written(scenario, seed, Some(20), |shop, _| {
        let view = shop.view();
        let ends = view.tasks.first().and_then(|task| task.time_box_ends);
        ends.is_some_and(|ends| ends <= shop.simulation.now()) && view.doing.is_none()
    })
}

/// Asked every so many minutes, without a word before.
fn pinged(scenario: &Arc<Scenario>, seed: u64, every: u64) -> f64 {
    written(scenario, seed, None, |_, quarter| quarter % (every * 4) == 0)
}

/// Habits as they are by default, but for a hotfix whose length varies.
fn usual_habits() -> Arc<Scenario> {
    let text = SHOP.replace("HABITS", "()").replace("4h", "24h").replace("Constant(\"2/s\")", "Constant(\"1/min\")");
    let text = text.replace("duration: \"30m\"", "duration: Lognormal(mean: \"30m\", cv: 0.4)");
    scenario(&text.replace("speaks_up: \"0%\"", "speaks_up: \"50%\""), "()", &[])
}

const SEEDS: u64 = 200;

#[test]
fn leaving_a_hotfix_writer_alone_for_a_time_box_is_best() {
    let scenario = usual_habits();
    let point = |measure: &dyn Fn(u64) -> f64| mean((1..=SEEDS).map(measure));
    let never = point(&|seed| left_alone(&scenario, seed));
    let time_boxed = point(&|seed| boxed(&scenario, seed));
    let rows = [5, 10, 15, 20].map(|every| (every, point(&|seed| pinged(&scenario, seed, every))));
    let mut table = "| the lead asks | minutes until it is written |\n|---|---|\n".to_owned();
    for (every, (mean, error)) in &rows {
        table.push_str(&format!("| every {every} minutes, unannounced | {mean:.1} ± {error:.1} |\n"));
    }
    table.push_str(&format!(
        "| at the end of each time-box of 20 minutes | {:.1} ± {:.1} |\n",
        time_boxed.0, time_boxed.1
    ));
    table.push_str(&format!("| never | {:.1} ± {:.1} |\n", never.0, never.1));
    assert!(rows.windows(2).all(|pair| pair[0].1.0 > pair[1].1.0), "the more often the longer:\n{table}");
    assert!(rows[3].1.0 > time_boxed.0 && never.0 > time_boxed.0, "a time-box is best:\n{table}");
    documented("Asking how it goes", &table);
}

#[test]
fn who_is_blocked_and_never_asked_loses_most() {
    let mut table =
        "| chance to be blocked | asked at the end of each time-box of 20 minutes | never asked |\n|---|---|---|\n"
            .to_owned();
    let text = SHOP.replace("HABITS", "()").replace("4h", "24h").replace("Constant(\"2/s\")", "Constant(\"1/min\")");
    let mut gains = Vec::new();
    for blocked in ["0%", "25%", "50%", "100%"] {
        let scenario = scenario(&text, "()", &[("blocked", blocked)]);
        let boxed = mean((1..=SEEDS).map(|seed| boxed(&scenario, seed)));
        let never = mean((1..=SEEDS).map(|seed| left_alone(&scenario, seed)));
        table.push_str(&format!("| {blocked} | {:.1} ± {:.1} | {:.1} ± {:.1} |\n", boxed.0, boxed.1, never.0, never.1));
        gains.push(never.0 - boxed.0);
    }
    assert!(gains.is_sorted() && gains[0].abs() < 1e-9 && gains[1] > 0.0, "{gains:?}\n{table}");
    documented("Being blocked", &table);
}

/// Minutes from the moment in which the writer of a hotfix is blocked until the lead knows, or until it does not matter any more. Before
/// that, as often as it says, they were asked, said that they were blocked, and were answered in a tone.
fn known(scenario: &Arc<Scenario>, seed: u64, answers: usize, tone: Tone) -> f64 {
    let mut shop = Shop { simulation: Simulation::new(Arc::clone(scenario), seed) };
    shop.pass(120);
    for _ in 0..answers {
        let (task, ..) = until_blocked(&mut shop);
        let people = |shop: &Shop| shop.simulation.people().cloned().expect("people");
        let before = people(&shop).news.len();
        shop.accepted(Command::CheckIn { task });
        let bad = until(&mut shop, |shop| {
            people(shop).news.iter().skip(before).find(|news| news.bad).map(|news| news.number)
        });
        shop.accepted(answer(bad, tone)).accepted(Command::Cancel { task });
        until(&mut shop, |shop| (!people(shop).tasks[Id::new(task)].is_open()).then_some(()));
    }
    let (_, says, alone) = until_blocked(&mut shop);
    says.map_or(alone, |says| says.min(alone)).since(shop.simulation.now()).as_secs_f64() / 60.0
}

/// Gives the hotfix to mira, and lets the time pass until she is blocked. Returns its number, when she will say so, and when she will
/// have found a way.
fn until_blocked(shop: &mut Shop) -> (u32, Option<SimTime>, SimTime) {
    let task = shop.simulation.people().expect("people").tasks.len() as u32;
    shop.accepted(act("hotfix fix", Some("mira"), None));
    until(shop, |shop| match shop.simulation.people()?.tasks.get(Id::new(task))?.stage {
        Stage::Blocked { says, alone, .. } => Some((task, says, alone)),
        _ => None,
    })
}

/// Lets seconds pass until there is something.
fn until<T>(shop: &mut Shop, found: impl Fn(&Shop) -> Option<T>) -> T {
    for second in shop.simulation.now().whole_secs()..(24 * 3_600) {
        shop.pass(second);
        if let Some(found) = found(shop) {
            return found;
        }
    }
    panic!("not in a day");
}

#[test]
fn blame_makes_bad_news_late() {
    let text = SHOP.replace("HABITS", "()").replace("4h", "24h").replace("Constant(\"2/s\")", "Constant(\"1/min\")");
    let text = text.replace("speaks_up: \"0%\"", "speaks_up: \"80%\"").replace("duration: \"30m\"", "duration: \"4m\"");
    let scenario = scenario(&text, "()", &[("blocked", "100%"), ("candour", "80%")]);
    let mut table = "| bad news before | thanked | asked on | blamed |\n|---|---|---|---|\n".to_owned();
    let mut rows = Vec::new();
    for answers in [0, 1, 2, 4] {
        let row = [Tone::Thank, Tone::Neutral, Tone::Blame]
            .map(|tone| mean((1..=2 * SEEDS).map(|seed| known(&scenario, seed, answers, tone))));
        let cells = row.map(|(mean, error)| format!("{mean:.1} ± {error:.1}")).join(" | ");
        table.push_str(&format!("| {answers} | {cells} |\n"));
        rows.push(row.map(|(mean, _)| mean));
    }
    assert!(rows[1..].iter().all(|[thanked, _, blamed]| blamed > thanked), "{table}");
    assert!(rows.windows(2).all(|pair| pair[1][2] > pair[0][2]) && rows[3][0] < rows[3][1], "{table}");
    documented("Answering bad news", &table);
}

#[test]
fn the_longer_the_silence_the_more_executives_ask() {
    let text = shop_with_audiences("()").replace("Constant(\"2/s\")", "Constant(\"30/min\")").replace("4h", "70m");
    let scenario = scenario(&text, "()", &[]);
    let mut table = "| word to everybody | executives interrupt, an hour | tickets, an hour | trust of the public after it |\n|---|---|---|---|\n".to_owned();
    let mut executives = Vec::new();
    let mut trust = Vec::new();
    let rows = [
        ("every 15 minutes", Some(15), Extent::Most),
        ("every 30 minutes", Some(30), Extent::Most),
        ("once", Some(100), Extent::Most),
        ("none", None, Extent::Most),
        ("every 15 minutes, that nothing fails", Some(15), Extent::None),
    ];
    for (name, every, impact) in rows {
        let hours: Vec<(f64, f64, f64)> = (1..=60).map(|seed| hour(&scenario, seed, every, impact)).collect();
        let column = |pick: fn(&(f64, f64, f64)) -> f64| mean(hours.iter().map(pick));
        let (asked, tickets, trusted) = (column(|hour| hour.0), column(|hour| hour.1), column(|hour| hour.2));
        table.push_str(&format!(
            "| {name} | {:.1} ± {:.1} | {:.0} ± {:.0} | {:.0}% |\n",
            asked.0,
            asked.1,
            tickets.0,
            tickets.1,
            trusted.0 * 100.0
        ));
        executives.push(asked.0);
        trust.push(trusted.0);
    }
    assert!(executives[..4].is_sorted() && executives[3] > 3.0 * executives[0], "{table}");
    assert!(trust[4] < trust[3] && trust[3] < trust[2] && trust[2] < trust[0], "a falsehood costs most:\n{table}");
    documented("Word to those who wait", &table);
}

/// An hour in which six requests of ten fail: interruptions by executives, tickets, and the trust of the public after it.
fn hour(scenario: &Arc<Scenario>, seed: u64, every: Option<u64>, impact: Extent) -> (f64, f64, f64) {
    let mut shop = Shop { simulation: Simulation::new(Arc::clone(scenario), seed) };
    for minute in 4..64 {
        shop.pass(minute * 60);
        if every.is_some_and(|every| (minute - 4) % every == 0) {
            for to in [Audience::StatusPage, Audience::Executives, Audience::Support] {
                shop.accepted(say(to, impact, 30));
            }
        }
    }
    shop.pass(64 * 60);
    let comms = shop.simulation.comms().expect("audiences");
    (comms.interrupted().0 as f64, comms.tickets() as f64, comms.audiences[Audience::StatusPage as usize].trust)
}
