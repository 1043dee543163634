//! Answers to a probe.

use brownout::response::Command;
use brownout::text::shown;
use brownout::units::Ratio;

use super::Line;

/// `reply errors=40% begins=links likely=70%`, each of which may be left out; `decline` answers nothing.
pub(super) fn reply(rest: &[&str]) -> Result<Line, String> {
    let (mut errors, mut begins, mut likely) = (None, None, None);
    for word in rest {
        match word.split_once('=') {
            Some(("errors", value)) => errors = Some(share(value)?),
            Some(("begins", value)) => begins = Some(value.to_owned()),
            Some(("likely", value)) => likely = Some(share(value)?),
            _ => {
                return Err(format!(
                    "what is \"{}\"? say `reply errors=40% begins=SERVICE likely=70%`, or `decline`",
                    shown(word)
                ));
            }
        }
    }
    if rest.is_empty() {
        return Err("reply what? such as `reply errors=40% begins=none likely=70%`, or `decline`".to_owned());
    }
    // Its number is known where it is asked.
    Ok(Line::Reply(Command::Reply { probe: 0, errors, begins, likely }))
}

/// To none of the questions.
pub(super) fn decline() -> Line {
    Line::Reply(Command::Reply { probe: 0, errors: None, begins: None, likely: None })
}

fn share(text: &str) -> Result<f64, String> {
    let share: Result<Ratio, _> = text.parse();
    let share = share.map_err(|error| format!("\"{}\" is no share: {}", shown(text), error.help()))?;
    let share = share.as_fraction();
    if (0.0..=1.0).contains(&share) {
        Ok(share)
    } else {
        Err(format!("\"{}\" is no share: write 0% to 100%", shown(text)))
    }
}
