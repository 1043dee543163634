//! The state of the screen, and what keys do to it.

use std::time::{Duration, Instant};

use brownout::text::shown;
use brownout::units::SimTime;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::failure::Failure;

use super::super::figures::clock;
use super::super::game::{Game, NOT_NOW};
use super::super::line::{self, Line, SPEEDS, Topic};
use super::super::{Left, plain, real_time, show, typed};
use super::dialog::{self, Dialog, Then};
use super::editor::{Editor, common_start};
use super::over;

/// How long the simulation may run before the screen is drawn again.
const AT_ONCE: Duration = Duration::from_millis(40);
/// Entries on a page of a menu: what one digit chooses.
pub(super) const PER_PAGE: usize = 9;
/// How much is said at once below the situation.
const TOLD: usize = 150;
/// How far a page is scrolled.
const SCROLL: usize = 10;

/// The state of the screen.
pub(super) struct App<'a> {
    pub(super) game: &'a mut Game,
    pub(super) editor: Editor,
    /// What lies over the situation, the last one on top.
    pub(super) dialogs: Vec<Dialog>,
    /// What came of the last command, and whether it was no good.
    pub(super) message: (String, bool),
    /// What the line can become.
    pub(super) completions: Vec<String>,
    pub(super) paused: bool,
    pub(super) speed: u32,
    /// Simulated seconds that are due.
    owed: f64,
    /// Until when the clock runs ahead.
    pub(super) waits_until: Option<SimTime>,
    /// Whether Ctrl-C was pressed, and nothing since.
    leaving: bool,
    /// Whether `quit` was said, which wants to be said twice.
    quitting: bool,
    left: Option<Left>,
}

impl<'a> App<'a> {
    /// The clock stands until the story has been read.
    pub(super) fn new(game: &'a mut Game) -> Self {
        let mut app = Self {
            game,
            editor: Editor::default(),
            dialogs: Vec::new(),
            message: (String::new(), false),
            completions: Vec::new(),
            paused: true,
            speed: 1,
            owed: 0.0,
            waits_until: None,
            leaving: false,
            quitting: false,
            left: None,
        };
        if app.game.now() == SimTime::ZERO {
            app.show(Topic::Story, "Esc begins: the clock runs then");
        } else {
            app.paused = app.game.may_pause();
            let how = if app.paused { "; Space lets the clock run" } else { "" };
            app.tell(format!("going on at {}{how}", clock(app.game.now())));
        }
        app
    }

    pub(super) const fn left(&self) -> Option<Left> {
        self.left
    }

    pub(super) const fn is_waiting(&self) -> bool {
        self.waits_until.is_some()
    }

    fn tell(&mut self, text: impl Into<String>) {
        self.message = (text.into(), false);
    }

    fn refuse(&mut self, text: impl Into<String>) {
        self.message = (text.into(), true);
    }

    /// Lets the clock run for some real time.
    pub(super) fn pass(&mut self, real: Duration) -> Result<(), Failure> {
        let begun = real_time::now();
        self.ask();
        if self.waits_until.is_some() {
            self.run_ahead(begun)?;
        } else if !self.paused && !self.game.is_stopped() {
            self.run(real, begun)?;
        }
        // A question that came up meanwhile covers what is shown before it is drawn.
        self.ask();
        Ok(())
    }

    fn run(&mut self, real: Duration, begun: Instant) -> Result<(), Failure> {
        let speed = f64::from(self.speed);
        // What the machine is too slow for is let go: the clock runs as fast as it can.
        self.owed = (self.owed + real.as_secs_f64() * speed).min(speed.max(1.0));
        while self.owed >= 1.0 && !self.game.is_over() && begun.elapsed() < AT_ONCE {
            self.owed -= 1.0;
            self.game.pass_a_second()?;
        }
        Ok(())
    }

    /// Covers what is shown while a question is open.
    fn ask(&mut self) {
        if let Some(probe) = self.game.probe()
            && !self.dialogs.last().is_some_and(dialog::is_probe)
        {
            self.waits_until = None;
            self.editor.clear();
            self.dialogs = vec![dialog::probe(&probe, &plain::names(self.game))];
        }
    }

