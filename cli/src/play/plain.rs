//! A session by lines of text: commands from standard input, what comes of them on standard output. The clock runs only while
//! the player waits.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use brownout::text::shown;
use brownout::units::SimDuration;

use crate::failure::Failure;
use crate::{output, report};

use super::feed::Item;
use super::figures::clock;
use super::game::{ANSWER_FIRST, Game, NOT_NOW};
use super::line::{self, Line, Names, Topic};
use super::{Left, show, typed};

/// Longer lines are no commands.
const LONGEST: u64 = 64 << 10;

/// Plays until the lines end, the player quits or the scenario is over.
pub(super) fn play(game: &mut Game) -> Result<Left, Failure> {
    report::say(
        "no terminal to draw on: reading commands from standard input, one a line; time passes with `wait`, `help` lists them",
    );
    let prompts = io::stdin().is_terminal();
    say(&show::topic(game, Topic::Status))?;
    let mut told = game.feed.items.len();
    while !game.is_over() {
        if prompts {
            output::print("> ")?;
        }
        // A pipe that breaks is no decision to end what can be gone on with.
        let Some(text) = read_line()? else {
            return Ok(if game.record().is_some() { Left::Open } else { Left::Ended });
        };
        match line::parse(&text, &names(game)) {
            Ok(None) => {}
            Ok(Some(line)) if game.probe().is_some() && !is_open_to(&line) => {
                say(&format!("{} refused: {ANSWER_FIRST}\n", clock(game.now())))?;
            }
            Ok(Some(Line::Quit)) => return Ok(Left::Ended),
            Ok(Some(Line::Leave)) if game.record().is_some() => return Ok(Left::Open),
            Ok(Some(line)) => told = answer(game, line, told)?,
            Err(problem) => say(&format!("{} not understood: {problem}\n", clock(game.now())))?,
        }
    }
    say(&format!("{} the scenario is over\n", clock(game.now())))?;
    Ok(Left::Ended)
}

/// What can be named now.
pub(super) fn names(game: &Game) -> Names {
    let populations = game.scenario().populations.iter().map(|population| population.name.clone());
    match &game.seen.last {
        Some(seen) => Names::of(seen, &game.menu(), populations),
        None => Names::default(),
    }
}

/// Does what a line asks for. Returns how much of what came up has been told.
fn answer(game: &mut Game, line: Line, told: usize) -> Result<usize, Failure> {
    let now = clock(game.now());
    match line {
        Line::Give(command) => {
            let text = typed::command(&command, None);
            let before = game.on_the_leads_mind();
            match game.give(command)? {
                Ok(()) => say(&format!("{now} accepted: {text}{}\n", game.when_attended(before)))?,
                Err(why) => say(&format!("{now} refused: {text}: {}\n", shown(&why)))?,
            }
        }
        Line::Reply(reply) => match game.reply(reply)? {
            Ok(()) => say(&format!("{now} answered; time goes on\n"))?,
            Err(why) => say(&format!("{now} refused: {}\n", shown(&why)))?,
        },
        Line::Hint => match game.hint()? {
            Ok(question) => say(&format!("{now} coach: {}\n", shown(&question)))?,
            Err(why) => say(&format!("{now} refused: hint: {why}\n"))?,
        },
        Line::RewindBy(_) | Line::RewindTo(_) => {
            match game.rewind(game.back(&line))? {
                Ok(words) => say(&format!("{words}\n{}", show::topic(game, Topic::Status)))?,
                Err(why) => say(&format!("{now} refused: rewind: {why}\n"))?,
            }
            return Ok(game.feed.items.len());
        }
        Line::Facilitate(command) => {
            let text = typed::command(&command, None);
            match game.facilitate(command)? {
                Ok(()) => say(&format!("{now} facilitator: {text}\n"))?,
                Err(why) => say(&format!("{now} refused: {text}: {}\n", shown(&why)))?,
            }
        }
        Line::Stop | Line::GoOn => {
            game.stop(line == Line::Stop)?;
            say(&format!("{now} the exercise {}\n", if game.is_stopped() { "is stopped" } else { "goes on" }))?;
        }
        Line::Wait(_) if game.is_stopped() => say(&format!("{now} refused: wait: {NOT_NOW}\n"))?,
        Line::Wait(span) => wait(game, span)?,
        Line::Show(topic) => say(&show::topic(game, topic))?,
        Line::Pause | Line::Go | Line::Speed(_) => {
            say(&format!("{now} the clock stands still here, and runs with `wait 5m`\n"))?;
        }
        Line::Leave => {
            say(&format!("{now} refused: leave: there is no record to go on with; `quit` ends the session\n"))?;
        }
        Line::Quit => {}
    }
    for item in &game.feed.items[told.min(game.feed.items.len())..] {
        say(&format!("{}\n", item_line(item)))?;
    }
    Ok(game.feed.items.len())
}

/// Whether a line can be said while a question is open.
const fn is_open_to(line: &Line) -> bool {
    let help = matches!(line, Line::Show(Topic::Help | Topic::Story | Topic::Notes));
    help || matches!(line, Line::Reply(_) | Line::Leave | Line::Facilitate(_) | Line::Stop | Line::GoOn)
}

fn wait(game: &mut Game, span: SimDuration) -> Result<(), Failure> {
    let passed = game.wait(span)?;
    let short = if passed < span { ", until something came up" } else { "" };
    say(&format!("{} {passed} later{short}\n", clock(game.now())))?;
    game.probe()
        .map_or(Ok(()), |probe| say(&format!("{}  reply errors=40% begins=SERVICE likely=70%\n", show::probe(&probe))))
}

/// What came up, in one line.
pub(super) fn item_line(item: &Item) -> String {
    format!("{} {}: {}", clock(item.at), item.from, item.text)
}

fn say(text: &str) -> Result<(), Failure> {
    output::print(text)
}

/// The next line; `None` at the end of the input.
fn read_line() -> Result<Option<String>, Failure> {
    let mut bytes = Vec::new();
    let mut input = io::Read::take(io::stdin().lock(), LONGEST);
    let read = input.read_until(b'\n', &mut bytes);
    let count = read.map_err(|error| Failure::Input(format!("cannot read standard input: {error}")))?;
    let _ = io::stdout().lock().flush();
    Ok((count > 0).then(|| String::from_utf8_lossy(&bytes).into_owned()))
}
