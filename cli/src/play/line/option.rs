//! An option of the menu as it is typed: its name, then in any order arguments, who, how long, and what was thought.

use brownout::response::{Belief, Command};
use brownout::text::shown;
use brownout::units::Ratio;

use super::{Line, Names, is_me, span};

/// The words behind which something is said of an option. `because` takes the rest of the line.
pub(super) const SAYING: [&str; 7] = ["by", "for", "confident", "expect", "weighed", "criteria", "because"];

/// An option of the menu: its name, then `key=value` and what the words of [`SAYING`] begin.
pub(super) fn act(first: &str, rest: &[&str], names: &Names) -> Result<Line, String> {
    let is_name = |word: &&&str| !SAYING.contains(*word) && !word.contains('=');
    let length = rest.iter().take_while(is_name).count();
    let (name, mut rest) = rest.split_at(length);
    let option = [&[first], name].concat().join(" ");
    let mut command = Command::act(names.option(&option), "");
    let mut belief = Belief::default();
    while let Some((word, more)) = rest.split_first() {
        let until = match *word {
            "because" => more.len(),
            "weighed" | "criteria" => more.iter().take_while(|word| !SAYING.contains(word)).count(),
            "by" | "for" | "confident" | "expect" => more.len().min(1),
            _ => 0,
        };
        let said = &more[..until];
        rest = &more[until..];
        match *word {
            word if SAYING.contains(&word) && said.is_empty() => return Err(asks(word, names)),
            "confident" => belief.confidence = Some(confidence(said[0])?),
            "expect" => belief.expected = Some(span(said[0], "a time to expect")?),
            "weighed" => belief.weighed = listed(said).map(|name| names.option(&name)).collect(),
            "criteria" => belief.criteria = listed(said).map(|one| criterion(&one)).collect::<Result<_, _>>()?,
            word if SAYING.contains(&word) => say(&mut command, word, said)?,
            argument => match argument.split_once('=') {
                Some((name, value)) if !name.is_empty() => command = command.with(name, value),
                _ => {
                    let said = shown(argument);
                    return Err(format!(
                        "what is \"{said}\"? after the option come name=value, `by NAME`, `for 10m`, `confident 70%`, \
                         `expect 4m`, `weighed A, B`, `criteria time 3, risk 1`, `because ...`"
                    ));
                }
            },
        }
    }
    Ok(Line::Give(command.believing(belief)))
}

/// Who, how long, and why.
fn say(command: &mut Command, word: &str, said: &[&str]) -> Result<(), String> {
    let Command::Act { owner, time_box, reason, .. } = command else { return Ok(()) };
    match word {
        "by" => *owner = (!is_me(said[0])).then(|| said[0].to_owned()),
        "for" => *time_box = Some(span(said[0], "a time-box")?),
        _ => *reason = said.join(" "),
    }
    Ok(())
}

/// What is asked where a word stands alone.
fn asks(word: &str, names: &Names) -> String {
    match word {
        "by" => format!("by whom? {}", names.of_whom("by")),
        "for" => "for how long? such as `for 10m`".to_owned(),
        "confident" => "how sure, that it is right? such as `confident 70%`".to_owned(),
        "expect" => "in what time do you expect it to have worked? such as `expect 4m`".to_owned(),
        "weighed" => {
            "which options did you weigh? with commas between, such as `weighed roll-back api, wait`".to_owned()
        }
        "criteria" => "what counts, and how much? such as `criteria time 3, risk 1`".to_owned(),
        _ => "because of what? a few words for the record".to_owned(),
    }
}

/// What stands between commas.
fn listed(said: &[&str]) -> impl Iterator<Item = String> {
    let text = said.join(" ");
    let parts: Vec<String> =
        text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect();
    parts.into_iter()
}

fn confidence(text: &str) -> Result<f64, String> {
    let read = text.parse().map_err(|error: brownout::units::UnitError| error.help());
    let share: Ratio = read.map_err(|help| format!("\"{}\" is not how sure one is: {help}", shown(text)))?;
    if share.is_share() { Ok(share.as_fraction()) } else { Err("nobody is surer than 100%".to_owned()) }
}

/// `time 3`: what counts, and how much.
fn criterion(text: &str) -> Result<(String, f64), String> {
    let (name, weight) = text.rsplit_once(' ').unwrap_or((text, ""));
    let weight = weight.parse().ok().filter(|weight: &f64| weight.is_finite() && *weight >= 0.0);
    weight.map(|weight| (name.trim().to_owned(), weight)).ok_or_else(|| {
        format!("how much does \"{}\" count? a name and a number from 0 up, such as `time 3`", shown(text))
    })
}
