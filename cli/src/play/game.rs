//! A session under way: the simulation, what has been seen of it so far, and its record.

use brownout::record::{Mode, PERSON};
use brownout::response::{Actor, Command, Logged, Menu};
use brownout::scenario::Scenario;
use brownout::units::{SimDuration, SimTime};
use brownout::{RewindError, Session, Simulation};

use crate::failure::Failure;

use brownout::probes::Probe;

use super::feed::Feed;
use super::figures::{clock, number_of};
use super::line::Line;
use super::live::LiveRecord;
use super::seen::Seen;

/// What marks that the exercise was stopped, and that it goes on.
const STOPPED: &str = "stopped";
const GOES_ON: &str = "goes-on";

/// Why nothing is done while the exercise is stopped.
pub(super) const NOT_NOW: &str = "the exercise is stopped; `facilitator go` lets it go on";

/// Why nothing is done while a question is open.
pub(super) const ANSWER_FIRST: &str = "everything stands still until you have answered, or said `decline`";

/// Whether the last word of whoever runs the exercise on it was to stop.
fn is_stopped(commands: &[Logged]) -> bool {
    let word = |logged: &Logged| match &logged.command {
        Command::Note { mark: Some(mark), .. } if logged.by == Actor::Facilitator => match mark.as_str() {
            STOPPED => Some(true),
            GOES_ON => Some(false),
            _ => None,
        },
        _ => None,
    };
    commands.iter().rev().find_map(word).unwrap_or(false)
}

/// A session that a person leads.
#[derive(Debug)]
pub(super) struct Game {
    session: Session,
    record: Option<LiveRecord>,
    /// What the dashboards have shown.
    pub(super) seen: Seen,
    /// What came up.
    pub(super) feed: Feed,
    /// Whether whoever runs the exercise has stopped every clock.
    stopped: bool,
}

impl Game {
    /// Goes on from where a session is; whoever has watched a replay hands over what they have seen.
    pub(super) fn new(session: Session, record: Option<LiveRecord>, watched: Option<(Seen, Feed)>) -> Self {
        let (seen, feed) = watched.unwrap_or_default();
        let stopped = is_stopped(session.commands());
        let mut game = Self { session, record, seen, feed, stopped };
        game.look();
        game
    }

    pub(super) fn scenario(&self) -> &Scenario {
        self.session.simulation().scenario()
    }

    pub(super) fn simulation(&self) -> &Simulation {
        self.session.simulation()
    }

    pub(super) fn now(&self) -> SimTime {
        self.simulation().now()
    }

    /// What the clock on the wall says, ` (14:05)`; nothing where the scenario has no time of day.
    pub(super) fn time_of_day(&self) -> String {
        let Some(people) = &self.scenario().people else { return String::new() };
        let minutes = people.starts_at.later(self.now().since(SimTime::ZERO), 0).secs / 60;
        format!(" ({:02}:{:02})", minutes / 60, minutes % 60)
    }

    pub(super) fn end(&self) -> SimTime {
        SimTime::ZERO + self.scenario().duration
    }

    pub(super) fn is_over(&self) -> bool {
        self.now() >= self.end()
    }

    pub(super) const fn mode(&self) -> Mode {
        self.session.mode()
    }

    /// Whether the clock may be stopped.
    pub(super) fn may_pause(&self) -> bool {
        self.mode() != Mode::Assess
    }

    pub(super) fn menu(&self) -> Menu {
        self.simulation().menu()
    }

    pub(super) fn record(&self) -> Option<&LiveRecord> {
        self.record.as_ref()
    }

    /// Lets a second pass. Says whether something came up.
    pub(super) fn pass_a_second(&mut self) -> Result<bool, Failure> {
        if self.probe().is_some() {
            return Ok(true);
        }
        let until = SimTime::from_secs(self.now().whole_secs() + 1).min(self.end());
        self.session.run_until(until);
        let news = self.look();
        if let Some(record) = &mut self.record {
            record.note_once_a_second(until)?;
        }
        Ok(news || self.probe().is_some())
    }

    /// Runs ahead until something comes up, or for a span. Returns how much time passed.
    pub(super) fn wait(&mut self, span: SimDuration) -> Result<SimDuration, Failure> {
        let start = self.now();
        let until = start.saturating_add(span).min(self.end());
        while self.now() < until {
            if self.pass_a_second()? {
                break;
            }
        }
        self.note()?;
        Ok(self.now().since(start))
    }

    /// Whether whoever runs the exercise has stopped every clock.
    pub(super) const fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Whoever runs the exercise stops every clock, or lets it go on. The record remarks it.
    pub(super) fn stop(&mut self, stopped: bool) -> Result<(), Failure> {
        let (text, mark) =
            if stopped { ("the exercise is stopped", STOPPED) } else { ("the exercise goes on", GOES_ON) };
        let remark = Command::Note { text: text.to_owned(), mark: Some(mark.to_owned()) };
        self.stopped = stopped;
        // A remark is never refused.
        self.done_by(Actor::Facilitator, remark).map(drop)
    }