    fn run_ahead(&mut self, begun: Instant) -> Result<(), Failure> {
        while let Some(until) = self.waits_until.filter(|_| begun.elapsed() < AT_ONCE) {
            if self.game.now() >= until || self.game.is_over() {
                self.waits_until = None;
                self.tell("the wait is over");
            } else if self.game.pass_a_second()? {
                self.waits_until = None;
                let left = until.since(self.game.now().min(until));
                let last = self.game.feed.last_to_look_at().filter(|_| self.game.probe().is_none());
                let what = last.map(|item| format!(": {}: {}", item.from, item.text));
                let left = if left.is_zero() { String::new() } else { format!("{left} of the wait left; ") };
                let what = what.unwrap_or_default();
                self.tell(over::cut(&format!("{left}something came up{what}"), TOLD));
            }
        }
        if self.waits_until.is_none() {
            self.game.note()?;
        }
        Ok(())
    }

    /// Takes in a text that was pasted.
    pub(super) fn paste(&mut self, text: &str) {
        text.chars().filter(|c| !c.is_control()).for_each(|c| self.editor.insert(c));
    }

    /// Takes a key.
    pub(super) fn key(&mut self, key: KeyEvent) -> Result<(), Failure> {
        if key.modifiers.contains(KeyModifiers::CONTROL) && self.control(key.code) {
            return Ok(());
        }
        self.leaving = false;
        if self.waits_until.take().is_some() {
            self.tell("the wait was broken off");
            return self.game.note();
        }
        if self.game.is_over() {
            if key.code == KeyCode::Enter {
                self.left = Some(Left::Ended);
            }
            return Ok(());
        }
        let completions = std::mem::take(&mut self.completions);
        match self.dialogs.last_mut() {
            None => self.key_to_line(key.code, completions),
            Some(Dialog::Form(_)) => self.key_to_form(key.code),
            Some(_) => self.key_to_list(key.code),
        }
    }

    /// Whether the key was one that works everywhere.
    fn control(&mut self, code: KeyCode) -> bool {
        match code {
            KeyCode::Char('c') if self.leaving => self.left = Some(Left::Open),
            KeyCode::Char('c') => {
                self.leaving = true;
                let what = if self.game.record().is_some() {
                    "leaves; --resume goes on"
                } else {
                    "leaves, and nothing is recorded"
                };
                self.refuse(format!("Ctrl-C once more {what}; `quit` ends the session with its summary"));
            }
            KeyCode::Char('u') => self.editor.clear(),
            KeyCode::Char('w') => self.editor.rub_out_word(),
            KeyCode::Char('a') => self.editor.home(),
            KeyCode::Char('e') => self.editor.end(),
            _ => return false,
        }
        true
    }

    /// Whether the key edits a line.
    fn edit(&mut self, code: KeyCode) -> bool {
        match code {
            KeyCode::Char(c) => self.editor.insert(c),
            KeyCode::Backspace => self.editor.backspace(),
            KeyCode::Delete => self.editor.delete(),
            KeyCode::Left => self.editor.left(),
            KeyCode::Right => self.editor.right(),
            KeyCode::Home => self.editor.home(),
            KeyCode::End => self.editor.end(),
            _ => return false,
        }
        true
    }

    fn key_to_line(&mut self, code: KeyCode, completions: Vec<String>) -> Result<(), Failure> {
        match code {
            KeyCode::Enter if self.editor.is_empty() => self.open_menu(),
            KeyCode::Char(' ') if self.editor.is_empty() => {
                let line = if self.paused { Line::Go } else { Line::Pause };
                self.do_line(line)?;
            }
            KeyCode::Char('+') if self.editor.is_empty() => self.change_speed(1),
            KeyCode::Char('-') if self.editor.is_empty() => self.change_speed(-1),
            KeyCode::Char('?') | KeyCode::F(1) if self.editor.is_empty() => self.show(Topic::Help, ""),
            KeyCode::Enter => {
                let text = self.editor.take();
                self.submit(&text)?;
            }
            KeyCode::Tab => self.complete(&completions),
            KeyCode::Up => self.editor.up(),
            KeyCode::Down => self.editor.down(),
            KeyCode::Esc => self.editor.clear(),
            code => {
                self.edit(code);
            }
        }
        Ok(())
    }

    fn complete(&mut self, before: &[String]) {
        let typed = self.editor.text();
        let found = line::complete(&typed, &plain::names(self.game));
        match found.as_slice() {
            [] => {}
            [only] => {
                let more = if only.ends_with('=') { "" } else { " " };
                self.editor.set(&format!("{only}{more}"));
            }
            many => {
                let common = common_start(many);
                if common.chars().count() > typed.chars().count() {
                    self.editor.set(&common);
                } else if before == many {
                    self.tell(format!("{} ways to go on", many.len()));
                }
                self.completions = found;
            }
        }
    }

