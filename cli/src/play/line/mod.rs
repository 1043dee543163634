//! The command line of a session: from a line of text to what it asks for. Knows no screen.
//!
//! What can be named comes from [`Names`], which are taken from what the lead sees and from the menu; what is done to the
//! simulation, and whether it makes sense there, the simulation decides.

mod complete;
mod facilitator;
mod look;
mod names;
mod option;
mod people;
mod reply;
mod statement;
mod trigger;
mod words;

#[cfg(test)]
mod tests;

pub(super) use complete::complete;
pub(super) use names::Names;
pub(super) use people::parts_told;

use brownout::response::people::Severity;
use brownout::response::{Action, Command};
use brownout::text::{shown, suggest};
use brownout::units::{SimDuration, SimTime};

use words::words;

/// What a line asks for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Line {
    /// Something that is done in the simulation.
    Give(Command),
    /// Something that whoever runs the exercise does.
    Facilitate(Command),
    /// Whoever runs the exercise stops every clock: nothing can be done until they let it go on.
    Stop,
    /// They let it go on.
    GoOn,
    /// Answer the probe that is open, or decline to.
    Reply(Command),
    /// Ask the coach.
    Hint,
    /// Go back by so much.
    RewindBy(SimDuration),
    /// Go back to a time.
    RewindTo(SimTime),
    /// Run ahead until something comes up, or for so long.
    Wait(SimDuration),
    /// Stop the clock.
    Pause,
    /// Let the clock run.
    Go,
    /// Let it run as many times faster than real time.
    Speed(u32),
    /// Show more about something.
    Show(Topic),
    /// End the session.
    Quit,
    /// Leave the session open, to go on with it later.
    Leave,
}

/// What can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    /// What can be typed.
    Help,
    /// The options.
    Menu,
    /// What happened before.
    Story,
    /// Every dashboard.
    Charts,
    /// Every alert.
    Alerts,
    /// Everybody.
    People,
    /// Every task.
    Tasks,
    /// Everything that came up.
    News,
    /// What was rolled out.
    Changes,
    /// The instruments that can be asked.
    Looks,
    /// What instruments have shown, and what was concluded from it.
    Evidence,
    /// The situation in a few lines.
    Status,
    /// Remarks and bookmarks; for whoever runs the exercise, and in no list.
    Notes,
}

