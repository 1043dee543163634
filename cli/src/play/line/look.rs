//! Looking closer: asking an instrument, and having somebody look for a cause.

use brownout::response::Command;
use brownout::text::shown;

use super::{Line, Names, is_me, span};

/// `look errors registry`, `look changes by mira`.
pub(super) fn look(rest: &[&str], names: &Names) -> Result<Line, String> {
    let Some((instrument, rest)) = rest.split_first() else {
        return Err(format!("look at what? {}", names.of_looks()));
    };
    let (subject, by) = match rest.iter().position(|word| *word == "by") {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    let by = match by {
        None => None,
        Some([who]) => (!is_me(who)).then(|| (*who).to_owned()),
        Some(_) => return Err(format!("by whom? {}", names.of_whom("by"))),
    };
    let subject = (!subject.is_empty()).then(|| subject.join(" "));
    Ok(Line::Give(Command::Look { instrument: (*instrument).to_owned(), subject, by }))
}

/// `investigate registry by mira for 10m`.
pub(super) fn investigate(rest: &[&str], names: &Names) -> Result<Line, String> {
    let (service, owner, time) = match rest {
        [service, "by", owner] => (service, owner, None),
        [service, "by", owner, "for", time] | [service, "for", time, "by", owner] => (service, owner, Some(time)),
        [] => return Err("investigate which service? such as `investigate api by NAME for 10m`".to_owned()),
        [service, ..] => {
            let service = shown(service);
            return Err(format!("who looks? such as `investigate {service} by NAME for 10m`; {}", names.of_whom("by")));
        }
    };
    let time_box = time.map(|time| span(time, "a time-box")).transpose()?;
    Ok(Line::Give(Command::Investigate { service: (*service).to_owned(), owner: (*owner).to_owned(), time_box }))
}
