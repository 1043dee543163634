//! A program of its own as a policy: it is asked over its standard input, one JSON line a question, and answers on its standard
//! output, one JSON line an answer. `docs/external-policies.md` describes the protocol.
//!
//! A policy cannot fail, so what goes wrong is remembered: from then on nothing is decided, and whoever runs the session asks
//! [`External::failure`] after each stretch and ends it. The program is killed and reaped whatever happens.

mod error;
mod pipes;
mod words;

pub use error::ExternalError;

use std::process::{Child, Command as Process, Stdio};
use std::thread;
use std::time::Duration;

use brownout::observe::Observation;
use brownout::policy::{Cue, Policy};
use brownout::response::{Command, Menu};
use brownout::units::{SimDuration, SimTime};
use serde::{Deserialize, Serialize};

use error::What;
use pipes::{Heard, Pipes};

/// The version of the protocol.
pub const PROTOCOL: u32 = 2;
/// For how long a program that was told the end may go on.
const GRACE: Duration = Duration::from_secs(2);
/// The time between two looks whether a program has ended.
const LOOK: Duration = Duration::from_millis(5);

/// A program that leads.
#[derive(Debug)]
pub struct External {
    name: String,
    child: Child,
    pipes: Option<Pipes>,
    limit: Duration,
    /// Why it is asked next.
    because: Vec<Cue>,
    /// How many questions it has been asked.
    asked: u64,
    failure: Option<ExternalError>,
}

/// What a program is told first: nothing from which the luck of the run or its hidden truth could be told.
#[derive(Clone, Debug, Serialize)]
pub struct Hello {
    protocol: u32,
    scenario: String,
    /// In nanoseconds, as every span.
    scrape_interval: SimDuration,
}

impl Hello {
    /// The first line for a session of a scenario.
    #[must_use]
    pub fn new(scenario: impl Into<String>, scrape_interval: SimDuration) -> Self {
        Self { protocol: PROTOCOL, scenario: scenario.into(), scrape_interval }
    }
}

#[derive(Serialize)]
struct Question<'a> {
    question: u64,
    #[serde(skip_serializing_if = "<[Cue]>::is_empty")]
    because: &'a [Cue],
    observation: &'a Observation,
    menu: &'a Menu,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    question: u64,
    commands: Vec<Command>,
}

impl External {
    /// Starts a program: a path or a name that is looked for as usual, and its arguments, in quotes where they have spaces. No
    /// shell is involved. It has so long for each answer. What it writes to its standard error goes to this process's.
    ///
    /// # Errors
    /// When the words cannot be told apart, or the program cannot be started.
    pub fn start(command: &str, hello: &Hello, limit: Duration) -> Result<Self, ExternalError> {
        let error = |what: What| ExternalError { program: command.to_owned(), asked: None, what };
        let words = words::split(command).map_err(|why| error(What::Unreadable(why)))?;
        let (program, arguments) = words.split_first().ok_or_else(|| error(What::Unreadable("it is empty")))?;
        let mut process = Process::new(program);
        process.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = process.spawn().map_err(|why| error(What::DoesNotStart(why)))?;
        let pipes = Pipes::of(&mut child);
        let external =
            Self { name: command.to_owned(), child, pipes, limit, because: Vec::new(), asked: 0, failure: None };
        external.tell(hello);
        Ok(external)
    }

    /// What has gone wrong, if anything has: nothing has been decided since.
    #[must_use]
    pub const fn failure(&self) -> Option<&ExternalError> {
        self.failure.as_ref()
    }

    /// Tells the program the end and waits for it to end, though not for long. It may be anything it likes by then.
    ///
    /// # Errors
    /// What had gone wrong before.
    pub fn finish(mut self) -> Result<(), ExternalError> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        self.tell(&serde_json::json!({ "end": true }));
        // Its standard input ends behind that.
        if let Some(pipes) = &mut self.pipes {
            pipes.close();
        }
        self.wait(GRACE.min(self.limit));
        Ok(())
    }

    /// Sends a line, if there is still somebody to send it to; who is not there is missed when an answer is due.
    fn tell(&self, line: &impl Serialize) {
        if let (Some(pipes), Ok(line)) = (&self.pipes, serde_json::to_string(line)) {
            pipes.send(line);
        }
    }

    fn ask(&mut self, observation: &Observation, menu: &Menu) -> Result<Vec<Command>, What> {
        let Some(pipes) = &self.pipes else { return Err(What::Ended(None)) };
        if let Some(early) = pipes.early() {
            return Err(match early {
                Heard::Line(line) => What::Unasked(error::shortened(&line)),
                other => self.missed(other),
            });
        }
        self.asked += 1;
        let question = self.asked;
        self.tell(&Question { question, because: &self.because, observation, menu });
        match pipes.hear(self.limit) {
            None => Err(What::Silent(self.limit)),
            Some(Heard::Line(line)) => {
                let answer: Result<Answer, _> = serde_json::from_str(&line);
                match answer {
                    Ok(answer) if answer.question == question => Ok(answer.commands),
                    Ok(answer) if (1..question).contains(&answer.question) => {
                        Err(What::Unasked(error::shortened(&line)))
                    }
                    Ok(answer) => Err(What::OtherQuestion { answered: answer.question, asked: question }),
                    Err(why) => Err(What::Nonsense { line: error::shortened(&line), why: why.to_string() }),
                }
            }
            Some(other) => Err(self.missed(other)),
        }
    }

    fn missed(&mut self, heard: Heard) -> What {
        match heard {
            Heard::TooLong => What::TooLong,
            Heard::Broken(why) => What::Broken(why),
            Heard::Line(_) | Heard::End => {
                // It may have closed its output and go on.
                What::Ended(self.wait(GRACE.min(self.limit)))
            }
        }
    }

    /// Waits for the program to end, up to a time limit. Returns how it ended, if it did, in words.
    fn wait(&mut self, limit: Duration) -> Option<String> {
        let mut waited = Duration::ZERO;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status.to_string()),
                Ok(None) if waited < limit => {
                    thread::sleep(LOOK);
                    waited += LOOK;
                }
                _ => return None,
            }
        }
    }

    /// Ends the program, and reaps it.
    fn kill(&mut self) {
        self.pipes = None;
        // It may have ended by itself; then there is nothing to kill, and the rest is as it should be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn fail(&mut self, asked: SimTime, what: What) {
        self.failure = Some(ExternalError { program: self.name.clone(), asked: Some(asked), what });
        self.kill();
    }
}

impl Policy for External {
    fn attend(&mut self, because: &[Cue]) {
        self.because = because.to_vec();
    }

    fn decide(&mut self, observation: &Observation, menu: &Menu) -> Vec<Command> {
        if self.failure.is_some() {
            return Vec::new();
        }
        self.ask(observation, menu).unwrap_or_else(|what| {
            self.fail(observation.now, what);
            Vec::new()
        })
    }
}

impl Drop for External {
    fn drop(&mut self) {
        self.kill();
    }
}
