//! How far a run has come, on a terminal.

use brownout::units::{SimDuration, SimTime};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::terminal;

/// The simulated time between two looks at the bar.
const STEP: SimDuration = SimDuration::from_secs(5);

/// A progress bar on standard error; without a terminal there, nothing.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    end: SimTime,
}

impl Progress {
    /// Starts at the beginning of a run to `end`.
    pub(crate) fn start(end: SimTime) -> Self {
        let target =
            if terminal::error_is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(end.whole_secs()), target);
        let charset = if terminal::has_unicode() { "█▉▊▋▌▍▎▏ " } else { "#- " };
        let style = ProgressStyle::with_template("{bar:30} {msg} simulated, {elapsed} elapsed, {eta} left");
        if let Ok(style) = style {
            bar.set_style(style.progress_chars(charset));
        }
        Self { bar, end }
    }

    /// The instants at which the bar moves, the end last.
    pub(crate) fn stops(&self) -> impl Iterator<Item = SimTime> + use<> {
        let end = self.end;
        let steps = end.as_nanos().div_ceil(STEP.as_nanos());
        (1..=steps).map(move |step| SimTime::from_nanos(step.saturating_mul(STEP.as_nanos())).min(end))
    }

    /// Shows that the run has come to an instant.
    pub(crate) fn reach(&mut self, now: SimTime) {
        if self.bar.is_hidden() {
            return;
        }
        let real = self.bar.elapsed().as_secs_f64();
        let speed = if real > 0.0 { now.as_secs_f64() / real } else { 0.0 };
        let (now_text, end) = (now.since(SimTime::ZERO), self.end.since(SimTime::ZERO));
        self.bar.set_position(now.whole_secs());
        self.bar.set_message(format!("{now_text} / {end}, {speed:.0}x"));
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