    /// Gives a command. A refusal is an answer, not a failure.
    pub(super) fn give(&mut self, command: Command) -> Result<Result<(), String>, Failure> {
        if self.stopped {
            return Ok(Err(NOT_NOW.to_owned()));
        }
        if self.probe().is_some() {
            return Ok(Err(ANSWER_FIRST.to_owned()));
        }
        self.done_by(Actor::Lead, command)
    }

    /// How many things the lead does or has before them.
    pub(super) fn on_the_leads_mind(&self) -> usize {
        let people = self.seen.last.as_ref().and_then(|seen| seen.people.as_ref());
        people.map_or(0, |people| usize::from(people.doing.is_some()) + people.waiting.len())
    }

    /// When the lead attends to what they have just given, in words, who had so much on their mind before; nothing where it takes no
    /// attention.
    pub(super) fn when_attended(&self, before: usize) -> String {
        let people = self.seen.last.as_ref().and_then(|seen| seen.people.as_ref());
        let Some(people) = people.filter(|_| self.on_the_leads_mind() > before) else { return String::new() };
        match (&people.doing, before) {
            (Some((_, until)), 0) => format!("; it takes you until {}", clock(*until)),
            _ => format!("; it waits behind {} of yours", number_of(before, "other thing")),
        }
    }

    /// The probe that is open, if one is: no time passes then, and nothing else is done.
    pub(super) fn probe(&self) -> Option<Probe> {
        self.session.probe()
    }

    /// Answers the probe that is open. A refusal is an answer, not a failure.
    pub(super) fn reply(&mut self, reply: Command) -> Result<Result<(), String>, Failure> {
        match (self.probe(), reply) {
            (Some(Probe { number, .. }), Command::Reply { errors, begins, likely, .. }) => {
                self.done_by(Actor::Lead, Command::Reply { probe: number, errors, begins, likely })
            }
            _ => Ok(Err("no question is open".to_owned())),
        }
    }

    /// Asks the coach. That there is no question now is an answer, not a failure.
    pub(super) fn hint(&mut self) -> Result<Result<String, String>, Failure> {
        if self.stopped {
            return Ok(Err(NOT_NOW.to_owned()));
        }
        let hint = self.session.hint();
        if let Some(record) = &mut self.record {
            record.append(self.session.commands())?;
        }
        let question = hint.map_err(|why| why.to_string()).map(|hint| hint.question);
        if let Ok(question) = &question {
            self.feed.own(self.now(), format!("coach: {question}"));
        }
        Ok(question)
    }

    /// The instant to which a line wants to go back.
    pub(super) fn back(&self, line: &Line) -> SimTime {
        match line {
            Line::RewindTo(to) => *to,
            Line::RewindBy(span) => SimTime::from_nanos(self.now().as_nanos().saturating_sub(span.as_nanos())),
            _ => self.now(),
        }
    }

    /// Goes back to an earlier instant; the record goes on from there, and what was done later is kept beside it. That it cannot be
    /// is an answer, not a failure. Says in words what was done.
    pub(super) fn rewind(&mut self, to: SimTime) -> Result<Result<String, String>, Failure> {
        if self.stopped {
            return Ok(Err(NOT_NOW.to_owned()));
        }
        let earlier = match self.session.rewind(to) {
            Ok(earlier) => earlier,
            Err(RewindError::NotBefore(now)) => {
                return Ok(Err(format!("it is {} now; name an earlier time", clock(now))));
            }
            Err(why) => return Ok(Err(why.to_string())),
        };
        self.note()?;
        let kept = match &mut self.record {
            Some(record) => match record.branch(&earlier)? {
                Ok(kept) => Some(kept),
                Err(why) => return Ok(Err(why)),
            },
            None => None,
        };
        (self.seen, self.feed) = super::watch(&earlier);
        self.session = earlier;
        self.stopped = is_stopped(self.session.commands());
        self.look();
        let kept = kept.map_or("what came later is gone, since nothing is recorded".to_owned(), |path| {
            format!("what came later is kept in {}", path.display())
        });
        Ok(Ok(format!("back to {}; {kept}", clock(to))))
    }

    /// Does what whoever runs the exercise wants. A refusal is an answer, not a failure.
    pub(super) fn facilitate(&mut self, command: Command) -> Result<Result<(), String>, Failure> {
        self.done_by(Actor::Facilitator, command)
    }

    fn done_by(&mut self, by: Actor, command: Command) -> Result<Result<(), String>, Failure> {
        let done = self.session.command(by, command).map_err(|why| why.to_string());
        if let Some(record) = &mut self.record {
            record.append(self.session.commands())?;
        }
        self.look();
        Ok(done)
    }

    /// Writes how far the session has come.
    pub(super) fn note(&mut self) -> Result<(), Failure> {
        let now = self.now();
        self.record.as_mut().map_or(Ok(()), |record| record.note(now))
    }

    /// Writes the end of the record, if there is one; nothing can be given after that.
    pub(super) fn close(&mut self) -> Result<(), Failure> {
        match self.record.take() {
            Some(record) => {
                let end = self.session.record(Default::default(), PERSON).end;
                record.end(end.as_ref())
            }
            None => Ok(()),
        }
    }

    /// Looks at everything that can be seen.
    fn look(&mut self) -> bool {
        let observation = self.simulation().observe();
        let new = self.feed.look(&observation);
        self.seen.look(observation, self.session.simulation().scenario());
        new
    }
}
