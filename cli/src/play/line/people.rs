//! Bad news, and handing over.

use brownout::response::Command;
use brownout::response::people::{Part, Tone};
use brownout::text::shown;

use super::{Line, Names};

/// `answer 12 thank`: what somebody who brought bad news is told.
pub(super) fn answer(rest: &[&str]) -> Result<Line, String> {
    let tones = Tone::ALL.map(Tone::name).join(", ");
    let [news, tone] = rest else {
        return Err(format!("answer which news, and how? such as `answer 12 thank`; there is {tones}"));
    };
    let digits = news.strip_prefix('#').unwrap_or(news);
    let news = digits.parse().map_err(|_not_a_number| format!("\"{}\" is no number of news", shown(news)))?;
    let known = Tone::ALL.into_iter().find(|known| known.name() == *tone);
    let tone = known.ok_or_else(|| format!("nobody answers with \"{}\"; there is {tones}", shown(tone)))?;
    Ok(Line::Give(Command::Answer { news, tone }))
}

/// `hand over mira told severity,summary`: who leads from then on.
pub(super) fn hand_over(rest: &[&str], names: &Names) -> Result<Line, String> {
    let (rest, told) = told(rest)?;
    match rest {
        [to] | ["to", to] => Ok(Line::Give(Command::HandOver { to: (*to).to_owned(), told })),
        _ => {
            Err(format!("hand over to whom? such as `hand over mira told summary,actions`; {}", names.of_whom("hand")))
        }
    }
}

/// The parts behind `told`, apart at commas or blanks, and what stands before it.
pub(super) fn told<'a, 'b>(rest: &'a [&'b str]) -> Result<(&'a [&'b str], Vec<Part>), String> {
    let Some(at) = rest.iter().position(|word| *word == "told") else { return Ok((rest, Vec::new())) };
    let parts = rest[at + 1..].iter().flat_map(|word| word.split(',')).filter(|word| !word.is_empty());
    let all = Part::ALL.map(Part::name).join(", ");
    let mut told = Vec::new();
    for word in parts {
        match Part::ALL.into_iter().find(|part| part.name() == word) {
            Some(part) => told.push(part),
            None if word == "all" => told.extend(Part::ALL),
            None => {
                return Err(format!("nothing that can be told is called \"{}\"; there is {all}, and all", shown(word)));
            }
        }
    }
    if told.is_empty() { Err(format!("told what? there is {all}, and all")) } else { Ok((&rest[..at], told)) }
}

/// Parts as they are typed, behind `told`.
pub(in crate::play) fn parts_told(told: &[Part]) -> String {
    if told.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = told.iter().map(|part| part.name()).collect();
    format!(" told {}", names.join(","))
}