impl Topic {
    /// Every topic with the word for it.
    pub(super) const ALL: [(&'static str, Self); 12] = [
        ("help", Self::Help),
        ("menu", Self::Menu),
        ("story", Self::Story),
        ("charts", Self::Charts),
        ("alerts", Self::Alerts),
        ("people", Self::People),
        ("tasks", Self::Tasks),
        ("news", Self::News),
        ("changes", Self::Changes),
        ("looks", Self::Looks),
        ("evidence", Self::Evidence),
        ("status", Self::Status),
    ];
}

/// The speeds at which the clock can run.
pub(super) const SPEEDS: [u32; 5] = [1, 2, 4, 10, 60];

/// How long `wait` waits when nothing is said.
pub(super) const WAITS: SimDuration = SimDuration::from_secs(300);

/// The words with which a line can begin, besides the topics and the kinds of actions.
pub(super) const VERBS: [&str; 25] = [
    "reply",
    "decline",
    "answer",
    "hand",
    "trigger",
    "withdraw",
    "hint",
    "rewind",
    "look",
    "investigate",
    "note",
    "facilitator",
    "page",
    "check",
    "reassign",
    "cancel",
    "release",
    "declare",
    "say",
    "wait",
    "pause",
    "go",
    "speed",
    "quit",
    "leave",
];

/// Reads a line. `None` when there is nothing in it.
///
/// # Errors
/// What cannot be understood, and what could be, in words.
pub(super) fn parse(text: &str, names: &Names) -> Result<Option<Line>, String> {
    let words = words(text)?;
    let Some((first, rest)) = words.split_first() else { return Ok(None) };
    if first.starts_with('#') {
        return Ok(None);
    }
    let first = first.to_ascii_lowercase();
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    read(&first, &rest, names).map(Some)
}

fn read(first: &str, rest: &[&str], names: &Names) -> Result<Line, String> {
    if let ("pause" | "resume", []) = (first, rest) {
        return Ok(if first == "pause" { Line::Pause } else { Line::Go });
    }
    if let Some((_, topic)) = Topic::ALL.iter().find(|(word, _)| *word == first) {
        return nothing_more(first, rest).map(|()| Line::Show(*topic));
    }
    if Action::from_name(first).is_some() {
        return option::act(first, rest, names);
    }
    match (first, rest) {
        ("page" | "release", []) => Err(format!("{first} whom? {}", names.of_whom(first))),
        ("page", whom) => Ok(Line::Give(Command::Page { whom: whom.join(" ") })),
        ("release", whom) => Ok(Line::Give(Command::Release { whom: whom.join(" ") })),
        ("check" | "check-in", rest) => {
            let rest = rest.strip_prefix(&["in"]).unwrap_or(rest);
            Ok(Line::Give(Command::CheckIn { task: only_task(first, rest, names)? }))
        }
        ("cancel", rest) => Ok(Line::Give(Command::Cancel { task: only_task(first, rest, names)? })),
        ("reassign", rest) => reassign(rest, names),
        ("answer", rest) => people::answer(rest),
        ("hand", ["over", rest @ ..]) | ("hand-over", rest) => people::hand_over(rest, names),
        ("hand", _) => Err("hand over to whom? such as `hand over mira told severity,summary,actions`".to_owned()),
        ("declare", [severity]) => declare(severity),
        ("declare", _) => Err("declare how bad? from 1 (the worst) to 5, such as `declare 2`".to_owned()),
        ("reply", rest) => reply::reply(rest),
        ("decline", rest) => nothing_more(first, rest).map(|()| reply::decline()),
        ("hint", rest) => nothing_more(first, rest).map(|()| Line::Hint),
        ("rewind", ["to", time]) => rewind_to(time),
        ("rewind", [span]) => self::span(span, "a span to go back").map(Line::RewindBy),
        ("rewind", _) => Err("go back how far? such as `rewind 5m` or `rewind to 12:30`".to_owned()),
        ("note", rest) => facilitator::note(rest),
        ("facilitator", rest) => facilitator::facilitator(rest),
        ("look", rest) => look::look(rest, names),
        ("investigate", rest) => look::investigate(rest, names),
        ("trigger", rest) => trigger::trigger(rest, names),
        ("withdraw", rest) => trigger::withdraw(rest),
        ("say", rest) => statement::say(rest, names).map(Line::Give),
        ("wait", []) => Ok(Line::Wait(WAITS)),
        ("wait", [span]) => wait(span),
        ("wait", _) => Err("wait for how long? such as `wait 5m`".to_owned()),
        ("go" | "run", rest) => nothing_more(first, rest).map(|()| Line::Go),
        ("speed", [speed]) => self::speed(speed),
        ("speed", _) => Err(format!("how fast? {}", speeds())),
        ("quit" | "exit", rest) => nothing_more(first, rest).map(|()| Line::Quit),
        ("leave", rest) => nothing_more(first, rest).map(|()| Line::Leave),
        ("?", []) => Ok(Line::Show(Topic::Help)),
        _ => Err(unknown(first, rest)),
    }
}

fn unknown(first: &str, rest: &[&str]) -> String {
    let known = VERBS.iter().copied().chain(Topic::ALL.iter().map(|(word, _)| *word));
    let known: Vec<&str> = known.chain(Action::ALL.iter().map(|action| action.name())).collect();
    let joined = rest.first().map(|second| format!("{first}-{second}"));
    let near =
        joined.as_deref().filter(|joined| known.contains(joined)).or_else(|| suggest(first, known.iter().copied()));
    let help =
        near.map_or_else(|| "`help` lists what can be typed".to_owned(), |near| format!("did you mean `{near}`?"));
    format!("nothing is called \"{}\"; {help}", shown(first))
}

fn nothing_more(first: &str, rest: &[&str]) -> Result<(), String> {
    match rest {
        [] => Ok(()),
        [more, ..] => Err(format!("`{first}` stands alone; what is \"{}\"?", shown(more))),
    }
}

/// Whoever is meant by these has their own hands.
fn is_me(who: &str) -> bool {
    matches!(who, "me" | "myself" | "lead")
}

fn reassign(rest: &[&str], names: &Names) -> Result<Line, String> {
    let (rest, told) = people::told(rest)?;
    match rest {
        [task, to] | [task, "to", to] => {
            Ok(Line::Give(Command::Reassign { task: number(task)?, to: (*to).to_owned(), told }))
        }
        _ => Err(format!("reassign which task to whom? such as `reassign 2 jonas`; {}", names.of_tasks())),
    }
}

fn only_task(verb: &str, rest: &[&str], names: &Names) -> Result<u32, String> {
    match rest {
        [task] => number(task),
        _ => Err(format!("{verb} which task? such as `{verb} 2`; {}", names.of_tasks())),
    }
}

fn number(task: &str) -> Result<u32, String> {
    let digits = task.strip_prefix('#').unwrap_or(task);
    digits.parse().map_err(|_not_a_number| format!("\"{}\" is no number of a task", shown(task)))
}

fn declare(severity: &str) -> Result<Line, String> {
    let number = severity.to_ascii_lowercase();
    let number = number.strip_prefix("sev").unwrap_or(&number);
    let severity = number.parse().ok().and_then(Severity::new);
    severity
        .map(|severity| Line::Give(Command::Declare { severity }))
        .ok_or_else(|| "a severity is from 1 (the worst) to 5, such as `declare 2`".to_owned())
}

fn wait(text: &str) -> Result<Line, String> {
    let span = span(text, "a wait")?;
    let whole = SimDuration::from_secs(span.as_nanos().div_ceil(SimDuration::SECOND.as_nanos()));
    if whole.is_zero() { Err("wait for how long? such as `wait 5m`".to_owned()) } else { Ok(Line::Wait(whole)) }
}

fn rewind_to(text: &str) -> Result<Line, String> {
    let time = text.parse().map_err(|error: brownout::units::UnitError| error.help());
    time.map(Line::RewindTo).map_err(|help| format!("\"{}\" is no time: {help}", shown(text)))
}

fn speed(text: &str) -> Result<Line, String> {
    let digits = text.strip_suffix(['x', 'X']).unwrap_or(text);
    let speed = digits.parse().ok().filter(|speed| SPEEDS.contains(speed));
    speed.map(Line::Speed).ok_or_else(|| format!("\"{}\" is none of the speeds; {}", shown(text), speeds()))
}

fn speeds() -> String {
    let known: Vec<String> = SPEEDS.iter().map(|speed| format!("{speed}x")).collect();
    format!("there are {}", known.join(", "))
}

fn span(text: &str, what: &str) -> Result<SimDuration, String> {
    let read = text.parse().map_err(|error: brownout::units::UnitError| error.help());
    read.map_err(|help| format!("\"{}\" is not {what}: {help}", shown(text)))
}
