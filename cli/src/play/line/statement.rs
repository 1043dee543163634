//! What is said to an audience.

use brownout::response::Command;
use brownout::response::comms::{Audience, Cause, Extent, Statement};
use brownout::text::{shown, suggest};

use super::{Names, is_me, span};

/// The extents, by what is typed for them.
pub(in crate::play) const EXTENTS: [(&str, Extent); 4] =
    [("none", Extent::None), ("few", Extent::Few), ("some", Extent::Some), ("most", Extent::Most)];

/// What a statement can have.
pub(in crate::play) const PARTS: [&str; 5] = ["impact", "scope", "cause", "action", "next"];

/// `say status-page impact=most scope=registry cause=unknown action="rolling back" next=20m by mira`.
pub(super) fn say(rest: &[&str], names: &Names) -> Result<Command, String> {
    let (to, mut rest) = rest.split_first().ok_or_else(|| format!("say it to whom? {}", audiences()))?;
    let to = audience(to)?;
    let mut statement = Statement::default();
    let mut by = None;
    while let Some((word, more)) = rest.split_first() {
        rest = more;
        match (*word, more) {
            ("resolved", _) => statement.resolved = true,
            ("by", [who, more @ ..]) => {
                by = (!is_me(who)).then(|| (*who).to_owned());
                rest = more;
            }
            ("by", []) => return Err(format!("by whom? {}", names.of_whom("by"))),
            (part, _) => match part.split_once('=') {
                Some((part, value)) => add(&mut statement, part, value, names)?,
                None => return Err(format!("what is \"{}\"? {}", shown(part), parts())),
            },
        }
    }
    if statement == Statement::default() {
        return Err(format!("say what? {}", parts()));
    }
    Ok(Command::Say { to, statement, by })
}

fn add(statement: &mut Statement, part: &str, value: &str, names: &Names) -> Result<(), String> {
    match part {
        "impact" => statement.impact = Some(extent(value)?),
        "scope" => statement.scope = scope(value, names)?,
        "cause" => statement.cause = Some(cause(value, names)?),
        "action" => value.clone_into(&mut statement.action),
        "next" => statement.next_update = Some(span(value, "a time to the next update")?),
        other => return Err(format!("a statement has no \"{}\"; {}", shown(other), parts())),
    }
    Ok(())
}

fn extent(value: &str) -> Result<Extent, String> {
    let found = EXTENTS.iter().find(|(name, _)| *name == value);
    found.map(|(_, extent)| *extent).ok_or_else(|| {
        format!(
            "\"{}\" is no impact; say none (below 1% fails), few (below 10%), some (below 50%) or most",
            shown(value)
        )
    })
}

fn scope(value: &str, names: &Names) -> Result<Vec<String>, String> {
    value.split(',').map(str::trim).filter(|name| !name.is_empty()).map(|name| known(name, &names.subjects)).collect()
}

fn cause(value: &str, names: &Names) -> Result<Cause, String> {
    match value.split_once(':') {
        None if value == "unknown" => Ok(Cause::Unknown),
        Some(("suspected", service)) => known(service, &names.services).map(Cause::Suspected),
        Some(("known", service)) => known(service, &names.services).map(Cause::Known),
        _ => Err(format!("\"{}\" is no cause; say unknown, suspected:SERVICE or known:SERVICE", shown(value))),
    }
}

fn known(name: &str, known: &[String]) -> Result<String, String> {
    if known.iter().any(|one| one == name) {
        return Ok(name.to_owned());
    }
    let near = suggest(name, known.iter().map(String::as_str)).map(|near| format!("; did you mean {near}?"));
    let list = || format!("; there is {}", known.join(", "));
    Err(format!("nothing is called \"{}\"{}", shown(name), near.unwrap_or_else(list)))
}

fn audience(name: &str) -> Result<Audience, String> {
    let found = Audience::ALL.into_iter().find(|audience| audience.name() == name);
    found.ok_or_else(|| format!("nobody listens as \"{}\"; {}", shown(name), audiences()))
}

fn audiences() -> String {
    format!("there is {}", Audience::ALL.map(Audience::name).join(", "))
}

fn parts() -> String {
    "such as `say status-page impact=most scope=registry cause=unknown action=\"rolling back\" next=20m`, or `resolved`"
        .to_owned()
}
