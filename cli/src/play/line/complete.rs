//! Completing what is typed.

use brownout::response::WAIT;
use brownout::response::comms::Audience;
use brownout::response::people::{Part, Tone};

use super::facilitator::{ROWS, WORDS};
use super::option::SAYING;
use super::statement::{EXTENTS, PARTS};
use super::{Names, SPEEDS, Topic, VERBS};

/// What the last word of a line may become, each with what is typed of the line before it; in the order in which it is listed.
pub(in crate::play) fn complete(text: &str, names: &Names) -> Vec<String> {
    let start = text.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let (before, word) = text.split_at(start);
    let said: Vec<&str> = before.split_whitespace().collect();
    let mut found: Vec<String> = Vec::new();
    for candidate in candidates(&said, word, names) {
        if candidate.starts_with(word) && candidate != word && !found.contains(&candidate) {
            found.push(candidate);
        }
    }
    found.iter().map(|candidate| format!("{before}{candidate}")).collect()
}

fn candidates(said: &[&str], word: &str, names: &Names) -> Vec<String> {
    let people = |here: Option<bool>| -> Vec<String> {
        names
            .people
            .iter()
            .filter(|(_, is)| here.is_none_or(|here| here == *is))
            .map(|(name, _)| name.clone())
            .collect()
    };
    let tasks = || names.tasks.iter().map(|(number, _)| number.to_string()).collect();
    match said {
        [] => first_words(names),
        ["facilitator"] => WORDS.map(str::to_owned).into(),
        ["facilitator", "mark"] => ROWS.iter().flat_map(|row| [format!("{row}+"), format!("{row}-")]).collect(),
        ["look"] => names.looks.iter().map(|(instrument, _)| instrument.clone()).collect(),
        ["look", instrument] => {
            let subjects = names.looks.iter().filter(|(name, _)| name == instrument).flat_map(|(_, subjects)| subjects);
            subjects.cloned().chain((!names.people.is_empty()).then(|| "by".to_owned())).collect()
        }
        ["look", _, _] | ["investigate", _] => vec!["by".to_owned()],
        ["investigate"] => names.services.clone(),
        ["investigate", _, "by", _] => vec!["for".to_owned()],
        ["page"] => names.teams.iter().cloned().chain(people(Some(false))).collect(),
        ["release"] | ["reassign", _] | ["hand", "over"] => people(Some(true)),
        ["hand"] => vec!["over".to_owned()],
        ["answer"] => names.bad_news.iter().rev().map(u32::to_string).collect(),
        ["answer", _] => Tone::ALL.map(|tone| tone.name().to_owned()).into(),
        ["hand", "over", _] | ["reassign", _, _] => vec!["told".to_owned()],
        ["hand" | "reassign", .., "told"] => told(word),
        ["check" | "cancel" | "reassign"] => tasks(),
        ["declare"] => (1..=5).map(|severity: u32| severity.to_string()).collect(),
        ["speed"] => SPEEDS.iter().map(|speed| format!("{speed}x")).collect(),
        ["rewind"] => ["to", "2m", "5m", "10m"].map(str::to_owned).into(),
        ["wait"] => ["1m", "5m", "15m"].map(str::to_owned).into(),
        [.., "by"] => people(Some(true)),
        [.., "confident"] => ["50%", "70%", "90%"].map(str::to_owned).into(),
        [.., "weighed"] => names.options.iter().map(|option| option.name.clone()).chain([WAIT.to_owned()]).collect(),
        [.., "for" | "expect"] => ["5m", "10m", "20m"].map(str::to_owned).into(),
        ["say"] => Audience::ALL.map(|audience| audience.name().to_owned()).into(),
        ["say", _, ..] => parts(word, names),
        _ => of_an_option(said, word, names),
    }
}

/// The parts that may be told, with those before the last comma.
fn told(word: &str) -> Vec<String> {
    let (before, _) = word.split_at(word.rfind(',').map_or(0, |at| at + 1));
    let said: Vec<&str> = before.split(',').collect();
    let all = Part::ALL.map(Part::name).into_iter().chain(["all"]);
    all.filter(|part| !said.contains(part)).map(|part| format!("{before}{part}")).collect()
}

fn first_words(names: &Names) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let actions = names.options.iter().filter_map(|option| option.name.split(' ').next());
    for word in actions.chain(VERBS).chain(Topic::ALL.map(|(word, _)| word)) {
        if !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    }
    words
}

/// The next words of options that begin with what is said, or what may be said behind a whole one.
fn of_an_option(said: &[&str], word: &str, names: &Names) -> Vec<String> {
    let prefix = said.join(" ");
    let longer = names.options.iter().filter_map(|option| option.name.strip_prefix(&prefix)?.strip_prefix(' '));
    let mut found: Vec<String> = longer.filter_map(|rest| rest.split(' ').next()).map(str::to_owned).collect();
    let whole = names.options.iter().find(|option| {
        prefix.strip_prefix(option.name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    });
    if let Some(option) = whole {
        for (parameter, values) in &option.parameters {
            let before = format!("{parameter}=");
            if word.starts_with(&before) {
                found.extend(values.iter().map(|value| format!("{before}{value}")));
            } else if !said.iter().any(|word| word.starts_with(&before)) {
                found.push(before);
            }
        }
        if !names.people.is_empty() {
            found.extend(["by", "for"].iter().filter(|word| !said.contains(word)).map(|word| (*word).to_owned()));
        }
        let thought = SAYING.iter().filter(|word| !matches!(**word, "by" | "for") && !said.contains(word));
        found.extend(thought.map(|word| (*word).to_owned()));
    }
    found
}

fn parts(word: &str, names: &Names) -> Vec<String> {
    let with = |before: &str, values: Vec<String>| values.iter().map(|value| format!("{before}{value}")).collect();
    match word.split_once('=') {
        Some(("impact", _)) => with("impact=", EXTENTS.map(|(name, _)| name.to_owned()).into()),
        Some(("scope", _)) => with("scope=", names.subjects.clone()),
        Some(("cause", _)) => {
            let causes = ["suspected", "known"]
                .iter()
                .flat_map(|how| names.services.iter().map(move |of| format!("{how}:{of}")));
            with("cause=", std::iter::once("unknown".to_owned()).chain(causes).collect())
        }
        Some(("next", _)) => with("next=", ["10m", "20m", "30m"].map(str::to_owned).into()),
        Some(_) => Vec::new(),
        None => PARTS.iter().map(|part| format!("{part}=")).chain(["resolved".to_owned(), "by".to_owned()]).collect(),
    }
}