    fn key_to_list(&mut self, code: KeyCode) -> Result<(), Failure> {
        match (self.dialogs.last_mut(), code) {
            (_, KeyCode::Esc | KeyCode::Backspace) => self.close(),
            (_, KeyCode::Char(c)) if !c.is_ascii_digit() && c != ' ' => {
                // Whoever types wants to say something.
                self.dialogs.clear();
                self.begin();
                self.editor.insert(c);
            }
            (Some(Dialog::Page { top, text, .. }), code) => match code {
                KeyCode::Down => *top = (*top + 1).min(text.lines().count()),
                KeyCode::Char(' ') | KeyCode::PageDown => *top = (*top + SCROLL).min(text.lines().count()),
                KeyCode::Up => *top = top.saturating_sub(1),
                KeyCode::PageUp => *top = top.saturating_sub(SCROLL),
                KeyCode::Home => *top = 0,
                KeyCode::End => *top = text.lines().count(),
                KeyCode::Enter => self.close(),
                _ => {}
            },
            (Some(Dialog::Pick { entries, page, .. }), code) => match code {
                KeyCode::Char(' ') | KeyCode::PageDown | KeyCode::Down | KeyCode::Right => {
                    *page = (*page + 1) % entries.len().div_ceil(PER_PAGE).max(1);
                }
                KeyCode::PageUp | KeyCode::Up | KeyCode::Left => {
                    let pages = entries.len().div_ceil(PER_PAGE).max(1);
                    *page = (*page + pages - 1) % pages;
                }
                KeyCode::Char(digit @ '1'..='9') => {
                    let at = *page * PER_PAGE + digit as usize - '1' as usize;
                    let then = entries.get(at).map(|entry| entry.then.clone());
                    return self.choose(then);
                }
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }

    fn choose(&mut self, then: Option<Then>) -> Result<(), Failure> {
        match then {
            Some(Then::Open(dialog)) => self.dialogs.push(*dialog),
            Some(Then::Show(topic)) => self.show(topic, ""),
            Some(Then::Give(text)) => {
                self.dialogs.clear();
                self.editor.remember(&text);
                self.submit(&text)?;
            }
            None => {}
        }
        Ok(())
    }

    fn key_to_form(&mut self, code: KeyCode) -> Result<(), Failure> {
        let Some(Dialog::Form(form)) = self.dialogs.last_mut() else { return Ok(()) };
        match code {
            KeyCode::Esc => self.close(),
            KeyCode::Up | KeyCode::BackTab => {
                form.at = form.at.saturating_sub(1);
                self.editor.clear();
            }
            KeyCode::Enter if form.is_complete() => {
                let text = form.line();
                return self.choose(Some(Then::Give(text)));
            }
            KeyCode::Enter | KeyCode::Down | KeyCode::Tab => {
                let said = self.editor.text();
                self.editor.clear();
                if form.is_declined(&said) {
                    return self.choose(Some(Then::Give(said.trim().to_owned())));
                }
                match form.answer(&said) {
                    Ok(()) => self.tell(""),
                    Err(problem) => self.refuse(problem),
                }
            }
            code => {
                self.edit(code);
            }
        }
        Ok(())
    }

    fn close(&mut self) {
        self.dialogs.pop();
        self.editor.clear();
        self.begin();
    }

    /// The clock begins to run when the story has been read.
    fn begin(&mut self) {
        if self.game.now() == SimTime::ZERO && self.dialogs.is_empty() && self.paused {
            self.paused = false;
            self.tell("the clock runs; Enter opens the menu, `help` lists what can be typed");
        }
    }

    fn open_menu(&mut self) {
        let names = plain::names(self.game);
        if let Some(seen) = &self.game.seen.last {
            self.dialogs.push(dialog::main_menu(seen, &self.game.menu(), &names));
        }
    }

    fn show(&mut self, topic: Topic, note: &str) {
        if topic == Topic::Menu {
            return self.open_menu();
        }
        let name = Topic::ALL.iter().find(|(_, one)| *one == topic).map_or("notes", |(name, _)| *name);
        let title = if note.is_empty() { name.to_owned() } else { format!("{name} - {note}") };
        let text = show::topic(self.game, topic);
        // What came last is what was asked for.
        let top = if topic == Topic::News { text.lines().count().saturating_sub(SCROLL) } else { 0 };
        self.dialogs.push(Dialog::Page { title, text, top });
    }

    fn change_speed(&mut self, by: isize) {
        let at = SPEEDS.iter().position(|speed| *speed == self.speed).unwrap_or(0);
        self.speed = SPEEDS[at.saturating_add_signed(by).min(SPEEDS.len() - 1)];
        self.tell(format!("speed {}x", self.speed));
    }

    /// Does what a line asks for.
    pub(super) fn submit(&mut self, text: &str) -> Result<(), Failure> {
        match line::parse(text, &plain::names(self.game)) {
            Ok(None) => Ok(()),
            Ok(Some(line)) => self.do_line(line),
            Err(problem) => {
                self.refuse(problem);
                Ok(())
            }
        }
    }

    fn do_line(&mut self, line: Line) -> Result<(), Failure> {
        let quitting = std::mem::take(&mut self.quitting);
        match line {
            Line::Give(command) => {
                let (at, text) = (self.game.now(), typed::command(&command, None));
                let before = self.game.on_the_leads_mind();
                match self.game.give(command)? {
                    Ok(()) => {
                        self.game.feed.own(at, text.clone());
                        self.tell(format!("accepted: {text}{}", self.game.when_attended(before)));
                    }
                    Err(why) => self.refuse(format!("refused: {}", shown(&why))),
                }
            }
            Line::Reply(reply) => match self.game.reply(reply)? {
                Ok(()) => {
                    self.dialogs.clear();
                    self.tell("answered; time goes on");
                }
                Err(why) => self.refuse(format!("refused: {}", shown(&why))),
            },
            Line::Hint => match self.game.hint()? {
                Ok(question) => {
                    let title = "coach - Esc goes on".to_owned();
                    self.dialogs.push(Dialog::Page { title, text: shown(&question).into_owned(), top: 0 });
                }
                Err(why) => self.tell(why),
            },
            Line::RewindBy(_) | Line::RewindTo(_) => {
                let to = self.game.back(&line);
                match self.game.rewind(to)? {
                    Ok(words) => {
                        self.paused = true;
                        self.tell(format!("{words}; Space lets the clock run"));
                    }
                    Err(why) => self.refuse(format!("refused: {why}")),
                }
            }
            Line::Facilitate(command) => {
                let text = typed::command(&command, None);
                match self.game.facilitate(command)? {
                    Ok(()) => self.tell(format!("noted: {text}")),
                    Err(why) => self.refuse(format!("refused: {}", shown(&why))),
                }
            }
            Line::Stop => {
                self.game.stop(true)?;
                self.refuse(NOT_NOW);
            }
            Line::GoOn => {
                self.game.stop(false)?;
                self.tell("the exercise goes on");
            }
            Line::Wait(_) | Line::Go if self.game.is_stopped() => self.refuse(format!("refused: {NOT_NOW}")),
            Line::Wait(span) => {
                let until = self.game.now().saturating_add(span);
                self.waits_until = Some(until);
                self.tell(format!(
                    "waiting until {}, or until something comes up; any key breaks it off",
                    clock(until)
                ));
            }
            Line::Pause if !self.game.may_pause() => self.refuse("refused: in assess mode the clock cannot be stopped"),
            Line::Pause => {
                self.paused = true;
                self.tell("the clock stands still; Space lets it run");
            }
            Line::Go => {
                self.paused = false;
                self.tell("the clock runs");
            }
            Line::Speed(speed) => {
                self.speed = speed;
                self.tell(format!("speed {speed}x"));
            }
            Line::Show(topic) => self.show(topic, ""),
            Line::Quit if quitting || self.game.now() == SimTime::ZERO => self.left = Some(Left::Ended),
            Line::Quit => {
                self.quitting = true;
                let leave = if self.game.record().is_some() { "; `leave` keeps it to go on with" } else { "" };
                self.refuse(format!(
                    "it is not over: `quit` once more ends it for good and tells what was true{leave}"
                ));
            }
            Line::Leave if self.game.record().is_none() => {
                self.refuse("refused: there is no record to go on with; `quit` ends the session");
            }
            Line::Leave => self.left = Some(Left::Open),
        }
        Ok(())
    }
}
