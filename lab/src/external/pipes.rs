//! Lines to and from a program, so that neither a full pipe nor an empty one can hold up whoever asks.
//!
//! A thread writes and a thread reads. The reader holds no more than one line that nobody has asked for yet: a program that
//! floods waits at its own end of the pipe.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::Duration;

/// The longest line that is read, in bytes.
pub(super) const LONGEST: u64 = 1 << 20;

/// What comes from a program.
#[derive(Debug)]
pub(super) enum Heard {
    Line(String),
    /// There will be nothing more.
    End,
    /// A line that does not end.
    TooLong,
    Broken(io::Error),
}

/// Both ends of a program's pipes.
#[derive(Debug)]
pub(super) struct Pipes {
    /// `None` once it was said that there is no more.
    to: Option<Sender<String>>,
    from: Receiver<Heard>,
}

impl Pipes {
    /// The pipes of a program that has just been started with both.
    pub(super) fn of(child: &mut Child) -> Option<Self> {
        let (input, output) = (child.stdin.take()?, child.stdout.take()?);
        let (to, lines) = channel();
        let (heard, from) = sync_channel(0);
        thread::spawn(move || write(input, &lines));
        thread::spawn(move || read(output, &heard));
        Some(Self { to: Some(to), from })
    }

    /// Sends a line.
    pub(super) fn send(&self, line: String) {
        // Without a reader at the other end there will be no answer, which is noticed.
        let _ = self.to.as_ref().map(|to| to.send(line));
    }

    /// There is no more: the program's standard input ends.
    pub(super) fn close(&mut self) {
        self.to = None;
    }

    /// What has come without being asked for.
    pub(super) fn early(&self) -> Option<Heard> {
        self.from.try_recv().ok()
    }

    /// What comes within a time limit.
    pub(super) fn hear(&self, limit: Duration) -> Option<Heard> {
        match self.from.recv_timeout(limit) {
            Ok(heard) => Some(heard),
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => None,
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => Some(Heard::End),
        }
    }
}

fn write(mut input: ChildStdin, lines: &Receiver<String>) {
    for mut line in lines {
        line.push('\n');
        if input.write_all(line.as_bytes()).and_then(|()| input.flush()).is_err() {
            // Nobody reads any more.
            return;
        }
    }
}

fn read(output: ChildStdout, heard: &SyncSender<Heard>) {
    let mut output = BufReader::new(output);
    loop {
        let mut line = Vec::new();
        let next = match output.by_ref().take(LONGEST + 1).read_until(b'\n', &mut line) {
            Err(why) => Heard::Broken(why),
            Ok(0) => Heard::End,
            Ok(_) if line.len() as u64 > LONGEST => Heard::TooLong,
            Ok(_) => Heard::Line(String::from_utf8_lossy(&line).trim_end().to_owned()),
        };
        let goes_on = matches!(next, Heard::Line(_));
        if heard.send(next).is_err() || !goes_on {
            return;
        }
    }
}
