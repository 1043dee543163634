//! A session on a terminal: the situation, and commands by number and by text.

mod app;
mod dialog;
mod draw;
mod editor;
mod over;
mod sparks;

#[cfg(test)]
mod tests;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyEventKind};

use crate::failure::Failure;
use crate::interrupt::INTERRUPTED;
use crate::terminal;

use super::game::Game;
use super::{Left, real_time};
use app::App;
use draw::Look;

/// How long the screen waits for a key before it draws again.
const FRAME: Duration = Duration::from_millis(50);

/// How long it may take until the program has noticed that it was told to end.
const NOTICES_WITHIN: Duration = Duration::from_secs(1);

/// Whether the program was told to end by a signal.
static TOLD_TO_END: AtomicBool = AtomicBool::new(false);
/// Whether it has noticed.
static NOTICED: AtomicBool = AtomicBool::new(false);

/// Ends the program. A terminal that is gone can keep it reading for ever; then it ends here, and the record has what it takes
/// to go on.
fn end() {
    TOLD_TO_END.store(true, Ordering::Relaxed);
    std::thread::sleep(NOTICES_WITHIN);
    if !NOTICED.load(Ordering::Relaxed) {
        let _ = ratatui::try_restore();
        std::process::exit(i32::from(INTERRUPTED));
    }
}

/// The terminal as long as it is drawn on. Whatever way it is left by, it is as it was before; ratatui's hook sees to panics.
struct Screen(DefaultTerminal);

impl Screen {
    fn open() -> Result<Self, Failure> {
        // Without a handler the process ends as every other, and the terminal stays as it is.
        let _ = ctrlc::try_set_handler(end);
        ratatui::try_init().map(Self).map_err(|error| cannot(&error))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // The terminal may be gone.
        NOTICED.store(true, Ordering::Relaxed);
        let _ = ratatui::try_restore();
    }
}

fn cannot(error: &io::Error) -> Failure {
    Failure::Input(format!(
        "cannot draw on this terminal: {error}\n  TERM=dumb brownout play ... goes by lines of text"
    ))
}

/// Plays until the session is ended or left.
pub(super) fn play(game: &mut Game) -> Result<Left, Failure> {
    let look = Look { colours: terminal::has_colours(), unicode: terminal::has_unicode() };
    let mut screen = Screen::open()?;
    let mut app = App::new(game);
    let mut last = real_time::now();
    loop {
        if TOLD_TO_END.load(Ordering::Relaxed) {
            return Ok(Left::Killed);
        }
        app.pass(last.elapsed())?;
        last = real_time::now();
        screen.0.draw(|frame| draw::draw(frame, &app, look)).map_err(|error| cannot(&error))?;
        let wait = if app.is_waiting() { Duration::ZERO } else { FRAME };
        let mut more = event::poll(wait).map_err(|error| cannot(&error))?;
        while more {
            match event::read().map_err(|error| cannot(&error))? {
                Event::Key(key) if key.kind != KeyEventKind::Release => app.key(key)?,
                Event::Paste(text) => app.paste(&text),
                _ => {}
            }
            if let Some(left) = app.left() {
                return Ok(left);
            }
            more = event::poll(Duration::ZERO).map_err(|error| cannot(&error))?;
        }
    }
}
